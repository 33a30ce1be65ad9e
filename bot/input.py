"""A prediction's input: from what a person chose to what the model is sent. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.command import MOST_IMAGES
from bot.domain import Value
from bot.model import Kind, Level, Model, Option, Safeguard
from bot.refusals import (
    OptionNotTaken,
    PictureMissing,
    PicturesNotTaken,
    SafetyBelowFloor,
    TextTooLong,
    TooManyImages,
    ValueNotTaken,
)

#: Options that are sent with the model's own default where nobody chose: the reply tells them, and
#: whoever makes the model may change its defaults.
STATED = ("aspect_ratio", "output_format")


#: Characters of any text but the prompt: negative prompts of a few sentences.
LONGEST_TEXT = 1_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person asked for beside the prompt: `options` by Discord's names, as they were given.

    `model` by its name, or None; `count` images in all; so many `pictures` to start from.
    `accepted_micros`: micro-dollars in all that somebody has said yes to.
    """

    options: Mapping[str, Value] = field(default_factory=dict)
    model: str | None = None
    count: int = 1
    seed: int | None = None
    pictures: int = 0
    accepted_micros: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Predictions to buy: how many, how many images each makes, and the input of them all."""

    options: Mapping[str, Value]
    predictions: int
    images: int


def plan(model: Model, chosen: Chosen, floor: Level, others: Sequence[Model] = ()) -> Plan:
    """What to send for it. Raises the first `Refused` that applies.

    Nothing is sent that nobody chose, but for STATED and what safety demands. `others` are named
    where they have what this model has not.
    """
    _pictures(model, chosen, others)
    predictions, images = _counted(model, chosen.count)
    known = {option.name: option for option in model.options}
    options = {
        option.input: option.default
        for option in model.options
        if option.name in STATED and option.default is not None
    }
    guards = {guard.input: guard for guard in model.safeguards}
    for name, value in chosen.options.items():
        if (option := known.get(name)) is not None:
            options[option.input] = _value(model, option, value)
        elif name not in guards:
            raise OptionNotTaken(name, model.title, _titles(others, name))
    options |= model.fixed  # after what was chosen: no option of the same input undoes it
    for guard in model.safeguards:
        options[guard.input] = _guarded(model, guard, chosen, floor)
    if model.count is not None and images > 1:
        options[model.count.input] = images
    if chosen.seed is not None:
        options |= _seed(model, chosen.seed, others)
    return Plan(options, predictions, images)


def _titles(models: Sequence[Model], name: str) -> tuple[str, ...]:
    """The models that take an option of this name."""
    return tuple(model.title for model in models if name in _names(model))


def _names(model: Model) -> Iterator[str]:
    yield from (option.name for option in model.options)
    yield from (guard.input for guard in model.safeguards)


def _pictures(model: Model, chosen: Chosen, others: Sequence[Model]) -> None:
    takes = model.pictures
    if chosen.pictures and (takes is None or chosen.pictures > takes.most):
        having = tuple(other.title for other in others if other.pictures is not None)
        raise PicturesNotTaken(model.title, takes.most if takes else 0, having)
    if takes is not None and takes.required and not chosen.pictures:
        raise PictureMissing(model.title)


def _counted(model: Model, count: int) -> tuple[int, int]:
    """How many predictions make so many images, and how many each."""
    most = MOST_IMAGES if model.count is None else min(model.count.maximum, MOST_IMAGES)
    if not 1 <= count <= most:
        raise TooManyImages(model.title, count, most)
    return (count, 1) if model.count is None else (1, count)


def _value(model: Model, option: Option, value: Value) -> Value:
    """The value in the option's own kind: the command's may be wider, for other models' sake."""
    if option.choices:
        for choice in option.choices:
            if str(choice.value) == str(value):
                return choice.value
        labels = tuple(str(choice.label) for choice in option.choices)
        raise ValueNotTaken(option.name, model.title, labels)
    if option.kind in (Kind.INTEGER, Kind.NUMBER):
        return _number(model, option, value)
    if option.kind is Kind.BOOLEAN:
        return value if isinstance(value, bool) else str(value).lower() in ("true", "yes", "1")
    text = str(value).strip()
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(option.name, len(text), LONGEST_TEXT)
    return text


def _number(model: Model, option: Option, value: Value) -> int | float:
    least, most = option.minimum, option.maximum
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    whole = option.kind is not Kind.INTEGER or number.is_integer()
    within = (least is None or number >= least) and (most is None or number <= most)
    if not math.isfinite(number) or not whole or not within:
        raise ValueNotTaken(option.name, model.title, least=least, most=most)
    return int(number) if option.kind is Kind.INTEGER else number


def _guarded(model: Model, guard: Safeguard, chosen: Chosen, floor: Level) -> Value:
    """The value that was chosen, within the floor; else the strictest of all that hold."""
    most = min(floor, guard.with_picture) if chosen.pictures else floor
    wanted = chosen.options.get(guard.input)
    if wanted is None:
        return guard.values[min(most, guard.default)].value
    for level, choice in zip(Level, guard.values, strict=True):
        if str(choice.value) == str(wanted):
            if level > most:
                allowed = tuple(each.label for each in guard.values[: most + 1])
                raise SafetyBelowFloor(guard.input, allowed)
            return choice.value
    raise ValueNotTaken(guard.input, model.title, tuple(each.label for each in guard.values))


def _seed(model: Model, seed: int, others: Sequence[Model]) -> dict[str, Value]:
    if model.seed is None:
        having = tuple(other.title for other in others if other.seed is not None)
        raise OptionNotTaken("seed", model.title, having)
    if not model.seed.minimum <= seed <= model.seed.maximum:
        least, most = model.seed.minimum, model.seed.maximum
        raise ValueNotTaken("seed", model.title, least=least, most=most)
    return {model.seed.input: seed}
