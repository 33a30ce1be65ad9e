"""The running bot: put together, started, and stopped in order."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import discord

from bot.budget import Budget, CreateBudget
from bot.chat.application import point_discord_at
from bot.clock import SystemClock
from bot.domain.generation import Capacity
from bot.domain.limits import Allowance
from bot.domain.offer import Offer
from bot.errors import ConfigError, Problem
from bot.gateway.client import ImagineBot
from bot.gateway.presence import Presence
from bot.gateway.session import session
from bot.generation.purchase import Budgets
from bot.generation.webhooks import Webhooks
from bot.pictures.store import store_of
from bot.policy import Keep, Policy, Rules
from bot.policy.quota import Operator
from bot.replicate import catalogue
from bot.replicate.client import connect
from bot.request.breaker import Breaker
from bot.settings.address import Address, Server
from bot.settings.config import Settings
from bot.storage.database import Database
from bot.storage.peer import Peer, Role
from bot.storage.storage import Storage

log = logging.getLogger(__name__)

#: A client that dies is started again after 2 s, 4 s and so on, up to this; the count begins anew
#: once one has lived for long enough.
MOST_SECONDS_DOWN = 60.0
STEADY_SECONDS = 600.0
#: SIGBREAK is how Windows asks a console process to stop.
_STOPS = [
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGBREAK") if hasattr(signal, name)
]


async def serve(settings: Settings, role: Role = Role.ALL, *, replace: bool = False) -> None:
    """Run until SIGTERM or SIGINT, or until a successor is ready; then stop cleanly and return.

    `replace`: be the successor of a gateway that is running.

    A client that dies later (a malformed event is enough) is started again, ever more slowly.
    Raises StorageError, ConfigError, discord.LoginFailure or discord.PrivilegedIntentsRequired
    where only the operator can help, and what kept it from starting the first time.
    """
    several = replace or role is not Role.ALL or settings.gateways > 1
    if several and not isinstance(settings.address, Server):
        raise ConfigError((Problem("DATABASE_URL", "is a file: it is one process's", _SHARE),))
    stop = _stop_requested()
    async with AsyncExitStack() as stack:
        webhooks = webhooks_of(settings)
        new_bot = await _factory(settings, stack, settings.address, role, webhooks)
        presence = Presence()
        if settings.web_port is not None:
            from bot.web.routes import answering

            pages = answering(settings, settings.web_port, presence, webhooks)
            await stack.enter_async_context(pages)
        deaths, served = 0, False
        while not stop.is_set():
            began = time.monotonic()
            bot = presence.bot = new_bot()
            try:
                await session(bot, settings, stop, replace=replace and not served)
                return
            except (discord.LoginFailure, discord.PrivilegedIntentsRequired, ConfigError):
                raise
            except Exception:
                served = served or bot.has_connected or bot.peer.has_begun
                if not served:
                    raise
                log.exception("client died")
            deaths = 0 if time.monotonic() - began > STEADY_SECONDS else deaths + 1
            with suppress(TimeoutError):
                async with asyncio.timeout(min(2.0**deaths, MOST_SECONDS_DOWN)):
                    await stop.wait()


_SHARE = "Several processes need a PostgreSQL server's: see docs/scaling.md."


def webhooks_of(settings: Settings) -> Webhooks:
    """What the settings say of them; closed until the database and the provider are there."""
    secret = settings.webhook_secret
    return Webhooks(settings.webhooks_url, secret.reveal() if secret else None)


async def sync_commands(settings: Settings) -> int:
    """Push the slash commands, whether they have changed or not; returns how many.

    With a database of its own: it remembers no earlier push, and a running bot keeps its lock.
    """
    with TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            new_bot = await _factory(settings, stack, Path(folder) / "sync.db")
            bot = await stack.enter_async_context(new_bot())
            await bot.login(settings.discord_token.reveal())
            return len(bot.tree.get_commands())


async def _factory(
    settings: Settings,
    stack: AsyncExitStack,
    address: Address,
    role: Role = Role.ALL,
    webhooks: Webhooks | None = None,
) -> Callable[[], ImagineBot]:
    """Open everything that outlives a client, and return how to make one."""
    database = await stack.enter_async_context(Database.open(address, exclusive=True))
    storage = Storage.of(database, settings.replicate_api_url)
    peer = Peer(storage.ledger.custody, role)
    if isinstance(address, Server):
        from bot.storage.liveness import Liveness

        peer.liveness = Liveness(address, peer.heard)
        stack.push_async_callback(peer.liveness.close)
    requests = Budget(settings.requests_per_minute)
    predictor = await stack.enter_async_context(
        connect(
            settings.replicate_api_url,
            settings.replicate_api_token.reveal(),
            can_cancel=settings.provider_can_cancel,
            can_list=settings.provider_can_list,
            can_upload=settings.provider_can_upload,
            requests=requests,
        )
    )
    await point_discord_at(settings.discord_api_url)
    hooks = (webhooks or Webhooks()).opened(storage.ledger.facts, predictor.webhook_secret)
    budgets = Budgets(
        CreateBudget(settings.creates_per_minute),
        Budget(settings.edits_per_second * 60),
        Breaker(),
        requests,
        peer,
        await stack.enter_async_context(hooks),
    )
    images = store_of(database, settings.data_dir / "images")
    rules, clock = rules_from(settings), SystemClock()
    return lambda: ImagineBot(storage, predictor, images, rules, clock, budgets)


def rules_from(settings: Settings) -> Rules:
    """What the settings mean for `/imagine`.

    Raises ConfigError for a model that is not known, and for a budget without prices.
    """
    models = catalogue.load(settings.models, settings.models_dir)
    prices = catalogue.prices(models, settings.model_prices)
    if problems := tuple(settings.not_kept(prices)):
        raise ConfigError(problems)
    return Rules(
        offer=Offer(models, settings.safety_floor),
        policy=Policy(
            settings.prompt_max_length,
            settings.allowed_guilds,
            frozenset(settings.age_restricted_models),
            user_install=settings.user_install,
        ),
        operator=Operator(
            person=Allowance(settings.user_daily_images, settings.user_monthly_images),
            installation=Allowance(
                settings.daily_images,
                settings.monthly_images,
                settings.daily_budget,
                settings.monthly_budget,
            ),
            zone=settings.time_zone,
        ),
        operator_id=settings.operator_id,
        privacy_url=settings.privacy_url,
        keep=Keep(settings.image_retention_days, settings.prompt_retention_days),
        prices=prices,
        confirm_above=settings.confirm_above,
        asks_new_servers=settings.asks_new_servers,
        prompt_model=settings.prompt_model or "",
        prompt_micros=settings.prompt_price,
        generation_timeout=settings.generation_timeout,
        long_wait_seconds=settings.long_wait_mention,
        capacity=_capacity(settings),
    )


def _capacity(settings: Settings) -> Capacity:
    return Capacity(
        running=settings.max_running,
        waiting=settings.max_waiting,
        user_running=settings.user_max_running,
        user_waiting=settings.user_max_waiting,
    )


def _stop_requested() -> asyncio.Event:
    """An event set by SIGTERM and SIGINT; a second signal ends the process as usual."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def request() -> None:
        stop.set()
        for name in _STOPS:
            loop.remove_signal_handler(name)

    for name in _STOPS:
        try:
            loop.add_signal_handler(name, request)
        except NotImplementedError:  # Windows has no loop signal handlers
            signal.signal(name, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop
