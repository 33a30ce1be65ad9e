"""Pieces of text: what users type, made safe to show in any message; counts, times, durations.

Escaped for Discord's markdown, stripped of control and direction-changing characters, shortened.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import accumulate

from bot.language import _, _n, current

_MARKDOWN = re.compile(r"([\\*_~`|<>#\[\]()\-+]|(?<=\w):(?=//))")
_ELLIPSIS = "…"
#: Discord's limit for a message, in UTF-16 units.
MESSAGE_LIMIT = 2000
#: Elsewhere than in English. The space is narrow, and never at the end of a line.
_SEPARATORS = {"de": (".", ","), "es": (".", ","), "fr": ("\u202f", ",")}
#: Spreadsheets take a cell that begins with one of these for a formula.
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def visible(text: str) -> str:
    """One line of `text` without control, direction-changing or line-breaking characters."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in text
        if not ("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" or c in "\u200e\u200f")
        and unicodedata.category(c) != "Cs"
    )
    return " ".join(kept.split())


def shorten(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units (what Discord's clients count), never half a character."""
    if units(text) <= limit:
        return text
    cut = text[:limit]
    while units(cut) + 1 > limit:
        cut = cut[:-1]
    return cut.rstrip() + _ELLIPSIS


def units(text: str) -> int:
    """Length as Discord's clients count it: in UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def fitting(parts: Iterable[str], most: int, between: int = 1) -> int:
    """How many of these, with so much `between` them, are within `most` UTF-16 units."""
    return sum(total <= most for total in accumulate(units(part) + between for part in parts))


def escaped(text: str, limit: int) -> str:
    """Text that Discord shows exactly as it was typed: no markdown, mention or link."""
    safe = _MARKDOWN.sub(r"\\\1", shorten(visible(text), limit))
    return safe.replace("@", "@\u200b")  # no client takes that for a mention


def escaped_within(text: str, most: int) -> str:
    """The same, as much of it as is within `most` UTF-16 units, at least 2, once it is escaped."""
    limit = units(visible(text))
    while (excess := units(safe := escaped(text, limit)) - most) > 0:
        limit -= max(1, excess // 2)  # escaping doubles a character at most: never too short
    return safe


def duration(seconds: float) -> str:
    """A duration as people say it: 9 s, 1 min 5 s."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return _("{seconds} s").format(seconds=rest)
    form = _("{minutes} min {seconds} s") if rest else _("{minutes} min")
    return form.format(minutes=minutes, seconds=rest)


def when(ms: int, style: str = "R") -> str:
    """A time that Discord shows in the reader's own words and time zone."""
    return f"<t:{ms // 1000}:{style}>"


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def counted(one: str, several: str, count: int, **gaps: str) -> str:
    """The form that goes with the count, with it as {count}, and with what else it has gaps for."""
    return _n(one, several, count).format(count=number(count), **gaps)


def listed(names: Sequence[str], most: int) -> str:
    """So many of them, with commas; how many are left out is said."""
    shown = ", ".join(names[:most])
    if len(names) <= most:
        return shown
    return _("{names} and {count} more").format(names=shown, count=number(len(names) - most))


def more(count: int) -> str:
    """The last line of a list that is cut."""
    return _("… and {count} more").format(count=number(count))


def number(count: int) -> str:
    """Thousands as readers separate them: 1,234."""
    return f"{count:,}".replace(",", _separators()[0])


def tenths(amount: float) -> str:
    """With one digit behind the point, unless it is 0: 12.5, 3."""
    whole, rest = divmod(round(amount * 10), 10)
    return number(whole) + (f"{_separators()[1]}{rest}" if rest else "")


def money(micros: int) -> str:
    """Micro-dollars as people write them: $0.06, $1,234.50, $0.0035."""
    dollars, rest = amount(micros).split(".")
    return _("${amount}").format(amount=f"{number(int(dollars))}{_separators()[1]}{rest}")


def amount(micros: int) -> str:
    """Dollars as a form takes them, whatever the language: 1234.50."""
    dollars, rest = divmod(micros, 1_000_000)
    return f"{dollars}.{f'{rest:06}'.rstrip('0').ljust(2, '0')}"


def cents(micros: int) -> str:
    """The same, rounded to cents: $1,234.50."""
    return money(round(micros, -4))


def _separators() -> tuple[str, str]:
    """Between thousands, and before what is less than one."""
    return _SEPARATORS.get(current().partition("-")[0], (",", "."))


def safe_cell(value: object) -> object:
    """Disarm text that begins like a formula; numbers stay numbers, None is an empty cell."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value
