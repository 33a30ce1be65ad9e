"""Taking down: what the operator names goes, with every copy, and its bytes do not come back.

Beside a running bot, or without one. Every step may be repeated, and each is recorded before the
next: killed in between, the same command again does the rest.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import groupby
from pathlib import Path

from bot.domain.attached import names
from bot.domain.generation import Generation, RemovedBy
from bot.domain.picture import close
from bot.errors import StorageError
from bot.moderation import evidence
from bot.pictures.store import ImageStore, store_of
from bot.record import Hidden, Record
from bot.settings.address import Address
from bot.storage.database import Database
from bot.storage.storage import Storage

_HASH = re.compile(r"[0-9a-f]{64}")
_LINK = re.compile(r"<?https?://\S+/channels/(?:@me|\d{1,19})/\d{1,19}/(\d{1,19})/?>?", re.ASCII)
#: Also as the name of an attachment.
_ID = re.compile(r"(?:(?:SPOILER_)?imagine-)?(\d{1,19})(?:-\d{1,2}){0,2}(?:\.\w{1,5})?", re.ASCII)
#: SQLite's largest number, and more than any id of Discord's.
_LARGEST = 2**63 - 1


class Named(Record):
    """What the operator named: the hash of a file's bytes, or an interaction's or message's id."""

    sha256: Hidden[str] = ""
    number: int = 0


class Found(Record):
    """What a takedown is about.

    `going` are all rows of the requests that go; `underway` those of the requests that would, but
    have not ended. `hashes` are refused, each with the rows whose image it is. `made_from` started
    from one of them: only that picture goes, and whether what was made of it goes is a decision of
    its own. Of `absent` no image is stored (any more), or not all: no evidence can be kept of it.
    """

    going: Sequence[Generation]
    underway: Sequence[Generation]
    hashes: Mapping[str, Sequence[str]]
    made_from: Sequence[Generation]
    absent: Sequence[Generation]

    @property
    def requests(self) -> list[list[Generation]]:
        return _by_request(self.going)

    @property
    def images(self) -> int:
        return sum(len(row.outputs) for row in self.going)

    @property
    def is_repeated(self) -> bool:
        """Whether all of it was taken down before."""
        return all(row.removed_by is RemovedBy.OPERATOR for row in self.going)


def named(text: str) -> Named | None:
    """Read what was typed; None: it can mean nothing."""
    text = text.strip()
    if _HASH.fullmatch(text.lower()):
        return Named(sha256=text.lower())
    match = _LINK.fullmatch(text) or _ID.fullmatch(text)
    number = int(match[1]) if match else 0
    return Named(number=number) if 0 < number <= _LARGEST else None


@asynccontextmanager
async def opened(address: Address, folder: Path) -> AsyncIterator[Takedown]:
    """Beside a running bot, whose files lie in `folder`. Raises StorageError."""
    async with Database.open(address, exclusive=False) as database:
        store = store_of(database, folder / "images")
        yield Takedown(Storage.of(database), store, folder / "evidence")


class Takedown:
    """Finds first, so that the operator can be asked; what it then does it finds again."""

    def __init__(self, storage: Storage, store: ImageStore, evidence_folder: Path) -> None:
        self._takedowns = storage.takedowns
        self._removals = storage.removals
        self._store = store
        self._evidence = evidence_folder

    async def find(self, what: Named) -> Found:
        """The requests that show it, and all that show one of their images, until no more do."""
        hashes: dict[str, set[str]] = {what.sha256: set()} if what.sha256 else {}
        if what.number:
            requests = await self._takedowns.numbered(what.number)
        else:
            requests = await self._takedowns.showing(hashes)
        while True:
            rows = await self._takedowns.rows(requests)
            unended = {row.request.interaction_id for row in rows if not row.status.ended}
            going = [row for row in rows if row.request.interaction_id not in unended]
            for sha256, row_id in await self._hashes(going):
                hashes.setdefault(sha256, set()).add(row_id)
            more = await self._takedowns.showing(hashes) - requests
            if not more:
                break
            requests |= more
        ids = {row.id for row in rows}
        started = await self._takedowns.started_from(hashes)
        return Found(
            going,
            [row for row in rows if row.request.interaction_id in unended],
            {sha256: sorted(of) for sha256, of in hashes.items()},
            [row for row in started if row.id not in ids],
            await self._absent(going),
        )

    async def carry_out(
        self, what: Named, *, reason: str, hold: bool, now: int
    ) -> tuple[Found, list[Path]]:
        """Keep it where that is wanted, refuse its bytes, remove what shows it, delete its files.

        Returns what it was about, and where evidence is kept. The messages are deleted by the bot,
        as soon as it runs. Raises StorageError.
        """
        found = await self.find(what)
        kept = await self._held(found, reason, now) if hold else []
        await self._takedowns.refuse(found.hashes, now=now)
        by = RemovedBy.OPERATOR
        for number in sorted({row.request.interaction_id for row in found.going}):
            if not await self._removals.remove(number, by, until=now, now=now, reason=reason):
                await self._removals.again(number)
        await self._delete(found)
        await self._removals.emptied(found.going)
        return found, kept

    async def undo(self, sha256: str) -> bool:
        """Refuse these bytes no more; False: they were not refused."""
        return await self._takedowns.allow(sha256)

    async def refused(self) -> Mapping[str, int]:
        """The hashes that are refused, and since when (UTC milliseconds)."""
        return await self._takedowns.refused()

    async def _hashes(self, rows: Sequence[Generation]) -> list[tuple[str, str]]:
        """Of their images, as they are stored and as they were sent, each with its row's id."""
        found = [each async for each in self._stored(rows)]
        variants = await self._takedowns.variants([row.id for row in rows])
        return found + [(sha256, of) for of, sent in variants.items() for sha256 in sent]

    async def _stored(self, rows: Sequence[Generation]) -> AsyncIterator[tuple[str, str]]:
        """What an earlier version stored is hashed now, if it still is there."""
        for row in rows:
            for output in row.outputs:
                if output.sha256:
                    yield output.sha256, row.id
                    continue
                with suppress(FileNotFoundError):
                    yield hashlib.sha256(await self._store.read(output.name)).hexdigest(), row.id

    async def _absent(self, rows: Sequence[Generation]) -> list[Generation]:
        """Gone by age, deleted by whoever asked, or removed before."""
        missing = await self._store.missing([each.name for row in rows for each in row.outputs])
        return [row for row in rows if not _are_there(row, missing)]

    async def _held(self, found: Found, reason: str, now: int) -> list[Path]:
        about = {"reason": reason, "refused": sorted(found.hashes)}
        kept = []
        for rows in _by_request([*found.going, *found.made_from]):
            files = {}
            try:
                for name in _files(found, rows):
                    with suppress(FileNotFoundError):
                        files[name] = await self._store.file(name)
                hold = partial(evidence.hold, now=now)
                kept.append(await asyncio.to_thread(hold, self._evidence, rows, files, about))
            finally:
                for file in files.values():
                    close(file)
        return kept

    async def _delete(self, found: Found) -> None:
        try:
            await self._store.remove([*_files(found, [*found.going, *found.made_from])])
        except OSError as error:
            raise StorageError(
                f"The messages go and the bytes are refused, but a file stays ({error}).",
                "Give this account the right to delete it, and take it down once more.",
            ) from error


def _files(found: Found, rows: Sequence[Generation]) -> Iterator[str]:
    """All of what goes; of what was made from it the picture alone."""
    going = {row.id for row in found.going}
    for row in rows:
        pictures = row.request.pictures
        for name, picture in zip(names(row.id, pictures), pictures, strict=True):
            if row.id in going or picture.sha256 in found.hashes:
                yield name
        if row.id in going:
            yield from (output.name for output in row.outputs)


def _are_there(row: Generation, missing: Collection[str]) -> bool:
    return bool(row.outputs) and not any(each.name in missing for each in row.outputs)


def _by_request(rows: Sequence[Generation]) -> list[list[Generation]]:
    ordered = sorted(rows, key=lambda row: (row.request.interaction_id, row.request.ordinal))
    return [list(group) for _, group in groupby(ordered, lambda row: row.request.interaction_id)]
