"""A prediction's input: from what a person chose to what the model is sent. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from bot.domain.command import MOST_IMAGES
from bot.domain.generation import Value
from bot.domain.model import Kind, Level, Model, Option, Safeguard
from bot.domain.preferences import ASPECT_RATIO, OUTPUT_FORMAT
from bot.record import Hidden, Record, field, replace
from bot.refusals import (
    OptionMissing,
    OptionNotTaken,
    PictureMissing,
    PicturesNotTaken,
    SafetyBelowFloor,
    SafetyUnknown,
    TextTooLong,
    TooManyImages,
    ValueNotTaken,
)
from bot.refusals.access import NotAgeRestricted
from bot.replicate.naming import ABOUT_SAFETY

#: Options that are sent with the model's own default where nobody chose: the reply tells them, and
#: whoever makes the model may change its defaults.
STATED = (ASPECT_RATIO, OUTPUT_FORMAT)
#: What people write for yes and no where the command asks for text.
_SPOKEN = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
#: A shape that says nothing by itself.
AS_THE_PICTURE = "match_input_image"
#: Characters of any text but the prompt: negative prompts of a few sentences.
LONGEST_TEXT = 1_000


class Chosen(Record):
    """What a person asked for beside the prompt: `options` by Discord's names, as they were given.

    `model` by its name, or None; `count` images in all; so many `pictures` to start from,
    which are `borrowed` where they are of somebody else's message. The server's `style` by its
    name. `preferred`: what they left open, by `bot.domain.preferences.CHOICES`.
    `accepted_micros`: micro-dollars in all that somebody has said yes to.
    """

    options: Hidden[Mapping[str, Value]] = field(default_factory=dict)
    model: str | None = None
    count: int = 1
    seed: int | None = None
    pictures: int = 0
    accepted_micros: int | None = None
    borrowed: bool = False
    style: str | None = None
    preferred: Mapping[str, str] = field(default_factory=dict)


class Plan(Record):
    """Predictions to buy: how many, how many images each makes, and the input of them all."""

    options: Hidden[Mapping[str, Value]]
    predictions: int
    images: int


def plan(
    model: Model,
    chosen: Chosen,
    floor: Level,
    others: Sequence[Model] = (),
    most_lenient: Level = Level.LENIENT,
) -> Plan:
    """What to send for it. Raises the first `Refused` that applies.

    Nothing is sent that nobody chose, but for STATED and what safety demands. `others` are named
    where they have what this model has not. Safety that can be set is never above `most_lenient`.
    """
    _pictures(model, chosen, others)
    if floor < Level.LENIENT and not _guards_itself(model):
        raise SafetyUnknown(model.title)
    predictions, images = _counted(model, chosen.count)
    options = {
        option.input: option.default
        for option in model.options
        if option.name in STATED and option.default not in (None, AS_THE_PICTURE)
    }
    for name in chosen.options:
        if name not in _names(model):
            raise OptionNotTaken(name, model.title, _titles(others, name))
    options = {**options, **model.fixed, **_told(model, chosen)}
    for option in model.options:
        if option.required and options.get(option.input) in (None, ""):
            raise OptionMissing(option.name, model.title)
    for guard in model.safeguards:
        options[guard.input] = _guarded(model, guard, chosen, (floor, most_lenient))
    if model.count is not None and images > 1:
        options[model.count.input] = images
    if chosen.seed is not None:
        options |= _seed(model, chosen.seed, others)
    return Plan(options, predictions, images)


def completed(model: Model, chosen: Chosen) -> Chosen:
    """With what the person prefers where they chose nothing, as far as the model takes it.

    What starts from a picture has the picture's shape.
    """
    found = {
        option.name: choice.value
        for option in model.options
        for choice in option.choices
        if option.name in STATED
        and option.input not in model.fixed
        and str(choice.value) == chosen.preferred.get(option.name)
        and not (chosen.pictures and option.name == ASPECT_RATIO)
    }
    return replace(chosen, options={**found, **chosen.options})


def _told(model: Model, chosen: Chosen) -> dict[str, Value]:
    """What was chosen by the model's own names; no choice undoes what is fixed for safety."""
    return {
        option.input: _value(model, option, chosen.options[option.name])
        for option in model.options
        if option.name in chosen.options
        and not (option.input in model.fixed and ABOUT_SAFETY.search(option.input))
    }


def _titles(models: Sequence[Model], name: str) -> tuple[str, ...]:
    """The models that take an option of this name."""
    return tuple(model.title for model in models if name in _names(model))


def _names(model: Model) -> Iterator[str]:
    yield from (option.name for option in model.options)
    yield from (guard.input for guard in model.safeguards)


def _guards_itself(model: Model) -> bool:
    """Whether its safety can be set, or is a switch that is always on."""
    return bool(model.safeguards) or any(map(ABOUT_SAFETY.search, model.fixed))


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
            if _same(choice.value, value):
                return choice.value
        labels = tuple(str(choice.label) for choice in option.choices)
        raise ValueNotTaken(option.name, model.title, labels)
    if option.kind in (Kind.INTEGER, Kind.NUMBER):
        return _number(model, option, value)
    if option.kind is Kind.BOOLEAN:
        return _spoken(model, option, value)
    text = str(value).strip()
    measure({option.name: text})
    return text


def measure(texts: Mapping[str, str]) -> None:
    """Raise TextTooLong for the first text of an option, by Discord's name, that is too long."""
    for name, text in texts.items():
        if (length := len(text.strip())) > LONGEST_TEXT:
            raise TextTooLong(name, length, LONGEST_TEXT)


def _same(taken: Value, chosen: Value) -> bool:
    """Whether they mean the same: the command may ask for a number as text, or as a fraction."""
    if bool in (type(taken), type(chosen)) or isinstance(taken, str):
        return str(taken) == str(chosen)
    try:
        return float(chosen) == taken
    except ValueError:
        return False


def _spoken(model: Model, option: Option, value: Value) -> bool:
    meant = _SPOKEN.get(str(value).strip().lower())
    if meant is None:
        raise ValueNotTaken(option.name, model.title, ("yes", "no"))
    return meant


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


def _guarded(model: Model, guard: Safeguard, chosen: Chosen, limits: tuple[Level, Level]) -> Value:
    """The value that was chosen, within the floor; else the strictest of all that hold."""
    floor, most_lenient = limits
    by_floor = min(floor, guard.with_picture) if chosen.pictures else floor
    most = min(by_floor, most_lenient)
    wanted = chosen.options.get(guard.input)
    if wanted is None:
        return guard.values[min(most, guard.default)].value
    for level, choice in zip(Level, guard.values, strict=True):
        if _same(choice.value, wanted):
            if level > most:
                allowed = tuple(each.label for each in guard.values[: most + 1])
                kind = SafetyBelowFloor if level > by_floor else NotAgeRestricted
                raise kind(guard.input, allowed)
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
