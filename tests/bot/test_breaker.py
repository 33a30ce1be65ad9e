"""The breaker: when purchases stop, how they are tried again, and at what price."""

from __future__ import annotations

import pytest

from bot.errors import (
    AuthenticationFailed,
    CreateUnknown,
    InputInvalid,
    ModelNotFound,
    OutOfCredit,
    PredictionCanceled,
    PredictionTimeout,
    ProviderError,
    ProviderTrouble,
    SafetyRefused,
)
from bot.request.breaker import FIRST_REST_MS, LONGEST_REST_MS, MOST_FAILURES, Breaker

REST = FIRST_REST_MS


def broken(error: ProviderError, times: int = 1) -> Breaker:
    breaker = Breaker()
    for number in range(times):
        breaker.ended(f"{number}-0", error, now=0)
    return breaker


@pytest.mark.parametrize("error", [AuthenticationFailed(), OutOfCredit()])
def test_an_account_that_cannot_buy_stops_purchases_at_once(error: ProviderError) -> None:
    breaker = broken(error)

    assert breaker.reason == error.code
    assert not breaker.admits(REST - 1)
    assert breaker.creates(50, REST - 1) == 0


@pytest.mark.parametrize(
    "error",
    [
        ProviderTrouble(),
        CreateUnknown(),
        PredictionTimeout(),
        PredictionCanceled(),
        ModelNotFound(),
    ],
)
def test_ten_failures_in_a_row_stop_purchases_and_nine_do_not(error: ProviderError) -> None:
    assert broken(error, MOST_FAILURES - 1).reason is None
    assert broken(error, MOST_FAILURES).reason == error.code


@pytest.mark.parametrize("between", [None, SafetyRefused(), InputInvalid()])
def test_whatever_shows_that_the_provider_works_begins_the_count_anew(
    between: ProviderError | None,
) -> None:
    breaker = broken(ProviderTrouble(), MOST_FAILURES - 1)
    breaker.ended("x-0", between, now=0)
    for number in range(MOST_FAILURES - 1):
        breaker.ended(f"{number}-1", ProviderTrouble(), now=0)

    assert breaker.reason is None


def test_what_people_typed_never_stops_purchases() -> None:
    assert broken(SafetyRefused(), 100).reason is None


def test_after_its_rest_one_purchase_is_tried_and_no_second_beside_it() -> None:
    breaker = broken(OutOfCredit())

    assert breaker.creates(50, REST) == 1
    breaker.bought("probe-0")

    assert breaker.creates(50, REST) == 0
    assert not breaker.admits(REST)
    assert breaker.wait(REST) is None


def test_a_probe_that_fails_doubles_the_rest_up_to_an_hour() -> None:
    breaker, now, rests = broken(OutOfCredit()), REST, []
    for _ in range(10):
        breaker.bought("probe-0")
        breaker.ended("probe-0", OutOfCredit(), now)
        rests.append(breaker.wait(now))
        now += rests[-1] or 0

    assert rests[:3] == [2 * REST, 4 * REST, 8 * REST]
    assert rests[-1] == LONGEST_REST_MS


def test_an_accepted_create_shows_that_the_account_can_buy_again() -> None:
    breaker = broken(OutOfCredit())
    breaker.bought("probe-0")

    breaker.accepted("probe-0")

    assert breaker.reason is None
    assert breaker.creates(50, REST) == 50


def test_after_failures_only_an_image_shows_that_it_is_over() -> None:
    breaker = broken(ProviderTrouble(), MOST_FAILURES)
    breaker.bought("probe-0")
    breaker.accepted("probe-0")
    assert breaker.reason is not None

    breaker.ended("probe-0", None, REST)

    assert breaker.reason is None


def test_what_was_under_way_when_it_opened_decides_nothing() -> None:
    breaker = broken(OutOfCredit())
    breaker.ended("older-0", None, now=1)
    breaker.accepted("older-0")
    breaker.ended("older-1", OutOfCredit(), now=1)

    assert breaker.reason is not None
    assert breaker.wait(1) == REST - 1


def test_a_probe_that_was_put_off_makes_room_for_the_next_at_once() -> None:
    breaker = broken(OutOfCredit())
    breaker.bought("probe-0")
    breaker.put_off("probe-0")

    assert breaker.creates(50, REST) == 1


@pytest.mark.parametrize("error", [None, SafetyRefused(), InputInvalid()])
def test_a_probe_that_ends_by_what_people_did_says_nothing_and_costs_a_rest(
    error: ProviderError | None,
) -> None:
    breaker = broken(ProviderTrouble(), MOST_FAILURES)
    breaker.bought("probe-0")
    if error is None:
        breaker.released("probe-0", REST)
    else:
        breaker.ended("probe-0", error, REST)

    assert breaker.reason is not None
    assert breaker.creates(50, 2 * REST - 1) == 0
    assert breaker.creates(50, 2 * REST) == 1


def test_each_change_is_told_once() -> None:
    breaker, told = Breaker(), list[str | None]()
    breaker.changed = told.append
    for number in range(5):
        breaker.ended(f"{number}-0", OutOfCredit(), now=0)
    breaker.bought("probe-0")
    breaker.accepted("probe-0")
    breaker.ended("probe-0", None, now=REST)

    assert told == ["out_of_credit", None]


def test_a_restart_finds_it_open_and_may_probe_at_once() -> None:
    breaker, told = Breaker(), list[str | None]()
    breaker.changed = told.append
    breaker.resume("authentication", now=5)

    assert (breaker.creates(9, 5), told) == (1, [])
