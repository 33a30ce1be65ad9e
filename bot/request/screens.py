"""Each server's rules about words: compiled, in memory, and how they are changed."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from bot.domain.rule import MOST_PATTERNS, MOST_RULES, Kind, Rule
from bot.policy import minors
from bot.policy.lexicon import NotAWord
from bot.policy.patterns import PatternRefused
from bot.policy.screening import Hit, Screen
from bot.refusals.words import MinorsRefused, WordsRefused, WordsUnjudged
from bot.storage.settings import GuildSettings
from bot.storage.words import Words

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Characters of plain text. Longer ones, and others (one sign may stand for eighteen letters: 70 ms
#: for 2,000 of it), are read in a thread.
QUICK = 500


class TooManyRules(Exception):
    """A server would have more rules, or more patterns, than it may."""


class Screens:
    """As this process last read them; compiled off the event loop."""

    def __init__(self, words: Words, settings: GuildSettings) -> None:
        self._words = words
        self._settings = settings
        self._rules: dict[int, Sequence[Rule]] = {}
        #: None: they do not compile. Nothing is let through that could not be judged.
        self._screens: dict[int, Screen | None] = {}
        self._turn = asyncio.Lock()
        #: One text of a server at a time: costly patterns are felt where they were written.
        self._turns: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def load(self) -> None:
        """Read all of them: afterwards a request finds its server's in memory."""
        for guild_id, rules in (await self._words.all()).items():
            await self._keep(guild_id, rules)

    async def reload(self, guild_id: int) -> None:
        """Read the server's again: somebody else may have changed them."""
        async with self._turn:
            rules = _ordered(await self._words.of(guild_id))
            if rules != self.rules(guild_id):
                await self._keep(guild_id, rules)

    def rules(self, guild_id: int) -> Sequence[Rule]:
        return self._rules.get(guild_id, [])

    def screen(self, guild_id: int | None) -> Screen | None:
        """The server's; None: it has no rules. Raises WordsUnjudged where they do not compile."""
        if guild_id not in self._screens:
            return None
        screen = self._screens[guild_id]
        if screen is None:
            raise WordsUnjudged
        return screen

    async def judge(self, texts: Mapping[str, str], guild_id: int | None, *, now: int) -> None:
        """Raise what refuses one of a request's free texts, by what they are for.

        MinorsRefused, which holds everywhere, WordsRefused, which is counted, or WordsUnjudged.
        """
        if await self.is_about_minors(texts):
            raise MinorsRefused
        hit = await self.hit(texts.values(), guild_id)
        if hit is None:
            return
        try:
            await self._words.count(guild_id or 0, now=now)
        except Exception:
            log.exception("refusal not counted")
        raise WordsRefused(hit.rule.reason)

    async def is_about_minors(self, texts: Mapping[str, str]) -> bool:
        """Whether the floor refuses a request's free texts, which holds everywhere."""
        if _is_quick(texts.values()):
            return minors.refuses(texts)
        return await asyncio.to_thread(minors.refuses, texts)

    async def hit(self, texts: Collection[str], guild_id: int | None) -> Hit | None:
        """Which rule refuses any of these texts. Raises WordsUnjudged."""
        screen = self.screen(guild_id)
        if screen is None:
            return None
        judge = partial(screen.first, texts)
        return await self.turn(guild_id, texts, judge, takes_long=screen.has_patterns)

    async def turn(
        self,
        guild_id: int | None,
        texts: Collection[str],
        judge: Callable[[], T],
        *,
        takes_long: bool,
    ) -> T:
        """What `judge` says of the texts: in a thread where they, or the rules, may take long."""
        if _is_quick(texts) and not takes_long:
            return judge()
        async with self._turns[guild_id or 0]:
            return await asyncio.to_thread(judge)

    async def change(
        self,
        guild_id: int,
        actor_id: int,
        added: Sequence[Rule],
        removed: Sequence[Rule],
        *,
        now: int,
    ) -> bool:
        """All of it or nothing: what does not compile is refused, and the old rules go on.

        Whether anything changed. Raises PatternRefused, NotAWord, TooManyRules and StorageError.
        """
        async with self._turn:
            keys = {rule.key for rule in (*removed, *added)}
            rules = [r for r in await self._words.of(guild_id) if r.key not in keys]
            rules += {rule.key: rule for rule in added}.values()
            _few_enough(rules)
            screen = await asyncio.to_thread(Screen.of, rules)
            changed = await self._words.change(guild_id, actor_id, added, removed, now=now)
            self._rules[guild_id], self._screens[guild_id] = _ordered(rules), screen
        await self._settings.reload(guild_id)  # last: whoever has the new version has these rules
        self._settings.changed(guild_id)
        return changed

    async def refusals(self, guild_id: int, days: int, *, now: int) -> int:
        return await self._words.refusals(guild_id, days, now=now)

    async def _keep(self, guild_id: int, rules: Sequence[Rule]) -> None:
        try:
            screen = await asyncio.to_thread(Screen.of, rules)
        except (PatternRefused, NotAWord) as error:  # as another version of RE2 had taken it
            about = {"guild": guild_id, "reason": type(error).__name__}
            log.error("rules not compiled", extra=about)  # noqa: TRY400 - it says what was typed
            screen = None
        self._rules[guild_id], self._screens[guild_id] = _ordered(rules), screen


def _is_quick(texts: Collection[str]) -> bool:
    """Whether they are read within a millisecond or two, and so on the event loop."""
    return sum(map(len, texts)) <= QUICK and all(map(str.isascii, texts))


def _ordered(rules: Iterable[Rule]) -> list[Rule]:
    return sorted(rules, key=lambda rule: rule.key)


def _few_enough(rules: Sequence[Rule]) -> None:
    patterns = sum(rule.kind is Kind.PATTERN for rule in rules)
    if len(rules) > MOST_RULES or patterns > MOST_PATTERNS:
        raise TooManyRules
