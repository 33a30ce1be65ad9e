"""Forms: opened by a command, a button or a menu, filled in and submitted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from playground.world import World
from tests.playground.panel import panel_bot
from tests.playground.place import PATIENCE, Place
from tests.playground.puppet import Puppet, member, refusal, role

OPTIONS = [{"label": name.title(), "value": name} for name in ("one", "two", "three")]
BUTTON = {"type": 2, "style": 2, "label": "Open", "custom_id": "open"}
MENU = {"type": 3, "custom_id": "menu", "options": OPTIONS}


def text(**fields: Any) -> dict[str, Any]:
    return {"type": 4, "custom_id": "t", "style": 1, **fields}


def form(*controls: dict[str, Any]) -> dict[str, Any]:
    """The callback that opens a form with these controls, each in its label."""
    labels = [{"type": 18, "label": "Field", "component": control} for control in controls]
    return {"type": 9, "data": {"custom_id": "f", "title": "A form", "components": labels}}


async def opened(bot: Puppet, channel: str, *controls: dict[str, Any]) -> str:
    """The id of a form that a command opened."""
    bot.answer = form(*controls)
    modal = await bot.world.invoke(member(bot.world), channel, "show", {})
    assert modal is not None
    bot.answer = {"type": 6}
    return str(modal["id"])


async def test_a_command_is_answered_with_a_form_and_others_are_not(
    world: World, bot: Puppet, channel: str
) -> None:
    assert await world.invoke(member(world), channel, "show", {}) is None
    bot.answer = form(text(label="Name"))
    modal = await world.invoke(member(world), channel, "show", {})

    assert modal is not None
    assert (modal["custom_id"], modal["title"]) == ("f", "A form")
    assert modal["components"][0]["component"]["custom_id"] == "t"
    assert world.messages(channel, member(world))[1:] == []


async def test_a_submission_has_the_shape_of_the_form(
    world: World, bot: Puppet, channel: str
) -> None:
    mona, artists = member(world, "moderator"), role(world, "Artists")
    modal = await opened(
        bot,
        channel,
        text(),
        {"type": 3, "custom_id": "s", "options": OPTIONS, "max_values": 2},
        {"type": 7, "custom_id": "m", "max_values": 2},
        {"type": 21, "custom_id": "r", "options": OPTIONS},
        {"type": 22, "custom_id": "c", "options": OPTIONS},
    )
    values = {"t": "x", "s": ["two"], "m": [mona, artists], "r": "one", "c": ["one", "three"]}
    await world.submit(member(world), modal, values)

    heard = bot.heard[-1]
    assert heard["type"] == 5
    assert heard["data"]["custom_id"] == "f"
    labels = heard["data"]["components"]
    assert [label["type"] for label in labels] == [18] * 5
    assert len({part["id"] for label in labels for part in (label, label["component"])}) == 10
    told = [{k: v for k, v in label["component"].items() if k != "id"} for label in labels]
    assert told == [
        {"type": 4, "custom_id": "t", "value": "x"},
        {"type": 3, "custom_id": "s", "values": ["two"]},
        {"type": 7, "custom_id": "m", "values": [mona, artists]},
        {"type": 21, "custom_id": "r", "value": "one"},
        {"type": 22, "custom_id": "c", "values": ["one", "three"]},
    ]
    assert list(heard["data"]["resolved"]["users"]) == [mona]
    assert list(heard["data"]["resolved"]["roles"]) == [artists]
    assert "message" not in heard


async def test_attached_files_are_enclosed_with_the_submission(
    world: World, bot: Puppet, channel: str
) -> None:
    modal = await opened(bot, channel, {"type": 19, "custom_id": "f", "max_values": 2})
    kept = [world.attached.put(name, b"bytes") for name in ("a fox.txt", "hen.txt")]
    await world.submit(member(world), modal, {"f": kept})

    heard = bot.heard[-1]["data"]
    enclosed = heard["resolved"]["attachments"]
    assert heard["components"][0]["component"]["values"] == list(enclosed)
    assert [file["filename"] for file in enclosed.values()] == ["a_fox.txt", "hen.txt"]


async def test_rows_texts_and_checkboxes_keep_their_places(
    world: World, bot: Puppet, channel: str
) -> None:
    bot.answer = form({"type": 23, "custom_id": "c", "default": True})
    bot.answer["data"]["components"] += [
        {"type": 10, "content": "Read this"},
        {"type": 1, "components": [text(label="Old")]},
    ]
    modal = await world.invoke(member(world), channel, "show", {})
    assert modal is not None
    bot.answer = {"type": 6}
    await world.submit(member(world), modal["id"], {"t": "x"})

    label, words, row = bot.heard[-1]["data"]["components"]
    assert label["component"]["value"] is True
    assert set(words) == {"type", "id"}
    assert row["components"][0]["value"] == "x"


@pytest.mark.parametrize(
    ("control", "values", "sentence"),
    [
        (text(), {}, "Fill in every field that is required."),
        (text(min_length=3), {"t": "ab"}, "This takes 3 to 4,000 characters; it has 2."),
        (text(max_length=3), {"t": "abcd"}, "This takes 0 to 3 characters; it has 4."),
        (text(), {"t": 5}, "A text field takes text."),
        (text(), {"u": "x"}, "This form has no field “u”."),
        (MENU, {}, "Fill in every field that is required."),
        (MENU, {"menu": "one"}, "A menu takes a list of values."),
        (MENU, {"menu": ["four"]}, "“four” is not offered here."),
        (MENU, {"menu": ["one", "two"]}, "Choose one value here."),
        ({"type": 5, "custom_id": "u"}, {"u": ["1"]}, "There is no such person here."),
        ({"type": 21, "custom_id": "r", "options": OPTIONS}, {}, "Choose one value here."),
        (
            {"type": 22, "custom_id": "c", "options": OPTIONS, "max_values": 2},
            {"c": ["one", "two", "three"]},
            "Choose 1 to 2 values here.",
        ),
        ({"type": 23, "custom_id": "c"}, {"c": "yes"}, "A checkbox is on or off."),
        ({"type": 19, "custom_id": "f"}, {}, "Choose one value here."),
        (
            {"type": 19, "custom_id": "f"},
            {"f": ["gone"]},
            "Attach that file again: it is not here any more.",
        ),
    ],
)
async def test_what_discords_client_would_not_submit_is_explained(
    world: World,
    bot: Puppet,
    channel: str,
    control: dict[str, Any],
    values: dict[str, Any],
    sentence: str,
) -> None:
    modal = await opened(bot, channel, control)

    assert await refusal(world.submit(member(world), modal, values)) == sentence
    assert len(bot.heard) == 1


async def test_what_is_not_required_can_be_left_out(
    world: World, bot: Puppet, channel: str
) -> None:
    controls = (
        text(required=False, min_length=3),
        {**MENU, "required": False},
        {"type": 21, "custom_id": "r", "options": OPTIONS, "required": False},
        {"type": 22, "custom_id": "c", "options": OPTIONS, "required": False},
    )
    modal = await opened(bot, channel, *controls)
    await world.submit(member(world), modal, {})

    labels = bot.heard[-1]["data"]["components"]
    told = [label["component"].get("value", label["component"].get("values")) for label in labels]
    assert told == ["", [], None, []]


@pytest.mark.parametrize("component", [BUTTON, MENU], ids=["button", "menu"])
async def test_a_form_that_a_message_opened_carries_it_and_may_update_it(
    world: World, bot: Puppet, channel: str, component: dict[str, Any]
) -> None:
    person = member(world)
    message = await bot.shows(person, channel, {"type": 1, "components": [component]}, flags=64)
    bot.answer = form(text())
    if component is BUTTON:
        modal = await world.click(person, channel, message, "open")
    else:
        modal = await world.select(person, channel, message, "menu", ["two"])
    assert modal is not None
    bot.answer = {"type": 7, "data": {"content": "changed"}}
    await world.submit(person, modal["id"], {"t": "x"})

    assert bot.heard[-1]["message"]["id"] == message
    assert [shown["content"] for shown in world.messages(channel, person)] == ["changed"]


async def test_what_nobody_touched_is_submitted_as_the_form_came(
    world: World, bot: Puppet, channel: str
) -> None:
    preset = [{**OPTIONS[0], "default": True}, *OPTIONS[1:]]
    mona = member(world, "moderator")
    controls = (
        text(value="before"),
        {**MENU, "options": preset},
        {"type": 5, "custom_id": "u", "default_values": [{"id": int(mona), "type": "user"}]},
        {"type": 21, "custom_id": "r", "options": preset},
        {"type": 22, "custom_id": "c", "options": preset},
    )
    await world.submit(member(world), await opened(bot, channel, *controls), {})

    labels = bot.heard[-1]["data"]["components"]
    told = [label["component"].get("value", label["component"].get("values")) for label in labels]
    assert told == ["before", ["one"], [mona], "one", ["one"]]


async def test_a_form_is_its_openers_and_is_submitted_once(
    world: World, bot: Puppet, channel: str
) -> None:
    modal = await opened(bot, channel, text())

    gone = "That form is no longer there."
    assert await refusal(world.submit(member(world, "owner"), modal, {"t": "x"})) == gone
    for unknown in ("1", "x", bot.heard[-1]["id"] + "0"):
        assert await refusal(world.submit(member(world), unknown, {"t": "x"})) == gone
    await world.submit(member(world), modal, {"t": "x"})
    again = await refusal(world.submit(member(world), modal, {"t": "x"}))
    assert again == "That form was submitted before."


async def test_a_submission_that_nobody_took_can_be_submitted_again(
    world: World, bot: Puppet, channel: str
) -> None:
    modal = await opened(bot, channel, text())
    bot.answer = None
    lost = await refusal(world.submit(member(world), modal, {"t": "x"}))
    bot.answer = {"type": 4, "data": {"content": "thank you"}}
    await world.submit(member(world), modal, {"t": "x"})

    assert lost == "The application did not respond"
    assert world.messages(channel, member(world))[-1]["content"] == "thank you"


async def test_a_form_cannot_be_answered_with_another_one(place: Place) -> None:
    bot = panel_bot()
    heard: list[Any] = []
    place.world.subscribe(
        lambda event, payload: heard.append(payload) if event == "INTERACTION_CREATE" else None
    )
    async with place.running(bot):
        modal = await place.invoke("form")
        assert modal is not None
        await place.world.submit(place.person, modal["id"], {"amount": "5"})
    path = f"/interactions/{heard[-1]['id']}/{heard[-1]['token']}/callback"
    status, body = await place.call("POST", path, json=form(text()))

    assert heard[-1]["type"] == 5
    assert (status, body["code"]) == (400, 50035)


async def test_discord_py_reads_the_submission_and_updates_the_panel(place: Place) -> None:
    artists = role(place.world, "Artists")
    async with place.running(panel_bot()):
        await place.invoke("panel")
        message = place.seen()[-1]["id"]
        modal = await place.world.click(place.person, place.channel, message, "change")
        assert modal is not None
        values = {"amount": "5", "why": "because", "exempt": [artists], "style": "tomorrow"}
        await place.world.submit(place.person, modal["id"], values)

    told = "amount=5, why=because, exempt=['Artists'], style=tomorrow"
    assert told in str(place.seen()[-1]["components"])
    assert len(place.seen()) == 1


async def test_a_form_outlives_the_bot_that_opened_it(place: Place) -> None:
    async with place.running(panel_bot()):
        modal = await place.invoke("form")
        assert modal is not None
    bot, ready = panel_bot(), asyncio.Event()

    async def on_ready() -> None:
        ready.set()

    async def on_interaction(interaction: Any) -> None:
        await interaction.response.send_message("the next bot took it")

    bot.event(on_ready)
    bot.event(on_interaction)
    async with place.running(bot):
        await asyncio.wait_for(ready.wait(), PATIENCE)
        await place.world.submit(place.person, modal["id"], {"amount": "5"})

    assert place.seen()[-1]["content"] == "the next bot took it"
