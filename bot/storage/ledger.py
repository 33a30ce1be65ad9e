"""The ledger: one row per generation, two books, and every transition as one statement.

Whoever loses a race gets None back (the row had another status or owner) and stops.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bot.attached import Attached
from bot.domain import Capacity, Generation, Request, Status, Turn
from bot.limits import Limit
from bot.refusals import AlreadyRequested, Paused, PolicyChanged, QueueFull, Refused
from bot.storage import queries, rows, spending
from bot.storage.aliases import Aliases
from bot.storage.books import BOOKS
from bot.storage.database import Database
from bot.storage.spending import Counted, Spending

_SQL = queries.load(Path(__file__).parent / "sql" / "ledger.sql")

#: Tries to reserve while what was in the way is gone again by the time one looks what it was.
RESERVE_TRIES = 3


class Ledger:
    """Reserve, move on, settle or release: what becomes of every row."""

    def __init__(self, database: Database, *, provider: str = "") -> None:
        self._database = database
        self._provider = provider
        self._epoch = 0
        self.aliases = Aliases(database)
        self.spending = Spending(database)

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
        limits: Sequence[Limit],
        capacity: Capacity,
        policy_version: int = 0,
    ) -> Generation:
        """Reserve one image in both books and a place in line, in one transaction.

        Raises QuotaExceeded or QueueFull (naming which limit), Paused, AlreadyRequested, or
        PolicyChanged where the server's settings are not those of `policy_version` any more.
        """
        counted = await self.counted(request, price_micros)
        about = rows.columns(request) | asdict(counted) | {"limits": spending.as_json(limits)}
        for _ in range(RESERVE_TRIES):
            reserved = await self._write(
                "reserve",
                **about,
                policy_version=policy_version,
                owner_epoch=self._epoch,
                provider=self._provider,
                created_at=now,
                user_waiting=capacity.user_waiting,
                waiting=capacity.waiting,
            )
            if reserved:
                return rows.generation(reserved[0])
            reason = await self._why_not(request, capacity, policy_version)
            reason = reason or await self.spending.exceeded(counted, limits)
            if reason is not None:
                raise reason
        raise QueueFull("installation", capacity.waiting)

    async def counted(self, request: Request, price_micros: int | None) -> Counted:
        """Whose and where the request counts."""
        return Counted(
            user_id=request.user_id,
            pseudonym=await self.aliases.of(request.user_id),
            guild_id=request.guild_id,
            place_id=request.place_id,
            price_micros=price_micros,
        )

    async def acknowledged(self, generation: Generation) -> Generation | None:
        """Record where the reply is."""
        return await self._move("acknowledged", generation)

    async def pictured(
        self, generation: Generation, pictures: Sequence[Attached]
    ) -> Generation | None:
        """Queued still: what it starts from is on disk, so Discord's links are forgotten."""
        return await self._move("pictured", generation, pictures=rows.written(pictures))

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
        return {
            row["id"]: Turn(row["position"], row["user_turn"], bool(row["paused"])) for row in found
        }

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

    async def rivals(self, generation: Generation, *, within: int) -> list[int]:
        """When rows were submitted that differ in their pictures alone, and have no prediction.

        Only those within so many milliseconds of this one: which is whose, nobody could tell.
        """
        about = {"id": generation.id, "within": within}
        return [row["submitted_at"] for row in await self._read("rivals", **about)]

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
            pictures=rows.written([replace(each, url="") for each in generation.request.pictures]),
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
        """Names of stored files whose generation has not ended: they must not be swept."""
        found = await self._read("unended_images")
        return {name for row in found for name in rows.files(row)}

    async def recent_durations(self, model: str, limit: int = 200) -> list[float]:
        """Seconds that the model's last predictions took, newest first."""
        found = await self._read("recent_durations", model=model, limit=limit)
        return [row["duration"] / 1000 for row in found]

    async def fact(self, name: str) -> str | None:
        found = await self._read("fact", name=name)
        return str(found[0]["value"]) if found else None

    async def set_fact(self, name: str, value: str) -> None:
        await self._write("set_fact", name=name, value=value)

    async def forget_fact(self, name: str) -> bool:
        """False: it was none."""
        return bool(await self._write("forget_fact", name=name))

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
        self, request: Request, capacity: Capacity, policy_version: int
    ) -> Refused | None:
        """What kept a reservation from being made; None: nothing but, perhaps, a limit."""
        asked = {"id": request.id, "user_id": request.user_id, "guild_id": request.guild_id}
        [found] = await self._read("hindrances", **asked)
        if found["made"]:
            return AlreadyRequested()
        if found["policy_version"] != policy_version:
            return PolicyChanged()
        if found["paused"]:
            return Paused("installation")
        if found["user_waiting"] >= capacity.user_waiting:
            return QueueFull("user", capacity.user_waiting)
        if found["waiting"] >= capacity.waiting:
            return QueueFull("installation", capacity.waiting)
        return None
