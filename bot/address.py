"""Where a database is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL database. Its address may hold a password: nothing prints it."""

    url: str = field(repr=False)

    @property
    def password(self) -> str:
        return unquote(urlsplit(self.url).password or "")


#: A SQLite file, or a PostgreSQL database.
Address = Path | Server
