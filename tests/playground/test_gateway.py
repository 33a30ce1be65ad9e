"""The gateway frame by frame, as a client without discord.py sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest

from playground.sessions import REPLAY_LIMIT
from tests.playground.place import PATIENCE, TOKEN, Place

GUILDS = discord.Intents(guilds=True).value
GUILDS_AND_MESSAGES = discord.Intents(guilds=True, guild_messages=True).value


class Client:
    """A gateway client that reads one frame at a time."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, op: int, data: Any) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def frame(self) -> dict[str, Any]:
        frame: dict[str, Any] = await self.socket.receive_json(timeout=PATIENCE)
        return frame

    async def event(self, name: str) -> dict[str, Any]:
        while (frame := await self.frame())["t"] != name:
            pass
        return frame

    async def identify(self, intents: int = GUILDS, **more: Any) -> dict[str, Any]:
        await self.send(2, {"token": TOKEN, "intents": intents, **more})
        return await self.frame()

    async def close_code(self) -> int | None:
        message = await self.socket.receive(timeout=PATIENCE)
        assert message.type is aiohttp.WSMsgType.CLOSE
        return self.socket.close_code


@asynccontextmanager
async def connected(place: Place) -> AsyncIterator[Client]:
    async with place.http.ws_connect(f"{place.address}/gateway?v=10&encoding=json") as socket:
        client = Client(socket)
        assert (await client.frame())["op"] == 10
        yield client


async def test_identify_is_answered_with_ready_and_the_guild(place: Place) -> None:
    async with connected(place) as client:
        ready = await client.identify(shard=[0, 1])
        guild = await client.frame()

    assert (ready["op"], ready["t"], ready["s"]) == (0, "READY", 1)
    assert ready["d"]["shard"] == [0, 1]
    assert ready["d"]["guilds"] == [{"id": str(place.world.guild_id), "unavailable": True}]
    assert ready["d"]["resume_gateway_url"].endswith("/gateway")
    assert (guild["t"], guild["s"]) == ("GUILD_CREATE", 2)
    assert [channel["position"] for channel in guild["d"]["channels"]] == [0, 1, 2]


async def test_a_heartbeat_is_acknowledged_before_and_after_identify(place: Place) -> None:
    async with connected(place) as client:
        await client.send(1, None)
        assert (await client.frame())["op"] == 11
        await client.identify(intents=0)
        await client.send(1, 1)
        assert (await client.frame())["op"] == 11


@pytest.mark.parametrize(
    ("op", "data", "code"),
    [
        (2, {"token": "wrong", "intents": GUILDS}, 4004),
        (6, {"token": "wrong", "session_id": "x", "seq": 1}, 4004),
        (2, {"token": TOKEN, "intents": discord.Intents(message_content=True).value}, 4014),
        (2, {"token": TOKEN, "intents": GUILDS, "shard": [3, 2]}, 4010),
        (3, {}, 4003),
        ("nonsense", {}, 4002),
    ],
)
async def test_a_client_that_errs_is_closed_with_discords_code(
    place: Place, op: Any, data: dict[str, Any], code: int
) -> None:
    async with connected(place) as client:
        await client.send(op, data)

        assert await client.close_code() == code


async def test_only_events_of_the_asked_intents_arrive(place: Place) -> None:
    async with connected(place) as client:
        await client.identify(GUILDS)
        await client.event("GUILD_CREATE")
        await place.world.say(place.person, place.channel, "hello")
        place.world.backend.create_channel(place.world.guild_id, "later")

        assert (await client.frame())["t"] == "CHANNEL_CREATE"


async def test_a_shard_without_the_guild_hears_nothing_of_it(place: Place) -> None:
    other = 1 - (place.world.guild_id >> 22) % 2
    async with connected(place) as client:
        ready = await client.identify(shard=[other, 2])
        place.world.backend.create_channel(place.world.guild_id, "later")
        await client.send(1, 1)

        assert ready["d"]["guilds"] == []
        assert (await client.frame())["op"] == 11


async def test_what_people_write_is_hidden_without_the_message_content_intent(
    place: Place,
) -> None:
    async with connected(place) as client:
        await client.identify(GUILDS_AND_MESSAGES)
        await place.world.say(place.person, place.channel, "between us")
        message = await client.event("MESSAGE_CREATE")

    assert message["d"]["content"] == ""
    assert place.seen()[-1]["content"] == "between us"


async def test_a_resumed_session_gets_what_it_missed_in_order(place: Place) -> None:
    async with connected(place) as client:
        session = (await client.identify())["d"]["session_id"]
        last = (await client.frame())["s"]
        place.gateway.cut()
    for name in ("one", "two"):
        place.world.backend.create_channel(place.world.guild_id, name)
    async with connected(place) as client:
        await client.send(6, {"token": TOKEN, "session_id": session, "seq": last})
        frames = [await client.frame() for _ in range(3)]

    assert [frame["t"] for frame in frames] == ["CHANNEL_CREATE", "CHANNEL_CREATE", "RESUMED"]
    assert [frame["d"].get("name") for frame in frames] == ["one", "two", None]
    assert [frame["s"] for frame in frames] == [last + 1, last + 2, last + 3]


async def test_a_session_may_move_while_its_old_connection_lingers(place: Place) -> None:
    async with connected(place) as old, connected(place) as new:
        session = (await old.identify())["d"]["session_id"]
        await new.send(6, {"token": TOKEN, "session_id": session, "seq": 2})
        assert (await new.frame())["t"] == "RESUMED"
        await old.socket.close(code=4000)
        place.world.backend.create_channel(place.world.guild_id, "later")

        assert (await new.frame())["t"] == "CHANNEL_CREATE"


async def test_an_unknown_session_must_identify_again(place: Place) -> None:
    async with connected(place) as client:
        await client.send(6, {"token": TOKEN, "session_id": "never seen", "seq": 3})

        assert await client.frame() == {"op": 9, "d": False, "s": None, "t": None}


async def test_a_session_that_said_goodbye_is_gone(place: Place) -> None:
    async with connected(place) as client:
        session = (await client.identify())["d"]["session_id"]
    async with connected(place) as client:
        await client.send(6, {"token": TOKEN, "session_id": session, "seq": 2})

        assert (await client.frame())["op"] == 9


async def test_a_session_that_missed_too_much_must_identify_again(place: Place) -> None:
    async with connected(place) as client:
        session = (await client.identify(intents=0))["d"]["session_id"]
        place.gateway.cut()
    for _ in range(REPLAY_LIMIT + 1):
        place.world.backend.emit("INTERACTION_CREATE", {"guild_id": str(place.world.guild_id)})
    async with connected(place) as client:
        await client.send(6, {"token": TOKEN, "session_id": session, "seq": 1})

        assert (await client.frame())["op"] == 9


async def test_the_end_of_the_server_is_the_end_of_its_connections(place: Place) -> None:
    async with connected(place) as client:
        await client.identify(intents=0)
        closing = asyncio.create_task(place.gateway.close(place.app))

        assert await client.close_code() == 1001
        await closing
