"""Everything that is kept in the database, each noun by its own module."""

from __future__ import annotations

from typing import Self

from bot.record import Record
from bot.storage.alerts import Alerts
from bot.storage.aliases import Aliases
from bot.storage.appeals import Appeals
from bot.storage.audit import Audit, Postings
from bot.storage.automod import AutoModCopies
from bot.storage.database import Database
from bot.storage.history import History
from bot.storage.improvements import Improvements
from bot.storage.ledger import Ledger
from bot.storage.lineage import Lineage
from bot.storage.people import People
from bot.storage.preferences import Preferences
from bot.storage.removals import Removals
from bot.storage.reports import Reports
from bot.storage.reviews import Reviews
from bot.storage.sanctions import Sanctions
from bot.storage.saved import Saved
from bot.storage.settings import GuildSettings
from bot.storage.styles import Styles
from bot.storage.takedowns import Takedowns
from bot.storage.usage import Sums
from bot.storage.words import Words


class Storage(Record):
    """One of each, over the same database."""

    ledger: Ledger
    aliases: Aliases
    settings: GuildSettings
    sanctions: Sanctions
    audit: Audit
    postings: Postings
    people: People
    sums: Sums
    alerts: Alerts
    automod: AutoModCopies
    words: Words
    reviews: Reviews
    removals: Removals
    appeals: Appeals
    reports: Reports
    takedowns: Takedowns
    saved: Saved
    history: History
    preferences: Preferences
    styles: Styles
    lineage: Lineage
    improvements: Improvements

    @classmethod
    def of(cls, database: Database, provider: str = "") -> Self:
        """`provider`: the origin of the predictions API, within which predictions are unique."""
        ledger = Ledger(database, provider=provider)
        aliases = ledger.aliases
        settings = GuildSettings(database, aliases)
        return cls(
            ledger=ledger,
            aliases=aliases,
            settings=settings,
            sanctions=Sanctions(database, aliases),
            audit=Audit(database),
            postings=Postings(database),
            people=People(database, aliases),
            sums=Sums(database),
            alerts=Alerts(database),
            automod=AutoModCopies(database),
            words=Words(database, aliases),
            reviews=Reviews(database, aliases),
            removals=Removals(database, aliases),
            appeals=Appeals(database, aliases, ledger.custody),
            reports=Reports(database, aliases),
            takedowns=Takedowns(database),
            saved=Saved(database, aliases),
            history=History(database),
            preferences=Preferences(database),
            styles=Styles(database, aliases, settings),
            lineage=Lineage(database),
            improvements=Improvements(database),
        )
