"""One generation without a browser: `--once "a red fox in snow"`."""

from __future__ import annotations

import asyncio
import io
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from PIL import Image, UnidentifiedImageError
from simcord.components import walk_components
from simcord.enums import ComponentType

from playground.bot import BotCommand
from playground.world import World, WorldError

_EPHEMERAL, _LOADING = 1 << 6, 1 << 7
_LAST_WORD = 5.0  # seconds after which a reply without image and buttons is taken for the end
_SETTLED_WITHIN = 5.0  # seconds for the ledger to settle after the image was shown
_COLUMNS = ("user_id", "delivered", "failed", "canceled", "unknown", "pending", "compute_seconds")

_MENTION = re.compile(r"<@!?(\d+)>")
_TIMESTAMP = re.compile(r"<t:(\d+)(?::[a-zA-Z])?>")

Say = Callable[[str], None]


class OnceFailed(Exception):
    """The generation did not happen as it should; the text is a sentence for a person."""


@dataclass
class Transcript:
    """What a person reads as the reply changes; `say` gets each new version of it once."""

    say: Say
    names: Mapping[str, str]
    started: float = field(default_factory=time.monotonic)
    _shown: dict[str, str] = field(default_factory=dict)

    def note(self, who: str, text: str) -> None:
        text = _MENTION.sub(lambda found: "@" + self.names.get(found[1], "somebody"), text)
        text = _TIMESTAMP.sub(lambda found: f"{time.time() - int(found[1]):.0f} s ago", text)
        indented = text.replace("\n", "\n" + " " * 10)
        self.say(f"{time.monotonic() - self.started:6.1f} s  {who}: {indented}")

    def show(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            text = _as_read(message)
            if self._shown.get(message["id"]) != text:
                self._shown[message["id"]] = text
                self.note(message["author"]["global_name"], text)


async def once(
    world: World,
    bot: BotCommand,
    prompt: str,
    options: Mapping[str, str],
    *,
    folder: Path,
    patience: float,
    say: Say = print,
) -> None:
    """As Max in #imagine, run /imagine; save the image to `folder` and show the usage row.

    `patience` is how many seconds the image may take. Raises OnceFailed.
    """
    person = next(person for person in world.people if person["role"] == "member")
    channel = world.channels[0]
    transcript = Transcript(say, {person["id"]: person["name"] for person in world.people})
    typed = {"prompt": prompt, **options}
    said = " ".join(f"{name}: {value}" for name, value in typed.items())
    transcript.note(f"{person['name']} in #{channel['name']}", f"/imagine {said}")
    try:
        async with asyncio.timeout(patience):
            reply = await _ask(world, person["id"], channel["id"], typed, transcript)
    except TimeoutError:
        raise OnceFailed(f"No image within {patience:.0f} s.") from None
    for attachment in reply["attachments"]:
        await _save(attachment, folder, say)
    await _show_usage(bot, person, len(reply["attachments"]), say)


async def _ask(
    world: World, person: str, channel: str, typed: Mapping[str, str], transcript: Transcript
) -> dict[str, Any]:
    """Run the command and follow the reply until it carries an attachment."""
    changed = asyncio.Event()

    def look(_event: str, _payload: Mapping[str, Any]) -> None:
        transcript.show(world.messages(channel, person))
        changed.set()

    unsubscribe = world.subscribe(look)
    try:
        await world.invoke(person, channel, "imagine", typed)
        return await _follow(lambda: world.messages(channel, person), changed)
    except WorldError as error:
        raise OnceFailed(f"{error}.".replace("..", ".")) from None
    finally:
        unsubscribe()


async def _follow(
    look: Callable[[], list[dict[str, Any]]], changed: asyncio.Event
) -> dict[str, Any]:
    while True:
        changed.clear()
        messages = look()
        for message in messages:
            if message["attachments"]:
                return message
        over = any(_is_over(message) for message in messages)
        try:
            async with asyncio.timeout(_LAST_WORD if over else None):
                await changed.wait()
        except TimeoutError:
            raise OnceFailed("The bot ended its reply without an image.") from None


def _is_over(message: Mapping[str, Any]) -> bool:
    parts = walk_components(message["components"])
    buttons = any(part["type"] == ComponentType.BUTTON for part in parts)
    return not message["flags"] & _LOADING and not buttons


def _as_read(message: Mapping[str, Any]) -> str:
    if message["flags"] & _LOADING:
        return "thinking…"
    lines = [message["content"]] if message["content"] else []
    for attachment in message["attachments"]:
        facts = f"[{attachment['filename']}, {attachment['size']:,} bytes]"
        lines.append(f"{facts} alt text: {attachment.get('description', 'none')}")
    parts = list(walk_components(message["components"]))
    lines += [part["content"] for part in parts if part["type"] == ComponentType.TEXT_DISPLAY]
    buttons = [part for part in parts if part["type"] == ComponentType.BUTTON]
    if labels := [button["label"] for button in buttons if button.get("label")]:
        lines.append("buttons: " + ", ".join(labels))
    private = "(only Max can see this) " if message["flags"] & _EPHEMERAL else ""
    return private + "\n".join(lines)


async def _save(attachment: Mapping[str, Any], folder: Path, say: Say) -> None:
    async with ClientSession() as session, session.get(attachment["url"]) as response:
        response.raise_for_status()
        data = await response.read()
    facts = _inspect(data)
    path = _write(folder, Path(attachment["filename"]).name, data)
    say(f"\nSaved {path} ({facts}).")


def _inspect(data: bytes) -> str:
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            return f"{image.format}, {image.width} × {image.height}, {len(data):,} bytes"
    except (UnidentifiedImageError, OSError) as error:
        raise OnceFailed(f"The attachment is not an image: {error}") from None


def _write(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder.resolve() / name
    path.write_bytes(data)
    return path


async def _show_usage(bot: BotCommand, person: Mapping[str, str], images: int, say: Say) -> None:
    """Print the person's row of `python -m bot usage`; it must say that so many were delivered."""
    deadline = time.monotonic() + _SETTLED_WITHIN
    row = await _usage_row(bot, person["id"])
    while row.get("pending") and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        row = await _usage_row(bot, person["id"])
    cells = [("–" if row.get(name) is None else str(row[name])) for name in _COLUMNS]
    widths = [max(len(name), len(cell)) for name, cell in zip(_COLUMNS, cells, strict=True)]
    say(f"\nThe ledger's row for {person['name']}:")
    for line in (_COLUMNS, cells):
        say("  " + "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))
    if row.get("delivered") != images or row.get("pending"):
        raise OnceFailed("The ledger does not show exactly these images as delivered.")


async def _usage_row(bot: BotCommand, person_id: str) -> dict[str, Any]:
    code, output, errors = await bot.run("usage", "--format", "json")
    if code != 0:
        raise OnceFailed(f"`python -m bot usage` failed ({code}): {errors.strip()[-500:]}")
    try:
        rows = json.loads(output)
    except ValueError:
        raise OnceFailed("`python -m bot usage --format json` printed no JSON.") from None
    for row in rows:
        if str(row.get("user_id")) == person_id:
            return dict(row)
    raise OnceFailed("The ledger has no row for this person.")
