"""Appeals: who may, who decides, what everybody sees, and that it all happens once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import discord
import pytest
from simcord import actors

from bot.domain.generation import Entry, Status
from bot.domain.guild import Holder
from bot.domain.prediction import PredictionStatus
from bot.storage.appeals import APPEAL_MS, Appeal
from bot.storage.reviews import SEALED_MS, Decision, Verdict
from tests.cogs.test_desk import MODAL_SUBMIT, asked, moderator, restarted, reviewed
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")

HALF = APPEAL_MS / 2_000
WAITS = "Your appeal waits for a moderator"


def replies(world: World) -> list[discord.Message]:
    """What only Alice sees in the channel, newest last."""
    return [m for m in world.channel.history(viewer=world.alice) if m.flags.ephemeral]


def public(world: World) -> list[discord.Message]:
    """What everybody sees there."""
    return [m for m in world.channel.history(viewer=world.bob) if not m.flags.ephemeral]


def reply_with(world: World, text: str) -> Any:
    return next(m for m in replies(world) if text in m.content)


async def reject(world: World, desk: Any, who: Any = None, reason: str = "too *red*") -> None:
    person = who or world.mona
    form = await person.click(desk.last_message, label="Reject …")
    await person.submit_modal(form, {"reason": reason})
    await world.env.advance_time(5)


async def approve(world: World, desk: Any, who: Any) -> Any:
    result = await who.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)
    return result


async def rejected(world: World, readers: Sequence[Any] = (), **options: Any) -> Any:
    """Olivia has decided something else before, so there are two moderators. Returns the desk."""
    desk = await reviewed(world, readers=readers)
    await asked(world, who=world.bob)
    await reject(world, desk, world.olivia)
    await asked(world, **options)
    await reject(world, desk)
    return desk


async def appealed(world: World, text: str = "It is *only* a fox", message: Any = None) -> Any:
    shown = message or reply_with(world, "rejected this")
    form = await world.alice.click(shown, label="Appeal …")
    result = await world.alice.submit_modal(form, {"appeal": text})
    await world.env.advance_time(1)
    return result


async def forged(world: World, who: Any, text: str = "mine", channel: Any = None) -> Any:
    """A form that was open while something else happened, or that was never shown."""
    [row] = await world.ledger.recent(world.alice.id, 1)
    field = {"type": 4, "custom_id": "appeal", "value": text}
    return await actors._dispatch_actor_interaction(
        who,
        MODAL_SUBMIT,
        channel or world.channel,
        {
            "custom_id": f"imagine-form:desk:appeal:{row.id}",
            "components": [{"type": 18, "component": field}],
        },
    )


# --- making one


async def test_whoever_asked_appeals_from_the_reply_that_says_it_was_rejected(
    world: World,
) -> None:
    desk = await rejected(world)

    result = await appealed(world)

    assert result.ephemeral
    assert WAITS in result.response.content
    card = desk.last_message
    assert [each.filename[:15] for each in card.attachments] == ["SPOILER_review-"]
    assert "An appeal" in card.content
    assert f"Rejected by <@{world.mona.id}>" in card.content
    assert "too \\*red\\*" in card.content
    assert "It is \\*only\\* a fox" in card.content
    assert "a red fox" in card.content
    assert public(world) == []
    row = await world.row()
    assert (row.status, row.ended_at, row.sealed_until) == (Status.APPEALING, None, None)
    assert (row.quota, row.budget) == (Entry.SETTLED, Entry.SETTLED)


async def test_the_reply_says_until_when_one_can_appeal(world: World) -> None:
    await rejected(world)

    row = await world.row()

    assert f"You can appeal once, until <t:{(row.sealed_until or 0) // 1000}:f>" in (
        replies(world)[0].content
    )


async def test_an_appeal_from_what_see_why_answers(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    await world.env.advance_time(20 * 60)
    await reject(world, desk)
    [note] = public(world)
    why = await world.alice.click(note, label="See why")

    result = await appealed(world, message=why.response)

    assert WAITS in result.response.content
    assert (await world.row()).status is Status.APPEALING


async def test_see_why_says_that_an_appeal_waits(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    await world.env.advance_time(20 * 60)
    await reject(world, desk)
    [note] = public(world)
    why = await world.alice.click(note, label="See why")
    await appealed(world, message=why.response)

    again = await world.alice.click(note, label="See why")

    assert WAITS in again.response.content


async def test_a_blocked_person_can_appeal(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    form = await world.mona.click(desk.last_message, label="Reject and block …")
    await world.mona.submit_modal(form, {"reason": "third time", "duration": "3d"})
    await world.env.advance_time(5)

    result = await appealed(world)

    assert WAITS in result.response.content
    assert (await world.row()).status is Status.APPEALING


async def test_a_block_leaves_an_appeal_as_it_is(world: World) -> None:
    await rejected(world)
    await appealed(world)

    await moderator(world).slash(world.channel, "moderation block", user=world.alice)
    await world.bot.decisions.pass_over()
    await world.env.advance_time(5)

    assert (await world.row()).status is Status.APPEALING


async def test_nobody_else_appeals(world: World) -> None:
    await rejected(world)

    result = await forged(world, world.bob)

    assert "Only the person who asked" in result.response.content
    assert (await world.row()).status is Status.REJECTED


async def test_nobody_appeals_from_another_server(world: World) -> None:
    await rejected(world)
    other = world.env.create_guild()
    elsewhere = other.create_text_channel("elsewhere")
    alice = other.add_member(world.alice)

    result = await forged(world, alice, channel=elsewhere)

    assert "nothing to appeal against" in result.response.content
    assert (await world.row()).status is Status.REJECTED


async def test_a_prompt_that_was_rejected_has_no_appeal(world: World) -> None:
    desk = await reviewed(world, "prompt")
    await asked(world)
    await reject(world, desk)

    result = await forged(world, world.alice)

    assert replies(world)[0].components == []
    assert "in other words" in result.response.content
    assert (await world.row()).status is Status.REJECTED


async def test_there_is_one_appeal_however_often_it_is_sent(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)

    again = await forged(world, world.alice, "once more")
    await reject(world, desk, world.olivia)
    at_the_end = await forged(world, world.alice, "and again")

    assert WAITS in again.response.content
    assert "This is final." in at_the_end.response.content
    row = await world.row()
    assert (row.status, row.appeal) == (Status.REJECTED, "It is *only* a fox")


async def test_after_a_week_it_is_too_late(world: World) -> None:
    await rejected(world)
    await world.env.advance_time(SEALED_MS / 1000 - 60)
    early = await forged(world, world.alice, "")
    await world.env.advance_time(120)

    late = await forged(world, world.alice)

    assert "needs a text" in early.response.content
    assert "too late" in late.response.content
    assert (await world.row()).status is Status.REJECTED


async def test_while_the_desk_cannot_be_used_an_appeal_is_refused_and_stays_possible(
    world: World,
) -> None:
    desk = await rejected(world)
    await world.set_limit(Holder.CHANNEL, world.channel.id, "desk", "1234567")

    refused = await forged(world, world.alice)
    await world.set_limit(Holder.CHANNEL, world.channel.id, "desk", str(desk.id))
    made = await forged(world, world.alice)

    assert "is not there" in refused.response.content
    assert "You can still appeal until" in refused.response.content
    assert WAITS in made.response.content


async def test_the_longest_texts_fit_the_card_and_are_attached_whole(world: World) -> None:
    desk = await reviewed(world)
    await asked(world, prompt="*" * 2000)
    await reject(world, desk, reason="_" * 500)

    await appealed(world, "|" * 500)

    card = desk.last_message
    [file] = [each for each in card.attachments if each.filename == "request.txt"]
    told = (await file.read()).decode()
    assert "An appeal" in card.content
    assert "_" * 500 in told
    assert "|" * 500 in told


async def test_what_an_appeal_waits_for_is_not_canceled_by_an_old_button(world: World) -> None:
    await rejected(world)
    await appealed(world)
    row = await world.row()

    assert await world.bot.imagine.unended(row.id) is None


async def test_a_press_that_takes_too_long_leaves_the_reply_as_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rejected(world)
    ledger = world.bot.panels.desk._appeals._ledger
    request = ledger.request

    async def slowly(generation_id: str) -> Any:
        await world.clock.wait(asyncio.Event(), 2)
        return await request(generation_id)

    monkeypatch.setattr(ledger, "request", slowly)
    shown = reply_with(world, "rejected this")

    await world.alice.click(shown, label="Appeal …")
    await world.env.advance_time(3)

    assert "rejected this" in replies(world)[0].content
    assert "Press it again" in replies(world)[-1].content


async def test_where_recording_takes_long_the_outcome_is_still_told_in_the_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await rejected(world)
    appeals = world.bot._storage.appeals
    make = appeals.make

    async def slowly(*about: Any, **when: Any) -> Any:
        await world.clock.wait(asyncio.Event(), 2)
        return await make(*about, **when)

    monkeypatch.setattr(appeals, "make", slowly)
    await appealed(world)
    await world.env.advance_time(3)
    waits = reply_with(world, WAITS)

    await reject(world, desk, world.olivia, "still too red")

    assert "still too red" in next(m for m in replies(world) if m.id == waits.id).content
    assert public(world) == []


# --- who decides


async def test_whoever_asked_does_not_decide(world: World) -> None:
    desk = await reviewed(world)
    await asked(world, who=world.mona)
    await reject(world, desk, world.olivia)
    [reply] = [m for m in world.channel.history(viewer=world.mona) if m.flags.ephemeral]
    form = await world.mona.click(reply, label="Appeal …")
    await world.mona.submit_modal(form, {"appeal": "please"})

    result = await approve(world, desk, world.mona)

    assert "your own request" in result.response.content
    assert public(world) == []


@pytest.mark.parametrize("label", ["Approve", "Approve as spoiler", "Reject …"])
async def test_whoever_rejected_does_not_decide_where_there_is_another(
    world: World, label: str
) -> None:
    desk = await rejected(world)
    await appealed(world)

    result = await world.mona.click(desk.last_message, label=label)

    assert result.modal is None
    assert "the appeal is theirs" in result.response.content
    assert (await world.row()).status is Status.APPEALING


async def test_whoever_rejected_is_asked_again_when_a_form_is_sent(world: World) -> None:
    await rejected(world)
    await appealed(world)
    row = await world.row()
    about = f"imagine-form:desk:reject:{row.request.interaction_id}-appealing"
    field = {"type": 4, "custom_id": "reason", "value": "no"}
    components = [{"type": 18, "component": field}]

    result = await actors._dispatch_actor_interaction(
        world.mona, MODAL_SUBMIT, world.channel, {"custom_id": about, "components": components}
    )

    assert result.response is not None
    assert "the appeal is theirs" in result.response.content
    assert (await world.row()).status is Status.APPEALING


async def test_whoever_rejected_decides_once_half_of_the_time_is_over(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)
    await world.env.advance_time(HALF - 60)
    early = await approve(world, desk, world.mona)
    await world.env.advance_time(120)

    await approve(world, desk, world.mona)

    assert "the appeal is theirs" in early.response.content
    assert (await world.row()).status is Status.DELIVERED


async def test_whoever_is_the_only_moderator_decides(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    await reject(world, desk)
    await appealed(world)
    said = desk.last_message.content

    await approve(world, desk, world.mona)

    assert "Nobody else has decided here lately" in said
    assert (await world.row()).status is Status.DELIVERED


async def test_who_decided_last_more_than_ninety_days_ago_counts_as_gone(world: World) -> None:
    desk = await reviewed(world)
    await asked(world, who=world.bob)
    await reject(world, desk, world.olivia)
    await world.env.advance_time(91 * 24 * 3600)
    await asked(world)
    await reject(world, desk)
    await appealed(world)

    await approve(world, desk, world.mona)

    assert (await world.row()).status is Status.DELIVERED


async def test_whoever_asked_is_not_the_other_moderator_who_is_waited_for(world: World) -> None:
    desk = await reviewed(world)
    await asked(world, who=world.bob)
    await reject(world, desk, world.olivia)
    await asked(world, who=world.olivia)
    await reject(world, desk)
    [reply] = [
        m
        for m in world.channel.history(viewer=world.olivia)
        if m.flags.ephemeral and "rejected" in m.content
    ]
    form = await world.olivia.click(reply, label="Appeal …")
    await world.olivia.submit_modal(form, {"appeal": "please"})

    await approve(world, desk, world.mona)

    [row] = await world.ledger.recent(world.olivia.id, 1)
    assert row.status is Status.DELIVERED


async def test_a_member_who_can_read_the_desk_decides_nothing(world: World) -> None:
    desk = await rejected(world, readers=[world.bob])
    await appealed(world)

    result = await approve(world, desk, world.bob)

    assert "Only this server's moderators" in result.response.content
    assert (await world.row()).status is Status.APPEALING


async def test_the_queue_lists_it_and_posts_a_deleted_card_again(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)
    await desk.last_message.delete()

    result = await moderator(world).slash(world.channel, "moderation queue")

    assert result.response is not None
    assert "1 request waiting" in result.response.content
    assert "appeal, <t:" in result.response.content
    assert "It is \\*only\\* a fox" in desk.last_message.content


# --- what follows


async def test_granted_it_is_published_and_counts_once(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)

    await approve(world, desk, world.olivia)

    [message] = public(world)
    assert message.content.startswith(f"<@{world.alice.id}>'s image")
    assert len(message.attachments) == 1
    assert str(message.id) in reply_with(world, "Approved and published").content
    row = await world.row()
    assert (row.status, row.quota, row.budget, row.sealed_until) == (
        Status.DELIVERED,
        Entry.SETTLED,
        Entry.SETTLED,
        None,
    )
    card = desk.last_message
    assert (card.attachments, card.components) == ([], [])
    assert f"⚖️ Appeal · ✅ **Approved** by <@{world.olivia.id}>" in card.content
    assert await world.history() != []


@pytest.mark.moves("appealing>rejected")
async def test_rejected_and_blocked_it_is_both(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)

    form = await world.olivia.click(desk.last_message, label="Reject and block …")
    await world.olivia.submit_modal(form, {"reason": "enough", "duration": "3d"})
    await world.env.advance_time(5)
    again = await world.imagine()

    assert (await world.row()).status is Status.REJECTED
    assert "enough" in again.response.content


async def test_a_form_that_comes_after_the_decision_is_told_who_was_first(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)
    form = await world.olivia.click(desk.last_message, label="Reject …")
    await approve(world, desk, world.olivia)

    late = await world.olivia.submit_modal(form, {"reason": "no"})

    assert "Somebody else was faster" in late.response.content
    assert len(public(world)) == 1


async def test_granted_as_a_spoiler_it_is_one(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)

    await world.olivia.click(desk.last_message, label="Approve as spoiler")
    await world.env.advance_time(5)

    assert public(world)[0].attachments[0].filename.startswith("SPOILER_imagine-")


async def test_granted_after_hours_whoever_asked_is_mentioned_with_the_image(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)
    await world.env.advance_time(20 * 3600)

    await approve(world, desk, world.olivia)

    [message] = public(world)
    assert message.content.startswith(f"<@{world.alice.id}>'s image")
    assert len(message.attachments) == 1


@pytest.mark.parametrize("private", [False, True])
async def test_granted_it_is_shown_where_it_was_to_be(world: World, *, private: bool) -> None:
    desk = await rejected(world, private=private)
    await appealed(world)

    await approve(world, desk, world.olivia)

    shown = public(world) if not private else replies(world)
    assert [len(m.attachments) for m in shown if m.attachments] == [1]
    assert private is (public(world) == [])


async def test_rejected_again_it_is_final_and_the_image_goes_at_the_next_pass(
    world: World,
) -> None:
    desk = await rejected(world)
    await appealed(world)
    file = world.shelf / (await world.row()).outputs[0].name
    before = file.exists()

    await reject(world, desk, world.olivia, "still too red")
    await world.bot.removal.pass_over()

    reply = reply_with(world, "The appeal was rejected")
    assert "still too red" in reply.content
    assert "This is final." in reply.content
    assert reply.components == []
    assert (before, file.exists()) == (True, False)
    row = await world.row()
    assert (row.status, row.quota, row.budget) == (Status.REJECTED, Entry.SETTLED, Entry.SETTLED)
    assert public(world) == []


@pytest.mark.fault(
    "no other moderator decides about an appeal within a day",
    sees="that the rejection stands, and that this is final",
    charged="what the rejection did",
)
async def test_what_nobody_decides_in_a_day_stays_rejected(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)
    await world.env.advance_time(APPEAL_MS / 1000 - 60)
    await world.bot.decisions.pass_over()
    early = (await world.row()).status
    await world.env.advance_time(120)

    await world.bot.decisions.pass_over()
    await world.env.advance_time(5)
    await world.bot.removal.pass_over()

    row = await world.row()
    assert (early, row.status, row.outputs) == (Status.APPEALING, Status.REJECTED, ())
    assert row.quota is Entry.SETTLED
    assert desk.last_message.attachments == []
    [note] = public(world)
    why = await world.alice.click(note, label="See why")
    assert "No other moderator decided in time; the rejection stands." in why.response.content
    assert "too \\*red\\*" in why.response.content
    assert "This is final." in why.response.content


async def test_after_the_token_a_neutral_note_tells_of_the_outcome(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)
    await world.env.advance_time(20 * 60)

    await reject(world, desk, world.olivia, "still too red")

    [note] = public(world)
    assert note.content == f"<@{world.alice.id}> There is news about your request."
    why = await world.alice.click(note, label="See why")
    assert "still too red" in why.response.content
    assert why.response.components == []


async def test_where_rejected_images_do_not_count_a_granted_one_does(world: World) -> None:
    desk = await reviewed(world)
    await world.set_limit(Holder.GUILD, 0, "rejected_counts", "0")
    await asked(world)
    await reject(world, desk)
    before = (await world.row()).quota
    await appealed(world)
    during = (await world.row()).quota
    await approve(world, desk, world.mona)

    assert (before, during) == (Entry.RELEASED, Entry.RELEASED)
    assert (await world.row()).quota is Entry.SETTLED


async def test_it_is_on_record(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)
    await approve(world, desk, world.olivia)

    rows = await world.database.read(
        "select action, actor = subject as own, reason, details from audit order by number", {}
    )

    assert [tuple(row) for row in rows][-2:] == [
        ("appeal", 1, "It is *only* a fox", '{"stage":"appealing"}'),
        ("approve", 0, None, '{"as":"approved","stage":"appealing"}'),
    ]


async def test_several_images_are_appealed_and_decided_together(world: World) -> None:
    desk = await reviewed(world)
    await asked(world, 40, count=3)
    await reject(world, desk)
    [reply] = replies(world)
    await appealed(world, message=reply)
    card = desk.last_message

    await approve(world, desk, world.mona)

    assert "You can appeal once" in reply.content
    assert len(card.attachments) == 3
    [message] = public(world)
    assert len(message.attachments) == 3


@pytest.mark.moves(
    "rejected>appealing",
    "appealing>delivering",
    "reviewing>rejected",
    "running>reviewing",
    "running>failed",
)
async def test_of_several_images_those_that_arrived_are_appealed_by_the_same_rules(
    world: World,
) -> None:
    desk = await reviewed(world)
    await asked(world, who=world.bob)
    await reject(world, desk, world.olivia)
    world.provider.fates["p1"] = (PredictionStatus.FAILED, "ModelError: boom")
    await asked(world, 40, count=3)
    await reject(world, desk)
    await appealed(world, message=replies(world)[0])

    barred = await approve(world, desk, world.mona)
    await approve(world, desk, world.olivia)

    assert "the appeal is theirs" in barred.response.content
    [message] = public(world)
    assert len(message.attachments) == 2
    assert "1 of 3 was lost" in message.content


async def test_several_images_are_finally_rejected_in_one_sentence(world: World) -> None:
    desk = await reviewed(world)
    await asked(world, 40, count=3)
    await reject(world, desk)
    await appealed(world, message=replies(world)[0])

    await reject(world, desk, reason="still")

    assert "3 of 3 were rejected by a moderator" in replies(world)[-1].content
    assert "This is final." in replies(world)[-1].content


async def test_whoever_has_their_data_erased_leaves_no_appeal(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)
    file = world.shelf / (await world.row()).outputs[0].name

    panel = await world.alice.slash(world.channel, "me")
    await world.alice.click(panel.response, label="Delete …")
    await world.alice.click(panel.response, label="Delete it all")
    await world.bot.decisions.pass_over()

    assert not file.exists()
    assert await world.ledger.recent(world.alice.id, 9) == []
    assert all("only" not in each.content for each in desk.history())
    rows = await world.database.read("select status from generation where appeal is not null", {})
    assert rows == []


# --- kills


async def test_a_form_that_was_open_while_the_bot_was_killed_still_appeals(world: World) -> None:
    desk = await rejected(world)
    form = await world.alice.click(reply_with(world, "rejected this"), label="Appeal …")
    assert form.modal is not None
    await restarted(world)

    result = await forged(world, world.alice, "It is only a fox")
    await world.env.advance_time(1)

    assert WAITS in result.response.content
    assert "It is only a fox" in desk.last_message.content


async def test_a_button_from_before_a_restart_still_opens_the_form(world: World) -> None:
    await rejected(world)
    await restarted(world)

    await appealed(world)

    assert (await world.row()).status is Status.APPEALING


@pytest.mark.fault(
    "the bot is killed between an appeal and its decision",
    sees="the image once the appeal is granted, exactly once",
    charged="one image",
)
async def test_a_kill_before_the_decision_leaves_one_card_and_one_image(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)
    cards = len(desk.history())
    await restarted(world)

    await approve(world, desk, world.olivia)

    assert len(desk.history()) == cards
    assert len(public(world)) == 1
    assert "Approved and published" in "".join(m.content for m in replies(world))


async def test_a_kill_between_the_card_and_its_record_posts_no_second(world: World) -> None:
    desk = await rejected(world)
    await appealed(world)
    cards = len(desk.history())
    async with world.database.transaction() as connection:
        await connection.fetch(
            "update review set card_id = null, cards = 0 where stage = 'appealing'", {}
        )

    await restarted(world)

    assert len(desk.history()) == cards


async def test_a_kill_before_the_answer_and_the_card_loses_neither(world: World) -> None:
    desk = await rejected(world)
    row = await world.row()
    now = world.clock.now()
    appeal = Appeal(row.request.interaction_id, world.alice.id, "please", "gone", now + 900_000)
    await world.bot._storage.appeals.make(appeal, now=now)

    await restarted(world)
    await world.env.advance_time(10)
    shown = "please" in desk.last_message.content
    await approve(world, desk, world.olivia)

    assert shown
    assert len(public(world)) == 1


@pytest.mark.parametrize("verdict", [Verdict.APPROVED, Verdict.REJECTED])
async def test_a_kill_between_the_decision_and_its_carrying_out_loses_nothing(
    world: World, verdict: Verdict
) -> None:
    desk = await rejected(world)
    await appealed(world)
    row = await world.row()
    decision = Decision(verdict, world.clock.now(), world.olivia.id, "because")
    await world.bot._storage.reviews.decide(row.request.interaction_id, Status.APPEALING, decision)

    await restarted(world)
    await world.env.advance_time(5)

    assert len(public(world)) == (1 if verdict is Verdict.APPROVED else 0)
    assert desk.last_message.attachments == []
    told = "Approved and published" if verdict is Verdict.APPROVED else "This is final."
    assert told in "".join(m.content for m in replies(world))


async def test_images_that_wait_for_an_appeal_outlive_every_retention(world: World) -> None:
    await rejected(world)
    await world.set_limit(Holder.CHANNEL, world.channel.id, "keep_days", "1")
    file = world.shelf / (await world.row()).outputs[0].name
    await world.env.advance_time(6.5 * 24 * 3600)
    await world.bot.retention.pass_over(world.rules.keep)
    sealed = file.exists()
    await forged(world, world.alice)
    await world.env.advance_time(20 * 3600)

    await world.bot.removal.pass_over()
    await world.bot.retention.pass_over(world.rules.keep)

    assert (await world.row()).status is Status.APPEALING
    assert (sealed, file.exists()) == (True, True)
