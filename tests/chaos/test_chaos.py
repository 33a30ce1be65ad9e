"""The short form of `make chaos`; and the proof that it can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.lane import Order, run_lane

HURRY_MS = 2_500


@pytest.mark.fault(
    "kill -9 of the bot at named points and at random times, 8 times on one data directory, "
    "HTTP faults of both sides mixed in",
    sees="the same reply goes on after the restart, and ends with the image or with the reason",
    charged="at most once a request",
)
async def test_eight_kills_lose_nothing_and_buy_nothing_twice(tmp_path: Path) -> None:
    verdict = await run_lane(Order(8, 7, tmp_path, hurry_ms=HURRY_MS, settle_seconds=30))

    assert verdict.broken == [], verdict.notes
    assert verdict.kills == 8
    assert verdict.delivered > 0


@pytest.mark.fault(
    "kill -9 of the bot, 8 times on one data directory, while moderators decide and delete in a "
    "reviewed channel",
    sees="nothing before it is approved, and nothing again that a moderator deleted",
    charged="at most once a request",
)
async def test_kills_show_nothing_before_it_is_approved_and_nothing_again(tmp_path: Path) -> None:
    order = Order(8, 7, tmp_path, hurry_ms=HURRY_MS, settle_seconds=60, reviewed=True)
    verdict = await run_lane(order)

    assert verdict.broken == [], verdict.notes
    assert verdict.kills == 8
    assert verdict.delivered > 0
    assert verdict.failed["rejected"] > 0


async def test_a_bot_that_buys_again_blindly_is_found_out(tmp_path: Path) -> None:
    point = "create accepted, not answered"
    order = Order(
        *(3, 7, tmp_path, "blind-repost"), points=(point,), hurry_ms=HURRY_MS, settle_seconds=30
    )
    verdict = await run_lane(order)

    assert verdict.points[point] > 0
    assert verdict.predictions_per_request > 1
    assert verdict.doubles > 0
    assert verdict.broken


async def test_a_bot_that_shows_what_is_not_approved_is_found_out(tmp_path: Path) -> None:
    order = Order(
        *(3, 7, tmp_path, "review-in-the-open"), hurry_ms=HURRY_MS, settle_seconds=20, reviewed=True
    )
    verdict = await run_lane(order)

    assert verdict.leaks > 0
    assert verdict.broken
