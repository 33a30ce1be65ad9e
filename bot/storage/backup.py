"""Backups: a folder that looks like DATA_DIR, made while the bot runs and checked before it counts.

`imagine.db` in it is one consistent moment (SQLite's `VACUUM INTO` reads under one snapshot and
blocks no writer); the images follow, and are complete for that moment, since a file is written
before its row says so and stays until the row has ended. Everything here blocks.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from bot.disk import flush
from bot.domain.picture import SMALL
from bot.errors import StorageError
from bot.record import Record
from bot.storage import trouble
from bot.storage.database import newest_schema
from bot.storage.restored import AS_OF_THEN
from bot.storage.sqlite import BUSY_TIMEOUT_MS, lock

#: The names within a backup, whatever DATABASE_URL says.
DATABASE, IMAGES = "imagine.db", "images"


class Contents(Record):
    """What a backup holds; `size` in bytes."""

    generations: int
    images: int
    size: int


def save(database: Path, images: Path, to: Path) -> Contents:
    """Write a backup of both to the new folder `to`, which appears whole or not at all.

    Raises StorageError when `to` is there already, there is no database, or either disk or the
    database is in trouble.
    """
    if not database.exists():
        raise StorageError("There is no database yet.", "There is nothing to back up.")
    if to.exists():
        remedy = f"Name a new folder, such as {to / _stamp()}. A backup overwrites nothing."
        raise StorageError(f"{to} is there already.", remedy)
    with _explaining("The backup was not made"):
        to.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=f"{to.name}.", suffix=".part", dir=to.parent))
        try:
            contents = _write(database, images, draft)
            draft.rename(to)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        flush(to.parent)
    return contents


def _write(database: Path, images: Path, draft: Path) -> Contents:
    with closing(sqlite3.connect(database, timeout=BUSY_TIMEOUT_MS / 1000)) as source:
        source.execute("vacuum into ?", (str(draft / DATABASE),))
    generations = _examined(draft / DATABASE)
    copied = _copy_missing(images, draft / IMAGES)
    flush(draft / DATABASE)
    flush(draft)
    size = (draft / DATABASE).stat().st_size + sum(file.stat().st_size for file in copied)
    return Contents(generations, len(copied), size)


def restore(
    backup: Path, database: Path, images: Path, *, force: bool
) -> tuple[Contents, Path | None]:
    """Put a backup in place; returns what it held, and where the replaced database is kept.

    Raises StorageError, and then nothing was replaced: the backup is not usable, the bot is
    running, or a database with generations is there and `force` is not given.
    """
    with _explaining("Nothing was restored"):
        source = backup / DATABASE
        if not source.exists():
            remedy = "Name a folder that `python -m bot backup` has made."
            raise StorageError(f"There is no {DATABASE} in {backup}.", remedy)
        if backup.joinpath(f"{DATABASE}-wal").exists():
            remedy = "Use one that `python -m bot backup` has made."
            raise StorageError("This is a copy of a database in use, not a backup.", remedy)
        generations = _examined(source)
        held = lock(database)
        try:
            _require_leave(database, force=force)
            copied = _copy_missing(backup / IMAGES, images)
            kept = _replace(source, database)
        finally:
            held.release()
    return Contents(generations, len(copied), database.stat().st_size), kept


def _require_leave(database: Path, *, force: bool) -> None:
    if force or not database.exists():
        return
    try:
        there = str(_examined(database, immutable=False))
    except StorageError:
        there = "perhaps"  # damaged, or not ours: not to be lost by accident
    if there != "0":
        remedy = "With --force it is replaced, and kept beside the restored one."
        raise StorageError(f"There is a database already, with {there} generations.", remedy)


def _replace(source: Path, database: Path) -> Path | None:
    """At every moment there is a whole database under its name, or all of the old one's files."""
    draft = database.with_name(f"{database.name}.restoring")
    shutil.copyfile(source, draft)
    with closing(sqlite3.connect(draft)) as copy, copy:
        copy.executescript(AS_OF_THEN)
    flush(draft)
    kept = _keep(database) if database.exists() else None
    for suffix in ("-wal", "-shm"):
        # Left where it is, SQLite would play the old one's log into the new one.
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    draft.replace(database)
    flush(database.parent)
    return kept


def _keep(database: Path) -> Path:
    """A copy of the old one beside it, with its log where that could not be folded in."""
    try:
        with closing(sqlite3.connect(database)) as old:
            old.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.Error:
        pass  # damaged: kept as it is
    kept = database.with_name(f"{database.name}.{_stamp()}")
    for suffix in ("", "-wal"):
        file = database.with_name(database.name + suffix)
        if file.exists():
            copy = kept.with_name(kept.name + suffix)
            shutil.copy2(file, copy)
            flush(copy)
    return kept


def _examined(path: Path, *, immutable: bool = True) -> int:
    """How many generations are in it. Raises StorageError where it is not whole, ours and known.

    `immutable`: nobody writes to it, so that even looking leaves nothing beside it.
    """
    flags = "mode=ro&immutable=1" if immutable else "mode=rw"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{flags}", uri=True)) as opened:
            [[verdict]] = opened.execute("pragma integrity_check(1)").fetchall()
            if verdict != "ok":
                raise trouble.damaged(str(verdict))
            [[version]] = opened.execute("pragma user_version").fetchall()
            if version > newest_schema():
                remedy = "Use the version of Imagine that wrote it, or a newer one."
                raise StorageError(f"{path} was written by a newer version.", remedy)
            opened.execute("select 1 from fact limit 1")
            [[generations]] = opened.execute("select count(*) from generation").fetchall()
    except sqlite3.Error as error:
        raise trouble.explained(error) or StorageError(
            f"{path} is not a database of Imagine ({error}).", "Check the path."
        ) from error
    return int(generations)


def _copy_missing(source: Path, target: Path) -> list[Path]:
    """Copy every finished image that is not there yet, each whole or not at all.

    Thumbnails are made again when somebody looks.
    """
    target.mkdir(parents=True, exist_ok=True)
    copied = []
    for file in sorted(source.glob("*")):
        place = target / file.name
        if file.name.endswith((".part", SMALL)) or place.exists():
            continue
        draft = target / f"{file.name}.part"
        try:
            shutil.copy2(file, draft)
        except FileNotFoundError:  # its time was over while we were at it
            continue
        flush(draft)
        copied.append(draft.rename(place))
    flush(target)
    return copied


@contextmanager
def _explaining(failure: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        known = trouble.explained(error)
        what = f"{failure}. {known.what}" if known else f"{failure} ({error})."
        remedy = known.remedy if known else "Check both paths and the free space."
        raise StorageError(what, remedy) from error


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
