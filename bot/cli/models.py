"""`python -m bot models`: adding to the catalogue, and comparing it with what a provider shows."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from bot.domain.command import command
from bot.domain.model import Model, Option
from bot.errors import ConfigError, ModelNotFound, ProviderError, SchemaUnusable
from bot.record import Record, replace
from bot.replicate import catalogue
from bot.replicate.body import loads
from bot.replicate.catalogue.writing import write
from bot.replicate.client import ReplicateClient, connect
from bot.replicate.convert import convert
from bot.replicate.schema import described, name_of
from bot.settings.config import OFFICIAL_API, ProviderSettings
from bot.text import visible

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
_NO_NAME = 'its name is not "owner/name"'
_OFFICIAL_HOST = urlsplit(OFFICIAL_API).hostname
#: What a provider without such a route answers (200 is a gateway's home page, not JSON).
_NO_SUCH_ROUTE = (200, 404, 405, 501)


class Added(Record):
    """What became of one model that was to be added: it, or the reason why not."""

    name: str
    model: Model | None = None
    reason: str = ""

    def as_json(self) -> str:
        """One line, the same for the same schema."""
        found = {
            "model": self.name,
            "ok": self.model is not None,
            "reason": self.reason or None,
            "dropped": dict(self.model.dropped) if self.model else {},
            "command": command([self.model]) if self.model else None,
        }
        return json.dumps(found)


def added(body: object, name: str = "", offer: Collection[str] = ()) -> Added:
    """Convert a model object; `name` is what it is called where it does not say."""
    name = name or name_of(body)
    if not _NAME.fullmatch(name):
        return Added(visible(name), None, _NO_NAME)
    try:
        return Added(name, replace(convert(body, offer), name=name))
    except SchemaUnusable as why:
        return Added(name, None, why.reason)


def from_file(path: Path, names: Sequence[str], offer: Collection[str]) -> Iterator[Added]:
    """The models in a file that holds one, a list, or a page of the API's; `names` of them if any.

    Raises `SchemaUnusable` where the file holds none.
    """
    try:
        found = loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise SchemaUnusable(f"{path} cannot be read") from error
    if isinstance(found, Mapping) and isinstance(found.get("results"), list):
        found = found["results"]
    if isinstance(found, Mapping):
        called = names[0] if len(names) == 1 else ""
        yield added(found, called or name_of(found), offer)
        return
    if not isinstance(found, list):
        raise SchemaUnusable(f"{path} holds no JSON of a model")
    missing = dict.fromkeys(names)
    for body in found:
        if not names or name_of(body) in missing:
            missing.pop(name_of(body), None)
            yield added(body, offer=offer)
    for name in missing:
        yield Added(name, None, "the file does not hold it")


async def from_api(
    settings: ProviderSettings, names: Sequence[str], offer: Collection[str]
) -> AsyncIterator[Added]:
    """The models of these names as the provider shows them."""
    token = settings.replicate_api_token.reveal()
    async with connect(settings.replicate_api_url, token) as client:
        for name in names:
            if not _NAME.fullmatch(name):
                yield Added(visible(name), None, _NO_NAME)
                continue
            try:
                yield added(await client.model(name), name, offer)
            except ProviderError as error:
                yield Added(name, None, _trouble(error, settings))


def _trouble(error: ProviderError, settings: ProviderSettings) -> str:
    host = urlsplit(settings.replicate_api_url).hostname or ""
    if error.status in _NO_SUCH_ROUTE:
        return f"{host} does not show it; a file of its schema can be given with --schema"
    status = "does not answer" if error.status is None else f"answers with status {error.status}"
    return f"{host} {status}"


def save(model: Model, folder: Path, origin: str, today: date, *, force: bool) -> Path | None:
    """Write the model's file, whole or not at all; None where one is there that is to stay.

    Title, words and price are those of the catalogue, where it has the model already: no schema
    tells them.
    """
    path = folder / catalogue.file_name(model.name)
    if path.exists() and not force:
        return None
    with suppress(ConfigError):
        (known,) = catalogue.load([model.name], folder)
        model = replace(model, title=known.title, description=known.description, price=known.price)
    folder.mkdir(parents=True, exist_ok=True)
    note = f"{model.title}.\nMade by `python -m bot models add` on {today} from {origin}.\n"
    text = write(model, f"{note}Edit it as you like: docs/models.md explains every key.")
    number, name = tempfile.mkstemp(dir=folder, prefix=".model.")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


class Mark(StrEnum):
    """How a line of `models check` begins."""

    GOOD = "✓"
    BAD = "✗"
    UNKNOWN = "–"


class Compared(Record):
    """One model beside what the provider shows of it."""

    mark: Mark
    name: str
    says: str

    def __str__(self) -> str:
        return f"{self.mark} {self.name}: {self.says}"


async def compare(settings: ProviderSettings, models: Sequence[Model]) -> AsyncIterator[Compared]:
    """Each model as it is offered beside its schema as it is now."""
    token = settings.replicate_api_token.reveal()
    async with connect(settings.replicate_api_url, token) as client:
        for model in models:
            yield await _compared(client, settings, model)


async def _compared(client: ReplicateClient, settings: ProviderSettings, model: Model) -> Compared:
    host = urlsplit(settings.replicate_api_url).hostname or ""
    try:
        body = await client.model(model.name)
    except ModelNotFound as error:
        if host != _OFFICIAL_HOST and error.status in _NO_SUCH_ROUTE:
            return Compared(Mark.UNKNOWN, model.name, f"cannot be known, {host} does not tell")
        return Compared(Mark.BAD, model.name, f"retired: {host} does not know it any more")
    except ProviderError as error:
        if error.status in _NO_SUCH_ROUTE:
            return Compared(Mark.UNKNOWN, model.name, f"cannot be known, {host} does not tell")
        return Compared(Mark.BAD, model.name, _trouble(error, settings))
    try:
        differs = differences(model, body)
    except SchemaUnusable as why:
        return Compared(Mark.UNKNOWN, model.name, why.reason)
    if not differs:
        return Compared(Mark.GOOD, model.name, "as it is here")
    says = f"changed: {'; '.join(differs)}. `models add {model.name} --force` takes it over"
    return Compared(Mark.BAD, model.name, says)


def differences(model: Model, body: object) -> list[str]:
    """In which inputs the schema of today differs. Raises `SchemaUnusable` if there is none."""
    said = described(body)
    if model.schema == said.hash:
        return []
    now, known = {each.name for each in said.inputs}, _inputs(model)
    found = [f"{name} is new" for name in sorted(now - known)]
    found += [f"{name} is gone" for name in sorted(known - now)]
    try:
        fresh = {option.input: option for option in convert(body).options}
    except SchemaUnusable as why:
        return [*found, f"it cannot be offered any more: {why.reason}"]
    for option in model.options:
        if option.input in fresh and _facts(option) != _facts(fresh[option.input]):
            found.append(f"{option.input} takes other values")
    if model.schema and not found:
        found.append("something that no option shows")
    return found


def _facts(option: Option) -> tuple[object, ...]:
    values = sorted(str(choice.value) for choice in option.choices)
    return option.kind, values, option.minimum, option.maximum, option.required


def _inputs(model: Model) -> set[str]:
    """Every input of the schema that the file speaks of."""
    roles = (model.pictures, model.seed, model.count)
    return {
        *(option.input for option in model.options),
        *(guard.input for guard in model.safeguards),
        *(role.input for role in roles if role is not None),
        *([] if model.prompt is None else [model.prompt]),
        *model.dropped,
        *model.fixed,
    }
