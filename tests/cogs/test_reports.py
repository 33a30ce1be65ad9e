"""Reports: who may, how often, what moderators see, and that one decision ends all of them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.generation import RemovedBy
from bot.domain.guild import Holder
from bot.domain.limits import DAY_MS
from bot.storage.reports import LAPSE_MS
from tests.cogs.test_desk import moderator, public, restarted, reviewed
from tests.cogs.test_image import (
    delete,
    files,
    made,
    minute,
    opened,
    pressed,
    remove,
    shown,
    submitted,
)
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")

IN_CHANNEL = "/channels/*/messages"
ONE_MESSAGE = "/channels/*/messages/*"


async def with_desk(world: World) -> Any:
    """A desk, in a channel where nothing is reviewed."""
    return await reviewed(world, "off")


async def report(world: World, who: Any, message: Any, reason: str = "it is rude") -> Any:
    form = await who.context_menu(world.channel, "Report image", message)
    return await who.submit_modal(form, {"reason": reason})


def members(world: World, count: int) -> list[Any]:
    return [
        world.guild.add_member(world.env.create_user(f"member{number}")) for number in range(count)
    ]


# --- who may


async def test_who_reports_is_told_that_only_moderators_see_it(world: World) -> None:
    message = await made(world)

    panel = await opened(world, world.bob, message)
    form = await world.bob.click(panel.response, label="Report …")
    answer = await world.bob.submit_modal(form, {"reason": "rude"})

    assert answer.ephemeral
    assert answer.response.content == (
        "🚩 Reported. The moderators see who reported, nobody else does."
    )


async def test_a_report_does_not_hide_the_image(world: World) -> None:
    message = await made(world)

    await report(world, world.bob, message)

    assert shown(world) == [message.id]
    assert len(await world.history()) == 1


async def test_whoever_is_blocked_may_still_report(world: World) -> None:
    message = await made(world)
    sanctions, now = world.bot._storage.sanctions, world.clock.now()
    await sanctions.block(world.guild.id, world.mona.id, world.bob.id, "spam", until=None, now=now)

    answer = await report(world, world.bob, message)

    assert answer.response.content.startswith("🚩")


async def test_an_export_has_what_one_reported_and_not_what_others_wrote(world: World) -> None:
    message = await made(world)
    await report(world, world.bob, message, "my words")

    people = world.bot._storage.people
    mine, theirs = [await people.stored(who.id) for who in (world.bob, world.alice)]

    assert [(each["action"], each["reason"]) for each in mine.changes] == [("report", "my words")]
    assert [(each["action"], each["reason"]) for each in theirs.changes] == [("report", None)]


async def test_nobody_reports_their_own_image(world: World) -> None:
    message = await made(world)

    answer = await report(world, world.alice, message)

    assert "your own image" in answer.response.content
    assert await world.bot._storage.reports.undecided(world.guild.id) == []


async def test_a_report_without_a_word_is_none(world: World) -> None:
    await made(world)
    form = f"imagine-form:image:report:{(await world.row()).id}"

    answer = await submitted(world, world.bob, world.channel, form, "  ")

    assert "say why" in answer.response.content
    assert await world.bot._storage.reports.undecided(world.guild.id) == []


async def test_what_one_cannot_see_one_cannot_report(world: World) -> None:
    await world.imagine(private=True)
    await world.env.advance_time(15)
    form = f"imagine-form:image:report:{(await world.row()).id}"

    answer = await submitted(world, world.bob, world.channel, form, "rude")

    assert "nothing here that you can see" in answer.response.content


async def test_one_open_report_a_person_and_image(world: World) -> None:
    message = await made(world)
    await report(world, world.bob, message)

    again = await report(world, world.bob, message)

    assert "already reported this" in again.response.content


async def test_five_reports_an_hour_and_no_more(world: World) -> None:
    messages = [await made(world) for _ in range(6)]
    answers = [await report(world, world.bob, each) for each in messages]
    other = await report(world, world.mona, messages[5])
    await world.env.advance_time(3600)
    later = await report(world, world.bob, messages[5])

    assert [each.response.content[:1] for each in answers[:5]] == ["🚩"] * 5
    assert "5 an hour, 15 a day" in answers[5].response.content
    assert other.response.content.startswith("🚩")
    assert later.response.content.startswith("🚩")


# --- the card


async def test_the_card_shows_the_image_as_a_spoiler_who_reported_it_and_why(
    world: World,
) -> None:
    desk = await with_desk(world)
    message = await made(world)

    await report(world, world.bob, message, "it is *rude*")

    [card] = desk.history()
    assert [each.filename[:15] for each in card.attachments] == ["SPOILER_review-"]
    assert "Reported once" in card.content
    assert f"<@{world.bob.id}>" in card.content
    assert "it is \\*rude\\*" in card.content
    assert f"<@{world.alice.id}>'s image" in card.content
    assert f"/{world.channel.id}/{message.id}" in card.content


async def test_further_reports_are_added_to_the_same_card(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)

    await report(world, world.bob, message)
    for number, who in enumerate(members(world, 12)):
        await world.env.advance_time(1)
        await report(world, who, message, f"reason {number} " + "x" * 490)
        await world.env.advance_time(1)

    [card] = desk.history()
    assert "Reported 13 times" in card.content
    assert "reason 11" in card.content
    assert "more" in card.content
    assert len(card.content) <= 2000


async def test_dismissed_the_image_stays_and_the_card_loses_it(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)

    await world.mona.click(desk.last_message, label="Dismiss")

    card = desk.last_message
    assert (card.attachments, card.components) == ([], [])
    assert f"Dismissed**: the image stays by <@{world.mona.id}>" in card.content
    assert "rude" not in card.content
    assert shown(world) == [message.id]
    rows = await world.database.read("select action, reason from audit order by number desc", {})
    assert [tuple(each) for each in rows[:2]] == [("dismiss", None), ("report", "it is rude")]


async def test_an_image_that_is_seen_is_reported_before_its_delivery_is_on_record(
    world: World,
) -> None:
    await with_desk(world)
    message = await made(world)
    async with world.database.transaction() as connection:
        await connection.fetch("update generation set status = 'delivering', ended_at = null", {})

    details = await world.bob.click(message, label="More")
    answer = await report(world, world.bob, message)

    assert "Image details" in details.response.content
    assert answer.response.content.startswith("🚩 Reported")


@pytest.mark.parametrize("reason", [" ", "\u200b\u200d", "\u2060\n"])
async def test_a_reason_that_nobody_can_read_is_none(world: World, reason: str) -> None:
    await with_desk(world)
    message = await made(world)

    answer = await report(world, world.bob, message, reason)

    assert "say why" in answer.response.content
    assert await world.bot._storage.reports.undecided(world.guild.id) == []


async def test_removed_from_the_card_it_is_gone_everywhere(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)

    form = await world.mona.click(desk.last_message, label="Remove …")
    answer = await world.mona.submit_modal(form, {"reason": "rude indeed"})

    card = desk.last_message
    assert answer.response.content.startswith("Removed.")
    assert shown(world) == []
    assert (card.attachments, card.components) == ([], [])
    assert "Removed** by" in card.content
    assert "rude indeed" not in card.content  # which is on record, where it can be erased
    assert (await world.row()).removed_by is RemovedBy.MODERATOR
    assert await world.bot._storage.reports.undecided(world.guild.id) == []


async def test_removed_from_its_details_its_reports_are_decided_too(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)

    await remove(world, message)

    assert (desk.last_message.attachments, desk.last_message.components) == ([], [])


async def test_the_first_decision_wins(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)
    card = desk.last_message
    form = await world.olivia.click(card, label="Remove …")
    await world.mona.click(card, label="Dismiss")

    late = await world.olivia.submit_modal(form, {"reason": "x"})
    subject = (await world.row()).id
    again = await pressed(world, world.olivia, card, f"imagine:image:dismiss:{subject}", desk)

    for answer in (late, again):
        assert "Somebody else was faster" in answer.response.content
        assert f"by <@{world.mona.id}>" in answer.response.content
    assert shown(world) == [message.id]


async def test_nobody_dismisses_a_report_about_their_own_image(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world, world.mona)
    await report(world, world.bob, message)

    answer = await world.mona.click(desk.last_message, label="Dismiss")

    assert "somebody else has to decide" in answer.response.content
    assert len(await world.bot._storage.reports.undecided(world.guild.id)) == 1


async def test_a_dismissed_image_may_be_reported_again_on_a_card_of_its_own(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)
    await world.mona.click(desk.last_message, label="Dismiss")

    await report(world, world.bob, message, "still rude")

    assert len(desk.history()) == 2
    assert "Reported once" in desk.last_message.content
    assert len(desk.last_message.attachments) == 1


# --- trouble


async def test_the_card_is_posted_once_across_a_crash(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)
    await world.database.write("update reported set card_id = null, cards = 0, shown = 0", {})

    await restarted(world)
    await minute(world)
    await world.mona.click(desk.last_message, label="Dismiss")

    [card] = desk.history()
    assert card.components == []


@pytest.mark.fault(
    "Discord is down while an image is reported",
    sees="that it is reported; moderators have the card a minute after Discord is back",
    charged="nothing more",
)
async def test_a_card_that_discord_does_not_take_now_is_posted_later(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    world.env.inject_error("POST", IN_CHANNEL, status=503, times=None)

    answer = await report(world, world.bob, message)
    before = desk.history()
    world.env.backend.faults.clear()
    await minute(world)

    assert answer.response.content.startswith("🚩")
    assert before == []
    assert len(desk.history()) == 1


async def test_a_card_that_is_not_emptied_now_is_emptied_later(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)
    world.env.inject_error("PATCH", ONE_MESSAGE, status=503, times=None)
    await remove(world, message)
    before = len(desk.last_message.attachments)
    world.env.backend.faults.clear()

    await minute(world)

    assert before == 1
    assert desk.last_message.attachments == []


async def test_a_report_whose_form_was_open_during_a_restart_arrives(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    form = await world.bob.context_menu(world.channel, "Report image", message)
    await restarted(world)

    await world.bob.submit_modal(form, {"reason": "rude"})

    assert len(desk.history()) == 1


async def test_an_image_that_is_not_stored_any_more_is_reported_all_the_same(
    world: World,
) -> None:
    desk = await with_desk(world)
    message = await made(world)
    for file in world.shelf.iterdir():
        file.unlink()

    await report(world, world.bob, message)

    [card] = desk.history()
    assert card.attachments == []
    assert str(message.id) in card.content


# --- the queue, and where there is no desk


async def test_the_queue_lists_reports_and_posts_a_deleted_card_again(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)
    max_ = moderator(world)
    await world.mona.delete(desk.last_message)
    gone = desk.history()

    listed = await max_.slash(world.channel, "moderation queue")

    assert gone == []
    [card] = desk.history()
    assert "🚩 reported once" in listed.response.content
    assert str(card.id) in listed.response.content


async def test_without_a_desk_the_operator_is_told_once_and_the_queue_has_it(
    world: World,
) -> None:
    world.rules = world.rules
    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot(operator_id=world.olivia.id))
    message = await made(world)

    await report(world, world.bob, message, "it is rude")
    await report(world, world.mona, message, "indeed")
    await minute(world)
    listed = await moderator(world).slash(world.channel, "moderation queue")

    [note] = world.olivia.user.dm_channel.history()
    assert "it is rude" in note.content
    assert str(message.id) in note.content
    assert note.attachments == []
    assert str(world.bob.id) not in note.content
    assert "reported 2 times" in listed.response.content


async def test_a_desk_that_is_named_later_gets_the_card(world: World) -> None:
    message = await made(world)
    await report(world, world.bob, message)

    desk = await with_desk(world)
    await minute(world)

    assert len(desk.history()) == 1


async def test_a_log_says_that_there_was_a_report_and_nothing_of_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    message = await made(world)
    with caplog.at_level("INFO"):
        await report(world, world.bob, message, "unspeakable")

    records = [each for each in caplog.records if each.name.startswith("bot.")]
    told = " ".join(str(vars(each)) for each in records)
    assert "image reported" in told
    assert "unspeakable" not in told
    assert str(world.bob.id) not in told


# --- what whoever asked does meanwhile


async def test_whoever_deletes_a_reported_image_hides_it_and_destroys_nothing(
    world: World,
) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)

    answer = await delete(world, message)
    kept = files(world)
    await world.mona.click(desk.last_message, label="Dismiss")

    assert answer.response.content == "Deleted."
    assert shown(world) == []
    assert await world.history() == []
    assert len(kept) == 1
    assert files(world) == []


async def test_a_moderator_removes_what_its_requester_has_deleted(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)
    await delete(world, message)

    form = await world.mona.click(desk.last_message, label="Remove …")
    await world.mona.submit_modal(form, {"reason": "evidence"})

    row = await world.row()
    assert row.removed_by is RemovedBy.MODERATOR
    assert row.sealed_until == world.clock.now() + LAPSE_MS
    assert len(files(world)) == 1


async def test_a_report_lapses_after_30_days_and_what_was_deleted_goes_then(
    world: World,
) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)
    await delete(world, message)

    await world.env.advance_time((LAPSE_MS - DAY_MS) // 1000)
    await minute(world)
    before = files(world)
    await world.env.advance_time(DAY_MS // 1000)
    await minute(world)
    await minute(world)

    assert len(before) == 1
    assert files(world) == []
    assert "Lapsed" in desk.last_message.content
    assert desk.last_message.components == []


async def test_an_erasure_waits_for_the_decision_about_a_report(world: World) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message)

    panel = await world.alice.slash(world.channel, "me")
    await world.alice.click(panel.response, label="Delete …")
    await world.alice.click(panel.response, label="Delete it all")
    before = await world.ledger.recent(world.alice.id, 9)
    await world.mona.click(desk.last_message, label="Dismiss")
    await world.bot.retention.go_on()

    assert len(before) == 1
    assert await world.ledger.recent(world.alice.id, 9) == []
    assert files(world) == []


async def test_what_a_reporter_wrote_goes_with_their_data_and_the_card_follows(
    world: World,
) -> None:
    desk = await with_desk(world)
    message = await made(world)
    await report(world, world.bob, message, "my own story")

    panel = await world.bob.slash(world.channel, "me")
    await world.bob.click(panel.response, label="Delete …")
    await world.bob.click(panel.response, label="Delete it all")
    await minute(world)

    [card] = desk.history()
    assert "my own story" not in card.content
    assert str(world.bob.id) not in card.content
    assert "somebody whose data was erased" in card.content


async def test_a_reported_image_is_not_swept(world: World) -> None:
    await with_desk(world)
    message = await made(world)
    await world.set_limit(Holder.CHANNEL, world.channel.id, "keep_days", "1")
    await report(world, world.bob, message)
    other = await made(world, world.mona)

    await world.env.advance_time(3 * 24 * 3600)
    await world.bot.retention.pass_over(world.rules.keep)

    [name] = files(world)
    assert name.startswith((await world.row()).id)
    assert other.id in shown(world)
    assert public(world)
