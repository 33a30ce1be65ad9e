"""When a message is edited to show progress, and when it is left alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.budget import Budget, Turnstile
from bot.delivery.progress import EDIT_INTERVAL_MS, LOOK_INTERVAL_MS, SETTLING_MS, Progress
from bot.domain.generation import Delivery
from tests.clocks import HandClock, settled

PLENTY = 100_000


@dataclass
class Message:
    """What Discord would show of one message, and when it was asked to."""

    clock: HandClock
    edits: Turnstile
    name: str = ""
    shown: list[str] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    looks: int = 0
    answers: list[Delivery] = field(default_factory=list)
    #: Edits are answered once this is set.
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answered.set()
        self.progress = Progress(self.edit, self.look, self.clock, self.edits)

    async def edit(self, content: str, button: str | None) -> Delivery:
        self.shown.append(content)
        self.at.append(self.clock.now())
        await self.answered.wait()
        return self.answers.pop(0) if self.answers else Delivery.SENT

    async def look(self) -> Delivery:
        self.looks += 1
        return Delivery.SENT


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def message(clock: HandClock) -> Message:
    return Message(clock, Turnstile(Budget(PLENTY), clock))


async def test_what_changes_within_the_first_second_is_one_edit(
    clock: HandClock, message: Message
) -> None:
    for state in ("asking", "starting", "generating"):
        message.progress.show(state, "Cancel")
        await clock.advance(SETTLING_MS / 3000 - 0.01)
    await clock.advance(10)

    assert message.shown == ["generating"]


async def test_what_is_over_within_the_first_second_is_never_shown(
    clock: HandClock, message: Message
) -> None:
    message.progress.show("asking", "Cancel")
    await clock.advance(0.5)
    await message.progress.quiet()
    await clock.advance(10)

    assert message.shown == []


async def test_edits_are_an_interval_apart_and_show_the_newest_state_only(
    clock: HandClock, message: Message
) -> None:
    for number in range(100):
        message.progress.show(str(number), None)
        await clock.advance(0.1)

    gaps = [later - earlier for earlier, later in zip(message.at, message.at[1:], strict=False)]
    assert message.at[0] == 1_000_000 + SETTLING_MS
    assert set(gaps) == {EDIT_INTERVAL_MS}
    assert message.shown == ["9", "39", "69", "99"]


async def test_a_state_that_is_shown_already_costs_nothing(
    clock: HandClock, message: Message
) -> None:
    for _ in range(50):
        message.progress.show("generating", "Cancel")
        await clock.advance(0.3)

    assert (message.shown, message.looks) == (["generating"], 0)


async def test_a_message_that_nothing_changes_in_is_looked_at_now_and_then(
    clock: HandClock, message: Message
) -> None:
    for _ in range(61):
        message.progress.show("generating", "Cancel")
        await clock.advance(1)

    assert message.shown == ["generating"]
    assert message.looks == 60_000 // LOOK_INTERVAL_MS - 1


async def test_a_look_that_has_not_begun_is_not_made_after_the_end(
    clock: HandClock, message: Message
) -> None:
    message.progress.show("generating", "Cancel")
    await clock.advance(30)

    message.progress.show("generating", "Cancel")
    await message.progress.quiet()

    assert message.looks == 0


async def test_an_edit_that_discord_did_not_take_is_made_again_by_whoever_shows_next(
    clock: HandClock, message: Message
) -> None:
    message.answers = [Delivery.LATER]
    message.progress.show("generating", "Cancel")
    await clock.advance(5)
    assert message.shown == ["generating"]

    message.progress.show("generating", "Cancel")
    await clock.advance(5)

    assert message.shown == ["generating"] * 2


async def test_the_end_waits_for_an_edit_that_is_on_its_way(
    clock: HandClock, message: Message
) -> None:
    message.answered.clear()
    message.progress.show("generating", "Cancel")
    await clock.advance(2)
    message.progress.show("canceling", None)

    ending = asyncio.create_task(message.progress.quiet())
    await settled()
    assert not ending.done()
    message.answered.set()
    await ending
    await clock.advance(10)

    assert message.shown == ["generating"]


async def test_the_end_does_not_wait_for_an_edit_that_only_waits_for_its_time(
    clock: HandClock, message: Message
) -> None:
    message.progress.show("generating", "Cancel")
    await clock.advance(2)
    message.progress.show("canceling", None)
    await clock.advance(0.1)

    await message.progress.quiet()

    message.progress.show("too late", None)
    await clock.advance(10)
    assert message.shown == ["generating"]


# ------------------------------------------------------------------ what all messages share


def crowd(clock: HandClock, size: int, per_second: int = 5) -> list[Message]:
    edits = Turnstile(Budget(60 * per_second), clock)
    return [Message(clock, edits, str(number)) for number in range(size)]


async def test_all_messages_together_keep_the_cap_in_every_minute(clock: HandClock) -> None:
    messages = crowd(clock, 200)
    for step in range(120):
        for message in messages:
            message.progress.show(str(step), "Cancel")
        await clock.advance(1)

    times = sorted(at for message in messages for at in message.at)
    assert max(sum(begin <= at < begin + 60_000 for at in times) for begin in times) <= 300
    assert max(sum(begin <= at < begin + 100 for at in times) for begin in times) <= 11


async def test_first_edits_come_first_and_in_order(clock: HandClock) -> None:
    """Later ones go only where there is room, so a crowd all get their button."""
    messages = crowd(clock, 100)
    for step in range(30):
        for message in messages:
            message.progress.show(str(step), "Cancel")
        await clock.advance(1)

    assert all(message.shown for message in messages)
    firsts = [message.at[0] for message in messages]
    assert firsts == sorted(firsts)
    assert firsts[-1] <= 1_000_000 + 25_000


async def test_a_later_edit_without_room_is_made_when_there_is_some(clock: HandClock) -> None:
    first, *others = crowd(clock, 60)
    first.progress.show("generating", "Cancel")
    await clock.advance(2)
    for message in others:
        message.progress.show("generating", "Cancel")
    first.progress.show("canceling", None)
    await clock.advance(2)
    assert first.shown == ["generating"]

    await clock.advance(20)

    assert first.shown == ["generating", "canceling"]


async def test_whoever_ends_while_standing_in_line_leaves_it_to_the_others(
    clock: HandClock,
) -> None:
    messages = crowd(clock, 100)
    for message in messages:
        message.progress.show("generating", "Cancel")
    await clock.advance(1)
    for message in messages[:90]:
        await message.progress.quiet()
    await clock.advance(4)

    assert [bool(message.shown) for message in messages] == [True] * 10 + [False] * 80 + [True] * 10


async def test_looks_are_made_only_where_there_is_room(clock: HandClock) -> None:
    messages = crowd(clock, 100, per_second=1)
    for _ in range(60):
        for message in messages:
            message.progress.show("generating", "Cancel")
        await clock.advance(1)

    assert sum(message.looks for message in messages) == 0
    assert sum(len(message.shown) for message in messages) <= 60
