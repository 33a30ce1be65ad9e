"""Trouble on request: what the playground's Discord can be told to do wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from aiohttp import web

from playground.wire import Cut, Point, Wire, as_json, page

#: Every fault by the name that `--fault` takes, with what happens.
FAULTS: Mapping[str, str] = {
    "discord-429": "every second edit is told to wait half a second (429 with Via)",
    "discord-429-text": "every second edit is told to wait by a proxy, in plain text (429)",
    "discord-429-storm": "every call but GETs is told to wait half a second (429 with Via)",
    "discord-5xx": "every second edit meets a 502 from Discord",
    "discord-5xx-storm": "every call but GETs meets a 503 from Discord",
    "discord-reset": "every second connection is reset before anything is read",
    "discord-lost-answers": "every second call takes effect, but its answer is lost",
    "discord-old-edits": "the bot's own edits are refused, as of a much edited old message (30046)",
    "discord-no-access": "the bot may not see the channel any more (50001)",
    "discord-clock-ahead": "Discord's clock is a day ahead of the bot's",
    "discord-clock-behind": "Discord's clock is a day behind the bot's",
}

_API = "/api/"
_WRITES = ("PATCH", "POST")
_EDITABLE = re.compile(r"^/api/v\d+/(webhooks|channels)/")
_RUNNING = re.compile(r"^/api/v\d+/(webhooks|channels|interactions|users/@me/channels)(/|$)")
_BOT_EDIT = re.compile(r"^/api/v\d+/channels/\d+/messages/\d+$")
_CHANNEL = re.compile(r"^/api/v\d+/channels/")
# discord.py takes a 429 without Via for a ban by Cloudflare and does not retry it.
_VIA = {"Via": "1.1 playground", "Retry-After": "1"}


class DiscordFaults:
    """Trouble on request: `names` of FAULTS, changeable while the server runs.

    `wire` is what calls pass through: taps, and the trouble that a test plans.
    """

    def __init__(self, names: set[str] | None = None) -> None:
        self.names = names if names is not None else set()
        self.wire = Wire(self._meet)
        self._calls = 0

    def inject(self, method: str, pattern: str, status: int, code: int, times: int = 1) -> None:
        """Refuse the next `times` calls of `method` whose path matches `pattern` so.

        `pattern` is searched in the path with its version, `/api/v10/webhooks/…`; `code` is
        Discord's own, in the body.
        """
        body = {"message": f"Injected by a test ({code})", "code": code}
        self.wire.inject(method, pattern, lambda: as_json(body, status), times)

    @property
    def skew(self) -> timedelta:
        """How far Discord's clock is ahead of the bot's."""
        ahead = ("discord-clock-ahead" in self.names) - ("discord-clock-behind" in self.names)
        return timedelta(days=ahead)

    async def _meet(self, point: Point, request: web.Request) -> web.Response | None:
        if not self.names or not request.path.startswith(_API):
            return None
        if point is Point.RECEIVED:
            self._count(request)
            return self._refusal(request)
        if point is Point.APPLIED and "discord-lost-answers" in self.names:
            self._cut_every_second(request)
        return None

    def _refusal(self, request: web.Request) -> web.Response | None:
        """What to answer with instead; raises Cut for a reset connection."""
        on, writes = self.names, request.method in _WRITES
        if "discord-reset" in on:
            self._cut_every_second(request)
        if (
            "discord-old-edits" in on
            and request.method == "PATCH"
            and _BOT_EDIT.match(request.path)
        ):
            return _old()
        if "discord-no-access" in on and _CHANNEL.match(request.path):
            return as_json({"message": "Missing Access", "code": 50001}, 403)
        if writes and _RUNNING.match(request.path):
            if "discord-429-storm" in on:
                return _limited()
            if "discord-5xx-storm" in on:
                return page(503, "Service Unavailable")
        if writes and _EDITABLE.match(request.path) and self._calls % 2 == 0:
            return self._every_second()
        return None

    def _every_second(self) -> web.Response | None:
        if "discord-429" in self.names:
            return _limited()
        if "discord-429-text" in self.names:
            return web.Response(status=429, text="error code: 1015", headers=_VIA)
        if "discord-5xx" in self.names:
            return as_json({"message": "502: Bad Gateway", "code": 0}, 502)
        return None

    def _count(self, request: web.Request) -> None:
        if request.method in _WRITES and _RUNNING.match(request.path):
            self._calls += 1

    def _cut_every_second(self, request: web.Request) -> None:
        counted = request.method in _WRITES and _RUNNING.match(request.path)
        if counted and self._calls % 2 == 0:
            raise Cut


def _limited() -> web.Response:
    body = {"message": "You are being rate limited.", "retry_after": 0.5, "global": False}
    return as_json(body, 429, _VIA)


def _old() -> web.Response:
    # Seen from Discord with the status of a rate limit and nothing to wait for.
    words = "Maximum number of edits to messages older than 1 hour reached. Try again later"
    return as_json({"message": words, "code": 30046}, 429)
