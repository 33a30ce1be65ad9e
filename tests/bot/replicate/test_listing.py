"""The provider's own list: read to its end or to the time asked for, never followed elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from aiohttp import web

from bot.domain.prediction import Listed
from bot.errors import AuthenticationFailed, ProviderTrouble
from bot.replicate.client import ReplicateClient, connect
from bot.replicate.listing import PAGES
from playground.replicate import SmallReplicate
from tests.bot.replicate.servers import Recorder, recorder

MODEL = "google/imagen-4-ultra"


def line(number: int, **fields: object) -> dict[str, object]:
    return {
        "id": f"p{number}",
        "model": MODEL,
        "status": "processing",
        "source": "api",
        "input": {"prompt": f"fox {number}"},
        "created_at": "2026-11-22T12:00:00.123456789Z",
        **fields,
    }


def page(lines: Sequence[object], cursor: str | None = None) -> web.Response:
    following = f"https://elsewhere.invalid/v1/predictions?cursor={cursor}" if cursor else None
    return web.json_response({"previous": None, "next": following, "results": lines})


async def read(provider: Recorder, since: int = 0) -> list[Listed]:
    async with connect(f"{provider.origin}/v1", "token", can_list=True) as client:
        return [listed async for listed in client.listed_since(since)]


async def test_every_page_is_asked_of_the_configured_origin() -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        return (
            page([line(2)])
            if request.query.get("cursor") == "a b="
            else page([line(1)], "a%20b%3D")
        )

    async with recorder() as provider:
        provider.reply = reply
        found = await read(provider)

    assert [listed.prediction.id for listed in found] == ["p1", "p2"]
    assert [call.path for call in provider.received] == [
        "/v1/predictions",
        "/v1/predictions?cursor=a%20b%3D",
    ]


async def test_it_stops_once_a_page_reaches_back_far_enough() -> None:
    async def reply(_: web.Request) -> web.StreamResponse:
        return page([line(1)], "more")

    async with recorder() as provider:
        provider.reply = reply
        await read(provider, since=4_000_000_000_000)

    assert len(provider.received) == 1


async def test_a_list_without_end_is_left_after_its_limit_of_pages() -> None:
    async def reply(_: web.Request) -> web.StreamResponse:
        return page([line(1)], "more")

    async with recorder() as provider:
        provider.reply = reply
        await read(provider)

    assert len(provider.received) == PAGES


async def test_what_was_made_on_the_web_or_cannot_be_read_is_left_out() -> None:
    async def reply(_: web.Request) -> web.StreamResponse:
        lines = [line(1, source="web"), None, {"status": "failed"}, line(2, input=None), line(3)]
        return page([*lines, line(4, created_at="soon")])

    async with recorder() as provider:
        provider.reply = reply
        found = await read(provider)

    assert [listed.prediction.id for listed in found] == ["p2", "p3", "p4"]
    assert found[0].input == {}
    assert found[1].created_at == 1_795_348_800_123
    assert found[2].created_at is None


@pytest.mark.parametrize("body", ["[]", "<html>", '{"results": null}', ""])
async def test_an_answer_that_is_no_list_is_the_providers_trouble(body: str) -> None:
    async with recorder() as provider:
        provider.answers(200, body)
        with pytest.raises(ProviderTrouble):
            await read(provider)


async def test_a_refused_list_says_why() -> None:
    async with recorder() as provider:
        provider.answers(401, '{"detail": "no"}')
        with pytest.raises(AuthenticationFailed):
            await read(provider)


async def test_a_create_is_found_in_the_small_replicates_list() -> None:
    small = SmallReplicate()
    async with small.serve() as base, connect(base, "token", can_list=True) as client:
        made = await create(client)
        [listed] = [line async for line in client.listed_since(0)]

    assert (listed.prediction.id, listed.model) == (made, MODEL)
    assert listed.input["prompt"] == "a red fox"


async def create(client: ReplicateClient) -> str:
    return (await client.create(MODEL, {"prompt": "a red fox"}, cancel_after=60)).id
