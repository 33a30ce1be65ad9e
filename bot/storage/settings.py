"""What servers' managers set: kept in memory, versioned, and every change on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from bot.domain.act import Act, Action
from bot.domain.guild import Change, Changed, GuildPolicy, Holder, Setting
from bot.refusals import PolicyChanged
from bot.storage import queries
from bot.storage.aliases import Aliases
from bot.storage.audit import record
from bot.storage.database import Database, Row, Transaction

_SQL = queries.load(Path(__file__).parent / "sql" / "settings.sql")

_NO_POLICY = GuildPolicy()


class GuildSettings:
    """Every server's policy, as this process last read it."""

    def __init__(self, database: Database, aliases: Aliases) -> None:
        self._database = database
        self._aliases = aliases
        self._policies: dict[int, GuildPolicy] = {}
        #: Told of each server that this process changes: its settings, words or styles.
        self.changed: Callable[[int], None] = lambda _: None

    async def load(self) -> None:
        """Read all of them: afterwards a request finds its server's in memory."""
        versions = await self._database.read(_SQL["versions"], {})
        settings = await self.stored()
        self._policies = {
            row["id"]: GuildPolicy.of(row["version"], settings.get(row["id"], ()))
            for row in versions
        }

    async def stored(self) -> Mapping[int, Sequence[Setting]]:
        """All that is set, by server, as it is in the database now."""
        settings: dict[int, list[Setting]] = defaultdict(list)
        for row in await self._database.read(_SQL["all"], {}):
            settings[row["guild_id"]].append(_setting(row))
        return settings

    def policy(self, guild_id: int | None) -> GuildPolicy:
        """The server's; the empty one where nothing was ever set."""
        return self._policies.get(guild_id or 0, _NO_POLICY)

    def noticed(self) -> dict[int, int]:
        """The channels for notices, of the servers that have chosen one."""
        chosen = {guild_id: policy.notices for guild_id, policy in self._policies.items()}
        return {guild_id: channel for guild_id, channel in chosen.items() if channel is not None}

    def policies(self) -> Mapping[int, GuildPolicy]:
        """All servers' that have any, by their ids."""
        return self._policies

    async def reload(self, guild_id: int) -> GuildPolicy:
        """Read the server's again: somebody else has changed it."""
        asked = {"guild_id": guild_id}
        versions = await self._database.read(_SQL["version"], asked)
        found = await self._database.read(_SQL["of_guild"], asked)
        version = versions[0]["version"] if versions else 0
        policy = GuildPolicy.of(version, map(_setting, found))
        self._policies[guild_id] = policy
        return policy

    async def outdated(self) -> list[int]:
        """The servers whose settings, words or styles are others by now than those in memory."""
        versions = await self._database.read(_SQL["versions"], {})
        return [row["id"] for row in versions if row["version"] != self.policy(row["id"]).version]

    async def change(
        self,
        guild_id: int,
        actor_id: int,
        changes: Iterable[Change],
        *,
        now: int,
        version: int | None = None,
    ) -> GuildPolicy:
        """All of them or none, each with its entry on record; what is set already is no change.

        Raises StorageError, and PolicyChanged where the settings are not those of `version` any
        more; then nothing has changed.
        """
        actor = await self._aliases.remembered(actor_id)
        async with self._database.transaction() as connection:
            if version is not None and version != await _version(connection, guild_id):
                raise PolicyChanged
            made = [await _made(connection, guild_id, actor, each, now) for each in changes]
            if any(made):
                await connection.fetch(_SQL["raise_version"], {"guild_id": guild_id})
        policy = await self.reload(guild_id)
        self.changed(guild_id)
        return policy

    async def audit(self, guild_id: int, limit: int) -> list[Changed]:
        """The last changes, newest first."""
        found = await self._database.read(_SQL["audit"], {"guild_id": guild_id, "limit": limit})
        columns = Changed.__struct_fields__
        return [
            Changed(**{name: row[name] for name in columns} | {"holder": Holder(row["holder"])})
            for row in found
        ]


async def _made(
    connection: Transaction, guild_id: int, actor: int, change: Change, now: int
) -> bool:
    """False: it is set already."""
    key = {
        "guild_id": guild_id,
        "holder": change.holder,
        "subject": change.subject,
        "name": change.name,
    }
    found = await connection.fetch(_SQL["value"], key)
    before = found[0]["value"] if found else None
    if before == change.value:
        return False
    verb = "unset" if change.value is None else "set"
    await connection.fetch(_SQL[verb], key | {"value": change.value})
    await record(connection, guild_id, _act(actor, change, before), now=now)
    return True


async def _version(connection: Transaction, guild_id: int) -> int:
    found = await connection.fetch(_SQL["version"], {"guild_id": guild_id})
    return int(found[0]["version"]) if found else 0


def _act(actor: int, change: Change, before: str | None) -> Act:
    """A member's pseudonym is personal, the ids of roles and channels are not."""
    member = change.subject if change.holder is Holder.MEMBER else None
    about = {
        "holder": change.holder.value,
        "id": "0" if member is not None else str(change.subject),
        "name": change.name,
        "before": before,
        "after": change.value,
    }
    details = {name: value for name, value in about.items() if value is not None}
    return Act(actor, Action.SETTING, member, details=details)


def _setting(row: Row) -> Setting:
    return Setting(Holder(row["holder"]), row["subject"], row["name"], row["value"])
