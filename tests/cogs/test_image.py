"""*Image details*, and what follows from it: who may delete or remove, and what is seen then."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from simcord import actors

from bot.domain.generation import RemovedBy, Status
from bot.panels.image import SEALED_MS
from bot.views.panel import ids
from bot.wording import usage
from tests.cogs.test_desk import forged, public, restarted, reviewed
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("env")

DELETE_MESSAGE = "/channels/*/messages/*"


async def made(world: World, who: Any = None, **options: Any) -> Any:
    """An image, delivered; its message."""
    await world.imagine(who, **options)
    await world.env.advance_time(15)
    return world.message


def labels(result: Any) -> list[str]:
    """The buttons of an answer."""
    return [each["label"] for row in result.response.components for each in row["components"]]


def below(message: discord.Message) -> list[Any]:
    """The buttons below an image, in one row."""
    [row] = message.components
    assert isinstance(row, discord.ActionRow)
    return [each.label for each in row.children if isinstance(each, discord.Button)]


def more(message: discord.Message) -> str:
    """The id of the last one."""
    [*_, last] = ids(message)
    return last


async def opened(world: World, who: Any, message: Any) -> Any:
    return await who.click(message, label="More")


async def remove(world: World, message: Any, who: Any = None, reason: str = "too loud") -> Any:
    """By Mona, from the details."""
    person = who or world.mona
    panel = await opened(world, person, message)
    form = await person.click(panel.response, label="Remove …")
    return await person.submit_modal(form, {"reason": reason})


async def delete(world: World, message: Any) -> Any:
    """By Alice, from the details."""
    panel = await opened(world, world.alice, message)
    asked = await world.alice.click(panel.response, label="Delete …")
    return await world.alice.click(asked.response, label="Delete it")


def shown(world: World) -> list[int]:
    """The messages with images that Bob sees in the channel."""
    return [each.id for each in public(world) if each.attachments]


def files(world: World) -> list[str]:
    return [each.name for each in world.shelf.glob("*")]


async def minute(world: World) -> None:
    """What `bot.run` does each minute."""
    await world.bot.panels.desk.pass_over()
    await world.bot.removal.pass_over()
    await world.bot.reports.pass_over()


# --- the button, and what it shows


async def test_every_finished_image_has_buttons(world: World) -> None:
    message = await made(world)

    assert below(message) == ["Again", "Edit prompt", "More"]


async def test_images_that_are_approved_have_it_too(world: World) -> None:
    desk = await reviewed(world)
    await made(world)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)

    [message] = public(world)
    assert below(message) == ["Again", "Edit prompt", "More"]


async def test_an_image_that_reached_a_direct_message_has_it_too(world: World) -> None:
    message = await in_direct_message(world)

    assert below(message) == ["Again", "Edit prompt", "More"]
    panel = await opened(world, world.alice.user, message)
    assert "a red fox" in panel.response.content


async def in_direct_message(world: World) -> Any:
    """Alice's image, which the channel refused."""
    await world.imagine()
    await world.env.advance_time(5)
    world.env.inject_error("PATCH", "/webhooks/*", status=403, code=50013, times=1)
    world.env.inject_error("PATCH", DELETE_MESSAGE, status=403, code=50013, times=1)
    await world.env.advance_time(10)
    return world.alice.user.dm_channel.last_message


async def as_a_new_message(world: World) -> Any:
    """Alice's image, whose reply could not be edited any more."""
    await world.imagine()
    await world.env.advance_time(5)
    world.env.inject_error("PATCH", "/webhooks/*", status=401, code=50027, times=None)
    world.env.inject_error("PATCH", DELETE_MESSAGE, status=429, code=30046, times=1)
    await world.env.advance_time(10)
    return world.message


async def test_details_say_what_was_asked_by_whom_when_and_that_it_is_made_by_ai(
    world: World,
) -> None:
    message = await made(world, prompt="a *red* fox")

    panel = await opened(world, world.bob, message)

    assert panel.ephemeral
    text = panel.response.content
    assert "made by AI" in text
    assert "a \\*red\\* fox" in text
    assert "google/imagen-4-ultra" in text
    assert f"<@{world.alice.id}> asked <t:" in text
    assert "1 image in 9 s" in text


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("alice", ["Spoiler", "Delete …"]),
        ("bob", ["Report …"]),
        ("mona", ["Spoiler", "Remove …"]),
        ("olivia", ["Spoiler", "Remove …"]),
    ],
)
@pytest.mark.parametrize("by_menu", [True, False])
async def test_each_is_offered_what_they_may(
    world: World, who: str, offered: list[str], *, by_menu: bool
) -> None:
    message = await made(world)
    person = getattr(world, who)

    if by_menu:
        panel = await person.context_menu(world.channel, "Image details", message)
    else:
        panel = await opened(world, person, message)

    assert labels(panel) == offered


async def test_a_moderator_may_delete_or_remove_their_own(world: World) -> None:
    message = await made(world, world.mona)

    panel = await opened(world, world.mona, message)

    assert labels(panel) == ["Spoiler", "Delete …", "Remove …"]


@pytest.mark.parametrize("menu", ["Image details", "Report image"])
async def test_other_peoples_messages_are_none_of_ours_whatever_their_files_are_called(
    world: World, menu: str
) -> None:
    await made(world)
    row = await world.row()
    name = f"imagine-{row.id}.png"
    forged = await world.bob.send(world.channel, "mine", attachments=[(name, picture())])

    result = await world.alice.context_menu(world.channel, menu, forged)

    assert "no image of mine" in result.response.content


async def test_a_members_press_from_another_channel_shows_nothing(world: World) -> None:
    message = await made(world)
    elsewhere = world.guild.create_text_channel("elsewhere")
    await world.bob.slash(elsewhere, "imagine", prompt="mine")
    await world.env.advance_time(15)

    result = await pressed(world, world.bob, elsewhere.last_message, more(message), elsewhere)

    assert "nothing here that you can see" in result.response.content


async def test_people_of_another_server_see_nothing_moderators_neither(world: World) -> None:
    message = await made(world)
    other = world.env.create_guild()
    role = other.create_role("M", permissions=discord.Permissions(manage_guild=True))
    eve = other.add_member(world.env.create_user("eve"), roles=[role])
    channel = other.create_text_channel("x")
    await eve.slash(channel, "imagine", prompt="mine")
    await world.env.advance_time(15)
    subject = (await world.row()).id

    shown = await pressed(world, eve, channel.last_message, more(message), channel)
    data = f"imagine-form:image:remove:{subject}"
    removed = await submitted(world, eve, channel, data, "mine now")

    assert "nothing here that you can see" in shown.response.content
    assert "nothing here that you can see" in removed.response.content
    assert (await world.row()).removed_by is None


async def pressed(world: World, who: Any, message: Any, custom_id: str, channel: Any = None) -> Any:
    """A press of a button that Discord would not let this person see."""
    stored = world.env.backend.get_message((channel or world.channel).id, message.id)
    before = stored.components
    button = {"type": 2, "style": 2, "label": "x", "custom_id": custom_id}
    stored.components = [{"type": 1, "components": [button]}]
    try:
        data = {"custom_id": custom_id, "component_type": 2}
        return await actors._component_interaction(who, stored, data)
    finally:
        stored.components = before


async def submitted(world: World, who: Any, channel: Any, custom_id: str, reason: str) -> Any:
    """A form that was never shown to them, or by a process that is gone."""
    field = {"type": 4, "custom_id": "reason", "value": reason}
    components = [{"type": 18, "component": field}]
    data = {"custom_id": custom_id, "components": components}
    return await actors._dispatch_actor_interaction(who, 5, channel, data)


async def test_a_private_image_is_seen_by_whoever_asked_and_the_moderators_alone(
    world: World,
) -> None:
    public_message = await made(world, world.bob)
    await world.imagine(private=True)
    await world.env.advance_time(15)
    subject = f"imagine:image:open:{(await world.row()).id}"

    results = [
        await pressed(world, who, public_message, subject)
        for who in (world.alice, world.mona, world.bob)
    ]

    told = ["made by AI" in each.response.content for each in results]
    assert told == [True, True, False]


@pytest.mark.parametrize("verb", ["delete", "delete-now", "remove", "uphold", "dismiss"])
async def test_a_member_with_a_forged_id_does_nothing(world: World, verb: str) -> None:
    message = await made(world)
    subject = (await world.row()).id

    result = await pressed(world, world.bob, message, f"imagine:image:{verb}:{subject}")

    assert result.modal is None
    assert result.response.content.startswith(("Only the person who asked", "Only this server's"))
    assert (await world.row()).removed_by is None
    assert shown(world) == [message.id]


@pytest.mark.parametrize("verb", ["remove", "uphold"])
async def test_nor_does_a_forged_form(world: World, verb: str) -> None:
    await made(world)
    data = f"imagine-form:image:{verb}:{(await world.row()).id}"

    result = await submitted(world, world.bob, world.channel, data, "mine")

    assert "Only this server's moderators" in result.response.content
    assert (await world.row()).removed_by is None


@pytest.mark.parametrize("subject", ["", "-", "9" * 40 + "-0", "1-0", "a-b", "erased-0"])
async def test_an_id_of_nothing_finds_nothing(world: World, subject: str) -> None:
    message = await made(world)

    result = await pressed(world, world.bob, message, f"imagine:image:open:{subject}")

    assert "no image of mine" in result.response.content


# --- removed by a moderator


async def test_a_removal_takes_the_image_from_everybody_and_seals_it_for_30_days(
    world: World,
) -> None:
    message = await made(world)

    answer = await remove(world, message)

    assert answer.ephemeral
    assert answer.response.content.startswith("Removed.")
    assert shown(world) == []
    assert await world.history() == []
    row = await world.row()
    assert usage._recent(row).endswith("· removed · a red fox")
    assert (row.status, row.removed_by) == (Status.DELIVERED, RemovedBy.MODERATOR)
    assert row.sealed_until == world.clock.now() + SEALED_MS
    assert len(files(world)) == 1

    await world.env.advance_time(31 * 24 * 3600)
    await minute(world)
    assert files(world) == []


async def test_whoever_asked_is_told_by_direct_message_and_see_why_says_it_privately(
    world: World,
) -> None:
    message = await made(world)

    await remove(world, message, reason="no *foxes*")

    note = world.alice.user.dm_channel.last_message
    assert "fox" not in note.content
    told = await world.alice.user.click(note, label="See why")
    assert "A moderator removed this image" in told.response.content
    assert "no \\*foxes\\*" in told.response.content


async def test_where_direct_messages_are_closed_a_note_in_the_channel_says_nothing_of_what(
    world: World,
) -> None:
    message = await made(world)
    world.env.inject_error("POST", "/users/@me/channels", status=403, code=50007, times=None)

    await remove(world, message, reason="no foxes")

    [note] = public(world)
    assert note.content == f"<@{world.alice.id}> There is news about your request."
    told = await world.alice.click(note, label="See why")
    other = await world.bob.click(note, label="See why")
    assert "no foxes" in told.response.content
    assert "no foxes" not in other.response.content


async def test_a_reviewed_image_is_never_spoken_of_in_direct_messages(world: World) -> None:
    desk = await reviewed(world)
    await made(world)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)
    [message] = public(world)

    await remove(world, message)

    [note] = public(world)
    assert note.attachments == []
    assert "news about your request" in note.content


async def test_a_removal_is_on_record_without_the_requests_id(world: World) -> None:
    message = await made(world)
    await remove(world, message)

    [entry] = await world.database.read("select * from audit where action = 'remove'", {})

    assert (entry["reason"], entry["details"]) == ("too loud", "{}")


async def test_who_comes_second_is_told(world: World) -> None:
    message = await made(world)
    panel = await opened(world, world.olivia, message)
    form = await world.olivia.click(panel.response, label="Remove …")
    await remove(world, message)

    late = await world.olivia.submit_modal(form, {"reason": "mine"})

    assert "removed already" in late.response.content
    actions = await world.database.read("select action from audit where action = 'remove'", {})
    assert len(actions) == 1


async def test_a_form_that_was_open_during_a_restart_still_removes(world: World) -> None:
    message = await made(world)
    panel = await opened(world, world.mona, message)
    form = await world.mona.click(panel.response, label="Remove …")
    await restarted(world)

    await world.mona.submit_modal(form, {"reason": "too loud"})

    assert (await world.row()).removed_by is RemovedBy.MODERATOR
    assert shown(world) == []


async def test_the_button_works_after_a_restart(world: World) -> None:
    message = await made(world)
    await restarted(world)

    panel = await opened(world, world.bob, message)

    assert "made by AI" in panel.response.content


async def test_a_message_that_somebody_had_deleted_is_removed_all_the_same(world: World) -> None:
    message = await made(world)
    panel = await opened(world, world.mona, message)
    form = await world.mona.click(panel.response, label="Remove …")
    await world.mona.delete(message)

    answer = await world.mona.submit_modal(form, {"reason": ""})

    assert answer.response.content.startswith("Removed.")
    assert await world.bot._storage.removals.waiting() == []


@pytest.mark.fault(
    "Discord is down while a moderator removes an image",
    sees="its message goes a minute after Discord is back",
    charged="one image",
)
async def test_what_discord_does_not_delete_now_is_deleted_later(world: World) -> None:
    message = await made(world)
    world.env.inject_error("DELETE", DELETE_MESSAGE, status=503, times=None)

    answer = await remove(world, message)
    still = shown(world)
    world.env.backend.faults.clear()
    await minute(world)

    assert "tried again every minute" in answer.response.content
    assert len(still) == 1
    assert shown(world) == []


@pytest.mark.fault(
    "the bot may not delete the message of a removed image (50001)",
    sees="that it has to be deleted by hand; the image is sealed all the same",
    charged="one image",
)
async def test_a_moderator_is_told_to_delete_by_hand_what_the_bot_may_not(world: World) -> None:
    message = await made(world)
    world.env.inject_error("DELETE", DELETE_MESSAGE, status=403, code=50001, times=None)

    answer = await remove(world, message)

    assert "delete it by hand" in answer.response.content
    assert await world.history() == []
    assert len(await world.bot._storage.removals.waiting()) == 1  # it may be let near it again


async def test_a_message_in_an_archived_thread_goes_as_well(world: World) -> None:
    world.env.backend.create_thread(world.channel.id, "foxes", world.alice.id)
    [thread] = world.channel.threads
    await world.alice.slash(thread, "imagine", prompt="a red fox")
    await world.env.advance_time(15)
    message = thread.last_message
    world.env.inject_error("DELETE", DELETE_MESSAGE, status=400, code=50083, times=1)

    answer = await remove(world, message)

    assert answer.response.content.startswith("Removed.")
    assert [each for each in thread.history() if each.attachments] == []


async def test_a_new_message_of_the_image_goes_as_well(world: World) -> None:
    message = await as_a_new_message(world)
    row = await world.row()

    await remove(world, message)

    assert row.published_id == message.id
    assert row.message_id != message.id
    assert shown(world) == []


async def test_a_copy_in_direct_messages_goes_as_well(world: World) -> None:
    copy = await in_direct_message(world)
    [stale] = public(world)
    subject = (await world.row()).id
    panel = await pressed(world, world.mona, stale, f"imagine:image:remove:{subject}")

    await world.mona.submit_modal(panel, {"reason": "too loud"})

    left = world.alice.user.dm_channel.history()
    assert copy.id not in {each.id for each in left}
    assert [each.content for each in left if each.attachments] == []


# --- deleted by whoever asked


async def test_whoever_asked_deletes_their_own_for_good_after_being_asked_once_more(
    world: World,
) -> None:
    message = await made(world)

    answer = await delete(world, message)

    assert answer.response.content == "Deleted."
    assert public(world) == []
    assert files(world) == []
    row = await world.row()
    assert (row.removed_by, row.outputs) == (RemovedBy.REQUESTER, ())
    assert row.counted == 1
    assert await world.history() == []


async def test_a_double_click_deletes_once_and_says_so(world: World) -> None:
    message = await made(world)
    panel = await opened(world, world.alice, message)
    asked = await world.alice.click(panel.response, label="Delete …")
    subject = f"imagine:image:delete-now:{(await world.row()).id}"

    await world.alice.click(asked.response, label="Delete it")
    again = await pressed(world, world.alice, asked.response, subject)

    assert "removed already" in again.response.content


async def test_a_private_image_that_is_deleted_says_that_its_reply_stays(world: World) -> None:
    await world.imagine(private=True)
    await world.env.advance_time(15)
    reply = next(m for m in world.channel.history(viewer=world.alice) if m.flags.ephemeral)

    answer = await delete(world, reply)

    assert "until you dismiss it" in answer.response.content
    assert files(world) == []


async def test_what_is_still_being_made_is_not_removed(world: World) -> None:
    world.provider.seconds = 60
    await world.imagine()
    await world.env.advance_time(5)
    data = f"imagine-form:image:remove:{(await world.row()).id}"

    result = await submitted(world, world.mona, world.channel, data, "no")

    assert "nothing here that you can see" in result.response.content


async def test_a_rejected_image_is_not_removed_by_a_forged_form(world: World) -> None:
    desk = await reviewed(world)
    await made(world)
    form = await world.mona.click(desk.last_message, label="Reject …")
    await world.mona.submit_modal(form, {"reason": "no"})
    await world.env.advance_time(5)
    subject = (await world.row()).request.interaction_id

    result = await forged(world, world.mona, world.channel, f"{subject}-reviewing")
    data = f"imagine-form:image:remove:{subject}-0"
    removed = await submitted(world, world.mona, world.channel, data, "no")

    assert "Somebody was first" in result.response.content
    assert "nothing here that you can see" in removed.response.content
    assert (await world.row()).removed_by is None
