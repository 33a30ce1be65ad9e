"""Which of a server's rules a text breaks. Pure; compiled once, then asked for every request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from bot.domain.generation import Value
from bot.domain.model import Kind as OptionKind
from bot.domain.model import Model
from bot.domain.rule import Kind, Rule
from bot.domain.spans import Spans
from bot.policy.lexicon import Lexicon
from bot.policy.patterns import Patterns
from bot.policy.text import Form, Text
from bot.record import Record


class Hit(Record):
    """The rule that refuses a text, and in which form of it."""

    rule: Rule
    form: Form


class Screen:
    """A server's rules."""

    def __init__(
        self, words: Lexicon[Rule], allowed: Lexicon[Rule], patterns: Sequence[Rule]
    ) -> None:
        self._words = words
        self._allowed = allowed
        self._rules = patterns
        self._patterns = Patterns([rule.text for rule in patterns])

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Self:
        """Compiled: a thousand patterns take a fifth of a second, so off the event loop.

        Raises PatternRefused and NotAWord for the first that cannot be used.
        """
        rules = list(rules)
        return cls(
            Lexicon((r.text, r) for r in rules if r.kind in (Kind.WORD, Kind.PHRASE)),
            Lexicon((r.text, r) for r in rules if r.kind is Kind.ALLOW),
            [rule for rule in rules if rule.kind is Kind.PATTERN],
        )

    @property
    def has_patterns(self) -> bool:
        """Whether it may take long: in a thread then, RE2 works outside the interpreter's lock."""
        return bool(self._rules)

    def first(self, texts: Iterable[str]) -> Hit | None:
        """Of the first text that breaks any; None: all are fine."""
        hits = (self._hit(Text(text)) for text in texts)
        return next((hit for hit in hits if hit is not None), None)

    def _hit(self, text: Text) -> Hit | None:
        allowed = Spans(self._allowed.found(text))
        for found in self._words.found(text):
            if not allowed.cover(found):
                return Hit(found.value, found.form)
        if not self._rules:
            return None
        for form in self._remaining(text, allowed):
            for number in self._patterns.found(form):
                return Hit(self._rules[number], Form.PATTERN)
        return None

    def _remaining(self, text: Text, allowed: Spans) -> Iterable[str]:
        """What patterns are asked about: the folded text, and, where it differs, the raw one."""
        yield allowed.blanked(text.folded)
        raw = text.raw.lower()
        if raw != text.folded:
            # Folding may have changed where words stand, so they are looked for once more.
            yield Spans(self._allowed.found(Text(raw, fold=False))).blanked(raw)


def free_texts(prompt: str, model: Model, options: Mapping[str, Value]) -> dict[str, str]:
    """What a person wrote in words of their own, by what it is for: the prompt is "prompt".

    `options` by Discord's names, as they were chosen: a stand-in is sent no other words.
    """
    limited = {guard.input for guard in model.safeguards}
    for option in model.options:
        if option.choices or option.kind is not OptionKind.STRING:
            limited.add(option.name)
    own = {name: text for name, text in options.items() if isinstance(text, str)}
    return {"prompt": prompt} | {name: own[name] for name in own if name not in limited}
