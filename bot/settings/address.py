"""DATABASE_URL: a SQLite file or a PostgreSQL server."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from bot.record import Hidden, Record
from bot.settings.values import Unusable

_VISIBLE = re.compile(r"[!-~]+")
_FILE = "Use sqlite:///file.db (sqlite:////… absolute)."
_SERVER = "Use postgresql://user:password@host:5432/name, special characters as %40."


class Server(Record):
    """A PostgreSQL database. Its address may hold a password: nothing prints it."""

    url: Hidden[str]

    @property
    def secrets(self) -> frozenset[str]:
        """Its passwords, as they are and as they are written there."""
        parts = urlsplit(self.url)
        written = {parts.password or ""}
        for pair in parts.query.split("&"):
            name, _, value = pair.partition("=")
            written |= {value} if "password" in name else set()
        return frozenset(written | {unquote(each) for each in written}) - {""}


#: A SQLite file, or a PostgreSQL database.
Address = Path | Server


def located(text: str) -> Address:
    """Read `sqlite:///relative.db`, `sqlite:////absolute.db`, or `postgresql://…/name`."""
    scheme, _, rest = text.partition(":")
    if scheme.lower() in ("postgres", "postgresql"):
        return _server(text)
    path = rest.removeprefix("///")
    if scheme.lower() != "sqlite" or path == rest:
        remedy = "Use sqlite:///file.db (sqlite:////… absolute) or postgresql://user@host/name."
        raise Unusable("is not the address of a database", remedy)
    if not path or path.endswith("/") or ":memory:" in path or set(path) & set("?\0"):
        raise Unusable("names no file", _FILE)
    return Path(path)


def _server(text: str) -> Server:
    if not _VISIBLE.fullmatch(text) or not _names_a_database(text):
        # Outside the `except`: a chained error would carry the password.
        raise Unusable("does not name a database of the server", _SERVER)
    return Server(text)


def _names_a_database(url: str) -> bool:
    """A host may also stand in the query: the folder of a socket (`?host=/run/postgresql`).

    Stricter than the driver, which takes the first @ for the end of the password.
    """
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
        user, _, place = parts.netloc.rpartition("@")
        hosts = [urlsplit(f"//{each}") for each in place.split(",")]
        ports = [each.port for each in hosts] + [int(each) for each in query.get("port", ())]
    except ValueError:
        return False
    found = all(each.hostname for each in hosts) if place else "host" in query
    name = parts.path.strip("/")
    plain = "@" not in user and name and not set(name) & set("@/") and not parts.fragment
    return bool(found and plain and 0 not in ports)
