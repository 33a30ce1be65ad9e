"""*Apps → Use as input*: from a message's picture to an image made of it."""

from __future__ import annotations

import base64
import io
from typing import Any

import discord
import pytest
from PIL import Image as Pillow

from bot.domain.generation import Status, Value
from bot.domain.guild import Holder
from bot.domain.model import Ability, Model, Pictures
from bot.domain.offer import Offer
from bot.panels.picture_form import REMEMBERED, PictureForm
from bot.storage.storage import Storage
from tests.world import World, picture

MENU = "Use as input"
EDITOR = Model(
    "black-forest-labs/flux-kontext-pro",
    "FLUX Kontext",
    frozenset({Ability.EDIT}),
    "prompt",
    pictures=Pictures("input_image"),
    fixed={"output_format": "png"},
)
SEVERAL = Model(
    "google/nano-banana",
    "Nano Banana",
    frozenset({Ability.GENERATE, Ability.EDIT}),
    "prompt",
    pictures=Pictures("image_input", is_list=True, most=10),
)
PLAIN = Model("google/imagen-4-ultra", "Imagen 4", frozenset({Ability.GENERATE}), "prompt")
REFERENCE = Model(
    "ideogram-ai/ideogram-v3",
    "Ideogram",
    frozenset({Ability.GENERATE}),
    "prompt",
    pictures=Pictures("style"),
)
UPSCALER = Model(
    "a/upscaler",
    "Up",
    frozenset({Ability.UPSCALE}),
    None,
    pictures=Pictures("image", required=True),
)


pytestmark = [pytest.mark.usefixtures("env"), pytest.mark.rules(offer=Offer((EDITOR,)))]


@pytest.fixture(autouse=True)
async def anyones(world: World) -> None:
    """Pictures of anybody's messages are taken: not so without a word of the server's."""
    await world.set_limit(Holder.GUILD, 0, "sources", "anyone")


async def offer(world: World, *models: Model) -> None:
    """As an installation with these models starts."""
    await world.env.restart_bot(world.new_bot(offer=Offer(models)))


async def posted(world: World, *files: tuple[str, bytes]) -> Any:
    """Bob's message with these files."""
    return await world.bob.send(world.channel, "look", attachments=files)


async def use(world: World, message: Any, who: Any = None) -> Any:
    return await (who or world.alice).context_menu(world.channel, MENU, message)


async def submit(world: World, asked: Any, prompt: str = "make it snow", who: Any = None) -> Any:
    assert asked.modal is not None, asked.response and asked.response.content
    return await (who or world.alice).submit_modal(asked, {"prompt": prompt})


async def test_a_picture_of_a_message_becomes_an_image_in_the_channel(world: World) -> None:
    asked = await use(world, await posted(world, ("fox.jpg", picture())))

    await submit(world, asked)
    await world.env.advance_time(15)

    [sent] = world.provider.inputs
    uri = str(sent["input_image"])
    content = base64.b64decode(uri.partition(",")[2])
    assert uri.startswith("data:image/jpeg;base64,")
    assert Pillow.open(io.BytesIO(content)).size == (64, 48)
    assert (sent["prompt"], sent["output_format"]) == ("make it snow", "png")
    row = await world.row()
    assert (row.status, row.request.model) == (Status.DELIVERED, EDITOR.name)
    assert "make it snow" in world.content


async def test_an_image_of_the_bots_own_is_as_good_as_anybodys(world: World) -> None:
    await world.imagine(world.bob)
    await world.env.advance_time(15)

    await submit(world, await use(world, world.message))
    await world.env.advance_time(15)

    assert "input_image" in world.provider.inputs[-1]
    assert (await world.row()).status is Status.DELIVERED


async def test_the_first_picture_among_the_files_is_meant(world: World) -> None:
    message = await posted(world, ("notes.txt", b"hello"), ("fox.png", picture("PNG")))

    await submit(world, await use(world, message))
    await world.env.advance_time(15)

    assert str(world.provider.inputs[0]["input_image"]).startswith("data:image/png;")


async def test_a_model_that_takes_a_list_gets_one(world: World) -> None:
    await offer(world, SEVERAL)

    await submit(world, await use(world, await posted(world, ("fox.jpg", picture()))))
    await world.env.advance_time(15)

    value: Value | object = world.provider.inputs[0]["image_input"]
    assert isinstance(value, list)
    assert len(value) == 1


@pytest.mark.parametrize(
    ("models", "chosen"),
    [
        ((SEVERAL, EDITOR), SEVERAL),
        ((PLAIN, EDITOR, SEVERAL), EDITOR),
        ((PLAIN, REFERENCE, SEVERAL), SEVERAL),
        ((REFERENCE, SEVERAL), REFERENCE),
        ((PLAIN, REFERENCE), REFERENCE),
        ((UPSCALER, PLAIN, EDITOR), EDITOR),
        ((PLAIN, UPSCALER), None),
        ((), None),
    ],
)
async def test_the_default_model_edits_if_it_can_else_the_first_that_does(
    world: World, models: tuple[Model, ...], chosen: Model | None
) -> None:
    storage = Storage.of(world.database)
    form = PictureForm(world.bot.asking, models, storage, prompt_length=2000)

    assert form.model is chosen


async def test_where_no_model_starts_from_pictures_there_is_no_such_command(world: World) -> None:
    await offer(world, PLAIN)

    menus = world.bot.tree.get_commands(type=discord.AppCommandType.message)
    assert MENU not in [menu.name for menu in menus]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ((), "no picture attached"),
        ((("notes.txt", b"hello"),), "no picture attached"),
        ((("fox.bmp", b"BM"),), "no picture that models take"),
        ((("fox.jpg", bytes((20 << 20) + 1)),), "at most 20 MiB"),
    ],
)
async def test_what_cannot_be_used_is_said_before_anybody_types(
    world: World, files: tuple[tuple[str, bytes], ...], words: str
) -> None:
    asked = await use(world, await posted(world, *files))

    assert asked.modal is None
    assert asked.response.ephemeral
    assert words in asked.response.content


async def test_who_is_refused_gets_their_words_back(world: World) -> None:
    asked = await use(world, await posted(world, ("fox.jpg", picture())))
    await world.env.restart_bot(world.new_bot(policy=world.rules.policy.__class__(5, None)))

    result = await submit(world, asked, "make it snow")

    assert result.response.ephemeral
    assert "the limit is 5" in result.response.content
    assert "make it snow" in result.response.content
    assert world.provider.inputs == []


async def test_an_empty_prompt_is_refused_in_words(world: World) -> None:
    asked = await use(world, await posted(world, ("fox.jpg", picture())))

    result = await submit(world, asked, "  ")

    assert "The prompt is empty" in result.response.content


# ------------------------------------------------------------------- restarts, forged forms


async def restarted(world: World) -> None:
    await world.env.restart_bot(world.new_bot())
    await offer(world, EDITOR)


@pytest.mark.fault(
    "the bot restarts while somebody types what should become of a picture",
    sees="the image",
    charged="one image",
)
async def test_a_restart_while_somebody_types_loses_nothing(world: World) -> None:
    asked = await use(world, await posted(world, ("fox.jpg", picture())))
    await restarted(world)

    await submit(world, asked)
    await world.env.advance_time(15)

    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the bot restarts while somebody types, and the message is removed",
    sees="privately the reason, and the prompt to copy",
    charged="nothing",
)
async def test_a_message_that_is_gone_after_a_restart_gives_the_words_back(world: World) -> None:
    message = await posted(world, ("fox.jpg", picture()))
    asked = await use(world, message)
    await restarted(world)
    await world.bob.delete(message)

    result = await submit(world, asked)

    assert result.response.ephemeral
    assert "make it snow" in result.response.content
    assert world.provider.inputs == []


async def test_the_oldest_of_many_open_forms_is_read_again(world: World) -> None:
    asked = await use(world, await posted(world, ("fox.jpg", picture())))
    form = world.bot.panels.picture
    [known] = form._remembered.values()
    for number in range(REMEMBERED):
        form._remember(1, number, known)
    assert len(form._remembered) == REMEMBERED

    await submit(world, asked)
    await world.env.advance_time(15)

    assert (await world.row()).status is Status.DELIVERED


async def test_a_forged_form_reaches_no_picture_of_another_channel(world: World) -> None:
    secret = world.guild.create_text_channel("secret")
    hidden = await world.bob.send(secret, "look", attachments=[("me.jpg", picture())])
    asked = await use(world, await posted(world, ("fox.jpg", picture())))
    forge(asked, f"{hidden.id}-{hidden.attachments[0].id}")

    result = await submit(world, asked)

    assert result.response.ephemeral
    assert "is not to be had" in result.response.content
    assert world.provider.inputs == []


@pytest.mark.parametrize("subject", ["", "1", "x-y", "1-2-3", "-"])
async def test_a_form_that_names_nothing_is_refused_in_words(world: World, subject: str) -> None:
    asked = await use(world, await posted(world, ("fox.jpg", picture())))
    forge(asked, subject)

    result = await submit(world, asked)

    assert "is not to be had" in result.response.content


def forge(asked: Any, subject: str) -> None:
    """Let the form name something else, as a client of somebody's own might."""
    shown = asked._interaction.modal
    shown["custom_id"] = f"{shown['custom_id'].rpartition(':')[0]}:{subject}"
