"""What other processes say they have changed: read at once, or once nothing was heard of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from bot.domain.guild import Change, Holder
from bot.domain.rule import Kind, Rule
from bot.gateway.hints import Hints
from bot.moderation.desk import Desk
from bot.request.screens import Screens
from bot.storage.database import Database
from bot.storage.peer import Peer, Topic
from bot.storage.storage import Storage

GUILD, MANAGER = 7, 8


@dataclass
class Wire:
    """A liveness that is heard by its `others`, or by nobody while it is `cut`."""

    others: list[Peer] = field(default_factory=list)
    cut: bool = False
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    is_fresh: bool = True

    async def open(self, enter: Callable[[], Awaitable[int]], /) -> None:
        await enter()

    async def close(self) -> None: ...

    async def lock(self, kind: int, number: int = 0) -> bool:
        return True

    async def unlock(self, kind: int, number: int = 0) -> None: ...

    async def holders(self, kind: int) -> dict[int, int]:
        return {}

    def tell(self, text: str) -> None:
        for other in self.others:
            if not self.cut:
                other.heard(text)


class Cards:
    """A desk that only remembers what it was told to look at."""

    def __init__(self) -> None:
        self.looked: list[int] = []

    async def heard(self, interaction_id: int) -> None:
        self.looked.append(interaction_id)


class Process:
    """One, with a memory of its own."""

    def __init__(self, database: Database) -> None:
        self.storage, self.wire, self.cards = Storage.of(database), Wire(), Cards()
        self.peer = Peer(self.storage.ledger.custody)
        self.peer.liveness = self.wire
        self.screens = Screens(self.storage.words, self.storage.settings)
        desk = cast("Desk", self.cards)
        self.hints = Hints(self.peer, self.storage, self.screens, desk)

    async def pause(self) -> None:
        change = Change(Holder.GUILD, 0, "paused", "1")
        await self.storage.settings.change(GUILD, MANAGER, [change], now=1)

    async def block(self, word: str) -> None:
        rule = Rule(Kind.WORD, word, "")
        await self.screens.change(GUILD, MANAGER, [rule], [], now=1)

    @property
    def knows(self) -> tuple[bool, list[Any]]:
        paused = self.storage.settings.policy(GUILD).paused
        return paused, [rule.text for rule in self.screens.rules(GUILD)]


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[tuple[Process, Process]]:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        one, other = Process(database), Process(database)
        one.wire.others.append(other.peer)
        yield one, other


async def settled(process: Process) -> None:
    while process.hints._acting:
        await asyncio.gather(*process.hints._acting)


async def test_what_one_changes_the_other_knows_at_once(two: tuple[Process, Process]) -> None:
    one, other = two
    await one.pause()
    await one.block("xylophone")
    await settled(other)

    assert other.knows == one.knows == (True, ["xylophone"])


async def test_what_was_not_heard_is_read_once_it_is_asked_for(
    two: tuple[Process, Process],
) -> None:
    one, other = two
    one.wire.cut = True
    await one.pause()
    await one.block("xylophone")
    before = other.knows
    await other.hints.missed()

    assert before == (False, [])
    assert other.knows == (True, ["xylophone"])
    assert await other.storage.settings.outdated() == []


@pytest.mark.parametrize("hint", ["", "x", "newer 1", "newer", "waiting", "wake 5", "changed x"])
async def test_hints_that_are_not_understood_change_nothing(
    two: tuple[Process, Process], hint: str
) -> None:
    """A newer version may say what this one does not know, while one replaces the other."""
    _, other = two
    other.peer.heard(hint)
    await settled(other)

    assert other.knows == (False, [])


async def test_a_hint_about_a_card_is_followed(two: tuple[Process, Process]) -> None:
    one, other = two
    one.peer.tell(Topic.DESK, 5)
    await settled(other)

    assert other.cards.looked == [5]
