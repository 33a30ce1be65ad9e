"""What crosses a boundary: frozen values in the words of the field.

Times are UTC milliseconds since 1970 (`int`), money is micro-dollars (`int`), sizes are bytes,
ids are Discord snowflakes (`int`). Seconds are `float` and say so in their name.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.attached import Attached
from bot.domain.origin import Origin
from bot.domain.picture import Stored
from bot.domain.style import Style
from bot.record import Hidden, Record

#: What an input of a model may be.
Value = str | int | float | bool


class Status(StrEnum):
    """Where a generation is in its life; the columns of the state machine."""

    PROPOSED = "proposed"
    QUEUED = "queued"
    SUBMITTING = "submitting"
    RUNNING = "running"
    REVIEWING = "reviewing"
    APPEALING = "appealing"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    KEPT = "kept"
    FAILED = "failed"
    CANCELED = "canceled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNKNOWN = "unknown"

    @property
    def ended(self) -> bool:
        return self in _ENDED

    @property
    def at_desk(self) -> bool:
        """Whether a moderator decides: nobody owns such a row, whoever decides first has it."""
        return self in (Status.PROPOSED, Status.REVIEWING, Status.APPEALING)


_ENDED = frozenset(
    {
        Status.DELIVERED,
        Status.KEPT,
        Status.FAILED,
        Status.CANCELED,
        Status.REJECTED,
        Status.EXPIRED,
        Status.UNKNOWN,
    }
)


class RemovedBy(StrEnum):
    """Whose word it was that images are not to be seen any more."""

    REQUESTER = "requester"
    MODERATOR = "moderator"
    OPERATOR = "operator"


class Entry(StrEnum):
    """What a book says of a generation: counted for now, counted for good, or not counted."""

    RESERVED = "reserved"
    SETTLED = "settled"
    RELEASED = "released"


class StandIn(Record):
    """What is bought instead, should the provider definitely refuse the first model."""

    model: str
    prompt_input: str
    options: Hidden[Mapping[str, Value]]
    price_micros: int | None
    picture_input: str = ""
    picture_list: bool = False


class Request(Record):
    """What a person asked for, with all that a restart needs to answer them.

    `options` are the model's inputs beside the prompt, exactly as they are sent; `prompt_input` is
    the prompt's ("": the model takes none). `predictions`: how many rows the whole request has,
    each with its own `ordinal` and all with one reply; `images`: how many each of them is to make.
    `picture_input` is the input that takes `pictures` (`picture_list`: several), empty where the
    model takes none. Images are a `spoiler`, may go to `direct` messages; long waits: a `mention`.
    `locale` is the person's, `guild_locale` the server's ("": there is none). `origin`: the image
    that it comes from. `notify`: a direct message when a long one is done. `guest`: the bot itself
    is no member there (user install), so only the interaction's token works.
    """

    interaction_id: int
    application_id: int
    guild_id: int | None
    channel_id: int
    user_id: Hidden[int]
    model: str
    prompt: Hidden[str]
    options: Hidden[Mapping[str, Value]]
    token: Hidden[str]
    token_expires_at: int
    size_limit: int
    locale: str = "en-US"
    private: bool = False
    ordinal: int = 0
    parent_id: int | None = None
    prompt_input: str = "prompt"
    images: int = 1
    predictions: int = 1
    stand_in: StandIn | None = None
    pictures: tuple[Attached, ...] = ()
    picture_input: str = ""
    picture_list: bool = False
    spoiler: bool = False
    direct: bool = True
    mention: bool = True
    review: str = "off"
    publish: bool = False
    guild_locale: str = ""
    origin: Origin | None = None
    style: Style | None = None
    notify: bool = False
    guest: bool = False

    @property
    def id(self) -> str:
        """The generation's key: one row per (interaction, ordinal), however often it arrives."""
        return f"{self.interaction_id}-{self.ordinal}"

    @property
    def asked(self) -> int:
        """How many images in all, over all its predictions."""
        return self.predictions * self.images

    @property
    def place_id(self) -> int:
        """The channel whose settings apply: a thread's parent, else the channel itself."""
        return self.channel_id if self.parent_id is None else self.parent_id

    @property
    def input(self) -> dict[str, Value]:
        """The prediction's input as it is sent, but for its pictures (`bot.generation.intake`)."""
        prompt = {self.prompt_input: self.styled_prompt} if self.prompt_input else {}
        return {**self.options, **prompt}

    @property
    def styled_prompt(self) -> str:
        """The prompt as it is sent, within its style."""
        return self.style.around(self.prompt) if self.style else self.prompt


class Generation(Record):
    """One row of the ledger: a request and what became of it.

    `outputs` are the pictures of it that are stored; `unfetched`: how many more the provider made
    that could not be had. `counted`: how many the person's quota counts, while it counts them.
    `price_micros` is the price of one image. `instead_of` is the model that was asked for, where
    another one stands in. A moderator let it be bought (`queued_at`) and shown (`approved_at`),
    or gave the `reason` why not; `published_id` is the public message. `appeal`: what whoever asked
    wrote against that. Until `sealed_until` nobody may see its images, then they are deleted.
    """

    id: str
    request: Request
    status: Status
    created_at: int
    owner_epoch: int = 0
    message_id: int | None = None
    prediction_id: str | None = None
    submitted_at: int | None = None
    not_before: int | None = None
    cancel_requested_at: int | None = None
    provider_ended_at: int | None = None
    ended_at: int | None = None
    compute_ms: int | None = None
    outputs: tuple[Stored, ...] = ()
    unfetched: int = 0
    counted: int = 1
    price_micros: int | None = None
    quota: Entry = Entry.RESERVED
    budget: Entry = Entry.RESERVED
    error: str | None = None
    instead_of: str | None = None
    queued_at: int | None = None
    approved_at: int | None = None
    published_id: int | None = None
    reason: Hidden[str | None] = None
    appeal: Hidden[str | None] = None
    appealed_at: int | None = None
    sealed_until: int | None = None
    removed_by: RemovedBy | None = None

    @property
    def since(self) -> int:
        """When it was last let go on: nobody's deadline counts what a moderator took."""
        return self.approved_at or self.appealed_at or self.queued_at or self.created_at


class Capacity(Record):
    """How many images may run (predictions in flight) and wait for a turn; all, and a person's."""

    running: int = 50
    waiting: int = 500
    user_running: int = 3
    user_waiting: int = 10


class Price(Record):
    """What one image costs, in micro-dollars; as of which day, by whose word ("": not said)."""

    micros: int
    as_of: str = ""
    source: str = ""


class Turn(Record):
    """Where a request stands in the line, from 1, and which it is of the person's own.

    `of_user` counts from the images of theirs that run already. `paused`: somebody holds the line.
    `canceled`: by another process, so it has left the line.
    """

    position: int
    of_user: int
    paused: bool = False
    canceled: bool = False


class Delivery(StrEnum):
    """What became of a message's last form."""

    SENT = "sent"
    GONE = "gone"  # removed by somebody: it does not come back
    REFUSED = "refused"  # Discord will not take it by any way we have
    LATER = "later"  # Discord is unwell: try again


class Usage(Record):
    """Sums over some generations. `compute_ms` and `cost_micros` are None where unknown."""

    images: int = 0
    failed: int = 0
    canceled: int = 0
    unknown: int = 0
    pending: int = 0
    compute_ms: int | None = None
    cost_micros: int | None = None
