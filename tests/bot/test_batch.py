"""Rows that share a reply: they wait for one another, and each thing is done once for all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from bot.domain.generation import Delivery, Generation, Status
from bot.domain.picture import Form
from bot.generation.batch import Batch
from bot.record import replace
from tests.bot.test_wording_several import row
from tests.clocks import HandClock, settled

IDS = ("1-0", "1-1", "1-2")


@dataclass
class Screen:
    """A reply that remembers what it was told."""

    gone: bool = False
    published_id: int | None = None
    shown: list[tuple[str, str | None]] = field(default_factory=list)
    stopped: int = 0

    def show(self, content: str, button: str | None) -> None:
        self.shown.append((content, button))

    def whisper(self, say: Callable[[], Awaitable[None]]) -> None:
        """Nobody listens."""

    async def finish(self, content: str, appeal: str = "") -> Delivery:
        return Delivery.SENT

    async def deliver(self, form: Callable[[int], Awaitable[Form]]) -> Delivery:
        return Delivery.SENT

    async def rest(self, content: str, button: str | None) -> None:
        """Nobody decides here."""

    async def mention(self, content: str) -> None:
        """Nobody looks."""

    def stop(self) -> None:
        self.stopped += 1


@dataclass
class Calls:
    """What is to be done once: its outcomes, in order."""

    outcomes: list[Delivery | Exception]
    began: int = 0

    async def __call__(self) -> Delivery:
        self.began += 1
        await settled()  # it takes longer than to wake those who wait
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Party:
    """Three rows and their reply."""

    def __init__(self, *outcomes: Delivery | Exception) -> None:
        self.screen = Screen()
        self.rows = [self.row(id) for id in IDS]
        words = "{} ({} of {})".format
        self.batch = Batch(self.screen, self.rows, IDS, HandClock(), words)
        self.calls = Calls(list(outcomes))

    def row(self, id: str, status: Status = Status.DELIVERING) -> Generation:
        return replace(row(status, arrived=1, rows=3), id=id)

    def deliver(self, id: str) -> asyncio.Task[Delivery]:
        return asyncio.create_task(self.batch.deliver(self.row(id), self.calls))

    def tell(self, id: str) -> asyncio.Task[Delivery]:
        return asyncio.create_task(self.batch.tell(self.row(id, Status.FAILED), self.calls))


async def test_images_are_delivered_once_when_the_last_has_settled() -> None:
    party = Party(Delivery.SENT)
    first, second = party.deliver("1-0"), party.deliver("1-1")
    await settled()
    assert (first.done(), party.calls.began) == (False, 0)

    last = party.deliver("1-2")

    assert [await each for each in (first, second, last)] == [Delivery.SENT] * 3
    assert party.calls.began == 1
    assert party.batch.delivered()


async def test_one_that_has_failed_holds_up_no_delivery_but_is_told_after_all_have_ended() -> None:
    party = Party(Delivery.SENT, Delivery.GONE)
    failed = party.tell("1-0")
    delivered = [party.deliver("1-1"), party.deliver("1-2")]

    assert [await each for each in delivered] == [Delivery.SENT] * 2
    assert not failed.done()
    party.batch.leave("1-1")
    party.batch.leave("1-2")

    assert await failed is Delivery.GONE


@pytest.mark.parametrize("trouble", [Delivery.LATER, RuntimeError("the disk")])
async def test_after_trouble_whoever_comes_back_first_begins_anew(
    trouble: Delivery | Exception,
) -> None:
    party = Party(trouble, Delivery.SENT)
    await asyncio.gather(*map(party.deliver, IDS), return_exceptions=True)
    assert not party.batch.delivered()

    again = await asyncio.gather(*map(party.deliver, IDS))

    assert again == [Delivery.SENT] * 3
    assert party.calls.began == 2


async def test_nobody_waits_for_a_life_that_is_over_for_whatever_reason() -> None:
    party = Party(Delivery.SENT)
    waiting = [party.deliver("1-0"), party.deliver("1-1")]
    await settled()

    party.batch.leave("1-2")

    assert [await each for each in waiting] == [Delivery.SENT] * 2


async def test_the_cancellation_of_one_is_nothing_to_the_others() -> None:
    party = Party(Delivery.SENT)
    canceled, *others = map(party.deliver, IDS)
    await asyncio.sleep(0)
    canceled.cancel()

    assert [await each for each in others] == [Delivery.SENT] * 2


async def test_the_first_that_is_still_open_is_shown_with_what_is_ready() -> None:
    party = Party(Delivery.SENT)
    party.batch.show("1-1", "waiting", "Cancel")
    party.batch.show("1-0", "generating", "Cancel")
    delivered = party.deliver("1-0")
    await settled()

    shown = [content for content, _ in party.screen.shown]
    assert [each.split(" (")[0] for each in shown] == ["waiting", "generating", "waiting"]
    assert not delivered.done()
    delivered.cancel()


async def test_the_last_one_stops_the_reply_and_learns_what_is_to_be_mentioned() -> None:
    party = Party()

    told = [party.batch.over("1-1", "ready"), party.batch.over("1-0", None)]
    assert party.screen.stopped == 0
    told.append(party.batch.over("1-2", None))

    assert told == [None, None, "ready"]
    assert party.screen.stopped == 1
