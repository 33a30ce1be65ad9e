"""Limits in the ledger: whose images they count, in which window, and that they hold at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.domain.generation import Capacity, Generation, Request, Status
from bot.domain.limits import HOUR_MS, Limit, Period, Scope, Unit
from bot.refusals import Paused, PolicyChanged, QueueFull, QuotaExceeded, Refused
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from tests.custody import begun
from tests.turns import PLENTY, dispatch

PRICE = 60_000
PAYERS = (Scope.CHANNEL, Scope.GUILD, Scope.INSTALLATION)


def limit(
    scope: Scope,
    most: int,
    *,
    unit: Unit = Unit.IMAGES,
    since: int = 0,
    resets_at: int = 99,
) -> Limit:
    return Limit(scope, unit, Period.DAY, most, since, resets_at)


def request(
    number: int = 1,
    *,
    user: int = 5,
    guild: int | None = 7,
    channel: int = 4,
    parent: int | None = None,
) -> Request:
    return Request(
        interaction_id=number,
        application_id=2,
        guild_id=guild,
        channel_id=channel,
        parent_id=parent,
        user_id=user,
        model="owner/name",
        prompt="a red fox",
        options={},
        token="secret",
        token_expires_at=900_000,
        size_limit=10,
    )


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as opened:
        yield opened


@pytest.fixture
async def ledger(database: Database) -> Ledger:
    here = Ledger(database, provider="https://api.invalid")
    await begun(here)
    return here


async def reserve(
    ledger: Ledger,
    asked: Request,
    *limits: Limit,
    now: int = 1_000,
    price: int | None = PRICE,
    capacity: Capacity = PLENTY,
    version: int = 0,
) -> Generation:
    [row] = await ledger.reserve(
        asked,
        now=now,
        price_micros=price,
        limits=limits,
        capacity=capacity,
        policy_version=version,
    )
    return row


async def refusal(
    ledger: Ledger, asked: Request, *limits: Limit, now: int = 1_000, price: int | None = PRICE
) -> QuotaExceeded:
    with pytest.raises(QuotaExceeded) as caught:
        await reserve(ledger, asked, *limits, now=now, price=price)
    return caught.value


async def ended(
    ledger: Ledger, asked: Request, status: Status, *, bought: bool, error: str | None = None
) -> None:
    row = await reserve(ledger, asked)
    if bought:
        row = await dispatch(ledger, row, now=2_000) or row
        row = await ledger.attach(row, f"p{row.id}") or row
    await ledger.finish(row, status, now=3_000, bought=bought, error=None)


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.FILTER])
async def test_64_requests_at_once_against_room_for_ten_get_ten(
    ledger: Ledger, scope: Scope
) -> None:
    results = await asyncio.gather(
        *(reserve(ledger, request(n), limit(scope, 10)) for n in range(64)),
        return_exceptions=True,
    )

    refused = [r for r in results if isinstance(r, QuotaExceeded)]
    assert sum(isinstance(r, Generation) for r in results) == 10
    assert {(r.scope, r.unit, r.limit, r.used, r.resets_at) for r in refused} == {
        (scope, Unit.IMAGES, 10, 10, 99)
    }
    assert len(refused) == 54


@pytest.mark.parametrize("scope", PAYERS)
async def test_64_requests_at_once_never_spend_a_micro_dollar_too_much(
    ledger: Ledger, scope: Scope
) -> None:
    budget = limit(scope, 10 * PRICE + PRICE - 1, unit=Unit.MICROS)

    results = await asyncio.gather(
        *(reserve(ledger, request(n), budget) for n in range(64)), return_exceptions=True
    )

    assert sum(isinstance(r, Generation) for r in results) == 10
    refused = [r for r in results if isinstance(r, QuotaExceeded)]
    assert {(r.unit, r.used) for r in refused} == {(Unit.MICROS, 10 * PRICE)}


@pytest.mark.parametrize("scope", PAYERS)
async def test_the_last_image_may_cost_all_that_is_left(ledger: Ledger, scope: Scope) -> None:
    budget = limit(scope, 2 * PRICE, unit=Unit.MICROS)
    await reserve(ledger, request(1), budget)

    await reserve(ledger, request(2), budget)

    await refusal(ledger, request(3), budget)


@pytest.mark.parametrize(
    ("scope", "counted"),
    [
        (Scope.USER, {"user": 5, "guild": 8, "channel": 40}),
        (Scope.MEMBER, {"user": 5, "guild": 7, "channel": 40}),
        (Scope.CHANNEL, {"user": 6, "guild": 7, "channel": 4}),
        (Scope.CHANNEL, {"user": 6, "guild": 7, "channel": 40, "parent": 4}),
        (Scope.GUILD, {"user": 6, "guild": 7, "channel": 40}),
        (Scope.INSTALLATION, {"user": 6, "guild": 8, "channel": 40}),
    ],
)
async def test_a_limit_counts_whoever_is_in_its_scope(
    ledger: Ledger, scope: Scope, counted: dict[str, int]
) -> None:
    await reserve(ledger, request(1, **counted))

    await refusal(ledger, request(2), limit(scope, 1))


@pytest.mark.parametrize(
    ("scope", "apart"),
    [
        (Scope.USER, {"user": 6, "guild": 7, "channel": 4}),
        (Scope.MEMBER, {"user": 5, "guild": 8, "channel": 4}),
        (Scope.MEMBER, {"user": 6, "guild": 7, "channel": 4}),
        (Scope.CHANNEL, {"user": 5, "guild": 7, "channel": 40}),
        (Scope.CHANNEL, {"user": 5, "guild": 7, "channel": 4, "parent": 40}),
        (Scope.GUILD, {"user": 5, "guild": 8, "channel": 4}),
    ],
)
async def test_a_limit_counts_nobody_else(
    ledger: Ledger, scope: Scope, apart: dict[str, int]
) -> None:
    await reserve(ledger, request(1, **apart))

    await reserve(ledger, request(2), limit(scope, 1))


async def test_all_limits_hold_at_once_and_the_first_without_room_is_named(ledger: Ledger) -> None:
    limits = [limit(Scope.USER, 5), limit(Scope.CHANNEL, 1), limit(Scope.GUILD, 1)]
    await reserve(ledger, request(1), *limits)

    refused = await refusal(ledger, request(2), *limits)

    assert refused.scope == Scope.CHANNEL


async def test_a_released_reservation_makes_room_again(ledger: Ledger) -> None:
    limits = [limit(Scope.USER, 1), limit(Scope.INSTALLATION, PRICE, unit=Unit.MICROS)]
    row = await reserve(ledger, request(1), *limits)
    await ledger.finish(row, Status.CANCELED, now=3_000, bought=False)

    await reserve(ledger, request(2), *limits)


@pytest.mark.parametrize("status", [Status.FAILED, Status.UNKNOWN])
async def test_what_may_be_billed_frees_the_person_but_not_the_payer(
    ledger: Ledger, status: Status
) -> None:
    await ended(ledger, request(1), status, bought=True)

    await reserve(ledger, request(2), limit(Scope.MEMBER, 1))
    for scope in PAYERS:
        await refusal(ledger, request(3), limit(scope, 2))
        await refusal(ledger, request(3), limit(scope, 3 * PRICE - 1, unit=Unit.MICROS))


async def test_what_was_canceled_after_the_create_counts_in_both_books(ledger: Ledger) -> None:
    await ended(ledger, request(1), Status.CANCELED, bought=True)

    await refusal(ledger, request(2), limit(Scope.USER, 1))
    await refusal(ledger, request(2), limit(Scope.GUILD, 1))


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.FILTER])
async def test_a_generation_counts_in_the_window_of_its_reservation(
    ledger: Ledger, scope: Scope
) -> None:
    row = await reserve(ledger, request(1), now=1_999)
    row = await dispatch(ledger, row, now=2_500) or row
    await ledger.finish(row, Status.FAILED, now=3_000, bought=True)

    await reserve(ledger, request(2), limit(scope, 1, since=2_000), now=2_000)


async def test_money_is_not_spent_where_no_price_is_known(ledger: Ledger) -> None:
    budget = limit(Scope.GUILD, 10 * PRICE, unit=Unit.MICROS)

    await refusal(ledger, request(1), budget, price=None)


async def test_images_bought_before_there_was_a_price_count_at_the_one_of_now(
    ledger: Ledger,
) -> None:
    await reserve(ledger, request(1), price=None)

    await refusal(ledger, request(2), limit(Scope.GUILD, 2 * PRICE - 1, unit=Unit.MICROS))
    await reserve(ledger, request(2), limit(Scope.GUILD, 2 * PRICE, unit=Unit.MICROS))


async def refused_by_filter(ledger: Ledger, number: int, at: int) -> None:
    row = await reserve(ledger, request(number))
    row = await dispatch(ledger, row, now=at) or row
    await ledger.finish(row, Status.FAILED, now=at, bought=True, error="safety")


async def test_after_five_refusals_by_the_filter_one_waits_until_the_first_is_an_hour_old(
    ledger: Ledger,
) -> None:
    now = 10 * HOUR_MS
    brake = Limit(Scope.FILTER, Unit.REFUSALS, Period.HOUR, 5, now - HOUR_MS, now + HOUR_MS)
    for number, minutes in enumerate((70, 50, 40, 30, 20)):
        await refused_by_filter(ledger, number, now - minutes * 60_000)
    await reserve(ledger, request(10), brake)

    await refused_by_filter(ledger, 20, now - 60_000)

    refused = await refusal(ledger, request(11), brake)
    assert (refused.scope, refused.limit) == ("filter", 5)
    assert refused.resets_at == now + 10 * 60_000


async def test_a_pause_of_everything_refuses_and_says_so(ledger: Ledger) -> None:
    await ledger.facts.write("paused", "1")

    with pytest.raises(Paused) as caught:
        await reserve(ledger, request())

    assert caught.value.scope == "installation"


async def test_who_waits_in_line_goes_on_waiting_while_all_is_paused(ledger: Ledger) -> None:
    row = await reserve(ledger, request())
    await ledger.facts.write("paused", "1")

    assert await dispatch(ledger, row, now=2_000) is None


async def test_a_reservation_screened_with_other_settings_is_not_made(ledger: Ledger) -> None:
    with pytest.raises(PolicyChanged):
        await reserve(ledger, request(), version=1)


@pytest.mark.parametrize(
    ("capacity", "scope"),
    [
        (Capacity(waiting=100, user_waiting=1), "user"),
        (Capacity(waiting=1, user_waiting=100), "installation"),
    ],
)
async def test_a_full_line_is_named_whatever_the_quotas_are(
    ledger: Ledger, capacity: Capacity, scope: str
) -> None:
    await reserve(ledger, request(1))

    with pytest.raises(Refused) as caught:
        await reserve(ledger, request(2), limit(Scope.USER, 9), capacity=capacity)

    assert isinstance(caught.value, QueueFull)
    assert caught.value.scope == scope


async def plan(database: Database, limits: Sequence[Scope]) -> str:
    """How SQLite carries out the sums."""
    from bot.storage.ledger import _SQL
    from bot.storage.spending import as_json

    rows = await database.read(
        "explain query plan " + _SQL["spent"],
        {
            "limits": as_json([limit(scope, 1) for scope in limits]),
            "user_id": 5,
            "pseudonym": -5,
            "guild_id": 7,
            "place_id": 4,
            "price_micros": PRICE,
            "images": 1,
        },
    )
    return "\n".join(row["detail"] for row in rows)


@pytest.mark.sqlite("its query plans")
async def test_every_sum_reads_one_range_of_an_index_of_its_own(database: Database) -> None:
    told = await plan(database, list(Scope))

    for index in (
        "generation_quota_by_user",
        "generation_filtered",
        "generation_budget_by_place",
        "generation_budget_by_guild",
        "generation_budget",
    ):
        assert f"USING COVERING INDEX {index} " in told, told
    assert "SCAN generation" not in told
