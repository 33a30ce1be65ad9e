"""The event loop's lag: measured, and said when it is too much."""

from __future__ import annotations

import logging

import pytest

from bot.lag import LoopLag


def test_its_figures_are_those_of_the_samples() -> None:
    lag = LoopLag()
    for milliseconds in range(1, 102):
        lag.note(milliseconds / 1000, now=0.0)

    assert lag.figures() == {
        "loop_lag_p50_ms": 51.0,
        "loop_lag_p99_ms": 100.0,
        "loop_lag_max_ms": 101.0,
    }


def test_without_samples_there_is_no_lag() -> None:
    assert LoopLag().figures()["loop_lag_max_ms"] == 0.0


def test_a_blocked_loop_is_said_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    lag = LoopLag()
    with caplog.at_level(logging.WARNING):
        for now in (0.0, 1.0, 59.0, 61.0):
            lag.note(0.2, now)
            lag.note(0.01, now)

    assert [record.message for record in caplog.records] == ["loop blocked"] * 2
