"""`python -m bot check`: what works, what does not, and the remedy. It never spends money."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp

from bot import __version__
from bot.chat.application import PERMISSIONS
from bot.cli import database_check, invitation, webhook_check
from bot.cli.finding import Finding, Mark
from bot.domain.generation import Price
from bot.errors import (
    AuthenticationFailed,
    ConfigError,
    ModelNotFound,
    Problem,
    ProviderError,
)
from bot.pictures import canvas
from bot.replicate import catalogue
from bot.replicate.client import ReplicateClient, connect
from bot.settings.config import OFFICIAL_API, Settings
from bot.text import money

DISCORD_API = "https://discord.com/api/v10"

#: Seconds for one question to Discord; it answers these in well under one.
DISCORD_TIMEOUT_S = 15
#: Discord's largest page of `GET /users/@me/guilds`.
GUILDS_PER_PAGE = 200
#: What a provider without such a route answers (200 is a gateway's home page, not JSON).
_NO_SUCH_ROUTE = (200, 404, 405, 501)
#: Free bytes below which `check` warns: a hundred large images of 5 MiB.
LOW_SPACE = 500 << 20

_OFFICIAL_HOST = urlsplit(OFFICIAL_API).hostname
_ADMINISTRATOR = 1 << 3

Body = TypeVar("Body", dict[str, Any], list[Any])


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Look at everything, one finding after the other; trouble is a finding, never raised."""
    yield Finding(Mark.GOOD, "settings", "complete and readable")
    for finding in await _discord(settings):
        yield finding
    token = settings.replicate_api_token.reveal()
    async with connect(settings.replicate_api_url, token) as client:
        yield await _credential(settings, client)
        for finding in await _models(settings, client):
            yield finding
        for finding in await webhook_check.findings(settings, client):
            yield finding
    yield _operator(settings)
    for finding in await database_check.findings(settings.address):
        yield finding
    yield _charts()
    yield space(await asyncio.to_thread(_free_bytes, settings.data_dir))


async def _discord(settings: Settings) -> list[Finding]:
    headers = {
        "Authorization": f"Bot {settings.discord_token.reveal()}",
        "User-Agent": f"DiscordBot (Imagine, {__version__})",
    }
    timeout = aiohttp.ClientTimeout(total=DISCORD_TIMEOUT_S)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
        api = _Discord(session, settings.discord_api_url or DISCORD_API)
        status, me = await api.get("/users/@me", dict)
        if status != 200:
            return [_discord_trouble(status)]
        found = [
            Finding(Mark.GOOD, "Discord token", f"accepted, the bot is {me.get('username')}"),
            Finding(Mark.GOOD, "intents", "no privileged intent is needed"),
            await _permissions(api),
        ]
        status, application = await api.get("/oauth2/applications/@me", dict)
        if status != 200:
            return [*found, _discord_trouble(status, "application")]
        return [*found, *invitation.findings(settings, application)]


class _Discord:
    """Reads Discord's REST with the session's credential, following no redirect."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base

    async def get(self, path: str, kind: type[Body]) -> tuple[int, Body]:
        """Return the status and the body; status 0 where nothing sensible answered."""
        try:
            async with self._session.get(self._base + path, allow_redirects=False) as response:
                body = await response.json(content_type=None)
                if response.status == 200 and not isinstance(body, kind):
                    return 0, kind()
                return response.status, body
        except (aiohttp.ClientError, OSError, ValueError):
            return 0, kind()


def _discord_trouble(status: int, subject: str = "Discord token") -> Finding:
    if status == 401:
        remedy = "Reset it on the Bot page of your application and set DISCORD_TOKEN."
        return Finding(Mark.BAD, subject, "Discord refuses it", remedy)
    if status == 0:
        remedy = "Check the network, and DISCORD_API_URL if it is set."
        return Finding(Mark.BAD, subject, "Discord does not answer", remedy)
    return Finding(Mark.BAD, subject, f"Discord answers with status {status}", "Try again later.")


async def _permissions(api: _Discord) -> Finding:
    """Compare what the bot may do in each server with what it needs; servers stay unnamed."""
    total, poor, missing, after = 0, 0, 0, "0"
    while True:
        page = f"/users/@me/guilds?limit={GUILDS_PER_PAGE}&after={after}"
        status, guilds = await api.get(page, list)
        if status != 200:
            return _discord_trouble(status, "permissions")
        try:
            granted = [int(guild["permissions"]) for guild in guilds]
        except (KeyError, TypeError, ValueError):
            says = "this server does not tell what the bot may do"
            return Finding(Mark.UNKNOWN, "permissions", says)
        for lacks in map(_lacking, granted):
            total, poor, missing = total + 1, poor + bool(lacks), missing | lacks
        if len(guilds) < GUILDS_PER_PAGE:
            break
        after = str(guilds[-1]["id"])
    if not total:
        return Finding(Mark.UNKNOWN, "permissions", "the bot is in no server yet", "Invite it.")
    if poor:
        servers = "the only server" if total == 1 else f"{poor} of {total} servers"
        says = f"{_names(missing)} missing in {servers}"
        return Finding(Mark.BAD, "permissions", says, "Grant them to its role, or invite it again.")
    return Finding(Mark.GOOD, "permissions", f"all it needs, in all servers ({total})")


def _lacking(granted: int) -> int:
    return 0 if granted & _ADMINISTRATOR else PERMISSIONS.value & ~granted


def _names(bits: int) -> str:
    named = [name for name, needed in type(PERMISSIONS)(bits) if needed]
    # discord.py calls this one by its old name.
    named = ["view_channels" if name == "read_messages" else name for name in named]
    return ", ".join(name.replace("_", " ").title() for name in named)


async def _credential(settings: Settings, client: ReplicateClient) -> Finding:
    """A gateway has no such question: its token is first proved by a purchase."""
    subject = "API token"
    try:
        await client.account()
    except AuthenticationFailed:
        remedy = "Create one at the provider and set REPLICATE_API_TOKEN."
        return Finding(Mark.BAD, subject, f"{_host(settings)} refuses it", remedy)
    except ProviderError as error:
        return _provider_trouble(settings, subject, error)
    return Finding(Mark.GOOD, subject, f"accepted by {_host(settings)}")


async def _models(settings: Settings, client: ReplicateClient) -> list[Finding]:
    """Each model on offer, what an image of it costs, and whether the budgets can be kept."""
    try:
        models = catalogue.load(settings.models, settings.models_dir)
    except ConfigError as error:
        return [_problem(each) for each in error.problems]
    prices = catalogue.prices(models, settings.model_prices)
    return [
        *[await _model(settings, client, name) for name in _names_of(settings)],
        *[_price(settings, name, prices.get(name)) for name in settings.models],
        *map(_problem, settings.not_kept(prices)),
    ]


def _names_of(settings: Settings) -> tuple[str, ...]:
    """All that are bought: those on offer, and the one that improves prompts."""
    return (*settings.models, *filter(None, [settings.prompt_model]))


def _problem(problem: Problem) -> Finding:
    return Finding(Mark.BAD, problem.key, problem.what, problem.remedy)


async def _model(settings: Settings, client: ReplicateClient, name: str) -> Finding:
    subject = f"model {name}"
    try:
        await client.model(name)
    except ModelNotFound as error:
        if _host(settings) != _OFFICIAL_HOST and error.status in _NO_SUCH_ROUTE:
            return _provider_trouble(settings, subject, error)
        remedy = (
            "It may have been retired: name another one in DEFAULT_MODEL, MODELS or PROMPT_MODEL."
        )
        return Finding(Mark.BAD, subject, f"unknown to {_host(settings)}", remedy)
    except ProviderError as error:
        return _provider_trouble(settings, subject, error)
    return Finding(Mark.GOOD, subject, f"offered by {_host(settings)}")


def _provider_trouble(settings: Settings, subject: str, error: ProviderError) -> Finding:
    host = _host(settings)
    if error.status in _NO_SUCH_ROUTE:
        says = f"cannot be known without spending, {host} does not tell"
        return Finding(Mark.UNKNOWN, subject, says, "`check --buy-one` proves it.")
    if error.status is None:
        remedy = "Check the network and REPLICATE_API_URL."
        return Finding(Mark.BAD, subject, f"{host} does not answer", remedy)
    says = f"{host} answers with status {error.status}"
    return Finding(Mark.BAD, subject, says, "Try again later, or see the provider's status page.")


def _price(settings: Settings, name: str, price: Price | None) -> Finding:
    subject = f"price of {name}"
    if price is None:
        remedy = "Set MODEL_PRICES to see estimated costs."
        return Finding(Mark.UNKNOWN, subject, "unknown, the provider does not tell", remedy)
    origin = f" as of {price.as_of}" if price.as_of else ""
    origin += f", according to {price.source}" if price.source else ""
    says = f"{money(price.micros)} an image{origin}"
    if name in settings.model_prices:
        says += ", as set in MODEL_PRICES"
    return Finding(Mark.GOOD, subject, says)


def _operator(settings: Settings) -> Finding:
    if settings.operator_id is None:
        says = "only the log tells when the provider's account is in trouble"
        return Finding(Mark.WARNING, "operator", says, "Set OPERATOR_ID to your own user id.")
    return Finding(Mark.GOOD, "operator", "is told of trouble by direct message")


def _charts() -> Finding:
    if canvas.is_drawable():
        return Finding(Mark.GOOD, "charts", "/usage draws them")
    says = "not installed, so /usage answers in words"
    remedy = "In this program's folder: pip install '.[charts]'."
    return Finding(Mark.UNKNOWN, "charts", says, remedy)


def _free_bytes(folder: Path) -> int:
    """On the disk that the folder is on, or will be."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    return shutil.disk_usage(there).free


def space(free: int) -> Finding:
    """Whether so many free bytes last for a while."""
    says = f"{free / (1 << 30):.1f} GiB free"
    if free >= LOW_SPACE:
        return Finding(Mark.GOOD, "disk", says)
    remedy = "Free some space, or lower IMAGE_RETENTION_DAYS: a full disk stops new images."
    return Finding(Mark.WARNING, "disk", says, remedy)


def _host(settings: Settings) -> str:
    return urlsplit(settings.replicate_api_url).hostname or ""
