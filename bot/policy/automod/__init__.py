"""A server's own AutoMod rules, as far as Discord shows them, applied to what is asked for.

Discord does not apply them to what commands are told. Its own word lists (presets) and its
detection of spam are not shown to anybody: they cannot be applied, and nothing here claims so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Any

from bot.domain.spans import Span, Spans
from bot.policy.automod.words import Ends, Keyword, Pattern, folded
from bot.policy.patterns import MOST_STEPS_IN_ALL
from bot.record import Record

#: Discord's `trigger_type`s; whatever else there is or will be cannot be applied.
_KEYWORD, _SPAM, _PRESET, _MENTIONS, _PROFILE = 1, 3, 4, 5, 6
#: `event_type`: a message was sent. The other one is about members' profiles.
_MESSAGE = 1
#: `type` of an action that tells moderators of a message and lets it pass.
_ALERT = 2
#: What is read of a rule, and so all that is stored of one: not who made it.
_FIELDS = (
    *("name", "enabled", "event_type", "trigger_type", "trigger_metadata", "actions"),
    *("exempt_roles", "exempt_channels"),
)
#: Keywords of a server, and what it allows, above which it may take more than a millisecond or two.
MANY = 100
#: A role (`<@&1>`) or a person (`<@1>`, `<@!1>`).
_MENTION = re.compile(r"<@(?:!?|&)(\d+)>", re.ASCII)


class Why(StrEnum):
    """Why a rule, or a pattern of one, is not applied as Discord does."""

    PRESET = "preset"
    SPAM = "spam"
    ALERT = "alert"
    UNKNOWN = "unknown"
    REJECTED = "rejected"  # a pattern that RE2 does not take, or that costs too much
    DIFFERS = "differs"  # applied, but RE2 may read it otherwise


class Doubt(Record):
    """A rule by its name, why it is not applied (alike), and the pattern that it is about."""

    rule: str
    why: Why
    pattern: str = ""


class Fired(Record):
    """The rule that does not let a text pass, and what its managers wrote for such a case."""

    rule: str
    message: str = ""


class Rule(Record):
    """One that can be applied. `exempt`: ids of roles and channels."""

    name: str
    message: str = ""
    keywords: tuple[Keyword, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    allowed: tuple[Keyword, ...] = ()
    most_mentions: int | None = None
    exempt: frozenset[int] = frozenset()

    def fires(self, texts: Sequence[str]) -> bool:
        if self.most_mentions is not None:
            mentioned = {name for text in texts for name in _MENTION.findall(text)}
            return len(mentioned) > self.most_mentions
        return any(map(self._fires, texts))

    def _fires(self, text: str) -> bool:
        plain = folded(text)
        if next(self._found(text, plain), None) is None:
            return False
        allowed = self._allowed(plain)
        if any(keyword.is_outside(allowed, plain) for keyword in self.keywords):
            return True
        spans = (span for pattern in self.patterns for span in pattern.found_in(text))
        return not all(map(allowed.cover, spans))

    def _allowed(self, plain: str) -> Spans:
        if not self.allowed:
            return Spans(())
        ends = Ends(plain)
        return Spans(each for word in self.allowed for each in word.allowed_in(plain, ends))

    def _found(self, text: str, plain: str) -> Iterator[Span]:
        for keyword in self.keywords:
            yield from keyword.found_in(plain)
        for pattern in self.patterns:
            yield from pattern.found_in(text)


class AutoMod(Record):
    """All of a server's rules: those that are applied, and what is to be said of the others."""

    rules: tuple[Rule, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @classmethod
    def of(cls, rules: object) -> AutoMod:
        """From what Discord answers, or from a stored copy.

        Nothing of it is trusted: what is not known counts as not to be applied. Left out are
        rules that are switched off, and those about profiles.

        Patterns take up to 30 ms each to compile, so off the event loop.
        """
        room = MOST_STEPS_IN_ALL
        applied: list[Rule] = []
        doubts: list[Doubt] = []
        for raw in lean(rules):
            if raw.get("enabled") is False or raw.get("trigger_type") == _PROFILE:
                continue
            if raw.get("event_type", _MESSAGE) != _MESSAGE:
                continue
            name = str(raw.get("name") or "?")
            if (why := _why_not(raw)) is not None:
                doubts.append(Doubt(name, why))
            else:
                rule, of_patterns = _rule(name, raw, room)
                room -= sum(pattern.steps for pattern in rule.patterns)
                applied.append(rule)
                doubts += of_patterns
        return cls(tuple(applied), tuple(doubts))

    @property
    def takes_long(self) -> bool:
        """Whether even a short text may: then in a thread, RE2 works outside the lock there."""
        words = sum(len(rule.keywords) + len(rule.allowed) for rule in self.rules)
        return words > MANY or any(rule.patterns for rule in self.rules)

    def first(
        self,
        texts: Iterable[str],
        role_ids: AbstractSet[int],
        channel_ids: AbstractSet[int],
    ) -> Fired | None:
        """The first rule that does not let these texts pass; None: all do.

        `role_ids` are the person's, @everyone's (the server's id) too; `channel_ids` the channel's,
        and of a thread its parent's.
        """
        ids = role_ids | channel_ids
        read = [unicodedata.normalize("NFC", text) for text in texts if text]
        for rule in self.rules:
            if rule.exempt.isdisjoint(ids) and rule.fires(read):
                return Fired(rule.name, rule.message)
        return None


def lean(rules: object) -> list[dict[str, Any]]:
    """Of each rule what is used, to be kept."""
    found = rules if isinstance(rules, list) else []
    return [
        {name: each[name] for name in _FIELDS if name in each}
        for each in found
        if isinstance(each, Mapping)
    ]


def _why_not(raw: Mapping[str, Any]) -> Why | None:
    kind = raw.get("trigger_type")
    actions = _mappings(raw.get("actions"))
    if kind == _PRESET:
        return Why.PRESET
    if kind == _SPAM:
        return Why.SPAM
    metadata = raw.get("trigger_metadata")
    if kind not in (_KEYWORD, _MENTIONS) or not isinstance(metadata, Mapping):
        return Why.UNKNOWN
    if kind == _MENTIONS and not isinstance(metadata.get("mention_total_limit"), int):
        return Why.UNKNOWN
    if actions and all(action.get("type") == _ALERT for action in actions):
        return Why.ALERT
    return None


def _rule(name: str, raw: Mapping[str, Any], room: int) -> tuple[Rule, list[Doubt]]:
    """`room`: RE2's instructions that its patterns may have together."""
    about = raw["trigger_metadata"]
    patterns = list(_patterns(_texts(about.get("regex_patterns")), room))
    doubts = [
        Doubt(name, Why.REJECTED if pattern is None else Why.DIFFERS, text)
        for text, pattern in patterns
        if pattern is None or pattern.differs
    ]
    rule = Rule(
        name=name,
        message=_message(raw),
        keywords=_keywords(about.get("keyword_filter")),
        patterns=tuple(pattern for _, pattern in patterns if pattern is not None),
        allowed=_keywords(about.get("allow_list")),
        most_mentions=about.get("mention_total_limit"),
        exempt=frozenset(_ids(raw.get("exempt_roles")) + _ids(raw.get("exempt_channels"))),
    )
    return rule, doubts


def _patterns(written: Iterable[str], room: int) -> Iterator[tuple[str, Pattern | None]]:
    for each in dict.fromkeys(written):
        pattern = Pattern.of(each)
        if pattern is not None and pattern.steps > room:
            pattern = None
        room -= 0 if pattern is None else pattern.steps
        yield each, pattern


def _message(raw: Mapping[str, Any]) -> str:
    """What members are told whose message is blocked."""
    for action in _mappings(raw.get("actions")):
        about = action.get("metadata")
        if isinstance(about, Mapping) and about.get("custom_message"):
            return str(about["custom_message"])
    return ""


def _keywords(values: object) -> tuple[Keyword, ...]:
    found = map(Keyword.of, _texts(values))
    return tuple(dict.fromkeys(keyword for keyword in found if keyword is not None))


def _texts(values: object) -> list[str]:
    found = values if isinstance(values, list) else []
    return [each for each in found if isinstance(each, str)]


def _ids(values: object) -> list[int]:
    found = values if isinstance(values, list) else []
    return [int(each) for each in map(str, found) if each.isascii() and each.isdigit()]


def _mappings(values: object) -> list[Mapping[str, Any]]:
    found = values if isinstance(values, list) else []
    return [each for each in found if isinstance(each, Mapping)]
