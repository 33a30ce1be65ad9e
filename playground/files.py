"""Files that are handed to the small Replicate, and the pictures that inputs name."""

from __future__ import annotations

import base64
import binascii
import io
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web
from PIL import Image, UnidentifiedImageError

from playground.models import PICTURES, Complaint
from playground.refusals import problem

#: Bytes of a file (Replicate's OpenAPI), and of a `data:` URI: more than it documents (256 kB), as
#: its own client sends up to 10 MB.
MOST_BYTES = 100 * 1024 * 1024
MOST_INLINE = 10 * 1024 * 1024
#: Seconds that a file is kept, as recorded.
KEPT = 24 * 3600.0


class Files:
    """Kept in memory by id; `base` of an address is whoever asks."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, bytes]] = {}

    async def post(self, request: web.Request, now: float) -> web.Response:
        """`POST /v1/files`: a form with `content`, and perhaps its `filename` and `type`."""
        if not request.content_type.startswith("multipart/"):
            return problem(400, "Content type must be multipart/form-data")
        form = await request.post()
        content = form.get("content")
        if not isinstance(content, web.FileField):
            return problem(400, "Missing content")
        bytes_ = content.file.read()
        if len(bytes_) > MOST_BYTES:
            return problem(413, "Files must be less than 100MB in size")
        id = secrets.token_urlsafe(24)
        self._files[id] = content.content_type, bytes_
        return web.json_response(
            {
                "id": id,
                "name": content.filename,
                "content_type": content.content_type,
                "size": len(bytes_),
                "metadata": {},
                "created_at": _stamp(now),
                "expires_at": _stamp(now + KEPT),
                "urls": {"get": f"{request.url.origin()}/v1/files/{id}"},
            },
            status=201,
        )

    async def get(self, request: web.Request) -> web.Response:
        """`GET /v1/files/{id}`: its bytes."""
        found = self._files.get(request.match_info["id"])
        if found is None:
            return problem(404, "The requested resource could not be found.")
        return web.Response(body=found[1], content_type=found[0])

    def pictures(
        self, model: str, given: Mapping[str, object]
    ) -> tuple[dict[str, object], list[bytes], list[Complaint]]:
        """The picture inputs of a create as they were given, their bytes, and what is wrong."""
        name, several = PICTURES.get(model, ("", False))
        value = given.get(name)
        if value in (None, [], ""):
            return {}, [], []
        if isinstance(value, list) is not several:
            kind = "array" if several else "string"
            return {}, [], [("invalid_type", f"input.{name}", f"Invalid type. Expected: {kind}")]
        found = [self._picture(each) for each in (value if isinstance(value, list) else [value])]
        if None in found:
            return {}, [], [("format", f"input.{name}", "Does not match format 'uri'")]
        return {name: value}, [each for each in found if each is not None], []

    def _picture(self, value: object) -> bytes | None:
        """What a `data:` URI holds, or a file of ours; anywhere else nobody looks."""
        text = value if isinstance(value, str) else ""
        if text.startswith("data:image/") and len(text) <= MOST_INLINE:
            try:
                content = base64.b64decode(text.partition(";base64,")[2], validate=True)
            except binascii.Error:
                return None
        else:
            content = self._files.get(text.rpartition("/v1/files/")[2], ("", b""))[1]
        try:
            Image.open(io.BytesIO(content)).load()
        except (UnidentifiedImageError, OSError):
            return None
        return content


def _stamp(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
