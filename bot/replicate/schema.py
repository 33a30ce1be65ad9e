"""What the API says of a model, read leniently: its inputs as plain values. Pure.

Any JSON may stand there: whatever has no meaning counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping

from bot.domain.command import LARGEST_NUMBER
from bot.domain.generation import Value
from bot.domain.model import Kind
from bot.errors import SchemaUnusable
from bot.record import Record
from bot.replicate.body import clean, number
from bot.replicate.keywords import Keywords, Resolver
from bot.replicate.medium import trouble
from bot.text import visible

#: More than any real model has; the largest of 3,808 has 67.
INPUTS_LIMIT = 1_000
#: Values of one enumeration that are looked at; the largest seen has some hundreds.
CHOICES_LIMIT = 1_000
#: Characters of a text that is read for its meaning.
WORDS_LIMIT = 2_000

_FORMATS = {"uint8": (0, 255), "uint16": (0, 65_535), "uint32": (0, 2**32 - 1), "uint64": (0, None)}


class Input(Record):
    """One input of the schema.

    `kind` None: neither text, number nor truth. `choices` None: not listed. For a text `minimum`
    and `maximum` are its length, for a list how many it holds. `of` is a list's kind of members.
    """

    name: str
    kind: Kind | None = None
    description: str = ""
    choices: tuple[Value, ...] | None = None
    default: Value | None = None
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    format: str = ""
    pattern: bool = False
    secret: bool = False
    required: bool = False
    is_list: bool = False
    order: float = math.inf


class Described(Record):
    """A model as the API describes it; `trouble`: why what it makes is no picture, or ""."""

    name: str
    description: str
    inputs: tuple[Input, ...]
    trouble: str

    @property
    def hash(self) -> str:
        """Changes with what a body may hold, not with words or order."""
        facts = sorted(
            (
                *(each.name, each.kind or "", each.format, each.is_list, each.required),
                *(repr(each.choices), repr(each.default), repr(each.minimum), repr(each.maximum)),
            )
            for each in self.inputs
        )
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def described(body: object) -> Described:
    """Read a model object, as `GET /models/{owner}/{name}` answers.

    Raises `SchemaUnusable` where there is nothing to read.
    """
    model = _mapping(body)
    schemas = _mapping(_mapping(_document(model).get("components")).get("schemas"))
    resolver = Resolver(_document(model))
    root = resolver.flat(schemas.get("Input"))
    properties = _mapping(root.get("properties"))
    if not properties:
        raise SchemaUnusable("the API shows no input schema for it")
    needed = root.get("required")
    required = needed if isinstance(needed, list) else []
    inputs = [
        _input(_key(name), resolver.flat(schema), resolver, required=name in required)
        for name, schema in list(properties.items())[:INPUTS_LIMIT]
    ]
    inputs.sort(key=lambda each: each.order)
    about = visible(words(model.get("description")))
    why = trouble(model, resolver, schemas.get("Output"), [each.name for each in inputs])
    return Described(name_of(model), about, tuple(inputs), why)


def _key(name: str) -> str:
    """An input's name exactly as it stands, unless no file and no request could carry it."""
    return clean(name) if any("\ud800" <= c <= "\udfff" for c in name) else name


def name_of(body: object) -> str:
    """Make "owner/name" of a model object, as far as it tells."""
    model = _mapping(body)
    parts = (clean(words(model.get("owner"))), clean(words(model.get("name"))))
    return "/".join(part for part in parts if part)


def _document(model: Mapping[str, object]) -> Mapping[str, object]:
    """The OpenAPI document of a model, of a version, or alone, as files may hold it."""
    version = _mapping(model.get("latest_version")) or model
    return _mapping(version.get("openapi_schema")) or version


def _input(name: str, found: Keywords, resolver: Resolver, *, required: bool) -> Input:
    type_ = found.get("type")
    choices = _choices(found)
    kind = _kind(type_, choices)
    least, most = _bounds(kind, found)
    format_ = words(found.get("format"))
    if type_ == "array":
        members = resolver.flat(found.get("items"))
        format_ = words(members.get("format"))
        least, most = number(found.get("minItems")), number(found.get("maxItems"))
    return Input(
        name=name,
        kind=kind,
        description=_about(found),
        choices=choices,
        default=_scalar(found.get("default")),
        minimum=least,
        maximum=most,
        step=number(found.get("multipleOf")),
        format=format_,
        pattern=isinstance(found.get("pattern"), str),
        secret=format_ == "password"
        or any(found.get(word) is True for word in ("x-cog-secret", "writeOnly")),
        required=required,
        is_list=type_ == "array",
        order=_order(number(found.get("x-order"))),
    )


def _about(found: Keywords) -> str:
    about = visible(words(found.get("description")))
    return about or visible(words(found.get("title")))


def _order(given: float | None) -> float:
    return math.inf if given is None else given


def _kind(type_: object, choices: tuple[Value, ...] | None) -> Kind | None:
    """The declared type; that of the listed values where none is declared."""
    if type_ in tuple(Kind):
        return Kind(str(type_))
    if type_ is not None or not choices:
        return None
    kinds = {_kind_of(value) for value in choices}
    if kinds == {Kind.INTEGER, Kind.NUMBER}:
        return Kind.NUMBER
    return kinds.pop() if len(kinds) == 1 else Kind.STRING


def _kind_of(value: Value) -> Kind:
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, str):
        return Kind.STRING
    return Kind.INTEGER if isinstance(value, int) else Kind.NUMBER


def _choices(found: Keywords) -> tuple[Value, ...] | None:
    """The listed values that are scalars, each once; 1 and True are two."""
    listed = found.get("enum")
    if not isinstance(listed, list):
        return None
    values = (_scalar(value) for value in listed[:CHOICES_LIMIT])
    return tuple({(type(v), v): v for v in values if v is not None}.values())


def _bounds(kind: Kind | None, found: Keywords) -> tuple[float | None, float | None]:
    """From and to, both included, as far as Discord's numbers go."""
    if kind is Kind.STRING:
        return number(found.get("minLength")), number(found.get("maxLength"))
    least = _tighter(max, found, "minimum", "exclusiveMinimum", "ge")
    most = _tighter(min, found, "maximum", "exclusiveMaximum", "le")
    floor, ceiling = _FORMATS.get(words(found.get("format")), (None, None))
    least = floor if least is None else least
    most = ceiling if most is None else most
    gap = 0.001 if least is None or most is None or most <= least else (most - least) / 1000
    if least is not None and _excluded(found, "Minimum", least):
        least = least + 1 if kind is Kind.INTEGER and least == math.floor(least) else least + gap
    if most is not None and _excluded(found, "Maximum", most):
        most = most - 1 if kind is Kind.INTEGER and most == math.floor(most) else most - gap
    if kind is Kind.INTEGER:
        least = None if least is None else math.ceil(least)
        most = None if most is None else math.floor(most)
    return least, most


def _tighter(tightest: object, found: Keywords, *keys: str) -> float | None:
    known = [value for key in keys if (value := number(found.get(key))) is not None]
    if not known:
        return None
    return max(known) if tightest is max else min(known)


def _excluded(found: Keywords, which: str, bound: float) -> bool:
    """OpenAPI 3.0 says so with a truth beside the bound, 3.1 with a bound of its own."""
    said = found.get(f"exclusive{which}")
    return said is True or (not isinstance(said, bool) and number(said) == bound)


def words(value: object) -> str:
    """A text that can be written anywhere, else ""."""
    return clean(value, WORDS_LIMIT) if isinstance(value, str) else ""


def _scalar(value: object) -> Value | None:
    """What a body may hold and Discord may carry; a changed text would be another value."""
    if isinstance(value, str):
        return (
            value
            if "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
            else None
        )
    if isinstance(value, bool):
        return value
    found = number(value)
    return found if found is not None and abs(found) <= LARGEST_NUMBER else None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
