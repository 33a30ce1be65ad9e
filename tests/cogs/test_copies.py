"""What is left of an image elsewhere: copies, links to whoever asked, alt texts."""

from __future__ import annotations

import pytest

from bot.domain.guild import Holder
from bot.language import speaking
from bot.wording import several
from tests.cogs.test_derivations import ALL, change, copies, newest, said
from tests.cogs.test_desk import public, reviewed
from tests.cogs.test_image import delete, made, opened, remove
from tests.cogs.test_me import everything_stored, vacuum
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
    await vacuum(world)

    stored = await everything_stored(world)
    assert str(message.id).encode() not in stored
    assert str(row.request.interaction_id).encode() not in stored


async def test_alt_texts_of_an_approved_image_stay_in_the_servers_language(
    world: World, speak: Speak
) -> None:
    """Its request is private, and so in the person's for `of_reply`; its message is not."""
    speak(None, "en-US")
    panel = await opened(world, world.alice, await made(world))
    desk = await reviewed(world)
    for who in (world.alice, world.mona):
        speak(who, "de")
    await world.alice.click(panel.response, label="Upscale")
    await world.env.advance_time(15)
    await world.mona.click(desk.history()[-1], label="Approve")
    await world.env.advance_time(15)
    published = public(world)[-1]
    before = [each.description for each in published.attachments]
    panel = await opened(world, world.mona, published)

    await world.mona.click(panel.response, label="Spoiler")

    assert before == ["Made of a picture by maker/larger"]
    now = public(world)[-1].attachments
    assert all(each.is_spoiler() for each in now)
    assert [each.description for each in now] == before


def test_input_pictures_on_a_card_are_described_in_the_servers_language() -> None:
    with speaking("de"):
        assert several.input_texts(2) == ["Vorlage 1", "Vorlage 2"]


def test_thousands_are_written_as_the_reader_writes_them() -> None:
    from bot.refusals.styles import StyledTooLong
    from bot.wording import styles

    with speaking("de"):
        assert "1.234" in str(styles.refusal(StyledTooLong(1234, 1000, 300)))
