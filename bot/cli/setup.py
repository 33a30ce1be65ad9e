"""`python -m bot init`: asks what only a person knows, and writes a private `.env`."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from bot.chat.application import invite_url
from bot.errors import ConfigError, Problem
from bot.settings.config import GATEWAY_API, OFFICIAL_API, Settings


class Terminal(Protocol):
    """The person being asked. `ask` raises EOFError when there is nobody (any more)."""

    def ask(self, question: str, *, hidden: bool = False) -> str: ...

    def say(self, text: str) -> None: ...


def init(path: Path, terminal: Terminal) -> bool:
    """Ask, write `path` with mode 0600, and tell how to go on. False: nothing was written."""
    if path.exists():
        answer = terminal.ask(
            f"{path.name} exists already. Replace it, with all that is in it? [y/N]"
        )
        if answer.lower() not in ("y", "yes"):
            return False
    answers = _questions(terminal)
    write_private(path, render(answers))
    terminal.say(f"\nWrote {path.name}, readable by you alone. Settings: .env.example")
    application_id = application_of(answers["DISCORD_TOKEN"])
    if application_id is None:
        terminal.say("Invite the bot with the address that `python -m bot check` prints.")
    else:
        terminal.say(f"Invite the bot: {invite_url(application_id)}")
    terminal.say("Next: python -m bot check")
    return True


def _questions(terminal: Terminal) -> dict[str, str]:
    answers = {"REPLICATE_API_URL": _provider(terminal)}
    for key, question, hidden, default in (
        ("REPLICATE_API_TOKEN", "API token of that provider (not shown)", True, ""),
        ("DISCORD_TOKEN", "Discord bot token (not shown)", True, ""),
        ("ALLOWED_GUILDS", "Servers that may use it: ids, or Enter for any", False, ""),
        ("USER_DAILY_IMAGES", "Images a person may make a day, or none", False, "20"),
        ("MONTHLY_IMAGES", "Images all together may make a month, or none", False, "500"),
    ):
        answers[key] = _valid(terminal, key, question, hidden=hidden, default=default)
    return answers


def _provider(terminal: Terminal) -> str:
    terminal.say(
        "Who makes the images?\n"
        f"  1  Replicate        {OFFICIAL_API}\n"
        f"  2  kkiai gateway    {GATEWAY_API}\n"
        "  3  another address"
    )
    known = {"1": OFFICIAL_API, "2": GATEWAY_API}
    while (choice := terminal.ask("1, 2 or 3")) not in {*known, "3"}:
        terminal.say("Answer 1, 2 or 3.")
    if choice in known:
        return known[choice]
    return _valid(terminal, "REPLICATE_API_URL", "Its base address, as far as /v1")


def _valid(
    terminal: Terminal, key: str, question: str, *, hidden: bool = False, default: str = ""
) -> str:
    """Ask until the answer is one that `run` will accept."""
    shown = f"{question} [{default}]" if default else question
    while True:
        answer = terminal.ask(shown, hidden=hidden).strip() or default
        problem = trouble(key, answer)
        if problem is None:
            return answer
        terminal.say(f"That {problem.what}. {problem.remedy}")


def trouble(key: str, text: str) -> Problem | None:
    """Apply the settings' own rule to one answer."""
    try:
        Settings.parse({key: text})
    except ConfigError as error:
        return next((problem for problem in error.problems if problem.key == key), None)
    return None


def render(answers: Mapping[str, str]) -> str:
    """Write the file's text: plain KEY=value, which python-dotenv, Docker and shells all read.

    No accepted answer contains quotes, backslashes or line ends, and none ends in white space.
    """
    lines = [f"{key}={text}" for key, text in answers.items() if text]
    return "\n".join(["# Written by `python -m bot init`.", *lines, ""])


def write_private(path: Path, text: str) -> None:
    """Replace `path` in one step with a file that only its owner can read."""
    # mkstemp creates with mode 0600: the tokens are never readable by others, not for a moment.
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".env.")
    draft = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def application_of(token: str) -> int | None:
    """Read the application's id from a bot token, whose first part is the id in base64."""
    head = token.partition(".")[0]
    try:
        return int(base64.b64decode(head + "=" * (-len(head) % 4), validate=True))
    except ValueError:  # what base64, or int, makes of any other text
        return None
