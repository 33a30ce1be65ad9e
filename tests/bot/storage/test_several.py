"""Several images in the ledger: reserved together or not at all, counted one by one."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.filter import Filter
from bot.domain.generation import Capacity, Entry, Generation, Status
from bot.domain.limits import HOUR_MS, Limit, Period, Scope, Spent, Unit
from bot.domain.picture import Stored
from bot.record import replace
from bot.refusals import AlreadyRequested, QueueFull, QuotaExceeded
from bot.storage.database import Database
from bot.storage.history import NEWEST, History
from bot.storage.ledger import Ledger
from bot.storage.people import Erasure, People
from bot.storage.usage import Of, Sums
from tests.bot.storage.test_limits import PAYERS, PRICE, limit, request
from tests.turns import PLENTY, dispatch

PICTURE = Stored("n.png", "image/png", 10)
COUNTED = [scope for scope in Scope if scope is not Scope.FILTER]


async def reserve(
    ledger: Ledger,
    number: int,
    *limits: Limit,
    rows: int = 1,
    images: int = 1,
    user: int = 5,
    capacity: Capacity = PLENTY,
) -> list[Generation]:
    asked = replace(request(number, user=user), predictions=rows, images=images)
    return await ledger.reserve(
        asked, now=1_000, price_micros=PRICE, limits=limits, capacity=capacity
    )


async def running(ledger: Ledger, row: Generation) -> Generation:
    row = await dispatch(ledger, row, now=2_000) or row
    return await ledger.attach(row, f"p{row.id}") or row


async def end(
    ledger: Ledger,
    row: Generation,
    status: Status,
    *,
    arrived: int | None = None,
    lost: int = 0,
    error: str | None = None,
    now: int = 3_000,
) -> Generation:
    """Bought, and ended; `arrived`: with so many images, and `lost` more that could not be had."""
    row = await running(ledger, row)
    if arrived is not None:
        outputs = [*[PICTURE] * arrived, *[None] * lost]
        row = await ledger.store(row, outputs, now=now, compute_ms=1, duration_ms=1) or row
    ended = await ledger.finish(row, status, now=now, bought=True, error=error)
    assert ended is not None
    return ended


async def used(ledger: Ledger, scope: Scope, unit: Unit = Unit.IMAGES) -> int:
    counted = await ledger.counted(request(99), PRICE)
    [spent] = await ledger.spending.of(counted, [limit(scope, 100_000_000, unit=unit)])
    return spent.used


# --- reserving


@pytest.mark.parametrize("scope", COUNTED)
@pytest.mark.parametrize(("rows", "images"), [(4, 1), (1, 4), (2, 2)])
async def test_64_requests_of_four_at_once_against_room_for_ten_get_eight(
    ledger: Ledger, database: Database, scope: Scope, rows: int, images: int
) -> None:
    results = await asyncio.gather(
        *(reserve(ledger, n, limit(scope, 10), rows=rows, images=images) for n in range(64)),
        return_exceptions=True,
    )

    refused = [each for each in results if isinstance(each, QuotaExceeded)]
    assert {(each.used, each.limit, each.asked) for each in refused} == {(8, 10, 4)}
    assert len(refused) == 62
    [made] = await database.read("select sum(images), count(*) from generation", {})
    assert tuple(made) == (8, 2 * rows)


@pytest.mark.parametrize("scope", PAYERS)
async def test_64_requests_of_four_at_once_never_spend_a_micro_dollar_too_much(
    ledger: Ledger, database: Database, scope: Scope
) -> None:
    budget = limit(scope, 12 * PRICE - 1, unit=Unit.MICROS)

    await asyncio.gather(
        *(reserve(ledger, n, budget, rows=2, images=2) for n in range(64)), return_exceptions=True
    )

    assert await used(ledger, scope, Unit.MICROS) == 8 * PRICE


async def test_what_does_not_fit_whole_is_not_reserved_at_all(ledger: Ledger) -> None:
    with pytest.raises(QuotaExceeded):
        await reserve(ledger, 1, limit(Scope.USER, 3), rows=4)

    assert await ledger.request("1-0") == []
    assert len(await reserve(ledger, 1, limit(Scope.USER, 3), rows=3)) == 3


async def test_the_rows_of_a_request_have_ordinals_and_all_else_in_common(ledger: Ledger) -> None:
    rows = await reserve(ledger, 1, rows=4, images=2)

    assert [row.id for row in rows] == ["1-0", "1-1", "1-2", "1-3"]
    assert [replace(row.request, ordinal=0) for row in rows] == [rows[0].request] * 4
    assert await ledger.request("1-2") == rows


async def test_the_same_interaction_reserves_once_however_often_it_arrives(ledger: Ledger) -> None:
    await reserve(ledger, 1, rows=4)

    with pytest.raises(AlreadyRequested):
        await reserve(ledger, 1, rows=4)

    assert len(await ledger.request("1-0")) == 4


@pytest.mark.parametrize(
    ("capacity", "scope"),
    [
        (Capacity(waiting=100, user_waiting=5), "user"),
        (Capacity(waiting=5, user_waiting=100), "installation"),
    ],
)
async def test_a_place_in_line_is_a_predictions_however_many_images_it_makes(
    ledger: Ledger, capacity: Capacity, scope: str
) -> None:
    await reserve(ledger, 1, rows=1, images=4, capacity=capacity)
    with pytest.raises(QueueFull) as refused:
        await reserve(ledger, 2, rows=5, capacity=capacity)
    await reserve(ledger, 3, rows=4, capacity=capacity)

    assert (refused.value.scope, refused.value.limit, refused.value.asked) == (scope, 5, 5)


async def test_what_is_left_of_a_limit_is_told_for_one_more_image(ledger: Ledger) -> None:
    of_user = limit(Scope.USER, 10)
    await reserve(ledger, 1, of_user, rows=2, images=2)

    counted = await ledger.counted(request(9), PRICE)

    assert await ledger.spending.of(counted, [of_user]) == [Spent(of_user, 4, 1)]


# --- the two books


@pytest.mark.parametrize(
    ("status", "arrived", "person", "payer"),
    [
        (Status.DELIVERED, 4, 4, 4),
        (Status.DELIVERED, 3, 3, 4),
        (Status.KEPT, 1, 1, 4),
        (Status.FAILED, None, 0, 4),
        (Status.CANCELED, None, 4, 4),
        (Status.UNKNOWN, None, 0, 4),
    ],
)
async def test_the_person_is_counted_what_arrived_and_the_payer_what_was_asked_for(
    ledger: Ledger, status: Status, arrived: int | None, person: int, payer: int
) -> None:
    [row] = await reserve(ledger, 1, images=4)
    assert (await used(ledger, Scope.USER), await used(ledger, Scope.GUILD)) == (4, 4)

    await end(ledger, row, status, arrived=arrived)

    assert [await used(ledger, scope) for scope in (Scope.USER, Scope.MEMBER)] == [person] * 2
    assert [await used(ledger, scope) for scope in PAYERS] == [payer] * 3
    assert [await used(ledger, scope, Unit.MICROS) for scope in PAYERS] == [payer * PRICE] * 3


async def test_more_than_was_asked_for_is_the_payers_and_never_the_persons(
    ledger: Ledger, database: Database
) -> None:
    [row] = await reserve(ledger, 1)

    ended = await end(ledger, row, Status.DELIVERED, arrived=4)

    assert len(ended.outputs) == 4
    assert (await used(ledger, Scope.USER), await used(ledger, Scope.GUILD)) == (1, 4)
    assert (await Sums(database).total(Of())).cost_micros == 4 * PRICE


async def test_each_row_of_a_request_settles_its_own_books(ledger: Ledger) -> None:
    rows = await reserve(ledger, 1, rows=4)

    await end(ledger, rows[0], Status.DELIVERED, arrived=1)
    await end(ledger, rows[1], Status.FAILED, error="safety")
    await ledger.finish(rows[2], Status.CANCELED, now=3_000, bought=False)

    assert (await used(ledger, Scope.USER), await used(ledger, Scope.GUILD)) == (2, 3)
    books = [(row.quota, row.budget) for row in await ledger.request("1-0")]
    assert books == [
        (Entry.SETTLED, Entry.SETTLED),
        (Entry.RELEASED, Entry.SETTLED),
        (Entry.RELEASED, Entry.RELEASED),
        (Entry.RESERVED, Entry.RESERVED),
    ]


async def test_sums_count_images_and_what_did_not_arrive_as_failed(
    ledger: Ledger, database: Database
) -> None:
    rows = await reserve(ledger, 1, rows=4, images=2)
    await end(ledger, rows[0], Status.DELIVERED, arrived=1, lost=1)
    await end(ledger, rows[1], Status.FAILED)
    await end(ledger, rows[2], Status.CANCELED)

    total = await Sums(database).total(Of(user_id=5))

    assert (total.images, total.failed, total.canceled, total.pending) == (1, 3, 2, 2)
    assert total.cost_micros == 6 * PRICE


async def test_four_refusals_of_one_request_are_one_refused_prompt(ledger: Ledger) -> None:
    now = 10 * HOUR_MS
    brake = Limit(Scope.FILTER, Unit.REFUSALS, Period.HOUR, 2, now - HOUR_MS, now + HOUR_MS)
    for number, minutes in enumerate((30, 20)):
        for row in await reserve(ledger, number, brake, rows=4):
            ended_at = now - minutes * 60_000 + row.request.ordinal
            await end(ledger, row, Status.FAILED, error="safety", now=ended_at)

    with pytest.raises(QuotaExceeded) as refused:
        await reserve(ledger, 9, brake)

    assert refused.value.used == 2
    assert refused.value.resets_at == now + 30 * 60_000 + 3


# --- what is stored


async def test_outputs_come_back_as_they_were_stored(ledger: Ledger) -> None:
    [row] = await reserve(ledger, 1, images=4)
    stored = [Stored("1-0.png", "image/png", 7), None, Stored("1-0-2.jpg", "image/jpeg", 9)]

    row = await running(ledger, row)
    await ledger.store(row, stored, now=3_000, compute_ms=1, duration_ms=1)

    found = await ledger.find(row.id)
    assert found is not None
    assert found.outputs == (stored[0], stored[2])
    assert found.unfetched == 1


async def test_images_are_not_swept_while_a_sibling_may_have_to_show_them_again(
    ledger: Ledger,
) -> None:
    first, second = await reserve(ledger, 1, rows=2)
    await end(ledger, first, Status.DELIVERED, arrived=1)
    assert await ledger.unended_images() == {PICTURE.name}

    failed = await end(ledger, second, Status.FAILED)
    assert await ledger.unended_images() == {PICTURE.name}
    await ledger.told(failed)

    assert await ledger.unended_images() == set()


async def test_history_has_one_line_for_a_request_whatever_became_of_its_first_row(
    ledger: Ledger,
) -> None:
    rows = await reserve(ledger, 1, rows=4)
    for row in rows[1:]:
        await end(ledger, row, Status.DELIVERED, arrived=1)
    await end(ledger, rows[0], Status.FAILED)

    found = History(ledger._database).up_to(5, NEWEST, Filter())

    assert [made.ids async for made in found] == [("1-1", "1-2", "1-3")]


async def test_a_cancel_is_meant_for_all_that_have_not_ended(ledger: Ledger) -> None:
    rows = await reserve(ledger, 1, rows=3)
    await end(ledger, rows[0], Status.DELIVERED, arrived=1)

    canceled = await ledger.request_cancel("1-0", now=4_000)

    assert {row.id for row in canceled} == {"1-1", "1-2"}
    assert await ledger.request_cancel("9-0", now=4_000) == []


async def test_a_request_is_erased_as_a_whole_once_the_last_of_it_has_ended(
    ledger: Ledger, database: Database
) -> None:
    people, erasure = People(database, ledger.aliases), Erasure(5, 9_000)
    first, second = await reserve(ledger, 1, rows=2)
    await end(ledger, first, Status.DELIVERED, arrived=1)
    assert await people.images(erasure) == []
    assert not await people.erase(erasure, [], now=9_000)
    assert len(await ledger.request("1-0")) == 2

    await ledger.told(await end(ledger, second, Status.FAILED))

    assert await people.images(erasure) == [PICTURE.name]
    await people.erase(erasure, [PICTURE.name], now=9_000)
    found = await database.read("select outputs, counted, images from generation", {})
    assert [tuple(row) for row in found] == [(None, 1, 1), (None, 1, 1)]
