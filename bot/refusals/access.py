"""Why this person may not ask this in this channel, as values; the sentences are in `bot.wording`.

AccessRefused                   by what the channel or its server sets
├── NotSetUp                nobody has said yet where images are made
├── ChannelOff              no images here
├── RoleMissing             only for some roles
├── ModelNotAllowed         here
├── PrivateForbidden        replies are for everybody to see
├── PicturesOff             none to start from
├── PictureOfAnother        of somebody else's message
└── NotAgeRestricted        so lenient only where a channel is
"""

from __future__ import annotations

from bot.refusals import Refused


class AccessRefused(Refused):
    """The channel's settings, or its server's, do not let this person ask for this."""


class NotSetUp(AccessRefused):
    """No manager of the server has decided yet where and how images are made."""


class ChannelOff(AccessRefused):
    """No images are made in this channel; `announces`: because it is one for announcements."""

    announces: bool = False


class RoleMissing(AccessRefused):
    """Only members with one of these roles (ids) may ask, and managers."""

    role_ids: tuple[int, ...]


class ModelNotAllowed(AccessRefused):
    """The model (its title, empty: none was chosen) is not for this channel; `allowed` are."""

    model: str
    allowed: tuple[str, ...]


class PrivateForbidden(AccessRefused):
    """A reply that only one person sees was asked for, and there are none here."""


class PicturesOff(AccessRefused):
    """Nothing is made of pictures here."""


class PictureOfAnother(AccessRefused):
    """The picture is of somebody else's message, and only own ones and the bot's are taken."""


class PictureUnwilling(AccessRefused):
    """Whoever the image was made for does not want others to start from it."""


class NotAgeRestricted(AccessRefused):
    """The option was set as lenient as only age-restricted channels may have it: `allowed`."""

    option: str
    allowed: tuple[str, ...]
