"""Words that are refused, in words: to whom they are refused, and to a server's managers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from bot import word_refusals
from bot.refusals import Refused
from bot.rule import LONGEST_PATTERN, LONGEST_REASON, MOST_PATTERNS, MOST_RULES, Kind, Rule
from bot.text import MESSAGE_LIMIT, escaped, fitting, plural

#: UTF-16 units of a rule in a list: a page of them is within the 4,000 that Discord shows.
SHOWN = 100


def refusal(refused: Refused) -> str | None:
    """None: it is about something else. Never which rule: a list of them helps to go around it."""
    match refused:
        case word_refusals.MinorsRefused(told=told):
            words = " The operator is told." if told else ""
            return f"Sexual content about minors is never made here.{words}"
        case word_refusals.WordsRefused(reason=""):
            return "This server refuses words in this. Its moderators can say which; try others."
        case word_refusals.WordsRefused(reason=reason):
            return f"This server refuses words in this: “{escaped(reason, LONGEST_REASON)}”"
        case word_refusals.WordsUnjudged():
            return (
                "This server's rules about words cannot be applied, so nothing is generated. Its "
                "managers can look at them in `/settings`, under **Words**."
            )
        case _:
            return None


def panel(rules: Sequence[Rule], refusals: int, days: int) -> str:
    """The head of the panel: what it is for, and how often it mattered."""
    patterns = sum(rule.kind is Kind.PATTERN for rule in rules)
    return f"""\
## Words that are refused
Whoever uses one in a prompt or another text is refused privately, with your reason; nothing is \
bought. Spellings that only hide a word are found too. `/moderation test` tries a text.
-# {plural(len(rules), "rule")} of {MOST_RULES:,}, {patterns} of {MOST_PATTERNS} patterns · \
{plural(refusals, "request")} refused in {plural(days, "day")}
-# Sexual content about minors is refused in every server, whatever is set here."""


def listed(rules: Iterable[Rule]) -> str:
    """One rule a line."""
    lines = [f"- {escaped(rule.line, SHOWN)}" for rule in rules]
    return "\n".join(lines) or "No rules yet."


def page(number: int, pages: int) -> str:
    return f"-# Page {number + 1} of {pages}"


def unusable(problems: Collection[tuple[str, str]]) -> str:
    """Which lines, and what is wrong with them."""
    if not problems:
        return "Nothing was changed: no line says anything."
    lines = [f"- {escaped(line, SHOWN)}: {problem}" for line, problem in problems]
    shown = fitting(lines, MESSAGE_LIMIT - 100)
    if shown < len(lines):
        lines[shown:] = [f"… and {plural(len(lines) - shown, 'more line')}"]
    return "\n".join(["**Nothing was changed.**", *lines])


def too_long(limit: int) -> str:
    return f"at most {limit} characters"


def pattern_refused(message: str) -> str:
    """In RE2's own words."""
    return f"the pattern is not taken: {escaped(message, SHOWN)}"


def tested(rule: Rule, form: str) -> str:
    """What `/moderation test` found, and in which form of the text."""
    line = escaped(rule.line, LONGEST_PATTERN + LONGEST_REASON + 10)
    told = refusal(word_refusals.WordsRefused(rule.reason))
    return f"⛔ **Refused** by the rule: {line}\n-# Found {form}. People are told: {told}"


NEEDS_MANAGE_SERVER = "Only members with Manage Server can change which words are refused."
ADD, REMOVE, BACK = "Add …", "Remove …", "Back"
FIELDS: Mapping[str, tuple[str, str]] = {
    "add": (
        "One rule a line",
        "word: reason · two words: reason · /pattern/: reason · allow: word",
    ),
    "remove": ("One rule a line, as the panel shows it", "Reasons may be left out."),
}
NO_SUCH_RULE = "there is no such rule"
NOT_A_WORD = "there is no word in it to look for"
TOO_MANY = (
    f"Nothing was changed: a server has at most {MOST_RULES:,} rules, and {MOST_PATTERNS} patterns "
    "among them. Remove some first."
)
FINE = "✅ No rule refuses this text."
FLOOR = (
    "⛔ **Refused** in every server: sexual content about minors. No setting changes that; the "
    "operator is told of whoever asks for it."
)
