"""The chat page and its push channel: what a person sees of the playground, live.

One WebSocket per open page carries everything that changes: a scene when the page connects or
looks elsewhere, then each visible difference. The page asks for things over the same socket and
gets one answer per request, so nothing outside the page's own origin can make the world move.
"""

from __future__ import annotations

from pathlib import Path

from aiohttp import WSCloseCode, web

from playground.attached import ATTACHMENT_SIZE_LIMIT
from playground.errors import WorldError
from playground.trouble import Trouble
from playground.viewer import Viewer
from playground.world import World

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

#: Bytes in one request from the page: a form with five fields of 4,000 characters in four-byte
#: UTF-8, and room.
MAX_REQUEST = 128 * 1024


def add_routes(app: web.Application, world: World, trouble: Trouble | None = None) -> None:
    """Serve the page at `/`, its files under `/page/` and its push channel at `/chat`.

    With `trouble`, the page gets the switches of the faults.
    """
    chat = Chat(world, trouble)
    app.router.add_get("/", chat.index)
    app.router.add_get("/page/{name}", chat.asset)
    app.router.add_get("/chat", chat.connect)
    app.router.add_post("/attached/{name}", chat.attach)
    app.on_response_prepare.append(chat.look_again)
    app.on_shutdown.append(chat.close)


class Chat:
    """The routes, and the pages that are open now."""

    def __init__(self, world: World, trouble: Trouble | None) -> None:
        self._world = world
        self._trouble = trouble
        self._open: set[Viewer] = set()
        if trouble is not None:
            trouble.listeners.append(self._tell)

    def _tell(self) -> None:
        for viewer in self._open:
            viewer.show_trouble()

    async def index(self, request: web.Request) -> web.Response:
        return _file(request, "index.html")

    async def asset(self, request: web.Request) -> web.Response:
        return _file(request, request.match_info["name"])

    async def attach(self, request: web.Request) -> web.Response:
        """Keep a file that a person is about to send; answers with its id, or what is wrong."""
        _require_page(request)
        try:
            id = self._world.attached.put(request.match_info["name"], await _content(request))
        except WorldError as error:
            return web.json_response({"error": str(error)}, status=413)
        return web.json_response({"id": id})

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Show the world to one page until it leaves."""
        _require_page(request)
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=MAX_REQUEST)
        await socket.prepare(request)
        viewer = Viewer(self._world, socket, self._trouble)
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


def _file(request: web.Request, name: str) -> web.Response:
    path = PAGE / name
    media_type = MEDIA_TYPES.get(path.suffix)
    if media_type is None or path.parent != PAGE or not path.is_file():
        raise web.HTTPNotFound
    return web.Response(
        body=path.read_bytes(), content_type=media_type, charset="utf-8", headers=HEADERS
    )


async def _content(request: web.Request) -> bytes:
    """The body as far as it matters: what is over the limit is too large whatever it is."""
    content = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        # Read to its end, since an answer in the middle of a body is lost in browsers.
        if len(content) <= ATTACHMENT_SIZE_LIMIT:
            content += chunk
    return bytes(content)


def _require_page(request: web.Request) -> None:
    """A page is a browser's: it always says where it is from, and `serve` refuses other sites."""
    if "Origin" not in request.headers:
        raise web.HTTPForbidden(text="Only the playground's own page may connect here.\n")
