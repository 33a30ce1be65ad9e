"""Entries of the record as CSV. Blocks: callers run it off the event loop."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.domain.act import OPERATOR, Entry
from bot.text import safe_cell

COLUMNS = ("number", "time", "action", "by", "about", "reason", "details", "hash")


def as_csv(entries: Sequence[Entry], people: Mapping[int, int], limit: int) -> tuple[bytes, int]:
    """As many of the first ones as `limit` bytes hold, and how many those are.

    People are ids, as text; `people`: whose pseudonyms are whose. No cell is one that a spreadsheet
    would run.
    """
    written = io.BytesIO(b"\xef\xbb\xbf")  # so that spreadsheets know that it is UTF-8
    written.seek(0, io.SEEK_END)
    written.write(_line(COLUMNS))
    for count, entry in enumerate(entries):
        line = _line(_cells(entry, people))
        if written.tell() + len(line) > limit:
            return written.getvalue(), count
        written.write(line)
    return written.getvalue(), len(entries)


def _cells(entry: Entry, people: Mapping[int, int]) -> tuple[object, ...]:
    time = datetime.fromtimestamp(entry.at / 1000, UTC).isoformat(timespec="seconds")
    subject = "" if entry.subject is None else _person(entry.subject, people)
    details = json.dumps(entry.details, ensure_ascii=False)
    actor = "erased" if entry.actor is None else _person(entry.actor, people)
    return (
        *(entry.number, time, entry.action, actor, subject),
        *(entry.reason, details, entry.hash or ""),
    )


def _person(pseudonym: int, people: Mapping[int, int]) -> str:
    if pseudonym == OPERATOR:
        return "operator"
    return str(people.get(pseudonym, "erased"))


def _line(cells: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow([safe_cell(cell) for cell in cells])
    return text.getvalue().encode()
