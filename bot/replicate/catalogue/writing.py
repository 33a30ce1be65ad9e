"""A model as the TOML that a person edits. Pure.

Written by hand, since no TOML library of Python's keeps a list of choices on a line and a comment
beside a price; `tests/bot/replicate/test_catalogue.py` reads back whatever is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from bot.domain.generation import Price
from bot.domain.model import Choice, Level, Model, Option, Safeguard

#: Characters of a line, beyond which a list gets a line for each of its values.
LINE = 100


def write(model: Model, note: str = "") -> str:
    """The file's text; `note` stands above it as a comment."""
    lines = [f"# {line}".rstrip() for line in note.splitlines()]
    lines += _keys(
        {
            "model": model.name,
            "title": model.title,
            "description": model.description or None,
            "abilities": sorted(model.abilities),
            "prompt": model.prompt,
            "longest_prompt": model.longest_prompt,
            "outputs": model.outputs if model.outputs != 1 else None,
            "schema": model.schema or None,
        }
    )
    lines += _price(model.price)
    if model.pictures is not None:
        taken = model.pictures
        only = {"list": taken.is_list or None, "required": taken.required or None}
        lines += _table("pictures", {"input": taken.input, **only, "most": taken.most})
    for table, number in (("seed", model.seed), ("count", model.count)):
        if number is not None:
            ends = {"minimum": number.minimum, "maximum": number.maximum}
            lines += _table(table, {"input": number.input, **ends})
    if model.fixed:
        lines += _table("fixed", model.fixed)
    for option in model.options:
        lines += _option(option)
    for guard in model.safeguards:
        lines += _safeguard(guard)
    if model.dropped:
        lines += [
            "",
            "# Inputs that nobody is offered, and why.",
            *_table("dropped", model.dropped)[1:],
        ]
    return "\n".join([*lines, ""])


def _price(price: Price | None) -> Iterator[str]:
    if price is None:
        return
    keys: dict[str, object] = {"usd": price.micros / 1_000_000, "as_of": price.as_of}
    keys["source"] = price.source
    yield from _table("price", keys)


def _option(option: Option) -> list[str]:
    keys: dict[str, object] = {
        "name": option.name,
        "input": option.input if option.input != option.name else None,
        "kind": option.kind.value,
        "description": option.description,
        "default": option.default,
        "required": option.required or None,
        "minimum": option.minimum,
        "maximum": option.maximum,
        "choices": [choice.value for choice in option.choices] or None,
        "labels": _labels(option.choices),
    }
    return ["", "[[options]]", *_keys(keys)]


def _safeguard(guard: Safeguard) -> list[str]:
    keys: dict[str, object] = {"input": guard.input, "description": guard.description}
    keys |= {
        level.name.lower(): choice.value for level, choice in zip(Level, guard.values, strict=True)
    }
    keys["default"] = guard.default.name.lower()
    if guard.with_picture is not Level.LENIENT:
        keys["with_picture"] = guard.with_picture.name.lower()
    keys["labels"] = _labels(guard.values)
    return ["", "[[safeguards]]", *_keys(keys)]


def _labels(choices: Iterable[Choice]) -> Mapping[str, str] | None:
    """Only where Discord shows another text than the value."""
    return {str(c.value): c.label for c in choices if c.label != str(c.value)} or None


def _table(name: str, keys: Mapping[str, object]) -> list[str]:
    return ["", f"[{name}]", *_keys(keys)]


def _keys(keys: Mapping[str, object]) -> Iterator[str]:
    for key, value in keys.items():
        if value is not None:
            yield f"{_key(key)} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        texts = [_value(each) for each in value]
        line = ", ".join(texts)
        return f"[{line}]" if len(line) < LINE else "\n".join(["[", *_wrapped(texts), "]"])
    if isinstance(value, float):
        return repr(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _wrapped(texts: list[str]) -> Iterator[str]:
    line = "   "
    for text in texts:
        if len(line) + len(text) + 2 > LINE and line.strip():
            yield line
            line = "   "
        line += f" {text},"
    yield line


def _key(key: str) -> str:
    plain = key.isascii() and key and all(c.isalnum() or c in "-_" for c in key)
    return key if plain else _text(key)


def _text(text: str) -> str:
    """A JSON string is a TOML string but for the character 127."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
