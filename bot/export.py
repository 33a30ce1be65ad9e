"""A person's data as zip files: JSON and CSV for the records, and the images as they are stored.

Blocks: callers run it off the event loop.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from bot.storage.people import Stored
from bot.text import safe_cell

#: Records in one file: at a kilobyte or two each it fits the smallest upload that Discord takes.
RECORDS = 2_000
#: What a zip file adds to each of its members, with names as long as ours, and at its end.
_MEMBER_BYTES, _END_BYTES = 400, 1_000

ABOUT = """\
Everything that Imagine stores about you.

records-*.json  one object for each image you asked for: what, where, when, and what became of it.
records-*.csv   the same as a table. Times are UTC, in milliseconds since 1970; money is in
                millionths of a US dollar.
changes.json    what you changed in servers' settings.
wishes.json     what you chose in /me.
images/         the images that are still stored, as the provider made them.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One zip file, and how many images are in it; `left_out` are too large for any."""

    file: io.BytesIO
    images: int
    left_out: tuple[str, ...]


def parts(stored: Stored, folder: Path, limit: int) -> Iterator[Part]:
    """Zip files of at most `limit` bytes each; the records come first, then the newest images."""
    members: list[tuple[str, bytes | Path]] = [*_records(stored), *_images(stored, folder)]
    waiting = iter(members)
    member = next(waiting, None)
    while member is not None:
        file, count, left_out = io.BytesIO(), 0, []
        with ZipFile(file, "w") as archive:
            while member is not None:
                name, content = member
                size = len(content) if isinstance(content, bytes) else _size(content)
                if size + _MEMBER_BYTES + _END_BYTES > limit:
                    left_out.append(name)
                elif file.tell() + size + _MEMBER_BYTES + _END_BYTES > limit:
                    break
                elif _add(archive, name, content):
                    count += name.startswith("images/")
                member = next(waiting, None)
        file.seek(0)
        yield Part(file, count, tuple(left_out))


def _add(archive: ZipFile, name: str, content: bytes | Path) -> bool:
    """False: the image was removed meanwhile."""
    if isinstance(content, bytes):
        archive.writestr(name, content, ZIP_DEFLATED)
        return True
    try:
        archive.write(content, name, ZIP_STORED)  # pictures are compressed already
    except FileNotFoundError:
        return False
    return True


def _records(stored: Stored) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", ABOUT.encode()
    starts = range(0, len(stored.generations), RECORDS)
    for number, start in enumerate(starts, 1):
        rows = stored.generations[start : start + RECORDS]
        yield f"records-{number}.json", _json(rows)
        yield f"records-{number}.csv", _csv(rows)
    yield "changes.json", _json(stored.changes)
    yield "wishes.json", _json({"hidden_in_server_figures": stored.unlisted})


def _images(stored: Stored, folder: Path) -> Iterator[tuple[str, Path]]:
    for row in reversed(stored.generations):
        name = row["image_name"]
        if name and (folder / name).is_file():
            yield f"images/{name}", folder / name


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode()


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Without a cell that a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        plain = {**row, "options": json.dumps(row["options"])}
        writer.writerow([safe_cell(value) for value in plain.values()])
    return text.getvalue().encode("utf-8-sig")  # so that spreadsheets know that it is UTF-8
