"""Where appeals, removals, reports and what was there before meet."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import discord
import pytest

from bot.domain.generation import RemovedBy
from bot.domain.guild import Holder
from bot.domain.limits import DAY_MS
from bot.domain.offer import Offer
from bot.policy import Keep
from tests.cogs.test_appeals import appealed, reject, rejected, reply_with
from tests.cogs.test_desk import public, restarted, reviewed
from tests.cogs.test_image import (
    DELETE_MESSAGE,
    delete,
    files,
    made,
    minute,
    opened,
    pressed,
    remove,
    shown,
)
from tests.cogs.test_picture import EDITOR
from tests.cogs.test_reports import report, with_desk
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("env")


async def erased(world: World, who: Any) -> None:
    panel = await who.slash(world.channel, "me")
    await who.click(panel.response, label="Delete …")
    await who.click(panel.response, label="Delete it all")


async def test_a_history_that_was_opened_earlier_says_of_a_removed_one_that_it_is_not_stored(
    world: World,
) -> None:
    message = await made(world)
    panel = await world.found_again()
    await remove(world, message)

    sent = await world.alice.click(panel, label="Send again")

    assert sent.response.attachments == []
    assert "no longer stored" in sent.response.content


async def test_a_thread_that_cannot_be_reopened_now_is_reopened_a_minute_later(
    world: World,
) -> None:
    world.env.backend.create_thread(world.channel.id, "foxes", world.alice.id)
    [thread] = world.channel.threads
    await world.alice.slash(thread, "imagine", prompt="a red fox")
    await world.env.advance_time(15)
    message = thread.last_message
    world.env.inject_error("DELETE", DELETE_MESSAGE, status=400, code=50083, times=2)
    world.env.inject_error("GET", f"/channels/{thread.id}", status=503, times=None)

    answer = await remove(world, message)
    world.env.backend.faults.clear()
    await minute(world)

    assert "tried again every minute" in answer.response.content
    assert [each for each in thread.history() if each.attachments] == []


async def test_a_report_that_comes_while_the_card_is_emptied_can_be_decided(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)
    reports, now = world.bot._storage.reports, world.clock.now()
    interaction_id = (await world.row()).request.interaction_id
    assert await reports.dismiss(interaction_id, world.mona.id, now=now)
    card = desk.last_message

    async def edit(**changes: Any) -> None:
        """Discord takes its time, and somebody else reports meanwhile."""
        partial = world.bot.get_partial_messageable(desk.id).get_partial_message(card.id)
        await partial.edit(**changes)
        await reports.file(interaction_id, world.olivia.id, "indeed", now=now)

    await world.bot.reports.look(interaction_id, edit)
    await minute(world)

    assert len(await reports.undecided(world.guild.id)) == 1
    card = desk.last_message
    assert (len(card.attachments), len(card.components)) == (1, 1)


async def test_a_report_whose_card_was_emptied_by_a_process_that_died_can_be_decided(
    world: World,
) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)
    await world.mona.click(desk.last_message, label="Dismiss")
    await world.database.write("update reported set closed = 0", {})  # killed before that

    await report(world, world.bob, message, "still rude")
    await minute(world)

    card = desk.last_message
    assert (len(card.attachments), len(card.components)) == (1, 1)


async def test_why_says_nothing_of_what_one_deleted_oneself(world: World) -> None:
    desk = await rejected(world)
    await world.env.advance_time(16 * 60)  # so the outcome is a note in the channel
    await appealed(world)
    await world.env.advance_time(16 * 60)
    await world.olivia.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)
    image = next(each for each in public(world) if each.attachments)
    await delete(world, image)
    row = await world.row()

    told = await pressed(world, world.alice, public(world)[-1], f"imagine:desk:why:{row.id}")

    assert row.removed_by is RemovedBy.REQUESTER
    assert "** removed" not in told.response.content


async def test_a_moderators_reason_is_not_put_into_the_operators_mouth(world: World) -> None:
    message = await made(world)
    await remove(world, message, reason="moderator's words")
    row, now = await world.row(), world.clock.now()
    note = world.alice.user.dm_channel.last_message
    await world.bot._storage.removals.remove(
        row.request.interaction_id, RemovedBy.OPERATOR, until=now, now=now
    )

    told = await world.alice.user.click(note, label="See why")

    assert "The bot's operator removed" in told.response.content
    assert "moderator's words" not in told.response.content


async def test_details_of_a_reviewed_image_say_how_long_it_took(world: World) -> None:
    desk = await reviewed(world)
    await made(world)
    await world.env.advance_time(600)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)
    [message] = public(world)

    panel = await opened(world, world.bob, message)

    assert "1 image in 9 s" in panel.response.content


async def test_the_words_of_an_appeal_are_kept_no_longer_than_prompts(world: World) -> None:
    keep = Keep(images=None, prompts=1)
    desk = await rejected(world)
    for _ in range(6):
        await world.env.advance_time(DAY_MS // 1000)
        await world.bot.retention.pass_over(keep)
    form = f"imagine-form:desk:appeal:{(await world.row()).id}"
    from simcord import actors

    field = {"type": 4, "custom_id": "appeal", "value": "my own story"}
    components = [{"type": 18, "component": field}]
    data = {"custom_id": form, "components": components}
    await actors._dispatch_actor_interaction(world.alice, 5, world.channel, data)
    await world.env.advance_time(5)
    assert (await world.row()).appeal == "my own story"
    await reject(world, desk, world.olivia)
    for _ in range(12):
        await world.env.advance_time(DAY_MS // 1000)
        await world.bot.retention.pass_over(keep)

    assert (await world.row()).appeal is None


async def test_an_erasure_reaches_the_card_of_a_report(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)
    await world.mona.click(desk.last_message, label="Dismiss")
    await erased(world, world.alice)
    await minute(world)

    assert [str(world.alice.id) in each.content for each in desk.history()] in ([], [False])


async def test_a_press_on_another_message_dismisses_and_leaves_that_as_it_is(
    world: World,
) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)
    subject = (await world.row()).id

    await pressed(world, world.mona, message, f"imagine:image:dismiss:{subject}")
    await minute(world)

    assert shown(world) == [message.id]
    assert (desk.last_message.attachments, desk.last_message.components) == ([], [])


@pytest.mark.sqlite("images are files")
async def test_one_file_that_cannot_be_deleted_holds_up_nothing_else(world: World) -> None:
    bobs = await made(world, world.bob)
    [name] = files(world)
    path = world.folder / "images" / name
    path.unlink()
    (path / "x").mkdir(parents=True)
    [row] = await world.ledger.recent(world.bob.id, 1)
    now = world.clock.now()
    await world.bot._storage.removals.remove(
        row.request.interaction_id, RemovedBy.REQUESTER, until=now, now=now
    )
    assert bobs
    message = await made(world)

    answer = await remove(world, message)
    await minute(world)

    assert answer.response.content.startswith("Removed.")
    assert "news" in world.alice.user.dm_channel.last_message.content


async def test_siblings_that_were_removed_keep_nobody_from_being_told(world: World) -> None:
    """Killed once one of two was delivered, before the other's failure was told."""
    message = await made(world, count=2)
    rows = await world.ledger.recent(world.alice.id, 9)
    await remove(world, message)
    await world.database.write(
        "update generation set status = 'failed', error = 'provider', token = 'x', "
        "token_expires_at = 9999999999999 where ordinal = 1",
        {},
    )

    await restarted(world)
    await world.env.advance_time(30)

    [token] = await world.database.read("select token from generation where ordinal = 1", {})
    assert rows
    assert token["token"] is None


async def test_whoever_wins_a_dismissal_and_a_removal_at_once_there_is_one_verdict(
    world: World,
) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)
    row, now = await world.row(), world.clock.now()
    storage, number = world.bot._storage, row.request.interaction_id
    await asyncio.gather(
        storage.reports.dismiss(number, world.mona.id, now=now),
        storage.removals.remove(
            number,
            RemovedBy.MODERATOR,
            until=now + 9,
            now=now,
            actor_id=world.olivia.id,
            reported=True,
        ),
    )
    found = await world.database.read(
        "select action from audit where action in ('dismiss', 'remove')", {}
    )
    assert len(found) == 1
    assert desk


async def test_no_two_messages_have_the_same_nonce(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord answers the second within a few minutes with the first one, and posts nothing."""
    nonces: list[str] = []
    send = discord.http.HTTPClient.send_message

    async def noted(http: Any, channel_id: int, *, params: Any) -> Any:
        forms = [json.loads(each["value"]) for each in (params.multipart or [])[:1]]
        nonces.extend(str(each.get("nonce")) for each in [params.payload, *forms] if each)
        return await send(http, channel_id, params=params)

    monkeypatch.setattr(discord.http.HTTPClient, "send_message", noted)
    desk = await reviewed(world, "both")
    await made(world)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(15)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)
    await report(world, world.bob, public(world)[-1])
    form = await world.mona.click(desk.last_message, label="Remove …")
    await world.mona.submit_modal(form, {"reason": "rude"})

    told = [each for each in nonces if each != "None"]
    assert len(told) >= 4
    assert sorted(set(told)) == sorted(told)


async def test_a_takedown_whose_message_may_not_be_deleted_now_is_tried_again(
    world: World,
) -> None:
    await made(world)
    row, now = await world.row(), world.clock.now()
    await world.bot._storage.removals.remove(
        row.request.interaction_id, RemovedBy.OPERATOR, until=now, now=now
    )
    world.env.inject_error("DELETE", DELETE_MESSAGE, status=403, code=50001, times=None)
    await minute(world)
    world.env.backend.faults.clear()
    await minute(world)
    soon = shown(world)  # it is left alone: refusals count against the bot's address
    await world.env.advance_time(3600)
    await minute(world)

    assert len(soon) == 1
    assert shown(world) == []


async def test_the_operator_hears_of_a_report_once_discord_is_back(world: World) -> None:
    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot(operator_id=world.olivia.id))
    message = await made(world)
    world.env.inject_error("POST", "/users/@me/channels", status=503, times=None)
    await report(world, world.bob, message)
    world.env.backend.faults.clear()
    await minute(world)

    notes = world.olivia.user.dm_channel
    assert notes is not None
    assert notes.history()


async def test_whoever_asked_hears_of_a_removal_after_a_kill(world: World) -> None:
    await made(world)
    row, now = await world.row(), world.clock.now()
    await world.bot._storage.removals.remove(
        row.request.interaction_id,
        RemovedBy.MODERATOR,
        until=now + 9,
        now=now,
        actor_id=world.mona.id,
    )
    await restarted(world)
    await minute(world)

    assert world.alice.user.dm_channel.history()


async def test_several_images_are_appealed_together_and_removed_together(world: World) -> None:
    desk = await rejected(world, count=2)
    await appealed(world, message=reply_with(world, "rejected by a moderator"))
    await world.olivia.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)
    message = next(each for each in public(world) if each.attachments)
    count = len(message.attachments)
    await remove(world, message)

    rows = await world.ledger.recent(world.alice.id, 9)
    assert count == 2
    assert {row.removed_by for row in rows} == {RemovedBy.MODERATOR}
    assert shown(world) == []


async def edited(world: World, who: Any, message: Any) -> None:
    """Somebody's image, made from a picture of that message."""
    await world.set_limit(Holder.GUILD, 0, "sources", "anyone")
    await world.env.restart_bot(world.new_bot(offer=Offer((EDITOR,))))
    asked = await who.context_menu(world.channel, "Use as input", message)
    await who.submit_modal(asked, {"prompt": "make it snow"})
    await world.env.advance_time(15)


async def test_the_picture_that_a_deleted_image_starts_from_goes_with_it(world: World) -> None:
    posted = await world.bob.send(world.channel, "me", attachments=[("me.jpg", picture())])
    await edited(world, world.alice, posted)

    await delete(world, world.message)

    assert files(world) == []


async def test_of_a_published_image_no_private_reply_stays(world: World) -> None:
    desk = await reviewed(world)
    await made(world)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)

    answer = await remove(world, public(world)[-1])

    assert "private reply" not in answer.response.content


async def test_whoever_asked_is_not_told_to_delete_a_message_that_is_the_bots(
    world: World,
) -> None:
    message = await made(world)
    world.env.inject_error("DELETE", DELETE_MESSAGE, status=403, code=50001, times=None)

    answer = await delete(world, message)

    assert "ask a moderator" in answer.response.content
