"""What servers' managers have set, as TOML: the same settings always give the same text. Pure.

Ids are texts, since many a reader of TOML has no numbers as large; people are pseudonyms.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from bot.domain.guild import Holder, Setting
from bot.domain.limits import UNLIMITED
from bot.domain.rule import Kind, Rule
from bot.domain.style import Style

#: Lists, switches and ids among the values; other numbers are numbers.
_LISTS = frozenset({"roles", "models"})
_SWITCHES = frozenset(
    {"spoiler", "direct", "mention", "lenient", "paused", "rejected_counts", "saving"}
)
_IDS = frozenset({"desk", "notices"})
_HEAD = (
    "# What servers' managers have set. Amounts of money are micro-dollars; members: pseudonyms."
)


def toml(
    guilds: Mapping[int, Iterable[Setting]],
    words: Mapping[int, Iterable[Rule]] | None = None,
    styles: Mapping[int, Iterable[Style]] | None = None,
) -> str:
    """A table for each server, and in it one for each channel, role and member.

    Its rules about `words` are the lines that **Add …** takes; each of its `styles` is a table.
    """
    words, styles, lines = words or {}, styles or {}, [_HEAD]
    for guild_id in sorted({*guilds, *words, *styles}):
        settings = sorted(guilds.get(guild_id, ()), key=_order)
        lines += _guild(guild_id, settings, sorted(words.get(guild_id, ()), key=_key))
        for style in sorted(styles.get(guild_id, ()), key=lambda style: style.key):
            lines += _style(guild_id, style)
    return "\n".join([*lines, ""])


def _guild(guild_id: int, settings: list[Setting], rules: list[Rule]) -> Iterator[str]:
    table = f"guild.{guild_id}"
    yield from ("", f"[{table}]")
    if rules:
        yield from ("words = [", *(f"  {_text(rule.line)}," for rule in rules), "]")
    now = (Holder.GUILD, 0)
    for each in settings:
        if (each.holder, each.subject) != now:
            now = (each.holder, each.subject)
            of_all = each.holder is Holder.EVERYONE
            name = each.holder if of_all else f"{each.holder}.{each.subject}"
            yield from ("", f"[{table}.{name}]")
        yield f"{each.name} = {_value(each)}"


def _style(guild_id: int, style: Style) -> Iterator[str]:
    yield from ("", f"[[guild.{guild_id}.style]]", f"name = {_text(style.name)}")
    parts = {"prefix": style.prefix, "suffix": style.suffix}
    yield from (f"{name} = {_text(part)}" for name, part in parts.items() if part)


def _key(rule: Rule) -> tuple[Kind, str]:
    return rule.key


def _order(setting: Setting) -> tuple[int, int, str]:
    """The server's first, which stand in its own table."""
    return list(Holder).index(setting.holder), setting.subject, setting.name


def _value(setting: Setting) -> str:
    name, value = setting.name, setting.value
    if name in _LISTS:
        return f"[{', '.join(map(_text, value.split()))}]"
    if name in _SWITCHES and value in ("0", "1"):
        return "true" if value == "1" else "false"
    if value == str(UNLIMITED):
        return '"none"'
    if name not in _IDS and value.isascii() and value.isdecimal():
        return str(int(value))
    return _text(value)


def _text(text: str) -> str:
    """A basic string: JSON's, but for one character that TOML does not take as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
