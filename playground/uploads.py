"""The body of a REST call to Discord: JSON, or a multipart form with files."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web
from simcord.backend.errors import BackendError

FILES_PER_MESSAGE = 10
"""Discord's limit, error 30015."""

_DESCRIPTION_MAX_LENGTH = 1024
_FILE_PART = re.compile(r"files\[(\d{1,2})\]")
_NOT_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Upload:
    """One uploaded file, in the shape that SimCord's routes read."""

    fp: io.BytesIO
    filename: str
    description: str | None


@dataclass(frozen=True)
class Body:
    """What a request carries: its JSON, if any, and its files by position."""

    json: Any | None
    files: list[Upload]


def safe_name(name: str) -> str:
    """Discord replaces what its CDN would not carry in an address."""
    return _NOT_IN_FILE_NAMES.sub("_", name)


def too_large() -> BackendError:
    """Discord's answer to a file above the size limit."""
    return BackendError(413, 40005, "Request entity too large")


async def read_body(request: web.Request, file_size_limit: int) -> Body:
    """Parse a request as Discord does.

    Raises BackendError: 50109 for broken JSON, 40005 for a file of more than `file_size_limit`
    bytes, 30015 for too many files, 50035 for a malformed form.
    """
    if request.content_type.startswith("multipart/"):
        return await _read_form(request, file_size_limit)
    text = await request.text()
    return Body(_parse(text) if text else None, [])


async def _read_form(request: web.Request, file_size_limit: int) -> Body:
    payload: Any | None = None
    parts: dict[int, tuple[str, bytes]] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise BackendError(400, 50035, "Invalid Form Body: nested multipart")
        index = _FILE_PART.fullmatch(part.name or "")
        if index is not None:
            data = await _read_file(part, file_size_limit)
            parts[int(index[1])] = (part.filename or "unknown", data)
        elif part.name == "payload_json":
            payload = _parse(await part.text())
        else:
            raise BackendError(400, 50035, f"Invalid Form Body: unknown part {part.name!r}")
    if len(parts) > FILES_PER_MESSAGE:
        raise BackendError(400, 30015, "Maximum number of attachments in a message reached (10)")
    if sorted(parts) != list(range(len(parts))):
        raise BackendError(400, 50035, "Invalid Form Body: files must be numbered from 0")
    return Body(payload, _uploads(payload, parts))


async def _read_file(part: BodyPartReader, limit: int) -> bytes:
    # Checked while reading: an oversize file must not fill the memory first.
    data = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        data += chunk
        if len(data) > limit:
            raise too_large()
    return bytes(data)


def _uploads(payload: Any, parts: Mapping[int, tuple[str, bytes]]) -> list[Upload]:
    declared = _declared(payload)
    uploads = []
    for index in range(len(parts)):
        filename, data = parts[index]
        facts = declared.get(str(index), {})
        description = facts.get("description")
        if description is not None and len(description) > _DESCRIPTION_MAX_LENGTH:
            raise BackendError(400, 50035, "Invalid Form Body: description is over 1024 characters")
        name = safe_name(str(facts.get("filename") or filename))
        uploads.append(Upload(io.BytesIO(data), name, description))
    return uploads


def _declared(payload: Any) -> dict[str, Mapping[str, Any]]:
    """The `attachments` array by id; a callback carries it in `data`."""
    body = payload if isinstance(payload, Mapping) else {}
    nested = body.get("data")
    listed = body.get("attachments") or (
        nested.get("attachments") if isinstance(nested, Mapping) else None
    )
    return {str(item.get("id")): item for item in listed or [] if isinstance(item, Mapping)}


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise BackendError(400, 50109, "The request body contains invalid JSON.") from None
