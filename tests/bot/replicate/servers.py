"""Servers on 127.0.0.1 that answer as told and remember what arrived."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: Mapping[str, str]
    body: str


@dataclass
class Recorder:
    """One origin; `reply` answers every request."""

    origin: str = ""
    received: list[Received] = field(default_factory=list)
    reply: Reply | None = None

    def answers(
        self,
        status: int,
        body: str | bytes = "",
        *,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> None:
        async def reply(_: web.Request) -> web.StreamResponse:
            content = body.encode() if isinstance(body, str) else body
            return web.Response(
                status=status, body=content, headers=headers, content_type=content_type
            )

        self.reply = reply

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        self.received.append(
            Received(request.method, request.raw_path, dict(request.headers), text)
        )
        assert self.reply is not None
        return await self.reply(request)


@asynccontextmanager
async def recorder() -> AsyncIterator[Recorder]:
    here = Recorder()
    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/{path:.*}", here.handle)
    async with TestServer(app, host="127.0.0.1") as server:
        here.origin = str(server.make_url("/")).rstrip("/")
        yield here


@dataclass
class RawServer:
    """Reads whole requests and writes one of `replies` for each; out of them, it resets.

    With `hangs_up` it closes the connection after each reply, as if the reply were whole.
    """

    replies: list[bytes]
    hangs_up: bool = False
    origin: str = ""
    requests: list[str] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await _request(reader):
                self.requests.append(head)
                if not self.replies:
                    break
                writer.write(self.replies.pop(0))
                await writer.drain()
                if self.hangs_up:
                    writer.close()
                    return
            writer.transport.abort()
        except ConnectionError:
            writer.close()


@asynccontextmanager
async def raw_server(*replies: bytes, hangs_up: bool = False) -> AsyncIterator[RawServer]:
    here = RawServer(list(replies), hangs_up)
    server = await asyncio.start_server(here.handle, "127.0.0.1", 0)
    async with server:
        here.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield here


class Names(AbstractResolver):
    """Resolves the names that it was given, to addresses; no other name exists."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in self._names:
            raise OSError(f"{host} does not exist")
        address = self._names[host]
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        pass


async def _request(reader: asyncio.StreamReader) -> str:
    """The head of the next request, its body read; empty at the end of the connection."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return ""
    for line in head.splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            await reader.readexactly(int(value))
    return head
