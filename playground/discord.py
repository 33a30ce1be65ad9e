"""The wire around the world: Discord's REST, its gateway's address and its files."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from simcord.backend.errors import BackendError
from simcord.http.router import RouteNotImplemented, UnsupportedField

from playground.completeness import complete
from playground.discord_faults import FAULTS, DiscordFaults
from playground.gateway import Gateway
from playground.uploads import read_body, too_large
from playground.wire import as_json
from playground.world import ATTACHMENT_SIZE_LIMIT, World

__all__ = ["FAULTS", "GATEWAY", "DiscordFaults", "create_app"]

log = logging.getLogger(__name__)

# Ten files, what a form adds, and one byte over the limit per file so that 40005 is ours to say.
_BODY_LIMIT = 11 * (ATTACHMENT_SIZE_LIMIT + 1024)
_TOKEN_IN_PATH = re.compile(r"^/(interactions/\d+/[^/]+/callback|webhooks/\d+/[^/]+(/.*)?)$")
_TOKEN = re.compile(r"simcord_interaction_\d+")


def create_app(world: World, token: str, faults: DiscordFaults | None = None) -> web.Application:
    """Discord for one bot: /api/v10, /gateway and /attachments; `token` is the bot's."""
    faults = faults or DiscordFaults()
    app = web.Application(client_max_size=_BODY_LIMIT, middlewares=[faults.wire.only("/api/")])
    rest = Rest(world, token)
    gateway = Gateway(world, token)
    app[GATEWAY] = gateway
    app[SKEW] = world.backend.skew = lambda: faults.skew
    app.on_response_prepare.append(_date)
    app.router.add_get("/api/{version:v\\d+}/gateway", rest.gateway)
    app.router.add_get("/api/{version:v\\d+}/gateway/bot", rest.authorized(rest.gateway_bot))
    app.router.add_route("*", "/api/{version:v\\d+}/{path:.*}", rest.call)
    app.router.add_get("/gateway", gateway.connect)
    app.router.add_get("/gateway/", gateway.connect)
    app.router.add_get("/attachments/{path:.*}", rest.attachment)
    app.on_shutdown.append(gateway.close)
    return app


GATEWAY = web.AppKey("gateway", Gateway)
SKEW: web.AppKey[Callable[[], timedelta]] = web.AppKey("skew")

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Rest:
    """Every HTTP route that a bot uses."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    def authorized(self, handler: _Handler) -> _Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            return self._refusal(request) or await handler(request)

        return guarded

    def _refusal(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bot {self._token}":
            return None
        return as_json({"message": "401: Unauthorized", "code": 0}, 401)

    async def gateway(self, request: web.Request) -> web.Response:
        return as_json({"url": f"ws://{request.host}/gateway"})

    async def gateway_bot(self, request: web.Request) -> web.Response:
        limits = {
            "total": 1000,
            "remaining": 999,
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        }
        url = f"ws://{request.host}/gateway"
        return as_json({"url": url, "shards": 1, "session_start_limit": limits})

    async def attachment(self, request: web.Request) -> web.Response:
        found = self._world.backend.cdn.read(request.rel_url.raw_path)
        if found is None:
            raise web.HTTPNotFound(text="This content is no longer available.")
        data, content_type = found
        # Whatever was uploaded: it is no page of ours, and only pictures are shown.
        headers = {
            "Content-Type": content_type,
            "Content-Security-Policy": "sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        if not content_type.startswith("image/"):
            headers["Content-Disposition"] = "attachment"
        return web.Response(body=data, headers=headers)

    async def call(self, request: web.Request) -> web.Response:
        path = "/" + request.match_info["path"]
        if not _TOKEN_IN_PATH.match(path) and (refusal := self._refusal(request)):
            return refusal
        try:
            answer = await self._dispatch(request, path)
        except BackendError as error:
            return _failure(error)
        if answer is None or (path.endswith("/callback") and not _wants_response(request)):
            return web.Response(status=204)
        return as_json(complete(self._world.backend, answer))

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


async def _date(request: web.Request, response: web.StreamResponse) -> None:
    """What time Discord believes it is, where that is not ours (which aiohttp has added)."""
    if request.app[SKEW]():
        response.headers["Date"] = format_datetime(
            datetime.now(UTC) + request.app[SKEW](), usegmt=True
        )


def _wants_response(request: web.Request) -> bool:
    return request.query.get("with_response", "").lower() in ("1", "true")


def _token(path: str) -> str | None:
    """The token in a path of /webhooks."""
    segments = path.split("/")
    return segments[3] if len(segments) > 3 and segments[1] == "webhooks" else None


def _failure(error: BackendError) -> web.Response:
    if isinstance(error, RouteNotImplemented | UnsupportedField):
        log.error("NOT IMPLEMENTED by the playground: %s", _TOKEN.sub("{token}", error.message))
    return as_json(error.to_json(), error.status)
