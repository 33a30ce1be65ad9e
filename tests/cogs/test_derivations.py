"""The buttons below an image: another one begins from it, whoever's who presses."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image as Pillow

from bot.domain.generation import Capacity, Entry, Generation, Status
from bot.domain.guild import Holder
from bot.domain.offer import Offer
from bot.domain.origin import Derivation
from bot.domain.preferences import NO, OTHERS_USE
from bot.domain.rule import Kind, Rule
from bot.moderation.takedown import Named, Takedown
from bot.pictures.store import store_of
from bot.record import replace
from bot.wording import images, sources
from tests.cogs.test_desk import reviewed
from tests.cogs.test_image import below, delete, labels, made, opened, remove
from tests.models import LARGER, LIKE, QUICK, RETOUCH
from tests.permissions.scene import _button, _submit
from tests.world import World, picture

PLAIN = replace(QUICK, safeguards=())
ALL = Offer((PLAIN, RETOUCH, LARGER, LIKE))
pytestmark = [pytest.mark.usefixtures("env"), pytest.mark.rules(offer=ALL)]


async def rows(world: World, who: Any = None) -> list[Generation]:
    """The newest first."""
    return await world.ledger.recent((who or world.alice).id, 20)


async def newest(world: World, who: Any = None) -> Generation:
    await world.env.advance_time(15)
    return (await rows(world, who))[0]


async def change(world: World, message: Any, who: Any = None, **said: Any) -> Any:
    person = who or world.alice
    asked = await person.click(message, label="Change image")
    return await person.submit_modal(asked, {"prompt": "make the hat red", **said})


def sent_picture(world: World, name: str) -> Any:
    """What the last prediction starts from."""
    content = str(world.provider.inputs[-1][name]).partition(",")[2]
    return Pillow.open(io.BytesIO(base64.b64decode(content)))


def said(result: Any) -> str:
    return "\n".join(each.content for each in (result.response, *result.followups) if each)


# --- which there are


async def test_below_an_image_stand_again_change_edit_and_more(world: World) -> None:
    message = await made(world)

    assert below(message) == ["Again", "Change image", "Edit prompt", "More"]


@pytest.mark.parametrize(
    ("offer", "sources", "buttons"),
    [
        ((PLAIN,), "own", ["Again", "Edit prompt", "More"]),
        ((PLAIN, RETOUCH), "off", ["Again", "Edit prompt", "More"]),
        ((PLAIN, RETOUCH), "anyone", ["Again", "Change image", "Edit prompt", "More"]),
    ],
)
async def test_an_image_is_changed_only_where_a_model_does_it_and_pictures_may_be_used(
    world: World, offer: Any, sources: str, buttons: list[str]
) -> None:
    await world.env.restart_bot(world.new_bot(offer=Offer(offer)))
    await world.set_limit(Holder.CHANNEL, world.channel.id, "sources", sources)

    assert below(await made(world)) == buttons


async def test_the_panel_has_upscale_and_vary_where_a_model_does_that(world: World) -> None:
    panel = await opened(world, world.alice, await made(world))

    assert labels(panel) == ["Upscale", "Vary", "Spoiler", "Delete …"]


async def test_where_no_pictures_may_be_used_the_panel_has_neither(world: World) -> None:
    await world.set_limit(Holder.CHANNEL, world.channel.id, "sources", "off")

    panel = await opened(world, world.bob, await made(world))

    assert labels(panel) == ["Report …"]


async def test_an_image_without_words_has_no_prompt_to_edit(world: World) -> None:
    panel = await opened(world, world.alice, await made(world))

    await world.alice.click(panel.response, label="Upscale")
    await world.env.advance_time(15)

    assert below(world.message) == ["Again", "Change image", "More"]
    assert "Made of a picture by maker/larger" in world.message.attachments[0].description


# --- again


async def test_again_makes_the_same_with_another_seed_for_whoever_presses(world: World) -> None:
    message = await made(world, aspect_ratio="21:9", steps=8, seed=5)
    parent = await world.row()

    await world.bob.click(message, label="Again")
    row = await newest(world, world.bob)

    assert row.status is Status.DELIVERED
    assert row.request.prompt == parent.request.prompt
    assert {**row.request.options, "seed": 5} == parent.request.options
    assert row.request.options["seed"] != 5
    assert (row.request.user_id, row.request.private) == (world.bob.id, False)
    assert f"again from [↗]({message.jump_url})" in world.content


async def test_again_makes_as_many(world: World) -> None:
    await world.bob.click(await made(world, count=3), label="Again")

    assert (await newest(world, world.bob)).request.asked == 3


async def test_what_is_made_of_a_private_image_is_private(world: World) -> None:
    await made(world, private=True)
    message = next(m for m in world.channel.history(viewer=world.alice) if m.flags.ephemeral)

    result = await world.alice.click(message, label="Again")
    row = await newest(world)

    assert result.ephemeral
    assert row.request.private
    assert "again from an earlier image" in (
        next(m for m in world.channel.history(viewer=world.alice) if m.id == row.message_id).content
    )


async def test_again_starts_from_the_same_picture_which_is_ours_by_now(world: World) -> None:
    message = await made(world, model=RETOUCH.name, image=("me.png", picture("PNG", (30, 20))))

    await world.alice.click(message, label="Again")
    row = await newest(world)

    assert row.status is Status.DELIVERED
    assert sent_picture(world, "input_image").size == (30, 20)


async def test_somebody_elses_picture_is_used_only_where_anybodys_may_be(world: World) -> None:
    message = await made(world, model=RETOUCH.name, image=("me.png", picture("PNG")))

    refused = await world.bob.click(message, label="Again")
    await world.set_limit(Holder.CHANNEL, world.channel.id, "sources", "anyone")
    await world.bob.click(message, label="Again")

    assert "only" in said(refused)
    assert refused.ephemeral
    assert (await newest(world, world.bob)).status is Status.DELIVERED


async def test_a_picture_that_is_not_stored_any_more_is_said(world: World) -> None:
    message = await made(world, model=RETOUCH.name, image=("me.png", picture("PNG")))
    for file in world.shelf.glob("*.in0"):
        file.unlink()

    refused = await world.alice.click(message, label="Again")

    assert "picture that this image was made from is no longer stored" in said(refused)
    assert len(await rows(world)) == 1


async def test_a_model_that_is_not_on_offer_any_more_is_said(world: World) -> None:
    message = await made(world)
    await world.env.restart_bot(world.new_bot(offer=Offer((RETOUCH,))))

    refused = await world.alice.click(message, label="Again")

    assert "maker/quick" in said(refused)
    assert "Retouch" in said(refused)


async def test_a_prompt_that_is_not_stored_any_more_is_said(world: World) -> None:
    message = await made(world)
    await world.database.write("update generation set prompt = '', options = '{}' returning id", {})

    again = await world.alice.click(message, label="Again")
    edit = await world.alice.click(message, label="Edit prompt")

    assert "No prompt is stored for this image" in said(again)
    assert "No prompt is stored for this image" in said(edit)
    assert len(await rows(world)) == 1


# --- change


async def test_change_gives_the_image_and_the_words_to_the_model_that_edits(world: World) -> None:
    message = await made(world)

    await change(world, message, world.bob)
    row = await newest(world, world.bob)

    assert (row.status, row.request.model) == (Status.DELIVERED, RETOUCH.name)
    assert world.provider.inputs[-1]["instruction"] == "make the hat red"
    assert sent_picture(world, "input_image").size == (64, 48)
    assert f"changed from [↗]({message.jump_url})" in world.content
    assert row.request.origin is not None
    assert row.request.origin.by is Derivation.CHANGE


async def test_of_several_images_a_menu_says_which_one(world: World) -> None:
    world.provider.outputs = tuple(f"https://files.invalid/{number}" for number in range(2))
    message = await made(world, count=2)
    parent = await world.row()

    await change(world, message, which=[f"{parent.id}-1"])
    row = await newest(world)

    assert row.request.origin is not None
    assert (row.request.origin.generation_id, row.request.origin.picture) == (parent.id, 1)
    assert row.status is Status.DELIVERED


async def test_a_form_about_another_request_is_about_its_own(world: World) -> None:
    await made(world, world.bob, private=True)
    [secret] = await rows(world, world.bob)
    message = await made(world)
    parent = await world.row()

    data = f"imagine-form:image:change:{parent.id}"
    components = {"prompt": "x", "which": f"{secret.id}-0"}
    assert message is not None
    await _submit(world, world.alice, world.channel, data, components)
    row = await newest(world)

    assert row.request.origin is not None
    assert row.request.origin.generation_id == parent.id


async def test_who_is_refused_gets_their_words_back(world: World) -> None:
    await world.set_limit(Holder.EVERYONE, 0, "day_images", "1")
    message = await made(world)

    refused = await change(world, message)

    assert "make the hat red" in said(refused)
    assert refused.ephemeral
    assert len(await rows(world)) == 1


@pytest.mark.fault(
    "an image is deleted while somebody types what should change in it",
    sees="privately that it is no longer stored, and their words to copy",
    charged="nothing",
)
async def test_an_image_that_is_gone_before_it_is_taken_in_costs_nothing(world: World) -> None:
    message = await made(world)
    asked = await world.alice.click(message, label="Change image")
    for file in world.shelf.glob("*"):
        file.unlink()

    refused = await world.alice.submit_modal(asked, {"prompt": "make the hat red"})

    assert "no longer stored" in said(refused)
    assert "make the hat red" in said(refused)
    assert len(await rows(world)) == 1


async def reserved(world: World) -> Generation:
    """A change, as a process leaves it that is killed between reservation and intake."""
    await world.env.restart_bot(world.new_bot(capacity=Capacity()))
    message = await made(world)
    parent = await world.row()
    await world.env.restart_bot(world.new_bot(capacity=Capacity(running=0)))
    await change(world, message)
    await world.bot.imagine.close(0)
    row, _ = await rows(world)
    (world.shelf / f"{row.id}.in0").unlink()  # as it was when it was reserved
    about = {"media_type": "image/jpeg", "size": 9, "url": f"stored:{parent.outputs[0].name}"}
    values = {"id": row.id, "pictures": json.dumps([about])}
    sql = "update generation set pictures = :pictures where id = :id returning id"
    await world.database.write(sql, values)
    return parent


@pytest.mark.fault(
    "the bot is killed between the reservation of a change and its reading of the image",
    sees="the same reply goes on, then the image",
    charged="one image",
)
async def test_a_restart_between_reservation_and_intake_takes_it_in_then(world: World) -> None:
    await reserved(world)

    await world.env.restart_bot(world.new_bot(capacity=Capacity()))

    assert (await newest(world)).status is Status.DELIVERED
    assert sent_picture(world, "input_image").size == (64, 48)


@pytest.mark.fault(
    "the image is gone between the reservation of a change and the reading of it",
    sees="that the picture to start from is no longer available",
    charged="nothing",
)
@pytest.mark.moves("queued>failed")
async def test_an_image_that_is_gone_when_it_is_taken_in_ends_it_uncharged(world: World) -> None:
    parent = await reserved(world)
    (world.shelf / parent.outputs[0].name).unlink()

    await world.env.restart_bot(world.new_bot(capacity=Capacity()))
    row = await newest(world)

    assert (row.status, row.error, row.quota) == (Status.FAILED, "picture_gone", Entry.RELEASED)
    assert "is no longer available" in world.content
    assert len(world.provider.inputs) == 1


# --- edit


async def test_edit_shows_the_prompt_and_the_first_options_as_they_were(world: World) -> None:
    message = await made(world, aspect_ratio="21:9", steps=8, go_fast=False)

    asked = await world.bob.click(message, label="Edit prompt")

    fields = {
        each["component"]["custom_id"]: each["component"] for each in asked.modal["components"]
    }
    assert list(fields) == ["prompt", "aspect_ratio", "steps", "negative_prompt", "go_fast"]
    assert fields["prompt"]["value"] == "a red fox"
    chosen = [o["label"] for o in fields["aspect_ratio"]["options"] if o.get("default")]
    assert chosen == ["21:9"]
    assert fields["steps"]["value"] == "8"
    assert [o["value"] for o in fields["go_fast"]["options"] if o.get("default")] == ["no"]


async def test_an_edited_request_is_the_old_one_but_for_what_was_edited(world: World) -> None:
    message = await made(world, aspect_ratio="21:9", steps=8)

    asked = await world.bob.click(message, label="Edit prompt")
    await world.bob.submit_modal(
        asked, {"prompt": "a blue fox", "aspect_ratio": ["21:9"], "steps": "", "go_fast": ["no"]}
    )
    row = await newest(world, world.bob)

    options = {name: row.request.options.get(name) for name in ("aspect_ratio", "go_fast")}
    assert (row.request.prompt, options) == (
        "a blue fox",
        {"aspect_ratio": "21:9", "go_fast": False},
    )
    assert "num_inference_steps" not in row.request.options
    assert f"edited from [↗]({message.jump_url})" in world.content


async def test_what_a_form_has_no_room_for_stays_and_is_named(world: World) -> None:
    one, *others = PLAIN.options
    many = replace(PLAIN, options=(*others, replace(others[0], name="rest", input="rest"), one))
    await world.env.restart_bot(world.new_bot(offer=Offer((many,))))
    message = await made(world, aspect_ratio="21:9")

    asked = await world.bob.click(message, label="Edit prompt")
    await world.bob.submit_modal(asked, {"prompt": "a blue fox"})
    row = await newest(world, world.bob)

    assert asked.modal["components"][0]["description"] == "Kept as they are: aspect ratio"
    assert row.request.options["aspect_ratio"] == "21:9"


async def test_a_value_that_is_none_is_refused_with_the_words_and_what_was_kept(
    world: World,
) -> None:
    message = await made(world)

    asked = await world.bob.click(message, label="Edit prompt")
    refused = await world.bob.submit_modal(asked, {"prompt": "a blue fox", "steps": "many"})

    assert "`steps`" in said(refused)
    assert "a blue fox" in said(refused)
    assert await rows(world, world.bob) == []


# --- upscale, vary


@pytest.mark.parametrize(
    ("label", "model", "name", "told"),
    [
        ("Upscale", LARGER, "image", "upscaled from"),
        ("Vary", LIKE, "redux_image", "varied from"),
    ],
)
async def test_the_panel_begins_what_takes_no_words(
    world: World, label: str, model: Any, name: str, told: str
) -> None:
    message = await made(world)
    panel = await opened(world, world.bob, message)

    await world.bob.click(panel.response, label=label)
    row = await newest(world, world.bob)

    assert (row.status, row.request.model) == (Status.DELIVERED, model.name)
    assert (row.request.prompt, row.request.private) == ("", False)
    assert sent_picture(world, name).size == (64, 48)
    assert f"{told} [↗]({message.jump_url})" in world.content


async def test_the_panel_says_which_of_several_images_it_is_about(world: World) -> None:
    world.provider.outputs = tuple(f"https://files.invalid/{number}" for number in range(2))
    message = await made(world, count=2)
    parent = await world.row()
    panel = await opened(world, world.alice, message)

    before = panel.response.content
    picked = await world.alice.select(panel.response, [f"{parent.id}-1"])
    await world.alice.click(picked.response, label="Upscale")
    row = await newest(world)

    assert "**Image 1 of 2**" in before
    assert "**Image 2 of 2**" in panel.response.content
    assert row.request.origin is not None
    assert row.request.origin.picture == 1


# --- who may


BUTTONS = pytest.mark.parametrize("by", list(Derivation))


async def press(world: World, who: Any, by: Derivation, row: Generation, where: Any = None) -> Any:
    """A press of a button that this person need not have been shown."""
    custom_id = f"imagine:image:{by}:{row.id}"
    return await world.forged(who, _button(world, where or world.channel, custom_id), custom_id)


@BUTTONS
async def test_nothing_begins_from_a_private_image_but_by_whoever_asked_for_it(
    world: World, by: Derivation
) -> None:
    await made(world, private=True)
    row = await world.row()

    for who in (world.bob, world.mona, world.olivia):
        assert images.NOT_TO_BE_SEEN in said(await press(world, who, by, row))

    assert (await world.row()).id == row.id


@BUTTONS
async def test_nothing_begins_from_what_was_removed_or_deleted(
    world: World, by: Derivation
) -> None:
    await remove(world, await made(world))
    await delete(world, await made(world, world.alice, prompt="two"))

    for row in await rows(world):
        for who in (world.alice, world.mona):
            assert images.REMOVED_ALREADY in said(await press(world, who, by, row))
    assert len(await rows(world)) == 2


@BUTTONS
async def test_nothing_begins_from_what_nobody_has_approved(world: World, by: Derivation) -> None:
    await reviewed(world)
    await made(world)

    for who in (world.alice, world.bob, world.mona):
        result = await press(world, who, by, await world.row())
        assert images.NOT_TO_BE_SEEN in said(result)


@BUTTONS
async def test_a_member_presses_where_the_image_is_and_nowhere_else(
    world: World, by: Derivation
) -> None:
    await made(world)
    elsewhere = world.guild.create_text_channel("elsewhere")

    result = await press(world, world.bob, by, await world.row(), elsewhere)

    assert images.NOT_TO_BE_SEEN in said(result)
    assert await rows(world, world.bob) == []


@BUTTONS
async def test_whoever_asked_presses_in_the_server_whose_rules_hold(
    world: World, by: Derivation
) -> None:
    await made(world)
    there = world.env.create_guild()
    channel, same = there.create_text_channel("there"), there.add_member(world.alice.user)

    result = await press(world, same, by, await world.row(), channel)

    assert sources.ELSEWHERE in said(result)
    assert len(await rows(world)) == 1


@pytest.mark.parametrize("by", [by for by in Derivation if by.takes_image])
async def test_where_pictures_are_off_a_forged_press_begins_nothing(
    world: World, by: Derivation
) -> None:
    await made(world)
    row = await world.row()
    await world.set_limit(Holder.CHANNEL, world.channel.id, "sources", "off")

    if by is Derivation.CHANGE:
        custom_id = f"imagine-form:image:change:{row.id}"
        result = await _submit(world, world.bob, world.channel, custom_id, {"prompt": "x"})
    else:
        result = await press(world, world.bob, by, row)

    assert "picture" in said(result)
    assert result.ephemeral
    assert await rows(world, world.bob) == []


@BUTTONS
async def test_whoever_lets_nobody_start_from_their_images_still_may(
    world: World, by: Derivation
) -> None:
    preferences = world.bot._storage.preferences
    await preferences.set(world.alice.id, OTHERS_USE, NO)
    await made(world)

    others = await press(world, world.bob, by, await world.row())
    own = await press(world, world.alice, by, await world.row())

    assert (sources.WITHHELD in said(others)) is by.takes_image
    assert sources.WITHHELD not in said(own)


@pytest.mark.parametrize("subject", ["", "x", "1-0", "9999999999999999999-0", "1-0-0", "1-0-0-0"])
@BUTTONS
async def test_a_subject_that_is_none_is_no_image(
    world: World, by: Derivation, subject: str
) -> None:
    message = await made(world)
    custom_id = f"imagine:image:{by}:{subject}"

    result = await world.forged(world.alice, _button(world, world.channel, custom_id), custom_id)

    assert message is not None
    assert images.NOT_TO_BE_SEEN in said(result)


async def test_an_image_of_that_request_which_there_is_not_is_gone(world: World) -> None:
    await made(world)
    custom_id = f"imagine:image:upscale:{(await world.row()).id}-7"

    result = await world.forged(world.alice, _button(world, world.channel, custom_id), custom_id)

    assert sources.GONE in said(result)


async def test_the_moderators_decide_about_what_a_button_began(world: World) -> None:
    message = await made(world)
    desk = await reviewed(world)

    await change(world, message, world.bob)
    await world.env.advance_time(15)

    [row] = await rows(world, world.bob)
    assert row.status is Status.REVIEWING
    assert len(desk.last_message.attachments) == 2


async def test_the_words_of_a_change_are_screened(world: World) -> None:
    message = await made(world)
    await world.bot.screens.change(
        world.guild.id, world.olivia.id, [Rule(Kind.WORD, "hat")], (), now=world.clock.now()
    )

    refused = await change(world, message, world.bob)

    assert refused.ephemeral
    assert await rows(world, world.bob) == []


# --- twice


@pytest.mark.fault(
    "a button below an image is pressed twice",
    sees="one image, and privately that it is on its way",
    charged="one image",
)
async def test_the_same_button_twice_makes_one_image(world: World) -> None:
    message = await made(world)
    row = await world.row()

    await world.bob.click(message, label="Again")
    second = await world.bob.click(message, label="Again")

    assert "already on its way" in said(second)
    assert second.ephemeral
    assert len(await rows(world, world.bob)) == 1
    assert row.status is Status.DELIVERED


async def test_after_three_seconds_it_is_another_wish(world: World) -> None:
    message = await made(world)

    await world.bob.click(message, label="Again")
    await world.env.advance_time(3.1)
    await world.bob.click(message, label="Again")

    assert len(await rows(world, world.bob)) == 2


# --- what is not to be seen any more


def copies(world: World) -> list[str]:
    return [each.name for each in world.shelf.glob("*.in*")]


@pytest.mark.parametrize("how", ["removed", "deleted", "taken down", "erased"])
async def test_the_copy_that_others_started_from_goes_with_the_image(
    world: World, how: str
) -> None:
    message = await made(world)
    await change(world, message, world.bob)
    row = await newest(world, world.bob)
    derived = world.message
    before = copies(world)

    match how:
        case "removed":
            await remove(world, message)
        case "deleted":
            await delete(world, message)
        case "taken down":
            of = Named(number=message.id)
            store = store_of(world.database, world.folder / "images")
            takedown = Takedown(world.bot._storage, store, world.folder / "evidence")
            await takedown.carry_out(of, reason="no", hold=False, now=world.clock.now())
        case _:
            await world.bot.retention.erase(world.alice.id)

    assert before == [f"{row.id}.in0"]
    assert copies(world) == []
    again = await world.bob.click(derived, label="Again")
    assert "picture that this image was made from is no longer stored" in said(again)


async def test_the_link_to_an_image_goes_with_it(world: World) -> None:
    message = await made(world)
    await world.bob.click(message, label="Again")
    await world.env.advance_time(15)
    derived = world.message
    await remove(world, message)

    panel = await opened(world, world.bob, derived)

    assert "again from an earlier image" in panel.response.content
    assert message.jump_url not in panel.response.content


async def test_what_is_erased_says_no_more_what_it_came_from(world: World) -> None:
    await world.bob.click(await made(world), label="Again")
    await world.env.advance_time(15)

    await world.bot.retention.erase(world.bob.id)

    [left] = await world.database.read(
        "select count(*) as n from generation where origin is not null or origin_key is not null",
        {},
    )
    assert left["n"] == 0


# --- where it comes from


async def test_details_show_the_line_up_to_the_first(world: World) -> None:
    first = message = await made(world)
    for _ in range(6):
        await world.alice.click(message, label="Again")
        await world.env.advance_time(15)
        message = world.message

    panel = await opened(world, world.alice, message)

    lines = [line for line in panel.response.content.splitlines() if "↳" in line]
    assert len(lines) == 5
    assert all("again from [↗](" in line for line in lines)
    assert "-# … and 1 step more" in panel.response.content
    assert first.jump_url not in panel.response.content


# --- spoiler


@pytest.mark.parametrize("who", ["alice", "mona"])
async def test_an_image_goes_behind_a_spoiler_where_it_is_and_wherever_it_goes(
    world: World, who: str
) -> None:
    message = await made(world)
    person = getattr(world, who)
    panel = await opened(world, person, message)

    answer = await person.click(panel.response, label="Spoiler")

    [file] = world.message.attachments
    assert images.COVERED in said(answer)
    assert file.is_spoiler()
    assert file.description == "a red fox"
    assert below(world.message) == below(message)
    assert (await world.row()).request.spoiler
    assert "Spoiler" not in labels(await opened(world, person, world.message))


async def test_a_member_covers_nothing(world: World) -> None:
    message = await made(world)
    custom_id = f"imagine:image:spoiler:{(await world.row()).id}"

    answer = await world.forged(world.bob, _button(world, world.channel, custom_id), custom_id)

    assert images.NOT_YOURS_TO_COVER in said(answer)
    assert not message.attachments[0].is_spoiler()
    assert not (await world.row()).request.spoiler


async def test_where_the_message_cannot_be_edited_the_spoiler_is_for_later(world: World) -> None:
    message = await made(world)
    panel = await opened(world, world.alice, message)
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=403, code=50013, times=1)

    answer = await world.alice.click(panel.response, label="Spoiler")

    assert images.COVERED_LATER in said(answer)
    assert (await world.row()).request.spoiler
