"""A person's requests with images, in the order of time, as many at once as are looked at."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from bot.record import Hidden, Record
from bot.storage import queries
from bot.storage.database import Database, Row

if TYPE_CHECKING:
    from bot.domain.filter import Filter

_SQL = queries.load(Path(__file__).parent / "sql" / "history.sql")

#: Rows read at a time: others read in between, however much somebody has made.
BATCH = 100
#: More than any number of Discord's, or time.
_LAST = 2**63 - 1


class Spot(Record, order=True):
    """Where in the order of time something stands: at a time (UTC milliseconds), by its ids."""

    at: int = _LAST
    interaction_id: int = _LAST
    ordinal: int = 0
    picture: int = 0

    @property
    def ids(self) -> tuple[int, int, int]:
        """Which picture of which row of which request."""
        return self.interaction_id, self.ordinal, self.picture


#: Where the newest ones are.
NEWEST = Spot()


class Made(Record):
    """One request: its rows with images, and the names of their files."""

    spot: Spot
    ids: tuple[str, ...]
    prompt: Hidden[str]
    model: str
    names: tuple[str, ...]


class History:
    """Only what the person was given, and what is neither sealed nor removed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def up_to(self, user_id: int, spot: Spot, days: Filter) -> AsyncIterator[Made]:
        """From there on, itself included, to older ones; of the filter only the days hold."""
        async for made in self._walk("up_to", user_id, spot, days):
            yield made

    async def after(self, user_id: int, spot: Spot, days: Filter) -> AsyncIterator[Made]:
        """From there on, itself not included, to newer ones."""
        async for made in self._walk("after", user_id, spot, days):
            yield made

    async def _walk(
        self, query: str, user_id: int, spot: Spot, days: Filter
    ) -> AsyncIterator[Made]:
        asked = {"user_id": user_id, "since": days.since, "until": days.until, "limit": BATCH}
        while True:
            place = {"at": spot.at, "interaction_id": spot.interaction_id}
            found = await self._database.read(_SQL[query], asked | place)
            requests = [list(rows) for _, rows in groupby(found, _request)]
            is_last = len(found) < BATCH
            cut = [] if is_last else requests.pop()  # the last one's rows may not all be there
            for rows in requests:
                yield _made(rows)
            if is_last:
                return
            spot = _made(cut if query == "up_to" else requests[-1]).spot


def _request(row: Row) -> int:
    return int(row["interaction_id"])


def _made(rows: list[Row]) -> Made:
    rows = sorted(rows, key=lambda row: int(row["ordinal"]))
    first = rows[0]
    return Made(
        spot=Spot(first["created_at"], first["interaction_id"]),
        ids=tuple(row["id"] for row in rows),
        prompt=first["prompt"],
        model=first["model"],
        names=tuple(each["name"] for row in rows for each in json.loads(row["outputs"]) if each),
    )
