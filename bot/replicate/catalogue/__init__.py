"""The model catalogue: one TOML file a model, those that are shipped and those of the operator.

The operator's files win. Only the files that are asked for are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.domain.generation import Price
from bot.domain.model import Model
from bot.errors import ConfigError, Problem
from bot.replicate.catalogue.reading import read

SHIPPED = Path(__file__).parent


def load(names: Sequence[str], folder: Path | None = None) -> tuple[Model, ...]:
    """The models of these names, in this order; `folder` is the operator's.

    Raises ConfigError with every problem: unknown models, and files that cannot be used.
    """
    found: list[Model] = []
    problems: list[Problem] = []
    for name in names:
        path = file_of(name, folder)
        if path is None:
            remedy = (
                f"`python -m bot models add {name}` adds it, `models list` shows what is there."
            )
            problems.append(Problem(name, "is not in the model catalogue", remedy))
            continue
        try:
            found.append(read(path, name))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(tuple(problems))
    return tuple(found)


def prices(models: Sequence[Model], said: Mapping[str, Price]) -> Mapping[str, Price]:
    """What an image costs by the model's name: what the operator `said`, else what its file says.

    A model whose price nobody knows is not among them.
    """
    return {model.name: model.price for model in models if model.price is not None} | dict(said)


def every(folder: Path | None = None) -> tuple[Model, ...]:
    """All models of the catalogue, by name. Raises ConfigError as `load` does."""
    return load(names(folder), folder)


def names(folder: Path | None = None) -> tuple[str, ...]:
    """The models that there are files of, in the order of their names."""
    files = (path for place in _places(folder) for path in place.glob("*--*.toml"))
    return tuple(sorted({path.stem.replace("--", "/", 1) for path in files}))


def file_of(name: str, folder: Path | None = None) -> Path | None:
    """The file that holds where there are two."""
    paths = (place / file_name(name) for place in _places(folder))
    return next((path for path in paths if path.is_file()), None)


def file_name(name: str) -> str:
    """A model's file: "owner--name.toml". A name that would lead elsewhere has none."""
    owner, _, rest = name.partition("/")
    if (
        not rest
        or not all(part.strip(".") for part in (owner, rest))
        or {*"/\\\0"} & {*rest, *owner}
    ):
        return "--.toml"
    return f"{owner}--{rest}.toml"


def _places(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
    yield SHIPPED
