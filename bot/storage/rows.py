"""Between the ledger's rows and what the rest of the program sees."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.attached import Attached, names
from bot.domain.generation import Entry, Generation, RemovedBy, Request, StandIn, Status, Usage
from bot.domain.origin import Derivation, Origin
from bot.domain.picture import Stored
from bot.domain.style import Style
from bot.record import asdict
from bot.storage.database import Row


def usage(row: Row) -> Usage:
    return Usage(
        images=row["images"],
        failed=row["failed"],
        canceled=row["canceled"],
        unknown=row["unknown"],
        pending=row["pending"],
        compute_ms=row["compute_ms"],
        cost_micros=row["cost_micros"],
    )


#: Columns that are written in a form of their own, or none.
_FLAGS = (
    *("private", "picture_list", "publish", "spoiler", "direct", "mention"),
    *("notify", "guest"),
)
_APART = ("options", "token", "parent_id", "stand_in", "pictures", "origin", "style", *_FLAGS)
_REQUEST = tuple(name for name in Request.__struct_fields__ if name not in _APART)
_ROW = tuple(
    name
    for name in Generation.__struct_fields__
    if name not in ("request", "status", "quota", "budget", "outputs", "unfetched", "removed_by")
)


def columns(request: Request) -> dict[str, Any]:
    plain = {name: getattr(request, name) for name in (*_REQUEST, "id", "place_id", "token")}
    return plain | {
        "stand_in": request.stand_in and _compact(asdict(request.stand_in)),
        "pictures": written(request.pictures),
        "style": request.style and _compact(asdict(request.style)),
        "origin": request.origin and _compact(asdict(request.origin)),
        "origin_key": request.origin and request.origin.key,
        **{name: int(getattr(request, name)) for name in _FLAGS},
    }


def written(pictures: Sequence[Attached]) -> str:
    return json.dumps([asdict(picture) for picture in pictures])


def of_each(request: Request, seed: str | None) -> dict[str, Any]:
    """What the rows of one request do not all have in common; `seed` counts up among them."""
    options = [dict(request.options) for _ in range(request.predictions)]
    for ordinal, of_row in enumerate(options):
        if seed in of_row:
            of_row[seed] = int(of_row[seed]) + ordinal
    return {
        "row_images": request.images,
        "options_of": json.dumps([_compact(of_row) for of_row in options]),
    }


def _compact(value: object) -> str:
    """As SQLite itself writes JSON, so that equal options are equal texts."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def outputs(found: Sequence[Stored | None]) -> str:
    """As they are kept in one column; None: made, but not to be had."""
    return json.dumps([each and _output(each) for each in found])


def _output(made: Stored) -> dict[str, str | int]:
    about = {"name": made.name, "type": made.media_type, "sha256": made.sha256}
    return {**about, "bytes": made.size}


def files(row: Row) -> list[str]:
    """The files that go with the row: its images, and the pictures that it started from."""
    made = [each["name"] for each in json.loads(row["outputs"] or "[]") if each]
    pictures = [Attached(**picture) for picture in json.loads(row["pictures"])]
    return [*made, *names(row["id"], pictures)]


def generation(row: Row, before: Generation | None = None) -> Generation:
    """`before`: the same row as it was, whose request is kept where it still is the same."""
    # Once: SQLite's rows look each name up among all of theirs.
    said = dict(zip(row.keys(), row, strict=True))
    request = _request(said)
    made = json.loads(said["outputs"]) if said["outputs"] else ()
    stored = [
        Stored(each["name"], each["type"], each["bytes"], each.get("sha256", ""))
        for each in made
        if each
    ]
    return Generation(
        request=before.request if before is not None and request == before.request else request,
        outputs=tuple(stored),
        unfetched=len(made) - len(stored),
        status=Status(said["status"]),
        quota=Entry(said["quota"]),
        budget=Entry(said["budget"]),
        removed_by=RemovedBy(said["removed_by"]) if said["removed_by"] else None,
        **{name: said[name] for name in _ROW},
    )


def _request(said: Mapping[str, Any]) -> Request:
    flags: dict[str, Any] = {name: bool(said[name]) for name in _FLAGS}
    return Request(
        **{name: said[name] for name in _REQUEST} | flags,
        token=said["token"] or "",
        options=json.loads(said["options"]),
        stand_in=StandIn(**json.loads(said["stand_in"])) if said["stand_in"] else None,
        pictures=tuple(Attached(**picture) for picture in json.loads(said["pictures"])),
        style=Style(**json.loads(said["style"])) if said["style"] else None,
        origin=_origin(said["origin"]),
        parent_id=None if said["place_id"] == said["channel_id"] else said["place_id"],
    )


def _origin(written: str | None) -> Origin | None:
    if written is None:
        return None
    said = json.loads(written)
    return Origin(**said | {"by": Derivation(said["by"])})
