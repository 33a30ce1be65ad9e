"""Several predictions, one reply: together when they can be, and each charged by itself."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence

import discord
import pytest

from bot.domain.generation import Capacity, Generation, RemovedBy, Status
from bot.domain.limits import Limit, Period, Scope, Unit
from bot.domain.prediction import PredictionStatus
from bot.errors import CreateUnknown
from bot.storage.storage import Storage
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("env")

BY_TOKEN = "/webhooks/*"
BY_BOT = "/channels/*/messages/*"
ANEW = "/channels/*/messages"
SAFETY = (PredictionStatus.FAILED, "flagged as sensitive (E005)")
FAILED = (PredictionStatus.FAILED, "ModelError: boom")


async def rows(world: World) -> list[Generation]:
    """Alice's only request, by its ordinals."""
    found = await world.ledger.recent(world.alice.id, 10)
    assert len({row.request.interaction_id for row in found}) == 1
    return sorted(found, key=lambda row: row.request.ordinal)


async def statuses(world: World) -> list[Status]:
    return [row.status for row in await rows(world)]


def names(message: discord.Message) -> list[str]:
    return [attachment.filename for attachment in message.attachments]


async def charged(world: World) -> int:
    """How many images count for Alice."""
    counted = await world.ledger.counted((await rows(world))[0].request, 60_000)
    day = Limit(Scope.USER, Unit.IMAGES, Period.DAY, 20, since=0, resets_at=0)
    [spent] = await world.ledger.spending.of(counted, [day])
    return spent.used


async def restarted(world: World) -> None:
    """Killed, and started again: what ran is in the ledger alone."""
    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot())


# --- together


async def test_four_images_are_four_predictions_and_one_message(world: World) -> None:
    await world.imagine(count=4)
    await world.env.advance_time(30)

    found = await rows(world)
    assert len(world.provider.inputs) == 4
    assert names(world.message) == [f"imagine-{row.id}.jpg" for row in found]
    assert len(world.channel.history()) == 1
    assert await statuses(world) == [Status.DELIVERED] * 4
    assert {row.request.token for row in found} == {""}
    assert await charged(world) == 4


async def test_progress_says_how_many_are_ready_and_nothing_is_shown_before_all_are(
    world: World,
) -> None:
    world.provider.seconds = 40
    world.provider.takes = {"p0": 5, "p1": 5}

    await world.imagine(count=3)
    await world.env.advance_time(20)

    assert "2 of 3 ready" in world.content
    assert "Generating" in world.content
    assert world.message.attachments == []
    assert len(world.message.components) == 1
    await world.env.advance_time(40)
    assert len(world.message.attachments) == 3
    assert [each.label for each in world.message.components[0].children] == [
        "Again",
        "Edit prompt",
        "More",
    ]


async def test_who_may_run_three_waits_with_the_fourth_in_the_same_message(world: World) -> None:
    world.provider.seconds = 20

    await world.imagine(count=4)
    await world.env.advance_time(10)
    assert len(world.provider.inputs) == 3
    await world.env.advance_time(15)

    assert "3 of 4 ready" in world.content
    await world.env.advance_time(30)
    assert len(world.message.attachments) == 4


@pytest.mark.rules(person=3)
async def test_all_are_reserved_or_none(world: World) -> None:
    refused = await world.imagine(count=4)

    assert refused.ephemeral
    assert "too few for 4" in refused.response.content
    assert await world.ledger.recent(world.alice.id, 10) == []
    assert world.provider.inputs == []


@pytest.mark.rules(capacity=Capacity(user_waiting=3))
async def test_more_than_may_wait_are_refused_together(world: World) -> None:
    refused = await world.imagine(count=4)

    assert "At most 3 images of yours may wait" in refused.response.content
    assert world.provider.inputs == []


@pytest.mark.rules(person=6)
async def test_few_left_is_told_to_whom_a_request_brings_there(world: World) -> None:
    await world.imagine(count=4)
    await world.env.advance_time(30)

    told = [m.content for m in world.channel.history(viewer=world.alice) if "left" in m.content]
    assert len(told) == 1
    assert "You have 2 images left" in told[0]


# --- some of them


@pytest.mark.fault(
    "the provider's filter refuses one of four predictions",
    sees="the other three, and that the filter took one",
    charged="three images; the payer's budget four",
)
async def test_what_the_filter_took_is_named_and_not_charged(world: World) -> None:
    world.provider.fates = {"p1": SAFETY}

    await world.imagine(count=4)
    await world.env.advance_time(30)

    found = await rows(world)
    assert names(world.message) == [f"imagine-{found[n].id}.jpg" for n in (0, 2, 3)]
    assert "1 of 4 was refused by the provider's safety filter." in world.content
    assert "You were charged for 3 images." in world.content
    assert await charged(world) == 3
    assert {row.request.token for row in found} == {""}


@pytest.mark.fault(
    "of four predictions each ends another way",
    sees="what arrived, and what became of each other",
    charged="what arrived",
)
async def test_every_reason_is_named_once(world: World) -> None:
    world.provider.fates = {"p0": SAFETY, "p1": FAILED, "p2": FAILED}

    await world.imagine(count=4)
    await world.env.advance_time(40)

    assert "1 of 4 was refused by the provider's safety filter." in world.content
    assert "2 of 4 were lost: the provider had a problem." in world.content
    assert "You were charged for 1 image." in world.content
    assert len(world.message.attachments) == 1


async def test_where_all_failed_alike_the_usual_words_come_once(world: World) -> None:
    world.provider.fates = dict.fromkeys(["p0", "p1", "p2", "p3"], SAFETY)

    await world.imagine(count=4)
    await world.env.advance_time(40)

    assert world.content.count("The provider's safety filter refused this.") == 1
    assert "You were not charged." in world.content
    assert await charged(world) == 0


async def test_where_all_failed_in_different_ways_each_is_named(world: World) -> None:
    world.provider.fates = {"p0": SAFETY, "p1": FAILED}

    await world.imagine(count=2)
    await world.env.advance_time(30)

    assert "**No images.**" in world.content
    assert "1 of 2 was refused by the provider's safety filter." in world.content
    assert "You were not charged." in world.content


# --- canceled


async def test_cancel_ends_all_that_can_be(world: World) -> None:
    world.provider.seconds = 60
    world.provider.takes = {"p0": 5}
    await world.imagine(count=4)
    await world.env.advance_time(12)

    await world.alice.click(world.message, label="Cancel")
    await world.env.advance_time(30)

    assert sorted(world.provider.canceled)[:2] == ["p1", "p2"]
    assert (await rows(world))[0].status is Status.DELIVERED
    assert len(world.message.attachments) == 1
    assert "3 of 4 were canceled." in world.content


async def test_a_cancel_before_any_is_done_says_how_many_count(world: World) -> None:
    world.provider.seconds = 60
    await world.imagine(count=4)
    await world.env.advance_time(3)

    await world.alice.click(world.message, label="Cancel")
    await world.env.advance_time(30)

    assert await statuses(world) == [Status.CANCELED] * 4
    assert "4 of 4 were canceled. You were charged for 3 images." in world.content
    assert await charged(world) == 3


async def test_the_button_works_also_when_the_first_of_them_has_ended(world: World) -> None:
    world.provider.seconds = 60
    world.provider.takes = {"p0": 5}
    world.provider.fates = {"p0": FAILED}
    await world.imagine(count=2)
    await world.env.advance_time(12)
    assert (await statuses(world))[0] is Status.FAILED

    await world.alice.click(world.message, label="Cancel")
    await world.env.advance_time(30)

    assert world.provider.canceled == ["p1"]
    assert "1 of 2 was canceled." in world.content


async def test_somebody_else_can_cancel_none_of_them(world: World) -> None:
    world.provider.seconds = 60
    await world.imagine(count=2)
    await world.env.advance_time(3)

    pressed = await world.bob.click(world.message, label="Cancel")

    assert "Only the person who asked" in pressed.response.content
    assert world.provider.canceled == []


@pytest.mark.fault(
    "a moderator removes the message of four while they run",
    sees="nothing more in the channel",
    charged="those that were sent already",
)
async def test_a_removed_message_cancels_all(world: World) -> None:
    world.provider.seconds = 60
    await world.imagine(count=3)
    await world.env.advance_time(3)
    await world.mona.delete(world.message)
    await world.env.advance_time(60)

    assert sorted(world.provider.canceled) == ["p0", "p1", "p2"]
    assert await statuses(world) == [Status.CANCELED] * 3
    assert world.channel.history() == []


async def test_what_was_ready_when_the_message_was_removed_is_kept_for_history(
    world: World,
) -> None:
    world.provider.seconds = 60
    world.provider.takes = {"p0": 5}
    await world.imagine(count=2)
    await world.env.advance_time(12)
    await world.mona.delete(world.message)
    await world.env.advance_time(60)

    assert await statuses(world) == [Status.KEPT, Status.CANCELED]
    assert world.channel.history() == []
    assert [row.ids[0] for row in await world.history()] == [(await rows(world))[0].id]


# --- other ways


def refuse_the_channel(world: World) -> None:
    """The next edit of progress, and the images by either token; not what comes after."""
    world.env.inject_error("PATCH", BY_TOKEN, status=403, code=50013, times=2)
    world.env.inject_error("PATCH", BY_BOT, status=403, code=50013, times=1)


@pytest.mark.fault(
    "the channel refuses the reply of four predictions (50013)",
    sees="all of them as one direct message",
    charged="each image",
)
async def test_where_the_channel_does_not_take_them_all_go_to_their_dms_once(
    world: World,
) -> None:
    await world.imagine(count=3)
    await world.env.advance_time(5)
    refuse_the_channel(world)
    await world.env.advance_time(20)

    [message] = world.alice.user.dm_channel.history()
    assert len(message.attachments) == 3
    assert await statuses(world) == [Status.DELIVERED] * 3


@pytest.mark.fault(
    "four images can be posted nowhere",
    sees="where to find them: /history; and what failed",
    charged="each image that was made",
)
async def test_where_nothing_takes_them_they_are_kept_and_it_is_said_once(world: World) -> None:
    world.provider.fates = {"p0": SAFETY}
    await world.imagine(count=3)
    await world.env.advance_time(5)
    refuse_the_channel(world)
    world.env.inject_error("POST", ANEW, status=403, code=50007, times=None)
    await world.env.advance_time(20)

    assert await statuses(world) == [Status.FAILED, Status.KEPT, Status.KEPT]
    assert "Find them in `/history`" in world.content
    assert "1 of 3 was refused by the provider's safety filter." in world.content
    sent = await world.alice.click(await world.found_again(), label="Send again")
    assert len(sent.response.attachments) == 2


async def test_while_discord_is_down_all_wait_and_arrive_together(world: World) -> None:
    await world.imagine(count=3)
    await world.env.advance_time(5)
    world.env.inject_error("PATCH", BY_TOKEN, status=503, code=0, times=4)
    await world.env.advance_time(80)

    assert await statuses(world) == [Status.DELIVERED] * 3
    assert len(world.message.attachments) == 3


async def test_a_long_wait_is_mentioned_once(world: World) -> None:
    world.provider.seconds = 100
    await world.imagine(count=3)
    await world.env.advance_time(150)

    mentions = [m.content for m in world.channel.history() if "Your images are ready" in m.content]
    assert len(mentions) == 1


@pytest.mark.moves("delivering>failed")
async def test_an_image_of_the_group_that_is_lost_from_the_disk_fails_alone(world: World) -> None:
    world.provider.seconds = 40
    world.provider.takes = {"p0": 5}
    await world.imagine(count=2)
    await world.env.advance_time(10)
    await world.bot.imagine.close(0)
    for file in world.shelf.iterdir():
        file.unlink()
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(60)

    assert await statuses(world) == [Status.FAILED, Status.DELIVERED]
    assert len(world.message.attachments) == 1
    assert "1 of 2 was lost" in world.content


# --- a restart at any point


@pytest.mark.fault(
    "the bot is killed while four images are made, queued and waiting for one another",
    sees="all of them in the one message",
    charged="each image, once",
)
@pytest.mark.parametrize("seconds", [0.5, 2, 7, 12, 18, 25, 33])
async def test_a_restart_between_siblings_loses_and_repeats_nothing(
    world: World, seconds: float
) -> None:
    world.provider.seconds = 30
    world.provider.takes = {"p0": 5, "p1": 16, "p2": 24}
    world.provider.fates = {"p1": SAFETY}
    await world.imagine(count=4)
    await world.env.advance_time(seconds)

    await restarted(world)
    await world.env.advance_time(90)

    assert len(world.provider.inputs) == 4
    assert len(world.message.attachments) == 3
    assert len(world.channel.history()) == 1
    assert "1 of 4 was refused by the provider's safety filter." in world.content
    assert await charged(world) == 3
    assert {row.request.token for row in await rows(world)} == {""}


async def end_untold(world: World, token: str, delivered: Sequence[int]) -> None:
    """As if killed after the last edit: of what it showed only these rows have ended."""
    undone = "status = 'delivering', ended_at = null, quota = 'reserved', budget = 'reserved',"
    async with world.database.transaction() as connection:
        for row in await rows(world):
            if row.status is not Status.FAILED and row.request.ordinal in delivered:
                continue
            also = "" if row.status is Status.FAILED else undone
            await connection.fetch(
                f"update generation set {also} token = :token where id = :id",
                {"token": token, "id": row.id},
            )


@pytest.mark.fault(
    "the bot is killed after the edit with four images, before all their ends are recorded",
    sees="all of them still there",
    charged="each image, once",
)
@pytest.mark.parametrize("delivered", [(), (0,), (0, 1), (2,), (0, 1, 2)])
async def test_an_edit_after_a_restart_drops_no_image_that_was_shown(
    world: World, delivered: Sequence[int]
) -> None:
    world.provider.fates = {"p1": SAFETY}
    world.provider.seconds = 8
    await world.imagine(count=3)
    await world.env.advance_time(2)
    token = (await rows(world))[0].request.token
    await world.env.advance_time(20)
    before = names(world.message)
    assert len(before) == 2
    await end_untold(world, token, delivered)

    await restarted(world)
    await world.env.advance_time(10)

    assert names(world.message) == before
    assert len(world.channel.history()) == 1
    assert await statuses(world) == [Status.DELIVERED, Status.FAILED, Status.DELIVERED]
    assert {row.request.token for row in await rows(world)} == {""}
    assert await charged(world) == 2


async def test_what_is_removed_before_a_siblings_end_is_told_stays_removed_and_the_end_is_told(
    world: World,
) -> None:
    world.provider.fates = {"p1": SAFETY}
    world.provider.seconds = 8
    await world.imagine(count=2)
    await world.env.advance_time(2)
    token = (await rows(world))[0].request.token
    await world.env.advance_time(20)
    await end_untold(world, token, (0,))
    [first, _] = await rows(world)
    await Storage.of(world.database).removals.remove(
        first.request.interaction_id, RemovedBy.MODERATOR, until=10**15, now=world.clock.now()
    )

    await restarted(world)
    await world.env.advance_time(10)

    assert {row.request.token for row in await rows(world)} == {""}


@pytest.mark.fault(
    "the bot dies right after posting four images in a new message",
    sees="each image once",
    charged="each image, once",
)
async def test_a_new_message_that_was_posted_before_a_crash_is_not_posted_again(
    world: World,
) -> None:
    await world.imagine(count=2)
    await world.env.advance_time(5)
    world.env.inject_error("PATCH", BY_TOKEN, status=401, code=50027, times=None)
    world.env.inject_error("PATCH", BY_BOT, status=400, code=30046, times=None)
    posted = await world.bot.get_partial_messageable(world.channel.id).send(
        file=discord.File(io.BytesIO(picture()), f"imagine-{(await rows(world))[1].id}.jpg")
    )
    await world.env.advance_time(15)

    assert world.message.id == posted.id
    assert await statuses(world) == [Status.DELIVERED] * 2


@pytest.mark.fault(
    "one of four creates is never answered",
    sees="checking, then all of them",
    charged="each image, once",
)
async def test_a_lost_answer_among_twins_is_looked_up_and_bought_once(world: World) -> None:
    world.provider.loses_answer = True
    world.provider.seconds = 20

    await world.imagine(count=3)
    await world.env.advance_time(200)

    assert len(world.provider.inputs) == 3
    assert len({row.prediction_id for row in await rows(world)}) == 3
    reply, mention = sorted(world.channel.history(), key=lambda message: message.id)
    assert len(reply.attachments) == 3
    assert "Your images are ready" in mention.content


@pytest.mark.fault(
    "the provider loses two creates of four, and cannot list",
    sees="the others, and that two were never answered",
    charged="the images that arrived; the payer's budget four",
)
async def test_what_was_never_answered_is_named(world: World) -> None:
    world.provider.can_list = False
    world.provider.create_errors = [CreateUnknown("reset"), CreateUnknown("reset")]

    await world.imagine(count=4)
    await world.env.advance_time(200)

    assert len(world.message.attachments) == 2
    assert "2 of 4 were never answered by the provider." in world.content
    assert await charged(world) == 2


async def test_a_command_that_cannot_be_acknowledged_releases_all(world: World) -> None:
    world.env.inject_error("POST", "/interactions/*", status=404, code=10062, times=None)

    await world.imagine(count=4)

    assert await statuses(world) == [Status.CANCELED] * 4
    assert world.provider.inputs == []


async def test_a_kill_before_the_acknowledgement_ends_all_uncharged(world: World) -> None:
    world.provider.seconds = 300
    await world.imagine(world.bob)
    await world.imagine(count=2)
    await world.bot.imagine.close(0)
    async with world.database.transaction() as connection:
        await connection.fetch(
            "update generation set status = 'queued', message_id = null, prediction_id = null,"
            " token = 'never-answered' where user_id = :user_id",
            {"user_id": world.alice.id},
        )
    await world.env.restart_bot(world.new_bot())

    assert await statuses(world) == [Status.CANCELED] * 2


@pytest.mark.fault(
    "the bot is stopped while three of four images are made and one waits for its turn",
    sees="the three, and that one is on its way; after the restart all four in the same message",
    charged="each image, once",
)
async def test_what_a_stop_leaves_in_line_joins_the_others_after_the_restart(world: World) -> None:
    await world.imagine(count=4)
    await world.env.advance_time(3)
    stopping = asyncio.create_task(world.bot.imagine.close(60))
    await world.env.advance_time(30)
    await stopping
    assert len(world.message.attachments) == 3
    assert "1 of 4 is still on the way." in world.content

    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(5)
    assert len(world.message.attachments) == 3
    assert "3 of 4 ready" in world.content
    await world.env.advance_time(30)

    assert len(world.message.attachments) == 4
    assert "⚠️" not in world.content
    assert len(world.channel.history()) == 1
    assert await charged(world) == 4


async def test_what_was_on_its_way_at_a_stop_and_fails_later_is_named_beside_the_others(
    world: World,
) -> None:
    world.provider.fates = {"p3": SAFETY}
    await world.imagine(count=4)
    await world.env.advance_time(3)
    stopping = asyncio.create_task(world.bot.imagine.close(60))
    await world.env.advance_time(30)
    await stopping

    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(40)

    assert len(world.message.attachments) == 3
    assert "1 of 4 was refused by the provider's safety filter." in world.content
    assert "on the way" not in world.content
    assert [each.label for each in world.message.components[0].children] == [
        "Again",
        "Edit prompt",
        "More",
    ]
    assert {row.request.token for row in await rows(world)} == {""}
