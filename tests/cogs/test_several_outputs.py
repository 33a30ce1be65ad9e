"""One prediction, several images: one message, and what is missing is named."""

from __future__ import annotations

import pytest

from bot.domain.generation import Status
from bot.errors import ProviderTrouble
from bot.storage.usage import Of, Sums
from bot.wording.usage import summary
from tests.several import COUNTING, ask, made
from tests.world import World, picture

pytestmark = [pytest.mark.usefixtures("env"), pytest.mark.rules(offer=COUNTING)]

BY_TOKEN = "/webhooks/*"
BY_BOT = "/channels/*/messages/*"


async def test_a_list_of_outputs_is_one_message_with_all_of_them(world: World) -> None:
    world.provider.outputs = made(4)

    await ask(world, 4)
    await world.env.advance_time(15)

    row = await world.row()
    names = [f"imagine-{row.id}.jpg", *(f"imagine-{row.id}-{n}.jpg" for n in (1, 2, 3))]
    assert [a.filename for a in world.message.attachments] == names
    assert [a.description for a in world.message.attachments] == [
        f"{number} of 4: a red fox" for number in (1, 2, 3, 4)
    ]
    assert len(world.channel.history()) == 1
    assert "⚠️" not in world.content
    assert row.status is Status.DELIVERED
    assert len(world.provider.inputs) == 1


async def test_of_a_great_many_outputs_a_message_shows_ten(world: World) -> None:
    world.provider.outputs = made(14)

    await ask(world, 1)
    await world.env.advance_time(15)

    assert len(world.message.attachments) == 10
    assert len(list(world.shelf.iterdir())) == 10


@pytest.mark.fault(
    "the provider's filter leaves out some of a prediction's images",
    sees="those that it made, and how many it left out",
    charged="the images that arrived; the payer's budget all that were asked for",
)
async def test_fewer_than_asked_for_are_delivered_and_charged_and_the_rest_is_named(
    world: World,
) -> None:
    world.provider.outputs = made(3)

    await ask(world, 4)
    await world.env.advance_time(15)

    assert len(world.message.attachments) == 3
    assert "1 of 4 was left out by the provider" in world.content
    assert "You were charged for 3 images." in world.content
    total = await Sums(world.database).total(Of(world.alice.id))
    assert summary(total) == "3 images · 1 failed · about $0.24"


@pytest.mark.fault(
    "one of several finished files is no picture",
    sees="the others, and how many could not be fetched",
    charged="the images that arrived; the payer's budget all that were asked for",
)
async def test_an_output_that_cannot_be_had_does_not_keep_the_others_away(world: World) -> None:
    world.provider.outputs = made(4, 0, 2)

    await ask(world, 4)
    await world.env.advance_time(30)

    assert len(world.message.attachments) == 2
    assert "2 of 4 were made, but could not be fetched." in world.content
    assert "You were charged for 2 images." in world.content


async def test_more_than_was_asked_for_is_shown_and_not_charged(world: World) -> None:
    world.provider.outputs = made(4, 1)

    await ask(world, 1)
    await world.env.advance_time(30)

    assert len(world.message.attachments) == 3
    assert "1 of 4 was made, but could not be fetched. You were charged for 1 image." in (
        world.content
    )


async def test_where_no_output_can_be_had_it_has_failed(world: World) -> None:
    world.provider.outputs = made(2, 0, 1)

    await ask(world, 2)
    await world.env.advance_time(30)

    assert (await world.row()).status is Status.FAILED
    assert "You were not charged" in world.content


async def test_outputs_that_cannot_be_fetched_for_a_while_all_arrive_later(world: World) -> None:
    world.provider.outputs = made(4)
    world.provider.download_errors = [ProviderTrouble("502", 502)] * 6

    await ask(world, 4)
    await world.env.advance_time(180)

    assert len(world.message.attachments) == 4


@pytest.mark.fault(
    "several images are too much for one request together (40005)",
    sees="all of them, made smaller",
    charged="each image",
)
async def test_what_is_too_large_together_is_made_to_fit_together(world: World) -> None:
    world.provider.outputs = made(4)
    world.provider.output = picture("PNG", (400, 300), noise=True)  # 360 kB each
    await ask(world, 4, size_limit=1_000_000)
    await world.env.advance_time(5)
    world.env.inject_error("PATCH", BY_TOKEN, status=413, code=40005, times=1)
    await world.env.advance_time(30)

    sizes = [a.size for a in world.message.attachments]
    assert len(sizes) == 4
    assert sum(sizes) <= 1_000_000
    assert "to fit the upload limit here" in world.content
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the channel refuses a reply of several images (50013)",
    sees="all of them as one direct message",
    charged="each image",
)
async def test_all_images_go_the_same_way_together(world: World) -> None:
    world.provider.outputs = made(3)
    await ask(world, 3)
    await world.env.advance_time(5)
    for path in (BY_TOKEN, BY_BOT):
        world.env.inject_error("PATCH", path, status=403, code=50013, times=1)
    await world.env.advance_time(15)

    [message] = world.alice.user.dm_channel.history()
    assert len(message.attachments) == 3


async def test_history_sends_all_images_of_a_request_again(world: World) -> None:
    world.provider.outputs = made(3)
    await ask(world, 4)
    await world.env.advance_time(15)

    sent = await world.alice.click(await world.found_again(), label="Send again")

    assert len(sent.response.attachments) == 3
    assert sent.ephemeral


@pytest.mark.rules(person=3)
async def test_a_limit_counts_images_and_says_what_would_fit(world: World) -> None:
    refused = await ask(world, 4)

    assert refused.ephemeral
    assert "You have 3 images left for today, too few for 4. Ask for fewer" in (
        refused.response.content
    )
    assert world.provider.inputs == []
