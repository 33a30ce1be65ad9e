"""May this person ask this, here, now? Pure rules, from memory; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain import Capacity
from bot.errors import (
    AgeRestricted,
    PermissionsMissing,
    PromptEmpty,
    PromptTooLong,
    ServerNotAllowed,
)

#: What the bot must be allowed in a channel to show progress and post the image there, by
#: Discord's names. Since 2023-11 replies to commands follow the bot's own permissions.
NEEDED_PERMISSIONS = ("view_channel", "send_messages", "embed_links", "attach_files")
NEEDED_IN_THREADS = ("view_channel", "send_messages_in_threads", "embed_links", "attach_files")

PERMISSION_NAMES = frozenset(NEEDED_PERMISSIONS + NEEDED_IN_THREADS)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of this installation."""

    prompt_max_length: int
    allowed_guilds: AbstractSet[int] | None
    age_restricted_models: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """What this installation offers, allows and pays.

    `prices` in micro-dollars an image; `generation_timeout` in seconds, as is how long a wait is
    answered by a mention (None: none is).
    """

    model: str
    policy: Policy
    user_daily_images: int | None
    monthly_images: int | None
    prices: Mapping[str, int]
    generation_timeout: float
    capacity: Capacity
    long_wait_seconds: float | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the command was typed, and which of PERMISSION_NAMES the bot has there."""

    guild_id: int | None
    permissions: AbstractSet[str]
    is_thread: bool = False
    is_age_restricted: bool = False


@dataclass(frozen=True, slots=True)
class Windows:
    """The open day and month in UTC; all in milliseconds, ends exclusive."""

    day: int
    next_day: int
    month: int
    next_month: int

    @classmethod
    def at(cls, now: int) -> Windows:
        moment = datetime.fromtimestamp(now / 1000, UTC)
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        month = day.replace(day=1)
        next_month = (month + timedelta(days=32)).replace(day=1)
        return cls(*(_ms(t) for t in (day, day + timedelta(days=1), month, next_month)))


def screen(prompt: str, model: str, place: Place, policy: Policy) -> None:
    """Raise the first `Refused` that applies; nothing has been reserved or bought yet."""
    if policy.allowed_guilds is not None and place.guild_id not in policy.allowed_guilds:
        raise ServerNotAllowed
    if not prompt:
        raise PromptEmpty
    if len(prompt) > policy.prompt_max_length:
        raise PromptTooLong(len(prompt), policy.prompt_max_length)
    needed = NEEDED_IN_THREADS if place.is_thread else NEEDED_PERMISSIONS
    missing = tuple(name for name in needed if name not in place.permissions)
    if missing:
        raise PermissionsMissing(missing)
    if model in policy.age_restricted_models and not place.is_age_restricted:
        raise AgeRestricted


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
