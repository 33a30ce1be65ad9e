"""Generations under every kind of trouble: they end, truly, and are bought once."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, suppress

import pytest

from bot.domain.generation import Entry, Status
from bot.domain.prediction import PredictionStatus
from bot.errors import ProviderTrouble, RateLimited
from tests import broken
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")

BY_TOKEN = "/webhooks/*"
BY_BOT = "/channels/*/messages/*"


def refusing(world: World, column: str) -> AbstractAsyncContextManager[None]:
    return broken.refusing(world.database, f"update of {column}")


@pytest.mark.fault(
    "the database fails between the purchase and its record",
    sees="progress, then the image",
    charged="one image",
)
async def test_a_predictions_id_that_cannot_be_recorded_yet_is_not_forgotten(
    world: World,
) -> None:
    world.provider.can_list = False
    async with refusing(world, "prediction_id"):
        await world.imagine()
        await world.env.advance_time(20)
        assert (await world.row()).status is Status.SUBMITTING
    await world.env.advance_time(30)

    assert (await world.row()).status is Status.DELIVERED
    assert len(world.provider.inputs) == 1
    assert (await world.row()).message_id == world.message.id


@pytest.mark.fault(
    "the database fails right after the acknowledgement",
    sees="thinking, then the image",
    charged="one image, bought once the disk works",
)
async def test_an_intent_that_cannot_be_recorded_yet_buys_nothing_until_it_can(
    world: World,
) -> None:
    async with refusing(world, "submitted_at"):
        await world.imagine()
        await world.env.advance_time(30)
        assert world.provider.inputs == []
    await world.env.advance_time(30)

    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the disk fails for a while when the image is to be recorded",
    sees="progress, then the image",
    charged="one image",
)
async def test_a_failing_disk_delays_an_image_but_does_not_lose_it(
    world: World,
) -> None:
    await world.imagine()
    async with refusing(world, "outputs"):
        for _ in range(10):
            await world.env.advance_time(120)
        assert (await world.row()).status is Status.RUNNING
    await world.env.advance_time(30)

    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the bot is away past the deadline and comes back without a network",
    sees="the image",
    charged="one image",
)
async def test_after_a_long_absence_the_provider_gets_more_than_one_chance_to_answer(
    world: World,
) -> None:
    await world.imagine()
    await world.env.advance_time(3)
    await world.bot.imagine.close(0)
    await world.env.advance_time(700)
    world.provider.poll_errors = [ProviderTrouble("no network yet")] * 3
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(60)

    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "a prediction ends after its deadline",
    sees="the image, late",
    charged="one image",
)
@pytest.mark.parametrize(("can_cancel", "late"), [(True, 20), (False, 600)])
async def test_what_ends_a_little_after_the_deadline_is_delivered_all_the_same(
    world: World, can_cancel: bool, late: int
) -> None:
    world.provider.can_cancel = can_cancel
    world.provider.seconds = 600 + late
    world.provider.takes_cancels = False
    await world.imagine()
    await world.env.advance_time(600 + late + 20)

    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the provider says not now without saying when (429, wait 0)",
    sees="waiting for a turn, with the next try",
    charged="nothing until it is accepted",
)
async def test_a_not_now_without_a_wait_is_not_hammered(world: World) -> None:
    world.provider.create_errors = [RateLimited("busy", 429, retry_after=0)] * 1000

    await world.imagine()
    await world.env.advance_time(60)

    assert 4 <= len(world.provider.inputs) <= 8


@pytest.mark.fault(
    "the provider asks for an hour's wait (429)",
    sees="its turn did not come in time",
    charged="nothing",
)
@pytest.mark.moves("queued>expired", "submitting>queued")
async def test_a_wait_longer_than_the_queues_deadline_ends_at_the_deadline(world: World) -> None:
    world.provider.create_errors = [RateLimited("busy", 429, retry_after=3600)]

    await world.imagine()
    await world.env.advance_time(10 * 60 + 5)

    assert (await world.row()).status is Status.EXPIRED
    assert "You were not charged" in world.content


@pytest.mark.fault(
    "polls are rate-limited (429)",
    sees="progress, then the image",
    charged="one image",
)
async def test_polls_rest_as_long_as_the_provider_says(world: World) -> None:
    world.provider.seconds = 60
    world.provider.poll_errors = [RateLimited("slow down", 429, retry_after=30)]

    await world.imagine()
    await world.env.advance_time(35)

    assert world.provider.polls[1] - world.provider.polls[0] >= 30_000


@pytest.mark.fault(
    "the finished file cannot be fetched for a while",
    sees="the image, later",
    charged="one image",
)
async def test_an_output_that_cannot_be_fetched_for_a_while_is_fetched_later(
    world: World,
) -> None:
    world.provider.download_errors = [ProviderTrouble("502", 502)] * 6

    await world.imagine()
    await world.env.advance_time(180)

    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the finished file is gone (404)",
    sees="the provider had a problem",
    charged="the person nothing, the payer's budget one image",
)
async def test_an_output_that_cannot_be_fetched_at_all_fails_after_ten_minutes(
    world: World,
) -> None:
    world.provider.download_errors = [ProviderTrouble("404", 404)] * 1000

    await world.imagine()
    await world.env.advance_time(12 * 60)

    assert (await world.row()).status is Status.FAILED


@pytest.mark.fault(
    "Discord is away when a generation fails",
    sees="the failure, once Discord is back",
    charged="nothing for the person",
)
async def test_an_end_is_said_even_if_discord_is_away_for_half_an_hour(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(5)
    world.provider.ends_as = PredictionStatus.FAILED
    for path in (BY_TOKEN, BY_BOT):
        world.env.inject_error("PATCH", path, status=503, times=None)
    for _ in range(6):
        await world.env.advance_time(5 * 60)
    assert (await world.row()).request.token
    world.env.backend.faults.clear()
    await world.env.advance_time(30)

    assert "You were not charged" in world.content
    assert world.message.components == []
    assert (await world.row()).request.token == ""


@pytest.mark.fault(
    "the bot stops between a failure and saying so",
    sees="the failure, after the restart",
    charged="nothing for the person",
)
async def test_an_end_that_was_not_said_is_said_by_the_next_process(world: World) -> None:
    await world.imagine()
    world.provider.ends_as = PredictionStatus.FAILED
    world.env.inject_error("PATCH", BY_TOKEN, status=503, times=None)
    await world.env.advance_time(30)
    await world.bot.imagine.close(0)
    world.env.backend.faults.clear()
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(5)

    assert "You were not charged" in world.content


@pytest.mark.fault(
    "Discord answers progress edits with 503",
    sees="progress, a little later",
    charged="one image",
)
async def test_progress_that_discord_did_not_take_is_shown_again(world: World) -> None:
    world.provider.seconds = 300
    world.env.inject_error("PATCH", BY_TOKEN, status=503, times=2)

    await world.imagine()
    await world.env.advance_time(30)

    assert "Generating" in world.content


@pytest.mark.fault(
    "Discord takes no answer to a press of Cancel",
    sees="canceled",
    charged="one image: it was sent already",
)
async def test_a_press_that_discord_lets_nobody_answer_cancels_all_the_same(
    world: World,
) -> None:
    await world.imagine()
    await world.env.advance_time(4)
    world.env.inject_error("POST", "/interactions/*", status=404, code=10062, times=None)

    await world.alice.click(world.message, label="Cancel")
    await world.env.advance_time(5)

    assert (await world.row()).status is Status.CANCELED


@pytest.mark.fault(
    "the bot is stopped while somebody waits for a turn",
    sees="the image, after the restart",
    charged="one image",
)
async def test_a_stop_buys_nothing_more_and_does_not_wait_for_those_in_line(
    world: World,
) -> None:
    world.provider.create_errors = [RateLimited("busy", 429, retry_after=300)]
    await world.imagine()

    left = await world.bot.imagine.close(1000)

    assert left == 0
    assert (await world.row()).status is Status.QUEUED
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(330)
    assert (await world.row()).status is Status.DELIVERED
    assert len(world.provider.inputs) == 2


@pytest.mark.fault(
    "the bot is stopped in the middle of a purchase",
    sees="progress goes on after the restart",
    charged="one image",
)
async def test_a_create_under_way_at_a_stop_is_answered_and_recorded(world: World) -> None:
    world.provider.can_list = False
    world.provider.answers = asyncio.Event()
    asked = asyncio.create_task(world.imagine())
    while not world.provider.inputs:  # noqa: ASYNC110 - one turn of the loop at a time
        await asyncio.sleep(0)

    closing = asyncio.create_task(world.bot.imagine.close(0))
    await asyncio.sleep(0)
    world.provider.answers.set()
    await asyncio.gather(closing, asked)

    row = await world.row()
    assert (row.status, row.prediction_id) == (Status.RUNNING, "p0")


@pytest.mark.fault(
    "our own step fails for longer than a day",
    sees="no answer, operator informed",
    charged="the person nothing, the payer's budget one image",
)
@pytest.mark.moves("running>unknown")
async def test_a_row_that_cannot_be_moved_for_a_day_ends_as_unknown(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(3)
    await world.bot.imagine.close(0)
    async with world.database.transaction() as connection:
        await connection.fetch("update generation set created_at = created_at - 86400000", {})
    async with refusing(world, "outputs"):
        await world.env.restart_bot(world.new_bot())
        await world.env.advance_time(60)

    assert (await world.row()).status is Status.UNKNOWN


@pytest.mark.fault(
    "a command cannot be acknowledged, and the database cannot be written either",
    sees="that the application did not respond",
    charged="nothing, once the database works",
)
async def test_a_row_that_cannot_be_given_back_now_is_given_back_later(world: World) -> None:
    world.env.inject_error("POST", "/interactions/*/callback", status=500, times=1)
    async with refusing(world, "ended_at"):
        with suppress(Exception):
            await world.imagine(prompt="unanswered")
        await world.env.advance_time(5)
    await world.env.advance_time(20)

    row = await world.row()
    assert (row.status, row.quota) == (Status.CANCELED, Entry.RELEASED)
    assert world.provider.inputs == []
