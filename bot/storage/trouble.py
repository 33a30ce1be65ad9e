"""What SQLite's and the disk's errors mean to an operator: what happened, and what to do."""

from __future__ import annotations

import errno
import sqlite3

from bot.errors import StorageError

_FULL = (
    "The disk is full: the database cannot grow.",
    "Free some space (IMAGE_RETENTION_DAYS decides how long images are stored).",
)
_READ_ONLY = (
    "The database cannot be written: its file, folder or disk is read-only.",
    "Let the bot's user write to the database's folder and everything in it.",
)
_LOCKED = (
    "The database is locked: another program has been writing to it for too long.",
    "Close what else has it open (a database browser, a copy in progress).",
)
_DAMAGED = (
    "The database file is damaged.",
    "Keep it for a repair, and restore the last backup: `python -m bot restore PATH --force`.",
)
_NO_DATABASE = (
    "This file is not a database.",
    "Check DATABASE_URL and DATA_DIR, or restore a backup: `python -m bot restore PATH --force`.",
)
_UNREACHABLE = (
    "The database file cannot be opened.",
    "Check DATABASE_URL, that the folder exists, and that the bot's user may use it.",
)
_FAILING = (
    "The disk refuses to read or write the database.",
    "Check its free space, quotas and health (the system's log says more).",
)

#: By SQLite's primary result code; what is not here is a fault in a program, not in its place.
_BY_CODE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _NO_DATABASE,
    sqlite3.SQLITE_CANTOPEN: _UNREACHABLE,
    sqlite3.SQLITE_IOERR: _FAILING,
}
_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EIO: _FAILING,
}


def explained(error: sqlite3.Error | OSError) -> StorageError | None:
    """What is wrong with the file or its disk; None where the program is to blame."""
    if isinstance(error, OSError):
        words = _BY_ERRNO.get(error.errno or 0)
    else:
        # Extended codes carry the primary one in their lowest byte.
        words = _BY_CODE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return StorageError(*words) if words else None


def damaged(finding: str) -> StorageError:
    """A check found this."""
    what, remedy = _DAMAGED
    return StorageError(f"{what} ({finding})", remedy)
