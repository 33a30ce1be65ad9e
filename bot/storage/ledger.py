"""The ledger: one row per generation, two books, and every transition as one statement.

Whoever loses a race gets None back (the row had another status or owner) and stops.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosql

from bot.domain import Entry, Generation, Request, Status, Usage
from bot.errors import AlreadyRequested, QuotaExceeded
from bot.storage.books import BOOKS
from bot.storage.database import Database

_SQL = aiosql.from_path(Path(__file__).parent / "sql" / "ledger.sql", "aiosqlite")

#: Larger than any snowflake: the end of the range that means "every user".
_LAST_USER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `images` (None: any number) between `since` and `resets_at`, UTC milliseconds."""

    images: int | None
    since: int
    resets_at: int


@dataclass(frozen=True, slots=True)
class UserUsage:
    """One person's line in the operator's table."""

    user_id: int
    usage: Usage


class Ledger:
    """Reserve, move on, settle or release; and the sums that follow from the rows."""

    def __init__(self, database: Database, *, provider: str = "") -> None:
        self._database = database
        self._provider = provider
        self._epoch = 0

    async def claim(self) -> list[Generation]:
        """Become the owner of every row that is not done, and return them, oldest first.

        Not done: not ended, or ended without the person having been told (its token is there).
        """
        async with self._database.transaction() as connection:
            epoch = int(await _SQL.fact(connection, name="owner_epoch") or 0) + 1
            await _SQL.set_fact(connection, name="owner_epoch", value=str(epoch))
            rows = [_generation(row) async for row in _SQL.claim(connection, owner_epoch=epoch)]
        self._epoch = epoch
        return sorted(rows, key=lambda row: (row.created_at, row.id))

    async def reserve(
        self,
        request: Request,
        *,
        now: int,
        price_micros: int | None,
        user: Limit,
        installation: Limit,
    ) -> Generation:
        """Reserve one image in both books and write the row, in one transaction.

        Raises QuotaExceeded (naming which limit) or AlreadyRequested.
        """
        async with self._database.transaction() as connection:
            row = await _SQL.reserve(
                connection,
                **_columns(request),
                owner_epoch=self._epoch,
                provider=self._provider,
                created_at=now,
                price_micros=price_micros,
                user_limit=user.images,
                user_since=user.since,
                installation_limit=installation.images,
                installation_since=installation.since,
            )
            if row is not None:
                return _generation(row)
            if await _SQL.by_id(connection, id=request.id) is not None:
                raise AlreadyRequested
            used = await _SQL.quota_used(connection, user_id=request.user_id, since=user.since)
        if user.images is not None and used >= user.images:
            raise QuotaExceeded("user", user.images, user.resets_at)
        raise QuotaExceeded("installation", installation.images or 0, installation.resets_at)

    async def acknowledged(self, generation: Generation, message_id: int) -> Generation | None:
        """Record where the reply is."""
        return await self._move("acknowledged", generation, message_id=message_id)

    async def submit(self, generation: Generation, *, now: int) -> Generation | None:
        """From queued to submitting: the intent to buy, before anything is sent."""
        return await self._move("submit", generation, now=now)

    async def requeue(self, generation: Generation, *, not_before: int) -> Generation | None:
        """From submitting to queued: the provider said "not now", and definitely did not accept."""
        return await self._move("requeue", generation, not_before=not_before)

    async def attach(self, generation: Generation, prediction_id: str) -> Generation | None:
        """From submitting to running: the prediction's id, before the first poll."""
        return await self._move("attach", generation, prediction_id=prediction_id)

    async def adopt(
        self, generation: Generation, prediction_id: str, *, answered_before: int
    ) -> Generation | None:
        """From submitting to running, with a prediction found in the provider's list.

        None also when another row has it, or when a twin (same model and input) was submitted
        after `answered_before` and may yet be answered with it.
        """
        return await self._move(
            "adopt", generation, prediction_id=prediction_id, answered_before=answered_before
        )

    async def taken(self, prediction_ids: Collection[str]) -> set[str]:
        """Which of these predictions some row already has."""
        rows = _SQL.taken(
            self._database.reader,
            provider=self._provider,
            prediction_ids=json.dumps(list(prediction_ids)),
        )
        return {row["prediction_id"] async for row in rows}

    async def store(
        self,
        generation: Generation,
        name: str,
        *,
        now: int,
        compute_ms: int | None,
        media_type: str,
        size: int,
    ) -> Generation | None:
        """From running to delivering: the image's bytes are on disk under `name`."""
        return await self._move(
            "store",
            generation,
            now=now,
            compute_ms=compute_ms,
            image_name=name,
            image_type=media_type,
            image_bytes=size,
        )

    async def finish(
        self,
        generation: Generation,
        to: Status,
        *,
        now: int,
        bought: bool,
        error: str | None = None,
    ) -> Generation | None:
        """Any owned status → its end, settling or releasing both books in the same statement.

        `bought`: the provider accepted it and may bill it.
        """
        quota, budget = BOOKS[to, bought]
        return await self._move(
            "finish",
            generation,
            from_status=generation.status,
            to_status=to,
            now=now,
            quota=quota,
            budget=budget,
            error=error,
        )

    async def told(self, generation: Generation) -> None:
        """The person knows how it ended: nothing needs the reply's token any more."""
        await self._move("told", generation)

    async def request_cancel(self, generation_id: str, *, now: int) -> Generation | None:
        """Leave the intent to cancel; the owner acts on it. None: it has ended, or never was."""
        async with self._database.transaction() as connection:
            row = await _SQL.request_cancel(connection, id=generation_id, now=now)
        return None if row is None else _generation(row)

    async def find(self, generation_id: str) -> Generation | None:
        row = await _SQL.by_id(self._database.reader, id=generation_id)
        return None if row is None else _generation(row)

    async def recent(self, user_id: int, limit: int) -> list[Generation]:
        """The person's last generations, newest first."""
        rows = _SQL.recent(self._database.reader, user_id=user_id, limit=limit)
        return [_generation(row) async for row in rows]

    async def stored(self, user_id: int, limit: int) -> list[Generation]:
        """The person's last generations whose image was stored, newest first."""
        rows = _SQL.stored(self._database.reader, user_id=user_id, limit=limit)
        return [_generation(row) async for row in rows]

    async def unended_images(self) -> set[str]:
        """Names of stored images whose generation has not ended: they must not be swept."""
        rows = _SQL.unended_images(self._database.reader)
        return {row["image_name"] async for row in rows}

    async def recent_durations(self, model: str, limit: int = 50) -> list[float]:
        """Seconds from submission to a finished image, newest first."""
        rows = _SQL.recent_durations(self._database.reader, model=model, limit=limit)
        return [row["duration"] / 1000 async for row in rows]

    async def quota_used(self, user_id: int, since: int) -> int:
        """Images that count against the person since then."""
        return int(await _SQL.quota_used(self._database.reader, user_id=user_id, since=since))

    async def usage(self, user_id: int, since: int = 0) -> Usage:
        rows = _SQL.usage(self._database.reader, first_user=user_id, last_user=user_id, since=since)
        return next(iter([_usage(row) async for row in rows]), Usage(compute_ms=0, cost_micros=0))

    async def usage_by_user(self, since: int | None = None) -> list[UserUsage]:
        """Everybody with at least one generation since then, most images first."""
        rows = _SQL.usage(
            self._database.reader, first_user=0, last_user=_LAST_USER, since=since or 0
        )
        return [UserUsage(row["user_id"], _usage(row)) async for row in rows]

    async def fact(self, name: str) -> str | None:
        value: str | None = await _SQL.fact(self._database.reader, name=name)
        return value

    async def set_fact(self, name: str, value: str) -> None:
        async with self._database.transaction() as connection:
            await _SQL.set_fact(connection, name=name, value=value)

    async def _move(self, query: str, generation: Generation, **values: Any) -> Generation | None:
        async with self._database.transaction() as connection:
            row = await getattr(_SQL, query)(
                connection, id=generation.id, owner_epoch=generation.owner_epoch, **values
            )
        return None if row is None else _generation(row)


def _usage(row: sqlite3.Row) -> Usage:
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
    name for name in Request.__dataclass_fields__ if name not in ("options", "private", "token")
)
_ROW = tuple(
    name
    for name in Generation.__dataclass_fields__
    if name not in ("request", "status", "quota", "budget")
)


def _columns(request: Request) -> dict[str, Any]:
    plain = {name: getattr(request, name) for name in (*_REQUEST, "id", "token")}
    options = json.dumps(dict(request.options))
    return plain | {"options": options, "private": int(request.private)}


def _generation(row: sqlite3.Row) -> Generation:
    request = Request(
        **{name: row[name] for name in _REQUEST},
        token=row["token"] or "",
        options=json.loads(row["options"]),
        private=bool(row["private"]),
    )
    return Generation(
        request=request,
        status=Status(row["status"]),
        quota=Entry(row["quota"]),
        budget=Entry(row["budget"]),
        **{name: row[name] for name in _ROW},
    )
