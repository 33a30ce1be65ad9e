"""What people prefer: from the page of `/me` to what holds where they choose nothing."""

from __future__ import annotations

import json
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.generation import Price, Request
from bot.domain.guild import Holder
from bot.domain.model import Ability, Kind, Model, Option, Pictures
from bot.domain.offer import Offer
from bot.domain.preferences import NO, YES, Preferred
from bot.panels.preferences import PreferencePanel
from bot.record import replace
from bot.request import defaults
from bot.storage.preferences import Preferences
from bot.storage.storage import Storage
from bot.views.actions import Press
from tests.cogs.test_me import delete, everything_stored, export, vacuum
from tests.cogs.test_settings import shown
from tests.models import QUICK, RETOUCH, listed
from tests.world import World, picture

WIDE = Model(
    name="maker/wide",
    title="Wide",
    abilities=frozenset({Ability.GENERATE, Ability.EDIT}),
    prompt="prompt",
    options=(
        Option("aspect_ratio", "ratio", Kind.STRING, "Shape", listed("16:9", "1:1"), "1:1"),
        Option(
            "output_format", "output_format", Kind.STRING, "Format", listed("png", "jpg"), "jpg"
        ),
    ),
    pictures=Pictures("image"),
)
OFFER = Offer((QUICK, WIDE, RETOUCH))
PRICES = {model.name: Price(60_000) for model in OFFER.models}

pytestmark = [
    pytest.mark.usefixtures("env"),
    pytest.mark.rules(offer=OFFER, prices=PRICES),
]


async def prefer(world: World, **preferred: str) -> None:
    """As the page does it, by Alice."""
    for name, value in preferred.items():
        await preferences(world).set(world.alice.id, name, value)


def preferences(world: World) -> Preferences:
    return Storage.of(world.database).preferences


async def channel(world: World, name: str, value: str) -> None:
    await world.set_limit(Holder.CHANNEL, world.channel.id, name, value)


async def made(world: World, **options: Any) -> Request:
    """What became of Alice's request, once it has ended."""
    await world.imagine(**options)
    await world.env.advance_time(15)
    return (await world.ledger.recent(world.alice.id, 1))[0].request


# --- the page


async def page(world: World, who: Any = None) -> Any:
    person = who or world.alice
    panel = await person.slash(world.channel, "me")
    await person.click(panel.response, label="Preferences …")
    return panel.response


async def choose(world: World, panel: Any, name: str, value: str) -> None:
    menu = f"imagine-choice:preferences:choose:{name}"
    await world.alice.select(panel, [value], custom_id=menu)


def chosen_in(panel: Any) -> list[str]:
    """What the menus show."""
    found = []
    for part in panel.components[0]["components"]:
        for item in part.get("components", ()):
            found += [each["value"] for each in item.get("options", ()) if each.get("default")]
    return found


async def test_the_page_begins_as_the_server_says_and_shows_what_was_chosen(world: World) -> None:
    panel = await page(world)
    assert chosen_in(panel) == ["unset"] * 3

    await choose(world, panel, "model", "maker/wide")
    await choose(world, panel, "aspect-ratio", "16:9")
    await choose(world, panel, "output-format", "png")

    assert chosen_in(panel) == ["maker/wide", "16:9", "png"]
    assert "**Model** · Wide" in shown(panel)
    await choose(world, panel, "model", "unset")
    assert "**Model** · the server's setting" in shown(panel)
    assert await preferences(world).of(world.alice.id) == Preferred(
        {"aspect_ratio": "16:9", "output_format": "png"}
    )


async def test_switches_say_what_holds_and_what_a_press_makes_of_it(world: World) -> None:
    panel = await page(world)
    assert "usually, everybody there sees them" in shown(panel)
    assert "others may start from them" in shown(panel)

    for label in ("Only for me", "Send one", "Keep them to me"):
        await world.alice.click(panel, label=label)

    assert await preferences(world).of(world.alice.id) == Preferred(
        private=True, notify=True, others_use=False
    )
    assert "only you see them" in shown(panel)
    for label in ("Channel's setting", "Send none", "Let others"):
        await world.alice.click(panel, label=label)
    assert await preferences(world).of(world.alice.id) == Preferred()


async def test_the_page_leads_back_to_me_and_works_after_a_restart(world: World) -> None:
    panel = await page(world)

    await world.env.restart_bot(world.new_bot())
    await choose(world, panel, "model", "maker/wide")
    await world.alice.click(panel, label="Back")

    assert "You and your data" in shown(panel)
    assert (await made(world)).model == "maker/wide"


async def test_a_model_that_is_not_on_offer_any_more_is_said_to_be_gone(world: World) -> None:
    await prefer(world, model="maker/gone")

    panel = await page(world)

    assert "maker/gone, which is not on offer" in shown(panel)
    assert chosen_in(panel)[0] == "unset"
    assert (await made(world)).model == QUICK.name


async def test_a_press_acts_on_whoever_presses(world: World) -> None:
    panel = await page(world)

    await world.forged(world.bob, panel, "imagine:preferences:switch:private-1")

    assert await preferences(world).of(world.alice.id) == Preferred()
    assert await preferences(world).of(world.bob.id) == Preferred(private=True)


@pytest.mark.parametrize(
    "press",
    [
        Press("preferences", "choose", "model", ("maker/none",)),
        Press("preferences", "choose", "private", ("1",)),
        Press("preferences", "choose", "model"),
        Press("preferences", "switch", "private-x"),
        Press("preferences", "switch", "model-1"),
        Press("preferences", "switch", ""),
        Press("preferences", "nothing"),
    ],
)
async def test_what_cannot_be_pressed_changes_nothing(world: World, press: Press) -> None:
    panel = PreferencePanel(preferences(world), world.rules)

    with suppress(AttributeError):  # there is no interaction to show it in
        await panel.pressed(SimpleNamespace(user=world.alice), press)  # type: ignore[arg-type]  # its id is all that is asked for

    assert await preferences(world).stored(world.alice.id) == {}


@pytest.mark.rules(
    offer=Offer(
        tuple(replace(QUICK, name=f"maker/{n}", title=f"Model {n} {'x' * 90}") for n in range(30))
    ),
    prices={},
)
async def test_more_models_than_a_menu_holds_show_the_one_that_is_preferred(world: World) -> None:
    await prefer(world, model="maker/29")

    panel = await page(world)

    assert chosen_in(panel)[0] == "maker/29"


# --- what holds where nobody chose


async def test_a_preference_goes_before_the_channels_model_and_a_choice_before_it(
    world: World,
) -> None:
    await prefer(world, model="maker/wide")
    await channel(world, "model", QUICK.name)

    assert (await made(world)).model == "maker/wide"
    assert (await made(world, model=QUICK.name)).model == QUICK.name


@pytest.mark.parametrize(
    "options",
    [
        {"steps": 2},  # an option it has not
        {"seed": 5},
        {"aspect_ratio": "21:9"},  # a value it does not take
    ],
)
async def test_a_preferred_model_that_cannot_do_this_gives_way(
    world: World, options: dict[str, Any]
) -> None:
    await prefer(world, model="maker/wide")

    assert (await made(world, **options)).model == QUICK.name


async def test_a_preferred_model_that_needs_a_picture_gives_way_without_one(world: World) -> None:
    await prefer(world, model=RETOUCH.name)

    assert (await made(world)).model == QUICK.name
    assert (await made(world, image=("a.jpg", picture()))).model == RETOUCH.name


async def test_a_channel_that_does_not_allow_the_preferred_model_has_its_own(world: World) -> None:
    await prefer(world, model="maker/wide")
    await channel(world, "models", QUICK.name)

    assert (await made(world)).model == QUICK.name


async def test_a_channel_whose_floor_the_preferred_model_cannot_meet_has_its_own(
    world: World,
) -> None:
    await prefer(world, model="maker/wide")
    await channel(world, "safety", "strict")

    assert (await made(world)).model == QUICK.name


async def test_shape_and_format_are_as_preferred_where_the_model_takes_them(world: World) -> None:
    await prefer(world, aspect_ratio="16:9", output_format="png")

    wide = await made(world, model="maker/wide")
    quick = await made(world)
    chosen = await made(world, model="maker/wide", aspect_ratio="1:1")

    assert wide.options == {"ratio": "16:9", "output_format": "png"}
    assert quick.options["aspect_ratio"] == "1:1"
    assert "output_format" not in quick.options
    assert chosen.options == {"ratio": "1:1", "output_format": "png"}


async def test_a_preferred_shape_does_not_change_that_of_a_picture(world: World) -> None:
    await prefer(world, aspect_ratio="16:9", output_format="png")

    request = await made(world, model="maker/wide", image=("a.jpg", picture()))

    assert request.options == {"ratio": "1:1", "output_format": "png"}


@pytest.mark.parametrize(
    ("setting", "prefers", "chosen", "private"),
    [
        ("allowed", YES, None, True),
        ("allowed", NO, None, False),
        ("allowed", YES, False, False),
        ("allowed", NO, True, True),
        ("forbidden", YES, None, False),
        ("forced", NO, None, True),
        ("forced", YES, False, True),
    ],
)
async def test_who_sees_the_reply(
    world: World, setting: str, prefers: str, chosen: bool | None, private: bool
) -> None:
    await prefer(world, private=prefers)
    await channel(world, "privacy", setting)

    options: dict[str, Any] = {} if chosen is None else {"private": chosen}
    result = await world.imagine(**options)
    await world.env.advance_time(15)

    assert result.ephemeral is private
    assert (await world.row()).request.private is private


async def test_private_that_was_chosen_is_refused_where_it_is_forbidden(world: World) -> None:
    await prefer(world, private=YES)
    await channel(world, "privacy", "forbidden")

    result = await world.imagine(private=True)

    assert "leave `private` out" in result.response.content


async def test_who_wants_a_message_when_a_long_one_is_done_has_it_in_the_request(
    world: World,
) -> None:
    assert not (await made(world)).notify
    await prefer(world, notify=YES)

    assert (await made(world)).notify


async def test_where_it_is_not_known_in_time_what_is_preferred_only_they_see_the_reply(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(defaults, "READ_SECONDS", 0)

    result = await world.imagine()

    assert result.ephemeral


@pytest.mark.rules(confirm_above=10_000)
async def test_a_quote_that_is_accepted_keeps_what_was_preferred(world: World) -> None:
    await prefer(world, model="maker/wide", aspect_ratio="16:9", private=YES)
    asked = await world.imagine()
    await preferences(world).set(world.alice.id, "aspect_ratio", None)

    await world.alice.click(asked.response, label="Generate")
    await world.env.advance_time(15)

    request = (await world.row()).request
    assert (request.model, request.options["ratio"]) == ("maker/wide", "16:9")
    assert request.private


async def test_a_stand_in_takes_of_what_is_preferred_what_it_knows(world: World) -> None:
    await prefer(world, output_format="png", aspect_ratio="21:9")
    await channel(world, "fallback", "maker/wide")

    request = await made(world)

    assert request.options["aspect_ratio"] == "21:9"
    assert request.stand_in is not None
    assert request.stand_in.options == {"ratio": "1:1", "output_format": "png"}


# --- others' use of one's images


async def use(world: World, who: Any) -> Any:
    asked = await who.context_menu(world.channel, "Use as input", world.message)
    return await who.submit_modal(asked, {"prompt": "make it snow"})


@pytest.mark.parametrize("restart", [False, True])
async def test_who_keeps_their_images_to_themselves_is_asked_for_none(
    world: World, restart: bool
) -> None:
    await made(world)
    await prefer(world, others_use=NO)
    asked = await world.bob.context_menu(world.channel, "Use as input", world.message)
    if restart:
        await world.env.restart_bot(world.new_bot())

    result = await world.bob.submit_modal(asked, {"prompt": "make it snow"})

    assert result.ephemeral
    assert "does not let others start from it" in result.response.content
    assert "make it snow" in result.response.content
    assert len(world.provider.inputs) == 1


async def test_by_default_and_for_oneself_ones_images_can_be_started_from(world: World) -> None:
    await made(world)

    await use(world, world.bob)
    await world.env.advance_time(15)
    assert len(world.provider.inputs) == 2
    await prefer(world, others_use=NO)
    message = next(m for m in world.channel.history() if "a red fox" in m.content)
    asked = await world.alice.context_menu(world.channel, "Use as input", message)
    await world.alice.submit_modal(asked, {"prompt": "make it snow"})
    await world.env.advance_time(15)

    assert len(world.provider.inputs) == 3


async def test_an_image_of_which_nobody_knows_whose_it_is_is_as_one_of_somebody_elses_message(
    world: World,
) -> None:
    await made(world)
    await delete(world)

    result = await use(world, world.bob)

    assert "only your own pictures and this bot's" in result.response.content
    await channel(world, "sources", "anyone")
    await use(world, world.bob)
    await world.env.advance_time(15)
    assert len(world.provider.inputs) == 2


async def test_what_is_made_of_a_picture_is_private_for_who_prefers_that(world: World) -> None:
    await world.imagine(world.bob)
    await world.env.advance_time(15)
    await prefer(world, private=YES)

    result = await use(world, world.alice)

    assert result.ephemeral


# --- what is stored


async def test_preferences_are_in_the_export_and_go_with_a_deletion(world: World) -> None:
    await prefer(world, model="maker/wide", others_use=NO)
    await preferences(world).set(world.bob.id, "model", QUICK.name)
    [archive] = await export(world)
    assert json.loads(archive.read("preferences.json")) == {
        "hidden_in_server_figures": False,
        "model": "maker/wide",
        "others_use": NO,
    }

    await delete(world)

    assert await preferences(world).of(world.alice.id) == Preferred()
    assert await preferences(world).of(world.bob.id) == Preferred({"model": QUICK.name})
    await vacuum(world)
    assert world.alice.id.to_bytes(8, "big") not in await everything_stored(world)
