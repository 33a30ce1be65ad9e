"""Our statements in PostgreSQL's words: values by number, each with its type.

All else they have in common: what PostgreSQL lacks, its schema has as functions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

#: A value's name; `::` is a cast, and what stands between quotes is text.
_NAMED = re.compile(r"'(?:[^']|'')*'|::|:([a-z_][a-z_0-9]*)")
_COMMENT = re.compile(r"--[^\n]*")
#: Integers are ids, micro-dollars and milliseconds: asyncpg's `integer` ends at 2**31.
_TYPES: Mapping[type, str] = {
    bool: "bigint",
    int: "bigint",
    float: "double precision",
    str: "text",
    bytes: "bytea",
}


def translated(statement: str, values: Mapping[str, object]) -> tuple[str, Sequence[object]]:
    """The statement, and its values in the order of their numbers.

    A value that is none stands in it as `null`: whatever type belongs there is its type.
    """
    kinds = tuple((name, _kind(values[name])) for name in _names(statement))
    return _written(statement, kinds), [
        _sent(values[name]) for name, kind in kinds if kind is not None
    ]


@cache
def _names(statement: str) -> tuple[str, ...]:
    found = _NAMED.finditer(_COMMENT.sub("", statement))
    return tuple(dict.fromkeys(each[1] for each in found if each[1]))


@cache
def _written(statement: str, kinds: tuple[tuple[str, str | None], ...]) -> str:
    number, places = 0, dict[str, str]()
    for name, kind in kinds:
        number += kind is not None
        places[name] = "null" if kind is None else f"${number}::{kind}"
    bare = _COMMENT.sub("", statement)
    return _NAMED.sub(lambda found: places[found[1]] if found[1] else found[0], bare)


def _kind(value: object) -> str | None:
    if value is None:
        return None
    for kind, word in _TYPES.items():
        if isinstance(value, kind):
            return word
    raise TypeError(type(value).__name__)


def _sent(value: object) -> object:
    """PostgreSQL's text holds no NUL."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value
