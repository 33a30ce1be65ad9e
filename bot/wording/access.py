"""Why somebody may not ask for this in this channel, in words."""

from __future__ import annotations

from collections.abc import Sequence

from bot import access_refusals
from bot.language import N_, _
from bot.text import escaped

#: Values, models and roles named in one sentence.
NAMED = 12
_PART = 60

NOT_SET_UP = (
    "This bot is new here: a member with Manage Server runs `/imagine` once, and is asked where "
    "and how images are made."
)

UNWILLING = N_(
    "Whoever this image was made for does not want others to start from their images. Use another."
)


def refusal(refused: access_refusals.AccessRefused) -> str:  # noqa: C901, PLR0911 - a table of cases
    match refused:
        case access_refusals.ChannelOff(announces=True):
            return "No images are made in announcement channels. Try another channel."
        case access_refusals.ChannelOff():
            return "Images are switched off in this channel. Try another one."
        case access_refusals.RoleMissing(role_ids=role_ids):
            roles = _listed([f"<@&{id}>" for id in role_ids])
            return f"Only members with one of these roles make images in this channel: {roles}."
        case access_refusals.ModelNotAllowed(allowed=()):
            return (
                "None of the models that this channel allows is on offer (any more). "
                "A member with Manage Server can choose others in `/settings`."
            )
        case access_refusals.ModelNotAllowed(model=model, allowed=allowed):
            titles = _listed([escaped(title, _PART) for title in allowed])
            return f"**{escaped(model, _PART)}** is not for this channel. Choose from: {titles}."
        case access_refusals.PrivateForbidden():
            return "Replies in this channel are for everybody to see: leave `private` out."
        case access_refusals.PicturesOff():
            return "In this channel nothing is made of pictures: ask without one."
        case access_refusals.PictureOfAnother():
            return (
                "In this channel only your own pictures and this bot's images are used, not those "
                "of other people's messages."
            )
        case access_refusals.PictureUnwilling():
            return _(UNWILLING)
        case access_refusals.NotAgeRestricted(option=option, allowed=allowed):
            labels = _listed([escaped(label, _PART) for label in allowed])
            return (
                f"`{option}` as lenient as that is only for age-restricted channels. "
                f"Choose from: {labels}, or leave it out."
            )
        case _:
            return NOT_SET_UP


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
