"""Why somebody may not ask for this in this channel, in words."""

from __future__ import annotations

from bot.language import N_, _
from bot.refusals import access as access_refusals
from bot.text import escaped, listed

#: Values, models and roles named in one sentence.
NAMED = 12
_PART = 60

NOT_SET_UP = N_(
    "This bot is new here: a member with Manage Server runs `/imagine` once, and is asked where "
    "and how images are made."
)

UNWILLING = N_(
    "Whoever this image was made for does not want others to start from their images. Use another."
)


def refusal(refused: access_refusals.AccessRefused) -> str:  # noqa: C901, PLR0911 - a table of cases
    match refused:
        case access_refusals.ChannelOff(announces=True):
            return _("No images are made in announcement channels. Try another channel.")
        case access_refusals.ChannelOff():
            return _("Images are switched off in this channel. Try another one.")
        case access_refusals.RoleMissing(role_ids=role_ids):
            roles = listed([f"<@&{id}>" for id in role_ids], NAMED)
            return _(
                "Only members with one of these roles make images in this channel: {roles}."
            ).format(roles=roles)
        case access_refusals.ModelNotAllowed(allowed=()):
            return _(
                "None of the models that this channel allows is on offer (any more). "
                "A member with Manage Server can choose others in `/settings`."
            )
        case access_refusals.ModelNotAllowed(model=model, allowed=allowed):
            titles = listed([escaped(title, _PART) for title in allowed], NAMED)
            return _("**{model}** is not for this channel. Choose from: {models}.").format(
                model=escaped(model, _PART), models=titles
            )
        case access_refusals.PrivateForbidden():
            return _("Replies in this channel are for everybody to see: leave `private` out.")
        case access_refusals.PicturesOff():
            return _("In this channel nothing is made of pictures: ask without one.")
        case access_refusals.PictureOfAnother():
            return _(
                "In this channel only your own pictures and this bot's images are used, not those "
                "of other people's messages."
            )
        case access_refusals.PictureUnwilling():
            return _(UNWILLING)
        case access_refusals.NotAgeRestricted(option=option, allowed=allowed):
            labels = listed([escaped(label, _PART) for label in allowed], NAMED)
            return _(
                "`{option}` as lenient as that is only for age-restricted channels. "
                "Choose from: {values}, or leave it out."
            ).format(option=option, values=labels)
        case _:
            return _(NOT_SET_UP)
