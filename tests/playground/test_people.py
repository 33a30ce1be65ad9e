"""Who the people are: how old their accounts are, when they joined, which roles they hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import discord

from playground.world import World
from tests.playground.place import Place, SmallBot, command
from tests.playground.puppet import Puppet, member, role

DAY = timedelta(days=1)


def test_two_roles_besides_everyone_are_held_by_somebody(world: World) -> None:
    assert [role["name"] for role in world.roles] == [
        "Imagine",
        "Moderators",
        "Artists",
        "@everyone",
    ]
    members = world.backend.get_guild(world.guild_id).members
    held = {person["name"]: members[int(person["id"])].role_ids for person in world.people}
    assert held == {
        "Olivia": [],
        "Mona": [int(role(world, "Moderators"))],
        "Max": [int(role(world, "Artists"))],
        "Nia": [],
        "Milo": [int(role(world, "Moderators"))],
    }


def test_accounts_and_memberships_have_believable_ages_and_one_is_new(world: World) -> None:
    now, members = datetime.now(UTC), world.backend.get_guild(world.guild_id).members
    ages = {}
    for person in world.people:
        made = discord.utils.snowflake_time(int(person["id"]))
        joined = datetime.fromisoformat(members[int(person["id"])].joined_at)
        assert made <= joined <= now
        ages[person["name"]] = ((now - made) // DAY, (now - joined) // DAY)

    founded = (now - discord.utils.snowflake_time(world.guild_id)) // DAY
    assert ages == {
        "Olivia": (2200, founded),
        "Mona": (1500, 700),
        "Max": (400, 90),
        "Nia": (0, 0),
        "Milo": (900, 300),
    }


async def test_an_interaction_tells_the_persons_roles_permissions_and_dates(world: World) -> None:
    bot, channel = Puppet(world), world.channels[0]["id"]
    await world.invoke(member(world, "moderator"), channel, "show", {})

    heard = bot.heard[0]
    assert heard["member"]["roles"] == [role(world, "Moderators")]
    assert int(heard["member"]["permissions"]) & discord.Permissions.manage_messages.flag
    assert datetime.fromisoformat(heard["member"]["joined_at"]).tzinfo is not None
    assert heard["member"]["user"]["username"] == "mona"


async def test_discord_py_knows_the_roles_by_name(place: Place) -> None:
    bot, told = SmallBot(), list[str]()

    async def roles(interaction: discord.Interaction) -> None:
        assert isinstance(interaction.user, discord.Member)
        told.extend(role.name for role in interaction.user.roles)
        await interaction.response.defer()

    command(bot, roles)
    async with place.running(bot):
        await place.invoke("roles")

    assert sorted(told) == ["@everyone", "Artists"]


async def test_a_message_that_the_bot_writes_by_itself_lies_in_the_persons_own_line(
    place: Place,
) -> None:
    owner = member(place.world, "owner")
    async with SmallBot() as bot:
        await bot.login("the.bots.token")
        user = await bot.fetch_user(int(owner))
        await user.send("The budget is nearly spent.")

    line = place.world.places.seen_by(owner)[-1]
    shown = place.world.messages(line["id"], owner)
    assert line["kind"] == "dm"
    assert [message["content"] for message in shown] == ["The budget is nearly spent."]
    assert place.world.messages(line["id"], place.person) == []
