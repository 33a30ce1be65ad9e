"""A reviewed channel under the kills: its moderators decide and delete, and what must then hold.

- Nothing of a reviewed request is seen by others, outside the desk, before it is approved.
- What a moderator deleted never comes back, whenever that was.
- Every decision has one outcome, in the ledger, at the desk and on record.
- In the end every card that is decided about says what became of it.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Coroutine, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground.stage import Stage
from playground.world import WorldError
from tests.chaos.judge import MARKER, Verdict, markers, rows
from tests.playground.visitor import Visitor

SHARE = 0.6
"""Of the requests, how many are reviewed."""

DELETED = 0.5
"""Of the published images, how many a moderator deletes."""

SPLIT = """
select
    (select count(*) from audit where action in ('approve', 'reject'))
    - (select count(*) from review where verdict in ('approved', 'spoiler', 'rejected')) as acts,
    (select count(*) from generation join review using (interaction_id)
     where generation.ended_at is not null and review.verdict is not null
         and (generation.status = 'rejected') <> (review.verdict = 'rejected')) as outcomes"""
"""Acts without a decision or the reverse; requests that ended otherwise than was decided."""

UNCLOSED = "select count(*) from review where closed = 0"


@dataclass
class Desk:
    """The channel, its two moderators and what they did."""

    on: Stage
    chance: random.Random
    removed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._mona = Visitor(self.on, "moderator", "moderators")
        self._milo = Visitor(self.on, "second moderator", "moderators")
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._looked_at: set[int] = set()

    @property
    def channel(self) -> str:
        """Where everything is reviewed."""
        return str(self.on.world.channels[1]["id"])

    async def open(self) -> None:
        """Set it up, as a manager does."""
        olivia, scope = Visitor(self.on, "owner"), self.channel
        panel = await olivia.command("settings", channel=scope)
        for verb in ("page:review", "ask:review", "set:review-image", "ask:desk"):
            await olivia.press_id(panel, f"imagine:settings:{verb}-{scope}")
        await olivia.choose(panel, "settings:choose:desk", self._mona.channel)

    def work(self) -> None:
        """Decide about what waits and nobody is at; delete some of what was published."""
        for card in self._messages(self._mona.channel):
            if card.components and card.id not in self._busy:
                self._begin(card.id, self._decide(card))
        for shown in self._messages(self.channel):
            public = shown.attachments and not shown.is_ephemeral
            if public and shown.id not in self._looked_at:
                self._looked_at.add(shown.id)
                if self.chance.random() < DELETED:
                    self._begin(shown.id, self._delete(shown))

    def look(self, found: Verdict, database: Path) -> None:
        """Count what must not be, at any time: an approval is on disk before it is acted upon."""
        seen = [each for each in self._messages(self.channel) if not each.is_ephemeral]
        public = {marker for each in seen for marker in markers(each)}
        approved = {
            marker
            for row in rows(database)
            if row["approved_at"] is not None
            for marker in MARKER.findall(row["prompt"])
        }
        for marker in public - approved:
            found.leaks += 1
            found.notes.append(f"{marker}: seen by everybody before it was approved")
        for marker in public & self.removed:
            found.came_back += 1
            found.notes.append(f"{marker}: back after a moderator deleted it")

    def split(self, database: Path) -> int:
        """Decisions with none or several outcomes."""
        acts, outcomes = _counted(database, SPLIT)
        return abs(acts) + outcomes

    def unclosed(self, database: Path) -> int:
        """Cards that do not say yet what became of it."""
        return _counted(database, UNCLOSED)[0]

    def _begin(self, message_id: int, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._busy[message_id] = task
        task.add_done_callback(lambda _: self._busy.pop(message_id, None))

    async def _decide(self, card: Any) -> None:
        message = {"id": str(card.id)}
        both = [(self._mona, "Approve"), (self._milo, "Approve as spoiler")]
        self.chance.shuffle(both)
        with suppress(WorldError, LookupError):  # decided, or the bot is dead: later again
            if self.chance.random() < 1 / 3:
                form = await both[0][0].press(message, "Reject …")
                await both[0][0].fill(form, reason="no")
                return
            presses = (who.press(message, label) for who, label in both)
            await asyncio.gather(*presses, return_exceptions=True)

    async def _delete(self, shown: Any) -> None:
        with suppress(WorldError):
            await self.on.world.delete(self._mona.id, self.channel, str(shown.id))
            self.removed |= markers(shown)

    def _messages(self, channel: str) -> Iterator[Any]:
        yield from list(self.on.world.backend.messages[int(channel)].values())


def _counted(database: Path, query: str) -> list[int]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as connection:
        return [int(each) for each in connection.execute(query).fetchone()]
