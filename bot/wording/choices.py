"""Why a model does not do what was chosen, in words, and which one does."""

from __future__ import annotations

from collections.abc import Sequence

from bot import refusals
from bot.language import _
from bot.text import counted, escaped, listed, number

#: Values and models named in one sentence.
NAMED = 12
_PART = 60


def refusal(refused: refusals.Refused) -> str | None:  # noqa: PLR0911 - a table of cases
    """None: it is about something else."""
    match refused:
        case refusals.ModelNotOffered(model=model, offered=offered):
            return _("There is no model {model} here. Choose from: {models}.").format(
                model=_named(model), models=_listed(offered)
            )
        case refusals.TextTooLong(option=option, length=length, limit=limit):
            return _(
                "`{option}` has {length} characters; the limit is {limit}. Shorten it."
            ).format(option=option, length=number(length), limit=number(limit))
        case refusals.PromptNotTaken(model=model):
            form = _("{model} takes no prompt, only a picture: leave `prompt` out.")
            return form.format(model=_named(model))
        case refusals.OptionMissing(option=option, model=model):
            form = _("{model} needs `{option}`: choose one.")
            return form.format(model=_named(model), option=option)
        case refusals.OptionNotTaken(option=option, model=model, having=having):
            form = _("{model} has no option `{option}`.")
            return f"{form.format(model=_named(model), option=option)} {_having(having)}"
        case refusals.ValueNotTaken():
            return _value(refused)
        case refusals.SafetyBelowFloor(option=option, allowed=allowed):
            return _("`{option}` is limited here to {values}. Choose one, or leave it out.").format(
                option=option, values=_listed(allowed)
            )
        case refusals.SafetyUnknown(model=model):
            form = _("{model} cannot be made as strict as this channel requires. Choose another.")
            return form.format(model=_named(model))
    return _images(refused)


def _images(refused: refusals.Refused) -> str | None:
    """About how many there are to be, or how many to start from."""
    match refused:
        case refusals.PicturesNotTaken(model=model, most=0, having=having):
            return f"{_('{model} takes no picture.').format(model=_named(model))} {_having(having)}"
        case refusals.PicturesNotTaken(model=model, most=most):
            return counted(
                "{model} takes at most {count} picture.",
                "{model} takes at most {count} pictures.",
                most,
                model=_named(model),
            )
        case refusals.PictureMissing(model=model):
            form = _("{model} changes pictures: attach one as `image`.")
            return form.format(model=_named(model))
        case refusals.TooManyImages(model=model, most=most):
            return counted(
                "{model} makes at most {count} image at once.",
                "{model} makes at most {count} images at once.",
                most,
                model=_named(model),
            )
    return None


def _value(refused: refusals.ValueNotTaken) -> str:
    least, most = refused.least, refused.most
    if refused.taken:
        form = _("{model} takes only {values} for `{option}`.")
    elif least is not None and most is not None:
        form = _("{model} takes numbers from {least} to {most} for `{option}`.")
    elif least is not None:
        form = _("{model} takes numbers from {least} up for `{option}`.")
    elif most is None:
        form = _("{model} takes whole numbers for `{option}`.")
    else:
        form = _("{model} takes numbers up to {most} for `{option}`.")
    return form.format(
        model=_named(refused.model),
        option=refused.option,
        values=_listed(refused.taken),
        least="" if least is None else _number(least),
        most="" if most is None else _number(most),
    )


def _number(value: float) -> str:
    """As people write it: a seed's limits are whole, and long."""
    return number(int(value)) if float(value).is_integer() else f"{value:g}"


def _having(titles: Sequence[str]) -> str:
    if not titles:
        return _("No model here does.")
    return _("Models that do: {models}.").format(models=_listed(titles))


def _named(title: str) -> str:
    return f"**{escaped(title, _PART)}**"


def _listed(names: Sequence[str]) -> str:
    return listed([escaped(name, _PART) for name in names], NAMED)
