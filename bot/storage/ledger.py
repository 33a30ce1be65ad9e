"""The ledger: one row per generation, two books, and every transition as one statement.

Whoever loses a race gets None back (the row had another status or owner) and stops.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from bot.budget import CreateBudget
from bot.domain.attached import Attached
from bot.domain.generation import Capacity, Generation, Request, Status, Turn
from bot.domain.limits import Limit
from bot.domain.picture import Stored
from bot.record import asdict, replace
from bot.refusals import AlreadyRequested, Paused, PolicyChanged, PressedTwice, QueueFull, Refused
from bot.storage import queries, rows, spending
from bot.storage.aliases import Aliases
from bot.storage.books import BOOKS
from bot.storage.creates import Creates
from bot.storage.custody import Custody
from bot.storage.database import Database, Row
from bot.storage.facts import Facts
from bot.storage.spending import Counted, Spending

_SQL = queries.load(Path(__file__).parent / "sql" / "ledger.sql")

#: Tries to reserve while what was in the way is gone again by the time one looks what it was.
RESERVE_TRIES = 3


class Ledger:
    """Reserve, move on, settle or release: what becomes of every row."""

    def __init__(self, database: Database, *, provider: str = "") -> None:
        self._database = database
        self._provider = provider
        self.custody = Custody(database)
        self.creates = Creates(database)
        self.aliases = Aliases(database)
        self.spending = Spending(database)
        self.facts = Facts(database)

    async def reserve(
        self,
        request: Request,
        *,
        now: int,
        price_micros: int | None,
        limits: Sequence[Limit],
        capacity: Capacity,
        policy_version: int = 0,
        seed: str | None = None,
    ) -> list[Generation]:
        """Reserve all rows of the request: their images in both books, and a place in line each.

        In one transaction, and all or none; returns them by their ordinals. `seed` is the option
        that counts up among them. Raises QuotaExceeded or QueueFull (naming which limit), Paused,
        AlreadyRequested, or PolicyChanged: the settings are not those of `policy_version` any more.
        """
        counted = replace(await self.counted(request, price_micros), images=request.asked)
        about = rows.columns(request) | rows.of_each(request, seed) | asdict(counted)
        about |= {"created_at": now}
        for _ in range(RESERVE_TRIES):
            reserved = await self._write(
                "reserve",
                **about,
                limits=spending.as_json(limits),
                policy_version=policy_version,
                owner_epoch=self.custody.epoch,
                provider=self._provider,
                **asdict(capacity),
            )
            if reserved:
                return sorted(map(rows.generation, reserved), key=lambda row: row.request.ordinal)
            reason = await self._why_not(request, about, capacity, policy_version)
            reason = reason or await self.spending.exceeded(counted, limits)
            if reason is not None:
                raise reason
        raise QueueFull("installation", capacity.waiting, request.predictions)

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
        self,
        waiting: Collection[str],
        *,
        now: int,
        creates: int,
        capacity: Capacity,
        shared: CreateBudget | None = None,
    ) -> list[Generation]:
        """From queued to submitting: the intents to buy of those whose turn it is.

        At most `creates` of the rows `waiting` in this process, and no more than have a free place,
        or the budget that is `shared` with other processes has room for.
        """
        about = {"now": now, "owner_epoch": self.custody.epoch, "creates": creates}
        about |= asdict(capacity) | {"waiting": queries.array(waiting)}
        if shared is None:
            return [rows.generation(row) for row in await self._write("dispatch", **about)]
        async with self.creates.of_all(shared) as connection:
            about["creates"] = min(creates, shared.room(now))
            found = await connection.fetch(_SQL["dispatch"], about)
            for _ in found:
                shared.take(now)
        return [rows.generation(row) for row in found]

    async def line(self) -> dict[str, Turn]:
        """Where everybody stands who waits."""
        columns = ("position", "user_turn", "paused", "canceled")
        return {row["id"]: Turn(*map(row.__getitem__, columns)) for row in await self._read("line")}

    async def requeue(self, generation: Generation, *, not_before: int) -> Generation | None:
        """From submitting to queued: the provider said "not now", and definitely did not accept."""
        return await self._move("requeue", generation, not_before=not_before)

    async def stand_in(self, generation: Generation) -> Generation | None:
        """From submitting to queued, as its stand-in: the first model was definitely refused."""
        return await self._move("stand_in", generation)

    async def attach(self, generation: Generation, prediction_id: str) -> Generation | None:
        """From submitting to running: the prediction's id, before the first poll.

        Also of a row that others have taken over since it was submitted: it is theirs still.
        """
        about = {"prediction_id": prediction_id, "submitted_at": generation.submitted_at}
        return await self._move("attach", generation, **about)

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
        found = await self._read("rivals", id=generation.id, within=within)
        return [row["submitted_at"] for row in found]

    async def taken(self, prediction_ids: Collection[str]) -> set[str]:
        """Which of these predictions some row already has."""
        ids = queries.array(prediction_ids)
        found = await self._read("taken", provider=self._provider, prediction_ids=ids)
        return {row["prediction_id"] for row in found}

    async def store(
        self,
        generation: Generation,
        outputs: Sequence[Stored | None],
        *,
        now: int,
        compute_ms: int | None,
        duration_ms: int,
    ) -> Generation | None:
        """From running to delivering, or to the desk: the bytes of its images are on disk.

        None among `outputs` is one that the provider made but that could not be had. Whoever makes
        more than was asked for may bill all: the payer's book counts them from now on.
        """
        return await self._move(
            "store",
            generation,
            now=now,
            compute_ms=compute_ms,
            duration_ms=duration_ms,
            outputs=rows.outputs(outputs),
            made=len(outputs),
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

        `bought`: the provider accepted it and may bill it. Where images arrived, the person's book
        counts those, and never more than were reserved; the payer's counts all that were asked for.
        """
        (quota, budget), delivered = BOOKS[to, bought], to in (Status.DELIVERED, Status.KEPT)
        return await self._move(
            "finish",
            generation,
            from_status=generation.status,
            to_status=to,
            now=now,
            quota=quota,
            budget=budget,
            arrived=(delivered and len(generation.outputs)) or generation.request.images,
            error=error,
            pictures=rows.written([replace(each, url="") for each in generation.request.pictures]),
        )

    async def told(self, generation: Generation) -> None:
        """The person knows how it ended: nothing needs the reply's token any more."""
        await self._move("told", generation)

    async def request_cancel(self, generation_id: str, *, now: int) -> list[Generation]:
        """Leave the intent to cancel; the owner acts on it. Returns what had not ended yet.

        All rows of the same request with it: they have one reply.
        """
        found = await self._write("request_cancel", id=generation_id, now=now)
        return [rows.generation(row) for row in found]

    async def find(self, generation_id: str) -> Generation | None:
        return next(iter(await self._rows("by_id", id=generation_id)), None)

    async def request(self, generation_id: str) -> list[Generation]:
        """All rows of the request that it belongs to, by their ordinals."""
        return await self._rows("request", id=generation_id)

    async def recent(self, user_id: int, limit: int) -> list[Generation]:
        """The person's last generations, newest first."""
        return await self._rows("recent", user_id=user_id, limit=limit)

    async def unended_images(self) -> set[str]:
        """Names of stored files whose request has not ended: they must not be swept."""
        return {name for row in await self._read("unended_images") for name in rows.files(row)}

    async def recent_durations(self, model: str, limit: int = 200) -> list[float]:
        """Seconds that the model's last predictions took, newest first."""
        found = await self._read("recent_durations", model=model, limit=limit)
        return [row["duration"] / 1000 for row in found]

    async def _move(self, query: str, generation: Generation, **values: Any) -> Generation | None:
        found = await self._write(
            query,
            id=generation.id,
            owner_epoch=generation.owner_epoch,
            message_id=generation.message_id,
            published_id=generation.published_id,
            **values,
        )
        return rows.generation(found[0], generation) if found else None

    async def _write(self, query: str, **values: Any) -> list[Row]:
        return await self._database.write(_SQL[query], values)

    async def _rows(self, query: str, **values: Any) -> list[Generation]:
        return [rows.generation(row) for row in await self._read(query, **values)]

    async def _read(self, query: str, **values: Any) -> list[Row]:
        return await self._database.read(_SQL[query], values)

    async def _why_not(
        self, request: Request, about: dict[str, Any], capacity: Capacity, policy_version: int
    ) -> Refused | None:
        """What kept a reservation from being made; None: nothing but, perhaps, a limit."""
        more = request.predictions
        [found] = await self._read("hindrances", **about)
        if found["made"]:
            return AlreadyRequested()
        if found["pressed_before"]:
            return PressedTwice()
        if found["policy_version"] != policy_version:
            return PolicyChanged()
        if found["paused"]:
            return Paused("installation")
        if found["user_waiting"] + more > capacity.user_waiting:
            return QueueFull("user", capacity.user_waiting, more)
        if found["waiting"] + more > capacity.waiting:
            return QueueFull("installation", capacity.waiting, more)
        return None
