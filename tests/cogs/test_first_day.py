"""The first day in a server: who is asked what, and that it works after the last click."""

from __future__ import annotations

import json
from typing import Any

import discord
import pytest

from bot.domain.channel import ChannelPolicy, Mode, Review
from bot.domain.first_day import SETTINGS, Preset, changes
from bot.domain.guild import Holder
from bot.storage.storage import Storage
from bot.wording import first_day as words
from tests.cogs.test_automod import allow_bot
from tests.world import World

pytestmark = [pytest.mark.usefixtures("env"), pytest.mark.rules(asks_new_servers=True)]

#: From the invite on: the issue's most clicks.
MOST_CLICKS = 6


async def asked(world: World) -> Any:
    """Olivia's panel."""
    result = await world.imagine(world.olivia)
    assert result.ephemeral
    return result.response


async def click(world: World, panel: Any, label: str) -> Any:
    return await world.olivia.click(panel, label=label)


async def decide(world: World, panel: Any, desk: Any) -> Any:
    [menu] = [
        item["custom_id"]
        for row in panel.components[0]["components"]
        for item in row.get("components", ())
        if item.get("custom_id", "").startswith("imagine-choice:first:desk:")
    ]
    return await world.olivia.select(panel, [desk], custom_id=menu)


def texts(panel: Any) -> str:
    return json.dumps(panel.components, ensure_ascii=False)


def here(world: World, channel: Any = None) -> ChannelPolicy:
    return ChannelPolicy.of(world.policy, (channel or world.channel).id)


def hidden(world: World) -> Any:
    """A channel that managers and the bot read."""
    nobody = discord.PermissionOverwrite(view_channel=False)
    somebody = discord.PermissionOverwrite(view_channel=True)
    overwrites = {
        world.guild.default_role: nobody,
        world.guild.me: somebody,
        world.guild.roles["Managers"]: somebody,
    }
    return world.guild.create_text_channel("desk", overwrites=overwrites)


@pytest.mark.parametrize("preset", Preset)
def test_each_preset_says_all_that_it_sets(preset: Preset) -> None:
    text = words.preset(preset)

    assert text.count("·") == len(SETTINGS[preset])
    assert "unknown" not in text


def test_this_channel_only_switches_all_others_off() -> None:
    first, *others = changes(Preset.OPEN, 7, None)

    assert (first.holder, first.name, first.value) == (Holder.GUILD, "mode", "off")
    assert {(each.holder, each.subject) for each in others} == {(Holder.CHANNEL, 7)}


async def test_others_are_told_privately_who_can_set_it_up(world: World) -> None:
    result = await world.imagine(world.alice)

    assert result.ephemeral
    assert "Manage Server" in result.response.content
    assert world.provider.inputs == []


async def test_two_clicks_set_the_server_up_and_what_was_asked_for_goes_on(world: World) -> None:
    panel = await asked(world)

    await click(world, panel, "Everywhere")
    await click(world, panel, "Open")
    await world.env.advance_time(15)

    assert "`/imagine` works now" in texts(panel)
    assert len(world.provider.inputs) == 1
    assert len(world.message.attachments) == 1
    assert not (await world.imagine(world.alice)).ephemeral


async def test_this_channel_only_leaves_images_off_elsewhere(world: World) -> None:
    other = world.guild.create_text_channel("other")
    panel = await asked(world)

    await click(world, panel, "This channel only")
    await click(world, panel, "Family-friendly")

    assert here(world).mode is Mode.MODERATED
    result = await world.alice.slash(other, "imagine", prompt="a red fox")
    assert "switched off" in result.response.content


async def test_a_reviewed_channel_takes_at_most_six_clicks_its_desk_among_them(
    world: World,
) -> None:
    desk, clicks = hidden(world), 0
    panel = await asked(world)
    for label in ("This channel only", "Reviewed team"):
        await click(world, panel, label)
        clicks += 1
    await decide(world, panel, desk)
    clicks += 2  # the menu, the channel in it

    assert clicks <= MOST_CLICKS
    assert (here(world).review, here(world).desk) == (Review.IMAGE, desk.id)
    assert not here(world).direct
    assert f"Moderators decide in <#{desk.id}>" in texts(panel)


async def test_a_desk_that_everybody_reads_is_refused_and_another_may_be_chosen(
    world: World,
) -> None:
    panel = await asked(world)
    await click(world, panel, "Everywhere")
    await click(world, panel, "Reviewed team")

    refused = await decide(world, panel, world.channel)
    assert "everybody can read it" in refused.response.content
    assert world.policy.version == 0
    await decide(world, panel, hidden(world))

    assert here(world).review is Review.IMAGE


async def test_a_restart_between_two_clicks_loses_the_request_but_not_the_answers(
    world: World,
) -> None:
    panel = await asked(world)
    await click(world, panel, "Everywhere")

    await world.env.restart_bot(world.new_bot())
    await click(world, panel, "Open")

    assert "`/imagine` works now" in texts(panel)
    assert here(world).mode is Mode.OPEN
    assert not (await world.imagine()).ephemeral


async def test_who_does_not_manage_the_server_cannot_set_it_up(world: World) -> None:
    panel = await asked(world)
    await click(world, panel, "Everywhere")
    [button] = [
        button
        for row in panel.components[0]["components"]
        for button in row.get("components", ())
        if button["label"] == "Open"
    ]

    result = await world.forged(world.mona, panel, button["custom_id"])

    assert "Manage Server" in result.response.content
    assert world.policy.version == 0


@pytest.mark.parametrize("rest", ["how:1--open", "how:1-there-open", "how:x-all-open", "desk:1"])
async def test_a_forged_answer_sets_nothing(world: World, rest: str) -> None:
    panel = await asked(world)
    stored = world.env.backend.get_message(panel.channel_id, panel.id)
    button = stored.components[0]["components"][2]["components"][0]
    button["custom_id"] = f"imagine:first:{rest}"

    await world.forged(world.olivia, panel, button["custom_id"])

    assert world.policy.version == 0


async def test_who_comes_second_is_told_that_it_is_done(world: World) -> None:
    panel = await asked(world)
    await click(world, panel, "Everywhere")
    await world.set_limit(Holder.GUILD, 0, "mode", "off")

    await click(world, panel, "Open")

    assert "set up meanwhile" in texts(panel)
    assert here(world).mode is Mode.OFF


async def test_the_answers_are_on_record(world: World) -> None:
    panel = await asked(world)
    await click(world, panel, "Everywhere")
    await click(world, panel, "Open")

    rows = await world.database.read("select details from audit order by number", {})

    found = [json.loads(row["details"]) for row in rows]
    assert {each["name"]: each["after"] for each in found} == dict(SETTINGS[Preset.OPEN])


async def test_automod_that_cannot_be_read_keeps_nobody_from_making_images(world: World) -> None:
    await allow_bot(world, manage_guild=False)
    panel = await asked(world)
    await click(world, panel, "Everywhere")
    await click(world, panel, "Family-friendly")

    await world.imagine(world.alice)

    assert "AutoMod is not applied" in texts(panel)
    assert world.policy.ignores_automod
    assert len(world.provider.inputs) == 2


async def test_automod_that_can_be_read_is_applied_from_the_first_day_on(world: World) -> None:
    await allow_bot(world, manage_guild=True)
    panel = await asked(world)
    await click(world, panel, "Everywhere")
    await click(world, panel, "Family-friendly")

    await world.imagine(world.alice)

    assert "AutoMod is not applied" not in texts(panel)
    assert not world.policy.ignores_automod
    assert len(world.provider.inputs) == 2


async def test_of_two_who_set_it_up_at_the_same_moment_the_first_one_has(world: World) -> None:
    panel = await asked(world)
    await click(world, panel, "Everywhere")
    theirs = Storage.of(world.database).settings  # another process, whose change is not known here
    await theirs.change(world.guild.id, 9, changes(Preset.FAMILY, None, None), now=1, version=0)

    await click(world, panel, "Open")

    stored = (await theirs.stored())[world.guild.id]
    assert words.ALREADY in texts(panel)
    assert {each.name: each.value for each in stored} == SETTINGS[Preset.FAMILY]
    assert world.policy.is_set_up


async def test_a_time_zone_alone_does_not_set_a_server_up(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "zone", "Europe/Berlin")

    panel = await asked(world)

    assert "Where and how are images made here?" in texts(panel)
    assert world.provider.inputs == []


@pytest.mark.rules(asks_new_servers=False)
async def test_an_installation_may_be_open_to_new_servers(world: World) -> None:
    assert not (await world.imagine()).ephemeral
