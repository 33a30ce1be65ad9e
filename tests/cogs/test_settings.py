"""`/settings`: who may, what changes, and that it holds for the next request."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bot.domain.guild import Holder
from bot.domain.limits import Allowance
from bot.domain.offer import Offer
from bot.language import LANGUAGES
from bot.record import replace
from bot.text import units
from tests.broken import refuse
from tests.models import QUICK, RETOUCH
from tests.spoken import Speak
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


def shown(message: Any) -> str:
    """Every text of a panel."""
    return "\n".join(_texts(message.components))


def _texts(components: list[dict[str, Any]]) -> list[str]:
    found = []
    for component in components:
        found += [component["content"]] if component.get("type") == 10 else []
        inner = [*component.get("components", ()), component.get("accessory")]
        found += _texts([each for each in inner if each])
    return found


async def open_panel(world: World, who: Any = None, page: str = "") -> Any:
    panel = await (who or world.olivia).slash(world.channel, "settings")
    if page:
        await world.olivia.click(panel.response, custom_id=f"imagine:settings:page:{page}-0")
    return panel


async def set_limits(world: World, whose: str, which: Any = None, **fields: str) -> Any:
    """From the command to the submitted form, as a manager does it."""
    panel = await open_panel(world, page="limits")
    asked = await world.olivia.click(panel.response, custom_id=f"imagine:settings:whose:{whose}")
    if which is not None:
        menu = f"imagine-choice:settings:which:{whose}"
        asked = await world.olivia.select(panel.response, [which], custom_id=menu)
    assert asked.modal is not None, asked.response and asked.response.content
    return await world.olivia.submit_modal(asked, fields)


async def test_the_panel_is_private_and_shows_what_holds_and_where_it_comes_from(
    world: World,
) -> None:
    panel = await open_panel(world)

    assert panel.ephemeral
    text = shown(panel.response)
    assert "UTC (the bot's own)" in text
    assert "Images: **open** · this bot" in text
    assert "Nothing was changed yet" in text
    text = shown((await open_panel(world, page="limits")).response)
    assert "each person, in all servers · 20 images a day" in text
    assert "$0.06 an image" in text


async def test_who_does_not_manage_the_server_is_told_who_does(world: World) -> None:
    command = next(c for c in world.bot.tree.get_commands() if c.name == "settings")
    command.default_permissions = None  # as an administrator may have set it
    await world.bot.tree.sync()

    result = await open_panel(world, world.alice)

    assert "Manage Server" in result.response.content


@pytest.mark.parametrize(
    "custom_id", ["imagine:settings:pause:", "imagine:settings:zone:", "imagine:settings:brakes:"]
)
async def test_a_press_by_somebody_else_changes_nothing(world: World, custom_id: str) -> None:
    panel = await open_panel(world)

    result = await world.forged(world.alice, panel.response, custom_id)

    assert "Manage Server" in result.response.content
    assert world.policy.version == 0


async def test_a_limit_holds_from_the_next_request_on(world: World) -> None:
    await set_limits(world, "everyone", day_images="1")

    await world.imagine()
    refused = await world.imagine()

    assert "all the one image" not in refused.response.content
    assert "the one image that this server gives you for today" in refused.response.content


async def test_limits_of_a_role_a_member_and_a_channel_are_kept_apart(world: World) -> None:
    artists = world.guild.create_role("Artists")

    await set_limits(world, "role", artists, day_images="50")
    await set_limits(world, "member", world.bob, day_images="none")
    await set_limits(world, "channel", world.channel, month_micros="12.50")

    text = shown((await open_panel(world, page="limits")).response)
    assert f"<@&{artists.id}> · 50 images a day" in text
    assert f"<@{world.bob.id}> · no limit" in text
    assert f"<#{world.channel.id}> · $12.50 a month" in text


async def test_a_members_limit_is_kept_under_a_pseudonym(world: World) -> None:
    await set_limits(world, "member", world.bob, day_images="2")

    [row] = await world.database.read("select subject from setting where holder = 'member'", {})
    assert row["subject"] < 0
    await world.imagine(world.bob)
    await world.imagine(world.bob)
    assert (await world.imagine(world.bob)).ephemeral
    assert not (await world.imagine(world.alice)).ephemeral


async def test_an_empty_field_takes_a_limit_away_again(world: World) -> None:
    await set_limits(world, "guild", day_images="1", month_images="9")

    await set_limits(world, "guild", day_images="", month_images="9")

    assert world.policy.allowance(Holder.GUILD) == Allowance(month_images=9)


async def test_nobody_sets_a_limit_of_their_own(world: World) -> None:
    panel = await open_panel(world, page="limits")
    await world.olivia.click(panel.response, custom_id="imagine:settings:whose:member")

    result = await world.olivia.select(
        panel.response, [world.olivia], custom_id="imagine-choice:settings:which:member"
    )

    assert "your own limit" in result.response.content


async def test_every_field_that_cannot_be_used_is_named_and_nothing_is_changed(
    world: World,
) -> None:
    result = await set_limits(world, "guild", day_images="many", month_images="5", day_micros="-1")

    assert result.ephemeral
    assert "**Images a day**" in result.response.content
    assert "**US dollars a day**" in result.response.content
    assert "**Images a month**" not in result.response.content
    assert world.policy.version == 0


@pytest.mark.rules(prices={})
async def test_money_is_not_limited_while_a_price_is_missing_and_it_says_which(
    world: World,
) -> None:
    result = await set_limits(world, "guild", day_images="5", day_micros="10")

    assert "MODEL_PRICES" in result.response.content
    assert "`google/imagen-4-ultra`" in result.response.content
    assert world.policy.version == 0


async def test_a_paused_server_refuses_and_goes_on_when_it_is_resumed(world: World) -> None:
    panel = await open_panel(world)
    await world.olivia.click(panel.response, label="Pause")
    assert "Paused" in shown(panel.response)

    refused = await world.imagine()
    assert "paused in this server" in refused.response.content
    assert world.provider.inputs == []

    await world.olivia.click(panel.response, label="Resume")
    assert not (await world.imagine()).ephemeral


async def test_who_waits_when_a_server_is_paused_goes_on_waiting(world: World) -> None:
    for _ in range(4):
        await world.imagine()
    panel = await open_panel(world)
    await world.olivia.click(panel.response, label="Pause")
    await world.env.advance_time(30)
    assert len(world.provider.inputs) == 3
    assert "next in line · images are paused for now" in world.content

    await world.olivia.click(panel.response, label="Resume")
    await world.env.advance_time(30)

    assert len(world.provider.inputs) == 4


async def test_the_time_zone_decides_when_a_day_begins(world: World) -> None:
    panel = await open_panel(world)
    asked = await world.olivia.click(panel.response, custom_id="imagine:settings:zone:")
    await world.olivia.submit_modal(asked, {"zone": "Asia/Kolkata"})

    assert world.policy.zone == "Asia/Kolkata"
    assert "**Time zone** · Asia/Kolkata" in shown(panel.response)


async def test_a_zone_that_does_not_exist_is_refused_with_an_example(world: World) -> None:
    panel = await open_panel(world)
    asked = await world.olivia.click(panel.response, custom_id="imagine:settings:zone:")

    result = await world.olivia.submit_modal(asked, {"zone": "Atlantis"})

    assert "Europe/Berlin" in result.response.content
    assert world.policy.zone is None


async def test_brakes_hold_for_accounts_and_members(world: World) -> None:
    panel = await open_panel(world)
    asked = await world.olivia.click(panel.response, custom_id="imagine:settings:brakes:")
    await world.olivia.submit_modal(
        asked, {"refusals_an_hour": "2", "account_days": "0", "member_days": "3650"}
    )

    assert world.policy.refusals_an_hour == 2
    refused = await world.imagine()
    assert "membership is too new" in refused.response.content
    assert "after 2 refusals" in shown(panel.response)


async def test_what_is_submitted_after_a_restart_still_counts(world: World) -> None:
    panel = await open_panel(world, page="limits")
    asked = await world.olivia.click(panel.response, custom_id="imagine:settings:whose:guild")

    await world.env.restart_bot(world.new_bot())
    await world.olivia.submit_modal(asked, {"day_images": "7"})

    assert world.policy.allowance(Holder.GUILD).day_images == 7


async def test_the_panels_buttons_work_after_a_restart(world: World) -> None:
    panel = await open_panel(world)

    await world.env.restart_bot(world.new_bot())
    await world.olivia.click(panel.response, label="Pause")

    assert world.policy.paused


async def test_a_form_is_checked_again_when_it_is_sent(world: World) -> None:
    panel = await open_panel(world, page="limits")
    asked = await world.olivia.click(panel.response, custom_id="imagine:settings:whose:guild")
    managers = world.guild.roles["Managers"].id
    world.env.backend.remove_member_role(world.guild.id, world.olivia.id, managers)

    result = await world.olivia.submit_modal(asked, {"day_images": "7"})

    assert "Manage Server" in result.response.content
    assert world.policy.version == 0


async def test_every_change_is_on_record_with_who_made_it_by_pseudonym(world: World) -> None:
    await set_limits(world, "guild", day_images="5")
    await set_limits(world, "guild", day_images="8")

    text = shown((await open_panel(world)).response)
    assert f"<@{world.olivia.id}>: This server, images a day: 5 → 8" in text
    assert f"<@{world.olivia.id}>: This server, images a day: not set → 5" in text
    rows = await world.database.read("select * from audit", {})
    assert str(world.olivia.id) not in json.dumps([dict(row) for row in rows])
    assert [row["number"] for row in rows] == [1, 2]


async def test_a_change_by_another_process_is_seen_by_the_next_request(world: World) -> None:
    await set_limits(world, "guild", day_images="5")
    await world.database.write("update setting set value = '0' where name = 'day_images'", {})
    await world.database.write("update guild set version = version + 1", {})

    refused = await world.imagine()

    assert "This server has made" in refused.response.content
    assert world.provider.inputs == []


LONG = (QUICK, RETOUCH, replace(QUICK, name="maker/other"))
WORDY = tuple(
    replace(each, name=each.name + "_" * 70, title=f"{number}" + "*" * 99)
    for number, each in enumerate(LONG)
)


@pytest.mark.rules(offer=Offer(WORDY))
async def test_the_panel_stays_within_discords_limits_however_much_is_set(
    world: World, speak: Speak
) -> None:
    quick, retouch, other = (model.name for model in WORDY)
    place = world.channel
    for number in range(60):
        place = world.guild.create_text_channel(f"place-{number}")
        for name in Allowance.__struct_fields__:
            await world.set_limit(Holder.CHANNEL, place.id, name, str(10**15 - number))
        for name, value in (("model", retouch), ("safety", "lenient"), ("fallback", other)):
            await world.set_limit(Holder.CHANNEL, place.id, name, value)
    for name, value in (("model", other), ("safety", "medium"), ("fallback", retouch)):
        await world.set_limit(Holder.GUILD, 0, name, value)
    await world.set_limit(Holder.GUILD, 0, "zone", "America/Argentina/ComodRivadavia")
    await world.set_limit(Holder.GUILD, 0, "zone", "America/Argentina/Buenos_Aires")
    for name, value in (("model", quick), ("fallback", quick), ("model", other)):
        await world.set_limit(Holder.CHANNEL, place.id, name, value)
    for value in (retouch, other):
        await world.set_limit(Holder.CHANNEL, place.id, "fallback", value)

    first = shown((await open_panel(world)).response)
    limits = shown((await open_panel(world, page="limits")).response)

    assert max(len(first), len(limits)) <= 4000
    assert re.search(r"… and [0-9]+ more channels", first)
    assert re.search(r"… and [0-9]+ more\n", limits)
    for locale in LANGUAGES:
        speak(world.olivia, locale)
        first = shown((await open_panel(world)).response)
        limits = shown((await open_panel(world, page="limits")).response)
        assert max(map(units, (first, limits))) <= 4000


async def test_a_form_that_others_overtook_is_refused_and_says_so(world: World) -> None:
    panel = await open_panel(world, page="limits")
    asked = await world.olivia.click(panel.response, custom_id="imagine:settings:whose:guild")
    await world.set_limit(Holder.GUILD, 0, "month_images", "50")

    result = await world.olivia.submit_modal(asked, {"day_images": "7", "month_images": ""})

    assert "Somebody else has just changed these settings" in result.response.content
    assert world.policy.allowance(Holder.GUILD) == Allowance(month_images=50)


async def test_a_limit_of_the_role_everyone_is_each_members(world: World) -> None:
    await set_limits(world, "role", world.guild.default_role, day_images="1")

    await world.imagine()

    assert "this server gives you" in (await world.imagine()).response.content


async def test_limits_are_not_offered_where_they_would_hold_nothing(world: World) -> None:
    panel = await open_panel(world, page="limits")
    await world.olivia.click(panel.response, custom_id="imagine:settings:whose:channel")

    menus = [
        inner
        for row in panel.response.components[0]["components"]
        for inner in row.get("components", ())
        if inner.get("custom_id") == "imagine-choice:settings:which:channel"
    ]

    category, public_thread, private_thread = 4, 11, 12
    [menu] = menus
    assert not {category, public_thread, private_thread} & set(menu["channel_types"])


async def test_trouble_while_settings_are_saved_is_told_and_changes_nothing(world: World) -> None:
    panel = await open_panel(world)
    await refuse(world.database, "insert", on="setting")

    result = await world.olivia.click(panel.response, label="Pause")

    assert "went wrong on our side" in result.response.content
    assert not world.policy.paused
