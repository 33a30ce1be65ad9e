"""`/usage` and `/help`."""

from __future__ import annotations

import pytest

from bot.domain import PredictionStatus
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


@pytest.mark.parametrize("prompt", ["[" * 2000, "*_`~|" * 400, "\U0001f98a" * 1000])
async def test_usage_fits_one_message_whatever_was_typed(world: World, prompt: str) -> None:
    for _ in range(10):
        await world.imagine(prompt=prompt)
    await world.env.advance_time(15)

    text = await usage(world)

    assert len(text.encode("utf-16-le")) // 2 <= 2000


@pytest.mark.rules(user_daily_images=None)
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
        if command.name != "help":
            assert f"`/{command.name}`" in result.response.content
    assert len(result.response.content.splitlines()) <= 10
