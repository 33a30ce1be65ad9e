"""The words about refused words: to whoever used one, and to a server's managers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from bot.domain.rule import LONGEST_PATTERN, LONGEST_REASON, MOST_PATTERNS, MOST_RULES, Kind, Rule
from bot.language import N_, _
from bot.refusals import Refused
from bot.refusals import words as word_refusals
from bot.text import MESSAGE_LIMIT, counted, escaped, fitting, number

#: UTF-16 units of a rule in a list: a page of them is within the 4,000 that Discord shows.
SHOWN = 100
_ABOUT = N_("""\
## Words that are refused
A prompt or other text with one of them is refused privately, with your reason; nothing is \
bought. Disguised spellings are found too. Try a text with `/moderation test`.""")
#: `bot.policy.text.Form`, in which a text was recognised.
FORMS = (
    N_("as it is written"),
    N_("without its accents"),
    N_("with repeated letters taken together"),
    N_("with digits and signs read as letters"),
    N_("with separated letters put together"),
    N_("by the pattern"),
)
_EVERYWHERE = N_("Sexual content about minors is refused in every server, whatever is set here.")


def refusal(refused: Refused) -> str | None:
    """None: it is about something else. Never which rule: a list of them helps to go around it."""
    match refused:
        case word_refusals.MinorsRefused(told=told):
            never = _("Sexual content about minors is never made here.")
            return f"{never} {_('The operator has been told.')}" if told else never
        case word_refusals.WordsRefused(reason=""):
            return _(
                "This server refuses some of these words. Its moderators can say which; try others."
            )
        case word_refusals.WordsRefused(reason=reason):
            form = _("This server refuses some of these words: “{reason}”")
            return form.format(reason=escaped(reason, LONGEST_REASON))
        case word_refusals.WordsUnjudged():
            return _(
                "This server's rules about words cannot be applied, so nothing is generated. Its "
                "managers can look at them in `/settings`, under **Words**."
            )
        case _:
            return None


def panel(rules: Sequence[Rule], refusals: int, days: int) -> str:
    """The head of the panel: what it is for, and how often it mattered."""
    patterns = sum(rule.kind is Kind.PATTERN for rule in rules)
    count = counted(
        "{count} rule of {most}", "{count} rules of {most}", len(rules), most=number(MOST_RULES)
    )
    used = _("{count} of {most} patterns").format(count=patterns, most=MOST_PATTERNS)
    often = counted(
        "{count} request refused in {days} days",
        "{count} requests refused in {days} days",
        refusals,
        days=str(days),
    )
    return f"{_(_ABOUT)}\n-# {count}, {used} · {often}\n-# {_(_EVERYWHERE)}"


def listed(rules: Iterable[Rule]) -> str:
    """One rule a line."""
    lines = [f"- {escaped(rule.line, SHOWN)}" for rule in rules]
    return "\n".join(lines) or _("No rules yet.")


def page(index: int, pages: int) -> str:
    return _("-# Page {page} of {pages}").format(page=index + 1, pages=pages)


def unusable(problems: Collection[tuple[str, str]]) -> str:
    """Which lines, and what is wrong with them."""
    if not problems:
        return _("Nothing was changed: there is no rule in it.")
    lines = [f"- {escaped(line, SHOWN)}: {problem}" for line, problem in problems]
    shown = fitting(lines, MESSAGE_LIMIT - 100)
    if shown < len(lines):
        rest = len(lines) - shown
        lines[shown:] = [counted("… and {count} more line", "… and {count} more lines", rest)]
    return "\n".join([_("**Nothing was changed.**"), *lines])


def too_long(limit: int) -> str:
    return _("at most {count} characters").format(count=number(limit))


def pattern_refused(message: str) -> str:
    """In RE2's own words."""
    return _("the pattern is not accepted: {why}").format(why=escaped(message, SHOWN))


def tested(rule: Rule, form: str) -> str:
    """What `/moderation test` found, and in which form of the text."""
    line = escaped(rule.line, LONGEST_PATTERN + LONGEST_REASON + 10)
    told = refusal(word_refusals.WordsRefused(rule.reason))
    head = _("⛔ **Refused** by the rule: {rule}").format(rule=line)
    more = _("Found {form}. People read: {words}").format(form=_(form), words=told)
    return f"{head}\n-# {more}"


def too_many() -> str:
    return _(
        "Nothing was changed: a server has at most {rules} rules, and {patterns} patterns among "
        "them. Remove some first."
    ).format(rules=number(MOST_RULES), patterns=number(MOST_PATTERNS))


NEEDS_MANAGE_SERVER = N_("Only members with Manage Server can change which words are refused.")
ADD, REMOVE, BACK = N_("Add …"), N_("Remove …"), N_("Back")
PREVIOUS, NEXT = N_("◀ Previous"), N_("Next ▶")
FIELDS: Mapping[str, tuple[str, str]] = {
    "add": (
        N_("One rule a line"),
        N_("word: reason · two words: reason · /pattern/: reason · allow: word"),
    ),
    "remove": (N_("One rule a line, as the panel shows it"), N_("Reasons can be left out.")),
}
NO_SUCH_RULE = N_("there is no such rule")
NOT_A_WORD = N_("there is no word in it to look for")
FINE = N_("✅ No rule refuses this text.")
FLOOR = N_(
    "⛔ **Refused** in every server: sexual content about minors. No setting changes that; "
    "the operator is told who asks for it."
)
