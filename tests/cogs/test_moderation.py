"""`/moderation`: who may do what to whom, what follows for the person, and what is on record."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import discord
import pytest
from simcord.actors import MemberActor

from bot.domain.act import INSTALLATION, OPERATOR, Act, Action, Sought
from bot.domain.generation import Capacity
from bot.domain.guild import CHANNEL_SETTINGS, Holder
from bot.panels.moderation import PAGE
from bot.storage.audit import record as keep
from bot.views.moderation import Look
from tests.cogs.test_me import export
from tests.cogs.test_settings import shown
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")
DAY = 24 * 3600


@pytest.fixture(autouse=True)
async def _everybody_sees_it(world: World) -> None:
    """As an administrator may have it: Discord shows it to who has Moderate Members by default."""
    command = next(c for c in world.bot.tree.get_commands() if c.name == "moderation")
    command.default_permissions = None
    await world.bot.tree.sync()


async def moderate(world: World, who: Any, what: str, **options: Any) -> Any:
    return await who.slash(world.channel, f"moderation {what}", **options)


async def record(world: World) -> list[Any]:
    sought = Sought()
    return await world.bot._storage.audit.entries(world.guild.id, sought, limit=100)


async def log_of(world: World, who: Any, **options: Any) -> str:
    return shown((await moderate(world, who, "log", **options)).response)


def member(world: World, name: str, *roles: Any) -> Any:
    return world.guild.add_member(world.env.create_user(name), roles=list(roles))


def owner(world: World) -> Any:
    return MemberActor(world.env, world.guild, world.guild.owner)


# Who may


ACTS = {
    "block": {"user": "bob"},
    "unblock": {"user": "bob"},
    "warn": {"user": "bob"},
    "log": {},
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    ("who", "may"),
    [("owner", True), ("olivia", True), ("mona", True), ("timer", True), ("alice", False)],
)
async def test_moderators_and_managers_may_and_nobody_else(
    world: World, act: str, who: str, *, may: bool
) -> None:
    role = world.guild.create_role("Timers", permissions=discord.Permissions(moderate_members=True))
    people = {
        "owner": owner(world),
        "olivia": world.olivia,
        "mona": world.mona,
        "timer": member(world, "timer", role),
        "alice": world.alice,
    }
    options = {name: getattr(world, value) for name, value in ACTS[act].items()}

    result = await moderate(world, people[who], act, **options)

    assert result.ephemeral
    refused = "Only this server's moderators" in (result.response.content or "")
    assert refused is not may
    assert bool(await record(world)) is (may and act in ("block", "warn"))


async def test_who_is_blocked_moderates_nothing_and_a_moderator_elsewhere_neither(
    world: World,
) -> None:
    await moderate(world, world.mona, "block", user=world.bob)
    elsewhere = world.env.create_guild()
    role = elsewhere.create_role("Mods", permissions=discord.Permissions(manage_messages=True))
    stranger = world.env.create_user("stranger")
    elsewhere.add_member(stranger, roles=[role])
    here = world.guild.add_member(stranger)

    for person in (world.bob, here):
        result = await moderate(world, person, "block", user=world.alice)
        assert "Only this server's moderators" in result.response.content

    assert [entry.action for entry in await record(world)] == ["block"]


async def test_who_may_delete_messages_in_one_channel_moderates_no_server(world: World) -> None:
    overwrite = discord.PermissionOverwrite(manage_messages=True)
    own = world.guild.create_text_channel("own", overwrites={world.alice: overwrite})

    result = await world.alice.slash(own, "moderation block", user=world.bob)

    assert "Only this server's moderators" in result.response.content


@pytest.mark.parametrize("act", ["block", "warn"])
@pytest.mark.parametrize(
    ("who", "whom", "why"),
    [
        ("mona", "mona", "themselves"),
        ("olivia", "olivia", "themselves"),
        ("mona", "olivia", "can manage this server"),
        ("mona", "owner", "can manage this server"),
        ("olivia", "owner", "can manage this server"),
        ("mona", "second", "moderators"),
        ("olivia", "second", None),
        ("owner", "mona", None),
    ],
)
async def test_nobody_is_moderated_by_themselves_nor_a_manager_nor_one_moderator_by_another(
    world: World, act: str, who: str, whom: str, why: str | None
) -> None:
    people = {
        "mona": world.mona,
        "olivia": world.olivia,
        "owner": owner(world),
        "second": member(world, "second", world.guild.roles["Moderators"]),
    }

    result = await moderate(world, people[who], act, user=people[whom])

    assert len(await record(world)) == (why is None)
    if why is not None:
        assert why in result.response.content


async def test_a_blocked_moderator_unblocks_nobody_from_themselves(world: World) -> None:
    await moderate(world, world.olivia, "block", user=world.mona)

    result = await moderate(world, world.mona, "unblock", user=world.mona)

    assert "Nobody unblocks themselves" in result.response.content
    assert (await world.imagine(world.mona)).ephemeral


async def test_a_forged_press_shows_a_member_nothing_of_the_record(world: World) -> None:
    for _ in range(PAGE + 1):
        await moderate(world, world.mona, "warn", user=world.bob)
    page = await moderate(world, world.mona, "log")

    for verb, look in (("older", Look(before=2)), ("csv", Look())):
        custom_id = f"imagine:moderation:{verb}:{look.subject}"
        result = await world.forged(world.alice, page.response, custom_id)
        assert "Only this server's moderators" in result.response.content


# Blocks


async def test_a_blocked_person_is_refused_privately_with_reason_and_end_and_not_charged(
    world: World,
) -> None:
    done = await moderate(
        world, world.mona, "block", user=world.alice, duration="3d", reason="spam *all* day"
    )

    refused = await world.imagine()

    end = world.clock.now() // 1000 + 3 * DAY
    assert f"<@{world.alice.id}> is blocked" in done.response.content
    assert refused.ephemeral
    text = refused.response.content
    assert "This server's moderators have blocked you from making images here until <t:" in text
    assert "“spam \\*all\\* day”" in text
    assert "Nothing was charged" in text
    [found] = set(re.findall(r"<t:([0-9]+):", text))
    assert abs(int(found) - end) < 60
    assert (await world.ledger.recent(world.alice.id, 10), world.provider.inputs) == ([], [])


async def test_a_block_ends_by_itself_and_another_person_never_notices(world: World) -> None:
    await moderate(world, world.mona, "block", user=world.alice, duration="2h")
    assert not (await world.imagine(world.bob)).ephemeral

    await world.env.advance_time(2 * 3600 + 60)

    assert not (await world.imagine(world.alice)).ephemeral


async def test_a_block_without_an_end_lasts_across_a_restart_until_it_is_taken_back(
    world: World,
) -> None:
    await moderate(world, world.mona, "block", user=world.alice)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(400 * DAY)
    refused = await world.imagine()

    done = await moderate(world, world.mona, "unblock", user=world.alice)

    assert "They can take it back" in refused.response.content
    assert "can make images in this server again" in done.response.content
    assert not (await world.imagine()).ephemeral


async def test_unblocking_who_is_not_blocked_says_so_and_is_not_on_record(world: World) -> None:
    result = await moderate(world, world.mona, "unblock", user=world.alice)

    assert "is not blocked" in result.response.content
    assert await record(world) == []


@pytest.mark.parametrize("duration", ["3 weeks", "0d", "-1h", "99999d", "d", "3d2h", "tomorrow"])
async def test_a_duration_that_cannot_be_read_blocks_nobody(world: World, duration: str) -> None:
    result = await moderate(world, world.mona, "block", user=world.alice, duration=duration)

    assert "A duration is a number with m, h, d or w" in result.response.content
    assert await record(world) == []


async def test_a_block_here_is_none_in_another_server(world: World) -> None:
    await moderate(world, world.mona, "block", user=world.alice)

    sanctions = world.bot._storage.sanctions
    await sanctions.admit(world.guild.id + 1, world.alice.id, now=world.clock.now())


@pytest.mark.rules(capacity=Capacity(running=1))
async def test_what_waits_is_canceled_in_words_uncharged_and_what_runs_goes_on(
    world: World,
) -> None:
    world.provider.seconds = 30
    await world.imagine(world.alice, prompt="runs")
    await world.imagine(world.alice, prompt="waits")
    await world.env.advance_time(3)

    done = await moderate(world, world.mona, "block", user=world.alice)
    await world.env.advance_time(3)

    assert "1 request of theirs that waited here will not be bought" in done.response.content
    assert "Canceled by a moderator" in world.content
    await world.env.advance_time(60)
    rows = await world.ledger.recent(world.alice.id, 10)
    assert {(row.request.prompt, row.status.value, row.quota.value) for row in rows} == {
        ("runs", "delivered", "settled"),
        ("waits", "canceled", "released"),
    }
    assert len(world.provider.inputs) == 1


@pytest.mark.rules(capacity=Capacity(running=1))
async def test_what_waits_in_another_server_stays_there(world: World) -> None:
    world.provider.seconds = 30
    await world.imagine(world.bob)
    await world.imagine(world.alice)
    await world.env.advance_time(3)

    waiting = await world.bot._storage.sanctions.block(
        world.guild.id + 1, world.mona.id, world.alice.id, "", until=None, now=world.clock.now()
    )

    assert waiting == []


# Warnings


async def test_a_warning_is_on_record_and_arrives_by_direct_message(world: World) -> None:
    done = await moderate(world, world.mona, "warn", user=world.alice, reason="mind the rules")

    assert "they have a direct message" in done.response.content
    [message] = world.alice.user.dm_channel.history()
    assert "warn you about images" in message.content
    assert "“mind the rules”" in message.content
    [entry] = await record(world)
    assert (entry.action, entry.reason) == (Action.WARN, "mind the rules")
    assert not (await world.imagine()).ephemeral


async def test_a_warning_that_cannot_be_sent_is_on_record_and_the_moderator_told(
    world: World,
) -> None:
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50007)

    done = await moderate(world, world.mona, "warn", user=world.alice)

    assert "was not told" in done.response.content
    assert [entry.action for entry in await record(world)] == ["warn"]


# The record


async def test_the_log_shows_who_did_what_to_whom_newest_first(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "paused", "1")
    await moderate(world, world.mona, "block", user=world.bob, duration="1d", reason="@everyone")

    text = await log_of(world, world.mona)

    first, second = [line for line in text.splitlines() if line.startswith("`")]
    assert first.startswith("`2` <t:")
    assert f"<@{world.mona.id}>: **blocked** · <@{world.bob.id}> · until <t:" in first
    assert "@\u200beveryone" in first
    assert f"<@{world.olivia.id}>: the pause: not set → on" in second


async def test_whatever_was_set_can_be_shown(world: World) -> None:
    for name in (*CHANNEL_SETTINGS, "zone", "a_newer_versions"):
        await world.set_limit(Holder.CHANNEL, world.channel.id, name, "1")
    newer = Act(OPERATOR, Action.SETTING, details={"holder": "emoji", "name": "x"})
    async with world.database.transaction() as connection:
        await keep(connection, world.guild.id, newer, now=world.clock.now())

    page = await moderate(world, world.mona, "log")
    first = shown(page.response)
    await world.mona.click(page.response, label="Older")

    assert "the operator: **setting** · holder: emoji" in first
    assert f"<#{world.channel.id}>" in first + shown(page.response)


async def test_a_person_finds_blocks_and_warnings_in_the_copy_of_their_data(
    world: World,
) -> None:
    await moderate(world, world.mona, "warn", user=world.alice, reason="mind the rules")
    await moderate(world, world.mona, "block", user=world.alice, reason="spam")

    [archive] = await export(world)

    [block] = json.loads(archive.read("blocks.json"))
    changes = json.loads(archive.read("changes.json"))
    assert (block["guild_id"], block["until"], block["reason"]) == (world.guild.id, None, "spam")
    assert [(each["action"], each["about_you"], each["reason"]) for each in changes] == [
        ("warn", 1, "mind the rules"),
        ("block", 1, "spam"),
    ]
    assert str(world.mona.id) not in json.dumps(changes)


async def test_the_log_is_filtered_by_member_action_and_day(world: World) -> None:
    await moderate(world, world.mona, "warn", user=world.alice)
    await moderate(world, world.mona, "warn", user=world.bob)
    await world.env.advance_time(2 * DAY)
    await moderate(world, world.mona, "block", user=world.bob)

    def numbers(text: str) -> list[str]:
        return re.findall(r"^`([0-9]+)`", text, re.MULTILINE)

    assert numbers(await log_of(world, world.mona, member=world.bob)) == ["3", "2"]
    assert numbers(await log_of(world, world.mona, action="warn")) == ["2", "1"]
    assert numbers(await log_of(world, world.mona, **{"from": "1d"})) == ["3"]
    assert numbers(await log_of(world, world.mona, **{"from": "2000-01-01"})) == ["3", "2", "1"]
    assert "Nothing is on record" in await log_of(world, world.mona, action="takedown")
    wrong = await moderate(world, world.mona, "log", **{"from": "yesterday"})
    assert "`from` takes a day" in wrong.response.content


async def test_the_log_has_pages_whose_buttons_work_after_a_restart(world: World) -> None:
    for _ in range(PAGE + 3):
        await world.bot._storage.sanctions.warn(
            world.guild.id, world.mona.id, world.alice.id, "x" * 500, now=world.clock.now()
        )
    page = await moderate(world, world.mona, "log", member=world.alice)
    first = shown(page.response)
    await world.env.restart_bot(world.new_bot())

    await world.mona.click(page.response, label="Older")
    second = shown(page.response)
    await world.mona.click(page.response, label="Newest")

    assert len(first) <= 4000
    assert (first.count("**warned**"), second.count("**warned**")) == (PAGE, 3)
    assert f"`{PAGE + 3}`" in first
    assert "`1`" in second
    assert shown(page.response) == first


async def test_the_record_comes_as_csv_without_a_cell_that_a_spreadsheet_would_run(
    world: World,
) -> None:
    await moderate(world, world.mona, "warn", user=world.alice, reason="=1+1")
    await moderate(world, world.mona, "warn", user=world.bob)
    page = await moderate(world, world.mona, "log", member=world.alice)

    result = await world.mona.click(page.response, label="CSV")

    [attachment] = result.response.attachments
    content = (await attachment.read()).decode("utf-8-sig")
    [line] = list(csv.DictReader(io.StringIO(content)))
    assert (line["action"], line["reason"]) == ("warn", "'=1+1")
    assert (line["by"], line["about"]) == (str(world.mona.id), str(world.alice.id))
    assert "1 line of the record" in result.response.content


async def test_who_was_erased_is_named_nowhere_in_the_log(world: World) -> None:
    await moderate(world, world.mona, "warn", user=world.alice, reason="secret words")
    assert await world.bot.retention.erase(world.alice.id)

    text = await log_of(world, world.mona)

    assert "**warned**" in text
    assert str(world.alice.id) not in text
    assert "secret words" not in text
    [found] = [each async for each in world.bot._storage.audit.chains(world.guild.id)]
    assert found.broken is None


async def test_nothing_of_it_is_in_a_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "bot")
    await moderate(world, world.mona, "block", user=world.alice, reason="secret words")
    await world.imagine()

    assert "secret words" not in caplog.text
    assert str(world.alice.id) not in caplog.text


# The head


async def test_the_head_is_posted_once_a_day_where_the_record_has_grown(world: World) -> None:
    notices = world.guild.create_text_channel("notices")
    await world.set_limit(Holder.GUILD, 0, "notices", str(notices.id))
    await world.bot.heads.post()
    await world.bot.heads.post()
    await moderate(world, world.mona, "warn", user=world.alice)
    await world.bot.heads.post()
    posted = [message.content for message in notices.history()]

    await world.env.advance_time(DAY)
    await world.bot.heads.post()
    await world.env.advance_time(DAY)
    await world.bot.heads.post()

    heads = [message.content for message in notices.history()]
    assert posted == heads[:1]
    assert heads == [
        f"🔗 **This server's record** ends with entry {entry.number}: `{entry.hash}`"
        for entry in reversed(await record(world))
    ]
    assert len(heads) == 2


async def test_a_head_that_did_not_arrive_is_posted_the_next_time(world: World) -> None:
    shut = {world.guild.me: discord.PermissionOverwrite(send_messages=False)}
    notices = world.guild.create_text_channel("notices", overwrites=shut)
    await world.set_limit(Holder.GUILD, 0, "notices", str(notices.id))
    unheard = await world.bot.heads.post()

    open_one = world.guild.create_text_channel("open")
    await world.database.write(
        "update setting set value = :id where name = 'notices'", {"id": str(open_one.id)}
    )
    await world.bot._storage.settings.reload(world.guild.id)
    heard = await world.bot.heads.post()

    assert (unheard, heard) == (0, 1)


async def test_a_server_without_a_channel_for_notices_has_no_head_posted(world: World) -> None:
    await moderate(world, world.mona, "warn", user=world.alice)

    assert await world.bot.heads.post() == 0


async def test_the_installations_record_is_posted_nowhere(world: World) -> None:
    await world.bot._storage.sanctions.block(
        INSTALLATION, 0, world.bob.id, "", until=None, now=world.clock.now()
    )

    assert await world.bot.heads.post() == 0
