"""Everything that runs while somebody plays: both halves, the page and the bot."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playground.bot import Bot, BotCommand
from playground.chat import add_routes
from playground.discord import GATEWAY, DiscordFaults, create_app
from playground.gateway import Gateway
from playground.keeper import Keeper
from playground.models import TEXT
from playground.replicate import Faults, SmallReplicate
from playground.serving import HOST, free_port, serve
from playground.trouble import Trouble
from playground.world import World

# Rehearsals end quickly: a generation that is still running gets this many seconds.
_SHUTDOWN_GRACE = 2.0
_KILLED_AFTER = _SHUTDOWN_GRACE + 5.0
# Made up, as the provider is; the date is that of its price list.
#: Beside the default one: several images at once, and pictures to start from.
_MODELS = "black-forest-labs/flux-schnell,black-forest-labs/flux-kontext-pro,google/nano-banana"
_PRICES = "google/imagen-4-ultra=0.06@2026-11-01@provider.example/pricing"


@dataclass(frozen=True)
class Plan:
    """What the command line asked for. `seconds` is the mean duration of a prediction.

    `settings` are further ones for the bot, `program` is what Python runs as the bot, and `options`
    are those of its `run`. `locale` is everybody's and the server's, as Discord names it. With
    `webhooks` the provider tells the bot when an image is ready.
    """

    listening: socket.socket
    directory: Path
    data_dir: Path
    seconds: float
    replicate_faults: Faults
    discord_faults: set[str] = field(default_factory=set)
    echo: Callable[[str], None] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    locale: str = "en-US"
    program: Sequence[str] = ("-m", "bot")
    webhooks: bool = False
    options: Sequence[str] = ()


@dataclass(frozen=True)
class Stage:
    """What is running: `address` opens the page, `trouble` turns faults on and off."""

    world: World
    small: SmallReplicate
    discord: DiscordFaults
    address: str
    command: BotCommand
    keeper: Keeper
    gateway: Gateway
    trouble: Trouble

    @property
    def bot(self) -> Bot:
        """The bot of the last start."""
        return self.keeper.bot

    async def ready(self) -> None:
        """Wait until the bot has registered its commands and is connected."""
        await self.gateway.arrived()
        await self.world.backend.registered.wait()


@asynccontextmanager
async def stage(plan: Plan) -> AsyncIterator[Stage]:
    """Start it all; at the end, stop the bot first and then what it talks to."""
    world = World.create()
    world.backend.speak(plan.locale)
    token = f"playground.{secrets.token_urlsafe(24)}"
    discord = DiscordFaults(set(plan.discord_faults))
    app = create_app(world, token, discord)
    small = SmallReplicate(plan.replicate_faults, mean_seconds=plan.seconds)
    trouble = Trouble(small, discord)
    add_routes(app, world, trouble)
    async with serve(app, plan.listening) as address, small.serve() as replicate:
        world.backend.cdn.base = address
        settings = {**_settings(plan, world, address, replicate, token), **plan.settings}
        command = BotCommand(settings, plan.directory, plan.program, plan.options)
        keeper = Keeper(command, plan.data_dir / "bot.log", plan.echo)
        trouble.attend(keeper, app[GATEWAY])
        await keeper.start()
        try:
            gateway = app[GATEWAY]
            yield Stage(world, small, discord, address, command, keeper, gateway, trouble)
        finally:
            await keeper.stop(_KILLED_AFTER)


def _settings(plan: Plan, world: World, discord: str, replicate: str, token: str) -> dict[str, str]:
    """Whoever owns the server is the operator too, and reads the bot's notices in private."""
    owner = next(person["id"] for person in world.people if person["role"] == "owner")
    return {
        "DISCORD_API_URL": f"{discord}/api/v10",
        "DISCORD_TOKEN": token,
        "REPLICATE_API_URL": replicate,
        "REPLICATE_API_TOKEN": "playground",
        "DATA_DIR": str(plan.data_dir),
        "ALLOWED_GUILDS": "any",
        "OPERATOR_ID": owner,
        "MODELS": _MODELS,
        "MODEL_PRICES": _PRICES,
        "PROMPT_MODEL": TEXT,
        "PROMPT_PRICE": "0.0005",
        "NEW_SERVERS": "open",
        "REPLICATE_CAN_LIST": "yes",
        "REPLICATE_CAN_UPLOAD": "yes",
        "SHUTDOWN_GRACE": str(_SHUTDOWN_GRACE),
        **(_reachable() if plan.webhooks else {}),
    }


def _reachable() -> dict[str, str]:
    """The bot listens where the small Replicate finds it."""
    port = str(free_port())
    base = f"http://{HOST}:{port}"
    return {"WEB_PORT": port, "PUBLIC_URL": base, "REPLICATE_HAS_WEBHOOKS": "yes"}
