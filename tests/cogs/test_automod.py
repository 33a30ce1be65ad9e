"""The server's own AutoMod: applied to requests, kept fresh, and what holds where it is unknown."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.domain.generation import Price
from bot.domain.guild import Holder
from bot.domain.offer import Offer
from bot.moderation.automod_reader import HOUR_MS
from bot.policy.automod.refusals import Trouble
from bot.policy.automod.standing import UNKNOWN, Standing
from tests.bot.test_automod import keyword_rule
from tests.cogs.test_settings import open_panel, shown
from tests.models import QUICK
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")

RULES = "/guilds/*/auto-moderation/rules"


async def add_rule(world: World, **changes: Any) -> Any:
    """As an admin does in the server's settings; the bot hears of it."""
    rule = keyword_rule(**({"name": "No cats"} | changes))
    rule["trigger_metadata"]["keyword_filter"] = ["cat*"]
    made = world.env.backend.create_auto_mod_rule(world.guild.id, world.olivia.id, rule)
    await world.env.settle()
    return made


async def allow_bot(world: World, *, manage_guild: bool) -> None:
    """Grant the bot Manage Server, or take it away, as an admin does with its role."""
    backend = world.env.backend
    [role] = [each for each in backend.get_guild(world.guild.id).roles.values() if each.managed]
    permissions = discord.Permissions(role.permissions)
    permissions.update(manage_guild=manage_guild, administrator=False)
    backend.edit_role(world.guild.id, role.id, {"permissions": permissions.value})
    await world.env.settle()


async def moderate(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "mode", "moderated")


def standing(world: World) -> Standing:
    return world.bot.automod.standings.get(world.guild.id, UNKNOWN)


def reads(world: World) -> int:
    return sum("auto-moderation" in each.path for each in world.env.http_requests)


async def refused(world: World, **options: Any) -> str:
    """The words of a refusal, which is private, bought nothing and left no row."""
    result = await world.imagine(**options)
    assert result.ephemeral, result.response.content
    assert world.provider.began == {}
    assert await world.ledger.recent(world.alice.id, 10) == []
    return str(result.response.content)


async def panel_text(world: World) -> str:
    panel = await open_panel(world)
    return shown((await world.olivia.click(panel.response, label="AutoMod …")).response)


@pytest.mark.fault(
    "the server's AutoMod does not let the prompt pass",
    sees="what its managers say of that, or the rule's name",
    charged="nothing",
)
async def test_a_prompt_that_a_rule_forbids_is_refused_privately_and_nothing_is_bought(
    world: World,
) -> None:
    await add_rule(world)

    said = await refused(world, prompt="a Catapult")

    assert "AutoMod" in said
    assert "“No cats”" in said
    assert "Nothing was charged" in said
    assert not (await world.imagine(prompt="a dog")).ephemeral


async def test_what_managers_wrote_for_such_a_case_is_said_and_pings_nobody(world: World) -> None:
    blocks = [{"type": 1, "metadata": {"custom_message": "Dogs *only*, @everyone"}}]
    await add_rule(world, actions=blocks)

    said = await refused(world, prompt="cat")

    assert r"Dogs \*only\*" in said
    assert "@everyone" not in said
    assert "No cats" not in said


async def test_managers_and_exempt_roles_and_channels_are_exempt(world: World) -> None:
    artists = world.guild.create_role("Artists")
    await add_rule(world, exempt_roles=[str(artists.id)])
    await refused(world, prompt="cat")
    world.env.backend.add_member_role(world.guild.id, world.bob.id, artists.id)

    assert not (await world.imagine(world.olivia, prompt="cat")).ephemeral
    assert not (await world.imagine(world.bob, prompt="cat")).ephemeral


async def test_a_threads_channel_is_what_a_rule_exempts(world: World) -> None:
    await add_rule(world, exempt_channels=[str(world.channel.id)])
    world.env.backend.create_thread(world.channel.id, "cats", world.alice.id)
    [thread] = world.channel.threads

    result = await world.alice.slash(thread, "imagine", prompt="cat")

    assert not result.ephemeral


async def test_a_rule_holds_as_soon_as_the_gateway_tells_of_it_and_no_longer(world: World) -> None:
    rule = await add_rule(world)
    await refused(world, prompt="cat")

    world.env.backend.edit_auto_mod_rule(world.guild.id, rule.id, {"enabled": False})
    await world.env.settle()
    assert not (await world.imagine(prompt="cat")).ephemeral

    world.env.backend.edit_auto_mod_rule(world.guild.id, rule.id, {"enabled": True})
    await world.env.settle()
    assert (await world.imagine(prompt="cat")).ephemeral

    world.env.backend.delete_auto_mod_rule(world.guild.id, rule.id)
    await world.env.settle()
    assert not (await world.imagine(prompt="cat")).ephemeral


async def test_what_the_gateway_did_not_tell_is_found_with_a_new_session(world: World) -> None:
    rule = await add_rule(world)
    del world.env.backend.get_guild(world.guild.id).auto_mod_rules[rule.id]  # nobody is told

    world.bot.dispatch("ready")
    await world.env.settle()

    assert not (await world.imagine(prompt="cat")).ephemeral


@pytest.mark.rules(offer=Offer((QUICK,)), prices={QUICK.name: Price(3_000)})
async def test_every_text_that_members_type_is_judged_and_no_choice(world: World) -> None:
    await add_rule(world, regex_patterns=["1:1"])

    assert "No cats" in await refused(world, prompt="a dog", negative_prompt="cats")
    assert not (await world.imagine(prompt="a dog", aspect_ratio="1:1")).ephemeral


async def test_a_request_reads_nothing(world: World) -> None:
    await add_rule(world)
    before = reads(world)

    await world.imagine(prompt="cat")
    await world.imagine(prompt="dog")

    assert reads(world) == before


async def test_rules_are_looked_at_again_once_an_hour(world: World) -> None:
    await world.env.settle()
    before = reads(world)

    world.bot.automod.look_again()
    await world.env.settle()
    assert reads(world) == before

    await world.env.advance_time(HOUR_MS // 1000)
    world.bot.automod.look_again()
    await world.env.settle()
    assert reads(world) == before + 1


async def test_after_a_restart_the_last_copy_holds_though_discord_does_not_answer(
    world: World,
) -> None:
    await add_rule(world)
    world.env.inject_error("GET", RULES, status=403, code=50001, times=None)

    await world.env.restart_bot(world.new_bot())

    assert "No cats" in await refused(world, prompt="cat")


async def test_a_server_without_rules_is_fine_in_a_moderated_channel_too(world: World) -> None:
    await moderate(world)

    assert not (await world.imagine(prompt="cat")).ephemeral


@pytest.mark.fault(
    "a moderated channel, and the bot may not read the server's AutoMod rules (any more)",
    sees="that it lacks Manage Server, and the two ways out",
    charged="nothing",
)
async def test_rules_that_may_no_longer_be_read_close_moderated_channels_only(
    world: World,
) -> None:
    await add_rule(world)
    await moderate(world)

    await allow_bot(world, manage_guild=False)

    said = await refused(world, prompt="a dog")
    assert "Manage Server" in said
    assert "/settings" in said
    await world.set_limit(Holder.GUILD, 0, "mode", None)
    assert "No cats" in await refused(world, prompt="cat")  # the last copy
    assert not (await world.imagine(prompt="a dog")).ephemeral


async def test_without_the_permission_nothing_is_asked_until_it_is_granted(world: World) -> None:
    await allow_bot(world, manage_guild=False)
    before = reads(world)
    await world.env.restart_bot(world.new_bot())
    await add_rule(world)
    assert reads(world) == before
    assert standing(world).trouble is Trouble.PERMISSION

    await allow_bot(world, manage_guild=True)

    assert standing(world).trouble is None
    assert "No cats" in await refused(world, prompt="cat")


async def test_discord_may_say_no_though_the_permission_seems_to_be_there(world: World) -> None:
    world.env.inject_error("GET", RULES, status=403, code=50001, times=1)

    await add_rule(world)

    assert standing(world).trouble is Trouble.PERMISSION


@pytest.mark.parametrize("status", [500, 404])
async def test_a_copy_stays_good_while_discord_has_trouble(world: World, status: int) -> None:
    await add_rule(world)
    await moderate(world)
    world.env.inject_error("GET", RULES, status=status, code=0, times=None)

    await add_rule(world, name="Nothing at all")

    assert standing(world).trouble is Trouble.ERROR
    assert "No cats" in await refused(world, prompt="cat")
    assert not (await world.imagine(prompt="a dog")).ephemeral


async def test_leaving_a_server_forgets_its_rules(world: World) -> None:
    await add_rule(world)
    assert await world.database.read("select * from automod", {}) != []

    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    await guild.leave()
    await world.env.settle()

    assert await world.database.read("select * from automod", {}) == []
    assert standing(world) is UNKNOWN


async def test_who_made_a_rule_is_not_stored(world: World) -> None:
    await add_rule(world)

    [row] = await world.database.read("select rules from automod", {})
    assert str(world.olivia.id) not in row["rules"]


# ------------------------------------------------------------------------------- the panel


async def test_the_panel_tells_what_is_applied_what_is_not_and_as_of_when(world: World) -> None:
    await add_rule(world)
    await add_rule(world, name="Slurs", trigger_type=4)
    await add_rule(world, name="Of tomorrow", trigger_type=99)
    await add_rule(world, name="Shapes", regex_patterns=[r"\bcat\b", "(?=x)"])

    text = await panel_text(world)

    assert "**Applied**, as of <t:" in text
    assert "No cats: 1 keyword" in text
    assert "Slurs: Discord's own word lists are shown to nobody" in text
    assert "Of tomorrow: a kind of rule that I do not know" in text
    assert "Shapes: RE2 may read its pattern differently" in text
    assert "Shapes: RE2, which I search with, does not support its pattern" in text


async def test_a_manager_may_decide_that_automod_is_not_applied_and_it_is_on_record(
    world: World,
) -> None:
    await allow_bot(world, manage_guild=False)
    await moderate(world)
    panel = await open_panel(world)

    opened = await world.olivia.click(panel.response, label="⚠ AutoMod …")
    assert "moderated channels refuse every request" in shown(opened.response)
    ignored = await world.olivia.click(opened.response, label="Do not apply it")

    assert "Not applied" in shown(ignored.response)
    assert not (await world.imagine(prompt="cat")).ephemeral
    back = await world.olivia.click(ignored.response, label="Back")
    assert "the server's AutoMod: not set → ignored" in shown(back.response)

    opened = await world.olivia.click(back.response, label="AutoMod …")
    await world.olivia.click(opened.response, label="Apply AutoMod")
    assert (await world.imagine(prompt="cat")).ephemeral


async def test_reading_again_finds_a_permission_that_the_gateway_did_not_tell_of(
    world: World,
) -> None:
    world.env.inject_error("GET", RULES, status=403, code=50001, times=1)
    await add_rule(world)
    panel = await open_panel(world)
    opened = await world.olivia.click(panel.response, label="⚠ AutoMod …")
    await world.env.advance_time(11)

    again = await world.olivia.click(opened.response, label="Read again")

    assert "No cats: 1 keyword" in shown(again.response)


async def test_nobody_else_may_press_its_buttons(world: World) -> None:
    panel = await open_panel(world)
    opened = await world.olivia.click(panel.response, label="AutoMod …")

    result = await world.forged(world.alice, opened.response, "imagine:automod:ignore:")

    assert "Manage Server" in result.response.content
    assert not world.policy.ignores_automod
