"""What people prefer, in words: the page of `/me`."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.preferences import (
    ASPECT_RATIO,
    MODEL,
    NO,
    NOTIFY,
    OTHERS_USE,
    OUTPUT_FORMAT,
    PRIVATE,
    YES,
)
from bot.language import N_, _
from bot.text import escaped

#: Of a model's title, or of what it was called.
_SHOWN = 100

OPEN = N_("Preferences …")
OPEN_ABOUT = N_("**Preferences** · used where you choose nothing, in every server.")
BACK = N_("Back")
TITLE = N_("""\
## Your preferences
Used where you choose nothing in `/imagine`. What you choose there comes first, and so does what \
a channel requires; what a model does not support is left out.""")
UNSET = N_("Server's setting")
_NOT_SET = N_("the server's setting")
_GONE = N_("{name}, which is not on offer: the server's setting applies")
_LINE = N_("**{title}** · {value}")
_TITLES: Mapping[str, str] = {
    MODEL: N_("Model"),
    ASPECT_RATIO: N_("Shape"),
    OUTPUT_FORMAT: N_("Format"),
}
#: What each switch is about, by its two states.
_STATES: Mapping[str, Mapping[str, str]] = {
    PRIVATE: {
        YES: N_("**Replies** · only you see them, where the channel allows that"),
        NO: N_("**Replies** · as the channel is set: usually, everybody there sees them"),
    },
    NOTIFY: {
        YES: N_("**A direct message** · when an image that took long is done"),
        NO: N_("**No direct message** · when an image that took long is done"),
    },
    OTHERS_USE: {
        YES: N_("**Your images** · others may start from them, where the server allows that"),
        NO: N_("**Your images** · others may not start from them here"),
    },
}
#: On the button that changes it, by what it is now.
CHANGES: Mapping[str, Mapping[str, str]] = {
    PRIVATE: {YES: N_("Channel's setting"), NO: N_("Only for me")},
    NOTIFY: {YES: N_("Send none"), NO: N_("Send one")},
    OTHERS_USE: {YES: N_("Keep them to me"), NO: N_("Let others")},
}


def line(name: str, value: str | None, label: str | None) -> str:
    """What is preferred; `label`: as it is shown, None where nothing on offer takes it."""
    told = _(_NOT_SET)
    if value is not None:
        shown = escaped(label or value, _SHOWN)
        told = shown if label is not None else _(_GONE).format(name=shown)
    return _(_LINE).format(title=title(name), value=told)


def title(name: str) -> str:
    return _(_TITLES[name])


def state(name: str, value: str) -> str:
    return _(_STATES[name][value])


def change(name: str, value: str) -> str:
    """What the button does, by what it is now."""
    return _(CHANGES[name][value])
