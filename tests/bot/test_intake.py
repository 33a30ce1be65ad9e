"""Pictures as input, from the attachment to the create: whole, clean, once, or in words."""

from __future__ import annotations

import base64
import io
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
import pytest
from discord import app_commands
from PIL import Image as Pillow

from bot.chat.interactions import picture_of
from bot.domain.attached import MOST_BYTES, names
from bot.domain.generation import Entry, Generation, Status
from bot.domain.model import Ability, Model, Pictures
from bot.domain.offer import Offer
from bot.errors import CreateUnknown, ProviderTrouble, RateLimited, UploadUnsupported
from bot.generation import intake
from bot.panels.asking import request_from
from bot.policy import Keep
from bot.record import replace
from bot.request.input import Chosen
from tests.bot.test_cleaning import photo
from tests.world import MODEL, World, picture

INPUT = "input_image"
EDITOR = Model(MODEL, "Editor", frozenset({Ability.EDIT}), "prompt", pictures=Pictures(INPUT))
SEVERAL = replace(EDITOR, name="maker/several", pictures=Pictures(INPUT, is_list=True, most=2))

pytestmark = [
    pytest.mark.usefixtures("env"),
    pytest.mark.rules(offer=Offer((EDITOR, SEVERAL))),
]


@pytest.fixture(autouse=True)
async def _command(world: World) -> None:
    await add_command(world)


async def add_command(world: World) -> None:
    """`/edit`: as any command hands over attachments."""

    @app_commands.command(description="Change a picture")
    async def edit(
        interaction: discord.Interaction[Any],
        prompt: str,
        image: discord.Attachment,
        without: bool = False,  # noqa: FBT002 - Discord's options are named by the person
        second: discord.Attachment | None = None,
    ) -> None:
        pictures = [picture_of(each) for each in (image, second) if each and not without]
        request = replace(request_from(interaction, prompt), pictures=tuple(pictures))
        model = MODEL if second is None else SEVERAL.name
        chosen = Chosen(model=model)
        await world.bot.asking.ask(interaction, request, chosen)

    world.bot.tree.add_command(edit)
    await world.bot.tree.sync()


async def edit(world: World, content: bytes, name: str = "me.jpg", **options: Any) -> Any:
    prompt = options.pop("prompt", "make it snow")
    who = options.pop("who", world.alice)
    return await who.slash(world.channel, "edit", prompt=prompt, image=(name, content), **options)


def noise(side: int, kind: str = "PNG") -> bytes:
    """A picture of about three times as many bytes as it has pixels."""
    buffer = io.BytesIO()
    content = random.Random(1).randbytes(side * side * 3)
    Pillow.frombytes("RGB", (side, side), content).save(buffer, kind)
    return buffer.getvalue()


def decoded(uri: object) -> bytes:
    head, _, text = str(uri).partition(",")
    assert head in ("data:image/jpeg;base64", "data:image/png;base64")
    return base64.b64decode(text)


def stored(world: World) -> list[str]:
    return sorted(path.name for path in world.shelf.glob("*.in*"))


@asynccontextmanager
async def discord_without_files(world: World, *, status: int = 503) -> AsyncIterator[None]:
    """Its CDN answers so meanwhile."""
    http: Any = world.bot.http
    fetch = http.get_from_cdn

    async def refuse(_: str) -> bytes:
        response: Any = type("Response", (), {"status": status, "reason": "no"})()
        raise discord.HTTPException(response, "no")

    http.get_from_cdn = refuse
    try:
        yield
    finally:
        http.get_from_cdn = fetch


# ------------------------------------------------------------------- what the provider is sent


async def test_a_small_picture_is_sent_in_the_input_itself(world: World) -> None:
    world.provider.can_upload = True

    await edit(world, photo())
    await world.env.advance_time(15)

    [sent] = world.provider.inputs
    assert sent["prompt"] == "make it snow"
    assert Pillow.open(io.BytesIO(decoded(sent[INPUT]))).size == (32, 64)
    assert world.provider.files == []
    assert (await world.row()).status is Status.DELIVERED


async def test_what_a_photo_tells_of_a_person_is_neither_sent_nor_stored(world: World) -> None:
    await edit(world, photo())
    await world.env.advance_time(15)

    [name] = stored(world)
    for content in (
        decoded(world.provider.inputs[0][INPUT]),
        (world.shelf / name).read_bytes(),
    ):
        assert b"Exif" not in content
        assert b"Fox Phones" not in content
        assert not Pillow.open(io.BytesIO(content)).getexif()


async def test_a_large_picture_is_handed_over_as_a_file(world: World) -> None:
    world.provider.can_upload = True

    await edit(world, noise(400), "me.png")
    await world.env.advance_time(15)

    assert world.provider.inputs[0][INPUT] == "https://files.invalid/1/picture.png"
    [file] = world.provider.files
    assert Pillow.open(io.BytesIO(file)).size == (400, 400)


async def test_several_pictures_are_a_list_in_their_order(world: World) -> None:
    world.provider.can_upload = True

    await edit(world, noise(400), "large.png", second=("small.png", picture("PNG")))
    await world.env.advance_time(15)

    sent: Any = world.provider.inputs[0][INPUT]
    first, second = sent
    assert first == "https://files.invalid/1/picture.png"
    assert Pillow.open(io.BytesIO(decoded(second))).size == (64, 48)


@pytest.mark.fault(
    "the provider turns out to take no files",
    sees="progress, then the image",
    charged="one image",
)
async def test_where_no_files_are_taken_the_input_carries_it(world: World) -> None:
    world.provider.can_upload = True
    world.provider.upload_errors = [UploadUnsupported(status=404)]

    await edit(world, noise(400), "me.png")
    await world.env.advance_time(15)

    assert len(decoded(world.provider.inputs[0][INPUT])) > 400_000
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the upload of a picture fails twice",
    sees="progress, then the image",
    charged="one image",
)
async def test_an_upload_is_tried_again(world: World) -> None:
    world.provider.can_upload = True
    world.provider.upload_errors = [ProviderTrouble("", 503), ProviderTrouble("", 503)]

    await edit(world, noise(400), "me.png")
    await world.env.advance_time(30)

    assert len(world.provider.files) == 1
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "a picture can neither be uploaded nor sent in the input",
    sees="the reason, and that nothing was charged",
    charged="nothing",
)
@pytest.mark.parametrize("can_upload", [True, False])
async def test_a_picture_that_cannot_be_sent_at_all_ends_uncharged_in_words(
    world: World, monkeypatch: pytest.MonkeyPatch, *, can_upload: bool
) -> None:
    monkeypatch.setattr(intake, "MOST_INLINE", 100_000)
    world.provider.can_upload = can_upload
    world.provider.upload_errors = [ProviderTrouble("", 503)] * 3

    await edit(world, noise(400), "me.png")
    await world.env.advance_time(30)

    words = "The provider had a problem" if can_upload else "no pictures of more than 0.1 MiB"
    assert words in world.content
    assert "charged" in world.content
    await assert_nothing_bought(world)


async def assert_nothing_bought(world: World) -> None:
    row = await world.row()
    assert (row.status, row.quota, row.budget) == (Status.FAILED, Entry.RELEASED, Entry.RELEASED)
    assert world.provider.inputs == []


# ------------------------------------------------------------------- what is refused


@pytest.mark.fault(
    "a picture of more than 20 MiB, or no picture at all",
    sees="privately the reason, at once",
    charged="nothing",
)
@pytest.mark.parametrize(
    ("name", "size", "words"),
    [("me.jpg", MOST_BYTES + 1, "at most 20 MiB"), ("me.pdf", 10, "application/pdf")],
)
async def test_what_the_attachment_itself_says_is_refused_at_once_and_privately(
    world: World, name: str, size: int, words: str
) -> None:
    result = await edit(world, bytes(size), name)

    assert result.response.ephemeral
    assert words in result.response.content
    assert "Nothing was charged" in result.response.content
    assert await world.ledger.recent(world.alice.id, 10) == []
    assert world.provider.inputs == []


@pytest.mark.fault(
    "a picture that lies about its type, is cut short, moves or is none",
    sees="the reason, and that nothing was charged",
    charged="nothing",
)
@pytest.mark.parametrize(
    ("name", "content", "words", "code"),
    [
        ("me.png", picture("JPEG"), "claims to be PNG, but is JPEG", "picture_mistyped"),
        ("me.jpg", picture("JPEG")[:-200], "damaged or incomplete", "picture_broken"),
        ("me.png", b"<html>", "this kind of file", "picture_kind"),
    ],
)
async def test_what_only_its_bytes_tell_ends_uncharged_in_words(
    world: World, name: str, content: bytes, words: str, code: str
) -> None:
    await edit(world, content, name)

    row = await world.row()
    assert words in world.content
    assert "Nothing was charged" in world.content
    assert row.error == code
    assert stored(world) == []
    await assert_nothing_bought(world)


@pytest.mark.rules(person=1)
async def test_a_refused_picture_leaves_the_whole_quota(world: World) -> None:
    await edit(world, b"<html>", "me.png")

    await edit(world, photo())
    await world.env.advance_time(15)

    assert len(world.provider.inputs) == 1


# ------------------------------------------------------------------- Discord's files


@pytest.mark.fault(
    "Discord does not hand over an attached picture for half a minute",
    sees="taking in the picture, then the image",
    charged="one image",
)
async def test_discord_may_be_slow_to_hand_over_a_picture(world: World) -> None:
    async with discord_without_files(world):
        await edit(world, photo())
        await world.env.advance_time(30)
        assert "Taking in the picture" in world.content
    await world.env.advance_time(20)

    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "Discord no longer has the attached picture, or hands over nothing for two minutes",
    sees="that it must be attached again",
    charged="nothing",
)
@pytest.mark.parametrize("status", [404, 503])
async def test_a_picture_that_is_not_to_be_had_ends_uncharged(world: World, status: int) -> None:
    async with discord_without_files(world, status=status):
        await edit(world, photo())
        await world.env.advance_time(150)

    assert "Attach it again" in world.content
    await assert_nothing_bought(world)


async def test_a_cancel_while_the_picture_is_waited_for_buys_nothing(world: World) -> None:
    async with discord_without_files(world):
        await edit(world, photo())
        await world.env.advance_time(3)
        await world.alice.click(world.message, label="Cancel")
        await world.env.advance_time(10)

    row = await world.row()
    assert (row.status, row.quota) == (Status.CANCELED, Entry.RELEASED)


# ------------------------------------------------------------------- restarts


@pytest.mark.fault(
    "the bot restarts before the attached picture is stored",
    sees="the same reply goes on, then the image",
    charged="one image",
)
async def test_a_restart_before_the_picture_is_stored_fetches_it_again(world: World) -> None:
    async with discord_without_files(world):
        await edit(world, photo())
        await world.env.advance_time(3)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(20)

    assert len(world.provider.inputs) == 1
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the bot restarts between the picture's storing and the purchase",
    sees="the same reply goes on, then the image",
    charged="one image",
)
async def test_a_restart_after_that_needs_discord_no_more(world: World) -> None:
    row = await put_off(world)
    assert all(each.is_stored for each in row.request.pictures)
    await world.env.restart_bot(world.new_bot())
    async with discord_without_files(world, status=404):
        await world.env.advance_time(60)

    assert [INPUT in sent for sent in world.provider.inputs] == [True, True]
    assert (await world.row()).status is Status.DELIVERED


async def put_off(world: World) -> Generation:
    """Its picture is stored, and the provider wants no create for half a minute."""
    world.provider.create_errors = [RateLimited("", 429, retry_after=30)]
    await edit(world, photo())
    await world.env.advance_time(3)
    return await world.row()


async def test_a_link_to_discord_is_kept_only_until_the_picture_is_here(world: World) -> None:
    async with discord_without_files(world):
        await edit(world, photo())
        assert "cdn.simcord" in json.dumps(await pictures(world))
    await world.env.advance_time(20)

    assert "cdn.simcord" not in json.dumps(await pictures(world))


async def test_nor_is_it_kept_when_nothing_came_of_it(world: World) -> None:
    await edit(world, b"<html>", "me.png")

    assert "cdn.simcord" not in json.dumps(await pictures(world))


async def pictures(world: World) -> list[str]:
    found = await world.database.read("select pictures from generation", {})
    return [row["pictures"] for row in found]


@pytest.mark.fault(
    "the stored picture is gone when it is to be sent",
    sees="that it must be attached again",
    charged="nothing",
)
async def test_a_stored_picture_that_is_gone_buys_nothing(world: World) -> None:
    await put_off(world)
    for name in stored(world):
        (world.shelf / name).unlink()
    await world.env.advance_time(60)

    assert "Attach it again" in world.content
    row = await world.row()
    assert (row.status, row.quota, row.budget) == (Status.FAILED, Entry.RELEASED, Entry.RELEASED)
    assert world.provider.bought == {}


# ------------------------------------------------------------------- lost answers


@pytest.mark.fault(
    "the answer to a purchase with a picture is lost after it was accepted",
    sees="checking, then the image",
    charged="one image",
)
@pytest.mark.parametrize("shown", ["https://replicate.delivery/x.png", "data:image/png;…", None])
async def test_a_lost_answer_is_found_however_the_list_shows_the_picture(
    world: World, shown: str | None
) -> None:
    world.provider.loses_answer = True
    await edit(world, photo())
    await world.env.advance_time(3)
    [(prediction_id, sent)] = world.provider.bought.items()
    others = {key: value for key, value in sent.items() if key != INPUT}
    world.provider.bought[prediction_id] = others | ({INPUT: shown} if shown else {})
    await world.env.advance_time(100)

    assert (await world.row()).status is Status.DELIVERED
    assert len(world.provider.inputs) == 1


async def test_two_lost_answers_that_differ_in_their_pictures_are_never_mixed_up(
    world: World,
) -> None:
    lost = world.provider
    for who, content in ((world.alice, photo()), (world.bob, picture("JPEG"))):
        lost.loses_answer = True
        await edit(world, content, who=who)
        await world.env.advance_time(3)
    await world.env.advance_time(200)

    for who in (world.alice, world.bob):
        [row] = await world.ledger.recent(who.id, 10)
        assert (row.status, row.prediction_id) == (Status.UNKNOWN, None)


async def test_a_prediction_with_a_picture_is_not_taken_for_one_without(world: World) -> None:
    world.provider.loses_answer = True
    await edit(world, photo())
    await world.env.advance_time(3)
    world.provider.create_errors = [CreateUnknown("reset")]
    await edit(world, b"", without=True, who=world.bob)
    await world.env.advance_time(200)

    [row] = await world.ledger.recent(world.bob.id, 10)
    assert row.prediction_id is None


# ------------------------------------------------------------------- the end of what is stored


async def test_pictures_of_what_is_under_way_are_never_swept(world: World) -> None:
    world.provider.seconds = 300
    await edit(world, photo())
    await world.env.advance_time(5)

    await world.bot.retention.pass_over(Keep(images=-1))

    assert stored(world) != []


async def test_pictures_go_with_the_images_when_they_are_old(world: World) -> None:
    await edit(world, photo())
    await world.env.advance_time(15)
    assert stored(world) != []

    await world.bot.retention.pass_over(Keep(images=-365))

    assert stored(world) == []


async def test_pictures_are_erased_with_the_person(world: World) -> None:
    await edit(world, photo())
    await edit(world, picture("JPEG"), who=world.bob)
    await world.env.advance_time(15)
    [of_bob] = [name for name in stored(world) if name not in await names_of(world, world.alice)]

    assert await world.bot.retention.erase(world.alice.id)

    assert stored(world) == [of_bob]
    assert await pictures(world) != []
    assert "[]" in await pictures(world)


async def names_of(world: World, person: Any) -> list[str]:
    rows = await world.ledger.recent(person.id, 10)
    return [name for row in rows for name in names(row.id, row.request.pictures)]


async def test_a_picture_stored_just_before_a_kill_is_erased_too(world: World) -> None:
    async with discord_without_files(world):
        await edit(world, photo())
        row = await world.row()
        await world.bot.imagine.cancel(row.id)
        await world.env.advance_time(10)
    [name] = names(row.id, row.request.pictures)
    world.shelf.mkdir(exist_ok=True)
    (world.shelf / name).write_bytes(b"stored, and then the process was killed")

    assert await world.bot.retention.erase(world.alice.id)

    assert stored(world) == []
