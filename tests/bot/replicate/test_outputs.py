"""Downloads take nothing along, and do not let a response reach into the operator's network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from aiohttp import web

from bot.errors import ProviderTrouble
from bot.replicate.addresses import AddressRefused, PublicResolver, is_public
from bot.replicate.outputs import REDIRECT_LIMIT, SIZE_LIMIT, OutputFetcher, decode
from tests.bot.replicate.servers import Names, Recorder, raw_server, recorder

IMAGE = b"\x89PNG not really"
PUBLIC_BASE = "http://93.184.215.14/v1"
PRIVATE_BASE = "http://10.0.0.7/v1"


@pytest.fixture
async def files() -> AsyncIterator[Recorder]:
    async with recorder() as here:
        here.answers(200, IMAGE, content_type="image/png")
        yield here


@pytest.fixture
async def elsewhere() -> AsyncIterator[Recorder]:
    async with recorder() as here:
        here.answers(200, b"a secret of this network")
        yield here


@pytest.fixture
async def fetcher() -> AsyncIterator[OutputFetcher]:
    """For an operator whose own gateway is on a private address."""
    async with OutputFetcher.open(PRIVATE_BASE) as here:
        yield here


async def fetched(fetcher: OutputFetcher, url: str) -> bytes:
    return b"".join([piece async for piece in fetcher.fetch(url)])


def port(origin: str) -> str:
    return origin.rpartition(":")[2]


async def test_a_private_gateway_may_serve_from_a_private_address(
    files: Recorder, fetcher: OutputFetcher
) -> None:
    assert await fetched(fetcher, f"{files.origin}/out.png") == IMAGE


async def test_a_gateway_is_private_by_what_its_name_resolves_to(files: Recorder) -> None:
    names = Names({"gateway.lan": "127.0.0.1"})
    async with OutputFetcher.open("http://gateway.lan:8080/v1", resolver=names) as fetcher:
        assert await fetched(fetcher, f"{files.origin}/out.png") == IMAGE


@pytest.mark.parametrize("base", [PUBLIC_BASE, "https://no-such-host.example/v1"])
async def test_a_public_providers_output_at_a_private_address_is_never_asked_for(
    base: str, files: Recorder
) -> None:
    async with OutputFetcher.open(base, resolver=Names({})) as fetcher:
        with pytest.raises(ProviderTrouble, match="private"):
            await fetched(fetcher, f"{files.origin}/out.png")
    assert not files.received


async def test_a_public_providers_output_at_a_name_for_a_private_address_is_never_asked_for(
    files: Recorder,
) -> None:
    names = Names({"cdn.example": "127.0.0.1"})
    async with OutputFetcher.open(PUBLIC_BASE, resolver=names) as fetcher:
        with pytest.raises(ProviderTrouble, match="private"):
            await fetched(fetcher, f"http://cdn.example:{port(files.origin)}/out.png")
    assert not files.received


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
async def test_other_spellings_of_a_private_address_are_refused(host: str, files: Recorder) -> None:
    names = Names({host: "127.0.0.1"})
    async with OutputFetcher.open(PUBLIC_BASE, resolver=names) as fetcher:
        with pytest.raises(ProviderTrouble):
            await fetched(fetcher, f"http://{host}:{port(files.origin)}/out.png")
    assert not files.received


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "internal.example"])
async def test_a_redirect_to_a_private_address_is_not_followed(
    host: str, files: Recorder, elsewhere: Recorder
) -> None:
    target = f"http://{host}:{port(elsewhere.origin)}/latest/meta-data"
    files.answers(302, headers={"Location": target})
    names = Names({"internal.example": "127.0.0.1", "localhost": "127.0.0.1"})
    async with OutputFetcher.open(PRIVATE_BASE, resolver=names) as fetcher:
        with pytest.raises(ProviderTrouble, match="private"):
            await fetched(fetcher, f"{files.origin}/out.png")
    assert len(files.received) == 1
    assert not elsewhere.received


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_within_the_same_origin_is_followed(
    status: int, files: Recorder, fetcher: OutputFetcher
) -> None:
    async def reply(request: web.Request) -> web.Response:
        if request.path == "/out.png":
            return web.Response(status=status, headers={"Location": "/moved/out.png?sig=1"})
        return web.Response(body=IMAGE)

    files.reply = reply
    assert await fetched(fetcher, f"{files.origin}/out.png") == IMAGE
    assert [r.path for r in files.received] == ["/out.png", "/moved/out.png?sig=1"]


async def test_redirects_end(files: Recorder, fetcher: OutputFetcher) -> None:
    files.answers(302, headers={"Location": "/again"})
    with pytest.raises(ProviderTrouble, match="redirects"):
        await fetched(fetcher, f"{files.origin}/out.png")
    assert len(files.received) == REDIRECT_LIMIT + 1


@pytest.mark.parametrize("location", ["", "file:///etc/passwd", "data:,x", "http://", "//[bad"])
async def test_a_redirect_to_what_is_no_web_address_is_not_followed(
    location: str, files: Recorder, fetcher: OutputFetcher
) -> None:
    files.answers(302, headers={"Location": location})
    with pytest.raises(ProviderTrouble):
        await fetched(fetcher, f"{files.origin}/out.png")


@pytest.mark.parametrize("url", ["", "out.png", "ftp://x/y", "file:///etc/passwd", "http://[::"])
async def test_only_web_addresses_are_fetched(url: str, fetcher: OutputFetcher) -> None:
    with pytest.raises(ProviderTrouble):
        await fetched(fetcher, url)


async def test_a_name_and_password_in_an_address_are_not_sent(
    files: Recorder, fetcher: OutputFetcher
) -> None:
    await fetched(fetcher, files.origin.replace("://", "://user:word@") + "/out.png")
    assert "Authorization" not in files.received[0].headers


async def test_no_cookie_is_kept_from_one_download_to_the_next(files: Recorder) -> None:
    files.answers(200, IMAGE, headers={"Set-Cookie": "who=us; Path=/"})
    names = Names({"files.lan": "127.0.0.1"})
    async with OutputFetcher.open(PRIVATE_BASE, resolver=names) as fetcher:
        for _ in range(2):
            await fetched(fetcher, f"http://files.lan:{port(files.origin)}/out.png")
    assert ["Cookie" in r.headers for r in files.received] == [False, False]


@pytest.mark.parametrize("status", [201, 204, 206, 304, 403, 404, 500])
async def test_anything_but_200_is_provider_trouble(
    status: int, files: Recorder, fetcher: OutputFetcher
) -> None:
    files.answers(status)
    with pytest.raises(ProviderTrouble) as caught:
        await fetched(fetcher, f"{files.origin}/out.png")
    assert caught.value.status == status


async def test_an_empty_image_is_provider_trouble(files: Recorder, fetcher: OutputFetcher) -> None:
    files.answers(200, b"")
    with pytest.raises(ProviderTrouble, match="empty"):
        await fetched(fetcher, f"{files.origin}/out.png")


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
        b"",
        b"not HTTP at all\r\n\r\n",
    ],
)
async def test_a_truncated_image_is_provider_trouble(reply: bytes, fetcher: OutputFetcher) -> None:
    async with raw_server(reply, hangs_up=True) as server:
        with pytest.raises(ProviderTrouble):
            await fetched(fetcher, f"{server.origin}/out.png")


async def test_an_image_that_announces_too_much_is_not_read(fetcher: OutputFetcher) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {SIZE_LIMIT + 1}\r\n\r\n".encode()
    async with raw_server(head) as server:
        with pytest.raises(ProviderTrouble, match="too large"):
            await fetched(fetcher, f"{server.origin}/out.png")


async def test_a_large_image_comes_in_pieces_that_fit_memory(
    files: Recorder, fetcher: OutputFetcher
) -> None:
    image = bytes(range(256)) * 40_000
    files.answers(200, image, content_type="image/png")

    pieces = [piece async for piece in fetcher.fetch(f"{files.origin}/out.png")]

    assert b"".join(pieces) == image
    assert max(map(len, pieces)) <= len(image) // 4


async def test_a_download_that_nobody_wants_any_more_is_broken_off(
    files: Recorder, fetcher: OutputFetcher
) -> None:
    broken = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(bytes(1 << 20))
        finally:
            broken.set()

    files.reply = endless
    async with aclosing(fetcher.fetch(f"{files.origin}/out.png")) as pieces:
        await anext(pieces)

    await broken.wait()


async def test_an_image_without_an_end_is_read_up_to_the_limit(
    files: Recorder, fetcher: OutputFetcher
) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while sent < 2 * SIZE_LIMIT:
            await response.write(bytes(1 << 20))
            sent += 1 << 20
        return response

    files.reply = endless
    with pytest.raises(ProviderTrouble, match="too large"):
        await fetched(fetcher, f"{files.origin}/out.png")
    assert sent < 2 * SIZE_LIMIT


@pytest.mark.parametrize(
    ("uri", "content"),
    [
        ("data:image/png;base64,iVBORw==", b"\x89PNG"),
        ("DATA:image/png;charset=x;BASE64,iVBORw", b"\x89PNG"),
        ("data:;base64,_-8", b"\xff\xef"),
        ("data:image/png;base64,iVBO%0ARw%3D%3D", b"\x89PNG"),
        ("data:,a%20fox", b"a fox"),
    ],
)
async def test_a_data_uri_is_decoded_without_the_network(
    uri: str, content: bytes, fetcher: OutputFetcher
) -> None:
    assert await fetched(fetcher, uri) == content


@pytest.mark.parametrize(
    "uri", ["data:image/png;base64", "data:;base64,!!!!", "data:;base64,a", "data:,"]
)
async def test_a_malformed_data_uri_is_provider_trouble(uri: str, fetcher: OutputFetcher) -> None:
    with pytest.raises(ProviderTrouble):
        await fetched(fetcher, uri)


@pytest.mark.parametrize(
    "uri", ["data:," + "a" * (SIZE_LIMIT + 1), "data:;base64," + "a" * (SIZE_LIMIT * 4 // 3 + 8)]
)  # fmt: skip
def test_a_data_uri_beyond_the_limit_is_not_decoded(uri: str) -> None:
    with pytest.raises(ProviderTrouble, match="too large"):
        decode(uri)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::", "::1", "fe80::1", "fd00::1",
     "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1%eth0"],
)  # fmt: skip
def test_addresses_that_are_not_on_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_on_the_public_internet(address: str) -> None:
    assert is_public(address)


async def test_the_addresses_that_are_checked_are_the_ones_connected_to() -> None:
    resolver = PublicResolver(Names({"cdn.example": "93.184.215.14", "evil.example": "10.0.0.1"}))
    (found,) = await resolver.resolve("cdn.example", 443, socket.AF_INET)
    assert (found["host"], found["port"]) == ("93.184.215.14", 443)
    with pytest.raises(AddressRefused):
        await resolver.resolve("evil.example", 443, socket.AF_INET)
