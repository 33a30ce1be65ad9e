"""As much of Discord's REST as a bot with one slash command needs, and what arrives by it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from bench import payloads
from bench.record import Record, number_in

#: Without a charset: with one, discord.py takes the body for text.
_JSON = {"Content-Type": "application/json"}
_HEAD_LIMIT = 1 << 16  # bytes in which the file's part of a form has begun
_NO_CONTENT, _THINKING = 204, 5


class Rest:
    """Answers /api/v10 and writes down when what arrived; `image_size` is a whole image's.

    Each answer takes `seconds`, but for where the gateway is: only who was told of another Discord
    asks for that.
    """

    def __init__(self, records: Sequence[Record], image_size: int, seconds: float = 0.0) -> None:
        self._records = records
        self._image_size = image_size
        self._seconds = seconds

    async def answer(self, request: web.BaseRequest, path: list[str]) -> web.Response:
        """Answer one call; `path` is what follows the version, split at its slashes."""
        if self._seconds and path != ["gateway"]:
            await asyncio.sleep(self._seconds)
        match path:
            case ["interactions", _, token, "callback"]:
                return await self._callback(request, self._of(token))
            case ["webhooks", _, token, *_]:
                return await self._reply(request, self._of(token))
            case ["channels", _, "messages", message_id]:
                return await self._reply(request, self._by_message(message_id))
            case ["channels", _, "messages"] if request.method == "POST":
                await request.read()  # a reminder or the like: no image is expected this way
                new = {"id": str(payloads.snowflake()), "type": 0}
                return _json(payloads.message(self._records[0]) | new)
        return await _about(request, path)

    async def _callback(self, request: web.BaseRequest, record: Record) -> web.Response:
        now = time.monotonic()
        kind = int(json.loads(await request.read())["type"])
        record.acknowledged_at = record.acknowledged_at or now
        record.refusals += kind != _THINKING
        if "with_response=" not in request.raw_path:
            return web.Response(status=_NO_CONTENT)
        return _json(payloads.callback(record, kind))

    async def _reply(self, request: web.BaseRequest, record: Record | None) -> web.Response:
        if record is None:
            return _json({"message": "Unknown Message", "code": 10008}, 404)
        if request.method == "GET":
            return _json(payloads.message(record))
        return _json(payloads.message(record, await self._receive(request, record)))

    async def _receive(self, request: web.BaseRequest, record: Record) -> int:
        """An edit, written down once it has arrived complete; its bytes of file."""
        if not request.headers["Content-Type"].startswith("multipart/"):
            await request.read()
            record.edits += 1
            return 0
        attached = await _file_size(request)
        if attached >= self._image_size:
            record.deliveries.append(time.monotonic())
        else:
            record.incomplete += 1
        return attached

    def _of(self, token: str) -> Record:
        return self._records[number_in(token)]

    def _by_message(self, message_id: str) -> Record | None:
        return next((r for r in self._records if str(r.message_id) == message_id), None)


async def _about(request: web.BaseRequest, path: list[str]) -> web.Response:
    """What is asked once, at a bot's start."""
    match path:
        case ["users", "@me"]:
            return _json(payloads.bot_user())
        case ["oauth2", "applications", "@me"] | ["applications", "@me"]:
            return _json(payloads.application())
        case ["gateway", *rest]:
            return _json(_gateway(request.host, alone=not rest))
        case ["applications", _, *_, "commands"] if request.method == "PUT":
            commands = json.loads(await request.read())
            owned = {"application_id": str(payloads.APPLICATION), "version": "1"}
            owned["description"] = ""  # of a menu's
            return _json([{"id": str(payloads.snowflake()), **owned, **c} for c in commands])
    return _json({"message": "404: Not Found", "code": 0}, 404)


def _gateway(host: str, *, alone: bool) -> dict[str, Any]:
    url = {"url": f"ws://{host}/gateway"}
    starts = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
    return url if alone else {**url, "shards": 1, "session_start_limit": starts}


async def _file_size(request: web.BaseRequest) -> int:
    """Bytes of the one file that ends a form, 0 where the form is cut short.

    Only its head is looked at, so that receiving costs this process little.
    """
    boundary = str(request.headers["Content-Type"]).partition("boundary=")[2].strip('"').encode()
    ending = b"\r\n--" + boundary + b"--\r\n"
    head, tail, total, begins = bytearray(), b"", 0, -1
    async for chunk in request.content.iter_any():
        total += len(chunk)
        tail = (tail + chunk if len(chunk) < len(ending) else chunk)[-len(ending) :]
        if begins < 0 and len(head) < _HEAD_LIMIT:
            head += chunk
            found = head.find(b'name="files[')
            begins = head.find(b"\r\n\r\n", found) + 4 if found >= 0 else -1
    return total - begins - len(ending) if begins >= 4 and tail == ending else 0


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), status=status, headers=_JSON)
