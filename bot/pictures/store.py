"""Where pictures lie, whoever asks for them: in files, or in the database beside their rows."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator
from contextlib import aclosing
from pathlib import Path

from bot.clock import SystemClock
from bot.domain.picture import SMALL, File
from bot.pictures.containers import Bytes
from bot.pictures.files import ImageFiles, ready
from bot.pictures.spool import Kept, Spool
from bot.storage.database import Database
from bot.storage.pieces import PIECE, Pieces
from bot.threads import Threads

#: Threads for files, which mostly wait for the disk.
FILE_THREADS = 6
#: For what the provider made, looked through and marked on its way into a database.
READY_THREADS = 2


class ImageStore(ABC):
    """Pictures by their names, written whole or not at all, and there when a method has returned.

    Methods raise OSError or StorageError while the disk or the database is in trouble.
    """

    def __init__(self) -> None:
        #: Also for whoever looks at a file that was handed out.
        self.threads = Threads(FILE_THREADS, "files")

    @abstractmethod
    def spool(self) -> Spool:
        """For a picture that is to arrive."""

    @abstractmethod
    async def flush(self, spool: Spool) -> None:
        """Write what memory should not hold."""

    @abstractmethod
    async def keep(self, stem: str, spool: Spool, model: str) -> Kept:
        """Store the spooled picture, marked; `stem` begins its name.

        Raises ProviderTrouble where it is not one whole picture.
        """

    @abstractmethod
    async def put(self, name: str, content: bytes) -> None:
        """Store a picture that is to be kept as it is."""

    @abstractmethod
    async def put_small(self, name: str, content: bytes) -> None:
        """Store the thumbnail of that picture, which goes when the picture goes.

        Raises FileNotFoundError where that is gone.
        """

    @abstractmethod
    async def file(self, name: str) -> File:
        """To be read once, and closed. Raises FileNotFoundError, or whoever opens a path does."""

    @abstractmethod
    async def read(self, name: str) -> bytes:
        """All of it. Raises FileNotFoundError."""

    @abstractmethod
    async def missing(self, names: Collection[str]) -> set[str]:
        """Those that are not there (any more)."""

    @abstractmethod
    async def remove(self, names: Collection[str]) -> None:
        """With their thumbnails."""

    @abstractmethod
    async def sweep(self, older_than: float, keep: Collection[str]) -> int:
        """Remove what was stored before `older_than` (UTC ms) but `keep`; returns how many.

        `keep` names the pictures of rows that have not ended, and what is saved.
        """


def store_of(database: Database, folder: Path) -> ImageStore:
    """That of this database; `folder` for its files, or for what does not fit in memory."""
    if database.pieces is None:
        return FileStore(ImageFiles(folder))
    return TableStore(database.pieces, folder)


class FileStore(ImageStore):
    """One file each."""

    def __init__(self, files: ImageFiles) -> None:
        super().__init__()
        self._files = files

    def spool(self) -> Spool:
        return self._files.spool()

    async def flush(self, spool: Spool) -> None:
        await self.threads.run(self._files.flush, spool)

    async def keep(self, stem: str, spool: Spool, model: str) -> Kept:
        return await self.threads.run(self._files.keep, stem, spool, model)

    async def put(self, name: str, content: bytes) -> None:
        await self.threads.run(self._files.put, name, content)

    async def put_small(self, name: str, content: bytes) -> None:
        await self.threads.run(self._files.put_small, name, content)

    async def file(self, name: str) -> Path:
        return self._files.path(name)

    async def read(self, name: str) -> bytes:
        return await self.threads.run(self._files.path(name).read_bytes)

    async def missing(self, names: Collection[str]) -> set[str]:
        return await self.threads.run(self._files.missing, names)

    async def remove(self, names: Collection[str]) -> None:
        await self.threads.run(self._files.remove, names)

    async def sweep(self, older_than: float, keep: Collection[str]) -> int:
        return await self.threads.run(self._files.sweep, older_than, keep)


class TableStore(ImageStore):
    """Rows of bytes, which every process reaches; none of them keeps a copy."""

    def __init__(self, pieces: Pieces, folder: Path) -> None:
        """`folder`: for what is on its way and does not fit in memory."""
        super().__init__()
        self._pieces = pieces
        self._folder = folder
        self._ready = Threads(READY_THREADS, "ready")

    def spool(self) -> Spool:
        return Spool(self._folder)

    async def flush(self, spool: Spool) -> None:
        await self.threads.run(spool.flush)

    async def keep(self, stem: str, spool: Spool, model: str) -> Kept:
        picture = await self._ready.run(ready, stem, spool, model)
        return picture.kept(*await self._write(picture.name, picture.content))

    async def put(self, name: str, content: bytes) -> None:
        await self._write(name, [content])

    async def put_small(self, name: str, content: bytes) -> None:
        if not await self._pieces.write_beside(f"{name}{SMALL}", name, content):
            raise FileNotFoundError(name)

    async def file(self, name: str) -> File:
        spool = self.spool()
        try:
            async with aclosing(self._pieces.read(name)) as pieces:
                async for piece in pieces:
                    if spool.add(piece):
                        await self.flush(spool)
            if not spool.size:
                raise FileNotFoundError(name)
            file = await self.threads.run(spool.opened)
            file.seek(0)
        except BaseException:
            spool.close()
            raise
        return file

    async def read(self, name: str) -> bytes:
        async with aclosing(self._pieces.read(name)) as pieces:
            content = b"".join([piece async for piece in pieces])
        if not content:
            raise FileNotFoundError(name)
        return content

    async def missing(self, names: Collection[str]) -> set[str]:
        return set(names) - await self._pieces.present(names)

    async def remove(self, names: Collection[str]) -> None:
        await self._pieces.remove(names)

    async def sweep(self, older_than: float, keep: Collection[str]) -> int:
        old = await self._pieces.stored_before(int(older_than))
        return await self._pieces.remove(set(old) - set(keep))

    async def _write(self, name: str, content: Iterable[Bytes]) -> tuple[int, str]:
        """Returns how many bytes, and their SHA-256 in hex."""
        size, hashed = 0, hashlib.sha256()

        async def cut() -> AsyncGenerator[bytes]:
            nonlocal size
            pieces = _cut(content, hashed.update)
            while piece := await self.threads.run(next, pieces, b""):
                size += len(piece)
                yield piece

        async with aclosing(cut()) as pieces:
            await self._pieces.write(name, pieces, now=SystemClock().now())
        return size, hashed.hexdigest()


def _cut(content: Iterable[Bytes], seen: Callable[[Bytes], None]) -> Iterator[bytes]:
    """The same bytes, so many at a time as lie in one row; all of them are `seen`."""
    held = bytearray()
    for part in content:
        seen(part)
        held += part
        while len(held) >= PIECE:
            yield bytes(held[:PIECE])
            del held[:PIECE]
    if held:
        yield bytes(held)
