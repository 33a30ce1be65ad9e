"""What an operator keeps of what is taken down: the bytes, and a record of whose they were.

A folder for each request, below DATA_DIR, for the account that runs this alone. Nothing of the
program reads, sweeps, erases or backs it up. Blocks: callers run it off the event loop.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.disk import flush
from bot.domain.attached import names
from bot.domain.generation import Generation
from bot.domain.picture import File
from bot.errors import StorageError

RECORD = "record.json"


def hold(
    folder: Path,
    rows: Sequence[Generation],
    files: Mapping[str, File],
    about: Mapping[str, object],
    *,
    now: int,
) -> Path:
    """Keep these rows of one request and their files, flushed to the disk; returns where.

    `files` are by their names; what is none (any more) is not in the record. The folder appears
    whole or not at all. `about` goes into the record. Raises StorageError, and then nothing is
    kept.
    """
    stamp = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    kept = folder / f"{rows[0].request.interaction_id}-{stamp}"
    draft = kept.with_name(f"{kept.name}.part")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
        try:
            there = {name: file for name, file in files.items() if _is_there(file)}
            copied = {name: _copied(file, draft / name) for name, file in there.items()}
            record = {**about, "kept_at": _time(now), "files": copied, **_record(rows)}
            text = json.dumps(record, indent=1, ensure_ascii=False)
            _write(draft / RECORD, text.encode())
            flush(draft)
            draft.rename(kept)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        flush(folder)
    except OSError as error:
        raise StorageError(
            f"The evidence cannot be kept in {folder} ({error}), so nothing was taken down.",
            "Check the folder's permissions and the free space.",
        ) from error
    return kept


def _is_there(file: File) -> bool:
    return not isinstance(file, Path) or file.is_file()


def _copied(file: File, to: Path) -> str:
    """The SHA-256 of its bytes, in hex: at most some dozens of MiB, read whole."""
    content = file.read_bytes() if isinstance(file, Path) else file.read()
    _write(to, content)
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, with its mode
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _record(rows: Sequence[Generation]) -> dict[str, Any]:
    request = rows[0].request
    place = f"https://discord.com/channels/{request.guild_id or '@me'}/{request.channel_id}"
    messages = {row.message_id for row in rows} | {row.published_id for row in rows}
    return {
        "interaction_id": request.interaction_id,
        "user_id": request.user_id,
        "guild_id": request.guild_id,
        "channel_id": request.channel_id,
        "private": request.private,
        "links": [f"{place}/{each}" for each in sorted(filter(None, messages))],
        "generations": [_generation(row) for row in rows],
    }


def _generation(row: Generation) -> dict[str, Any]:
    request = row.request
    return {
        "id": row.id,
        "asked_at": _time(row.created_at),
        "ended_at": _time(row.ended_at),
        "status": row.status,
        "model": request.model,
        "prediction_id": row.prediction_id,
        "prompt": request.prompt,
        "prompt_as_sent": request.styled_prompt,
        "options": dict(request.options),
        "images": [
            {"file": each.name, "type": each.media_type, "sha256": each.sha256}
            for each in row.outputs
        ],
        "attached": [
            {"file": name, "type": each.media_type, "sha256_as_attached": each.sha256}
            for name, each in zip(names(row.id, request.pictures), request.pictures, strict=True)
        ],
    }


def _time(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at / 1000, UTC).isoformat()
