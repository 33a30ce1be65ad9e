"""The forms about words: from the lines that were typed to rules. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from bot.domain.rule import LONGEST_PATTERN, LONGEST_REASON, LONGEST_WORD, Kind, Rule
from bot.language import _
from bot.policy import patterns
from bot.policy.lexicon import Lexicon, NotAWord
from bot.policy.patterns import PatternRefused
from bot.views.panel import Field
from bot.wording import screening as words

#: What one field of a form holds at most.
LONGEST_LINES = 4_000
LINES = "lines"


class Unreadable(Exception):
    """Lines that are no rules: each with what is wrong with it."""

    def __init__(self, problems: Collection[tuple[str, str]]) -> None:
        super().__init__(problems)
        self.problems = problems


def field(verb: str) -> Field:
    """The only one of a form."""
    label, about = words.FIELDS[verb]
    return Field(LINES, _(label), _(about), longest=LONGEST_LINES, lines=True)


def added(said: str) -> list[Rule]:
    """The rules that these lines say. Raises Unreadable with every line that cannot be used."""
    return _read(said, _problem)


def removed(said: str, rules: Collection[Rule]) -> list[Rule]:
    """Those of the rules that these lines name, with their reasons or without."""
    keys = {rule.key for rule in rules}
    return _read(said, lambda rule: None if rule.key in keys else _(words.NO_SUCH_RULE))


def _read(said: str, problem_of: Callable[[Rule], str | None]) -> list[Rule]:
    rules = {rule.key: rule for rule in map(Rule.read, _lines(said))}
    problems = [
        (rule.line, problem) for rule in rules.values() if (problem := problem_of(rule)) is not None
    ]
    if problems or not rules:
        raise Unreadable(problems)
    return list(rules.values())


def _lines(said: str) -> Iterator[str]:
    return (line for line in said.splitlines() if line.strip())


def _problem(rule: Rule) -> str | None:
    longest = LONGEST_PATTERN if rule.kind is Kind.PATTERN else LONGEST_WORD
    if len(rule.text) > longest:
        return words.too_long(longest)
    if len(rule.reason) > LONGEST_REASON:
        return words.too_long(LONGEST_REASON)
    try:
        if rule.kind is Kind.PATTERN:
            patterns.check(rule.text)
        else:
            Lexicon([(rule.text, rule)])
    except PatternRefused as error:
        return words.pattern_refused(error.message)
    except NotAWord:
        return _(words.NOT_A_WORD)
    return None
