"""A language's sentences: a .po file, as translators' tools write it. Pure.

It is read as it is, once, when its language is first spoken (some 20 ms): nothing is compiled, so
what a speaker has reviewed is what people read.
https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html
"""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Iterator

from bot.record import Record

_COMMENT = re.compile(r"^#.*\n?", re.MULTILINE)
_FIELD = re.compile(r'(msgid|msgid_plural|msgstr)(?:\[\d\])? ((?:".*"(?:\n|\Z))+)')
#: One begins after an empty line, or where a comment or a sentence follows a translation.
_ENTRIES = re.compile(r'\n{2,}|(?<="\n)(?=#|msgid )')
_PLURAL = re.compile(r"^Plural-Forms:.*plural=(.+);$", re.MULTILINE)


class Entry(Record):
    """A sentence and its translation: one, or one for each of its language's plural forms.

    `plural` is "" where there is only one. `fuzzy`: a tool has guessed it, and nobody looked.
    """

    sentence: str
    plural: str
    forms: tuple[str, ...]
    fuzzy: bool

    @property
    def done(self) -> bool:
        return all(self.forms) and not self.fuzzy


class Catalogue:
    """Translations by their English sentences; what has none is not there."""

    def __init__(self, text: str) -> None:
        """`text` of a .po file. Raises ValueError where it is none."""
        every = list(entries(text))
        header = next((each.forms[0] for each in every if not each.sentence), "")
        rule = _PLURAL.search(header)
        self._form = gettext.c2py(rule[1] if rule else "n != 1")
        done = [each for each in every if each.sentence and each.done]
        self._single = {each.sentence: each.forms[0] for each in done if not each.plural}
        self._several = {each.sentence: each.forms for each in done if each.plural}

    def one(self, sentence: str) -> str | None:
        return self._single.get(sentence)

    def several(self, one: str, number: int) -> str | None:
        forms, form = self._several.get(one, ()), self._form(number)
        return forms[form] if form < len(forms) else None


def entries(text: str) -> Iterator[Entry]:
    """Of a .po file; its header is the sentence "". Raises ValueError where it is none."""
    for block in _ENTRIES.split(text.lstrip("\ufeff").strip()):
        fields = _COMMENT.sub("", block)
        if fields:
            fuzzy = any("fuzzy" in line for line in block.splitlines() if line.startswith("#,"))
            yield _entry(list(_fields(fields)), fuzzy=fuzzy)


def _fields(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while match := _FIELD.match(text, position):
        position = match.end()
        said = match[2].strip().replace('"\n"', "")  # adjacent strings are one
        # Its escapes are JSON's; most have none, which is read in a tenth of the time.
        yield match[1], json.loads(said) if "\\" in said else said[1:-1]
    if position < len(text):
        raise ValueError(f"no line of a catalogue: {text[position : position + 40]}")


def _entry(fields: list[tuple[str, str]], *, fuzzy: bool) -> Entry:
    said = dict(fields)
    forms = tuple(text for field, text in fields if field == "msgstr")
    return Entry(said.get("msgid", ""), said.get("msgid_plural", ""), forms, fuzzy)
