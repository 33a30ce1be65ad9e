"""What a PostgreSQL server's errors mean to an operator: what happened, and what to do."""

from __future__ import annotations

import asyncpg

from bot.errors import StorageError

#: What a call to a server may raise. asyncpg takes a farewell that a server sends unasked for a
#: fault of its own.
TROUBLE = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

MALFORMED = (
    "DATABASE_URL is no address of a database.",
    "Write it like postgresql://user:password@host:5432/name (what is special in it, as %40).",
)
_UNREACHABLE = (
    "The database server cannot be reached.",
    "Check that it runs, DATABASE_URL, and the network between. Nothing is bought meanwhile.",
)
_INSECURE = (
    "The database server and we do not agree on TLS.",
    "Check sslmode and sslrootcert in DATABASE_URL, and the server's certificate.",
)
POOLED = (
    "A pooler stands before the database, and shares its connections between statements.",
    "Let DATABASE_URL name the server itself, or a pool in session mode.",
)
_BUSY = (
    "The database did not answer in time: something holds its write lock, or it is overloaded.",
    "Look at pg_stat_activity for what has been waiting longest.",
)
_FULL = (
    "The database server's disk is full.",
    "Free some space there (IMAGE_RETENTION_DAYS decides how long images are stored).",
)
_READ_ONLY = (
    "The database server takes no writes: it is a standby, or read-only.",
    "Point DATABASE_URL at the primary.",
)
_REFUSED = (
    "The database server lets us in not at all, or not to all that is ours.",
    "Check the user, the password and the database's name in DATABASE_URL, and its privileges.",
)
_CROWDED = (
    "The database server has no connection left for us.",
    "Raise max_connections there, or stop what else uses it. A process of ours takes up to six.",
)

#: By SQLSTATE, the longest that fits; what is not here is a fault in a program.
_BY_STATE = {
    "08": _UNREACHABLE,
    "57P": _UNREACHABLE,
    "25P03": _UNREACHABLE,
    "55P03": _BUSY,
    "57014": _BUSY,
    "40": _BUSY,
    "53100": _FULL,
    "53300": _CROWDED,
    "53": _BUSY,
    "25006": _READ_ONLY,
    "55000": _READ_ONLY,
    "28": _REFUSED,
    "26000": POOLED,  # another session's prepared statements
    "42P05": POOLED,
    "3D000": _REFUSED,
    "42501": _REFUSED,
}


def explained(error: Exception) -> StorageError | None:
    """What is wrong with the server or the way there; None where the program is to blame."""
    if not isinstance(error, asyncpg.PostgresError):
        return StorageError(*(_INSECURE if "SSL" in str(error) else _UNREACHABLE))
    if "pooling mode" in str(error):
        return StorageError(*POOLED)
    state = str(error.sqlstate or "")
    words = next((_BY_STATE[state[:n]] for n in (5, 3, 2) if state[:n] in _BY_STATE), None)
    return StorageError(*words) if words else None


def unreachable(error: Exception) -> StorageError:
    """It could not be opened."""
    return explained(error) or StorageError(*_UNREACHABLE)


def is_lost(error: Exception) -> bool:
    """The connection is gone, or the turn was not to be had: no statement was to blame."""
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate or "").startswith(("08", "57P", "25P03", "55P03"))
    return isinstance(error, (asyncpg.InterfaceError, OSError)) and explained(error) is not None
