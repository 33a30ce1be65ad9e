"""Which image a custom id is about: a row's id, or that and which of the row's images. Pure."""

from __future__ import annotations

import re

from bot.record import Record

#: Snowflakes have at most 19 digits, and what SQLite takes for a number not many more.
_SUBJECT = re.compile(r"((?:[0-9]{1,18}|[1-8][0-9]{18})-[0-9]{1,3})(?:-([0-9]{1,2}))?")


class Subject(Record):
    """`picture`: an index of the row's outputs; None: all of its request's."""

    generation_id: str
    picture: int | None

    @classmethod
    def of(cls, text: str) -> Subject | None:
        """None: it is none of ours. Ids can be forged."""
        match = _SUBJECT.fullmatch(text)
        return None if match is None else cls(match[1], None if match[2] is None else int(match[2]))
