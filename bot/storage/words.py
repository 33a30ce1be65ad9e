"""What servers refuse by its words: the rules, their changes on record, and counts of refusals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from bot.domain.act import REASON_LENGTH, Act, Action
from bot.domain.guild import Holder
from bot.domain.limits import DAY_MS
from bot.domain.rule import Kind, Rule
from bot.storage import queries
from bot.storage.aliases import Aliases
from bot.storage.audit import record
from bot.storage.database import Database, Row, Transaction
from bot.text import shorten

_SQL = queries.load(Path(__file__).parent / "sql" / "words.sql")
_SETTINGS = queries.load(Path(__file__).parent / "sql" / "settings.sql")

#: What a rule is called in the record of settings.
RECORDED = "words"
_ABOUT = {"holder": Holder.GUILD.value, "id": "0", "name": RECORDED}


class Words:
    """Every server's rules; a change raises the version of its settings, as any other."""

    def __init__(self, database: Database, aliases: Aliases) -> None:
        self._database = database
        self._aliases = aliases

    async def all(self) -> dict[int, list[Rule]]:
        """By server; those that have none are not in it."""
        rules: dict[int, list[Rule]] = defaultdict(list)
        for row in await self._database.read(_SQL["all"], {}):
            rules[row["guild_id"]].append(_rule(row))
        return dict(rules)

    async def of(self, guild_id: int) -> list[Rule]:
        found = await self._database.read(_SQL["of_guild"], {"guild_id": guild_id})
        return [_rule(row) for row in found]

    async def change(
        self,
        guild_id: int,
        actor_id: int,
        added: Iterable[Rule],
        removed: Iterable[Rule],
        *,
        now: int,
    ) -> bool:
        """All of it or nothing, with one entry in the record. Whether anything changed.

        A rule that is there already takes the new reason. Its lines are what a person wrote, so
        they are the entry's reason, which can be erased. Raises StorageError.
        """
        actor = await self._aliases.remembered(actor_id)
        lines: list[str] = []
        async with self._database.transaction() as connection:
            for rule, verb in (*((r, "unset") for r in removed), *((r, "set") for r in added)):
                lines += await _made(connection, guild_id, rule, verb)
            if lines:
                said = shorten(" · ".join(lines), REASON_LENGTH)
                act = Act(actor, Action.SETTING, reason=said, details=_ABOUT)
                await record(connection, guild_id, act, now=now)
                raised = {"guild_id": guild_id}
                await connection.fetch(_SETTINGS["raise_version"], raised)
        return bool(lines)

    async def count(self, guild_id: int, *, now: int) -> None:
        """One more request was refused by a rule."""
        await self._database.write(_SQL["count"], {"guild_id": guild_id, "day": now // DAY_MS})

    async def refusals(self, guild_id: int, days: int, *, now: int) -> int:
        """How many in the last so many days, today among them (UTC)."""
        asked = {"guild_id": guild_id, "since": now // DAY_MS - days + 1}
        [row] = await self._database.read(_SQL["refusals"], asked)
        return int(row["refusals"])


async def _made(connection: Transaction, guild_id: int, rule: Rule, verb: str) -> list[str]:
    """Set or unset it; returns what is said of it on record: nothing where it is so already."""
    key = {"guild_id": guild_id, "kind": rule.kind, "text": rule.text}
    found = await connection.fetch(_SQL["reason"], key)
    before = Rule(rule.kind, rule.text, found[0]["reason"]).line if found else None
    after = rule.line if verb == "set" else None
    if before == after:
        return []
    values = key | ({"reason": rule.reason} if verb == "set" else {})
    await connection.fetch(_SQL[verb], values)
    return [*([f"− {before}"] if before else []), *([f"+ {after}"] if after else [])]


def _rule(row: Row) -> Rule:
    return Rule(Kind(row["kind"]), row["text"], row["reason"])
