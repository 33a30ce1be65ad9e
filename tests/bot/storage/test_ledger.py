"""The ledger: reservations that hold, transitions that happen once, sums that follow."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from bot.domain.generation import Capacity, Entry, Generation, Request, Status, Usage
from bot.domain.limits import Limit
from bot.domain.origin import Derivation, Origin
from bot.domain.picture import Stored
from bot.domain.style import Style
from bot.record import replace
from bot.refusals import AlreadyRequested, PressedTwice
from bot.storage.books import BOOKS
from bot.storage.ledger import Ledger
from bot.storage.usage import By, Of, Sums
from tests.custody import begun
from tests.turns import PLENTY, dispatch

PICTURE = Stored("n", "image/png", 10)
TOOK: Any = {"compute_ms": 2_500, "duration_ms": 2_600}


def request(interaction_id: int = 1, user_id: int = 5) -> Request:
    return Request(
        interaction_id=interaction_id,
        application_id=2,
        guild_id=None,
        channel_id=4,
        user_id=user_id,
        model="owner/name",
        prompt="a red fox 🦊",
        options={"aspect_ratio": "1:1"},
        token="secret",
        token_expires_at=900_000,
        size_limit=10,
    )


def sums(ledger: Ledger) -> Sums:
    return Sums(ledger._database)


async def reserve(
    ledger: Ledger,
    asked: Request | None = None,
    *,
    now: int = 1_000,
    price: int | None = 60_000,
    limits: Sequence[Limit] = (),
    capacity: Capacity = PLENTY,
) -> Generation:
    [row] = await ledger.reserve(
        asked or request(),
        now=now,
        price_micros=price,
        limits=limits,
        capacity=capacity,
    )
    return row


async def running(ledger: Ledger, asked: Request | None = None) -> Generation:
    row = await reserve(ledger, asked)
    row = await dispatch(ledger, row, now=2_000) or row
    return await ledger.attach(row, f"p{row.id}") or row


async def test_a_row_comes_back_as_it_was_asked(ledger: Ledger) -> None:
    row = await reserve(ledger)

    assert row.request == request()
    assert (row.status, row.quota, row.budget) == (Status.QUEUED, Entry.RESERVED, Entry.RESERVED)
    assert await ledger.find(row.id) == row


async def test_the_same_interaction_makes_no_second_row(ledger: Ledger) -> None:
    await reserve(ledger)

    with pytest.raises(AlreadyRequested):
        await reserve(ledger)


AGAIN = Origin("1-0", 0, Derivation.AGAIN, message_id=7)


async def test_a_row_born_from_a_button_tells_from_which_and_whose_words_are_around_it(
    ledger: Ledger,
) -> None:
    asked = replace(
        request(), origin=AGAIN, style=Style("Noir", "film noir,"), guild_locale="de", notify=True
    )

    row = await reserve(ledger, asked)

    assert row.request == asked
    assert row.request.input["prompt"] == f"film noir, {asked.prompt}"


async def test_a_button_pressed_twice_within_three_seconds_makes_one_row(ledger: Ledger) -> None:
    first = replace(request(), origin=AGAIN)
    await reserve(ledger, first, now=1_000)

    with pytest.raises(PressedTwice):
        await reserve(ledger, replace(first, interaction_id=first.interaction_id + 1), now=3_999)

    row = await reserve(ledger, replace(first, interaction_id=first.interaction_id + 2), now=4_000)
    assert row.status is Status.QUEUED


async def test_of_presses_at_the_very_same_moment_one_makes_a_row(ledger: Ledger) -> None:
    first = replace(request(), origin=AGAIN)
    presses = [replace(first, interaction_id=number) for number in range(1, 9)]

    done = await asyncio.gather(
        *(reserve(ledger, each, now=1_000) for each in presses), return_exceptions=True
    )

    assert sum(isinstance(each, PressedTwice) for each in done) == 7


@pytest.mark.parametrize(
    "other",
    [
        replace(AGAIN, by=Derivation.EDIT),
        replace(AGAIN, picture=1),
        replace(AGAIN, message_id=8),
        None,
    ],
)
async def test_another_button_image_or_message_is_not_the_same_press(
    ledger: Ledger, other: Origin | None
) -> None:
    first = replace(request(), origin=AGAIN)
    await reserve(ledger, first, now=1_000)

    second = replace(first, interaction_id=first.interaction_id + 1, origin=other)

    row = await reserve(ledger, second, now=1_000)
    assert row.status is Status.QUEUED


async def test_two_people_may_press_the_same_button_at_once(ledger: Ledger) -> None:
    first = replace(request(), origin=AGAIN)
    await reserve(ledger, first, now=1_000)

    second = replace(first, interaction_id=first.interaction_id + 1, user_id=first.user_id + 1)

    row = await reserve(ledger, second, now=1_000)
    assert row.status is Status.QUEUED


@pytest.mark.parametrize(("status", "bought"), BOOKS)
async def test_the_books_settle_as_the_table_says(
    ledger: Ledger, status: Status, bought: bool
) -> None:
    row = await running(ledger)

    ended = await ledger.finish(row, status, now=3_000, bought=bought)

    assert ended is not None
    assert (ended.quota, ended.budget) == BOOKS[status, bought]
    assert (await sums(ledger).total(Of())).cost_micros == (
        60_000 if ended.budget is Entry.SETTLED else 0
    )


async def test_a_generation_ends_once(ledger: Ledger) -> None:
    row = await running(ledger)

    ends = await asyncio.gather(
        *(ledger.finish(row, Status.FAILED, now=3_000, bought=True) for _ in range(10))
    )

    assert sum(end is not None for end in ends) == 1


async def test_every_transition_needs_its_status_and_its_owner(ledger: Ledger) -> None:
    row = await reserve(ledger)
    stranger = Ledger(ledger._database)

    assert await ledger.attach(row, "p") is None
    assert await ledger.requeue(row, not_before=1) is None
    assert await ledger.store(row, [PICTURE], now=1, **TOOK) is None
    assert await dispatch(stranger, row, now=1) is None
    assert await dispatch(ledger, row, now=1) is not None
    assert await dispatch(ledger, row, now=1) is None


async def test_a_canceled_request_is_never_submitted(ledger: Ledger) -> None:
    row = await reserve(ledger)
    await ledger.request_cancel(row.id, now=2_000)

    assert await dispatch(ledger, row, now=3_000) is None


async def test_two_rows_cannot_hold_the_same_prediction(ledger: Ledger) -> None:
    first = await dispatch(ledger, await reserve(ledger), now=1)
    second = await dispatch(ledger, await reserve(ledger, request(2)), now=1)
    assert first is not None
    assert second is not None
    await ledger.attach(first, "p")

    with pytest.raises(Exception, match=r"(?i)unique"):
        await ledger.attach(second, "p")


async def test_a_row_that_moves_on_keeps_its_request_unless_that_has_changed(
    ledger: Ledger,
) -> None:
    """A life holds rows for as long as the model takes: one request among them is enough."""
    row = await reserve(ledger)

    same = await ledger.acknowledged(row)
    other = await ledger.acknowledged(replace(row, request=request(2)))

    assert same is not None
    assert same.request is row.request
    assert other is not None
    assert other.request == row.request


async def test_a_new_owner_fences_off_the_old_one(ledger: Ledger) -> None:
    row = await running(ledger)

    [mine] = await begun(ledger)

    assert mine.owner_epoch > row.owner_epoch
    assert await ledger.finish(row, Status.FAILED, now=3_000, bought=True) is None
    assert await ledger.finish(mine, Status.FAILED, now=3_000, bought=True) is not None


async def test_what_ended_untold_is_claimed_and_what_was_told_is_not(ledger: Ledger) -> None:
    untold = await running(ledger)
    told = await running(ledger, request(2))
    delivered = await running(ledger, request(3))
    for row, status in ((untold, Status.FAILED), (told, Status.FAILED)):
        await ledger.finish(row, status, now=3_000, bought=True)
    await ledger.told(told)
    await ledger.finish(delivered, Status.DELIVERED, now=3_000, bought=True)

    assert [row.id for row in await begun(ledger)] == [untold.id]


async def test_a_task_cancelled_in_a_transaction_leaves_none_open(ledger: Ledger) -> None:
    tasks = [asyncio.create_task(reserve(ledger, request(n))) for n in range(50)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    row = await reserve(ledger, request(1_000))

    assert await ledger.find(row.id) == row


async def test_usage_counts_each_outcome_and_is_unknown_where_a_price_is(ledger: Ledger) -> None:
    row = await running(ledger)
    stored = await ledger.store(row, [PICTURE], now=5_000, **TOOK)
    assert stored is not None
    await ledger.finish(stored, Status.DELIVERED, now=6_000, bought=True)
    await ledger.finish(await running(ledger, request(2)), Status.UNKNOWN, now=6_000, bought=True)
    await reserve(ledger, request(3))

    assert await sums(ledger).total(Of(5)) == Usage(
        images=1, unknown=1, pending=1, compute_ms=2_500, cost_micros=120_000
    )

    unpriced = await reserve(ledger, request(4), price=None)
    await ledger.finish(unpriced, Status.UNKNOWN, now=6_000, bought=True)
    assert (await sums(ledger).total(Of(5))).cost_micros is None


async def test_usage_by_user_is_one_line_each_most_images_first(ledger: Ledger) -> None:
    for n, user in enumerate((5, 6, 6)):
        row = await running(ledger, request(n, user))
        await ledger.finish(row, Status.DELIVERED, now=3_000, bought=True)

    found = await sums(ledger).by(By.USER, Of())

    assert [(user, usage.images) for user, usage in found.items()] == [(6, 2), (5, 1)]
    assert await sums(ledger).by(By.USER, Of(since=5_000)) == {}
