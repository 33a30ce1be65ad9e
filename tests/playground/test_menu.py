"""Message commands: who is offered them, what the bot hears, what it may answer."""

from __future__ import annotations

import pytest

from playground.world import World
from tests.playground.puppet import SHOW, Puppet, member, refusal

MENU = {"name": "Use as input", "type": 3}
FORM = {"custom_id": "form", "title": "What then?", "components": []}


@pytest.fixture
def world() -> World:
    return World.create(acknowledge_within=0.05)


async def test_a_message_command_hears_of_the_whole_message(world: World) -> None:
    bot = Puppet(world, [SHOW, MENU])
    person, channel = member(world), world.channels[0]["id"]
    message = await bot.shows(person, channel)

    await world.use(person, channel, message, "Use as input")

    chosen = bot.heard[-1]["data"]
    assert (chosen["name"], chosen["type"], chosen["target_id"]) == ("Use as input", 3, message)
    assert chosen["resolved"]["messages"][message]["content"] == "here"


async def test_it_may_be_answered_by_a_form(world: World) -> None:
    bot = Puppet(world, [SHOW, MENU])
    person, channel = member(world), world.channels[0]["id"]
    message = await bot.shows(person, channel)
    text = {"type": 4, "custom_id": "prompt", "style": 2}
    label = {"type": 18, "label": "What should happen to it?", "component": text}
    bot.answer = {"type": 9, "data": {**FORM, "components": [label]}}

    modal = await world.use(person, channel, message, "Use as input")

    assert modal is not None
    assert modal["title"] == "What then?"


async def test_it_is_no_slash_command_and_the_other_way_round(world: World) -> None:
    Puppet(world, [SHOW, MENU])
    person, channel = member(world), world.channels[0]["id"]

    assert [each["name"] for each in world.commands(person, channel)] == ["show"]
    assert [each["name"] for each in world.menu(person, channel)] == ["Use as input"]


async def test_what_is_not_there_cannot_be_chosen(world: World) -> None:
    bot = Puppet(world, [SHOW, MENU])
    person, channel = member(world), world.channels[0]["id"]
    message = await bot.shows(person, channel)

    absent = await refusal(world.use(person, channel, message, "show"))
    gone = await refusal(world.use(person, channel, "1", "Use as input"))

    assert absent == "There is no “show” here."
    assert gone == "That message is no longer there."
