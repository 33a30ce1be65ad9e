"""Values: frozen ones, what has state, and what is raised; silent about what is hidden."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import pytest
from rich.pretty import pretty_repr

from bot.record import Hidden, Raisable, Record, State, asdict, field, replace

T = TypeVar("T")


class Letter(Record):
    number: int
    words: Hidden[str]
    marks: Mapping[str, str] = field(default_factory=dict)
    sender: Hidden[str | None] = None


class Copy(Letter):
    of: Hidden[str] = ""
    pages: int = 1


class Card(Record):
    number: int
    words: Hidden[str]


class Box(Record, Generic[T]):
    held: T


class Queue(State, Generic[T]):
    held: list[T] = field(default_factory=list)
    asked: Hidden[str] = ""


class Lost(Raisable):
    code = "lost"
    what: str
    words: Hidden[str] = ""


class LostAtSea(Lost):
    ship: str = ""
    code = "lost_at_sea"


LETTER = Letter(1, "dear", sender="me")


@pytest.mark.parametrize("shown", [repr, str, pretty_repr])
def test_a_hidden_field_is_shown_by_no_form_of_a_record(shown: type[str]) -> None:
    assert shown(LETTER) == "Letter(number=1, marks={})"
    assert shown(Box(LETTER)) == "Box(held=Letter(number=1, marks={}))"


def test_what_is_hidden_stays_so_in_a_class_below() -> None:
    assert repr(Copy(1, "dear", of="hers")) == "Copy(number=1, marks={}, pages=1)"


def test_a_record_equals_only_what_is_of_its_class() -> None:
    assert Letter(1, "dear", sender="me") == LETTER
    assert Letter(1, "sir", sender="me") != LETTER
    other: Record = Card(1, "dear")
    assert other != Letter(1, "dear")
    assert hash(Card(1, "dear")) == hash(Card(1, "dear"))


def test_a_record_is_frozen_and_has_no_other_fields() -> None:
    for name in ("number", "other"):
        with pytest.raises(AttributeError):
            setattr(LETTER, name, 2)


def test_a_changed_copy_leaves_the_first_as_it_was() -> None:
    other = replace(LETTER, number=2)
    assert asdict(other) == {"number": 2, "words": "dear", "marks": {}, "sender": "me"}
    assert LETTER.number == 1
    with pytest.raises(TypeError):
        replace(LETTER, nowhere=1)


def test_no_two_records_share_what_a_default_makes() -> None:
    assert Letter(1, "a").marks is not Letter(2, "b").marks


def test_a_record_survives_a_copy_and_another_process() -> None:
    assert copy.deepcopy(LETTER) == LETTER
    assert pickle.loads(pickle.dumps(LETTER)) == LETTER


def test_state_changes_and_equals_only_itself() -> None:
    queue, other = Queue[int](), Queue[int]()
    queue.held.append(1)
    queue.asked = "please"
    assert (queue.held, other.held) == ([1], [])
    assert queue != Queue([1], "please")
    assert repr(queue) == "Queue(held=[1])"


def test_what_is_raised_has_its_fields_in_their_order_or_by_name() -> None:
    by_order, by_name = Lost("a letter", "dear"), Lost(words="dear", what="a letter")
    assert (by_order.what, by_order.words) == (by_name.what, by_name.words) == ("a letter", "dear")
    assert Lost("a letter").words == ""
    sunk = LostAtSea("a letter", ship="Vasa")
    assert (sunk.what, sunk.words, sunk.ship, sunk.code) == ("a letter", "", "Vasa", "lost_at_sea")


@pytest.mark.parametrize("shown", [repr, pretty_repr])
def test_what_is_raised_shows_no_hidden_field(shown: type[str]) -> None:
    assert shown(Lost("a letter", "dear")) == "Lost(what='a letter')"


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), (("a", "b", "c"), {}), (("a",), {"where": 1}), ((), {"words": "dear"})],
)
def test_what_is_raised_takes_nothing_but_its_fields(
    values: tuple[Any, ...], named: Mapping[str, Any]
) -> None:
    with pytest.raises(TypeError, match="Lost takes: what, words"):
        Lost(*values, **named)
