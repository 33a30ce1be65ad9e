"""Images in PostgreSQL: their bytes in pieces, each whole or not there at all.

Nobody counts them, so they are written beside the turn that all other writes wait for.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.storage import queries

if TYPE_CHECKING:  # the other one begins with this
    from bot.storage.postgres import Connection

#: Bytes of an image in one row. On its way one is in memory five times or so, the driver's copies
#: included.
PIECE = 1 << 18
#: Images removed by one statement, which takes a millisecond or so for each.
_REMOVED_AT_ONCE = 500

_SQL = queries.load(Path(__file__).parent / "sql" / "postgres" / "images.sql")


class Pieces:
    """Of all images; what is written is committed when a method returns. Raises StorageError."""

    def __init__(self, apart: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        """`apart`: a transaction beside the turn."""
        self._apart = apart

    async def write(self, name: str, content: AsyncIterator[bytes], *, now: int) -> None:
        """In the place of what had that name; each piece has PIECE bytes but the last."""
        async with self._apart() as connection:
            await connection.execute(_SQL["put"], name, now)
            await connection.execute(_SQL["empty"], name)
            number = 0
            async for piece in content:
                await connection.execute(_SQL["put_piece"], name, number, piece)
                number += 1

    async def write_beside(self, name: str, of: str, content: bytes) -> bool:
        """Of that image, with which it goes; False: that is gone."""
        async with self._apart() as connection:
            if not await connection.fetch(_SQL["put_beside"], name, of):
                return False
            await connection.execute(_SQL["empty"], name)
            await connection.execute(_SQL["put_piece"], name, 0, content)
        return True

    async def read(self, name: str) -> AsyncGenerator[bytes]:
        """Its pieces, in order; none: it is not there."""
        async with self._apart() as connection:
            async for row in connection.cursor(_SQL["pieces"], name, prefetch=1):
                yield row[0]

    async def present(self, names: Collection[str]) -> set[str]:
        async with self._apart() as connection:
            return {str(row[0]) for row in await connection.fetch(_SQL["present"], list(names))}

    async def remove(self, names: Collection[str]) -> int:
        """With what is beside them; returns how many there were."""
        removed, left = 0, list(names)
        for at in range(0, len(left), _REMOVED_AT_ONCE):
            async with self._apart() as connection:
                some = left[at : at + _REMOVED_AT_ONCE]
                removed += len(await connection.fetch(_SQL["remove"], some))
        return removed

    async def stored_before(self, older_than: int) -> list[str]:
        """The images that were written before then (UTC ms), but what is beside them."""
        async with self._apart() as connection:
            return [
                str(row[0]) for row in await connection.fetch(_SQL["stored_before"], older_than)
            ]
