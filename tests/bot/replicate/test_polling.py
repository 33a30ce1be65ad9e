"""Where polls are placed. Simulated with fixed seeds and no clock; lag is poll minus completion."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count, takewhile
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.replicate.polling import MAX_WAIT, MIN_WAIT, PRICE, Schedule

Shape = Callable[[random.Random], float]

UNKNOWN = Schedule.learned(())
#: Predictions measured; sets learned from, and durations in a set.
MEASURED, SETS, LEARNED = 2000, 100, 50


def lognormal(mean: float, sigma: float, chance: random.Random) -> float:
    return chance.lognormvariate(math.log(mean) - sigma**2 / 2, sigma)


TIGHT = partial(lognormal, 9.0, 0.2)
WIDE = partial(lognormal, 9.0, 0.6)
SLOW = partial(lognormal, 60.0, 0.2)
FAST = partial(lognormal, 0.8, 0.2)


def cold_starts(chance: random.Random) -> float:
    return lognormal(4.0, 0.2, chance) if chance.random() < 0.85 else lognormal(60.0, 0.2, chance)


def some(shape: Shape, number: int, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [shape(chance) for _ in range(number)]


def polls(schedule: Schedule) -> Iterator[float]:
    time = 0.0
    while True:
        time += schedule.delay(time)
        yield time


def cost(times: Iterable[float], durations: Iterable[float]) -> tuple[float, float]:
    """Mean lag and mean number of polls of predictions that are all polled at `times`."""
    following, looks, time = iter(times), 0, 0.0
    lags, looked = [], []
    for duration in sorted(durations):
        while time < duration:
            time, looks = next(following), looks + 1
        lags.append(time - duration)
        looked.append(looks)
    return fmean(lags), fmean(looked)


def learned(shape: Shape, known: int = LEARNED) -> tuple[float, float]:
    """The mean cost over SETS schedules, each learned from `known` durations."""
    durations = some(shape, MEASURED, seed=0)
    schedules = (Schedule.learned(some(shape, known, seed)) for seed in range(1, SETS + 1))
    lags, looked = zip(*(cost(polls(each), durations) for each in schedules), strict=True)
    return fmean(lags), fmean(looked)


def every(seconds: float, shape: Shape) -> tuple[float, float]:
    return cost(count(seconds, seconds), some(shape, MEASURED, seed=0))


def test_a_known_model_beats_polling_every_half_second_with_two_fifths_of_its_polls() -> None:
    (lag, looks), (floor_lag, floor_looks) = learned(TIGHT), every(0.5, TIGHT)
    assert lag < 0.96 * floor_lag
    assert looks < 0.40 * floor_looks


def test_the_more_is_known_the_less_it_costs() -> None:
    costs = [lag + PRICE * looks for lag, looks in (learned(TIGHT, n) for n in (0, 1, 4, 50))]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 0.6 * costs[0]


def test_four_durations_are_worth_most_of_what_fifty_are() -> None:
    few, many = (lag + PRICE * looks for lag, looks in (learned(TIGHT, n) for n in (4, 50)))
    assert few < 1.25 * many


def test_a_broad_spread_takes_fewer_polls_for_a_lag_nobody_notices() -> None:
    lag, looks = learned(WIDE)
    assert lag < 0.4
    assert looks < 0.6 * every(0.5, WIDE)[1]


def test_a_slow_model_is_polled_as_little_as_a_quick_one_for_the_same_share_of_the_wait() -> None:
    lag, looks = learned(SLOW)
    assert lag < 0.025 * 60
    assert looks < 10


def test_a_model_that_takes_less_than_a_second_is_seen_at_once() -> None:
    lag, looks = learned(FAST)
    assert lag < 0.1
    assert looks < 3


def test_cold_starts_neither_delay_warm_images_nor_are_polled_like_them() -> None:
    schedule = Schedule.learned(some(cold_starts, LEARNED))
    lag, _ = cost(polls(schedule), some(partial(lognormal, 4.0, 0.2), MEASURED))
    cold_lag, looks = cost(polls(schedule), some(SLOW, MEASURED))
    assert lag < 0.25
    assert cold_lag < 0.04 * 60
    assert looks < 0.25 * 120


def test_a_model_never_seen_is_polled_in_proportion_to_elapsed_time() -> None:
    assert 0.5 < UNKNOWN.delay(0) < 0.6
    waits = [UNKNOWN.delay(elapsed) / elapsed for elapsed in (10, 30, 100, 200)]
    assert all(0.08 < wait < 0.11 for wait in waits)
    assert UNKNOWN.delay(600) == MAX_WAIT


def test_nothing_is_asked_while_hardly_any_can_have_ended() -> None:
    durations = sorted(some(TIGHT, 200))
    first = Schedule.learned(durations).delay(0)
    assert durations[1] < first < durations[20]


def test_a_slower_prediction_than_ever_is_polled_like_one_of_an_unknown_model() -> None:
    schedule = Schedule.learned(some(TIGHT, LEARNED))
    for elapsed in (30.0, 60.0, 100.0, 1000.0):
        assert schedule.delay(elapsed) == pytest.approx(UNKNOWN.delay(elapsed), rel=0.03)


def test_an_end_sooner_than_ever_waits_no_longer_than_the_longest_wait() -> None:
    assert next(polls(Schedule.learned([600.0] * 200))) == MAX_WAIT


def test_where_all_took_the_same_time_the_poll_comes_right_after_it() -> None:
    first = Schedule.learned([3.0] * LEARNED).delay(0)
    assert 3.0 <= first < 3.1


def test_one_outlier_changes_next_to_nothing() -> None:
    durations = some(TIGHT, LEARNED)
    without, spoiled = (Schedule.learned(known) for known in (durations, [*durations, 3600.0]))
    before, after = (cost(polls(each), durations) for each in (without, spoiled))
    assert after == pytest.approx(before, rel=0.1)


@pytest.mark.parametrize("mean", [4.5, 18.0])
def test_a_model_that_changes_its_speed_is_learned_again(mean: float) -> None:
    now = partial(lognormal, mean, 0.2)
    history, measured = some(TIGHT, LEARNED), some(now, MEASURED)
    first, tenth, fiftieth = (
        cost(polls(Schedule.learned([*some(now, new, seed=2), *history])), measured)[0]
        for new in (0, 10, 50)
    )
    assert first < 0.5 * mean
    assert tenth < 0.65
    assert fiftieth < 0.5


def test_newer_durations_count_more() -> None:
    old, new = some(TIGHT, 100), some(partial(lognormal, 4.5, 0.2), 20)
    measured = some(partial(lognormal, 4.5, 0.2), MEASURED)
    newest_first, newest_last = (
        cost(polls(Schedule.learned(history)), measured)[0]
        for history in ([*new, *old], [*old, *new])
    )
    assert newest_first < newest_last


def test_a_late_poll_is_followed_by_the_wait_of_its_own_moment() -> None:
    """Polls are delayed by budgets and networks: what counts is the time that has elapsed."""
    schedule = Schedule.learned(some(TIGHT, LEARNED))
    planned = list(takewhile(lambda time: time < 20, polls(schedule)))
    following = [time + 0.2 + schedule.delay(time + 0.2) for time in planned]
    assert all(0 < after - plan < 0.5 for after, plan in zip(following, planned[1:], strict=False))


durations_at_all = st.lists(
    st.sampled_from([0.0, -1.0, math.inf, math.nan, 5e-324, 1e308])
    | st.floats(min_value=0, max_value=1e5)
    | st.floats(),
    max_size=200,
)


@given(durations_at_all, st.floats(min_value=-1e9, max_value=1e9))
def test_every_wait_is_within_its_bounds_whatever_was_remembered(
    durations: list[float], elapsed: float
) -> None:
    assert MIN_WAIT <= Schedule.learned(durations).delay(elapsed) <= MAX_WAIT


@given(durations_at_all)
def test_an_hour_takes_a_bounded_number_of_polls_whatever_was_remembered(
    durations: list[float],
) -> None:
    schedule = Schedule.learned(durations)
    looks = sum(1 for _ in takewhile(lambda time: time < 3600, polls(schedule)))
    assert 3600 / MAX_WAIT - 1 <= looks <= 400


@given(st.floats(min_value=0, max_value=120), st.integers(min_value=1, max_value=200))
def test_when_memory_is_too_short_the_lag_stays_a_small_share_of_the_wait(
    remembered: float, times: int
) -> None:
    """Of a prediction that takes longer than all that is remembered, by however much."""
    schedule = Schedule.learned([remembered] * times)
    for time in takewhile(lambda time: time < 10 * remembered, polls(schedule)):
        if time > remembered:
            assert schedule.delay(time) <= 0.6 + 0.1 * time
