"""The way of an HTTP call, with the places where it can go wrong; the same for both halves."""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


class Point(StrEnum):
    """Where a call is. A file also comes by HALFWAY, when half of it is on its way."""

    RECEIVED = "received"  # its head was read; nothing has happened
    APPLIED = "applied"  # it had its effect, and nothing was answered
    HALFWAY = "halfway"
    ANSWERED = "answered"  # the answer was handed to the network


class Cut(Exception):
    """The connection is reset here: at RECEIVED nothing has happened, later it has."""


Tap = Callable[[Point, web.Request], Awaitable[web.StreamResponse | None]]
"""Hears of every call at each point. At RECEIVED it may answer instead of the server; it may raise
Cut at any point but ANSWERED."""


@dataclass
class Planned:
    """Trouble for the next `times` calls of `method` whose path matches `pattern`."""

    method: str
    pattern: re.Pattern[str]
    at: Point
    answer: Callable[[], web.Response] | None
    times: int

    def meets(self, point: Point, request: web.Request) -> bool:
        """Whether this call, here, is one of them; counts it."""
        if self.times < 1 or point is not self.at or request.method != self.method:
            return False
        if not self.pattern.search(request.path):
            return False
        self.times -= 1
        return True


class Wire:
    """Middleware with `taps`: the faults that are on, what a test planned, who listens."""

    def __init__(self, *taps: Tap) -> None:
        self.taps: list[Tap] = [*taps, self._play]
        self._planned: list[Planned] = []

    def inject(
        self, method: str, pattern: str, answer: Callable[[], web.Response], times: int = 1
    ) -> None:
        """Answer the next `times` matching calls so; they have no effect."""
        self._plan(method, pattern, Point.RECEIVED, answer, times)

    def cut(self, method: str, pattern: str, at: Point = Point.APPLIED, times: int = 1) -> None:
        """Reset the connection of the next `times` matching calls, before or after the effect."""
        self._plan(method, pattern, at, None, times)

    def clear(self) -> None:
        """Forget what was planned and has not happened yet."""
        self._planned.clear()

    def _plan(
        self,
        method: str,
        pattern: str,
        at: Point,
        answer: Callable[[], web.Response] | None,
        times: int,
    ) -> None:
        self._planned.append(Planned(method, re.compile(pattern), at, answer, times))

    async def _play(self, point: Point, request: web.Request) -> web.StreamResponse | None:
        for planned in self._planned:
            if planned.meets(point, request):
                if planned.answer is None:
                    raise Cut
                return planned.answer()
        return None

    def only(self, prefix: str) -> Middleware:
        """The middleware for calls below `prefix`; others pass untouched."""

        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            below = request.path.startswith(prefix)
            return await (self._lead(request, handler) if below else handler(request))

        return watch

    async def _lead(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Lead one call past every tap."""
        try:
            if (instead := await self._tell(Point.RECEIVED, request)) is not None:
                return instead
            response = await handler(request)
            await self._tell(Point.APPLIED, request)
            if isinstance(response, web.Response) and response.content_type.startswith("image/"):
                return await self._in_halves(request, response)
            if not response.prepared:
                await response.prepare(request)
                await response.write_eof()
            await self._tell(Point.ANSWERED, request)
            return response
        except Cut:
            return reset(request)
        except ConnectionError:  # whoever asked is gone, as killed processes are
            return web.Response(status=499)

    async def _tell(self, point: Point, request: web.Request) -> web.StreamResponse | None:
        for tap in list(self.taps):
            if (instead := await tap(point, request)) is not None:
                return instead
        return None

    async def _in_halves(self, request: web.Request, whole: web.Response) -> web.StreamResponse:
        content = bytes(whole.body) if isinstance(whole.body, bytes | bytearray) else b""
        response = web.StreamResponse(headers={"Content-Type": whole.content_type})
        response.content_length = len(content)
        await response.prepare(request)
        await response.write(content[: len(content) // 2])
        try:
            await self._tell(Point.HALFWAY, request)
        except Cut:
            # A plain end, since a reset may also swallow the half that has arrived.
            if request.transport is not None:
                request.transport.close()
            return response
        await response.write(content[len(content) // 2 :])
        await response.write_eof()
        await self._tell(Point.ANSWERED, request)
        return response


def reset(request: web.Request) -> web.Response:
    """Reset the connection, as a crashed proxy does; the response returned goes nowhere."""
    if request.transport is not None:
        raw = request.transport.get_extra_info("socket")
        if raw is not None:
            # To linger for no time turns the end of a connection into a reset.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response(status=502)


def as_json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """JSON whose content type has no charset: with one, discord.py would return a string."""
    response = web.json_response(body, status=status, headers=headers)
    response.headers["Content-Type"] = "application/json"
    return response


def page(status: int, title: str) -> web.Response:
    """What a proxy says when what is behind it is unwell."""
    text = f"<html><title>{status} {title}</title></html>"
    return web.Response(status=status, text=text, content_type="text/html")
