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

from bot.domain import Capacity, Generation, Request, Status, Turn, Usage
from bot.errors import AlreadyRequested, QueueFull, QuotaExceeded, Refused
from bot.storage import queries, rows
from bot.storage.books import BOOKS
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "ledger.sql")

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
            facts = await connection.execute_fetchall(_SQL["fact"], {"name": "owner_epoch"})
            epoch = 1 + sum(int(fact["value"]) for fact in facts)  # there is at most one
            values = {"name": "owner_epoch", "value": str(epoch)}
            await connection.execute_fetchall(_SQL["set_fact"], values)
            found = await connection.execute_fetchall(_SQL["claim"], {"owner_epoch": epoch})
        self._epoch = epoch
        owned = [rows.generation(row) for row in found]
        return sorted(owned, key=lambda row: (row.created_at, row.id))

    async def reserve(
        self,
        request: Request,
        *,
        now: int,
        price_micros: int | None,
        user: Limit,
        installation: Limit,
        capacity: Capacity,
    ) -> Generation:
        """Reserve one image in both books and a place in line, in one transaction.

        Raises QuotaExceeded or QueueFull (naming which limit), or AlreadyRequested.
        """
        reserved = await self._write(
            "reserve",
            **rows.columns(request),
            owner_epoch=self._epoch,
            provider=self._provider,
            created_at=now,
            price_micros=price_micros,
            user_limit=user.images,
            user_since=user.since,
            installation_limit=installation.images,
            installation_since=installation.since,
            user_waiting=capacity.user_waiting,
            waiting=capacity.waiting,
        )
        if not reserved:
            raise await self._why_not(request, user, installation, capacity)
        return rows.generation(reserved[0])

    async def acknowledged(self, generation: Generation) -> Generation | None:
        """Record where the reply is."""
        return await self._move("acknowledged", generation)

    async def dispatch(
        self, waiting: Collection[str], *, now: int, creates: int, capacity: Capacity
    ) -> list[Generation]:
        """From queued to submitting: the intents to buy of those whose turn it is.

        At most `creates` of the rows that are `waiting` in this process get a turn, and no more
        than have a free place.
        """
        found = await self._write(
            "dispatch",
            waiting=json.dumps(list(waiting)),
            now=now,
            owner_epoch=self._epoch,
            creates=creates,
            running=capacity.running,
            user_running=capacity.user_running,
        )
        return [rows.generation(row) for row in found]

    async def line(self) -> dict[str, Turn]:
        """Where everybody stands who waits."""
        found = await self._read("line")
        return {row["id"]: Turn(row["position"], row["user_turn"]) for row in found}

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
        ids = json.dumps(list(prediction_ids))
        found = await self._read("taken", provider=self._provider, prediction_ids=ids)
        return {row["prediction_id"] for row in found}

    async def store(
        self,
        generation: Generation,
        name: str,
        *,
        now: int,
        compute_ms: int | None,
        duration_ms: int,
        media_type: str,
        size: int,
    ) -> Generation | None:
        """From running to delivering: the image's bytes are on disk under `name`."""
        return await self._move(
            "store",
            generation,
            now=now,
            compute_ms=compute_ms,
            duration_ms=duration_ms,
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
        found = await self._write("request_cancel", id=generation_id, now=now)
        return rows.generation(found[0]) if found else None

    async def find(self, generation_id: str) -> Generation | None:
        found = await self._read("by_id", id=generation_id)
        return rows.generation(found[0]) if found else None

    async def recent(self, user_id: int, limit: int) -> list[Generation]:
        """The person's last generations, newest first."""
        found = await self._read("recent", user_id=user_id, limit=limit)
        return [rows.generation(row) for row in found]

    async def stored(self, user_id: int, limit: int) -> list[Generation]:
        """The person's last generations whose image was stored, newest first."""
        found = await self._read("stored", user_id=user_id, limit=limit)
        return [rows.generation(row) for row in found]

    async def unended_images(self) -> set[str]:
        """Names of stored images whose generation has not ended: they must not be swept."""
        found = await self._read("unended_images")
        return {row["image_name"] for row in found}

    async def recent_durations(self, model: str, limit: int = 200) -> list[float]:
        """Seconds that the model's last predictions took, newest first."""
        found = await self._read("recent_durations", model=model, limit=limit)
        return [row["duration"] / 1000 for row in found]

    async def quota_used(self, user_id: int, since: int) -> int:
        """Images that count against the person since then."""
        [row] = await self._read("quota_used", user_id=user_id, since=since)
        return int(row[0])

    async def usage(self, user_id: int, since: int = 0) -> Usage:
        found = await self._read("usage", first_user=user_id, last_user=user_id, since=since)
        return rows.usage(found[0]) if found else Usage(compute_ms=0, cost_micros=0)

    async def usage_by_user(self, since: int | None = None) -> list[UserUsage]:
        """Everybody with at least one generation since then, most images first."""
        found = await self._read("usage", first_user=0, last_user=_LAST_USER, since=since or 0)
        return [UserUsage(row["user_id"], rows.usage(row)) for row in found]

    async def fact(self, name: str) -> str | None:
        found = await self._read("fact", name=name)
        return str(found[0]["value"]) if found else None

    async def set_fact(self, name: str, value: str) -> None:
        await self._write("set_fact", name=name, value=value)

    async def _move(self, query: str, generation: Generation, **values: Any) -> Generation | None:
        found = await self._write(
            query,
            id=generation.id,
            owner_epoch=generation.owner_epoch,
            message_id=generation.message_id,
            **values,
        )
        return rows.generation(found[0]) if found else None

    async def _write(self, query: str, **values: Any) -> list[sqlite3.Row]:
        return await self._database.write(_SQL[query], values)

    async def _read(self, query: str, **values: Any) -> list[sqlite3.Row]:
        return await self._database.read(_SQL[query], values)

    async def _why_not(
        self, request: Request, user: Limit, installation: Limit, capacity: Capacity
    ) -> Refused:
        """Which limit a reservation met, or that it was made already."""
        if await self.find(request.id) is not None:
            return AlreadyRequested()
        used = await self.quota_used(request.user_id, user.since)
        if user.images is not None and used >= user.images:
            return QuotaExceeded("user", user.images, user.resets_at)
        [waiting] = await self._read("waiting", user_id=request.user_id)
        if waiting["user"] >= capacity.user_waiting:
            return QueueFull("user", capacity.user_waiting)
        if waiting["installation"] >= capacity.waiting or installation.images is None:
            return QueueFull("installation", capacity.waiting)
        return QuotaExceeded("installation", installation.images, installation.resets_at)
