"""The command line of the model catalogue: `models add|list|show|remove|check`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.launch import environment, fail
from bot.errors import ConfigError, Problem, SchemaUnusable
from bot.settings.config import ProviderSettings, StorageSettings

if TYPE_CHECKING:
    from bot.cli.models import Added
    from bot.domain.model import Model

app = typer.Typer(no_args_is_help=True, help="The models that may be offered: docs/models.md.")

Names = Annotated[list[str] | None, typer.Argument(metavar="[OWNER/NAME]...", show_default=False)]
Name = Annotated[str, typer.Argument(metavar="OWNER/NAME")]
Force = Annotated[bool, typer.Option("--force", help="Replace files that are there.")]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON a model.")]
Offer = Annotated[
    list[str] | None,
    typer.Option(metavar="INPUT", help="Offer this input too, though it leads to weights."),
]
Schema = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Read them from a file: for gateways without schemas."),
]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Where to write. Default: MODELS_DIR.")
]


@app.command()
def add(
    names: Names = None,
    schema: Schema = None,
    out: Out = None,
    offer: Offer = None,
    json: AsJson = False,
    force: Force = False,
) -> None:
    """Add models to the catalogue, from the provider or from a file of what its API returns.

    Says what members are not offered, and why. The exit code is 1 if no model could be added.
    """
    if not names and schema is None:
        fail("Name the models to add, or give a file with --schema.", 2)
    from bot.cli.models import from_api, from_file

    folder = out or StorageSettings.parse(environment()).models_dir
    wanted, listed = names or [], frozenset(offer or [])
    try:
        if schema is None:
            settings = ProviderSettings.parse(environment())
            results = asyncio.run(_all(from_api(settings, wanted, listed)))
        else:
            results = list(from_file(schema, wanted, listed))
    except SchemaUnusable as why:
        fail(f"{why}.", 2)
    origin = "the provider's API" if schema is None else schema.name
    good = [_save(each, folder, origin, as_json=json, force=force) for each in results]
    raise typer.Exit(0 if any(good) else 1)


async def _all(results: AsyncIterator[Added]) -> list[Added]:
    return [each async for each in results]


def _save(each: Added, folder: Path, origin: str, *, as_json: bool, force: bool) -> bool:
    from rich.console import Console

    from bot.cli.models import save

    console = Console(stderr=as_json, soft_wrap=True, highlight=False, markup=False)
    if as_json:
        print(each.as_json(), flush=True)
    if each.model is None:
        if not as_json:
            console.print(f"✗ {each.name}: {each.reason}.")
        return False
    path = save(each.model, folder, origin, datetime.now(UTC).date(), force=force)
    if path is None:
        console.print(
            f"– {each.name}: its file is there already and was left; --force replaces it."
        )
    elif not as_json:
        console.print(f"✓ {each.name}: {len(each.model.options)} options, in {path}")
        for name, reason in sorted(each.model.dropped.items()):
            console.print(f"    not offered: {name} ({reason})")
    return True


@app.command("list")
def list_models() -> None:
    """Show every model of the catalogue: those that are shipped, and yours."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    from bot.replicate import catalogue

    folder = StorageSettings.parse(environment()).models_dir
    table = Table(box=SIMPLE, pad_edge=False)
    for title in ("Model", "Can", "Price", "From"):
        table.add_column(title, no_wrap=True)
    problems: list[Problem] = []
    for name in catalogue.names(folder):
        try:
            (model,) = catalogue.load([name], folder)
        except ConfigError as error:
            problems += error.problems
            continue
        abilities = ", ".join(sorted(model.abilities))
        table.add_row(name, abilities, _price(model), _from(name, folder))
    Console().print(table)
    if problems:
        raise ConfigError(tuple(problems))


def _price(model: Model) -> str:
    from bot.text import money

    return "–" if model.price is None else money(model.price.micros)


def _from(name: str, folder: Path) -> str:
    from bot.replicate import catalogue

    path = catalogue.file_of(name, folder)
    return "shipped" if path is None or path.parent == catalogue.SHIPPED else "yours"


@app.command()
def show(name: Name, json: AsJson = False) -> None:
    """Print a model's file; --json prints the command that it yields."""
    from bot.cli.models import Added
    from bot.replicate import catalogue

    folder = StorageSettings.parse(environment()).models_dir
    (model,) = catalogue.load([name], folder)
    if json:
        print(Added(name, model).as_json())
        return
    path = catalogue.file_of(name, folder)
    if path is not None:
        print(f"# {path}\n{path.read_text(encoding='utf-8')}", end="")


@app.command()
def remove(
    name: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Remove a file of yours; a model that is shipped is then as it was."""
    from bot.replicate import catalogue

    folder = StorageSettings.parse(environment()).models_dir
    path = catalogue.file_of(name, folder)
    if path is None or path.parent == catalogue.SHIPPED:
        fail(f"There is no file of yours for {name} in {folder}.", 1)
    if not yes and not typer.confirm(f"Remove {path}?"):
        fail("Nothing was removed.", 1)
    path.unlink()
    print(f"Removed {path}.")


@app.command()
def check(names: Names = None) -> None:
    """Compare the catalogue with what the provider shows: retired models, changed schemas.

    ✓ the same, ✗ retired or changed, – cannot be known. The exit code is 0 unless there is a ✗.
    """
    from bot.replicate import catalogue

    settings = ProviderSettings.parse(environment())
    folder = settings.models_dir
    models = catalogue.load(names or catalogue.names(folder), folder)
    raise typer.Exit(0 if asyncio.run(_compare(settings, models)) else 1)


async def _compare(settings: ProviderSettings, models: tuple[Model, ...]) -> bool:
    from bot.cli.models import Mark, compare

    good = True
    async for compared in compare(settings, models):
        print(compared, flush=True)
        good = good and compared.mark is not Mark.BAD
    return good
