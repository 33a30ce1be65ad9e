"""Between the ledger's rows and what the rest of the program sees."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot.attached import Attached, names
from bot.domain import Entry, Generation, Request, Status, Usage


def usage(row: sqlite3.Row) -> Usage:
    return Usage(
        images=row["images"],
        failed=row["failed"],
        canceled=row["canceled"],
        unknown=row["unknown"],
        pending=row["pending"],
        compute_ms=row["compute_ms"],
        cost_micros=row["cost_micros"],
    )


_REQUEST = tuple(
    name
    for name in Request.__dataclass_fields__
    if name not in ("options", "private", "token", "parent_id", "pictures", "picture_list")
)
_ROW = tuple(
    name
    for name in Generation.__dataclass_fields__
    if name not in ("request", "status", "quota", "budget")
)


def columns(request: Request) -> dict[str, Any]:
    plain = {name: getattr(request, name) for name in (*_REQUEST, "id", "place_id", "token")}
    return plain | {
        "options": json.dumps(dict(request.options)),
        "private": int(request.private),
        "pictures": written(request.pictures),
        "picture_list": int(request.picture_list),
    }


def written(pictures: Sequence[Attached]) -> str:
    return json.dumps([asdict(picture) for picture in pictures])


def files(row: sqlite3.Row) -> list[str]:
    """The files that go with the row: its image, and the pictures that it started from."""
    pictures = [Attached(**picture) for picture in json.loads(row["pictures"])]
    return [name for name in (row["image_name"], *names(row["id"], pictures)) if name]


def generation(row: sqlite3.Row) -> Generation:
    request = Request(
        **{name: row[name] for name in _REQUEST},
        token=row["token"] or "",
        options=json.loads(row["options"]),
        private=bool(row["private"]),
        pictures=tuple(Attached(**picture) for picture in json.loads(row["pictures"])),
        picture_list=bool(row["picture_list"]),
        parent_id=None if row["place_id"] == row["channel_id"] else row["place_id"],
    )
    return Generation(
        request=request,
        status=Status(row["status"]),
        quota=Entry(row["quota"]),
        budget=Entry(row["budget"]),
        **{name: row[name] for name in _ROW},
    )
