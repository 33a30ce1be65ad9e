"""Languages: what the bot hears of them, and how the page shows commands in them."""

from __future__ import annotations

from typing import Any

import pytest

from playground.errors import WorldError
from playground.world import World
from tests.playground.puppet import SHOW, Puppet, member

DECLARED = {
    **SHOW,
    "description_localizations": {"de": "Zeigt etwas"},
    "options": [
        {
            "name": "size",
            "type": 3,
            "description": "How large",
            "description_localizations": {"de": "Wie groß"},
            "choices": [{"name": "large", "value": "l", "name_localizations": {"de": "groß"}}],
        }
    ],
}


@pytest.fixture
def world() -> World:
    return World.create(acknowledge_within=0.05)


async def test_the_bot_hears_the_persons_language_and_the_servers(world: World) -> None:
    bot = Puppet(world, [SHOW])
    person = member(world)
    world.languages.speak(person, "ja")
    world.languages.set_server("de")

    await bot.shows(person, world.channels[0]["id"])

    assert (bot.heard[-1]["locale"], bot.heard[-1]["guild_locale"]) == ("ja", "de")


async def test_a_command_is_shown_in_the_persons_language_and_else_in_english(
    world: World,
) -> None:
    german, other = member(world), world.people[0]["id"]
    world.languages.speak(german, "de")

    shown: Any = world.languages.shown(german, DECLARED)
    same: Any = world.languages.shown(other, DECLARED)

    assert (shown["name"], shown["description"]) == ("show", "Zeigt etwas")
    assert shown["options"][0]["description"] == "Wie groß"
    assert shown["options"][0]["choices"][0]["shown"] == "groß"
    assert same["description"] == DECLARED["description"]


async def test_nobody_speaks_what_is_not_listed(world: World) -> None:
    with pytest.raises(WorldError):
        world.languages.speak(member(world), "tlh")
