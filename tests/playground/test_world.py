"""What people can do in the playground, and what they are told when they cannot."""

from __future__ import annotations

from typing import Any

import pytest

from playground.world import World
from tests.playground.puppet import Puppet, member, refusal

COMMANDS: list[dict[str, Any]] = [
    {
        "name": "imagine",
        "description": "Make an image",
        "options": [
            {
                "type": 3,
                "name": "prompt",
                "description": "What",
                "required": True,
                "min_length": 1,
                "max_length": 20,
            },
            {
                "type": 3,
                "name": "shape",
                "description": "Which",
                "choices": [{"name": "Square", "value": "1:1"}, {"name": "Wide", "value": "16:9"}],
            },
            {
                "type": 4,
                "name": "count",
                "description": "How many",
                "min_value": 1,
                "max_value": 4,
            },
            {"type": 5, "name": "private", "description": "Whether"},
        ],
    },
    {
        "name": "staff",
        "description": "For moderators",
        "default_member_permissions": str(1 << 13),
        "options": [{"type": 1, "name": "queue", "description": "Look", "options": []}],
    },
]
BUTTONS = [
    {
        "type": 1,
        "components": [
            {"type": 2, "style": 2, "label": "Stop", "custom_id": "stop"},
            {"type": 2, "style": 2, "label": "Off", "custom_id": "off", "disabled": True},
        ],
    }
]


@pytest.fixture
def bot(world: World) -> Puppet:
    return Puppet(world, COMMANDS)


def test_five_people_share_two_channels_and_moderators_have_one_of_their_own(world: World) -> None:
    assert {person["name"]: person["role"] for person in world.people} == {
        "Olivia": "owner",
        "Mona": "moderator",
        "Max": "member",
        "Nia": "newcomer",
        "Milo": "second moderator",
    }
    for role, hidden in (("member", 0), ("moderator", 1), ("second moderator", 1), ("owner", 1)):
        places = world.places.seen_by(member(world, role))
        names = [place["name"] for place in places if place["kind"] != "dm"]
        assert names == ["imagine", "general", *["moderators"] * hidden]


async def test_the_moderators_channel_cannot_be_entered_by_others(world: World) -> None:
    desk = world.channels[2]["id"]

    await world.say(member(world, "moderator"), desk, "between us")

    assert world.messages(desk, member(world)) == []
    assert "no longer there" in await refusal(world.say(member(world), desk, "hello?"))


async def test_a_command_arrives_with_typed_options(
    world: World, bot: Puppet, channel: str
) -> None:
    typed = {"prompt": "a fox", "shape": "16:9", "count": "3", "private": "True"}
    await world.invoke(member(world), channel, "imagine", typed)

    data = bot.heard[0]["data"]
    assert {option["name"]: option["value"] for option in data["options"]} == {
        "prompt": "a fox",
        "shape": "16:9",
        "count": 3,
        "private": True,
    }
    assert bot.heard[0]["member"]["user"]["id"] == member(world)
    assert bot.heard[0]["attachment_size_limit"] == 10 * 1024 * 1024


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Fill in “prompt”: /imagine requires it."),
        ({"prompt": ""}, "“prompt” takes 1 to 20 characters; this is 0."),
        ({"prompt": "x" * 21}, "“prompt” takes 1 to 20 characters; this is 21."),
        (
            {"prompt": "x", "shape": "2:1"},
            "“shape” must be one of: Square (1:1), Wide (16:9).",
        ),
        ({"prompt": "x", "count": "5"}, "“count” must be a number from 1 to 4."),
        ({"prompt": "x", "count": "many"}, "“count” must be a whole number."),
        ({"prompt": "x", "private": "maybe"}, "“private” must be true or false."),
        ({"prompt": "x", "colour": "red"}, "/imagine has no option “colour”."),
    ],
)
async def test_what_discords_client_would_not_send_is_explained(
    world: World, bot: Puppet, channel: str, typed: dict[str, str], sentence: str
) -> None:
    assert await refusal(world.invoke(member(world), channel, "imagine", typed)) == sentence
    assert bot.heard == []


async def test_commands_follow_permissions(world: World, bot: Puppet, channel: str) -> None:
    def offered(role: str) -> list[str]:
        return [command["name"] for command in world.commands(member(world, role), channel)]

    assert offered("member") == ["imagine"]
    assert offered("moderator") == offered("owner") == ["imagine", "staff"]
    missing = await refusal(world.invoke(member(world), channel, "staff queue", {}))
    assert missing == "There is no command /staff here."


async def test_a_subcommand_is_named_after_its_command(
    world: World, bot: Puppet, channel: str
) -> None:
    moderator = member(world, "moderator")
    await world.invoke(moderator, channel, "staff queue", {})

    assert bot.heard[0]["data"]["options"] == [{"name": "queue", "type": 1, "options": []}]
    for name, sentence in (
        ("staff", "/staff needs one of its subcommands, such as “queue”."),
        ("staff lost", "There is no command /staff lost."),
    ):
        assert await refusal(world.invoke(moderator, channel, name, {})) == sentence


async def test_silence_is_told_as_discord_tells_it(world: World, bot: Puppet, channel: str) -> None:
    bot.answer = None
    told = await refusal(world.invoke(member(world), channel, "imagine", {"prompt": "x"}))

    assert told == "The application did not respond"


async def test_a_whisper_is_seen_and_announced_to_its_recipient_only(
    world: World, bot: Puppet, channel: str
) -> None:
    gateway, page = list[str](), list[str]()
    world.backend.subscribers.append(lambda event, _: gateway.append(event))
    world.subscribe(lambda event, _: page.append(event))
    bot.answer = {"type": 4, "data": {"content": "hush", "flags": 64}}
    await world.invoke(member(world), channel, "imagine", {"prompt": "x"})

    assert [message["content"] for message in world.messages(channel, member(world))] == ["hush"]
    assert world.messages(channel, member(world, "owner")) == []
    assert page == ["MESSAGE_CREATE", "INTERACTION_CREATE"]
    assert gateway == ["INTERACTION_CREATE"]


async def test_a_whisper_is_dismissed_for_its_recipient(
    world: World, bot: Puppet, channel: str
) -> None:
    bot.answer = {"type": 4, "data": {"content": "hush", "flags": 64}}
    await world.invoke(member(world), channel, "imagine", {"prompt": "x"})
    whisper = world.messages(channel, member(world))[0]["id"]

    stranger = await refusal(world.delete(member(world, "owner"), channel, whisper))
    await world.delete(member(world), channel, whisper)

    assert stranger == "That message is no longer there."
    assert world.messages(channel, member(world)) == []


async def test_a_button_reaches_the_bot_with_its_message(
    world: World, bot: Puppet, channel: str
) -> None:
    bot.answer = {"type": 4, "data": {"content": "running", "components": BUTTONS}}
    await world.invoke(member(world), channel, "imagine", {"prompt": "x"})
    message = world.messages(channel, member(world))[0]
    button = message["components"][0]["components"][0]
    bot.answer = {"type": 6}
    await world.click(member(world, "owner"), channel, message["id"], "stop")

    pressed = bot.heard[1]
    assert pressed["data"] == {"custom_id": "stop", "component_type": 2, "id": button["id"]}
    assert pressed["message"]["id"] == message["id"]
    assert pressed["member"]["user"]["id"] == member(world, "owner")


@pytest.mark.parametrize(
    ("custom_id", "sentence"),
    [
        ("off", "That button cannot be pressed now."),
        ("gone", "That button is no longer there."),
    ],
)
async def test_a_button_that_cannot_be_pressed_is_not(
    world: World, bot: Puppet, channel: str, custom_id: str, sentence: str
) -> None:
    bot.answer = {"type": 4, "data": {"content": "running", "components": BUTTONS}}
    await world.invoke(member(world), channel, "imagine", {"prompt": "x"})
    message = world.messages(channel, member(world))[0]["id"]

    assert await refusal(world.click(member(world), channel, message, custom_id)) == sentence
    assert len(bot.heard) == 1


async def test_a_whispers_button_is_its_recipients(world: World, bot: Puppet, channel: str) -> None:
    bot.answer = {"type": 4, "data": {"content": "hush", "flags": 64, "components": BUTTONS}}
    await world.invoke(member(world), channel, "imagine", {"prompt": "x"})
    message = world.messages(channel, member(world))[0]["id"]

    stranger = await refusal(world.click(member(world, "owner"), channel, message, "stop"))

    assert stranger == "That message is no longer there."


async def test_people_talk_and_moderators_delete(world: World, channel: str) -> None:
    await world.say(member(world, "owner"), channel, "hello")
    message = world.messages(channel, member(world))[0]["id"]

    denied = await refusal(world.delete(member(world), channel, message))
    assert denied == "You may not do that here."
    await world.delete(member(world, "moderator"), channel, message)
    assert world.messages(channel, member(world)) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" \n", "Type something first."),
        ("x" * 2001, "A message takes up to 2,000 characters."),
    ],
)
async def test_a_message_has_discords_limits(
    world: World, channel: str, text: str, sentence: str
) -> None:
    assert await refusal(world.say(member(world), channel, text)) == sentence


@pytest.mark.parametrize("stranger", ["1", "", "Max", "-7"])
async def test_strangers_cannot_act(world: World, channel: str, stranger: str) -> None:
    assert await refusal(world.say(stranger, channel, "hi")) == "Nobody here has that id."
    assert await refusal(world.invoke(stranger, channel, "x", {})) == "Nobody here has that id."


@pytest.mark.parametrize("nowhere", ["1", "", "imagine"])
async def test_a_channel_that_is_not_there_is_explained(
    world: World, bot: Puppet, nowhere: str
) -> None:
    sentence = "That channel is no longer there."

    assert await refusal(world.say(member(world), nowhere, "hi")) == sentence
    assert await refusal(world.click(member(world), nowhere, "1", "stop")) == sentence
    ask = world.invoke(member(world), nowhere, "imagine", {"prompt": "x"})
    assert await refusal(ask) == sentence


async def test_an_unsubscribed_listener_hears_no_more(world: World, channel: str) -> None:
    heard = list[str]()
    leave = world.subscribe(lambda event, _: heard.append(event))
    await world.say(member(world), channel, "one")
    leave()
    leave()
    await world.say(member(world), channel, "two")

    assert heard == ["MESSAGE_CREATE"]
