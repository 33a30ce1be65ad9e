"""A model as configuration: what it takes, what members are offered, what it makes. Pure.

An option's `input` is the name in the model's own schema, `name` what Discord shows for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum

from bot.domain.generation import Price, Value
from bot.record import Record, field


class Kind(StrEnum):
    """What an option's values are, in JSON Schema's words."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


class Ability(StrEnum):
    """What a model can do with words: make a picture, change one; without: enlarge, vary one."""

    GENERATE = "generate"
    EDIT = "edit"
    UPSCALE = "upscale"
    VARY = "vary"


class Level(IntEnum):
    """How much the model's own safety lets through; a floor admits itself and what is stricter."""

    STRICT = 0
    MEDIUM = 1
    LENIENT = 2


class Choice(Record):
    """One of an option's values, and what Discord shows for it (at most 100 characters)."""

    value: Value
    label: str


class Option(Record):
    """An input that members may set.

    `default` is the model's own, which holds where nothing is sent. `choices` empty: any value of
    the kind from `minimum` to `maximum`; of a text these are its length.
    """

    name: str
    input: str
    kind: Kind
    description: str
    choices: tuple[Choice, ...] = ()
    default: Value | None = None
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False


class Pictures(Record):
    """The input that takes a picture, or a list of at most `most`."""

    input: str
    is_list: bool = False
    required: bool = False
    most: int = 1


class Number(Record):
    """An input that is a whole number with a meaning of its own: the seed, the count."""

    input: str
    minimum: int
    maximum: int


class Safeguard(Record):
    """An input that sets the model's own safety: its value at each level, strictest first.

    Members may choose one of `values`, within the floor, by an option of the input's name; left
    out, it is the `default` level or the floor, whichever is stricter. `with_picture`: the most
    lenient level that the model takes beside a picture. What may only be on or off is `fixed`.
    """

    input: str
    description: str
    values: tuple[Choice, Choice, Choice]
    default: Level
    with_picture: Level = Level.LENIENT


class Model(Record):
    """One model of the catalogue.

    `fixed` is always sent. `dropped`: inputs that nobody is offered, and why. `schema` is a hash
    of the input schema that this was made from. `longest_prompt`: characters, where it has a limit.
    """

    name: str
    title: str
    abilities: frozenset[Ability]
    prompt: str | None
    options: tuple[Option, ...] = ()
    description: str = ""
    pictures: Pictures | None = None
    seed: Number | None = None
    count: Number | None = None
    safeguards: tuple[Safeguard, ...] = ()
    fixed: Mapping[str, Value] = field(default_factory=dict)
    outputs: int = 1
    price: Price | None = None
    dropped: Mapping[str, str] = field(default_factory=dict)
    schema: str = ""
    longest_prompt: int | None = None
