"""Ends at the review desk: withdrawn, sealed, expired; and who may bring them about."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any
from zipfile import ZipFile

import discord
import pytest

from bot.domain.generation import Entry, Status
from bot.domain.guild import Holder
from bot.domain.offer import Offer
from bot.moderation.stage import DEADLINE_MS
from bot.storage.reviews import Decision, Verdict
from bot.storage.storage import Storage
from bot.views.cancel import cancel_view
from bot.wording import NOT_YOURS
from tests.broken import refuse
from tests.cogs.test_desk import asked, moderator, private, public, reviewed
from tests.models import QUICK, RETOUCH
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("env")


def hold_cards(world: World, seconds: float = 30) -> None:
    """Discord takes so long for each card."""
    send = world.bot._desk._send

    async def slow(*about: Any) -> int | None:
        await world.clock.wait(asyncio.Event(), seconds)
        return await send(*about)

    world.bot._desk._send = slow  # type: ignore[assignment, method-assign]  # a slow upload


async def carried_out(world: World) -> None:
    """What the test itself has set going, and nobody in Discord."""
    imagine = world.bot.imagine
    while tasks := [*imagine._deciding, *(task for task, _ in imagine.under_way._lives.values())]:
        await asyncio.wait(tasks, timeout=10)
    await world.env.advance_time(5)


# --- nothing to decide about


@pytest.mark.moves("proposed>failed")
@pytest.mark.rules(offer=Offer((RETOUCH, QUICK)))
async def test_a_picture_that_cannot_be_read_ends_a_proposal_uncharged(world: World) -> None:
    desk = await reviewed(world, "prompt")

    await asked(world, image=("mine.jpg", picture()[:200]))

    row = await world.row()
    assert (row.status, row.quota, row.budget) == (Status.FAILED, Entry.RELEASED, Entry.RELEASED)
    assert (desk.history(), world.provider.inputs) == ([], [])


# --- withdrawn


async def test_what_is_withdrawn_while_its_card_is_posted_is_not_published(world: World) -> None:
    desk = await reviewed(world)
    hold_cards(world)
    await asked(world, 20)
    before = [(await world.row()).status, len(desk.history())]

    await world.alice.click(private(world), label="Cancel")
    await world.env.advance_time(60)

    assert before == [Status.REVIEWING, 0]
    assert (await world.row()).status is Status.CANCELED
    assert "anceled" in private(world).content
    assert public(world) == []


@pytest.mark.moves("reviewing>canceled")
async def test_several_images_are_withdrawn_together(world: World) -> None:
    desk = await reviewed(world)
    await asked(world, 40, count=3)

    await world.alice.click(private(world), label="Cancel")
    await world.env.advance_time(5)

    rows = await world.ledger.recent(world.alice.id, 10)
    assert [row.status for row in rows] == [Status.CANCELED] * 3
    assert "anceled" in private(world).content
    assert desk.last_message.attachments == []


@pytest.mark.parametrize(
    ("review", "stage"), [("prompt", Status.PROPOSED), ("image", Status.REVIEWING)]
)
async def test_what_is_canceled_cannot_be_approved_any_more(
    world: World, review: str, stage: Status
) -> None:
    await reviewed(world, review)
    await asked(world)
    row = await world.row()
    await world.ledger.request_cancel(row.id, now=world.clock.now())  # by another process

    decided = await world.bot._storage.reviews.decide(
        row.request.interaction_id, stage, Decision(Verdict.APPROVED, world.clock.now(), 1)
    )

    assert decided == []
    assert (await world.row()).status is stage


async def test_what_was_canceled_from_outside_ends_at_the_next_pass(world: World) -> None:
    desk = await reviewed(world, "prompt")
    await asked(world)
    sanctions = Storage.of(world.database).sanctions  # another process's
    await sanctions.block(
        world.guild.id, world.mona.id, world.alice.id, "no", until=None, now=world.clock.now()
    )

    await world.bot.decisions.pass_over()
    await carried_out(world)

    assert (await world.row()).status is Status.CANCELED
    assert "Withdrawn" in desk.last_message.content


async def test_a_block_ends_what_waits_for_a_moderator_at_once(world: World) -> None:
    await reviewed(world, "prompt")
    await asked(world)

    await moderator(world).slash(world.channel, "moderation block", user=world.alice)
    await world.env.advance_time(5)

    assert (await world.row()).status is Status.CANCELED


async def test_another_servers_moderator_cancels_nothing_here(world: World) -> None:
    await reviewed(world)
    await asked(world)
    other = world.env.create_guild()
    elsewhere = other.create_text_channel("elsewhere")
    role = other.create_role("Boss", permissions=discord.Permissions.all())
    eve = other.add_member(world.env.create_user("eve"), roles=[role])
    channel = world.bot.get_partial_messageable(elsewhere.id, guild_id=other.id)
    forged = await channel.send("forged", view=cancel_view((await world.row()).id, "Cancel"))

    result = await eve.click(forged, label="Cancel")
    await world.env.advance_time(5)

    assert result.response is not None
    assert NOT_YOURS in result.response.content
    assert (await world.row()).status is Status.REVIEWING


async def test_whoever_withdraws_is_not_mentioned_in_public(world: World) -> None:
    await reviewed(world)
    await asked(world)
    await world.env.advance_time(20 * 60)

    await world.bot.imagine.cancel((await world.row()).id)
    await carried_out(world)

    assert (await world.row()).status is Status.CANCELED
    assert public(world) == []


# --- sealed


async def test_an_image_that_was_withdrawn_is_nobodys_and_is_deleted_after_a_week(
    world: World,
) -> None:
    await reviewed(world)
    await asked(world)
    file = world.shelf / (await world.row()).outputs[0].name

    await world.alice.click(private(world), label="Cancel")
    await world.env.advance_time(5)
    panel = await world.alice.slash(world.channel, "me")
    result = await world.alice.click(panel.response, label="Export")
    stored = file.exists()
    await world.env.advance_time(8 * 24 * 3600)
    await world.bot.removal.pass_over()

    [exported] = [a for message in result.followups for a in message.attachments]
    with ZipFile(io.BytesIO(await exported.read())) as archive:
        assert [name for name in archive.namelist() if name.startswith("images/")] == []
    assert await world.history() == []
    assert (stored, file.exists()) == (True, False)
    assert (await world.row()).outputs == ()


# --- expired


async def test_one_request_in_trouble_does_not_keep_the_others_from_expiring(world: World) -> None:
    await reviewed(world, "prompt")
    await asked(world)
    await asked(world, who=world.bob)
    await world.env.advance_time(DEADLINE_MS / 1000 + 60)
    [troubled] = await world.ledger.recent(world.alice.id, 1)
    await refuse(world.database, "update", when=f"old.id = '{troubled.id}'")

    await world.bot.decisions.pass_over()
    await world.env.advance_time(5)

    [alices] = await world.ledger.recent(world.alice.id, 1)
    [bobs] = await world.ledger.recent(world.bob.id, 1)
    assert (alices.status, bobs.status) == (Status.PROPOSED, Status.EXPIRED)


# --- approved


async def test_a_request_that_was_a_spoiler_is_one_however_it_is_approved(world: World) -> None:
    desk = await reviewed(world)
    await world.set_limit(Holder.CHANNEL, world.channel.id, "spoiler", "1")
    await asked(world)
    await world.set_limit(Holder.CHANNEL, world.channel.id, "spoiler", "0")

    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)

    [message] = public(world)
    assert message.attachments[0].filename.startswith("SPOILER_")


async def test_usage_links_to_the_published_image_and_to_no_private_reply(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    before = (await world.alice.slash(world.channel, "usage")).response.content
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)
    after = (await world.alice.slash(world.channel, "usage")).response.content

    assert "discord.com/channels" not in before
    assert f"/{world.channel.id}/{public(world)[0].id}" in after


async def test_what_is_on_record_of_a_decision_names_no_request(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    await world.mona.click(desk.last_message, label="Approve")

    rows = await world.database.read("select details from audit where action = 'approve'", {})

    assert [json.loads(row["details"]) for row in rows] == [
        {"stage": "reviewing", "as": "approved"}
    ]
