"""What `check` finds about the database."""

from __future__ import annotations

import sqlite3

from bot.cli.finding import Finding, Mark
from bot.errors import NoDatabaseYet, StorageError
from bot.settings.address import Address
from bot.storage import trouble
from bot.storage.database import Database
from bot.storage.usage import Of, Sums


async def findings(address: Address) -> list[Finding]:
    """Look while the bot may be running: nothing is created, migrated or locked for long."""
    try:
        async with Database.open(address, exclusive=False) as database:
            version = await database.schema_version()
            await database.require_session()
            async with database.transaction():
                pass  # begins and commits a write transaction that writes nothing
            ended = await Sums(database).total(Of())
    except NoDatabaseYet:
        return [Finding(Mark.UNKNOWN, "database", "not there yet, the first `run` makes it")]
    except (StorageError, OSError, sqlite3.Error) as error:
        return [_storage_trouble(error)]
    good = Finding(Mark.GOOD, "database", f"opens and can be written, schema {version}")
    return [good, *_unknown(ended.unknown)]


def _storage_trouble(error: StorageError | OSError | sqlite3.Error) -> Finding:
    known = error if isinstance(error, StorageError) else trouble.explained(error)
    if known is None:
        return Finding(Mark.BAD, "database", str(error), "Check the folder's permissions.")
    return Finding(Mark.BAD, "database", known.what.rstrip("."), known.remedy)


def _unknown(count: int) -> list[Finding]:
    """Purchases that were never answered, and that the provider's list could not settle."""
    if not count:
        return []
    says = f"generations with unknown outcome, counted as spent: {count}"
    remedy = "`usage` shows whose; look for them on the provider's dashboard."
    return [Finding(Mark.WARNING, "ledger", says, remedy)]
