"""Saved images: who saves what, who sees it from where, and how it ends."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.domain.act import Sought
from bot.domain.generation import RemovedBy
from bot.domain.guild import Holder
from bot.moderation.takedown import Named, Takedown
from bot.policy import Keep
from bot.storage import saved as storage
from tests.cogs.test_desk import HIDDEN, SHOWN, restarted, reviewed
from tests.cogs.test_history import (
    components,
    copied,
    labels,
    made,
    opened,
    press,
    prompts,
    texts,
    thumbnails,
)
from tests.cogs.test_image import remove
from tests.cogs.test_me import delete as erase
from tests.shelf import aged
from tests.turns import PLENTY
from tests.world import World

pytestmark = [pytest.mark.usefixtures("env"), pytest.mark.rules(capacity=PLENTY, person=1000)]

DAY = 24 * 3600


async def switched_on(world: World, value: str | None = "1") -> None:
    await world.set_limit(Holder.GUILD, 0, "saving", value)


async def details(world: World, who: Any = None) -> Any:
    """Of the channel's last image."""
    message = [m for m in world.channel.history(viewer=world.bob) if not m.flags.ephemeral][-1]
    return (await (who or world.alice).click(message, label="More")).response


async def save(world: World, who: Any = None) -> str:
    """By the button in the details; what is said."""
    panel = await details(world, who)
    return str((await press(world, panel, "Save", who)).response.content)


async def saved(world: World, *prompts: str, **options: Any) -> None:
    """Made and saved by Alice, where that is on."""
    await switched_on(world)
    for prompt in prompts or ("a red fox",):
        await made(world, prompt, **options)
        assert "Saved" in await save(world)


async def here(world: World, who: Any = None, channel: Any = None) -> Any:
    """The second tab."""
    panel = await opened(world, who or world.bob, channel)
    await press(world, panel, "Saved here", who or world.bob)
    return panel


def buttons(panel: Any) -> list[str]:
    """Of a message that is not a panel."""
    return [each["label"] for row in panel.components for each in row["components"]]


async def forged(world: World, who: Any, verb: str, subject: str, channel: Any = None) -> str:
    """A press of a button that this person was never shown; what is said."""
    panel = await opened(world, who, channel)
    stored = world.env.backend.get_message(panel.channel_id, panel.id)
    button = next(b for b in components(stored) if b.get("label") == "Filter")
    button["custom_id"] = f"imagine:saved:{verb}:{subject}"
    result = await world.forged(who, panel, button["custom_id"])
    return str(result.response.content)


async def subject(world: World) -> str:
    [made] = await world.history()
    return f"{made.ids[0]}-0"


async def count(world: World) -> int:
    [found] = await world.database.read("select count(*) from saved where barred = 0", {})
    return int(found[0])


def files(world: World) -> list[str]:
    return sorted(each.name for each in world.shelf.iterdir())


# --- the switch


async def test_it_is_off_until_a_manager_switches_it_on(world: World) -> None:
    await made(world, "a red fox")

    assert "Saved here" not in labels(await opened(world))
    assert "Save" not in buttons(await details(world))
    assert "not saved in this server" in await forged(
        world, world.alice, "save", await subject(world)
    )

    await switched_on(world)
    assert "Saved here" in labels(await opened(world))
    assert "Save" in buttons(await details(world))


async def test_switched_off_again_nobody_sees_what_was_saved(world: World) -> None:
    await saved(world)
    panel = await here(world)
    await switched_on(world, None)

    await press(world, panel, "✓ Saved here", world.bob)

    assert prompts(panel) == []
    assert "Saved here" not in labels(panel)


async def test_a_channel_may_be_left_out(world: World) -> None:
    await switched_on(world)
    await world.set_limit(Holder.CHANNEL, world.channel.id, "saving", "0")
    await made(world, "a red fox")

    assert "Save" not in buttons(await details(world))


# --- saving


async def test_a_saved_image_is_shown_to_members_with_who_made_it(world: World) -> None:
    await saved(world, "a red fox", "a blue fox")
    await restarted(world)

    panel = await here(world)

    assert prompts(panel) == ["a blue fox", "a red fox"]
    assert f"by <@{world.alice.id}>" in texts(panel)
    assert [each["description"] for each in thumbnails(panel)] == ["a blue fox", "a red fox"]
    await filtered_by(world, panel, text="RED")
    assert prompts(panel) == ["a red fox"]


async def filtered_by(world: World, panel: Any, **said: str) -> None:
    form = await press(world, panel, "Filter", world.bob)
    await world.bob.submit_modal(form, said)


async def test_it_is_saved_and_taken_out_in_history_too(world: World) -> None:
    await switched_on(world)
    await made(world, "a red fox")
    panel = await opened(world)
    await press(world, panel, "Image 1")

    await press(world, panel, "Save")
    assert "Saved: everybody" in texts(panel)
    assert "Unsave" in labels(panel)
    await restarted(world)
    await press(world, panel, "Unsave")
    assert "Taken out" in texts(panel)
    assert "Save" in labels(panel)
    assert await count(world) == 0


async def test_one_of_several_is_saved(world: World) -> None:
    await switched_on(world)
    await made(world, "foxes", count=3)
    panel = await opened(world)
    await press(world, panel, "Image 1")

    await press(world, panel, "Save image 2")

    assert "Unsave image 2" in labels(panel)
    [each] = await world.bot._storage.saved.of_guild(world.guild.id)
    assert each.row.request.ordinal == 1


async def test_saved_twice_it_is_there_once(world: World) -> None:
    await saved(world)

    assert "already" in await forged(world, world.alice, "save", await subject(world))
    assert await count(world) == 1


async def test_only_whoever_asked_saves(world: World) -> None:
    await switched_on(world)
    await made(world, "a red fox")

    for who in (world.bob, world.mona, world.olivia):
        assert "Save" not in buttons(await details(world, who))
        assert "Only the person" in await forged(world, who, "save", await subject(world))
    assert await count(world) == 0


@pytest.mark.parametrize("wrong", ["", "x", "1-0", "1-0-0", "9" * 30 + "-0-0", "1-0-99"])
async def test_what_is_no_image_is_not_saved(world: World, wrong: str) -> None:
    await switched_on(world)

    assert "cannot be saved" in await forged(world, world.alice, "save", wrong.replace("x", "y"))


async def test_a_private_image_is_not_saved(world: World) -> None:
    await switched_on(world)
    await made(world, "a red fox", private=True)
    panel = await opened(world)
    await press(world, panel, "Image 1")
    assert "Save" not in labels(panel)

    assert "cannot be saved" in await forged(world, world.alice, "save", await subject(world))


async def test_a_reviewed_image_is_saved_once_it_is_published(world: World) -> None:
    await switched_on(world)
    desk = await reviewed(world)
    await made(world, "a red fox")
    row = await world.row()
    assert "cannot be saved" in await forged(world, world.alice, "save", f"{row.id}-0")

    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(5)

    assert "Saved" in await forged(world, world.alice, "save", f"{row.id}-0")


async def test_an_image_of_another_server_is_not_saved_from_here(world: World) -> None:
    await switched_on(world)
    await made(world, "a red fox")
    elsewhere = world.env.create_guild()
    there = elsewhere.create_text_channel("there")
    alice = elsewhere.add_member(world.alice.user)

    said = await forged(world, alice, "save", await subject(world), there)

    assert "cannot be saved" in said
    assert await count(world) == 0


@pytest.mark.parametrize("private", [True, False])
async def test_an_image_of_a_thread_is_saved_unless_that_is_private(
    world: World, private: bool
) -> None:
    await switched_on(world)
    world.env.backend.create_thread(world.channel.id, "foxes", world.alice.id)
    [thread] = world.channel.threads
    await world.alice.slash(thread, "imagine", prompt="a red fox")
    await world.env.advance_time(15)
    if private:
        world.env.backend.channels[thread.id].type = discord.ChannelType.private_thread.value

    said = await forged(world, world.alice, "save", await subject(world))

    assert ("private thread" in said) is private
    assert await count(world) == (not private)


async def test_a_full_server_says_so_and_keeps_what_it_has(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MOST_SAVED", 1)
    await saved(world, "a red fox")
    await made(world, "a blue fox")

    assert "that many are there" in await save(world)
    assert prompts(await here(world)) == ["a red fox"]


# --- who sees it


async def test_an_image_of_a_channel_that_one_cannot_see_is_not_shown(world: World) -> None:
    await switched_on(world)
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    overwrites: dict[Any, discord.PermissionOverwrite] = {
        guild.default_role: HIDDEN,
        world.bot.user: SHOWN,
        world.alice: SHOWN,
    }
    hidden = world.guild.create_text_channel("hidden", overwrites=overwrites)
    await world.alice.slash(hidden, "imagine", prompt="a secret")
    await world.env.advance_time(15)
    assert "Saved" in await forged(world, world.alice, "save", await subject(world))

    assert prompts(await here(world, world.alice)) == ["a secret"]
    assert prompts(await here(world, world.bob)) == []


async def test_an_image_of_an_age_restricted_channel_is_shown_in_one_only(world: World) -> None:
    channel = world.bot.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    channel.nsfw = True  # SimCord's channels know no age restriction
    await saved(world)
    other = world.guild.create_text_channel("other")

    assert prompts(await here(world)) == ["a red fox"]
    assert prompts(await here(world, channel=other)) == []
    channel.nsfw = False  # what was made there stays what it was
    assert prompts(await here(world)) == []


async def test_other_servers_see_nothing_of_it(world: World) -> None:
    await saved(world)
    elsewhere = world.env.create_guild()
    there = elsewhere.create_text_channel("there")
    bob = elsewhere.add_member(world.bob.user)

    panel = await opened(world, bob, there)

    assert "Saved here" not in labels(panel)


async def test_a_member_sees_one_saved_image_and_does_nothing_about_it(world: World) -> None:
    await saved(world)
    panel = await here(world)

    await press(world, panel, "Image 1", world.bob)
    assert labels(panel) == ["Open message", "Back"]
    await press(world, panel, "Back", world.bob)
    assert prompts(panel) == ["a red fox"]


# --- how it ends


async def test_a_moderator_takes_it_out_on_record_and_it_is_not_put_back(world: World) -> None:
    await saved(world)
    panel = await here(world, world.mona)
    await press(world, panel, "Image 1", world.mona)

    await press(world, panel, "Unsave", world.mona)

    assert await count(world) == 0
    assert "Save" not in buttons(await details(world, world.mona))
    assert "A moderator took" in await save(world)
    [entry] = await world.bot._storage.audit.entries(
        world.guild.id, Sought(action="unsave"), limit=9
    )
    people = await world.bot._storage.aliases.people([entry.actor or 0, entry.subject or 0])
    assert people == {entry.actor: world.mona.id, entry.subject: world.alice.id}


async def test_another_member_does_not_take_it_out(world: World) -> None:
    await saved(world)

    assert "Only the person" in await forged(world, world.bob, "unsave", await subject(world))
    assert await count(world) == 1


async def test_a_moderator_of_another_server_does_not_either(world: World) -> None:
    await saved(world)
    elsewhere = world.env.create_guild()
    there = elsewhere.create_text_channel("there")
    role = elsewhere.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    olivia = elsewhere.add_member(world.olivia.user, roles=[role])

    said = await forged(world, olivia, "unsave", await subject(world), there)

    assert "Only the person" in said
    assert await count(world) == 1


async def test_removed_by_a_moderator_it_is_saved_no_more(world: World) -> None:
    await saved(world)
    message = [m for m in world.channel.history(viewer=world.bob) if not m.flags.ephemeral][-1]

    await remove(world, message)

    assert await count(world) == 0
    assert prompts(await here(world)) == []


async def test_deleted_or_erased_it_is_saved_no_more(world: World) -> None:
    await saved(world, "a red fox", "a blue fox")
    panel = await here(world)
    number = (await world.history())[0].spot.interaction_id
    now = world.clock.now()
    await world.bot._storage.removals.remove(number, RemovedBy.REQUESTER, until=now, now=now)
    await press(world, panel, "✓ Saved here", world.bob)
    assert prompts(panel) == ["a red fox"]

    await erase(world)

    await press(world, panel, "✓ Saved here", world.bob)
    assert prompts(panel) == []
    assert await count(world) == 0
    assert files(world) == []


async def test_taken_down_it_is_gone_with_its_thumbnail(world: World) -> None:
    await saved(world)
    panel = await here(world)
    store = world.bot._storage
    takedown = Takedown(store, _store(world), world.folder / "evidence")
    number = (await world.history())[0].spot.interaction_id

    await takedown.carry_out(Named(number=number), reason="", hold=False, now=world.clock.now())

    await press(world, panel, "✓ Saved here", world.bob)
    assert prompts(panel) == []
    assert files(world) == []


def _store(world: World) -> Any:
    from bot.pictures.store import store_of

    return store_of(world.database, world.folder / "images")


async def test_bytes_that_are_refused_have_no_thumbnail(world: World) -> None:
    await made(world, "a red fox")
    [output] = (await world.row()).outputs
    await world.bot._storage.takedowns.refuse([output.sha256], now=0)

    assert thumbnails(await opened(world)) == []


async def test_a_thumbnail_names_its_image_to_a_takedown(world: World) -> None:
    import hashlib

    await made(world, "a red fox")
    await opened(world)
    [small] = [each for each in files(world) if each.endswith(".small.webp")]
    content = (world.shelf / small).read_bytes()

    found = await world.bot._storage.takedowns.showing([hashlib.sha256(content).hexdigest()])

    assert found == {(await world.row()).request.interaction_id}


@pytest.mark.parametrize("by_channel", [True, False])
async def test_a_saved_image_outlives_its_days_and_no_longer(
    world: World, by_channel: bool
) -> None:
    await saved(world, "saved")
    await made(world, "not saved")
    await opened(world)
    assert len(files(world)) == 4
    if by_channel:
        await world.set_limit(Holder.GUILD, 0, "keep_days", "2")
    await _aged(world, 3)
    keep = Keep(images=None if by_channel else 2, prompts=None)

    await world.bot.retention.pass_over(keep)
    assert prompts(await opened(world)) == ["saved"]
    assert len(files(world)) == 2

    await switched_on(world, None)
    await world.bot.retention.pass_over(keep)
    assert files(world) == []
    await world.bot.retention.pass_over(keep)
    assert await count(world) == 0


async def _aged(world: World, days: int) -> None:

    await world.env.advance_time(days * DAY)
    then = world.clock.now() / 1000 - days * DAY - 60
    for each in world.shelf.iterdir():
        aged(each, then)


async def test_pages_of_what_is_saved_go_both_ways(world: World) -> None:
    await switched_on(world)
    await made(world, "fox 0")
    await copied(world, 11, "fox #")
    for each in await world.history():
        await world.bot._storage.saved.save(
            each.ids[0], 0, world.alice.id, restricted=False, now=each.spot.at
        )
    panel = await here(world)
    found = [prompts(panel)]

    for label in ("Older", "Older", "Newer", "Newer"):
        await press(world, panel, label, world.bob)
        found.append(prompts(panel))

    first, second = [f"fox {n}" for n in range(11, 6, -1)], [f"fox {n}" for n in range(6, 1, -1)]
    assert found == [first, second, ["fox 1", "fox 0"], second, first]
