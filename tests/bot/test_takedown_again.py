"""A takedown given again, late, or beside a bot that is quicker: what it still reaches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.generation import RemovedBy, Status
from bot.moderation.takedown import Named, named
from bot.storage.database import Database
from bot.storage.storage import Storage
from bot.wording.images import why_removed
from tests.bot.command import imagine
from tests.bot.test_operate import AT, MAX, database
from tests.bot.test_takedown import Place, beside, sha256
from tests.cogs.test_desk import asked, reviewed
from tests.cogs.test_me import export
from tests.world import World


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with Database.open(database(tmp_path), exclusive=True) as opened:
        yield Place.of(tmp_path, opened)


async def bots_pass(place: Place) -> None:
    """What the running bot does each minute with what is due."""
    due = await place.storage.removals.due(AT * 2)
    await place.store.remove([each.name for row in due for each in row.outputs])
    await place.storage.removals.emptied(due)


async def test_a_kill_and_a_bot_that_deletes_first_leave_no_copy_to_the_same_command(
    place: Place,
) -> None:
    first = await place.make(1, b"fox")
    second = await place.make(2, b"fox", user_id=MAX)
    await place.make(3, b"fox in snow", attached=[b"fox"])
    await place.storage.takedowns.refuse([sha256(b"fox")], now=AT)
    await place.storage.removals.remove(
        first.request.interaction_id, RemovedBy.OPERATOR, until=AT, now=AT
    )  # killed here
    await bots_pass(place)

    outcome = await imagine(place.folder, "takedown", first.id, "--yes")

    assert outcome.code == 0
    assert (await place.find(second)).removed_by is RemovedBy.OPERATOR
    assert place.files == ["7000000000000000003-0.png"]


async def test_what_its_maker_deleted_is_still_refused_by_its_link(place: Place) -> None:
    row = await place.make(2, b"fox")
    other = await place.make(3, b"fox", user_id=MAX)
    await place.storage.removals.remove(
        row.request.interaction_id, RemovedBy.REQUESTER, until=AT, now=AT
    )
    await bots_pass(place)

    outcome = await imagine(place.folder, "takedown", row.id, "--yes")

    assert outcome.code == 0
    assert await place.refuses(b"fox") == [True]
    assert (await place.find(other)).removed_by is RemovedBy.OPERATOR


async def test_messages_that_could_not_be_deleted_are_tried_again_by_the_same_command(
    place: Place,
) -> None:
    row = await place.make(2, b"fox")
    await imagine(place.folder, "takedown", row.id, "--yes")
    await place.storage.removals.deleted(row.request.interaction_id)  # the bot gave up

    await imagine(place.folder, "takedown", row.id, "--yes")

    assert len(await place.storage.removals.waiting()) == 1


async def test_evidence_without_its_bytes_is_said_before_anything_goes(place: Place) -> None:
    row = await place.make(2, b"fox")
    await place.store.remove([row.outputs[0].name])  # by age

    outcome = await imagine(place.folder, "takedown", row.id, "--hold", typed="n\n")

    assert f"so no bytes are kept: {row.id}." in outcome.out


def test_the_name_of_a_spoilers_attachment_names_it() -> None:
    assert named("SPOILER_imagine-7000000000000000002-0.png") == Named(
        number=7_000_000_000_000_000_002
    )


@pytest.mark.usefixtures("env")
async def test_no_card_shows_again_what_was_taken_down(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    row = await world.row()
    target = Named(sha256=row.outputs[0].sha256)
    await beside(world).carry_out(target, reason="", hold=False, now=world.clock.now())
    [card] = desk.history()
    await card.delete()

    review = await world.bot._desk.seen([row], Status.REVIEWING)

    assert review is not None
    for message in desk.history():
        assert not message.attachments


@pytest.mark.usefixtures("env")
async def test_a_button_in_an_earlier_history_finds_nothing_of_what_was_removed(
    world: World,
) -> None:
    await world.imagine()
    await world.env.advance_time(15)
    row = await world.row()
    now = world.clock.now()
    await Storage.of(world.database).removals.remove(
        row.request.interaction_id, RemovedBy.MODERATOR, until=now * 2, now=now
    )

    assert await world.bot.imagine.form(await world.row(), 10 << 20) is None


@pytest.mark.usefixtures("env")
async def test_no_export_has_what_was_taken_down_while_it_waited_for_a_moderator(
    world: World,
) -> None:
    desk = await reviewed(world)
    await asked(world)
    row = await world.row()
    target = Named(sha256=row.outputs[0].sha256)
    await beside(world).carry_out(target, reason="", hold=False, now=world.clock.now())
    [card] = desk.history()
    await world.mona.click(card, label="Approve")
    await world.env.advance_time(15)

    archives = await export(world)

    names = [name for archive in archives for name in archive.namelist()]
    assert [name for name in names if name.startswith("images/")] == []


async def test_whoever_asked_reads_no_moderators_reason_as_the_operators(place: Place) -> None:
    row = await place.make(2, b"fox")
    await place.storage.removals.remove(
        row.request.interaction_id, RemovedBy.MODERATOR, until=AT * 2, now=AT, reason="not here"
    )

    await imagine(place.folder, "takedown", row.id, "--yes")

    assert "not here" not in why_removed(await place.find(row))
