"""Nonces, closed direct messages and archived threads, as Discord has them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from playground.world import World, WorldError
from tests.playground.place import PATIENCE, Place, ShiftedClock, SmallBot, command, open_place


@pytest.fixture
async def shifted() -> AsyncIterator[tuple[Place, ShiftedClock]]:
    clock = ShiftedClock()
    async with open_place(World.create(clock)) as place:
        yield place, clock


async def post(place: Place, channel: str, **body: Any) -> tuple[int, Any]:
    return await place.call("POST", f"/channels/{channel}/messages", json={"content": "x", **body})


async def test_an_enforced_nonce_returns_the_message_that_it_made(place: Place) -> None:
    said: list[Any] = []
    place.world.subscribe(lambda event, payload: said.append((event, payload.get("nonce"))))
    _, first = await post(place, place.channel, nonce="a1", enforce_nonce=True)
    _, second = await post(place, place.channel, nonce="a1", enforce_nonce=True, content="y")

    assert first["id"] == second["id"]
    assert first["nonce"] == second["nonce"] == "a1"
    assert len(place.seen()) == 1
    assert said == [("MESSAGE_CREATE", "a1")]


async def test_a_nonce_that_is_not_enforced_is_only_echoed(place: Place) -> None:
    _, first = await post(place, place.channel, nonce="a1")
    _, second = await post(place, place.channel, nonce="a1")

    assert first["id"] != second["id"]
    assert second["nonce"] == "a1"


async def test_a_nonce_is_forgotten_after_a_few_minutes(
    shifted: tuple[Place, ShiftedClock],
) -> None:
    place, clock = shifted
    _, first = await post(place, place.channel, nonce="a1", enforce_nonce=True)
    clock.advance(301)
    _, second = await post(place, place.channel, nonce="a1", enforce_nonce=True)

    assert first["id"] != second["id"]


async def test_a_nonce_has_at_most_25_characters(place: Place) -> None:
    status, body = await post(place, place.channel, nonce="x" * 26)

    assert (status, body["code"]) == (400, 50035)


async def dm(place: Place) -> str:
    _, line = await place.call("POST", "/users/@me/channels", json={"recipient_id": place.person})
    return str(line["id"])


async def test_a_person_reads_what_the_bot_writes_to_them_and_nobody_else_does(
    place: Place,
) -> None:
    line = await dm(place)
    _, made = await post(place, line, content="for you")

    entry = place.world.places.seen_by(place.person)[-1]
    assert entry == {
        "id": line,
        "name": "Imagine",
        "kind": "dm",
        "state": "open",
        "last": made["id"],
    }
    assert [m["content"] for m in place.world.messages(line, place.person)] == ["for you"]
    assert place.world.messages(line, place.world.people[0]["id"]) == []


async def test_closed_direct_messages_say_50007(place: Place) -> None:
    line = await dm(place)
    place.world.places.take_messages(place.person, open=False)
    refused = await post(place, line)
    place.world.places.take_messages(place.person, open=True)
    taken = await post(place, line)

    assert (refused[0], refused[1]["code"]) == (403, 50007)
    assert taken[0] == 200


async def test_a_button_in_a_direct_message_can_be_pressed(place: Place) -> None:
    bot, line = SmallBot(), await dm(place)
    button = {"type": 2, "style": 2, "label": "Go", "custom_id": "go"}
    _, message = await post(place, line, components=[{"type": 1, "components": [button]}])
    heard: list[Any] = []

    async def on_interaction(interaction: Any) -> None:
        heard.append((interaction.guild_id, interaction.user.id))
        await interaction.response.defer()

    bot.event(on_interaction)
    async with place.running(bot):
        await place.world.click(place.person, line, message["id"], "go")

    assert heard == [(None, int(place.person))]


async def thread(place: Place, state: str | None = None) -> tuple[str, str]:
    """A thread with one message of the bot's: the ids of both."""
    made = place.world.places.start_thread(place.person, place.channel, "foxes")
    _, message = await post(place, made)
    if state:
        place.world.places.change_thread(made, state)
    return made, message["id"]


def state(place: Place, made: str) -> str:
    entries = place.world.places.seen_by(place.person)
    return str(next(entry["state"] for entry in entries if entry["id"] == made))


async def test_a_message_in_an_archived_thread_cannot_be_edited(place: Place) -> None:
    made, message = await thread(place, "archive")
    path = f"/channels/{made}/messages/{message}"
    status, body = await place.call("PATCH", path, json={"content": "y"})

    assert (status, body["code"]) == (400, 50083)
    assert state(place, made) == "archived"


async def test_posting_reopens_an_archived_thread(place: Place) -> None:
    made, _ = await thread(place, "archive")

    assert (await post(place, made))[0] == 200
    assert state(place, made) == "open"


async def test_the_bot_may_reopen_a_thread_that_is_not_locked(place: Place) -> None:
    made, message = await thread(place, "archive")
    status, _ = await place.call("PATCH", f"/channels/{made}", json={"archived": False})
    edited, _ = await place.call(
        "PATCH", f"/channels/{made}/messages/{message}", json={"content": "y"}
    )

    assert (status, edited) == (200, 200)
    assert state(place, made) == "open"


async def test_a_locked_thread_stays_closed_to_the_bot_and_to_people(place: Place) -> None:
    made, _ = await thread(place, "lock")
    posted, body = await post(place, made)
    reopened, refusal = await place.call("PATCH", f"/channels/{made}", json={"archived": False})
    with pytest.raises(WorldError, match="locked"):
        await place.world.say(place.person, made, "hello")

    assert (posted, body["code"]) == (400, 50083)
    assert (reopened, refusal["code"]) == (403, 50013)
    assert state(place, made) == "locked"


async def test_a_reply_in_a_thread_that_was_archived_meanwhile_cannot_be_edited(
    place: Place,
) -> None:
    bot, seen, done = SmallBot(), list[int](), asyncio.Event()

    async def draw(interaction: Any) -> None:
        await interaction.response.defer()
        place.world.places.change_thread(str(interaction.channel_id), "archive")
        try:
            await interaction.edit_original_response(content="done")
        except discord.HTTPException as error:
            seen.append(error.code)
            done.set()

    command(bot, draw)
    async with place.running(bot):
        made = place.world.places.start_thread(place.person, place.channel, "foxes")
        await place.world.invoke(place.person, made, "draw", {})
        async with asyncio.timeout(PATIENCE):
            await done.wait()

    assert seen == [50083]
