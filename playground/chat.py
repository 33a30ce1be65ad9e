"""The chat page and its push channel: what a person sees of the playground, live.

One WebSocket per open page carries everything that changes: a scene when the page connects or
looks elsewhere, then each visible difference. The page asks for things over the same socket and
gets one answer per request, so nothing outside the page's own origin can make the world move.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import WSCloseCode, WSMsgType, web

from playground.world import World, WorldError

PAGE = Path(__file__).parent / "page"

#: Spelled out because Windows' registry may call .js text/plain, which no browser runs as a module.
MEDIA_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}

HEADERS = {
    # Nothing leaves this machine, even if a message ever managed to become markup.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self' ws://127.0.0.1:* ws://localhost:*; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

#: Frames that wait for a page; one that lags further behind is shown the scene as it is now.
BACKLOG = 200

#: Bytes in one request from the page: a 6,000-character option in four-byte UTF-8, and room.
MAX_REQUEST = 64 * 1024


def add_routes(app: web.Application, world: World) -> None:
    """Serve the page at `/`, its files under `/page/` and its push channel at `/chat`."""
    chat = Chat(world)
    app.router.add_get("/", chat.index)
    app.router.add_get("/page/{name}", chat.asset)
    app.router.add_get("/chat", chat.connect)
    app.on_response_prepare.append(chat.look_again)
    app.on_shutdown.append(chat.close)


class Chat:
    """The routes, and the pages that are open now."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: set[Viewer] = set()

    async def index(self, request: web.Request) -> web.Response:
        return _file(request, "index.html")

    async def asset(self, request: web.Request) -> web.Response:
        return _file(request, request.match_info["name"])

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Show the world to one page until it leaves."""
        _require_local(request)
        if request.headers.get("Origin") != f"http://{request.host}":
            raise web.HTTPForbidden(text="Only the playground's own page may connect here.\n")
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=MAX_REQUEST)
        await socket.prepare(request)
        viewer = Viewer(self._world, socket)
        viewer.look(request.query.get("person", ""), request.query.get("channel", ""))
        self._open.add(viewer)
        try:
            await viewer.serve()
        finally:
            self._open.discard(viewer)
        return socket

    async def look_again(self, request: web.Request, response: web.StreamResponse) -> None:
        """After the bot's own calls: registering commands is announced by no event."""
        if request.method != "GET" and request.path.startswith("/api/"):
            for viewer in self._open:
                viewer.look_again()

    async def close(self, app: web.Application) -> None:
        """Say goodbye, so that open pages learn at once and `run` need not wait for them."""
        for viewer in list(self._open):
            await viewer.socket.close(code=WSCloseCode.GOING_AWAY)


class Viewer:
    """One open page: who is looking, at which channel, and what it was shown so far."""

    def __init__(self, world: World, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self._world = world
        self._person = self._channel = ""
        self._shown: dict[str, str] | None = None
        self._commands: list[dict[str, Any]] = []
        self._frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._answers: set[asyncio.Task[None]] = set()

    def look(self, person: str, channel: str) -> None:
        """Show the channel as this person sees it; unknown ids fall back to a plain member's view.

        A page that reconnects after a restart still holds the ids of the world before.
        """
        people = {entry["id"]: entry for entry in self._world.people}
        channels = [entry["id"] for entry in self._world.channels]
        members = [id for id, entry in people.items() if entry["role"] == "member"]
        self._person = person if person in people else members[0]
        self._channel = channel if channel in channels else channels[0]
        self._shown = None
        self.look_again()

    def look_again(self, *event: object) -> None:
        """Something may have changed: queue what of it this person sees.

        At once, not when the socket is free: a page that shows only every other edit would hide
        progress that a person on Discord sees.
        """
        if self._frames.qsize() > BACKLOG:
            self._frames = asyncio.Queue()
            self._shown = None
        for frame in self._differences():
            self._frames.put_nowait(frame)

    async def serve(self) -> None:
        """Push changes and answer requests until the page leaves."""
        unsubscribe = self._world.subscribe(self.look_again)
        pushing = asyncio.create_task(self._push())
        try:
            async for received in self.socket:
                if received.type is WSMsgType.TEXT:
                    self._begin(received.data)
        finally:
            unsubscribe()
            for task in (pushing, *self._answers):
                task.cancel()

    def _begin(self, text: str) -> None:
        # A command may take three seconds to be acknowledged; other requests do not wait for it.
        task = asyncio.create_task(self._answer(text))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, text: str) -> None:
        request = _parse(text)
        answer: dict[str, Any] = {"type": "answer", "id": request.get("id"), "error": None}
        try:
            await self._do(request)
        except WorldError as error:
            answer["error"] = str(error)
        with contextlib.suppress(ConnectionError):
            await self.socket.send_json(answer)

    async def _do(self, request: Mapping[str, Any]) -> None:
        world, person, channel = self._world, self._person, self._channel
        match request:
            case {"do": "look", "person": str(person), "channel": str(channel)}:
                self.look(person, channel)
            case {"do": "invoke", "name": str(name), "options": dict(options)}:
                values = {str(option): str(value) for option, value in options.items()}
                await world.invoke(person, channel, name, values)
            case {"do": "click", "message": str(message), "custom_id": str(custom_id)}:
                await world.click(person, channel, message, custom_id)
            case {"do": "say", "text": str(words)}:
                await world.say(person, channel, words)
            case {"do": "delete", "message": str(message)}:
                await world.delete(person, channel, message)
            case _:
                raise WorldError("The page asked for something that the playground does not know.")

    async def _push(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await self.socket.send_json(await self._frames.get())

    def _differences(self) -> Iterator[dict[str, Any]]:
        # Asking the world what this person sees, instead of relaying its events, keeps the rule
        # of who may see an ephemeral message in one place.
        messages = self._world.messages(self._channel, self._person)
        commands = self._world.commands(self._person, self._channel)
        before, self._shown = self._shown, {entry["id"]: json.dumps(entry) for entry in messages}
        if before is None:
            yield self._scene(messages, commands)
        else:
            yield from ({"type": "gone", "id": id} for id in before if id not in self._shown)
            for entry in messages:
                if before.get(entry["id"]) != self._shown[entry["id"]]:
                    yield {"type": "message", "message": entry}
            if commands != self._commands:
                yield {"type": "commands", "commands": commands}
        self._commands = commands

    def _scene(
        self, messages: list[dict[str, Any]], commands: list[dict[str, Any]]
    ) -> dict[str, Any]:
        world = self._world
        return {
            "type": "scene",
            "app": {"id": str(world.bot_user_id), "name": world.backend.bot_user.name},
            "people": world.people,
            "channels": world.channels,
            "person": self._person,
            "channel": self._channel,
            "messages": messages,
            "commands": commands,
        }


def _file(request: web.Request, name: str) -> web.Response:
    _require_local(request)
    path = PAGE / name
    media_type = MEDIA_TYPES.get(path.suffix)
    if media_type is None or path.parent != PAGE or not path.is_file():
        raise web.HTTPNotFound
    return web.Response(
        body=path.read_bytes(), content_type=media_type, charset="utf-8", headers=HEADERS
    )


def _require_local(request: web.Request) -> None:
    # A foreign name that was rebound to 127.0.0.1 arrives with its own Host.
    if urlsplit(f"//{request.host}").hostname not in ("127.0.0.1", "localhost"):
        raise web.HTTPForbidden(text="The playground answers to 127.0.0.1 and localhost only.\n")


def _parse(text: str) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        request = json.loads(text)
        if isinstance(request, dict):
            return request
    return {}
