"""The wire around the world: Discord's REST, its gateway's address and its files."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from simcord.backend.errors import BackendError
from simcord.http.router import RouteNotImplemented, UnsupportedField

from playground.completeness import complete
from playground.gateway import Gateway
from playground.uploads import read_body, too_large
from playground.world import ATTACHMENT_SIZE_LIMIT, World

log = logging.getLogger(__name__)

FAULTS = {
    "discord-429": "every second edit is told to wait half a second (429 with Via)",
    "discord-5xx": "every second edit meets a 502 from Discord",
}

# Ten files, what a form adds, and one byte over the limit per file so that 40005 is ours to say.
_BODY_LIMIT = 11 * (ATTACHMENT_SIZE_LIMIT + 1024)
_TOKEN_IN_PATH = re.compile(r"^/(interactions/\d+/[^/]+/callback|webhooks/\d+/[^/]+(/.*)?)$")
_TOKEN = re.compile(r"simcord_interaction_\d+")
_EDITABLE = re.compile(r"^/(webhooks|channels)/")


@dataclass
class DiscordFaults:
    """Trouble on request: `names` of FAULTS, changeable while the server runs."""

    names: set[str] = field(default_factory=set)
    every: int = 2
    _calls: int = 0

    def answer(self, method: str, path: str) -> web.Response | None:
        """The failure to answer this call with, or None."""
        if not self.names or method not in ("PATCH", "POST") or not _EDITABLE.match(path):
            return None
        self._calls += 1
        if self._calls % self.every:
            return None
        if "discord-429" in self.names:
            limited = {
                "message": "You are being rate limited.",
                "retry_after": 0.5,
                "global": False,
            }
            # discord.py takes a 429 without Via for a ban by Cloudflare and does not retry it.
            headers = {"Via": "1.1 playground", "Retry-After": "1"}
            return _json(limited, 429, headers)
        return _json({"message": "502: Bad Gateway", "code": 0}, 502)


def create_app(world: World, token: str, faults: DiscordFaults | None = None) -> web.Application:
    """Discord for one bot: /api/v10, /gateway and /attachments; `token` is the bot's."""
    app = web.Application(client_max_size=_BODY_LIMIT)
    rest = Rest(world, token, faults or DiscordFaults())
    gateway = Gateway(world, token)
    app[GATEWAY] = gateway
    app.router.add_get("/api/{version:v\\d+}/gateway", rest.gateway)
    app.router.add_get("/api/{version:v\\d+}/gateway/bot", rest.authorized(rest.gateway_bot))
    app.router.add_route("*", "/api/{version:v\\d+}/{path:.*}", rest.call)
    app.router.add_get("/gateway", gateway.connect)
    app.router.add_get("/gateway/", gateway.connect)
    app.router.add_get("/attachments/{path:.*}", rest.attachment)
    app.on_shutdown.append(gateway.close)
    return app


GATEWAY = web.AppKey("gateway", Gateway)

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Rest:
    """Every HTTP route that a bot uses."""

    def __init__(self, world: World, token: str, faults: DiscordFaults) -> None:
        self._world = world
        self._token = token
        self._faults = faults

    def authorized(self, handler: _Handler) -> _Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            return self._refusal(request) or await handler(request)

        return guarded

    def _refusal(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bot {self._token}":
            return None
        return _json({"message": "401: Unauthorized", "code": 0}, 401)

    async def gateway(self, request: web.Request) -> web.Response:
        return _json({"url": f"ws://{request.host}/gateway"})

    async def gateway_bot(self, request: web.Request) -> web.Response:
        limits = {
            "total": 1000,
            "remaining": 999,
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        }
        url = f"ws://{request.host}/gateway"
        return _json({"url": url, "shards": 1, "session_start_limit": limits})

    async def attachment(self, request: web.Request) -> web.Response:
        found = self._world.backend.cdn.read(request.rel_url.raw_path)
        if found is None:
            raise web.HTTPNotFound(text="This content is no longer available.")
        data, content_type = found
        headers = {"Content-Type": content_type, "X-Content-Type-Options": "nosniff"}
        return web.Response(body=data, headers=headers)

    async def call(self, request: web.Request) -> web.Response:
        path = "/" + request.match_info["path"]
        if not _TOKEN_IN_PATH.match(path) and (refusal := self._refusal(request)):
            return refusal
        if fault := self._faults.answer(request.method, path):
            return fault
        try:
            answer = await self._dispatch(request, path)
        except BackendError as error:
            return _failure(error)
        if answer is None or (path.endswith("/callback") and not _wants_response(request)):
            return web.Response(status=204)
        return _json(complete(self._world.backend, answer))

    async def _dispatch(self, request: web.Request, path: str) -> Any:
        try:
            body = await read_body(request, ATTACHMENT_SIZE_LIMIT)
        except web.HTTPRequestEntityTooLarge:
            raise too_large() from None
        try:
            return self._world.dispatch(
                request.method,
                path,
                json=body.json,
                files=body.files,
                params=dict(request.query),
                reason=request.headers.get("X-Audit-Log-Reason"),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # SimCord trusts discord.py to send well-formed bodies; Discord trusts nobody.
            log.exception("malformed request: %s", request.method)
            raise BackendError(400, 50035, "Invalid Form Body") from error
        except BackendError as error:
            # Seen live: an interaction's token that has expired is 401, where SimCord says 404.
            if error.code == 10015 and _token(path) in self._world.backend.interaction_tokens:
                raise BackendError(401, 50027, "Invalid Webhook Token") from None
            raise


def _wants_response(request: web.Request) -> bool:
    return request.query.get("with_response", "").lower() in ("1", "true")


def _token(path: str) -> str | None:
    """The token in a path of /webhooks."""
    segments = path.split("/")
    return segments[3] if len(segments) > 3 and segments[1] == "webhooks" else None


def _failure(error: BackendError) -> web.Response:
    if isinstance(error, RouteNotImplemented | UnsupportedField):
        log.error("NOT IMPLEMENTED by the playground: %s", _TOKEN.sub("{token}", error.message))
    return _json(error.to_json(), error.status)


def _json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    # discord.py compares the content type exactly: with a charset it would return a string.
    body = json.dumps(data, separators=(",", ":")).encode()
    content_type = {"Content-Type": "application/json"}
    return web.Response(body=body, status=status, headers={**(headers or {}), **content_type})
