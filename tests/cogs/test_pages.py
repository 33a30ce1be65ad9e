"""`/settings` by pages: what holds in a server and in a channel, where it comes from, who may."""

from __future__ import annotations

import json
from typing import Any

import discord
import pytest

from bot.domain.channel import ChannelPolicy, Mode, Review
from bot.domain.guild import CHANNEL_SETTINGS, PRESETS, Holder
from bot.views.pages import PAGES
from bot.wording import channels as words
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


async def opened(world: World, page: str = "", **options: Any) -> Any:
    """The panel's message, of the whole server or of the `channel` that was given."""
    panel = (await world.olivia.slash(world.channel, "settings", **options)).response
    scope = options["channel"].id if options else 0
    if page:
        await press(world, panel, "page", f"{page}-{scope}")
    return panel


async def press(world: World, panel: Any, verb: str, subject: str, who: Any = None) -> Any:
    person = who or world.olivia
    return await person.click(panel, custom_id=f"imagine:settings:{verb}:{subject}")


async def forge(world: World, panel: Any, rest: str, who: Any = None) -> Any:
    """A press of a button that the panel never had; discord.py asks the message for it first."""
    stored = world.env.backend.get_message(panel.channel_id, panel.id)
    button = stored.components[0]["components"][1]["components"][0]
    button["custom_id"] = f"imagine:settings:{rest}"
    return await world.forged(who or world.olivia, panel, button["custom_id"])


async def choose(world: World, panel: Any, verb: str, subject: str, *values: Any) -> Any:
    menu = f"imagine-choice:settings:{verb}:{subject}"
    return await world.olivia.select(panel, list(values), custom_id=menu)


def texts(panel: Any) -> str:
    return json.dumps(panel.components, ensure_ascii=False)


def components(found: Any) -> int:
    """As Discord counts them, nested ones too."""
    inner = [*found.get("components", ()), *filter(None, [found.get("accessory")])]
    return 1 + sum(map(components, inner))


def channel_of(world: World, channel: Any = None) -> ChannelPolicy:
    return ChannelPolicy.of(world.policy, (channel or world.channel).id)


def test_every_setting_of_a_channel_has_its_page_and_words() -> None:
    shown = [name for names in words.PAGES.values() for name in names]

    assert sorted(shown) == sorted((*CHANNEL_SETTINGS, *PRESETS))
    assert set(words.TITLES) == set(words.ABOUT) == set(shown)


async def test_every_value_is_shown_with_where_it_comes_from(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "privacy", "forced")
    await world.set_limit(Holder.CHANNEL, world.channel.id, "mode", "moderated")

    text = texts(await opened(world, "policy", channel=world.channel))

    assert "**Images** · moderated\\n-# this channel" in text
    assert "**Private replies** · always\\n-# this server" in text
    assert "**Pictures as input** · own\\n-# this bot" in text


async def test_a_channel_is_switched_off_in_three_clicks_and_on_again_as_the_server(
    world: World,
) -> None:
    panel = await opened(world, channel=world.channel)
    scope = world.channel.id
    await press(world, panel, "page", f"policy-{scope}")
    await press(world, panel, "ask", f"mode-{scope}")
    await press(world, panel, "set", f"mode-off-{scope}")
    assert channel_of(world).mode is Mode.OFF

    await press(world, panel, "ask", f"mode-{scope}")
    await press(world, panel, "set", f"mode-unset-{scope}")

    assert channel_of(world).mode is Mode.OPEN
    rows = await world.database.read("select details from audit order by number", {})
    audit = [json.loads(row["details"]) for row in rows]
    assert [(each.get("before"), each.get("after")) for each in audit] == [
        (None, "off"),
        ("off", None),
    ]


async def test_a_panel_of_the_server_goes_on_to_one_of_its_channels_and_back(world: World) -> None:
    panel = await opened(world, "policy")

    await choose(world, panel, "in", "policy", world.channel)
    assert f"## Settings of <#{world.channel.id}>" in texts(panel)
    await press(world, panel, "page", "policy-0")

    assert "## Settings of this server" in texts(panel)


async def test_roles_are_chosen_and_everybody_goes_before_the_servers(world: World) -> None:
    artists = world.guild.create_role("Artists")
    panel = await opened(world, "policy")
    await press(world, panel, "ask", "roles-0")
    await choose(world, panel, "choose", "roles-0", artists)
    assert channel_of(world).roles == {artists.id}

    scope = world.channel.id
    panel = await opened(world, "policy", channel=world.channel)
    await press(world, panel, "ask", f"roles-{scope}")
    await press(world, panel, "set", f"roles-all-{scope}")

    assert channel_of(world).roles == frozenset()


async def ask_desk(world: World, channel: Any) -> Any:
    panel = await opened(world, "review")
    await press(world, panel, "ask", "desk-0")
    return await choose(world, panel, "choose", "desk-0", channel)


async def test_a_desk_that_everybody_reads_is_refused(world: World) -> None:
    result = await ask_desk(world, world.guild.create_text_channel("desk"))

    assert "everybody can read it" in result.response.content
    assert world.policy.version == 0


def hidden(world: World, **bot: bool) -> Any:
    """A channel that nobody reads but who was let in, among them the bot."""
    nobody = discord.PermissionOverwrite(view_channel=False)
    ours = discord.PermissionOverwrite(view_channel=True, **bot)
    manager = discord.PermissionOverwrite(view_channel=True)
    overwrites = {
        world.guild.default_role: nobody,
        world.guild.me: ours,
        world.guild.roles["Managers"]: manager,
    }
    return world.guild.create_text_channel("desk", overwrites=overwrites)


async def test_a_desk_where_the_bot_may_not_post_is_refused_naming_what_it_lacks(
    world: World,
) -> None:
    result = await ask_desk(world, hidden(world, attach_files=False))

    assert "I lack **Attach Files** there" in result.response.content
    assert world.policy.version == 0


async def test_a_desk_that_only_moderators_read_is_taken(world: World) -> None:
    desk = hidden(world)

    await ask_desk(world, desk)

    assert channel_of(world).desk == desk.id


async def test_reviewing_takes_direct_messages_away_and_the_panel_says_so(world: World) -> None:
    panel = await opened(world, "review")
    await press(world, panel, "ask", "review-0")
    await press(world, panel, "set", "review-both-0")

    assert channel_of(world).review is Review.BOTH
    assert "**Direct messages** · no" in texts(panel)


async def days(world: World, panel: Any, text: str) -> Any:
    asked = await press(world, panel, "ask", "keep-days-0")
    assert asked.modal is not None
    return await world.olivia.submit_modal(asked, {"keep_days": text})


async def test_days_are_typed_also_across_a_restart(world: World) -> None:
    panel = await opened(world, "policy")
    asked = await press(world, panel, "ask", "keep-days-0")
    await world.env.restart_bot(world.new_bot())

    await world.olivia.submit_modal(asked, {"keep_days": "7"})

    assert channel_of(world).keep_days == 7


@pytest.mark.parametrize("text", ["-1", "ten", "9999"])
async def test_days_that_cannot_be_are_refused_in_words(world: World, text: str) -> None:
    result = await days(world, await opened(world, "policy"), text)

    assert "from 0 to 3650" in result.response.content
    assert world.policy.version == 0


async def test_a_form_about_days_that_others_overtook_is_refused(world: World) -> None:
    panel = await opened(world, "policy")
    asked = await press(world, panel, "ask", "keep-days-0")
    await world.set_limit(Holder.GUILD, 0, "keep_days", "9")

    result = await world.olivia.submit_modal(asked, {"keep_days": "7"})

    assert "meanwhile" in result.response.content
    assert channel_of(world).keep_days == 9


@pytest.mark.parametrize(
    "subject",
    ["mode-open-0", "mode-unset-0", "lenient-1-0", "roles-all-0"],
)
async def test_who_does_not_manage_the_server_changes_nothing(world: World, subject: str) -> None:
    panel = await opened(world)

    result = await forge(world, panel, f"set:{subject}", world.mona)

    assert "Manage Server" in result.response.content
    assert world.policy.version == 0


@pytest.mark.parametrize(
    "custom_id",
    [
        "set:mode-sideways-0",
        "set:nothing-open-0",
        "set:mode-open-x",
        "set:roles-5-0",
        "set:mode-all-0",
        "ask:nothing-0",
        "page:secrets-0",
        "page:policy-x",
        "older:thing",
    ],
)
async def test_a_forged_id_is_answered_with_the_panel_and_changes_nothing(
    world: World, custom_id: str
) -> None:
    panel = await opened(world, "limits")

    await forge(world, panel, custom_id)

    assert "Time zone" in texts(panel)
    assert world.policy.version == 0


async def test_a_channel_of_another_server_is_not_set(world: World) -> None:
    panel = await opened(world)

    result = await forge(world, panel, "set:mode-off-12345")

    assert "no such channel" in result.response.content
    assert world.policy.version == 0


async def test_every_page_stays_within_discords_limits(world: World) -> None:
    roles = [world.guild.create_role(f"Role {number}") for number in range(25)]
    await world.set_limit(Holder.GUILD, 0, "roles", " ".join(str(role.id) for role in roles))
    for page in PAGES:
        for name in words.PAGES.get(page, ("",)):
            panel = await opened(world, page, channel=world.channel)
            if name not in ("", "keep_days"):
                setting = name.replace("_", "-")
                await press(world, panel, "ask", f"{setting}-{world.channel.id}")

            assert sum(map(components, panel.components)) <= 40, (page, name)
            assert len(texts(panel)) < 16_000


async def test_an_announcement_channel_says_that_it_is_always_off(world: World) -> None:
    news = world.guild.create_news_channel("news")

    assert "announcement channel" in texts(await opened(world, channel=news))


async def test_notices_go_only_where_the_bot_can_write(world: World) -> None:
    shut = {world.guild.me: discord.PermissionOverwrite(send_messages=False)}
    closed = world.guild.create_text_channel("closed", overwrites=shut)
    panel = await opened(world)

    answer = await choose(world, panel, "notices", "", closed)
    before = world.policy.notices
    await choose(world, panel, "notices", "", world.channel)

    assert "cannot write" in answer.response.content
    assert (before, world.policy.notices) == (None, world.channel.id)
