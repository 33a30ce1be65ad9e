"""Select menus: what choosing sends, and what Discord's client would not let through."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from playground.world import World
from tests.playground.panel import panel_bot
from tests.playground.place import Place
from tests.playground.puppet import Puppet, member, refusal, role

STRING, USER, ROLE, MENTIONABLE, CHANNEL = 3, 5, 6, 7, 8


def menu(kind: int = STRING, **fields: Any) -> dict[str, Any]:
    """An action row with one menu, `m`."""
    component: dict[str, Any] = {"type": kind, "custom_id": "m", **fields}
    if kind == STRING:
        component["options"] = [{"label": name.title(), "value": name} for name in "abcd"]
    return {"type": 1, "components": [component]}


async def test_a_choice_reaches_the_bot_with_its_message(
    world: World, bot: Puppet, channel: str
) -> None:
    message = await bot.shows(member(world), channel, menu(max_values=3))
    await world.select(member(world), channel, message, "m", ["c", "a"])

    heard = bot.heard[-1]
    assert heard["type"] == 3
    assert heard["data"] == {
        "custom_id": "m",
        "component_type": STRING,
        "id": 0,
        "values": ["c", "a"],
    }
    assert heard["message"]["id"] == message
    assert heard["member"]["user"]["id"] == member(world)


async def test_chosen_people_are_enclosed_as_users_and_members(
    world: World, bot: Puppet, channel: str
) -> None:
    message = await bot.shows(member(world), channel, menu(USER, max_values=2))
    mona, app = member(world, "moderator"), str(world.bot_user_id)
    await world.select(member(world), channel, message, "m", [mona, app])

    data = bot.heard[-1]["data"]
    assert data["values"] == [mona, app]
    assert data["resolved"]["users"][mona]["global_name"] == "Mona"
    assert data["resolved"]["users"][app]["bot"] is True
    enclosed = data["resolved"]["members"][mona]
    assert enclosed["roles"] == [role(world, "Moderators")]
    assert int(enclosed["permissions"]) & discord.Permissions.manage_messages.flag
    assert not {"user", "deaf", "mute"} & enclosed.keys()


async def test_chosen_roles_and_channels_are_enclosed(
    world: World, bot: Puppet, channel: str
) -> None:
    person, artists = member(world), role(world, "Artists")
    message = await bot.shows(person, channel, menu(ROLE))
    await world.select(person, channel, message, "m", [artists])
    roles = bot.heard[-1]["data"]["resolved"]
    general = world.channels[1]["id"]
    message = await bot.shows(person, channel, menu(CHANNEL, channel_types=[0]))
    await world.select(person, channel, message, "m", [general])
    channels = bot.heard[-1]["data"]["resolved"]

    assert roles["roles"][artists]["name"] == "Artists"
    assert (channels["channels"][general]["name"], channels["channels"][general]["type"]) == (
        "general",
        0,
    )
    assert "permissions" in channels["channels"][general]


async def test_a_menu_of_both_takes_people_and_roles(
    world: World, bot: Puppet, channel: str
) -> None:
    person, artists = member(world), role(world, "Artists")
    message = await bot.shows(person, channel, menu(MENTIONABLE, max_values=2))
    await world.select(person, channel, message, "m", [artists, person])

    resolved = bot.heard[-1]["data"]["resolved"]
    assert (list(resolved["roles"]), list(resolved["users"])) == ([artists], [person])


async def test_nothing_can_be_chosen_where_the_menu_says_so(
    world: World, bot: Puppet, channel: str
) -> None:
    message = await bot.shows(member(world), channel, menu(USER, min_values=0))
    await world.select(member(world), channel, message, "m", [])

    assert bot.heard[-1]["data"]["values"] == []
    assert "resolved" not in bot.heard[-1]["data"]


@pytest.mark.parametrize(
    ("component", "values", "sentence"),
    [
        (menu(), [], "Choose one value here."),
        (menu(), ["a", "b"], "Choose one value here."),
        (menu(min_values=2, max_values=2), ["a"], "Choose 2 values here."),
        (menu(max_values=3), ["a", "a"], "Choose 1 to 3 values here."),
        (menu(), ["z"], "“z” is not offered here."),
        (menu(disabled=True), ["a"], "That menu cannot be used now."),
        (menu(USER), ["7"], "There is no such person here."),
        (menu(MENTIONABLE), ["x"], "There is no such person or role here."),
        (menu(CHANNEL), ["7"], "There is no such channel here."),
    ],
)
async def test_what_discords_client_would_not_send_is_explained(
    world: World,
    bot: Puppet,
    channel: str,
    component: dict[str, Any],
    values: list[str],
    sentence: str,
) -> None:
    message = await bot.shows(member(world), channel, component)
    choice = world.select(member(world), channel, message, "m", values)

    assert await refusal(choice) == sentence
    assert len(bot.heard) == 1


async def test_a_channel_of_another_kind_or_out_of_sight_cannot_be_chosen(
    world: World, bot: Puppet, channel: str
) -> None:
    person = member(world)
    hidden = world.backend.create_channel(world.guild_id, "hidden")
    sight = discord.Permissions.view_channel.flag
    world.backend.set_overwrite(
        hidden.id, Overwrite(world.guild_id, OverwriteType.ROLE, deny=sight)
    )
    message = await bot.shows(person, channel, menu(CHANNEL, channel_types=[11]))
    wrong = await refusal(world.select(person, channel, message, "m", [world.channels[1]["id"]]))
    message = await bot.shows(person, channel, menu(CHANNEL))
    unseen = await refusal(world.select(person, channel, message, "m", [str(hidden.id)]))

    assert wrong == unseen == "There is no such channel here."


async def test_a_menu_that_an_edit_took_away_is_no_longer_there(
    world: World, bot: Puppet, channel: str
) -> None:
    message = await bot.shows(member(world), channel, menu())
    choice = world.select(member(world), channel, message, "gone", ["a"])

    assert await refusal(choice) == "That menu is no longer there."


async def test_discord_py_gets_members_and_its_answer_updates_the_panel(place: Place) -> None:
    async with place.running(panel_bot()):
        await place.invoke("panel")
        message = place.seen()[-1]["id"]
        nia, mona = member(place.world, "newcomer"), member(place.world, "moderator")
        await place.world.select(place.person, place.channel, message, "blocked", [mona, nia])

    assert "blocked: Mona, Nia" in str(place.seen()[-1]["components"])
    assert len(place.seen()) == 1


async def test_default_values_are_ids_in_strings_however_the_bot_sent_them(place: Place) -> None:
    chosen = [{"id": int(place.person), "type": "user"}]
    messages = f"/channels/{place.channel}/messages"
    parts = {"content": "x", "components": [menu(USER, default_values=chosen)]}
    _, made = await place.call("POST", messages, json=parts)
    _, edited = await place.call("PATCH", f"{messages}/{made['id']}", json=parts)

    for body in (made, edited, place.seen()[-1]):
        [entity] = body["components"][0]["components"][0]["default_values"]
        assert entity["id"] == place.person
