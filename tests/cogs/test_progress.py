"""What progress costs: as few edits as tell the truth."""

from __future__ import annotations

import pytest

from bot.errors import RateLimited
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


def edits_of(world: World) -> list[str]:
    """Filled, from now on, with what every edit shows."""
    seen: list[str] = []
    world.env.backend.subscribers.append(
        lambda event, payload: (
            seen.append(payload["content"]) if event == "MESSAGE_UPDATE" else None
        )
    )
    return seen


async def test_an_ordinary_image_of_a_known_model_costs_one_edit_of_progress(
    world: World,
) -> None:
    for _ in range(3):
        await world.imagine()
        await world.env.advance_time(15)
    edits = edits_of(world)

    await world.imagine()
    await world.env.advance_time(15)

    [progress, finished] = edits
    assert "Generating" in progress
    assert "usually about 9 s" in progress
    assert "AI-generated" in finished


async def test_what_is_over_within_a_second_is_answered_by_the_image_at_once(
    world: World,
) -> None:
    world.provider.seconds = 0.4
    edits = edits_of(world)

    await world.imagine()
    await world.env.advance_time(15)

    [finished] = edits
    assert "AI-generated" in finished


async def test_an_end_does_not_wait_for_progress_that_waits_for_its_time(world: World) -> None:
    """A request that fails at once says so at once, although its message was just edited."""
    world.provider.create_errors = [RateLimited("busy", 429, retry_after=30)]
    await world.imagine()
    await world.env.advance_time(5)
    edits = edits_of(world)

    await world.alice.click(world.message, label="Cancel")
    await world.env.advance_time(0.1)

    assert "Canceled" in edits[-1]
