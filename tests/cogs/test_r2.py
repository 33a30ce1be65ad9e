"""R2: findings of a review, as failing tests."""

from __future__ import annotations

import pytest

from bot.guild import Holder
from bot.language import speaking
from tests.cogs.test_derivations import ALL, change, copies, made, newest, said
from tests.cogs.test_image import delete, opened, remove
from tests.cogs.test_me import everything_stored
from tests.models import RETOUCH
from tests.spoken import Speak
from tests.world import World, picture

pytestmark = [pytest.mark.usefixtures("env"), pytest.mark.rules(offer=ALL)]


@pytest.mark.parametrize("how", ["removed", "deleted", "erased"])
async def test_a_copy_of_a_copy_goes_with_the_image_too(world: World, how: str) -> None:
    """Alice's image, changed by Bob, whose image is made again: both start from Alice's."""
    message = await made(world)
    await change(world, message, world.bob)
    await newest(world, world.bob)
    changed = world.message
    await world.bob.click(changed, label="Again")
    await newest(world, world.bob)
    third = world.message
    assert len(copies(world)) == 2

    match how:
        case "removed":
            await remove(world, message)
        case "deleted":
            await delete(world, message)
        case _:
            await world.bot.retention.erase(world.alice.id)
    began = len(world.provider.began)
    again = await world.bob.click(third, label="Again")
    await world.env.advance_time(15)
    assert copies(world) == []
    assert len(world.provider.began) == began, said(again)


async def test_an_attached_picture_goes_with_its_owner(world: World) -> None:
    """Alice attached it, Bob pressed Again (anyone's pictures may be used); Alice erases all."""
    await world.set_limit(Holder.CHANNEL, world.channel.id, "sources", "anyone")
    message = await made(world, model=RETOUCH.name, image=("me.png", picture("PNG")))
    await world.bob.click(message, label="Again")
    await newest(world, world.bob)

    await world.bot.retention.erase(world.alice.id)

    assert copies(world) == []


async def test_nothing_of_whoever_is_erased_is_in_what_others_began(world: World) -> None:
    message = await made(world)
    row = await world.row()
    await world.bob.click(message, label="Again")
    await newest(world, world.bob)

    await world.bot.retention.erase(world.alice.id)
    await world.database._writer.execute_fetchall("vacuum")

    stored = everything_stored(world)
    assert str(message.id).encode() not in stored
    assert str(row.request.interaction_id).encode() not in stored


async def test_alt_texts_of_a_public_image_stay_in_the_servers_language(
    world: World, speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    """German is not complete yet: this sentence is translated here."""
    from bot import language
    from bot.language.catalogue import Catalogue

    german = Catalogue('msgid "Made of a picture by {model}"\nmsgstr "Aus einem Bild von {model}"')
    monkeypatch.setattr(language, "_catalogue", {"de": german}.get)
    speak(None, "en-US")
    speak(world.mona, "de")
    panel = await opened(world, world.alice, await made(world))
    await world.alice.click(panel.response, label="Upscale")
    await world.env.advance_time(15)
    panel = await opened(world, world.mona, world.message)

    await world.mona.click(panel.response, label="Spoiler")

    now = [each.description for each in world.message.attachments]
    assert all(each.is_spoiler() for each in world.message.attachments)
    assert now == ["Made of a picture by maker/larger"]


async def test_moderators_hear_of_input_pictures_in_the_servers_language(
    world: World, speak: Speak
) -> None:
    """`bot.gallery.for_review` writes "Input picture 1" without a mark: in no catalogue."""
    from tests.sentences import marked

    assert any("Input picture" in (each.sentence or "") for each in marked())


def test_thousands_are_written_as_the_reader_writes_them() -> None:
    from bot.style_refusals import StyledTooLong
    from bot.wording import styles

    with speaking("de"):
        assert "1.234" in str(styles.refusal(StyledTooLong(1234, 1000, 300)))
