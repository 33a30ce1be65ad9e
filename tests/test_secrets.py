"""What must not be read by chance: in a `repr`, a traceback or a log line of nobody's making."""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any

import pytest

import bot
from bot.domain.sanctions import Blocked
from bot.record import Raisable, Record, State
from bot.refusals import Refused
from bot.refusals.words import WordsRefused

#: What a field is called that holds a credential, somebody's words, a person's id, or a picture.
#: A new field of such a name is hidden from its class's `repr`, or stands below with a reason.
SECRET_NAMES = frozenset(
    {
        *("token", "secret", "password", "salt", "url"),
        *("prompt", "text", "reason", "appeal", "options", "prefix", "suffix", "before", "after"),
        *("user_id", "actor_id", "operator_id", "people"),
        *("body", "content", "output", "alt", "sha256", "whole"),
    }
)
#: By class and field.
SHOWN = {
    ("Look", "before"): "the number of an entry",
    ("Part", "body"): "where it begins",
    ("Storage", "people"): "their tables",
    ("Model", "prompt"): "the name of the input that takes it",
    ("Model", "options"): "those that a model has, not what somebody chose",
    ("Input", "secret"): "whether a model's input is one",
    ("SchemaUnusable", "reason"): "our own words about a model",
    ("Added", "reason"): "our own words about a model",
}
MARK = "known-only-to-whom-it-concerns"


def classes() -> Iterator[type]:
    """Every class that Python gives a `repr` of all its fields."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if module.name == "bot.__main__":
            continue
        for found in vars(importlib.import_module(module.name)).values():
            if isinstance(found, type) and found.__module__ == module.name:
                assert not is_dataclass(found), found
                if names(found):
                    yield found


def below(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def names(kind: type) -> tuple[str, ...]:
    if issubclass(kind, Record | State | Raisable):
        return kind.__struct_fields__
    return tuple(getattr(kind, "_fields", ())) if issubclass(kind, tuple) else ()


def holding(kind: type, values: Mapping[str, object]) -> Any:
    """One of them with these values, whatever its types say."""
    if issubclass(kind, tuple):
        return tuple.__new__(kind, [values[name] for name in names(kind)])
    return kind(**values)


EVERY_CLASS = sorted(classes(), key=lambda kind: (kind.__module__, kind.__name__))
VALUES = {
    kind
    for base in (Record, State, Raisable)
    for kind in below(base)
    if kind.__module__.startswith("bot.") and names(kind)
}


def test_there_are_classes_to_look_at() -> None:
    """A dataclass would show its fields by a `repr` that nobody looks at here."""
    assert {"Request", "Generation", "Server", "Answer"} <= {kind.__name__ for kind in EVERY_CLASS}
    assert set(EVERY_CLASS) >= VALUES


@pytest.mark.parametrize("kind", EVERY_CLASS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_repr_shows_no_credential_no_words_of_people_and_no_picture(kind: type) -> None:
    secret = {
        name for name in names(kind) if name in SECRET_NAMES and (kind.__name__, name) not in SHOWN
    }
    for name in secret:
        values = {each: MARK if each == name else None for each in names(kind)}
        assert MARK not in repr(holding(kind, values)), f"{kind.__name__}.{name}"


def test_a_field_that_is_marked_as_hidden_is() -> None:
    """However its name is."""
    for kind in VALUES:
        marked = {name for name, written in kind.__annotations__.items() if "Hidden" in written}
        if marked:
            shown = {name for name, _ in holding(kind, dict.fromkeys(names(kind))).__rich_repr__()}
            assert not marked & shown, kind


def test_what_is_shown_with_a_reason_exists() -> None:
    there = {(kind.__name__, name) for kind in EVERY_CLASS for name in names(kind)}
    assert SHOWN.keys() <= there


@pytest.mark.parametrize(
    "refused", [WordsRefused(MARK), Blocked(everywhere=False, until=None, reason=MARK)]
)
def test_a_refusal_in_a_traceback_is_its_code_alone(refused: Refused) -> None:
    """Nobody should log one; if somebody does, it holds what staff wrote."""
    try:
        raise refused
    except Refused as caught:
        written = traceback.format_exc() + repr(caught) + str(caught)
    assert MARK not in written
    assert refused.code in written
