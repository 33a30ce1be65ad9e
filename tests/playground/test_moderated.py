"""A moderated server from its first day on, with a real process that is killed on the way.

The session that shows the whole: set up, screened, reviewed before buying and before publishing,
rejected, appealed, and every act of it on a record that shows any change.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from playground.stage import Stage
from tests.playground.test_first_day import new_server
from tests.playground.test_limits import restart
from tests.playground.test_whole import usage
from tests.playground.visitor import Message, Visitor, is_private, text

#: The issue's, from the invite to a reviewed channel.
MOST_CLICKS = 6
REASON = "No foxes on Fridays"
#: Purchases in all: an image each for Olivia and for Max.
BOUGHT = 2
ACTS = ["approve", "setting", "setting", "approve", "reject", "appeal", "approve"]
ACTS += ["report", "remove"]
"""On record after the set-up: a word and a setting are settings."""


@dataclass
class Team:
    """Who takes part, and where they look."""

    running: Stage
    folder: Path

    def __post_init__(self) -> None:
        self.olivia = Visitor(self.running, "owner")
        self.max = Visitor(self.running, "member")
        self.nia = Visitor(self.running, "newcomer")
        self.mona = Visitor(self.running, "moderator", "moderators")
        self.milo = Visitor(self.running, "second moderator", "moderators")

    @property
    def bought(self) -> int:
        return len(self.running.small.invoice)

    def public(self) -> list[Message]:
        """What somebody sees who asked for nothing."""
        return self.nia.seen()

    def database(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "data" / "imagine.db")

    async def card(self, words: str) -> Message:
        """The newest card at the desk, where that is what it asks."""
        return await self.mona.sees(lambda each: words in text(each) and each["components"])


@asynccontextmanager
async def team(folder: Path) -> AsyncIterator[Team]:
    async with new_server(folder) as running:
        yield Team(running, folder)


async def set_up(team: Team) -> Message:
    """The first day; returns the private reply to what was asked for, which waits at the desk."""
    olivia = team.olivia
    panel = await olivia.command("imagine", prompt="an amber lighthouse")
    await olivia.press(panel, "This channel only")
    await olivia.press(panel, "Reviewed team")
    await olivia.choose(panel, "first:desk:", team.mona.channel)
    assert olivia.clicks <= MOST_CLICKS
    await olivia.says(panel, "`/imagine` works now")
    return await olivia.sees(lambda each: "Waiting for a moderator" in text(each))


async def publish(team: Team, waiting: Message) -> None:
    """An image is approved by a bot that was killed since it was asked for."""
    card = await team.card("Publish this?")
    assert card["attachments"]
    assert team.public() == []
    assert is_private(waiting)
    await restart(team.running)  # killed between request and decision

    await team.mona.press(card, "Approve")
    shown = await team.nia.sees(lambda each: each["attachments"])

    assert f"<@{team.olivia.id}>'s image" in text(shown)
    assert team.mona.now(card)["attachments"] == []
    assert len(team.public()) == team.bought == 1


async def refuse_a_word(team: Team) -> None:
    """Blocked by `/settings`, and from then on refused in private, for nothing."""
    panel = await team.olivia.command("settings")
    await team.olivia.press_id(panel, "imagine:words:open:")
    form = await team.olivia.press_id(panel, "imagine:words:add:")
    await team.olivia.fill(form, lines="xylophone: we had enough of them")
    before = team.public()

    refusal = await team.max.command("imagine", prompt="a glass xylophone")

    await team.max.says(refusal, "we had enough of them")
    assert is_private(refusal)
    assert team.public() == before
    assert team.bought == 1
    assert team.max.id not in {line["user_id"] for line in await usage(team.running)}


async def review_before_buying(team: Team) -> Message:
    """Nothing is bought before a moderator agrees; returns what waits to be published then."""
    scope = team.olivia.channel
    panel = await team.olivia.command("settings", channel=scope)
    await team.olivia.press_id(panel, f"imagine:settings:page:review-{scope}")
    await team.olivia.press_id(panel, f"imagine:settings:ask:review-{scope}")
    await team.olivia.press_id(panel, f"imagine:settings:set:review-both-{scope}")
    waiting = await team.max.command("imagine", prompt="a red fox")
    card = await team.card("Buy this?")
    assert "a red fox" in text(card)
    assert team.bought == 1

    await team.mona.press(card, "Approve")
    await team.card("Publish this?")

    assert team.bought == BOUGHT
    assert "Waiting for a moderator" in text(await team.max.says(waiting, "Waiting"))
    return waiting


async def reject(team: Team, waiting: Message) -> None:
    """With a reason, in a form that was opened by a bot that is dead when it is submitted."""
    card = await team.card("Publish this?")
    before = team.public()
    form = await team.milo.press(card, "Reject …")
    await restart(team.running)  # killed between the opening of the form and its submission

    await team.milo.fill(form, reason=REASON)
    await team.max.says(waiting, REASON)

    await team.milo.says(card, "Rejected")
    assert team.milo.now(card)["attachments"] == []
    assert team.max.now(waiting)["attachments"] == []
    assert team.public() == before


async def decide_the_appeal(team: Team, rejected: Message) -> None:
    """By another moderator than who rejected it, who is told so; it is published after all."""
    before = len(team.public())
    form = await team.max.press(rejected, "Appeal …")
    await restart(team.running)  # killed while Max was writing
    await team.max.fill(form, appeal="It is a Thursday fox")
    card = await team.card("An appeal")
    assert "It is a Thursday fox" in text(card)
    assert REASON in text(card)

    await team.milo.press(card, "Approve")
    assert await team.milo.sees(lambda each: "the appeal is theirs" in text(each))
    assert len(team.public()) == before
    await team.mona.press(card, "Approve")

    await team.nia.sees(
        lambda each: f"<@{team.max.id}>'s image" in text(each) and each["attachments"]
    )
    await team.max.sees(lambda each: "Approved and published" in text(each))
    assert len(team.public()) == before + 1
    assert team.bought == BOUGHT


async def report(team: Team) -> None:
    """By somebody who sees it, soon after it was reviewed; it is removed."""
    await usage(team.running)  # so that its delivery is on record
    shown = team.public()[-1]
    await team.nia.press(shown, "More")
    details = await team.nia.sees(lambda each: "Image details" in text(each))
    form = await team.nia.press(details, "Report …")
    await team.nia.fill(form, reason="It has three tails")
    card = await team.card("three tails")

    form = await team.mona.press(card, "Remove …")
    await team.mona.fill(form)

    await team.mona.says(card, "Removed")
    assert team.mona.now(card)["attachments"] == []
    assert shown["id"] not in {each["id"] for each in team.public()}


async def audit(team: Team) -> tuple[int, str]:
    code, output, _ = await team.running.command.run("audit", "verify")
    return code, output


def change_a_byte(team: Team) -> int:
    """In one entry of the server's record; returns its number."""
    change = "update audit set reason = replace(reason, 'F', 'f') where action = 'reject'"
    with closing(team.database()) as database, database:
        [(number,)] = database.execute(f"{change} returning number")
    return int(number)


def acts(team: Team) -> list[str]:
    with closing(team.database()) as database:
        return [each for (each,) in database.execute("select action from audit order by number")]


@pytest.mark.fault(
    "the bot is killed (-9) between a request and a moderator's decision",
    sees="the decision, once it is taken",
    charged="one image",
)
@pytest.mark.fault(
    "the bot is killed (-9) while a moderator fills in why they reject",
    sees="the rejection and its reason; the form that was open still decides",
    charged="one image, unless the server has it that rejected ones do not count",
)
async def test_a_moderated_server_from_its_first_day_to_a_record_that_shows_every_change(
    tmp_path: Path,
) -> None:
    async with team(tmp_path) as here:
        asked = await set_up(here)
        await publish(here, asked)
        await refuse_a_word(here)
        rejected = await review_before_buying(here)
        await reject(here, rejected)
        await decide_the_appeal(here, rejected)
        await report(here)

        code, output = await audit(here)
        assert (code, output[0]) == (0, "✓")
        assert acts(here)[-len(ACTS) :] == ACTS

        number = change_a_byte(here)
        code, output = await audit(here)
        assert (code, output[0]) == (1, "✗")
        assert f"broken at entry {number}" in output
