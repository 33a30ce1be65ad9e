"""Pictures as files: one each, swept when they are old.

Everything here blocks, so callers run it off the event loop.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from bot.disk import flush
from bot.domain.picture import SMALL
from bot.pictures.containers import IN_MEMORY, Bytes
from bot.pictures.spool import Kept, Ready, Spool


class ImageFiles:
    """One file per picture, under `root`; written whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def spool(self) -> Spool:
        return Spool(self.root)

    def flush(self, spool: Spool) -> None:
        """Write what memory should not hold."""
        self._make_folder()
        spool.flush()

    def keep(self, stem: str, spool: Spool, model: str) -> Kept:
        """Store the spooled picture, marked and flushed to the disk; `stem` begins its name.

        Raises ProviderTrouble where it is not one whole picture.
        """
        self._make_folder()
        picture = ready(stem, spool, model)
        return picture.kept(*self._write(picture.name, picture.content))

    def put(self, name: str, content: bytes) -> None:
        """Store a picture that is to be kept as it is."""
        self._make_folder()
        self._write(name, [content])

    def _write(self, name: str, content: Iterable[Bytes]) -> tuple[int, str]:
        """Whole, and flushed to the disk; returns how many bytes, and their SHA-256 in hex."""
        draft = self.root / f"{name}.part"
        hashed = hashlib.sha256()
        with draft.open("wb") as file:
            for piece in content:
                file.write(piece)
                hashed.update(piece)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        draft.replace(self.root / name)
        flush(self.root)
        return size, hashed.hexdigest()

    def _make_folder(self) -> None:
        if not self.root.is_dir():
            self.root.mkdir(parents=True, exist_ok=True)
            flush(self.root.parent)

    def path(self, name: str) -> Path:
        return self.root / name

    def put_small(self, name: str, content: bytes) -> None:
        """Store the thumbnail of that picture, which goes when the picture goes.

        Raises FileNotFoundError where that is gone: whoever removes it does so before its
        thumbnail, so either they find the thumbnail, or it is found here that the picture is gone.
        """
        small = f"{name}{SMALL}"
        self._write(small, [content])
        try:
            times = self.path(name).stat()
            os.utime(self.path(small), ns=(times.st_atime_ns, times.st_mtime_ns))
        except FileNotFoundError:
            self.path(small).unlink(missing_ok=True)
            raise

    def missing(self, names: Collection[str]) -> set[str]:
        """Those that are not there (any more)."""
        return {name for name in names if not self.path(name).is_file()}

    def remove(self, names: Collection[str]) -> None:
        """With their thumbnails."""
        for name in names:
            self.path(name).unlink(missing_ok=True)
            self.path(f"{name}{SMALL}").unlink(missing_ok=True)

    def sweep(self, older_than: float, keep: Collection[str]) -> int:
        """Remove what was stored before `older_than` (UTC ms) but `keep`; returns how many.

        `keep` names the files of rows that have not ended, and what is saved. A thumbnail goes when
        its picture has: it is as old, unless a crash left it as it was written.
        """
        removed = 0
        for file in self.root.glob("*"):
            with suppress(FileNotFoundError):  # taken down since, by a command beside the bot
                kept = file.name.removesuffix(SMALL) in keep
                if not kept and file.stat().st_mtime * 1000 < older_than:
                    file.unlink()
                    removed += 1
        for small in self.root.glob(f"*{SMALL}"):
            if not small.with_name(small.name.removesuffix(SMALL)).is_file():
                small.unlink(missing_ok=True)
        return removed


def ready(stem: str, spool: Spool, model: str) -> Ready:
    """The spooled picture, marked; `stem` begins its name.

    Raises ProviderTrouble where it is not one whole picture.
    """
    from bot.pictures.images import to_keep  # noqa: PLC0415 - the start need not wait for Pillow

    image, content, marked = to_keep(spool.opened(), model)
    whole = b"".join(content) if marked and image.size <= IN_MEMORY else None
    return Ready(f"{stem}.{image.extension}", image, content if whole is None else [whole], whole)
