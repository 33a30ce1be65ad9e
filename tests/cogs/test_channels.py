"""What a channel's settings decide for whoever asks in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.domain.generation import Status
from bot.domain.guild import Holder
from bot.domain.offer import Offer
from bot.policy import Keep
from bot.replicate import catalogue
from tests.models import QUICK, RETOUCH
from tests.world import MODEL, World, picture

pytestmark = [
    pytest.mark.usefixtures("env"),
    pytest.mark.rules(offer=Offer((*catalogue.load([MODEL]), QUICK, RETOUCH)), confirm_above=None),
]


async def set_here(world: World, name: str, value: str) -> None:
    await world.set_limit(Holder.CHANNEL, world.channel.id, name, value)


async def refused(world: World, who: Any = None, **options: Any) -> str:
    """What is said to the person alone; nothing was bought."""
    result = await world.imagine(who, **options)
    assert result.ephemeral
    assert world.provider.inputs == []
    return str(result.response.content)


async def test_a_channel_that_is_off_says_so(world: World) -> None:
    await set_here(world, "mode", "off")

    assert "switched off in this channel" in await refused(world)


async def test_a_server_that_is_off_is_open_where_a_channel_says_so(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "mode", "off")
    await set_here(world, "mode", "open")

    assert not (await world.imagine()).ephemeral


async def test_a_thread_has_the_settings_of_its_channel(world: World) -> None:
    await set_here(world, "mode", "off")
    world.env.backend.create_thread(world.channel.id, "foxes", world.alice.id)
    [thread] = world.channel.threads

    result = await world.alice.slash(thread, "imagine", prompt="a red fox")

    assert "switched off" in result.response.content


async def a_voice_chat(world: World) -> tuple[Any, int]:
    channel = world.guild.create_voice_channel("lounge")
    return channel, channel.id


async def a_forum_post(world: World) -> tuple[Any, int]:
    forum = world.guild.create_forum_channel("gallery")
    world.env.backend.create_thread(forum.id, "foxes", world.alice.id)
    [post] = forum.threads
    return post, forum.id


async def a_private_thread(world: World) -> tuple[Any, int]:
    world.env.backend.create_thread(world.channel.id, "foxes", world.alice.id, type=12)
    [thread] = world.channel.threads
    return thread, world.channel.id


@pytest.mark.parametrize("place", [a_voice_chat, a_forum_post, a_private_thread])
async def test_voice_chats_posts_and_private_threads_have_settings(
    world: World, place: Callable[[World], Awaitable[tuple[Any, int]]]
) -> None:
    here, set_at = await place(world)
    await world.set_limit(Holder.CHANNEL, set_at, "spoiler", "1")
    await world.alice.slash(here, "imagine", prompt="a red fox")
    await world.env.advance_time(15)
    assert here.last_message.attachments[0].filename.startswith("SPOILER_")

    await world.set_limit(Holder.CHANNEL, set_at, "mode", "off")

    assert (await world.alice.slash(here, "imagine", prompt="a red fox")).ephemeral


async def test_no_setting_opens_a_channel_for_announcements(world: World) -> None:
    news = world.guild.create_news_channel("news")
    await world.set_limit(Holder.CHANNEL, news.id, "mode", "open")

    result = await world.alice.slash(news, "imagine", prompt="a red fox")

    assert result.ephemeral
    assert "announcement channels" in result.response.content


async def test_only_members_with_a_role_and_managers_may_ask(world: World) -> None:
    artists = world.guild.create_role("Artists")
    await set_here(world, "roles", str(artists.id))

    assert f"<@&{artists.id}>" in await refused(world)
    world.env.backend.add_member_role(world.guild.id, world.bob.id, artists.id)
    assert not (await world.imagine(world.bob)).ephemeral
    assert not (await world.imagine(world.olivia)).ephemeral


async def test_the_first_allowed_model_is_the_default_and_others_are_refused_by_name(
    world: World,
) -> None:
    await set_here(world, "models", "maker/quick")

    words = await refused(world, model=MODEL)
    await world.imagine()

    assert "Choose from: Quick." in words
    assert world.provider.models == ["maker/quick"]


async def test_forced_privacy_makes_every_reply_private_and_says_from_whom(world: World) -> None:
    await set_here(world, "privacy", "forced")

    result = await world.imagine()
    await world.env.advance_time(15)

    assert result.ephemeral
    assert (await world.row()).request.private
    assert "private from members, not from this server's moderators" in result.response.content


async def test_a_private_reply_is_refused_where_replies_are_for_everybody(world: World) -> None:
    await set_here(world, "privacy", "forbidden")

    assert "leave `private` out" in await refused(world, private=True)
    assert not (await world.imagine()).ephemeral


async def test_images_of_a_channel_are_spoilers_and_when_they_are_sent_again(world: World) -> None:
    await set_here(world, "spoiler", "1")

    await world.imagine()
    await world.env.advance_time(15)
    again = await world.alice.click(await world.found_again(), label="Send again")

    assert [each.filename[:8] for each in world.message.attachments] == ["SPOILER_"]
    assert [each.filename[:8] for each in again.response.attachments] == ["SPOILER_"]


async def test_it_is_a_spoiler_too_when_a_restart_delivers_it(world: World) -> None:
    await set_here(world, "spoiler", "1")
    await world.imagine()
    await set_here(world, "spoiler", "0")

    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(15)

    assert world.message.attachments[0].filename.startswith("SPOILER_imagine-")


async def test_pictures_are_refused_where_none_are_taken(world: World) -> None:
    await set_here(world, "sources", "off")

    words = await refused(world, model="maker/retouch", image=("fox.jpg", picture()))

    assert "nothing is made of pictures" in words


@pytest.mark.parametrize(("author", "taken"), [("alice", True), ("bob", False)])
async def test_without_a_setting_ones_own_messages_pictures_are_used_and_not_anothers(
    world: World, author: str, *, taken: bool
) -> None:
    message = await getattr(world, author).send(
        world.channel, "look", attachments=[("fox.jpg", picture())]
    )
    asked = await world.alice.context_menu(world.channel, "Use as input", message)

    result = await world.alice.submit_modal(asked, {"prompt": "make it snow"})
    await world.env.advance_time(15)

    assert bool(world.provider.inputs) == taken
    if not taken:
        assert "not those of other people's messages" in result.response.content


async def test_an_image_of_the_bots_may_be_used_by_anybody(world: World) -> None:
    await world.imagine(world.bob)
    await world.env.advance_time(15)
    asked = await world.alice.context_menu(world.channel, "Use as input", world.message)

    await world.alice.submit_modal(asked, {"prompt": "make it snow"})
    await world.env.advance_time(15)

    assert world.provider.models == [MODEL, "maker/retouch"]


async def test_lenient_is_refused_with_the_reason_where_a_channel_is_not_age_restricted(
    world: World,
) -> None:
    words = await refused(world, safety_filter_level="block_only_high")

    assert "only for age-restricted channels" in words


async def test_what_was_left_out_is_medium_though_the_model_is_lenient_and_the_reply_says_it(
    world: World,
) -> None:
    await world.imagine()
    await world.env.advance_time(15)

    assert world.provider.inputs[-1]["safety_filter_level"] == "block_medium_and_above"
    assert "medium filter" in world.content


async def test_lenient_is_there_where_the_channel_is_set_so(world: World) -> None:
    await set_here(world, "lenient", "1")

    await world.imagine(safety_filter_level="block_only_high")

    assert world.provider.inputs[-1]["safety_filter_level"] == "block_only_high"


async def test_where_direct_messages_are_off_an_image_that_cannot_be_shown_is_kept(
    world: World,
) -> None:
    await set_here(world, "direct", "0")
    await world.imagine(private=True)
    world.env.inject_error("PATCH", "/webhooks/*", status=401, code=50027, times=None)
    await world.env.advance_time(10)

    assert world.alice.user.dm_channel is None or world.alice.user.dm_channel.history() == []
    assert (await world.row()).status is Status.KEPT


async def test_a_long_wait_is_not_mentioned_where_the_channel_says_so(world: World) -> None:
    await set_here(world, "mention", "0")
    world.provider.seconds = 90

    await world.imagine()
    await world.env.advance_time(300)

    assert len(world.channel.history()) == 1


async def stored(world: World) -> int:
    return len(list(world.shelf.glob("*-0.*")))


async def test_a_channels_images_are_kept_for_as_long_as_it_says(world: World) -> None:
    other = world.guild.create_text_channel("other")
    await set_here(world, "keep_days", "2")
    await world.imagine()
    await world.alice.slash(other, "imagine", prompt="a red fox")
    await world.env.advance_time(15)

    await world.bot.retention.pass_over(Keep(images=30))
    before = await stored(world)
    await world.env.advance_time(3 * 24 * 3600)
    await world.bot.retention.pass_over(Keep(images=30))

    assert (before, await stored(world)) == (2, 1)


async def test_a_servers_time_holds_where_a_channel_says_nothing(world: World) -> None:
    other = world.guild.create_text_channel("other")
    await set_here(world, "keep_days", "20")
    await world.set_limit(Holder.GUILD, 0, "keep_days", "2")
    await world.imagine()
    await world.alice.slash(other, "imagine", prompt="a red fox")
    await world.env.advance_time(15)
    await world.env.advance_time(3 * 24 * 3600)

    await world.bot.retention.pass_over(Keep(images=None))

    assert await stored(world) == 1


async def test_what_has_not_ended_is_never_swept(world: World) -> None:
    await set_here(world, "keep_days", "0")
    world.env.inject_error("PATCH", "/webhooks/*", status=503, code=0, times=None)
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=503, code=0, times=None)
    await world.imagine()
    await world.env.advance_time(15)

    await world.bot.retention.pass_over(Keep(images=None))

    assert await stored(world) == 1
