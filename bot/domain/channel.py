"""What holds in one channel: its own settings, else its server's, else what the bot does by itself.

Threads and forum posts have their parent's (`Request.place_id`). A value that is not known, of a
newer version or of a typing error in the database, is read as the strictest one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from bot.domain.guild import GuildPolicy
from bot.language import SPOKEN
from bot.record import Record


class Mode(StrEnum):
    """Whether images are made there, and whether what cannot be screened is refused."""

    OPEN = "open"
    MODERATED = "moderated"
    OFF = "off"


class Review(StrEnum):
    """What a moderator decides: before it is bought, before it is published."""

    OFF = "off"
    PROMPT = "prompt"
    IMAGE = "image"
    BOTH = "both"


class Privacy(StrEnum):
    """Replies that only the person who asked sees."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    FORCED = "forced"


class Sources(StrEnum):
    """Which pictures may be used as input."""

    OFF = "off"
    OWN = "own"  # own uploads and the bot's images
    ANYONE = "anyone"  # any message's


_Choice = TypeVar("_Choice", Mode, Review, Privacy, Sources)


class ChannelPolicy(Record):
    """One channel's settings, all of them decided.

    `roles` and `models`: who may ask, and for what; empty: everybody, everything on offer. `desk`
    is the channel where moderators decide. `keep_days`: for how long its images are kept, where
    that is shorter than the installation's. `rejected_counts`: a person's quota counts what a
    moderator rejects. `direct`: results may go to direct messages. `mention`:
    whoever waited for long is mentioned. `lenient`: the most lenient level is there for whoever
    asks, though the channel is not age-restricted. `saving`: whoever asked may keep an image for
    the server. `language`: of what everybody reads, one of SPOKEN; "": as Discord says of the
    server.
    """

    mode: Mode = Mode.OPEN
    review: Review = Review.OFF
    desk: int | None = None
    privacy: Privacy = Privacy.ALLOWED
    sources: Sources = Sources.OWN
    spoiler: bool = False
    direct: bool = True
    mention: bool = True
    lenient: bool = False
    keep_days: int | None = None
    roles: frozenset[int] = frozenset()
    models: frozenset[str] = frozenset()
    rejected_counts: bool = True
    saving: bool = False
    language: str = ""

    @property
    def is_moderated(self) -> bool:
        """Whether what cannot be judged is refused there."""
        return self.mode is Mode.MODERATED or self.review is not Review.OFF

    @classmethod
    def of(cls, guild: GuildPolicy, place_id: int) -> ChannelPolicy:
        """The channel's; `place_id` 0: what the server says for all of them."""
        said = {**guild.presets.get(0, {}), **guild.presets.get(place_id, {})}
        if not said:
            return _UNSET
        review = _choice(said.get("review"), Review.OFF, Review.BOTH)
        return cls(
            mode=_choice(said.get("mode"), Mode.OPEN, Mode.OFF),
            review=review,
            desk=_number(said.get("desk")),
            privacy=_choice(said.get("privacy"), Privacy.ALLOWED, Privacy.FORBIDDEN),
            sources=_choice(said.get("sources"), Sources.OWN, Sources.OFF),
            spoiler=said.get("spoiler") not in (None, "0"),
            direct=said.get("direct") in (None, "1") and review is Review.OFF,
            mention=said.get("mention") in (None, "1"),
            lenient=said.get("lenient") == "1",
            keep_days=_number(said["keep_days"]) or 0 if "keep_days" in said else None,
            roles=_roles(said.get("roles")),
            models=frozenset(said.get("models", "").split()),
            rejected_counts=said.get("rejected_counts") != "0",
            saving=said.get("saving") == "1",
            language=next((each for each in SPOKEN if each == said.get("language")), ""),
        )


_UNSET = ChannelPolicy()


def _choice(value: str | None, unset: _Choice, unknown: _Choice) -> _Choice:
    if value is None:
        return unset
    return next((each for each in type(unset) if each.value == value), unknown)


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isdecimal() else None


def _roles(value: str | None) -> frozenset[int]:
    """Where none of them can be read, a role that nobody has."""
    written = (value or "").split()
    known = frozenset(int(each) for each in written if each.isdecimal())
    return known or frozenset({0} if written else ())
