"""As much of a predictions API as a bot needs: create, get, cancel, the output file."""

from __future__ import annotations

import asyncio
import json
import math
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bench.budget import Budget
from bench.record import Record, number_in
from bench.webhooks import Webhooks

STARTING_SHARE = 0.15
"""The part of a prediction's time that it spends in "starting"."""

_WAIT = re.compile(r"wait(?:=(\d{1,2}))?")
_LONGEST_WAIT = 60.0  # seconds that Replicate holds a create open for `Prefer: wait`
_PIECE = 1 << 19  # bytes of a file written at once
_JSON = {"Content-Type": "application/json"}


class Provider:
    """Predictions that are a function of time: nothing runs in the background.

    `together` is the moment at which all of them complete; None: each after its own seconds.
    """

    def __init__(self, records: Sequence[Record], image: bytes, media_type: str) -> None:
        self.creates, self.others = Budget(), Budget()
        self.together: float | None = None
        self.webhooks = Webhooks()
        self._records = records
        self._image = memoryview(image)
        self._image_headers = {"Content-Type": media_type, "Content-Length": str(len(image))}
        self._extension = "png" if media_type == "image/png" else "jpg"

    async def answer(self, request: web.BaseRequest, path: list[str]) -> web.StreamResponse:
        """Answer a call below /v1, or one for a file; `path` is split at its slashes."""
        if path[0] == "files":
            return await self._file(request)
        buys = request.method == "POST" and path[-1] == "predictions"
        budget = self.creates if buys else self.others
        if (seconds := budget.take()) is not None:
            return _throttled(seconds)
        if buys:
            return await self._create(request)
        if path[1:] == ["webhooks", "default", "secret"]:
            return _json({"key": self.webhooks.secret})
        if len(path) < 3 or path[1] != "predictions" or (record := self._find(path[2])) is None:
            return _json({"detail": "The requested resource could not be found."}, 404)
        if request.method == "POST":
            record.completes_at = math.inf
        else:
            record.polls += 1
        return self._state(record, request.host)

    async def _create(self, request: web.BaseRequest) -> web.Response:
        content = json.loads(await request.read())
        record = self._records[number_in(content["input"]["prompt"])]
        record.creates += 1
        record.created_at = time.monotonic()
        ends = record.created_at + record.seconds
        record.completes_at = ends if self.together is None else max(self.together, ends)
        if address := content.get("webhook"):
            host = request.host
            self.webhooks.promise(
                record, address, lambda: json.dumps(self._body(record, host)).encode()
            )
        if wanted := _WAIT.fullmatch(request.headers.get("Prefer", "")):
            longest = min(float(wanted[1] or _LONGEST_WAIT), _LONGEST_WAIT)
            await asyncio.sleep(min(longest, record.completes_at - time.monotonic()))
        return self._state(record, request.host, 201)

    async def _file(self, request: web.BaseRequest) -> web.StreamResponse:
        """In pieces, so that what slow readers have not taken is not held here a hundred times."""
        response = web.StreamResponse(headers=self._image_headers)
        await response.prepare(request)
        for start in range(0, len(self._image), _PIECE):
            await response.write(self._image[start : start + _PIECE])
        return response

    def _find(self, prediction_id: str) -> Record | None:
        number = number_in(prediction_id)
        found = self._records[number] if 0 <= number < len(self._records) else None
        return found if found is not None and found.creates else None

    def _state(self, record: Record, host: str, status: int = 200) -> web.Response:
        body = self._body(record, host)
        if body["status"] == "succeeded" and record.seen_at is None:
            record.seen_at = time.monotonic()
        return _json(body, status)

    def _body(self, record: Record, host: str) -> dict[str, Any]:
        now = time.monotonic()
        ended = now >= record.completes_at
        taken = record.completes_at - record.created_at
        started_at = record.created_at + STARTING_SHARE * min(taken, record.seconds)
        prediction_id = f"bench{record.number:021}"
        running = "starting" if now < started_at else "processing"
        files, api = f"http://{host}/files", f"http://{host}/v1/predictions"
        return {
            "id": prediction_id,
            "model": "bench/model",
            "version": "hidden",
            "input": {"prompt": record.prompt},
            "logs": "",
            "output": f"{files}/{prediction_id}/out-0.{self._extension}" if ended else None,
            "data_removed": False,
            "error": None,
            "source": "api",
            "status": "succeeded" if ended else running,
            "created_at": _stamp(record.created_at, now),
            "started_at": _stamp(started_at, now) if now >= started_at else None,
            "completed_at": _stamp(record.completes_at, now) if ended else None,
            "metrics": {"predict_time": taken * (1 - STARTING_SHARE)} if ended else {},
            "urls": {
                "get": f"{api}/{prediction_id}",
                "cancel": f"{api}/{prediction_id}/cancel",
            },
        }


def _throttled(seconds: float) -> web.Response:
    wait = math.ceil(seconds)
    detail = f"Request was throttled. Your rate limit resets in ~{wait}s."
    body = {"detail": detail, "status": 429, "retry_after": wait}
    return _json(body, 429)


def _stamp(moment: float, now: float) -> str:
    """A moment of the monotonic clock as the API writes times."""
    return (datetime.now(UTC) + timedelta(seconds=moment - now)).isoformat()


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), status=status, headers=_JSON)
