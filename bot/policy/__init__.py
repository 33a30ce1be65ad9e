"""May this person ask this, here, now? Pure rules, from memory; no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from bot.domain.attached import EXTENSIONS, MOST_BYTES, MOST_PIXELS, Attached
from bot.domain.generation import Capacity, Price
from bot.domain.guild import GuildPolicy
from bot.domain.limits import DAY_MS
from bot.domain.model import Model
from bot.domain.offer import Offer
from bot.policy.quota import Operator
from bot.record import Hidden, Record
from bot.refusals import (
    AgeRestricted,
    Paused,
    PermissionsMissing,
    PromptEmpty,
    PromptNotTaken,
    PromptTooLong,
    ServerNotAllowed,
    TooNew,
)
from bot.refusals.pictures import PictureKindNotTaken, PictureTooLarge, PictureTooManyPixels

#: What the bot must be allowed in a channel to show progress and post the image there, by
#: Discord's names. Since 2023-11 replies to commands follow the bot's own permissions.
NEEDED_PERMISSIONS = ("view_channel", "send_messages", "embed_links", "attach_files")
NEEDED_IN_THREADS = ("view_channel", "send_messages_in_threads", "embed_links", "attach_files")

PERMISSION_NAMES = frozenset(NEEDED_PERMISSIONS + NEEDED_IN_THREADS)

#: Snowflakes count milliseconds from the first of 2015 on, above their lowest 22 bits.
DISCORD_EPOCH_MS = 1_420_070_400_000


class Policy(Record):
    """The rules of this installation. `user_install`: people use it outside its servers, too."""

    prompt_max_length: int
    allowed_guilds: AbstractSet[int] | None
    age_restricted_models: AbstractSet[str] = frozenset()
    user_install: bool = False


class Keep(Record):
    """For how many days what is kept; None: for ever."""

    images: int | None = 30
    prompts: int | None = 90


class Rules(Record):
    """What this installation offers, allows and pays.

    `prices` by the model's name; `generation_timeout` in seconds, as is how long a wait is answered
    by a mention (None: none is). `operator_id` is who hears of trouble. What costs more than
    `confirm_above` micro-dollars is asked about first. `asks_new_servers`: nothing is made in a
    server before one of its managers has said where and how. `prompt_model` improves prompts
    (empty: none does), each for about `prompt_micros` micro-dollars.
    """

    offer: Offer
    policy: Policy
    operator: Operator
    prices: Mapping[str, Price]
    generation_timeout: float
    capacity: Capacity
    long_wait_seconds: float | None
    operator_id: Hidden[int | None] = None
    privacy_url: str | None = None
    keep: Keep = Keep()
    confirm_above: int | None = None
    asks_new_servers: bool = False
    prompt_model: str = ""
    prompt_micros: int | None = None

    def price_micros(self, model: str) -> int | None:
        price = self.prices.get(model)
        return None if price is None else price.micros

    @property
    def unpriced(self) -> str | None:
        """A model on offer whose price is not known."""
        names = (model.name for model in self.offer.models)
        return next((name for name in names if name not in self.prices), None)

    @property
    def model(self) -> str:
        """The name of the one that holds where nobody chose."""
        return self.offer.default.name


class Place(Record):
    """Where the command was typed, which of PERMISSION_NAMES the bot has there, and by whom.

    `joined_at`: since when the person is in the server (UTC milliseconds), where that is known.
    `is_manager`: they have Manage Server, or are administrators. `announces`: the channel is one
    for announcements. `is_guest`: the bot is no member there.
    """

    guild_id: int | None
    permissions: AbstractSet[str]
    is_thread: bool = False
    is_age_restricted: bool = False
    role_ids: AbstractSet[int] = frozenset()
    joined_at: int | None = None
    is_manager: bool = False
    announces: bool = False
    is_guest: bool = False


def screen(prompt: str, model: Model, place: Place, policy: Policy) -> None:
    """Raise the first `Refused` that applies; nothing has been reserved or bought yet."""
    _serves(place, policy)
    if not prompt and model.prompt is not None:
        raise PromptEmpty
    if prompt and model.prompt is None:
        raise PromptNotTaken(model.title)
    if len(prompt) > policy.prompt_max_length:
        raise PromptTooLong(len(prompt), policy.prompt_max_length)
    by_token = policy.user_install and (place.is_guest or place.guild_id is None)
    needed = NEEDED_IN_THREADS if place.is_thread else NEEDED_PERMISSIONS
    missing = tuple(name for name in needed if name not in place.permissions)
    if missing and not by_token:  # an interaction's answer needs none of them
        raise PermissionsMissing(missing)
    if model.name in policy.age_restricted_models and not place.is_age_restricted:
        raise AgeRestricted


def _serves(place: Place, policy: Policy) -> None:
    """Raise ServerNotAllowed; a list of servers holds also where the bot is no member."""
    if place.is_guest and not policy.user_install:
        raise ServerNotAllowed
    if policy.allowed_guilds is None or place.guild_id in policy.allowed_guilds:
        return
    if place.guild_id is not None or not policy.user_install:
        raise ServerNotAllowed


def screen_pictures(pictures: Iterable[Attached]) -> None:
    """Raise the first `PictureRefused` that follows from what Discord says of them."""
    for picture in pictures:
        if picture.media_type not in EXTENSIONS:
            raise PictureKindNotTaken(picture.media_type)
        if picture.size > MOST_BYTES:
            raise PictureTooLarge(picture.size, MOST_BYTES)
        if (pixels := picture.width * picture.height) > MOST_PIXELS:
            raise PictureTooManyPixels(pixels, MOST_PIXELS)


def admit(user_id: int, place: Place, guild: GuildPolicy, now: int) -> None:
    """Raise the first `Refused` by which the server keeps this person from asking now."""
    if guild.paused:
        raise Paused("guild")
    _old_enough("account", (user_id >> 22) + DISCORD_EPOCH_MS, guild.account_days, now)
    joined_at = now if place.joined_at is None else place.joined_at  # an unknown age is none
    _old_enough("membership", joined_at, guild.member_days, now)


def _old_enough(what: str, since: int, days: int, now: int) -> None:
    until = since + days * DAY_MS
    if days and now < until:
        raise TooNew(what, until)
