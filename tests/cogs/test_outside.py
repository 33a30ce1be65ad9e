"""Outside servers: direct messages, and servers where the bot is no member (user install)."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from simcord.interactions import base_payload

from bot.chat.interactions import is_guest
from bot.domain.generation import Status
from bot.domain.guild import Holder
from bot.policy import Policy
from tests.cogs.test_image import delete, made
from tests.cogs.test_limits import direct_messages
from tests.cogs.test_reports import report
from tests.world import World

pytestmark = [
    pytest.mark.usefixtures("env"),
    pytest.mark.rules(policy=Policy(2000, None, user_install=True)),
]

GUILD_ONLY = {"settings", "moderation"}
EXTERNAL_APPS = discord.Permissions(use_external_apps=True)


def payloads(world: World) -> dict[str, Any]:
    tree = world.bot.tree
    return {command.name: command.to_dict(tree) for command in tree.get_commands()}


def leave(world: World) -> None:
    """The bot is no member of the server any more: it is told nothing of it, and opens nothing."""
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    world.bot._connection._remove_guild(guild)
    one = f"{own(world)}/*"
    for method, path in (("PATCH", one), ("DELETE", one), ("POST", own(world))):
        world.env.inject_error(method, path, status=403, code=50001, times=None)


def own(world: World) -> str:
    return f"/channels/{world.channel.id}/messages"


def calls(world: World) -> list[str]:
    """By the bot's own token, about the channel's messages."""
    paths = [call.path for call in world.env.backend.http_requests]
    return [path for path in paths if path.startswith(own(world))]


async def foreign(world: World, *, shown: bool = True) -> None:
    """A server where the bot is no member; `shown`: its members may use external apps."""
    if shown:
        role = world.guild.create_role("External", permissions=EXTERNAL_APPS)
        member = world.env.backend.get_guild(world.guild.id).members[world.alice.id]
        member.role_ids.append(role.id)
    leave(world)


# --- the commands


async def test_commands_are_for_servers_accounts_and_direct_messages(world: World) -> None:
    for name, payload in payloads(world).items():
        inside = name in GUILD_ONLY
        assert payload["integration_types"] == ([0] if inside else [0, 1]), name
        assert payload["contexts"] == ([0] if inside else [0, 1, 2]), name


@pytest.mark.rules(policy=Policy(2000, None))
async def test_off_they_are_for_servers_alone(world: World) -> None:
    for payload in payloads(world).values():
        assert payload["integration_types"] == [0]
        assert payload["contexts"] == [0]


# --- direct messages


async def test_in_direct_messages_with_the_bot_an_image_is_made(world: World) -> None:
    await world.alice.user.slash("imagine", prompt="a red fox")
    await world.env.advance_time(15)

    row = await world.row()
    assert (row.status, row.request.guild_id, row.request.guest) == (
        Status.DELIVERED,
        None,
        False,
    )
    assert len(world.alice.user.dm_channel.last_message.attachments) == 1


@pytest.mark.rules(policy=Policy(2000, frozenset({1}), user_install=True))
async def test_a_list_of_servers_is_not_about_direct_messages(world: World) -> None:
    result = await world.alice.user.slash("imagine", prompt="a red fox")
    assert not result.ephemeral


# --- where the bot is no member


async def test_where_the_bot_is_no_member_the_image_comes_by_the_token_alone(
    world: World,
) -> None:
    await foreign(world)
    await world.imagine()
    await world.env.advance_time(15)

    row = await world.row()
    assert row.request.guest
    assert not row.request.private
    assert row.status is Status.DELIVERED
    assert len(world.message.attachments) == 1


async def test_what_discord_shows_to_one_person_alone_is_private(world: World) -> None:
    await foreign(world, shown=False)
    await world.imagine()

    assert (await world.row()).request.private


@pytest.mark.fault(
    "the token ends (50027) before the image is there, where the bot is no member",
    sees="the image in a direct message",
    charged="one image",
)
async def test_after_the_token_the_image_goes_to_a_direct_message_never_the_channel(
    world: World,
) -> None:
    await foreign(world)
    await world.imagine()
    await world.env.advance_time(5)
    world.env.inject_error("PATCH", "/webhooks/*", status=401, code=50027, times=None)
    await world.env.advance_time(15)

    assert (await world.row()).status is Status.DELIVERED
    assert len(world.alice.user.dm_channel.last_message.attachments) == 1
    assert calls(world) == []


async def test_after_a_long_wait_nobody_is_mentioned_by_a_token_that_opens_nothing(
    world: World,
) -> None:
    await foreign(world)
    world.provider.seconds = 90
    await world.imagine()
    await world.env.advance_time(120)

    assert (await world.row()).status is Status.DELIVERED
    assert calls(world) == []
    assert direct_messages(world, world.alice.id) == []


@pytest.mark.rules(asks_new_servers=True)
async def test_nobody_is_asked_to_set_up_a_server_where_the_bot_is_no_member(
    world: World,
) -> None:
    await foreign(world)
    await world.imagine(world.olivia)

    assert len(await world.ledger.recent(world.olivia.id, 10)) == 1


@pytest.mark.rules(policy=Policy(2000, frozenset({1}), user_install=True))
async def test_a_list_of_servers_holds_where_the_bot_is_no_member(world: World) -> None:
    await foreign(world)
    result = await world.imagine()

    assert "does not serve this server" in result.response.content


@pytest.mark.rules(policy=Policy(2000, None))
async def test_off_nothing_is_made_where_the_bot_is_no_member(world: World) -> None:
    await foreign(world)
    result = await world.imagine()

    assert "does not serve this server" in result.response.content
    assert world.provider.inputs == []


async def test_what_a_server_had_set_before_the_bot_left_still_holds(world: World) -> None:
    await world.set_limit(Holder.CHANNEL, world.channel.id, "mode", "off")
    await foreign(world)
    result = await world.imagine()

    assert result.ephemeral
    assert world.provider.inputs == []


async def test_where_moderators_decided_nothing_is_made_without_them(world: World) -> None:
    await world.set_limit(Holder.CHANNEL, world.channel.id, "mode", "review")
    await foreign(world)
    result = await world.imagine()

    assert result.ephemeral
    assert world.provider.inputs == []


async def test_the_floors_hold_everywhere(world: World) -> None:
    await foreign(world)
    result = await world.imagine(prompt="a naked child")

    assert result.ephemeral
    assert world.provider.inputs == []


async def test_a_report_from_where_the_bot_is_no_member_reaches_the_operator(world: World) -> None:
    await world.env.restart_bot(world.new_bot(operator_id=world.mona.id))
    await foreign(world)
    message = await made(world)

    await report(world, world.bob, message)

    [told] = direct_messages(world, world.mona.id)
    assert "report" in told.lower()


async def test_whoever_asked_deletes_their_image_and_is_told_what_stays(world: World) -> None:
    await foreign(world)
    message = await made(world)

    answer = await delete(world, message)

    assert "please ask a moderator" in answer.response.content
    assert list(world.shelf.glob("*")) == []


@pytest.mark.rules(prompt_model="meta/llama", prompt_micros=500)
async def test_a_prompt_is_improved_there_too(world: World) -> None:
    await foreign(world)
    world.provider.text = "A red fox at dawn"

    result = await world.imagine(improve=True)
    await world.env.advance_time(15)
    await world.alice.click(result.response, label="Use it")
    await world.env.advance_time(15)

    row = await world.row()
    assert (row.request.prompt, row.request.guest) == ("A red fox at dawn", True)
    assert row.status is Status.DELIVERED


def about(world: World, channel_id: int, **changes: Any) -> discord.Interaction[Any]:
    """A press of Alice's, as Discord describes it."""
    _, payload = base_payload(
        world.env.backend,
        type=discord.InteractionType.component.value,
        channel_id=channel_id,
        guild_id=None if "context" in changes else world.guild.id,
        user_id=world.alice.id,
        data={"custom_id": "x", "component_type": 2},
    )
    described: Any = payload | changes
    return discord.Interaction(data=described, state=world.bot._connection)


@pytest.mark.parametrize(("context", "guest"), [(1, False), (2, True)])
async def test_only_its_own_direct_messages_are_a_place_of_the_bots(
    world: World, context: int, guest: bool
) -> None:
    await world.alice.user.slash("help")
    channel = world.alice.user.dm_channel.id

    assert is_guest(about(world, channel, context=context)) is guest


async def test_a_server_is_a_place_of_the_bots_where_it_is_installed_there(world: World) -> None:
    assert not is_guest(about(world, world.channel.id))
    leave(world)
    by_person = {"authorizing_integration_owners": {"1": str(world.alice.id)}}
    by_server = {"authorizing_integration_owners": {"0": str(world.guild.id)}}

    assert is_guest(about(world, world.channel.id, **by_person))
    assert not is_guest(about(world, world.channel.id, **by_server))  # it is only not seen yet
