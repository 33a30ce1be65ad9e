"""Which limit has no room, in words: how much of it there is, until when, who can raise it."""

from __future__ import annotations

from bot import refusals
from bot.language import N_, _
from bot.text import counted, money, number, when

_WINDOWS = {"day": N_("today"), "month": N_("this month")}
_OWN = ("user", "member")
_PLACES = {
    "channel": (N_("This channel"), N_("Try another one, or ask a manager of this server.")),
    "guild": (N_("This server"), N_("Its managers can raise the limit in `/settings`.")),
    "installation": (N_("This bot"), N_("Its operator can raise the limit.")),
}


def refusal(over: refusals.QuotaExceeded) -> str:
    """Which limit, how much of it, until when."""
    if over.scope == "filter":
        return counted(
            "The provider's safety filter has refused {count} prompt of yours within an hour. Try "
            "something else {time}.",
            "The provider's safety filter has refused {count} prompts of yours within an hour. Try "
            "something else {time}.",
            over.limit,
            time=when(over.resets_at),
        )
    left = max(0, over.limit - over.used)
    if over.asked > 1 and over.unit == "images" and left:
        return _too_few(over, left)
    return _used_up(over) if over.scope in _OWN else _spent(over)


def _too_few(over: refusals.QuotaExceeded, left: int) -> str:
    gaps = _gaps(over) | {"asked": number(over.asked)}
    match over.scope:
        case "user":
            return counted(
                "You have {count} image left for {window}, too few for {asked}. Ask for fewer; "
                "more {time}.",
                "You have {count} images left for {window}, too few for {asked}. Ask for fewer; "
                "more {time}.",
                left,
                **gaps,
            )
        case "member":
            return counted(
                "You have {count} image left that this server gives you for {window}, too few for "
                "{asked}. Ask for fewer; more {time}.",
                "You have {count} images left that this server gives you for {window}, too few for "
                "{asked}. Ask for fewer; more {time}.",
                left,
                **gaps,
            )
        case _:
            return counted(
                "{whose} has {count} image left for {window}, too few for {asked}. Ask for fewer; "
                "more {time}.",
                "{whose} has {count} images left for {window}, too few for {asked}. Ask for fewer; "
                "more {time}.",
                left,
                whose=_(_PLACES[over.scope][0]),
                **gaps,
            )


def _used_up(over: refusals.QuotaExceeded) -> str:
    """Of a person's own."""
    if over.scope == "user":
        return counted(
            "You've used the one image for {window}; more {time}.",
            "You've used all {count} images for {window}; more {time}.",
            over.limit,
            **_gaps(over),
        )
    return counted(
        "You've used the one image that this server gives you for {window}; more {time}.",
        "You've used all {count} images that this server gives you for {window}; more {time}.",
        over.limit,
        **_gaps(over),
    )


def _spent(over: refusals.QuotaExceeded) -> str:
    """Of a place's."""
    whose, remedy = _PLACES[over.scope]
    gaps = _gaps(over) | {"whose": _(whose)}
    if over.unit == "micros":
        gaps |= {"used": money(over.used), "most": money(over.limit)}
        said = counted(
            "{whose} has spent {used} of its {most} for {window}, too little is left for another "
            "image; more {time}.",
            "{whose} has spent {used} of its {most} for {window}, too little is left for {count} "
            "images; more {time}.",
            over.asked,
            **gaps,
        )
    else:
        said = counted(
            "{whose} has made the one image of {window}; more {time}.",
            "{whose} has made all {count} images of {window}; more {time}.",
            over.limit,
            **gaps,
        )
    return f"{said} {_(remedy)}"


def _gaps(over: refusals.QuotaExceeded) -> dict[str, str]:
    return {"window": _(_WINDOWS[over.period]), "time": when(over.resets_at)}
