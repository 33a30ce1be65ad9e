"""Generations whose end is told by a webhook, or was to be: few looks, and nothing lost."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.domain.generation import Status
from bot.domain.prediction import PredictionStatus
from bot.errors import ProviderTrouble, WebhookRefused
from bot.generation.webhooks import Webhooks
from bot.storage.facts import Facts
from playground.webhooks import new_secret
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


async def _never() -> str:
    raise ProviderTrouble


@pytest.fixture
async def hooked(world: World) -> AsyncIterator[World]:
    """A bot whose public address is known to be right."""
    world.webhooks = Webhooks("https://bot.invalid", new_secret(), world.clock)
    async with world.webhooks.opened(Facts(world.database), _never):
        world.webhooks.came()
        await world.env.restart_bot(world.new_bot())
        yield world


async def told(world: World, generation_id: str = "") -> bool:
    """As the receiver does when a genuine webhook says that it has ended."""
    world.webhooks.came()
    newest = (await world.ledger.recent(world.alice.id, 1))[0].id
    found = world.bot.imagine.nudge(generation_id or newest)
    await world.env.advance_time(0.1)
    return found


async def test_an_end_that_is_told_is_looked_at_once_and_the_image_delivered(
    hooked: World,
) -> None:
    await hooked.imagine()
    row = await hooked.row()
    await hooked.env.advance_time(9)
    assert hooked.provider.polls == []

    assert await told(hooked)
    await hooked.env.advance_time(5)

    assert (await hooked.row()).status is Status.DELIVERED
    assert len(hooked.provider.polls) == 1
    assert hooked.provider.webhooks == [hooked.webhooks.address(row.id)]
    assert str(hooked.provider.webhooks[0]).startswith(f"https://bot.invalid/webhooks/{row.id}.")


async def test_how_long_it_took_is_until_it_was_told(hooked: World) -> None:
    await hooked.imagine()
    await hooked.env.advance_time(9)
    await told(hooked)
    await hooked.env.advance_time(5)

    [seconds] = await hooked.ledger.recent_durations((await hooked.row()).request.model)
    assert seconds == pytest.approx(9, abs=0.5)


@pytest.mark.fault(
    "a webhook comes twice, or again and again", sees="the image", charged="one image, once"
)
async def test_told_again_and_again_it_is_looked_at_once(hooked: World) -> None:
    await hooked.imagine()
    id = (await hooked.row()).id
    await hooked.env.advance_time(9)
    for _ in range(5):
        hooked.bot.imagine.nudge(id)
    await hooked.env.advance_time(5)
    assert len(hooked.provider.polls) == 1

    assert not await told(hooked, id), "it has ended"
    assert not await told(hooked, "0-0"), "it never was"
    assert len(hooked.provider.polls) == 1


@pytest.mark.fault(
    "a webhook says too early that it has ended",
    sees="progress, then the image",
    charged="one image, once",
)
async def test_a_webhook_is_never_believed(hooked: World) -> None:
    await hooked.imagine()
    await hooked.env.advance_time(2)
    await told(hooked)
    assert (await hooked.row()).status is Status.RUNNING
    await hooked.env.advance_time(15)

    assert (await hooked.row()).status is Status.DELIVERED


async def test_told_of_a_create_that_was_never_answered_it_is_still_looked_up(
    hooked: World,
) -> None:
    hooked.provider.loses_answer = True
    await hooked.imagine()
    await hooked.env.advance_time(9)
    await told(hooked)
    assert (await hooked.row()).status is Status.SUBMITTING
    await hooked.env.advance_time(90)

    assert (await hooked.row()).status is Status.DELIVERED
    assert (hooked.provider.lists, len(hooked.provider.polls)) == (1, 1)


@pytest.mark.fault(
    "a webhook never comes", sees="the image, a little later", charged="one image, once"
)
async def test_what_is_not_told_is_found_all_the_same(hooked: World) -> None:
    for _ in range(4):  # of which it learns how long the model takes
        await hooked.imagine()
        await hooked.env.advance_time(9)
        await told(hooked)
        await hooked.env.advance_time(5)
    hooked.provider.polls.clear()
    await hooked.imagine()
    await hooked.env.advance_time(30)

    assert (await hooked.ledger.recent(hooked.alice.id, 1))[0].status is Status.DELIVERED
    assert len(hooked.provider.polls) <= 2


async def test_after_several_that_were_not_told_the_rest_is_polled(hooked: World) -> None:
    for number in range(6):
        if number == 4:
            hooked.provider.polls.clear()
        await hooked.imagine()
        await hooked.env.advance_time(120)
    assert not hooked.webhooks.come
    assert len(hooked.provider.polls) > 4
    assert None not in hooked.provider.webhooks, "they are still asked for: one may come"

    hooked.webhooks.came()
    hooked.provider.polls.clear()
    await hooked.imagine()
    await hooked.env.advance_time(9)
    await told(hooked)
    assert len(hooked.provider.polls) == 1


async def test_while_it_waits_to_be_told_what_it_says_is_true(hooked: World) -> None:
    await hooked.imagine()
    await hooked.env.advance_time(5)
    assert "Generating" in hooked.content


async def test_a_cancel_is_not_left_to_a_webhook(hooked: World) -> None:
    hooked.provider.seconds = 300
    message = (await hooked.imagine()).response
    await hooked.env.advance_time(3)
    await hooked.alice.click(message, label="Cancel")
    await hooked.env.advance_time(5)

    assert (await hooked.row()).status is Status.CANCELED
    assert hooked.webhooks.come


async def test_a_failure_that_is_told_is_said(hooked: World) -> None:
    hooked.provider.ends_as = PredictionStatus.FAILED
    await hooked.imagine()
    await hooked.env.advance_time(9)
    await told(hooked)

    assert (await hooked.row()).status is Status.FAILED
    assert "You were not charged" in hooked.content


async def test_one_that_cannot_be_looked_at_now_is_looked_at_again_soon(hooked: World) -> None:
    await hooked.imagine()
    await hooked.env.advance_time(9)
    hooked.provider.poll_errors = [ProviderTrouble("503", 503)] * 2
    await told(hooked)
    await hooked.env.advance_time(5)

    assert (await hooked.row()).status is Status.DELIVERED


async def test_after_a_restart_it_is_looked_at_at_once_and_then_polled(hooked: World) -> None:
    await hooked.imagine()
    await hooked.env.advance_time(5)
    await hooked.bot.imagine.close(0)
    await hooked.env.restart_bot(hooked.new_bot())
    await hooked.env.advance_time(10)

    assert (await hooked.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the provider refuses creates that name a webhook",
    sees="the image",
    charged="one image, once",
)
async def test_a_create_never_fails_for_its_webhook(hooked: World) -> None:
    hooked.provider.create_errors = [WebhookRefused(status=422)]
    await hooked.imagine()
    await hooked.env.advance_time(30)

    assert (await hooked.row()).status is Status.DELIVERED
    first, second = hooked.provider.webhooks
    assert (first is None, second) == (False, None)
    assert hooked.webhooks.base is None, "nor is any other create of this process refused so"


async def test_a_refusal_that_may_quote_the_prompt_is_about_this_one_only(hooked: World) -> None:
    hooked.provider.create_errors = [WebhookRefused(status=422)]
    await hooked.imagine(prompt="a webhook, oil on canvas")
    await hooked.env.advance_time(30)

    assert (await hooked.row()).status is Status.DELIVERED
    assert hooked.webhooks.base is not None
