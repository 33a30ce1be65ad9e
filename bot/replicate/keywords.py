"""JSON Schema without its indirections: one flat mapping of keywords for one input. Pure.

`$ref` (a pointer into the document), `allOf`, and `anyOf` or `oneOf` with null are resolved, as Cog
writes them; of a real union the first member that can be asked for stands for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import unquote

#: References followed, and members merged, for one input: real schemas need two.
DEPTH_LIMIT = 12
STEPS_LIMIT = 2_000
#: What pydantic writes above every enumeration; it says nothing about the input.
_EMPTY_WORDS = ("An enumeration.",)
_NUMBERS = ("number", "integer")
_ASKABLE = ("string", "integer", "number", "boolean", "array")

Keywords = Mapping[str, object]


class Resolver:
    """Resolves the schemas of one document. Whatever cannot be resolved says nothing."""

    def __init__(self, document: object) -> None:
        self._document = document
        self._steps = 0

    def flat(self, schema: object) -> Keywords:
        """The keywords of `schema`, its own before what it refers to."""
        self._steps = 0
        return self._flat(schema, DEPTH_LIMIT)

    def _flat(self, schema: object, depth: int) -> dict[str, object]:
        self._steps += 1
        if not isinstance(schema, Mapping) or depth == 0 or self._steps > STEPS_LIMIT:
            return {}
        found = {key: value for key, value in schema.items() if isinstance(key, str)}
        if "const" in found:
            found.setdefault("enum", [found["const"]])
        if found.get("description") in _EMPTY_WORDS:
            del found["description"]
        for part in self._parts(found):
            _tighten(found, self._flat(part, depth - 1))
        for word in ("anyOf", "oneOf"):
            members = found.pop(word, None)
            if isinstance(members, list):
                _tighten(found, self._union(members, depth - 1))
        if isinstance(found.get("type"), list):
            _tighten(found, _typed(found.pop("type")))
        return found

    def _parts(self, found: dict[str, object]) -> Iterator[object]:
        every = found.pop("allOf", None)
        yield from every if isinstance(every, list) else ()
        pointer = found.pop("$ref", None)
        if isinstance(pointer, str):
            yield self._target(pointer)

    def _union(self, members: list[object], depth: int) -> dict[str, object]:
        flats = [self._flat(member, depth) for member in members]
        some = [flat for flat in flats if flat.get("type") != "null"]
        null = {"nullable": True} if len(some) < len(flats) else {}
        listed = [flat["enum"] for flat in some if isinstance(flat.get("enum"), list)]
        if len(some) > 1 and len(listed) == len(some):
            return {"enum": [value for enum in listed if isinstance(enum, list) for value in enum]}
        askable = [flat for flat in some if flat.get("type") in _ASKABLE or "enum" in flat]
        return (askable or some or [{}])[0] | null

    def _target(self, pointer: str) -> object:
        here = self._document
        if not pointer.startswith("#"):
            return None
        for step in pointer[1:].split("/")[1:]:
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            here = here.get(key) if isinstance(here, Mapping) else None
        return here


def _typed(types: object) -> dict[str, object]:
    """What a list of types means: null apart, the first that can be asked for."""
    names = types if isinstance(types, list) else []
    kinds = [name for name in names if name in _ASKABLE]
    found: dict[str, object] = {"type": kinds[0]} if kinds else {}
    return found | ({"nullable": True} if "null" in names else {})


def _tighten(found: dict[str, object], further: Mapping[str, object]) -> None:
    """Make both hold: a value that `found` allows must be one that `further` allows as well."""
    for key, value in further.items():
        mine = found.get(key)
        if mine is None:
            found[key] = value
        elif key == "enum" and isinstance(mine, list) and isinstance(value, list):
            found[key] = [each for each in mine if each in value]
        elif key == "type" and mine in _NUMBERS and value in _NUMBERS:
            found[key] = "number" if mine == value == "number" else "integer"
        elif key in _LARGEST:
            found[key] = max(_known(mine, value), default=mine)
        elif key in _SMALLEST:
            found[key] = min(_known(mine, value), default=mine)


_LARGEST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_SMALLEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def _known(*values: object) -> list[float]:
    return [value for value in values if isinstance(value, int | float)]
