"""Why a model does not do what was chosen, in words, and which one does."""

from __future__ import annotations

from collections.abc import Sequence

from bot import refusals
from bot.text import escaped, plural

#: Values and models named in one sentence.
NAMED = 12
_PART = 60


def refusal(refused: refusals.Refused) -> str | None:  # noqa: C901, PLR0911 - a table of cases
    """None: it is about something else."""
    match refused:
        case refusals.ModelNotOffered(model=model, offered=offered):
            return f"There is no model {_named(model)} here. Choose from: {_listed(offered)}."
        case refusals.TextTooLong(option=option, length=length, limit=limit):
            return f"`{option}` has {length:,} characters; the limit is {limit:,}. Shorten it."
        case refusals.PromptNotTaken(model=model):
            return f"{_named(model)} takes no prompt, only a picture: leave `prompt` out."
        case refusals.OptionMissing(option=option, model=model):
            return f"{_named(model)} needs `{option}`: choose one."
        case refusals.OptionNotTaken(option=option, model=model, having=having):
            return f"{_named(model)} has no option `{option}`.{_having(having)}"
        case refusals.ValueNotTaken():
            return _value(refused)
        case refusals.SafetyBelowFloor(option=option, allowed=allowed):
            return f"`{option}` is limited here to {_listed(allowed)}. Choose one, or leave it out."
        case refusals.SafetyUnknown(model=model):
            return f"{_named(model)} cannot be made as strict as this place asks. Choose another."
        case refusals.PicturesNotTaken(model=model, most=0, having=having):
            return f"{_named(model)} takes no picture.{_having(having)}"
        case refusals.PicturesNotTaken(model=model, most=most):
            return f"{_named(model)} takes at most {plural(most, 'picture')}."
        case refusals.PictureMissing(model=model):
            return f"{_named(model)} changes pictures: attach one as `image`."
        case refusals.TooManyImages(model=model, most=most):
            return f"{_named(model)} makes at most {plural(most, 'image')} at once."
    return None


def _value(refused: refusals.ValueNotTaken) -> str:
    least, most = refused.least, refused.most
    if refused.taken:
        what = f"only {_listed(refused.taken)}"
    elif least is not None and most is not None:
        what = f"numbers from {_number(least)} to {_number(most)}"
    elif least is not None:
        what = f"numbers from {_number(least)} up"
    else:
        what = "whole numbers" if most is None else f"numbers up to {_number(most)}"
    return f"{_named(refused.model)} takes {what} for `{refused.option}`."


def _number(number: float) -> str:
    """As people write it: a seed's limits are whole, and long."""
    return f"{int(number):,}" if float(number).is_integer() else f"{number:g}"


def _having(titles: Sequence[str]) -> str:
    return f" Models that do: {_listed(titles)}." if titles else " No model here does."


def _named(title: str) -> str:
    return f"**{escaped(title, _PART)}**"


def _listed(names: Sequence[str]) -> str:
    shown = [escaped(name, _PART) for name in names[:NAMED]]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(shown) + more
