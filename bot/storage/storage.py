"""Everything that is kept in the database, each noun by its own module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from bot.storage.alerts import Alerts
from bot.storage.aliases import Aliases
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.people import People
from bot.storage.reviews import Reviews
from bot.storage.settings import GuildSettings
from bot.storage.usage import Sums


@dataclass(frozen=True, slots=True)
class Storage:
    """One of each, over the same database."""

    ledger: Ledger
    aliases: Aliases
    settings: GuildSettings
    people: People
    sums: Sums
    alerts: Alerts
    reviews: Reviews

    @classmethod
    def of(cls, database: Database, provider: str = "") -> Self:
        """`provider`: the origin of the predictions API, within which predictions are unique."""
        ledger = Ledger(database, provider=provider)
        aliases = ledger.aliases
        return cls(
            ledger=ledger,
            aliases=aliases,
            settings=GuildSettings(database, aliases),
            people=People(database, aliases),
            sums=Sums(database),
            alerts=Alerts(database),
            reviews=Reviews(database, aliases),
        )
