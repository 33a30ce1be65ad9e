"""A picture as it arrives, and as it is stored.

All of it blocks, so callers run it off the event loop; but for `Spool.add`.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BufferedRandom, BytesIO
from pathlib import Path
from tempfile import TemporaryFile

from bot.domain.picture import Image, Stored
from bot.pictures.containers import IN_MEMORY, PIECE, Bytes
from bot.record import Hidden, Record, State, field, replace


class Spool(State):
    """A picture as it arrives: in memory, and beyond IN_MEMORY in a file that does not outlive us.

    Such a file lies in `folder`.
    """

    folder: Path
    size: int = 0
    _held: Hidden[list[bytes]] = field(default_factory=list)
    _file: BytesIO | BufferedRandom | None = None

    def add(self, chunk: bytes) -> bool:
        """Take it, at once; True: more is held than should be, so `flush` before the next."""
        self._held.append(chunk)
        self.size += len(chunk)
        return self.size > IN_MEMORY and sum(map(len, self._held)) >= PIECE

    def flush(self) -> None:
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = TemporaryFile(dir=self.folder)  # noqa: SIM115 - until `close`
        self._file.writelines(self._held)
        self._held.clear()

    def opened(self) -> BytesIO | BufferedRandom:
        """The whole of it."""
        if self._file is None:
            self._file = BytesIO(b"".join(self._held))
            self._held.clear()
        self.flush()
        return self._file

    def close(self) -> None:
        self._held.clear()
        if self._file is not None:
            self._file.close()


class Kept(Record):
    """A picture that was stored just now; `content`: its bytes, where they are still in memory.

    Only of what can be delivered as it is stored.
    """

    stored: Stored
    image: Image
    content: Hidden[bytes | None]


class Ready(Record):
    """A picture that is to be stored under `name`; `whole`: its bytes, where they fit in memory."""

    name: str
    image: Image
    content: Hidden[Iterable[Bytes]]
    whole: Hidden[bytes | None]

    def kept(self, size: int, sha256: str) -> Kept:
        """It is stored: so many bytes, with this SHA-256 in hex."""
        stored = Stored(self.name, self.image.media_type, size, sha256)
        return Kept(stored, replace(self.image, size=size), self.whole)
