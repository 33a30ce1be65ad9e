"""Budgets of calls: kept in every minute, and none wasted for long."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.budget import CALM_MS, Budget, CreateBudget, Turnstile


def taken(budget: Budget, moments: Sequence[int]) -> list[int]:
    """When calls were had, asked for at these moments."""
    return [now for now in moments if budget.take(now) == 0]


def most_in_a_minute(times: Sequence[int]) -> int:
    return max(bisect_left(times, begin + 60_000, n) - n for n, begin in enumerate(times))


def most_at_once(times: Sequence[int]) -> int:
    return max(times.count(t) for t in times)


@pytest.mark.parametrize("per_minute", [1, 2, 6, 29, 30, 31, 600, 3000])
def test_a_minute_is_used_up_and_never_exceeded(per_minute: int) -> None:
    times = taken(Budget(per_minute), [now for now in range(0, 150_000, 10) for _ in range(3)])

    assert most_in_a_minute(times) <= per_minute
    in_the_second_minute = sum(60_000 <= t < 120_000 for t in times)
    assert 0.9 * per_minute - 1 <= in_the_second_minute <= per_minute


@given(
    st.integers(1, 3000),
    st.lists(st.integers(0, 20_000), min_size=1, max_size=300),
)
def test_no_minute_of_any_arrivals_exceeds_the_budget(per_minute: int, gaps: list[int]) -> None:
    now, moments = 0, []
    for gap in gaps:
        now += gap
        moments.append(now)
    times = taken(Budget(per_minute), moments)

    assert most_in_a_minute(times) <= per_minute


def test_at_most_two_seconds_worth_come_at_once() -> None:
    assert most_at_once(taken(Budget(3000), [7] * 500)) == 100
    assert most_at_once(taken(Budget(6), [7] * 500)) == 1


def test_the_wait_that_it_names_is_enough() -> None:
    budget = Budget(6)
    budget.take(0)

    wait = budget.take(0)

    assert budget.take(wait - 1) > 0
    assert budget.take(wait) == 0


def test_its_room_is_what_can_be_taken() -> None:
    budget = Budget(3000)
    for expected in range(100, 0, -1):
        assert budget.room(5) == expected
        assert budget.take(5) == 0
    assert budget.room(5) == 0


def test_a_clock_that_is_set_back_makes_nobody_wait_for_it() -> None:
    budget = Budget(60)
    for now in (10_000_000, 10_000_001, 10_000_002):
        budget.take(now)

    assert budget.wait(0) <= 2_000


def test_a_time_that_is_a_little_old_gives_nothing_back() -> None:
    """Whoever looked at the clock, waited for something else and came late is no clock set back."""
    budget = Budget(60)
    for now in range(0, 30_000, 100):
        budget.take(now)
        budget.wait(now + 90)
    allowed = sum(budget.take(30_000) == 0 for _ in range(100))

    assert allowed <= 1


def test_while_it_rests_there_is_no_call() -> None:
    budget = Budget(3000)
    budget.rest(5_000)

    assert taken(budget, [0, 4_999, 5_000]) == [5_000]


def test_a_refused_create_lowers_the_rate_to_what_was_named() -> None:
    creates = CreateBudget(600)

    until = creates.refused(1_000, sent_at=900, wait_ms=10_000, per_minute=6)

    assert (until, creates.per_minute) == (11_000, 6)
    assert creates.wait(1_000) == 10_000


def test_refusals_of_creates_that_were_under_way_lower_it_only_once() -> None:
    creates = CreateBudget(600)
    for _ in range(20):
        creates.refused(1_000, sent_at=900, wait_ms=0, per_minute=None)

    assert creates.per_minute == 150


def test_a_refusal_never_raises_the_rate() -> None:
    creates = CreateBudget(600)
    creates.refused(1_000, sent_at=900, wait_ms=0, per_minute=6)
    creates.refused(90_000, sent_at=80_000, wait_ms=0, per_minute=600)

    assert creates.per_minute == 6


def test_the_rate_recovers_step_by_step_up_to_what_is_set() -> None:
    creates = CreateBudget(600)
    creates.refused(0, sent_at=0, wait_ms=0, per_minute=None)
    seen = []
    for minutes in range(0, 25, 5):
        creates.wait(minutes * 60_000)
        seen.append(creates.per_minute)

    assert seen == [150, 300, 600, 600, 600]
    assert CALM_MS == 5 * 60_000


def test_a_provider_cannot_raise_the_rate_beyond_what_is_set() -> None:
    creates = CreateBudget(60)
    creates.refused(0, sent_at=0, wait_ms=0, per_minute=6000)

    assert creates.per_minute == 60


class Clock:
    """Time that passes as it is waited for."""

    def __init__(self) -> None:
        self.time = 0

    def now(self) -> int:
        return self.time

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        await asyncio.sleep(0)
        self.time += round(seconds * 1000)


async def test_callers_come_through_in_the_order_they_came_and_one_may_leave() -> None:
    turnstile, came = Turnstile(Budget(6), Clock()), []

    async def come(name: str) -> None:
        await turnstile.turn()
        came.append(name)

    tasks = [asyncio.create_task(come(name)) for name in "abcd"]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert came == ["a", "b", "d"]
