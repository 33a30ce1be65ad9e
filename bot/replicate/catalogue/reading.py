"""A model's TOML file, read strictly: every problem of a file at once, each with its key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from bot.domain.command import COMMON
from bot.domain.generation import Price, Value
from bot.domain.model import (
    Ability,
    Choice,
    Kind,
    Level,
    Model,
    Number,
    Option,
    Pictures,
    Safeguard,
)
from bot.errors import ConfigError, Problem
from bot.replicate.catalogue.entries import Entries
from bot.replicate.naming import option_name
from bot.text import shorten

_KINDS: Mapping[Kind, tuple[type, ...]] = {
    Kind.STRING: (str,),
    Kind.INTEGER: (int,),
    Kind.NUMBER: (int, float),
    Kind.BOOLEAN: (bool,),
}
_SAME = "Give each a name of its own."


def read(path: Path, name: str) -> Model:
    """The model in the file at `path`, which is to be `name`'s. Raises ConfigError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, "cannot be read", "Save it as UTF-8 text.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _unusable(path, f"is no TOML: {error}", "Correct the file.") from error
    top = Entries(path.name, table)
    model = _model(top, name)
    problems = top.finish()
    if problems:
        raise ConfigError(problems)
    return model


def _unusable(path: Path, what: str, remedy: str) -> ConfigError:
    return ConfigError((Problem(path.name, what, remedy),))


def _model(top: Entries, name: str) -> Model:
    said = top.text("model", required=True)
    if said and said != name:
        top.problem("model", "is not the one that the file is named after", f"Write {name}.")
    options = tuple(_option(entries) for entries in top.tables("options"))
    safeguards = tuple(_safeguard(entries) for entries in top.tables("safeguards"))
    shown = [*(o.name for o in options), *(g.input for g in safeguards)]
    for twice in sorted({each for each in shown if shown.count(each) > 1}):
        top.problem("options", f"name {twice} twice", _SAME)
    prompt = top.text("prompt") or None
    pictures = _pictures(top.table("pictures"))
    if prompt is None and pictures is None:
        top.problem("prompt", "is not set, and no pictures are", "Name the input of one of them.")
    return Model(
        name=name,
        title=shorten(top.text("title") or name, 100),
        abilities=frozenset(Ability(each) for each in top.words("abilities", [*Ability])),
        prompt=prompt,
        options=options,
        description=top.text("description"),
        pictures=pictures,
        seed=_number(top.table("seed")),
        count=_number(top.table("count")),
        safeguards=safeguards,
        fixed=top.values("fixed"),
        outputs=top.whole("outputs", 1, least=1),
        price=_price(top.table("price")),
        dropped={key: str(value) for key, value in top.values("dropped").items()},
        schema=top.text("schema"),
        longest_prompt=top.whole("longest_prompt", 0) or None,
    )


#: Names in files of earlier versions that have another meaning since.
_FORMERLY = {"style": option_name("style", ())}


def _option(entries: Entries) -> Option:
    said = entries.text("name", required=True)
    name = _FORMERLY.get(said, said)
    kind = Kind(entries.word("kind", [*Kind], Kind.STRING))
    if name and (name in COMMON or option_name(name, ()) != name):
        remedy = f"Write {option_name(name, ())}, and the model's own name as input."
        entries.problem("name", "is none that Discord allows, or has another meaning", remedy)
    choices = _choices(entries, kind)
    least, most = entries.number("minimum"), entries.number("maximum")
    if least is not None and most is not None and least > most:
        entries.problem("minimum", "is above the maximum", "Swap them.")
    default = entries.value("default")
    if default is not None and not _is(kind, default):
        entries.problem("default", f"is no {kind}", "Write one, or leave it out.")
    return Option(
        name=name,
        input=entries.text("input") or said,
        kind=kind,
        description=shorten(entries.text("description") or name, 100),
        choices=choices,
        default=default,
        minimum=least,
        maximum=most,
        required=entries.truth("required"),
    )


def _choices(entries: Entries, kind: Kind) -> tuple[Choice, ...]:
    labels = {key: str(value) for key, value in entries.values("labels").items()}
    found: list[Choice] = []
    for value in entries.listed("choices"):
        label = labels.pop(str(value), str(value))
        long = len(label) > 100 or (isinstance(value, str) and len(value) > 100)
        if not _is(kind, value) or kind is Kind.BOOLEAN:
            entries.problem("choices", f"hold what is no {kind}", "Correct kind or choices.")
        elif long or not label.strip() or any(label == choice.label for choice in found):
            entries.problem("choices", "must be unlike, of 1 to 100 characters", "Correct them.")
        else:
            found.append(Choice(value, label))
    if labels:
        entries.problem("labels", f"name no choice: {', '.join(labels)}", "Correct them.")
    return tuple(found)


def _safeguard(entries: Entries) -> Safeguard:
    labels = {key: str(value) for key, value in entries.values("labels").items()}
    values: list[Choice] = []
    for level in Level:
        value = entries.value(level.name.lower(), required=True)
        said = "" if value is None else value
        values.append(Choice(said, labels.get(str(said), str(said))))
    strict, medium, lenient = values
    return Safeguard(
        input=entries.text("input", required=True),
        description=shorten(entries.text("description") or "The model's own safety", 100),
        values=(strict, medium, lenient),
        default=_level(entries, "default", Level.MEDIUM),
        with_picture=_level(entries, "with_picture", Level.LENIENT),
    )


def _level(entries: Entries, key: str, default: Level) -> Level:
    words = [level.name.lower() for level in Level]
    return Level[entries.word(key, words, default.name.lower()).upper()]


def _pictures(entries: Entries | None) -> Pictures | None:
    if entries is None:
        return None
    return Pictures(
        input=entries.text("input", required=True),
        is_list=entries.truth("list"),
        required=entries.truth("required"),
        most=entries.whole("most", 1, least=1),
    )


def _number(entries: Entries | None) -> Number | None:
    if entries is None:
        return None
    least, most = entries.whole("minimum", 0), entries.whole("maximum", 0)
    if least > most:
        entries.problem("minimum", "is above the maximum", "Swap them.")
    return Number(entries.text("input", required=True), least, most)


def _price(entries: Entries | None) -> Price | None:
    if entries is None:
        return None
    usd = entries.number("usd", required=True)
    if usd is not None and usd < 0:
        entries.problem("usd", "is below nothing", "Write US dollars an image, like 0.03.")
    day = entries.text("as_of", required=True)
    return Price(round((usd or 0) * 1_000_000), day, entries.text("source", required=True))


def _is(kind: Kind, value: Value) -> bool:
    return isinstance(value, _KINDS[kind]) and isinstance(value, bool) is (kind is Kind.BOOLEAN)
