"""Where a reply goes when Discord does not take it."""

from __future__ import annotations

import io

import discord
import pytest

from bot.domain.generation import Status
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("env")

BY_TOKEN = "/webhooks/*"
BY_BOT = "/channels/*/messages/*"
ANEW = "/channels/*/messages"


async def ready_to_deliver(world: World) -> None:
    """Asked, shown and nearly done: the next edit is the image's."""
    await world.imagine()
    await world.env.advance_time(5)


@pytest.mark.fault(
    "the reply's token is refused (50027, 10015, 50013)",
    sees="the image in the same message",
    charged="one image",
)
@pytest.mark.parametrize(("status", "code"), [(401, 50027), (404, 10015), (403, 50013)])
async def test_when_the_token_is_refused_the_bots_own_edits_the_same_message(
    world: World, status: int, code: int
) -> None:
    await world.imagine()
    await world.env.advance_time(5)
    world.env.inject_error("PATCH", BY_TOKEN, status=status, code=code, times=None)
    await world.env.advance_time(10)

    assert len(world.message.attachments) == 1
    assert len(world.channel.history()) == 1
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "a moderator removes the message while it runs",
    sees="nothing more in the channel",
    charged="one image: it was sent already",
)
async def test_a_message_that_somebody_removed_does_not_come_back_and_is_canceled(
    world: World,
) -> None:
    await world.imagine()
    await world.mona.delete(world.message)
    await world.env.advance_time(15)

    assert world.channel.history() == []
    assert world.provider.canceled == ["p0"]
    assert (await world.row()).status is Status.CANCELED


@pytest.mark.fault(
    "a message is removed while nothing changes in it",
    sees="nothing more in the channel",
    charged="one image: it was sent already",
)
async def test_a_removal_between_edits_is_noticed_within_half_a_minute(world: World) -> None:
    world.provider.seconds = 300
    await world.imagine()
    await world.env.advance_time(5)
    await world.mona.delete(world.message)
    await world.env.advance_time(25)

    assert world.provider.canceled == ["p0"]
    assert (await world.row()).status is Status.CANCELED


@pytest.mark.fault(
    "a message is removed just before its image",
    sees="nothing in the channel, the image in /history",
    charged="one image",
)
async def test_an_image_whose_message_is_removed_at_the_last_moment_is_kept_for_history(
    world: World,
) -> None:
    await world.imagine()
    await world.env.advance_time(8)
    await world.mona.delete(world.message)
    await world.env.advance_time(10)

    assert world.channel.history() == []
    assert world.alice.user.dm_channel.history() == []
    assert (await world.row()).status is Status.KEPT
    assert await world.history() != []


@pytest.mark.fault(
    "message or channel are gone at delivery (10008, 10003)",
    sees="the image in /history only",
    charged="one image",
)
@pytest.mark.parametrize("code", [10003, 10008])
async def test_what_was_removed_is_never_posted_again(world: World, code: int) -> None:
    await ready_to_deliver(world)
    world.env.inject_error("PATCH", BY_TOKEN, status=404, code=code, times=None)
    await world.env.advance_time(10)

    assert (await world.row()).status is Status.KEPT
    assert world.alice.user.dm_channel.history() == []
    assert len(world.channel.history()) == 1


@pytest.mark.fault(
    "the channel refuses the image (40005, 50001, 50013, 50035)",
    sees="the image as a direct message",
    charged="one image",
)
@pytest.mark.parametrize(
    ("status", "code"), [(413, 40005), (403, 50001), (403, 50013), (400, 50035)]
)
async def test_where_the_channel_does_not_take_it_the_image_goes_to_their_dms(
    world: World, status: int, code: int
) -> None:
    await ready_to_deliver(world)
    world.env.inject_error("PATCH", BY_TOKEN, status=status, code=code, times=1)
    world.env.inject_error("PATCH", BY_BOT, status=status, code=code, times=1)
    await world.env.advance_time(10)

    [message] = world.alice.user.dm_channel.history()
    assert [a.description for a in message.attachments] == ["a red fox"]
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the channel refuses and direct messages are closed (50007, 50278)",
    sees="where to find it: /history",
    charged="one image",
)
@pytest.mark.parametrize("code", [50007, 50278])
async def test_closed_dms_leave_the_image_in_history(world: World, code: int) -> None:
    await ready_to_deliver(world)
    world.env.inject_error("PATCH", BY_TOKEN, status=403, code=50013, times=1)
    world.env.inject_error("PATCH", BY_BOT, status=403, code=50013, times=1)
    world.env.inject_error("POST", ANEW, status=403, code=code, times=None)
    await world.env.advance_time(10)

    assert (await world.row()).status is Status.KEPT
    assert "Find it in `/history`" in world.content


@pytest.mark.fault(
    "the message has had too many edits (30046)",
    sees="the image in a new message",
    charged="one image",
)
async def test_a_message_that_is_too_old_to_edit_is_followed_by_a_new_one(world: World) -> None:
    await ready_to_deliver(world)
    world.env.inject_error("PATCH", BY_TOKEN, status=401, code=50027, times=1)
    world.env.inject_error("PATCH", BY_BOT, status=400, code=30046, times=1)
    await world.env.advance_time(10)

    assert len(world.channel.history()) == 2
    assert len(world.message.attachments) == 1
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the bot dies right after posting a new message",
    sees="one image, not two",
    charged="one image",
)
async def test_a_new_message_that_was_posted_before_a_crash_is_not_posted_twice(
    world: World,
) -> None:
    await ready_to_deliver(world)
    world.env.inject_error("PATCH", BY_TOKEN, status=401, code=50027, times=None)
    world.env.inject_error("PATCH", BY_BOT, status=400, code=30046, times=None)
    posted = await world.bot.get_partial_messageable(world.channel.id).send(
        file=discord.File(io.BytesIO(picture()), f"imagine-{(await world.row()).id}.jpg")
    )
    await world.env.advance_time(10)

    assert world.message.id == posted.id
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the thread was archived or locked meanwhile (50083)",
    sees="the image there, or in /history if it is locked",
    charged="one image",
)
@pytest.mark.parametrize("locked", [False, True])
async def test_an_archived_thread_is_reopened_and_a_locked_one_left_alone(
    world: World, locked: bool
) -> None:
    backend = world.env.backend
    thread = backend.create_thread(world.channel.id, "foxes", world.alice.id)
    [world.channel] = world.channel.threads
    await world.imagine()
    await world.env.advance_time(5)
    about = thread.thread_metadata
    assert about is not None
    about.archived, about.locked = True, locked
    world.env.inject_error("PATCH", BY_TOKEN, status=400, code=50083, times=1)
    world.env.inject_error("PATCH", BY_BOT, status=400, code=50083, times=1)
    await world.env.advance_time(10)

    row = await world.row()
    assert row.status is (Status.KEPT if locked else Status.DELIVERED)
    assert about.archived is locked
    assert world.alice.user.dm_channel.history() == []


@pytest.mark.fault(
    "Discord answers uploads with 503",
    sees="the image, once Discord is back",
    charged="one image",
)
async def test_while_discord_is_down_delivery_is_tried_again(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(5)
    world.env.inject_error("PATCH", BY_TOKEN, status=503, code=0, times=3)
    await world.env.advance_time(10)
    assert (await world.row()).status is Status.DELIVERING
    await world.env.advance_time(60)

    assert (await world.row()).status is Status.DELIVERED
    assert len(world.message.attachments) == 1


@pytest.mark.fault(
    "Discord forbids progress edits (50013)",
    sees="the image",
    charged="one image",
)
async def test_a_progress_edit_that_fails_changes_nothing(world: World) -> None:
    world.env.inject_error("PATCH", BY_TOKEN, status=403, code=50013, times=2)

    await world.imagine()
    await world.env.advance_time(15)

    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the command comes too late or was answered elsewhere (10062, 40060)",
    sees="Discord's own notice",
    charged="nothing",
)
@pytest.mark.parametrize(("status", "code"), [(404, 10062), (400, 40060)])
async def test_a_command_that_cannot_be_acknowledged_is_released_and_buys_nothing(
    world: World, status: int, code: int
) -> None:
    world.env.inject_error("POST", "/interactions/*", status=status, code=code, times=None)

    await world.imagine()

    row = await world.row()
    assert (row.status, row.error) == (Status.CANCELED, "unanswered")
    assert row.quota == row.budget == "released"
    assert world.provider.inputs == []


@pytest.mark.fault(
    "Discord counts the edits of an old message and answers with 429 (30046)",
    sees="the image in a new message",
    charged="one image",
)
async def test_too_many_edits_is_final_though_it_comes_as_a_429(world: World) -> None:
    await ready_to_deliver(world)
    for path in (BY_TOKEN, BY_BOT):
        world.env.inject_error("PATCH", path, status=429, code=30046, times=None)
    await world.env.advance_time(10)

    assert len(world.message.attachments) == 1
    assert len(world.channel.history()) == 2


@pytest.mark.fault(
    "Discord cannot open a direct message for a while",
    sees="the image as a direct message, later",
    charged="one image",
)
async def test_a_direct_message_that_cannot_be_opened_now_is_opened_later(world: World) -> None:
    await ready_to_deliver(world)
    for path in (BY_TOKEN, BY_BOT):
        world.env.inject_error("PATCH", path, status=403, code=50013, times=None)
    world.env.inject_error("POST", "/users/@me/channels", status=503, times=1)
    await world.env.advance_time(30)

    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "an archived thread cannot be looked at, so nobody knows whether it is locked",
    sees="nothing there until it can",
    charged="one image",
)
async def test_a_thread_that_cannot_be_looked_at_gets_no_message(world: World) -> None:
    backend = world.env.backend
    backend.create_thread(world.channel.id, "foxes", world.alice.id)
    [world.channel] = world.channel.threads
    await ready_to_deliver(world)
    for path in (BY_TOKEN, BY_BOT):
        world.env.inject_error("PATCH", path, status=400, code=50083, times=None)
    world.env.inject_error("GET", f"/channels/{world.channel.id}", status=503, times=None)
    await world.env.advance_time(10)

    assert (await world.row()).status is Status.DELIVERING
    assert len(world.channel.history()) == 1


@pytest.mark.fault(
    "a message is removed and the provider cannot cancel",
    sees="nothing more there, not as a direct message either; the image in /history",
    charged="one image",
)
async def test_once_removed_an_image_is_not_sent_by_another_way(world: World) -> None:
    world.provider.can_cancel = False
    await world.imagine()
    await world.mona.delete(world.message)
    await world.env.advance_time(4)
    for path in (BY_TOKEN, BY_BOT):
        world.env.inject_error("PATCH", path, status=403, code=50001, times=None)
    await world.env.advance_time(20)

    assert (await world.row()).status is Status.KEPT
    assert world.alice.user.dm_channel.history() == []


async def test_an_image_that_is_not_delivered_is_not_held_in_memory_either(world: World) -> None:
    world.provider.can_cancel, world.provider.seconds = False, 60
    await world.imagine()
    await world.mona.delete(world.message)
    await world.env.advance_time(90)
    row = await world.row()
    (world.shelf / row.outputs[0].name).unlink()

    assert await world.bot.reports._gallery.form([row], 1 << 30) is None
