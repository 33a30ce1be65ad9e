"""A person's data as zip files: JSON and CSV for the records, and the images as they are stored.

Blocks: callers run it off the event loop.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile

from bot.domain.attached import Attached, names
from bot.domain.picture import File, close, opened
from bot.pictures.containers import length
from bot.record import Record
from bot.storage.database import Row
from bot.storage.people import Stored
from bot.text import safe_cell

#: Records in one file: it fits the smallest upload that Discord takes (10 MiB) even where each has
#: the longest prompt there is, 6,000 characters, ten more texts of 1,000 beside it, and JSON needs
#: six bytes for every one of them.
RECORDS = 100
#: What a zip file adds to each of its members, with names as long as ours, half of it at the
#: member and half in the list at its end; and what else stands there.
_MEMBER_BYTES, _END_BYTES = 400, 1_000

ABOUT = """\
Everything that Imagine stores about you.

records-*.json  one object for each prediction you asked for (an image, or several): what, where,
                when, and what became of it.
records-*.csv   the same as a table. Times are UTC, in milliseconds since 1970; money is in
                millionths of a US dollar.
changes.json    what you changed or decided in servers, and what their staff did about you.
blocks.json     servers where you may not ask for images, until when (in UTC milliseconds), and why.
limits.json     the limits that servers' managers set for you alone.
improvements.json  prompts that a text model improved: when, where, what it cost; no words.
preferences.json  what you chose in /me.
saved.json      images that you keep for servers, or that moderators took out there (barred), with
                the number of each among those of its record, from 0.
images/         the images that are still stored, as the provider made them.
pictures/       the pictures you attached that are still stored, as they went to the provider.
"""


#: What a person gets to see of their rows: not the reply's token, nor what is ours to keep order.
_HIDDEN = frozenset({"token", "token_expires_at", "owner_epoch", "user_id", "origin_key"})

#: Of what moderators have not approved nobody gets the image: it is deleted, or to be decided.
_REVIEWED = frozenset({"image", "both"})

#: Columns that hold JSON.
_JSON = ("options", "outputs", "pictures", "origin", "style")

#: The stored picture of that name. Raises FileNotFoundError, or whoever opens a path does.
Fetch: TypeAlias = Callable[[str], File]
Member: TypeAlias = tuple[str, bytes | File]


class Part(Record):
    """One zip file, and how many images are in it; `left_out` are too large for any."""

    file: io.BytesIO
    images: int
    left_out: tuple[str, ...]


def parts(stored: Stored, fetch: Fetch, limit: int) -> Iterator[Part]:
    """Zip files of at most `limit` bytes each; the records come first, then the newest images."""
    waiting: Iterator[Member] = chain(_records(stored), _images(stored, fetch))
    member = next(waiting, None)
    while member is not None:
        file, count, left_out = io.BytesIO(), 0, []
        with ZipFile(file, "w") as archive:
            while member is not None:
                name, content = member
                size = len(content) if isinstance(content, bytes) else _size(content)
                if size + _MEMBER_BYTES + _END_BYTES > limit:
                    left_out.append(name)
                elif file.tell() + size + _overhead(archive) > limit:
                    break
                elif _add(archive, name, content):
                    count += name.startswith("images/")
                member = next(waiting, None)
        file.seek(0)
        yield Part(file, count, tuple(left_out))


def _overhead(archive: ZipFile) -> int:
    """What comes to its members' bytes with one more of them: all are listed again at the end."""
    return (len(archive.filelist) + 1) * _MEMBER_BYTES + _END_BYTES


def _add(archive: ZipFile, name: str, content: bytes | File) -> bool:
    """False: the image was removed meanwhile."""
    if isinstance(content, bytes):
        archive.writestr(name, content, ZIP_DEFLATED)
        return True
    try:
        with opened(content) as file, archive.open(name, "w") as member:
            shutil.copyfileobj(file, member)  # stored as it is: pictures are compressed already
    except FileNotFoundError:
        return False
    return True


def _records(stored: Stored) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", ABOUT.encode()
    starts = range(0, len(stored.generations), RECORDS)
    for number, start in enumerate(starts, 1):
        rows = [_shown(row) for row in stored.generations[start : start + RECORDS]]
        yield f"records-{number}.json", _json(rows)
        yield f"records-{number}.csv", _csv(rows)
    changes = [dict(row) | {"details": json.loads(row["details"])} for row in stored.changes]
    yield "changes.json", _json(changes)
    yield "blocks.json", _json([dict(row) for row in stored.blocks])
    yield "limits.json", _json([dict(row) for row in stored.limits])
    yield "saved.json", _json([dict(row) for row in stored.saved])
    yield "improvements.json", _json([dict(row) for row in stored.improvements])
    preferences = {"hidden_in_server_figures": stored.unlisted, **stored.preferences}
    yield "preferences.json", _json(preferences)


def _images(stored: Stored, fetch: Fetch) -> Iterator[tuple[str, File]]:
    for row in reversed(stored.generations):
        for name, shown in _named(row, stored.refused):
            with suppress(FileNotFoundError):
                file = fetch(name)
                try:
                    yield shown, file
                finally:
                    close(file)


def _named(row: Row, refused: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each of its files but what was taken down, and how it is called in the archive."""
    undecided = row["review"] in _REVIEWED and row["approved_at"] is None
    sealed = undecided or row["sealed_until"] is not None
    for output in filter(None, [] if sealed else json.loads(row["outputs"] or "[]")):
        if output.get("sha256") not in refused:
            yield output["name"], f"images/{output['name']}"
    pictures = [Attached(**picture) for picture in json.loads(row["pictures"])]
    for name, picture in zip(names(row["id"], pictures), pictures, strict=True):
        if picture.sha256 not in refused:
            yield name, f"pictures/{name}.{picture.extension}"


def _size(file: File) -> int:
    try:
        return length(file) if not isinstance(file, Path) else file.stat().st_size
    except FileNotFoundError:
        return 0


def _shown(row: Row) -> dict[str, Any]:
    shown = {name: value for name, value in dict(row).items() if name not in _HIDDEN}
    return shown | {name: json.loads(row[name] or "null") for name in _JSON}


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode()


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Without a cell that a spreadsheet would run.

    Lines end as they do by default: else Python before 3.13 writes a carriage return unquoted, and
    what follows it in a prompt would begin a row.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    for row in rows:
        plain = {**row, **{name: json.dumps(row[name]) for name in _JSON}}
        writer.writerow([safe_cell(value) for value in plain.values()])
    return text.getvalue().encode("utf-8-sig")  # so that spreadsheets know that it is UTF-8
