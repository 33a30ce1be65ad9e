"""`python -m bot usage`: the ledger per person, as a table, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from rich.box import SIMPLE
from rich.table import Table

from bot.domain.generation import Usage
from bot.record import Hidden, Record, asdict
from bot.settings.address import Address
from bot.storage.database import Database
from bot.storage.usage import By, Of, Sums
from bot.text import safe_cell


class Line(Record):
    """One person's figures. None: unknown, since not every provider and model tells."""

    #: Text, because JavaScript and spreadsheets round integers of this size.
    user_id: Hidden[str]
    delivered: int
    failed: int
    canceled: int
    unknown: int
    pending: int
    compute_seconds: float | None
    cost_usd: float | None


COLUMNS = Line.__struct_fields__


async def read(address: Address, since: int | None) -> list[Line]:
    """Read the ledger, also while the bot writes to it. `since` is UTC milliseconds.

    Raises StorageError when there is no database that we can read.
    """
    async with Database.open(address, exclusive=False) as database:
        found = await Sums(database).by(By.USER, Of(since=since or 0))
    return [_line(str(user_id), usage) for user_id, usage in found.items()]


def _line(user_id: str, usage: Usage) -> Line:
    return Line(
        user_id=user_id,
        delivered=usage.images,
        failed=usage.failed,
        canceled=usage.canceled,
        unknown=usage.unknown,
        pending=usage.pending,
        compute_seconds=None if usage.compute_ms is None else usage.compute_ms / 1000,
        cost_usd=None if usage.cost_micros is None else usage.cost_micros / 1_000_000,
    )


def since_when(text: str, now: datetime) -> int:
    """Read a UTC day (`2026-11-01`) or an age (`30d`) as UTC milliseconds.

    Raises ValueError for anything else.
    """
    if age := re.fullmatch(r"([0-9]{1,5})d", text):
        moment = now - timedelta(days=int(age[1]))
    else:
        moment = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    return max(0, int(moment.timestamp() * 1000))


def as_json(lines: Sequence[Line]) -> str:
    """Write a list of objects, with null where a figure is unknown."""
    return json.dumps([asdict(line) for line in lines], indent=2)


def as_csv(lines: Sequence[Line]) -> str:
    """Write CSV without a cell that a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([safe_cell(cell) for cell in asdict(line).values()] for line in lines)
    return text.getvalue().removesuffix("\n")


def as_table(lines: Sequence[Line]) -> Table | str:
    """Lay the figures out for a terminal, with a sum where there is more than one line."""
    if not lines:
        return "Nobody has generated anything in this time."
    table = Table(show_footer=len(lines) > 1, box=SIMPLE, pad_edge=False)
    table.add_column("User", "All", no_wrap=True)
    for name in COLUMNS[1:]:
        known = [value for line in lines if (value := getattr(line, name)) is not None]
        footer = _SHOWN.get(name, str)(sum(known)) if known else "–"
        table.add_column(_TITLES.get(name, name.title()), footer, justify="right", no_wrap=True)
    for line in lines:
        cells = asdict(line)
        table.add_row(*(_shown(name, cells[name]) for name in COLUMNS))
    return table


_TITLES = {"compute_seconds": "Compute", "cost_usd": "Cost"}
_SHOWN: dict[str, Callable[[float], str]] = {
    "compute_seconds": "{:.1f} s".format,
    "cost_usd": "${:.2f}".format,
}


def _shown(name: str, value: object) -> str:
    if value is None:
        return "–"
    return _SHOWN[name](value) if isinstance(value, float) else str(value)
