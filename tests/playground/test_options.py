"""Options that name people, channels and roles, or say yes or no."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from playground.world import ATTACHMENT_SIZE_LIMIT, World, WorldError
from tests.playground.place import Place, SmallBot, picture
from tests.playground.puppet import Puppet, member, refusal, role

USAGE = {
    "name": "usage",
    "description": "What was used",
    "options": [
        {"type": 6, "name": "member", "description": "Whose"},
        {"type": 5, "name": "server", "description": "Everybody's"},
        {"type": 7, "name": "channel", "description": "Where", "channel_types": [0]},
        {"type": 8, "name": "role", "description": "Of whom"},
        {"type": 9, "name": "who", "description": "Anybody"},
        {"type": 11, "name": "file", "description": "What to start from"},
    ],
}


@pytest.fixture
def bot(world: World) -> Puppet:
    return Puppet(world, [USAGE])


async def test_options_carry_ids_and_what_they_stand_for(
    world: World, bot: Puppet, channel: str
) -> None:
    mona, artists = member(world, "moderator"), role(world, "Artists")
    typed = {"member": mona, "server": "true", "channel": channel, "role": artists, "who": mona}
    await world.invoke(member(world), channel, "usage", typed)

    data = bot.heard[0]["data"]
    assert {option["name"]: option["value"] for option in data["options"]} == {
        **typed,
        "server": True,
    }
    resolved = data["resolved"]
    assert {group: list(found) for group, found in resolved.items()} == {
        "users": [mona],
        "members": [mona],
        "channels": [channel],
        "roles": [artists],
    }
    assert resolved["channels"][channel]["name"] == "imagine"


async def test_an_interaction_without_such_options_encloses_nothing(
    world: World, bot: Puppet, channel: str
) -> None:
    await world.invoke(member(world), channel, "usage", {"server": "False"})

    assert "resolved" not in bot.heard[0]["data"]


async def test_an_attached_file_is_enclosed_and_can_be_fetched(place: Place) -> None:
    bot, told = SmallBot(), list[bytes]()

    @bot.tree.command(description="Starts from a picture")
    async def start(interaction: discord.Interaction, file: discord.Attachment) -> None:
        await interaction.response.defer()
        async with place.http.get(file.url) as response:
            told.append(await response.read())
        await interaction.edit_original_response(content=f"{file.filename}, {file.width} px")

    async with place.running(bot):
        kept = place.world.attached.put("fox.png", picture().fp.read())
        await place.invoke("start", file=kept)
        await place.until(lambda: place.seen()[-1]["content"])

    assert place.seen()[-1]["content"] == "fox.png, 8 px"
    assert told == [picture().fp.read()]


def test_a_file_over_the_limit_is_not_kept_and_the_oldest_make_room(world: World) -> None:
    with pytest.raises(WorldError, match="takes up to 10 MiB"):
        world.attached.put("big", bytes(ATTACHMENT_SIZE_LIMIT + 1))
    first, *_, last = [world.attached.put("x", b"x") for _ in range(21)]
    with pytest.raises(WorldError, match="Attach that file again"):
        world.attached.get(first)
    assert world.attached.get(last) == ("x", b"x")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"file": "fox.png"}, "Attach that file again: it is not here any more."),
        ({"member": "Mona"}, "There is no such person here."),
        ({"member": "1"}, "There is no such person here."),
        ({"channel": "1"}, "There is no such channel here."),
        ({"role": ""}, "There is no such role here."),
        ({"who": "1"}, "There is no such person or role here."),
        ({"server": "perhaps"}, "“server” must be true or false."),
    ],
)
async def test_what_discords_client_would_not_offer_is_explained(
    world: World, bot: Puppet, channel: str, typed: dict[str, str], sentence: str
) -> None:
    assert await refusal(world.invoke(member(world), channel, "usage", typed)) == sentence
    assert bot.heard == []


async def test_in_direct_messages_only_the_two_who_talk_can_be_named(
    world: World, bot: Puppet
) -> None:
    person = member(world)
    line = world.places.seen_by(person)[-1]["id"]
    await world.invoke(person, line, "usage", {"member": person})

    heard = bot.heard[0]
    assert list(heard["data"]["resolved"]) == ["users"]
    assert heard["user"]["id"] == person
    for typed in ({"member": member(world, "owner")}, {"role": role(world, "Artists")}):
        assert "There is no such" in await refusal(world.invoke(person, line, "usage", typed))


async def test_discord_py_makes_members_channels_and_roles_of_them(place: Place) -> None:
    bot, told = SmallBot(), list[Any]()

    @bot.tree.command(description="What was used")
    async def usage(
        interaction: discord.Interaction,
        who: discord.Member,
        where: discord.TextChannel,
        role: discord.Role,
        server: bool,
    ) -> None:
        told.extend((who, where, role, server))
        await interaction.response.defer()

    async with place.running(bot):
        mona, artists = member(place.world, "moderator"), role(place.world, "Artists")
        typed = {"who": mona, "where": place.channel, "role": artists, "server": "True"}
        await place.world.invoke(place.person, place.channel, "usage", typed)

    who, where, held, server = told
    assert (who.display_name, where.name, held.name, server) == (
        "Mona",
        "imagine",
        "Artists",
        True,
    )
    assert who.resolved_permissions.manage_messages
    assert who.joined_at > who.created_at
