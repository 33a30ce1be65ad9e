"""Other sites in the browser of whoever tries the playground: they can do nothing there."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from playground.replicate import SmallReplicate
from playground.serving import claim
from playground.world import World
from tests.playground.place import TOKEN, Place, open_place

ELSEWHERE = "https://elsewhere.example"
REBOUND = {"Host": "rebound.example"}
BOT = {"Authorization": f"Bot {TOKEN}"}


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with open_place(World.create()) as place:
        yield place


@asynccontextmanager
async def provider() -> AsyncIterator[tuple[SmallReplicate, str]]:
    small = SmallReplicate(mean_seconds=0.01)
    async with small.serve() as address:
        yield small, address


def test_it_listens_on_this_machine_alone() -> None:
    with claim() as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        assert listening.family is socket.AF_INET


@pytest.mark.parametrize(
    "headers",
    [{"Origin": ELSEWHERE}, {"Origin": "null"}, REBOUND, {"Host": "[::1"}],
    ids=["site", "file", "name", "no name"],
)
async def test_nobody_posts_for_the_bot_from_another_site(
    place: Place, headers: dict[str, str]
) -> None:
    """Even with its token, or an interaction's, which are easy to guess here."""
    url = f"{place.api}/channels/{place.channel}/messages"
    async with place.http.post(url, json={"content": "forged"}, headers=BOT | headers) as answer:
        assert answer.status == 403

    callback = f"{place.api}/interactions/1/simcord_interaction_1/callback"
    async with place.http.post(callback, data='{"type": 5}', headers=headers) as answer:
        assert answer.status == 403

    assert place.seen() == []


async def test_a_program_of_this_machine_is_served(place: Place) -> None:
    url = f"{place.api}/channels/{place.channel}/messages"
    async with place.http.post(url, json={"content": "own"}, headers=BOT) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("headers", [{"Origin": ELSEWHERE}, REBOUND], ids=["site", "name"])
async def test_nobody_opens_the_gateway_from_another_site(
    place: Place, headers: dict[str, str]
) -> None:
    url = f"{place.api.partition('/api/')[0]}/gateway"

    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await place.http.ws_connect(url, headers=headers)

    assert refusal.value.status == 403


@pytest.mark.parametrize("headers", [{"Origin": ELSEWHERE}, REBOUND], ids=["site", "name"])
async def test_nobody_buys_from_another_site(headers: dict[str, str]) -> None:
    async with provider() as (small, address), aiohttp.ClientSession() as http:
        url = f"{address}/models/google/imagen-4-ultra/predictions"
        own = {"Authorization": "Bearer any"}
        body = {"input": {"prompt": "a red fox"}}

        async with http.post(url, json=body, headers=own | headers) as answer:
            assert answer.status == 403

        assert small.invoice == []
        async with http.post(url, json=body, headers=own) as answer:
            assert answer.status == 201
