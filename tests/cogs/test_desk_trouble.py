"""The review desk in trouble: what Discord refuses, what comes at once, what was cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest

from bot.domain.generation import Status
from bot.domain.guild import Holder
from tests.cogs.test_desk import asked, private, public, restarted, reviewed
from tests.world import PATIENCE, World, picture

pytestmark = pytest.mark.usefixtures("env")

ONE_MESSAGE = "/channels/*/messages/*"


async def rejected(world: World, card: Any, reason: str = "no") -> None:
    form = await world.mona.click(card, label="Reject …")
    await world.mona.submit_modal(form, {"reason": reason})
    await world.env.advance_time(5)


# --- what Discord refuses


@pytest.mark.parametrize("prompt", ["|" * 900, "@" * 900, "*a" * 450, "*" * 2000])
async def test_a_card_is_posted_and_emptied_whatever_escaping_adds(
    world: World, prompt: str
) -> None:
    desk = await reviewed(world)
    await asked(world, prompt=prompt)
    [card] = desk.history()

    await rejected(world, card, "_" * 500)

    [after] = desk.history()
    assert [each.filename for each in card.attachments][1:] == ["request.txt"]
    assert (after.attachments, after.components) == ([], [])
    assert "Rejected" in after.content
    assert "Reason: " in after.content


async def test_a_card_whose_words_are_refused_is_emptied_in_few(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    world.env.inject_error("PATCH", ONE_MESSAGE, status=400, code=50035, times=1)

    await world.alice.click(private(world), label="Cancel")
    await world.env.advance_time(5)

    [card] = desk.history()
    assert card.content == "🚫 **Withdrawn**: it is not to be decided any more"
    assert (card.attachments, card.components) == ([], [])


async def test_a_card_whose_press_is_answered_too_late_is_emptied_all_the_same(
    world: World,
) -> None:
    desk = await reviewed(world)
    await asked(world)
    form = await world.mona.click(desk.last_message, label="Reject …")
    world.env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)

    await world.mona.submit_modal(form, {"reason": "no"})
    await world.env.advance_time(5)

    [card] = desk.history()
    assert "Reason: no" in card.content
    assert (card.attachments, card.components) == ([], [])


async def test_a_card_that_cannot_be_edited_is_removed(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    world.env.inject_error("PATCH", ONE_MESSAGE, status=400, code=50035, times=None)

    await world.alice.click(private(world), label="Cancel")
    await world.env.advance_time(5)

    assert (await world.row()).status is Status.CANCELED
    assert desk.history() == []


async def test_a_card_that_cannot_be_reached_is_emptied_once_it_can(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    world.env.inject_error("PATCH", ONE_MESSAGE, status=403, code=50001, times=4)
    world.env.inject_error("DELETE", ONE_MESSAGE, status=403, code=50001, times=2)

    await world.alice.click(private(world), label="Cancel")
    await world.env.advance_time(5)
    before = len(desk.last_message.attachments)
    world.env.backend.faults.clear()
    await world.bot.panels.desk.pass_over()
    soon = len(desk.last_message.attachments)  # refusals count against the bot's address
    await world.env.advance_time(3600)
    await world.bot.panels.desk.pass_over()

    assert (before, soon) == (1, 1)
    assert desk.last_message.attachments == []
    assert public(world) == []


async def test_a_card_that_may_not_be_posted_is_tried_once_an_hour(world: World) -> None:
    desk = await reviewed(world)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, times=None)
    await asked(world)
    world.env.backend.faults.clear()
    await world.bot.panels.desk.pass_over()
    soon = len(desk.history())
    await world.env.advance_time(3600)
    await world.bot.panels.desk.pass_over()

    assert (soon, len(desk.history())) == (0, 1)


# --- what comes at once, what was cut off


def slow_messages(
    world: World, monkeypatch: pytest.MonkeyPatch, until: Callable[[], Awaitable[Any]]
) -> list[int]:
    """Discord takes so long for a new message; returns the channels where some were begun."""
    send = world.bot.http.send_message
    begun: list[int] = []

    async def slowly(channel_id: int, **message: Any) -> Any:
        begun.append(channel_id)
        await until()
        return await send(channel_id, **message)

    monkeypatch.setattr(world.bot.http, "send_message", slowly)
    return begun


async def test_a_request_withdrawn_while_its_card_is_uploaded_leaves_an_empty_card(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await reviewed(world)
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=None)
    await asked(world)
    world.env.backend.faults.clear()
    uploading, uploaded = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        uploading.set()
        await uploaded.wait()

    begun = slow_messages(world, monkeypatch, hold)
    row, look = await world.row(), world.bot._desk.look
    posting = asyncio.create_task(look(row.request.interaction_id))
    async with asyncio.timeout(PATIENCE):
        await uploading.wait()

    await world.ledger.finish(row, Status.CANCELED, now=world.clock.now(), bought=True)
    looking = asyncio.create_task(look(row.request.interaction_id))
    await world.env.advance_time(1)
    before = len(desk.history())
    uploaded.set()
    await asyncio.gather(posting, looking)

    assert (begun, before) == ([desk.id], 0)
    [card] = desk.history()
    assert (card.attachments, card.components) == ([], [])
    assert "Withdrawn" in card.content


async def test_a_request_withdrawn_before_its_card_was_recorded_leaves_an_empty_card(
    world: World,
) -> None:
    desk = await reviewed(world)
    await asked(world)
    async with world.database.transaction() as connection:  # killed in between
        await connection.fetch("update review set card_id = null, cards = 0", {})

    await world.alice.click(private(world), label="Cancel")
    await world.env.advance_time(5)

    [card] = desk.history()
    assert (card.attachments, card.components) == ([], [])


async def test_a_desk_that_cannot_be_read_now_is_searched_again_before_its_card_is_given_up(
    world: World,
) -> None:
    desk = await reviewed(world)
    await asked(world)
    async with world.database.transaction() as connection:
        await connection.fetch("update review set card_id = null, cards = 0", {})
    world.env.inject_error("GET", "/channels/*/messages", status=503, times=None)
    await world.alice.click(private(world), label="Cancel")
    await world.env.advance_time(30)
    before = len(desk.last_message.attachments)
    world.env.backend.faults.clear()

    await world.bot.panels.desk.pass_over()

    assert before == 1
    assert desk.last_message.attachments == []


async def test_a_slow_upload_keeps_no_other_request_from_the_desk(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await reviewed(world)
    begun = slow_messages(world, monkeypatch, lambda: world.clock.wait(asyncio.Event(), 60))

    await asked(world, who=world.alice)
    await asked(world, who=world.bob)

    assert begun == [desk.id, desk.id]
    assert desk.history() == []


# --- what is published


async def test_a_channel_that_is_its_own_desk_has_its_image_published_beside_the_card(
    world: World,
) -> None:
    desk = await reviewed(world)
    await world.set_limit(Holder.CHANNEL, desk.id, "review", "image")
    await world.set_limit(Holder.CHANNEL, desk.id, "desk", str(desk.id))
    await world.mona.slash(desk, "imagine", prompt="a red fox")
    await world.env.advance_time(15)
    [card] = [each for each in desk.history(viewer=world.olivia) if not each.flags.ephemeral]

    await world.olivia.click(card, label="Approve")
    await world.env.advance_time(5)

    [row] = await world.ledger.recent(world.mona.id, 1)
    shown = [each for each in desk.history(viewer=world.olivia) if each.attachments]
    assert [each.id for each in shown] == [row.published_id]
    assert row.published_id != card.id
    assert card.attachments[0].filename.startswith("SPOILER_review-")


async def test_somebodys_file_of_the_same_name_is_not_the_published_image(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    name = f"imagine-{(await world.row()).id}.jpg"
    theirs = await world.bob.send(world.channel, "mine", attachments=[(name, picture())])

    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)

    assert theirs.id != (await world.row()).published_id
    assert [len(each.attachments) for each in public(world)] == [1, 1]


async def test_an_image_removed_as_soon_as_it_was_published_does_not_come_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slowly(*_: Any, **__: Any) -> None:
        await world.clock.wait(asyncio.Event(), 60)

    desk = await reviewed(world)
    await asked(world)
    monkeypatch.setattr(discord.Webhook, "edit_message", slowly)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(1)
    [message] = public(world)
    row = await world.row()

    await message.delete()
    await restarted(world)
    await world.env.advance_time(60)

    assert (row.status, row.published_id) == (Status.DELIVERING, message.id)
    assert (await world.row()).status is Status.KEPT
    assert public(world) == []
