"""Bytes that were taken down do not come back: not attached, not made again."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from bot.domain.generation import Entry, RemovedBy, Status
from bot.domain.model import Ability
from bot.domain.offer import Offer
from bot.record import replace
from bot.storage.database import Database
from bot.storage.takedowns import Takedowns
from tests.bot.test_cleaning import photo
from tests.bot.test_intake import (
    EDITOR,
    SEVERAL,
    add_command,
    assert_nothing_bought,
    edit,
    stored,
)
from tests.cogs.test_limits import direct_messages, operator, with_operator
from tests.several import COUNTING, ask
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("env")

BOTH = replace(EDITOR, abilities=frozenset({Ability.GENERATE, Ability.EDIT}))
edits = pytest.mark.rules(offer=Offer((BOTH, SEVERAL)))
counts = pytest.mark.rules(offer=COUNTING)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def refuse(world: World, *hashes: str) -> None:
    """By another process, beside the bot."""
    async with Database.open(world.folder / "imagine.db", exclusive=False) as database:
        await Takedowns(database).refuse(hashes, now=1)


async def delivered(world: World) -> list[bytes]:
    """What people can download."""
    http: Any = world.bot.http
    return [await http.get_from_cdn(each.url) for each in world.message.attachments]


def files(world: World) -> list[str]:
    return sorted(path.name for path in world.shelf.glob("*"))


async def variants(world: World) -> list[tuple[str, str]]:
    found = await world.database.read("select generation_id, sha256 from delivered_hash", {})
    return [(row["generation_id"], row["sha256"]) for row in found]


# ------------------------------------------------------------------- what is remembered


async def test_a_stored_image_is_known_by_the_bytes_that_people_are_sent(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(15)

    row = await world.row()
    [output] = row.outputs
    [content] = await delivered(world)
    assert output.sha256 == sha256(content)
    assert output.sha256 == sha256((world.shelf / output.name).read_bytes())
    assert await variants(world) == []


@counts
async def test_what_did_not_fit_is_known_by_the_bytes_that_were_sent_instead(world: World) -> None:
    world.provider.output = picture("PNG", (700, 500), noise=True)
    await ask(world, 1, size_limit=300_000)
    await world.env.advance_time(15)

    row = await world.row()
    [content] = await delivered(world)
    assert row.outputs[0].sha256 != sha256(content)
    assert await variants(world) == [(row.id, sha256(content))]


@edits
async def test_an_attached_picture_is_known_by_the_bytes_that_were_attached(world: World) -> None:
    await add_command(world)

    await edit(world, photo())

    row = await world.row()
    assert [each.sha256 for each in row.request.pictures] == [sha256(photo())]


# ------------------------------------------------------------------- attached again


@pytest.mark.fault(
    "somebody attaches what the operator has taken down",
    sees="the reason, and that nothing was charged; the operator is told",
    charged="nothing",
)
@edits
async def test_what_was_taken_down_is_not_taken_in_and_the_operator_is_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.env.restart_bot(with_operator(world))
    await add_command(world)
    await refuse(world, sha256(photo()))

    await edit(world, photo())
    await edit(world, photo())

    assert "has taken this picture down" in world.content
    assert "Nothing was charged" in world.content
    assert stored(world) == []
    assert world.provider.inputs == []
    rows = await world.ledger.recent(world.alice.id, 10)
    assert [(row.error, row.quota, row.budget) for row in rows] == [
        ("picture_taken_down", Entry.RELEASED, Entry.RELEASED)
    ] * 2
    [told] = direct_messages(world, operator(world))
    assert "A picture that you took down" in told
    assert f"<@{world.alice.id}>" in told
    for secret in (sha256(photo()), "make it snow", str(world.alice.id)):
        assert secret not in caplog.text


@edits
async def test_a_second_picture_is_looked_at_as_the_first_is(world: World) -> None:
    await add_command(world)
    await refuse(world, sha256(picture("PNG")))

    await edit(world, photo(), second=("small.png", picture("PNG")))

    assert "has taken this picture down" in world.content
    await assert_nothing_bought(world)


@edits
async def test_an_image_of_the_bots_that_was_taken_down_is_no_input_either(world: World) -> None:
    await add_command(world)
    await world.imagine(world.bob)
    await world.env.advance_time(15)
    [content] = await delivered(world)
    await refuse(world, sha256(content))

    await edit(world, content)

    assert "has taken this picture down" in world.content


@edits
async def test_what_is_refused_no_more_is_taken_in(world: World) -> None:
    await add_command(world)
    await refuse(world, sha256(photo()))
    async with Database.open(world.folder / "imagine.db", exclusive=False) as database:
        assert await Takedowns(database).allow(sha256(photo()))
        assert not await Takedowns(database).allow(sha256(photo()))

    await edit(world, photo())
    await world.env.advance_time(15)

    assert (await world.row()).status is Status.DELIVERED


# ------------------------------------------------------------------- made again


@pytest.mark.fault(
    "the provider makes, byte for byte, an image that was taken down",
    sees="that it was taken down, and that it was not charged",
    charged="nothing; the payer's budget one image",
)
async def test_what_was_taken_down_is_neither_stored_nor_shown_when_it_is_made_again(
    world: World,
) -> None:
    await world.imagine(world.bob)
    await world.env.advance_time(15)
    [bobs] = await world.ledger.recent(world.bob.id, 10)
    await refuse(world, bobs.outputs[0].sha256)

    await world.imagine()
    await world.env.advance_time(15)

    row = await world.row()
    assert "has taken down" in world.content
    assert "You were not charged" in world.content
    assert world.message.attachments == []
    assert files(world) == [bobs.outputs[0].name]
    assert (row.status, row.error, row.outputs) == (Status.FAILED, "taken_down", ())
    assert (row.quota, row.budget) == (Entry.RELEASED, Entry.SETTLED)


@counts
async def test_the_others_of_several_images_are_shown(world: World) -> None:
    world.provider.outputs = ("https://files.invalid/a",)
    await world.imagine(world.bob)
    await world.env.advance_time(15)
    [bobs] = await world.ledger.recent(world.bob.id, 10)
    await refuse(world, bobs.outputs[0].sha256)
    first, others = world.provider.output, picture("PNG")
    download = world.provider.download

    def alternating(url: str) -> Any:
        world.provider.output = first if url.endswith("0") else others
        return download(url)

    world.provider.download = alternating  # type: ignore[method-assign]  # two different files
    world.provider.outputs = ("https://files.invalid/0", "https://files.invalid/1")

    await ask(world, 2)
    await world.env.advance_time(15)

    row = await world.row()
    assert len(world.message.attachments) == 1
    assert (row.status, len(row.outputs), row.unfetched) == (Status.DELIVERED, 1, 1)


async def test_a_restart_between_the_making_and_the_storing_changes_nothing(world: World) -> None:
    await world.imagine(world.bob)
    await world.env.advance_time(15)
    [bobs] = await world.ledger.recent(world.bob.id, 10)
    await world.imagine()
    await world.env.advance_time(3)
    await refuse(world, bobs.outputs[0].sha256)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(15)

    row = await world.row()
    assert (row.status, row.error) == (Status.FAILED, "taken_down")
    assert files(world) == [bobs.outputs[0].name]


# ------------------------------------------------------------------- the person's own data


@counts
async def test_an_erasure_forgets_what_was_sent_of_theirs_and_not_what_is_refused(
    world: World,
) -> None:
    world.provider.output = picture("PNG", (700, 500), noise=True)
    await ask(world, 1, size_limit=300_000)
    await world.env.advance_time(15)
    [(_, sent)] = await variants(world)
    await refuse(world, sent)

    assert await world.bot.retention.erase(world.alice.id)

    assert await variants(world) == []
    assert await Takedowns(world.database).refuses(sent)


@edits
async def test_pictures_that_an_image_started_from_are_swept_once_it_was_removed(
    world: World,
) -> None:
    await add_command(world)
    await edit(world, photo())
    await world.env.advance_time(15)
    row = await world.row()
    removals = world.bot._storage.removals
    now = world.clock.now()
    await removals.remove(row.request.interaction_id, RemovedBy.MODERATOR, until=now, now=now)
    sealed = await world.ledger.unended_images()
    await world.bot.removal.pass_over()

    assert len(sealed) == 2
    assert await world.ledger.unended_images() == set()
    assert (await world.row()).outputs == ()
