"""Creates that were never answered: found in the provider's list, absent, or unknowable."""

from __future__ import annotations

import pytest

from bot.domain.generation import Entry, Generation, Status
from bot.errors import CreateUnknown, ProviderTrouble
from tests.turns import PLENTY
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


async def rows(world: World) -> list[Generation]:
    return await world.ledger.recent(world.alice.id, 10)


@pytest.mark.fault(
    "the answer to a purchase is lost after it was accepted",
    sees="checking, then the image",
    charged="one image",
)
async def test_a_lost_answer_is_found_and_the_image_delivered(world: World) -> None:
    world.provider.loses_answer = True

    await world.imagine()
    await world.env.advance_time(4)
    said = world.content
    await world.env.advance_time(90)

    [row] = await rows(world)
    assert "checking whether it has begun" in said
    assert (row.status, row.prediction_id) == (Status.DELIVERED, "p0")
    assert len(world.provider.inputs) == 1


@pytest.mark.fault(
    "a purchase is reset before it arrived",
    sees="checking, then a failure",
    charged="nothing",
)
async def test_a_create_that_never_arrived_is_released_after_two_looks(world: World) -> None:
    world.provider.create_errors = [CreateUnknown("reset")]

    await world.imagine()
    await world.env.advance_time(75)
    assert (await rows(world))[0].status is Status.SUBMITTING
    await world.env.advance_time(20)

    [row] = await rows(world)
    assert (row.status, row.quota, row.budget) == (Status.FAILED, Entry.RELEASED, Entry.RELEASED)
    assert "You were not charged" in world.content
    assert len(world.provider.inputs) == 1


@pytest.mark.fault(
    "an answer is lost and the provider's list fails too",
    sees="checking, then the image",
    charged="one image",
)
async def test_a_list_that_fails_for_a_while_is_asked_again(world: World) -> None:
    world.provider.loses_answer = True
    world.provider.list_errors = [ProviderTrouble("503", 503)] * 3

    await world.imagine()
    await world.env.advance_time(140)

    [row] = await rows(world)
    assert row.status is Status.DELIVERED


@pytest.mark.fault(
    "an answer is lost and the list stays away until inputs are removed",
    sees="no answer, operator informed",
    charged="the person nothing, the payer's budget one image",
)
async def test_once_the_provider_has_removed_inputs_the_outcome_stays_unknown(
    world: World,
) -> None:
    world.provider.loses_answer = True
    world.provider.list_errors = [ProviderTrouble("503", 503)] * 1000

    await world.imagine()
    await world.env.advance_time(51 * 60)

    [row] = await rows(world)
    assert (row.status, row.quota, row.budget) == (Status.UNKNOWN, Entry.RELEASED, Entry.SETTLED)


@pytest.mark.fault(
    "an answer is lost and the provider's clock is a day off",
    sees="no answer, operator informed",
    charged="the person nothing, the payer's budget one image",
)
@pytest.mark.parametrize("skew_hours", [-24, 24])
@pytest.mark.moves("submitting>unknown")
async def test_a_twin_of_another_time_proves_nothing(world: World, skew_hours: int) -> None:
    world.provider.loses_answer = True
    world.provider.skew_ms = skew_hours * 3_600_000

    await world.imagine()
    await world.env.advance_time(120)

    [row] = await rows(world)
    assert row.status is Status.UNKNOWN


@pytest.mark.fault(
    "two answers to the same prompt are lost at once",
    sees="both images",
    charged="one image each",
)
async def test_of_two_lost_answers_to_the_same_words_each_finds_its_own(world: World) -> None:
    for _ in range(2):
        world.provider.loses_answer = True
        await world.imagine(prompt="a red fox")
    await world.env.advance_time(120)

    found = await rows(world)
    assert sorted(row.prediction_id or "" for row in found) == ["p0", "p1"]
    assert {row.status for row in found} == {Status.DELIVERED}


@pytest.mark.fault(
    "of two equal purchases one never arrives",
    sees="one image, one failure",
    charged="one image",
)
@pytest.mark.moves("submitting>failed")
async def test_a_twin_that_was_answered_keeps_its_prediction(world: World) -> None:
    world.provider.create_errors = [CreateUnknown("reset")]
    await world.imagine(prompt="a red fox")  # never arrived
    await world.imagine(prompt="a red fox")  # answered
    await world.env.advance_time(120)

    statuses = {row.prediction_id: row.status for row in await rows(world)}
    assert statuses == {"p0": Status.DELIVERED, None: Status.FAILED}


@pytest.mark.fault(
    "the bot is killed while a purchase is unanswered",
    sees="the image, after the restart",
    charged="one image",
)
async def test_a_killed_create_is_reconciled_at_the_next_start(world: World) -> None:
    world.provider.loses_answer = True
    await world.imagine()
    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(100)

    [row] = await rows(world)
    assert row.status is Status.DELIVERED
    assert len(world.provider.inputs) == 1


@pytest.mark.fault(
    "Cancel is pressed while a purchase is looked up",
    sees="canceled",
    charged="one image: it was sent already",
)
@pytest.mark.moves("running>canceled")
async def test_cancel_while_it_is_being_looked_up_cancels_what_is_found(world: World) -> None:
    world.provider.loses_answer = True
    world.provider.seconds = 600
    await world.imagine()
    await world.env.advance_time(1)

    await world.alice.click(world.message, label="Cancel")
    await world.env.advance_time(100)

    [row] = await rows(world)
    assert world.provider.canceled == ["p0"]
    assert row.status is Status.CANCELED


@pytest.mark.rules(capacity=PLENTY)
async def test_many_unanswered_creates_share_their_looks(world: World) -> None:
    for number in range(12):
        world.provider.loses_answer = True
        await world.imagine(prompt=f"fox {number}")
    await world.bot.imagine.close(0)
    await world.env.advance_time(120)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(60)

    assert {row.status for row in await rows(world)} == {Status.DELIVERED}
    assert world.provider.lists <= 3


@pytest.mark.fault(
    "an answer is lost and the provider turns out to have no list (404)",
    sees="no answer, operator informed",
    charged="the person nothing, the payer's budget one image",
)
async def test_a_provider_without_the_list_it_was_said_to_have_leaves_it_unknown(
    world: World,
) -> None:
    world.provider.loses_answer = True
    world.provider.list_errors = [ProviderTrouble("no such route", 404)] * 100

    await world.imagine()
    await world.env.advance_time(90)

    [row] = await rows(world)
    assert row.status is Status.UNKNOWN
