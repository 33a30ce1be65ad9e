"""Trouble between the bot and Discord, as a client on a real socket meets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import discord
import pytest

from playground.discord_faults import DiscordFaults
from playground.wire import Point
from playground.world import World
from tests.playground.place import Place, SmallBot, command, open_place

GONE = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)


@asynccontextmanager
async def troubled(*names: str) -> AsyncIterator[tuple[Place, DiscordFaults]]:
    faults = DiscordFaults(set(names))
    async with open_place(World.create(), faults) as place:
        yield place, faults


async def post(place: Place, text: str) -> int:
    """The status of the answer to posting `text`; raises one of GONE without an answer."""
    headers = {"Authorization": "Bot the.bots.token"}
    url = f"{place.api}/channels/{place.channel}/messages"
    async with place.http.post(url, json={"content": text}, headers=headers) as response:
        return response.status


def shown(place: Place) -> list[str]:
    return [message["content"] for message in place.seen()]


async def test_an_answer_is_lost_after_the_effect() -> None:
    async with troubled("discord-lost-answers") as (place, _):
        assert await post(place, "one") == 200
        with pytest.raises(GONE):
            await post(place, "two")

        assert shown(place) == ["one", "two"]


async def test_a_reset_connection_has_no_effect() -> None:
    async with troubled("discord-reset") as (place, _):
        assert await post(place, "one") == 200
        with pytest.raises(GONE):
            await post(place, "two")

        assert shown(place) == ["one"]


@pytest.mark.parametrize(("fault", "status"), [("429", 429), ("5xx", 503)])
async def test_a_storm_meets_every_call_until_it_is_over(fault: str, status: int) -> None:
    async with troubled(f"discord-{fault}-storm") as (place, faults):
        assert [await post(place, "one"), await post(place, "two")] == [status, status]
        faults.names.clear()
        assert await post(place, "three") == 200

        assert shown(place) == ["three"]


async def test_a_proxy_says_429_in_plain_text_with_via() -> None:
    async with troubled("discord-429-text") as (place, _):
        await post(place, "one")
        headers = {"Authorization": "Bot the.bots.token"}
        url = f"{place.api}/channels/{place.channel}/messages"
        async with place.http.post(url, json={"content": "two"}, headers=headers) as response:
            assert (response.status, response.content_type) == (429, "text/plain")
            assert "Via" in response.headers


async def test_an_old_message_edited_too_often_says_30046_to_the_bots_token() -> None:
    async with troubled() as (place, faults):
        messages = f"/channels/{place.channel}/messages"
        _, made = await place.call("POST", messages, json={"content": "x"})
        faults.names.add("discord-old-edits")
        path = f"{messages}/{made['id']}"
        status, body = await place.call("PATCH", path, json={"content": "y"})

        assert (status, body["code"]) == (429, 30046)
        assert shown(place) == ["x"]


async def test_a_channel_out_of_sight_says_50001() -> None:
    async with troubled("discord-no-access") as (place, _):
        status, body = await place.call("GET", f"/channels/{place.channel}")

        assert (status, body["code"]) == (403, 50001)


CODES = [
    *((404, 10003), (404, 10008), (404, 10015), (404, 10062), (400, 30046), (413, 40005)),
    *((400, 40060), (403, 50001), (403, 50007), (403, 50013), (401, 50027), (400, 50035)),
    *((400, 50083), (403, 50278), (400, 200000)),
]


@pytest.mark.parametrize(("status", "code"), CODES)
async def test_any_code_can_be_injected_for_a_route_so_many_times(status: int, code: int) -> None:
    async with troubled() as (place, faults):
        faults.inject("POST", r"/messages$", status, code, times=2)
        path = f"/channels/{place.channel}/messages"
        answers = [await place.call("POST", path, json={"content": "x"}) for _ in range(3)]

        assert [(number, body.get("code")) for number, body in answers] == [
            (status, code),
            (status, code),
            (200, None),
        ]
        assert shown(place) == ["x"]


async def test_an_answer_can_be_cut_for_one_route_before_or_after_its_effect() -> None:
    async with troubled() as (place, faults):
        faults.wire.cut("POST", r"/messages$", Point.RECEIVED)
        with pytest.raises(GONE):
            await post(place, "before")
        faults.wire.cut("POST", r"/messages$", Point.APPLIED)
        with pytest.raises(GONE):
            await post(place, "after")

        assert shown(place) == ["after"]


@pytest.mark.parametrize(("fault", "days"), [("ahead", 1), ("behind", -1)])
async def test_discords_clock_can_be_a_day_off_in_ids_dates_and_headers(
    fault: str, days: int
) -> None:
    async with troubled(f"discord-clock-{fault}") as (place, _):
        headers = {"Authorization": "Bot the.bots.token"}
        url = f"{place.api}/channels/{place.channel}/messages"
        async with place.http.post(url, json={"content": "x"}, headers=headers) as response:
            said = parsedate_to_datetime(response.headers["Date"])
            made = await response.json(content_type=None)

        now, minute = datetime.now(UTC), timedelta(minutes=1)
        for seen in (
            said,
            discord.utils.snowflake_time(int(made["id"])),
            datetime.fromisoformat(made["timestamp"]),
        ):
            assert abs(seen - now - timedelta(days=days)) < minute


async def test_a_bot_acknowledges_in_time_whatever_discords_clock_says() -> None:
    async with troubled("discord-clock-behind") as (place, _):
        bot = SmallBot()

        async def ping(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("pong")

        command(bot, ping)
        async with place.running(bot):
            await place.invoke("ping")

        assert shown(place) == ["pong"]


async def test_an_ended_session_makes_the_bot_identify_again() -> None:
    async with troubled() as (place, _):
        bot, identified = SmallBot(), asyncio.Event()

        async def ping(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("pong")

        command(bot, ping)
        async with place.running(bot):
            await bot.wait_until_ready()

            async def on_shard_connect(shard_id: int) -> None:
                identified.set()

            bot.event(on_shard_connect)
            await place.gateway.invalidate()
            await asyncio.wait_for(identified.wait(), 15)
            await place.invoke("ping")

        assert shown(place) == ["pong"]
