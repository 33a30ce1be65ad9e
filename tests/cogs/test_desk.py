"""The review desk: who decides, what everybody sees, and that it happens once."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence
from typing import Any
from zipfile import ZipFile

import discord
import pytest
from simcord import actors

from bot.domain.generation import Entry, Status
from bot.domain.guild import Change, Holder
from bot.domain.prediction import PredictionStatus
from bot.moderation.stage import DEADLINE_MS
from bot.storage.reviews import Decision, Verdict
from bot.storage.storage import Storage
from tests.broken import accept, refuse
from tests.spoken import Speak
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("env")

HIDDEN = discord.PermissionOverwrite(view_channel=False)
SHOWN = discord.PermissionOverwrite(view_channel=True)
MODAL_SUBMIT = 5
IN_CHANNEL = "/channels/*/messages"
WAITING = "Waiting for a moderator"


async def reviewed(
    world: World, review: str = "image", readers: Sequence[Any] = (), **allowed: bool | None
) -> Any:
    """A desk that moderators and the bot can read, for the channel where Alice asks."""
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    assert world.bot.user is not None
    overwrites: dict[Any, discord.PermissionOverwrite] = {
        guild.default_role: HIDDEN,
        world.bot.user: discord.PermissionOverwrite(view_channel=True, **allowed),
        **dict.fromkeys((world.mona, world.olivia, *readers), SHOWN),
    }
    desk = world.guild.create_text_channel("desk", overwrites=overwrites)
    await world.set_limit(Holder.CHANNEL, world.channel.id, "review", review)
    await world.set_limit(Holder.CHANNEL, world.channel.id, "desk", str(desk.id))
    return desk


def moderator(world: World) -> Any:
    """One to whom Discord shows `/moderation` by default."""
    role = world.guild.create_role("Mods", permissions=discord.Permissions(moderate_members=True))
    return world.guild.add_member(world.env.create_user("max"), roles=[role])


async def restarted(world: World) -> None:
    """Killed, and started again: what was is in the ledger alone."""
    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(1)


async def asked(world: World, seconds: float = 15, **options: Any) -> Any:
    result = await world.imagine(**options)
    await world.env.advance_time(seconds)
    return result


def public(world: World) -> list[discord.Message]:
    """What Bob sees in the channel."""
    return list(world.channel.history(viewer=world.bob))


def private(world: World) -> Any:
    """Alice's reply, which nobody else sees."""
    return next(m for m in world.channel.history(viewer=world.alice) if m.flags.ephemeral)


# --- what is seen before


async def test_an_image_is_seen_by_nobody_but_the_desk_before_it_is_approved(world: World) -> None:
    desk = await reviewed(world)

    result = await asked(world)

    assert result.ephemeral
    assert public(world) == []
    assert WAITING in private(world).content
    assert private(world).attachments == []
    [card] = desk.history()
    assert [each.filename[:8] for each in card.attachments] == ["SPOILER_"]
    assert "a red fox" in card.content
    assert "0 approved, 0 rejected" in card.content
    assert (await world.row()).status is Status.REVIEWING


async def test_a_prompt_is_reviewed_before_anything_is_bought(world: World) -> None:
    desk = await reviewed(world, "prompt")

    await asked(world)
    [card] = desk.history()
    before = len(world.provider.began)
    row = await world.row()
    await world.mona.click(card, label="Approve")
    await world.env.advance_time(15)

    assert (before, row.status, row.quota) == (0, Status.PROPOSED, Entry.RESERVED)
    assert len(world.provider.began) == 1
    [message] = public(world)
    assert len(message.attachments) == 1


@pytest.mark.moves("proposed>queued", "reviewing>delivering")
async def test_both_reviews_are_two_decisions(world: World) -> None:
    desk = await reviewed(world, "both")
    await asked(world)

    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(15)
    assert public(world) == []
    await world.olivia.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)

    assert len(desk.history()) == 2
    assert len(public(world)) == 1


async def test_the_pictures_it_starts_from_are_on_the_card(world: World) -> None:
    pytest.importorskip("PIL")
    from bot.domain.offer import Offer
    from tests.models import RETOUCH

    await world.bot.imagine.close(0)
    offer = Offer((RETOUCH, *world.rules.offer.models))
    await world.env.restart_bot(world.new_bot(offer=offer))
    desk = await reviewed(world, "prompt")

    await asked(world, image=("mine.jpg", picture()))

    [card] = desk.history()
    assert [each.filename[:8] for each in card.attachments] == ["SPOILER_"]
    assert "starts from 1 picture" in card.content


async def test_a_prompt_too_long_for_a_card_is_attached_whole(world: World) -> None:
    desk = await reviewed(world, "prompt")

    await asked(world, prompt="word " * 390)

    [card] = desk.history()
    assert [each.filename for each in card.attachments] == ["request.txt"]
    typed = (await card.attachments[0].read()).decode()
    assert typed.startswith(("word " * 390).strip())


# --- decisions


async def test_approval_publishes_in_the_channel_under_the_requesters_name(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    [card] = desk.history()

    await world.mona.click(card, label="Approve")
    await world.env.advance_time(5)

    [message] = public(world)
    assert message.content.startswith(f"<@{world.alice.id}>'s image")
    assert [each.filename.startswith("imagine-") for each in message.attachments] == [True]
    assert str(message.id) in private(world).content
    [card] = desk.history()
    assert card.attachments == []
    assert "Approved** by <@" + str(world.mona.id) in card.content
    row = await world.row()
    assert (row.status, row.quota, row.budget) == (
        Status.DELIVERED,
        Entry.SETTLED,
        Entry.SETTLED,
    )
    assert row.published_id == message.id


async def test_approved_as_a_spoiler_it_is_one(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)

    await world.mona.click(desk.last_message, label="Approve as spoiler")
    await world.env.advance_time(5)

    [message] = public(world)
    assert message.attachments[0].filename.startswith("SPOILER_imagine-")


async def test_a_rejection_is_told_privately_with_its_reason(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)

    form = await world.mona.click(desk.last_message, label="Reject …")
    await world.mona.submit_modal(form, {"reason": "No *foxes* here"})
    await world.env.advance_time(5)

    assert public(world) == []
    assert "No \\*foxes\\* here" in private(world).content
    assert "counts as one image" in private(world).content
    assert desk.last_message.attachments == []
    assert "Rejected" in desk.last_message.content
    row = await world.row()
    assert (row.status, row.quota, row.budget) == (Status.REJECTED, Entry.SETTLED, Entry.SETTLED)
    assert await world.history() == []


async def test_reject_and_block_does_both_at_once(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    form = await world.mona.click(desk.last_message, label="Reject and block …")
    await world.mona.submit_modal(form, {"reason": "third time", "duration": "3d"})
    await world.env.advance_time(5)

    again = await world.imagine(world.alice)

    [row] = await world.database.read("select status from generation", {})
    assert row["status"] == "rejected"
    assert again.ephemeral
    assert "third time" in again.response.content
    actions = await world.database.read("select action from audit order by number desc limit 2", {})
    assert [each["action"] for each in actions] == ["block", "reject"]


async def test_who_manages_the_server_is_not_blocked_and_nothing_is_decided(world: World) -> None:
    desk = await reviewed(world)
    await world.imagine(world.olivia)
    await world.env.advance_time(15)
    form = await world.mona.click(desk.last_message, label="Reject and block …")
    result = await world.mona.submit_modal(form, {"reason": "no", "duration": ""})

    assert "manage this server" in result.response.content
    [row] = await world.database.read("select status from generation", {})
    assert row["status"] == "reviewing"


async def test_a_moderator_reads_in_their_language_why_somebody_is_not_blocked(
    world: World, speak: Speak
) -> None:
    desk = await reviewed(world)
    speak(world.mona, "de")
    await world.imagine(world.olivia)
    await world.env.advance_time(15)
    form = await world.mona.click(desk.last_message, label="Reject and block …")
    result = await world.mona.submit_modal(form, {"reason": "no", "duration": ""})

    assert "diesen Server verwalten" in result.response.content


async def test_a_duration_that_is_none_decides_nothing(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    form = await world.mona.click(desk.last_message, label="Reject and block …")
    result = await world.mona.submit_modal(form, {"reason": "no", "duration": "soon"})

    assert "`3d`" in result.response.content
    [row] = await world.database.read("select status from generation", {})
    assert row["status"] == "reviewing"


async def test_a_server_may_say_that_rejected_images_do_not_count(world: World) -> None:
    desk = await reviewed(world)
    await world.set_limit(Holder.GUILD, 0, "rejected_counts", "0")
    await asked(world)

    form = await world.mona.click(desk.last_message, label="Reject …")
    await world.mona.submit_modal(form, {"reason": "no"})
    await world.env.advance_time(5)

    row = await world.row()
    assert (row.quota, row.budget) == (Entry.RELEASED, Entry.SETTLED)


@pytest.mark.moves("proposed>rejected")
async def test_a_prompt_that_is_rejected_costs_nothing(world: World) -> None:
    desk = await reviewed(world, "prompt")
    await asked(world)

    form = await world.mona.click(desk.last_message, label="Reject …")
    await world.mona.submit_modal(form, {"reason": "no"})
    await world.env.advance_time(5)

    row = await world.row()
    assert (row.status, row.quota, row.budget) == (
        Status.REJECTED,
        Entry.RELEASED,
        Entry.RELEASED,
    )
    assert world.provider.began == {}
    assert "not charged" in private(world).content


@pytest.mark.fault(
    "no moderator decides within a day",
    sees="that nobody decided in time, and that it was not charged",
    charged="nothing",
)
@pytest.mark.parametrize(
    ("review", "budget"),
    [
        pytest.param("prompt", "released", marks=pytest.mark.moves("proposed>expired")),
        pytest.param("image", "settled", marks=pytest.mark.moves("reviewing>expired")),
    ],
)
async def test_what_nobody_decides_in_a_day_expires_uncharged(
    world: World, review: str, budget: str
) -> None:
    desk = await reviewed(world, review)
    await asked(world)

    await world.env.advance_time(DEADLINE_MS / 1000 - 60)
    await world.bot.decisions.pass_over()
    early = (await world.row()).status
    await world.env.advance_time(120)
    await world.bot.decisions.pass_over()
    await world.env.advance_time(5)

    assert early is not Status.EXPIRED
    row = await world.row()
    assert (row.status, row.quota, row.budget) == (Status.EXPIRED, "released", budget)
    assert "Expired" in desk.last_message.content
    assert desk.last_message.attachments == []
    [note] = public(world)
    assert note.content == f"<@{world.alice.id}> There is news about your request."


async def test_after_the_token_a_neutral_note_lets_whoever_asked_see_why(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    await world.env.advance_time(20 * 60)

    form = await world.mona.click(desk.last_message, label="Reject …")
    await world.mona.submit_modal(form, {"reason": "too red"})
    await world.env.advance_time(5)

    [note] = public(world)
    assert "too red" not in note.content
    assert "fox" not in note.content
    told = await world.alice.click(note, label="See why")
    others = await world.bob.click(note, label="See why")
    assert told.ephemeral
    assert "too red" in told.response.content
    assert "too red" not in others.response.content


async def test_a_private_request_is_reviewed_and_stays_private(world: World) -> None:
    desk = await reviewed(world)
    await asked(world, private=True)

    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)

    assert public(world) == []
    assert len(private(world).attachments) == 1


@pytest.mark.moves("proposed>canceled")
async def test_whoever_asked_may_withdraw_it(world: World) -> None:
    desk = await reviewed(world, "prompt")
    await asked(world)

    await world.alice.click(private(world), label="Cancel")
    await world.env.advance_time(5)

    assert (await world.row()).status is Status.CANCELED
    assert "Withdrawn" in desk.last_message.content
    about = await subject(world, "proposed")
    late = await forged(world, world.mona, world.channel, about)
    assert "nothing left to decide" in late.response.content


async def test_several_images_are_one_card_and_one_decision(world: World) -> None:
    desk = await reviewed(world)
    await asked(world, 40, count=3)

    [card] = desk.history()
    await world.mona.click(card, label="Approve")
    await world.env.advance_time(10)

    assert len(card.attachments) == 3
    [message] = public(world)
    assert len(message.attachments) == 3


async def test_of_several_images_those_that_arrived_are_decided_about(world: World) -> None:
    world.provider.fates["p1"] = (PredictionStatus.FAILED, "ModelError: boom")
    desk = await reviewed(world)
    await asked(world, 40, count=3)

    [card] = desk.history()
    before = private(world).content
    await world.mona.click(card, label="Approve")
    await world.env.advance_time(10)

    assert len(card.attachments) == 2
    assert "2 of 3 are waiting for a moderator" in before
    [message] = public(world)
    assert len(message.attachments) == 2
    assert "1 of 3 was lost" in message.content


@pytest.mark.parametrize("seconds", [0, 5])
async def test_several_images_survive_kills_at_both_decisions(world: World, seconds: float) -> None:
    desk = await reviewed(world, "both")
    await asked(world, 5, count=3)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(seconds)
    await restarted(world)
    await world.env.advance_time(60)
    await world.mona.click(desk.last_message, label="Approve")
    await restarted(world)
    await world.env.advance_time(10)

    assert len(world.provider.began) == 3
    assert len(desk.history()) == 2
    [message] = public(world)
    assert len(message.attachments) == 3


async def test_an_approval_after_hours_goes_on_as_if_just_asked_for(world: World) -> None:
    desk = await reviewed(world, "both")
    await asked(world)
    await world.env.advance_time(20 * 3600)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(20)
    await world.env.advance_time(20 * 3600)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)

    [message] = public(world)
    assert len(message.attachments) == 1
    assert "AI-generated in 9 s" in message.content or "AI-generated in 1" in message.content


async def test_settings_changed_while_somebody_asks_buy_and_show_nothing(world: World) -> None:
    await reviewed(world)
    settings = Storage.of(world.database).settings  # another process's
    change = Change(Holder.CHANNEL, world.channel.id, "review", "off")
    await settings.change(world.guild.id, world.olivia.id, [change], now=world.clock.now())

    result = await world.imagine()

    assert result.ephemeral
    assert "settings were just being changed" in result.response.content
    assert world.provider.began == {}


# --- who may


async def forged(world: World, who: Any, channel: Any, about: str) -> Any:
    """A form that was never shown: Discord's clients send no button that is not there."""
    field = {"type": 4, "custom_id": "reason", "value": "because"}
    data = {
        "custom_id": f"imagine-form:desk:reject:{about}",
        "components": [{"type": 18, "component": field}],
    }
    return await actors._dispatch_actor_interaction(who, MODAL_SUBMIT, channel, data)


async def subject(world: World, stage: str = "reviewing") -> str:
    row = (await world.ledger.recent(world.alice.id, 1))[0]
    return f"{row.request.interaction_id}-{stage}"


async def test_nobody_decides_their_own_request(world: World) -> None:
    desk = await reviewed(world)
    await asked(world, who=world.mona)

    result = await world.mona.click(desk.last_message, label="Approve")
    form = await world.mona.click(desk.last_message, label="Reject …")
    submitted = await world.mona.submit_modal(form, {"reason": "mine"})

    assert "your own request" in result.response.content
    assert "your own request" in submitted.response.content
    assert public(world) == []


@pytest.mark.parametrize("label", ["Approve", "Approve as spoiler", "Reject …"])
async def test_a_member_who_can_read_the_desk_decides_nothing(world: World, label: str) -> None:
    desk = await reviewed(world, readers=[world.bob])
    await asked(world)

    result = await world.bob.click(desk.last_message, label=label)

    assert result.modal is None
    assert "Only this server's moderators" in result.response.content
    assert (await world.row()).status is Status.REVIEWING


async def test_a_member_who_forges_a_form_decides_nothing(world: World) -> None:
    await reviewed(world)
    await asked(world)

    result = await forged(world, world.bob, world.channel, await subject(world))

    assert "Only this server's moderators" in result.response.content
    assert (await world.row()).status is Status.REVIEWING


@pytest.mark.parametrize("about", ["1-reviewing", "x", "99999999999999999999-reviewing", ""])
async def test_a_forged_subject_is_nothing_to_decide(world: World, about: str) -> None:
    await reviewed(world)
    await asked(world)

    result = await forged(world, world.mona, world.channel, about)

    assert "nothing left to decide" in result.response.content


@pytest.mark.parametrize("seconds", [2, 15])
async def test_the_wrong_stage_is_nothing_to_decide(world: World, seconds: float) -> None:
    await reviewed(world, "both")
    await asked(world, seconds)

    about = await subject(world, "reviewing")
    result = await forged(world, world.mona, world.channel, about)

    assert "nothing left to decide" in result.response.content
    assert (await world.row()).status is Status.PROPOSED


async def test_another_servers_moderator_decides_nothing_here(world: World) -> None:
    await reviewed(world)
    await asked(world)
    other = world.env.create_guild()
    elsewhere = other.create_text_channel("elsewhere")
    role = other.create_role("Boss", permissions=discord.Permissions(manage_guild=True))
    eve = other.add_member(world.env.create_user("eve"), roles=[role])

    result = await forged(world, eve, elsewhere, await subject(world))

    assert "nothing left to decide" in result.response.content
    assert (await world.row()).status is Status.REVIEWING


async def test_the_second_moderator_is_told_who_was_first(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    [card] = desk.history()
    form = await world.olivia.click(card, label="Reject …")

    await world.mona.click(card, label="Approve")
    late = await world.olivia.submit_modal(form, {"reason": "no"})
    await world.env.advance_time(5)

    assert f"<@{world.mona.id}>" in late.response.content
    assert "Somebody else was faster" in late.response.content
    assert len(public(world)) == 1


async def test_a_hundred_decisions_at_once_are_one(world: World) -> None:
    await reviewed(world)
    await asked(world)
    row = await world.row()
    reviews = world.bot._storage.reviews
    now = world.clock.now()
    verdicts = [Verdict.APPROVED, Verdict.REJECTED] * 50

    decided = await asyncio.gather(
        *(
            reviews.decide(
                row.request.interaction_id,
                Status.REVIEWING,
                Decision(verdict, now, 1_000 + number, "why"),
            )
            for number, verdict in enumerate(verdicts)
        )
    )

    [rows] = [rows for rows in decided if rows]
    [review] = await reviews.of(row.request.interaction_id)
    first = verdicts[decided.index(rows)]
    assert review.verdict is first
    assert (await world.row()).status is (
        Status.DELIVERING if first is Verdict.APPROVED else Status.REJECTED
    )


# --- the desk itself


async def test_without_a_desk_nothing_is_reserved(world: World) -> None:
    await world.set_limit(Holder.CHANNEL, world.channel.id, "review", "image")

    result = await world.imagine()

    assert result.ephemeral
    assert "no channel for that yet" in result.response.content
    assert await world.ledger.recent(world.alice.id, 1) == []


async def test_a_desk_that_everyone_can_read_is_refused(world: World) -> None:
    desk = world.guild.create_text_channel("desk")
    await world.set_limit(Holder.CHANNEL, world.channel.id, "review", "image")
    await world.set_limit(Holder.CHANNEL, world.channel.id, "desk", str(desk.id))

    result = await world.imagine()

    assert "can be read by everyone" in result.response.content
    assert await world.ledger.recent(world.alice.id, 1) == []


async def test_a_desk_where_the_bot_may_not_attach_is_refused_by_name(world: World) -> None:
    await reviewed(world, attach_files=False)

    result = await world.imagine()

    assert "**Attach Files**" in result.response.content


async def test_a_desk_that_is_not_there_is_refused(world: World) -> None:
    await world.set_limit(Holder.CHANNEL, world.channel.id, "review", "prompt")
    await world.set_limit(Holder.CHANNEL, world.channel.id, "desk", "1234567")

    result = await world.imagine()

    assert "is not there" in result.response.content


async def test_a_desk_that_vanished_after_asking_is_replaced_by_the_next(world: World) -> None:
    first = await reviewed(world)
    await world.imagine()
    await world.bot.http.delete_channel(first.id)
    await world.env.advance_time(15)
    stays = (await world.row()).status

    desk = await reviewed(world)
    await world.bot.decisions.pass_over()

    assert stays is Status.REVIEWING
    assert public(world) == []
    assert len(desk.history()) == 1


async def test_a_deleted_card_is_posted_again_by_the_queue(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    await desk.last_message.delete()

    result = await moderator(world).slash(world.channel, "moderation queue")

    [card] = desk.history()
    assert result.ephemeral
    assert str(card.id) in result.response.content
    await world.mona.click(card, label="Approve")
    await world.env.advance_time(5)
    assert len(public(world)) == 1


async def test_the_queue_of_another_server_is_empty(world: World) -> None:
    await reviewed(world)
    await asked(world)

    mine = await moderator(world).slash(world.channel, "moderation queue")
    other = world.env.create_guild()
    elsewhere = other.create_text_channel("elsewhere")
    role = other.create_role("Boss", permissions=discord.Permissions(moderate_members=True))
    eve = other.add_member(world.env.create_user("eve"), roles=[role])
    theirs = await eve.slash(elsewhere, "moderation queue")

    assert mine.response is not None
    assert theirs.response is not None
    assert "1 request waiting" in mine.response.content
    assert theirs.response.content == "Nothing waits for a moderator."


# --- kills


@pytest.mark.fault(
    "the bot is killed between a request and its review",
    sees="the image once it is approved, exactly once",
    charged="one image",
)
@pytest.mark.parametrize("seconds", [0, 2, 8, 15])
@pytest.mark.parametrize("review", ["prompt", "image"])
async def test_a_kill_before_the_decision_leaves_one_card(
    world: World, review: str, seconds: float
) -> None:
    desk = await reviewed(world, review)
    await asked(world, seconds)
    await restarted(world)
    await world.env.advance_time(15)

    [card] = desk.history()
    await world.mona.click(card, label="Approve")
    await world.env.advance_time(20)

    assert len(world.provider.began) == 1
    assert len(public(world)) == 1


async def test_a_kill_between_the_card_and_its_record_posts_no_second(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    async with world.database.transaction() as connection:
        await connection.fetch("update review set card_id = null, cards = 0", {})

    await restarted(world)

    assert len(desk.history()) == 1


async def test_a_kill_between_the_decision_and_its_carrying_out_loses_nothing(
    world: World,
) -> None:
    desk = await reviewed(world)
    await asked(world)
    row = await world.row()
    decision = Decision(Verdict.APPROVED, world.clock.now(), world.mona.id)
    await world.bot._storage.reviews.decide(row.request.interaction_id, Status.REVIEWING, decision)

    await restarted(world)
    await world.env.advance_time(5)

    assert len(public(world)) == 1
    assert desk.last_message.attachments == []
    assert f"<@{world.mona.id}>" in desk.last_message.content


async def test_a_kill_between_publication_and_its_record_publishes_once(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)
    async with world.database.transaction() as connection:
        await connection.fetch(
            "update generation set status = 'delivering', ended_at = null, published_id = null,"
            " token = 'x'",
            {},
        )

    await restarted(world)
    await world.env.advance_time(5)

    assert len(public(world)) == 1
    assert (await world.row()).published_id == public(world)[0].id


async def test_a_form_open_during_a_restart_still_decides(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    form = await world.mona.click(desk.last_message, label="Reject …")

    await restarted(world)
    await world.mona.submit_modal(form, {"reason": "no foxes"})
    await world.env.advance_time(5)

    assert (await world.row()).status is Status.REJECTED
    assert "no foxes" in private(world).content


async def test_an_image_is_in_no_message_before_that_is_on_record(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    await refuse(world.database, "update of published_id", when="new.published_id is not null")
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)
    unrecorded = [message.attachments for message in public(world)]

    await accept(world.database)
    await world.env.advance_time(15)

    assert unrecorded == [[]]  # whoever deletes that has seen no image, nor does one come back
    [message] = public(world)
    assert message.attachments
    assert message.content.startswith(f"<@{world.alice.id}>'s image")


@pytest.mark.moves("delivering>kept")
async def test_a_message_deleted_before_its_image_was_in_it_stays_deleted(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=500, times=None)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)
    await public(world)[0].delete()
    world.env.backend.faults.clear()

    await restarted(world)
    await world.env.advance_time(60)

    assert public(world) == []
    assert (await world.row()).status is Status.KEPT


async def test_a_published_image_that_a_moderator_removed_does_not_come_back(
    world: World,
) -> None:
    desk = await reviewed(world)
    await asked(world)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)
    await public(world)[0].delete()

    await restarted(world)
    await world.bot.decisions.pass_over()
    await world.env.advance_time(60)

    assert public(world) == []


async def test_a_channel_that_is_gone_keeps_the_approved_image_for_history(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    world.env.inject_error("POST", IN_CHANNEL, status=404, code=10003, times=None)

    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)

    assert (await world.row()).status is Status.KEPT
    assert "/history" in private(world).content


# --- the end of what is stored


async def test_a_moderators_export_has_what_they_decided(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)

    panel = await world.mona.slash(world.channel, "me")
    result = await world.mona.click(panel.response, label="Export")

    [file] = [a for message in result.followups for a in message.attachments]
    with ZipFile(io.BytesIO(await file.read())) as archive:
        [change] = json.loads(archive.read("changes.json"))
    assert (change["action"], bool(change["by_you"])) == ("approve", True)


async def test_an_export_has_no_image_that_was_not_approved(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    form = await world.mona.click(desk.last_message, label="Reject …")
    await world.mona.submit_modal(form, {"reason": "no"})
    await world.env.advance_time(5)

    panel = await world.alice.slash(world.channel, "me")
    result = await world.alice.click(panel.response, label="Export")

    [file] = [a for message in result.followups for a in message.attachments]
    with ZipFile(io.BytesIO(await file.read())) as archive:
        assert [name for name in archive.namelist() if name.startswith("images/")] == []


async def test_a_rejected_image_is_deleted_after_a_week(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    form = await world.mona.click(desk.last_message, label="Reject …")
    await world.mona.submit_modal(form, {"reason": "no"})
    await world.env.advance_time(5)
    file = world.shelf / (await world.row()).outputs[0].name
    before = file.exists()

    await world.env.advance_time(8 * 24 * 3600)
    await world.bot.removal.pass_over()

    assert before
    assert not file.exists()
    assert (await world.row()).outputs == ()


async def test_whoever_has_their_data_erased_leaves_nothing_at_the_desk(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)

    panel = await world.alice.slash(world.channel, "me")
    await world.alice.click(panel.response, label="Delete …")
    await world.alice.click(panel.response, label="Delete it all")
    await world.bot.decisions.pass_over()

    assert await world.bot._storage.reviews.pending() == []
    assert all("fox" not in message.content for message in desk.history())
