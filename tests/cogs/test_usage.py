"""`/usage` and `/help`."""

from __future__ import annotations

import pytest
from discord import app_commands
from simcord.builders import UserHandle

from bot.domain.generation import Price
from bot.domain.guild import Holder
from bot.domain.prediction import PredictionStatus
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


async def usage(world: World) -> str:
    result = await world.alice.slash(world.channel, "usage")
    assert result.ephemeral
    return str(result.response.content)


async def test_usage_shows_the_callers_own_figures_privately(world: World) -> None:
    await world.imagine()
    await world.imagine(world.bob)
    await world.env.advance_time(15)
    world.provider.ends_as = PredictionStatus.FAILED
    await world.imagine()
    await world.env.advance_time(15)

    text = await usage(world)

    assert "**Today** · 1 image · 1 failed · about $0.12" in text
    assert "**All time** · 1 image" in text
    assert "**Left today** · 19 of 20" in text


async def test_usage_links_the_last_ten_to_their_messages(world: World) -> None:
    for number in range(12):
        await world.imagine(prompt=f"fox {number}")
    await world.env.advance_time(15)

    text = await usage(world)

    newest = world.message
    assert f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/{newest.id}" in text
    assert text.count("https://") == 10
    assert "fox 11" in text
    assert "fox 1]" not in text


@pytest.mark.rules(
    prices={"google/imagen-4-ultra": Price(60_000, "2026-11-01", "provider.example/pricing")}
)
@pytest.mark.parametrize("prompt", ["[" * 2000, "x" * 51])
async def test_usage_fits_one_message_whatever_was_typed(world: World, prompt: str) -> None:
    for _ in range(10):
        await world.imagine(prompt=prompt)
    await world.env.advance_time(15)

    text = await usage(world)

    assert len(text.encode("utf-16-le")) // 2 <= 2000
    assert "as of 2026-11-01, according to provider.example/pricing" in text.replace("\\", "")


@pytest.mark.rules(person=None)
async def test_usage_says_when_there_is_no_limit(world: World) -> None:
    assert "**Limit** · none" in await usage(world)


async def test_usage_of_somebody_new_invites_them(world: World) -> None:
    assert "Try `/imagine`" in await usage(world)


@pytest.mark.rules(prices={})
async def test_no_cost_is_claimed_where_no_price_is_known(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(15)

    assert "$" not in await usage(world)


async def test_help_fits_one_screen_and_names_every_command(world: World) -> None:
    result = await world.alice.slash(world.channel, "help")

    assert result.ephemeral
    for command in world.bot.tree.get_commands():
        if isinstance(command, app_commands.ContextMenu):
            assert f"*Apps → {command.name}*" in result.response.content
        elif command.name != "help":
            assert f"`/{command.name}`" in result.response.content
    assert len(result.response.content.splitlines()) <= 10


def chart(result: object) -> object:
    [attachment] = result.response.attachments  # type: ignore[attr-defined]  # SimCord's message
    return attachment


async def test_usage_has_a_chart_whose_alt_text_says_the_figures(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(15)

    result = await world.alice.slash(world.channel, "usage")

    picture = chart(result)
    assert picture.content_type == "image/png"  # type: ignore[attr-defined]  # SimCord's attachment
    assert "1 delivered" in picture.description  # type: ignore[attr-defined]  # as above


async def test_figures_of_others_are_for_managers_only(world: World) -> None:
    for who in (world.alice, world.mona):
        for options in ({"member": world.bob}, {"server": True}):
            result = await who.slash(world.channel, "usage", **options)
            assert result.ephemeral
            assert "Manage Server" in result.response.content


async def test_ones_own_figures_need_no_permission_however_they_are_asked_for(world: World) -> None:
    result = await world.alice.slash(world.channel, "usage", member=world.alice)

    assert "**Left today**" in result.response.content


async def test_a_member_and_the_server_at_once_are_too_much(world: World) -> None:
    result = await world.olivia.slash(world.channel, "usage", member=world.bob, server=True)

    assert "not for both" in result.response.content


async def test_a_managers_view_of_a_member_ends_at_the_servers_border(world: World) -> None:
    elsewhere = world.env.create_guild("Elsewhere")
    other = elsewhere.create_text_channel("imagine")
    await world.imagine(world.bob, prompt="a secret plan")
    bob = UserHandle(world.env, world.env.backend.get_user(world.bob.id))
    visitor = elsewhere.add_member(bob)
    await visitor.slash(other, "imagine", prompt="elsewhere")
    await world.env.advance_time(15)

    result = await world.olivia.slash(world.channel, "usage", member=world.bob)

    assert "**All time** · 1 image" in result.response.content
    assert "a secret plan" not in result.response.content
    chart(result)


async def test_the_servers_view_sums_its_people_models_and_budget(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "month_micros", "1000000")
    for who in (world.alice, world.alice, world.bob):
        await world.imagine(who)
    await world.env.advance_time(20)

    result = await world.olivia.slash(world.channel, "usage", server=True)

    text = result.response.content
    assert "**This month** · 3 images · about $0.18" in text
    assert "**Left this month** in this server · $0.82 of $1.00" in text
    assert text.index(f"<@{world.alice.id}> · 2 images") < text.index(f"<@{world.bob.id}> · 1")
    assert "alice" in chart(result).description  # type: ignore[attr-defined]  # SimCord's attachment
    assert "google/imagen-4-ultra" in chart(result).description  # type: ignore[attr-defined]  # as above


async def test_the_time_zone_of_the_server_decides_what_is_today(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(15)
    await world.env.advance_time(6 * 3600)  # SimCord's day begins at midnight, UTC
    assert "**Today** · 1 image" in await usage(world)

    await world.set_limit(Holder.GUILD, 0, "zone", "Pacific/Kiritimati")
    await world.env.advance_time(5 * 3600)

    assert "**Today** · 0 images" in await usage(world)


async def test_figures_come_without_a_chart_where_none_can_be_drawn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")

    result = await world.alice.slash(world.channel, "usage")

    assert "**Left today**" in result.response.content
    assert result.response.attachments == []
