"""Options for which the bot suggests values while somebody types."""

from __future__ import annotations

import pytest

from playground.world import World
from tests.playground.puppet import SHOW, Puppet, member, refusal

STYLE = {"name": "style", "type": 3, "description": "Which", "autocomplete": True}
PLAIN = {"name": "plain", "type": 3, "description": "Which"}
CHOICES = [{"name": "Film noir", "value": "noir"}]


@pytest.fixture
def world() -> World:
    return World.create(acknowledge_within=0.05)


async def test_the_bot_hears_what_is_typed_so_far_and_suggests(world: World) -> None:
    bot = Puppet(world, [{**SHOW, "options": [STYLE, PLAIN]}])
    bot.answer = {"type": 8, "data": {"choices": CHOICES}}

    found = await world.suggest(member(world), world.channels[0]["id"], "show", "style", "no")

    assert found == CHOICES
    [heard] = bot.heard
    assert heard["type"] == 4
    [option] = heard["data"]["options"]
    assert option == {"name": "style", "type": 3, "value": "no", "focused": True}


async def test_nothing_is_suggested_for_what_is_merely_typed(world: World) -> None:
    bot = Puppet(world, [{**SHOW, "options": [STYLE, PLAIN]}])
    person, channel = member(world), world.channels[0]["id"]

    for name, option in (("show", "plain"), ("show", "absent"), ("absent", "style")):
        assert await refusal(world.suggest(person, channel, name, option, ""))
    assert bot.heard == []


async def test_a_bot_that_does_not_answer_is_said_so(world: World) -> None:
    bot = Puppet(world, [{**SHOW, "options": [STYLE]}])
    bot.answer = None

    said = await refusal(
        world.suggest(member(world), world.channels[0]["id"], "show", "style", "no")
    )

    assert said == "The application did not respond"
