"""`/imagine` as Discord registers it: the options of all models on offer together. Pure.

Limits: https://docs.discord.com/developers/interactions/application-commands
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.domain.generation import Value
from bot.domain.model import Choice, Kind, Model, Option, Safeguard
from bot.domain.style import LONGEST_NAME
from bot.language import N_
from bot.record import Record, replace

#: Discord's limits on one command: options, choices of one, characters of a description, of a
#: name, of a string, and of all names, descriptions and values together.
MOST_OPTIONS = 25
MOST_CHOICES = 25
DESCRIPTION = 100
LONGEST_STRING = 6000
TOTAL = 8000
#: Exact integers end here, in Discord as in JavaScript.
LARGEST_NUMBER = 2**53 - 1
#: Of one request: what a message has room for in one look, and a hurried click may cost.
MOST_IMAGES = 4

NAME, ABOUT = "imagine", N_("Turn words into an image")
PROMPT, MODEL, IMAGE, COUNT, SEED = "prompt", "model", "image", "count", "seed"
STYLE, PRIVATE = "style", "private"
#: Only where a text model improves prompts.
IMPROVE = "improve"
#: Options that mean the same whatever the model; no model's own option is named so.
COMMON = (PROMPT, MODEL, IMAGE, COUNT, SEED, STYLE, PRIVATE, IMPROVE)

Widest = Callable[[Iterable[float]], float]

_ATTACHMENT = 11
_TYPES = {Kind.STRING: 3, Kind.INTEGER: 4, Kind.BOOLEAN: 5, Kind.NUMBER: 10}


class Field(Record):
    """One option of the command. `kind` None: an attachment.

    `choices` beyond what Discord shows at once are suggested while somebody types; without any
    what is suggested depends on where they type.
    """

    name: str
    kind: Kind | None
    description: str
    choices: tuple[Choice, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
    suggests: bool = False

    def as_json(self) -> dict[str, object]:
        """As Discord takes it."""
        found: dict[str, object] = {
            "type": _ATTACHMENT if self.kind is None else _TYPES[self.kind],
            "name": self.name,
            "description": self.description,
            "required": self.required,
        }
        if self.suggests:
            found["autocomplete"] = True
        elif self.choices:
            found["choices"] = [{"name": c.label, "value": c.value} for c in self.choices]
        if self.kind is Kind.STRING and not self.choices:
            longest = int(min(self.maximum or LONGEST_STRING, LONGEST_STRING))
            shortest = int(max(self.minimum or 0, self.required))
            found |= {"max_length": longest} | ({"min_length": shortest} if shortest else {})
        if self.kind in (Kind.INTEGER, Kind.NUMBER) and not self.choices:
            limits = {"min_value": self.minimum, "max_value": self.maximum}
            found |= {key: limit for key, limit in limits.items() if limit is not None}
        return found

    @property
    def length(self) -> int:
        """How many characters count towards TOTAL, at most: of all languages the longest counts."""
        listed = () if self.suggests else self.choices
        texts = (self.name, *(text for each in listed for text in (each.label, str(each.value))))
        return DESCRIPTION + sum(map(len, texts))


def command(models: Sequence[Model]) -> dict[str, object]:
    """The command's definition; the same models always give the same."""
    found = [field.as_json() for field in fields(models)]
    return {"type": 1, "name": NAME, "description": ABOUT, "options": found}


def fields(models: Sequence[Model], *, improves: bool = False) -> tuple[Field, ...]:
    """The command's options, those that must be filled in first, at most as many as there may be.

    What most models have comes first, then what a model itself puts first. `improves`: a text model
    improves prompts.
    """
    first, last = list(_first(models)), list(_last(models))
    if improves:
        last.append(Field(IMPROVE, Kind.BOOLEAN, N_("Have the prompt improved first; you choose")))
    own = list(_own(models))[: MOST_OPTIONS - len(first) - len(last)]
    every = sorted([*first, *own, *last], key=lambda field: not field.required)
    return tuple(_fitting(every))


def _first(models: Sequence[Model]) -> Iterator[Field]:
    if any(model.prompt is not None for model in models):
        required = all(model.prompt is not None for model in models)
        longest = _bound(max, [model.longest_prompt for model in models])
        about = N_("What the image should show")
        yield Field(PROMPT, Kind.STRING, about, maximum=longest, required=required)
    if len(models) > 1:
        choices = tuple(Choice(model.name, model.title[:100]) for model in models)
        many = len(choices) > MOST_CHOICES
        about = N_("Who makes it (default: this channel's)")
        yield Field(MODEL, Kind.STRING, about, choices, suggests=many)


def _last(models: Sequence[Model]) -> Iterator[Field]:
    pictures = [model.pictures for model in models if model.pictures is not None]
    if pictures:
        required = len(pictures) == len(models) and all(each.required for each in pictures)
        yield Field(IMAGE, None, N_("A picture to start from"), required=required)
    yield from _guards(models)
    yield Field(COUNT, Kind.INTEGER, N_("How many images (default: 1)"), (), 1, MOST_IMAGES)
    seeds = [model.seed for model in models if model.seed is not None]
    if seeds:
        least, most = min(s.minimum for s in seeds), max(s.maximum for s in seeds)
        about = N_("The same number makes nearly the same image again")
        yield Field(SEED, Kind.INTEGER, about, (), least, min(most, LARGEST_NUMBER))
    if any(model.prompt is not None for model in models):
        about = N_("This server's own words around your prompt; the reply shows them")
        yield Field(STYLE, Kind.STRING, about, maximum=2 * LONGEST_NAME, suggests=True)
    about = N_("Only you see the reply (default: your preference, where the channel allows it)")
    yield Field(PRIVATE, Kind.BOOLEAN, about)


def _guards(models: Sequence[Model]) -> Iterator[Field]:
    """The models' safeguards, each name once, with all degrees that any of them knows."""
    having: dict[str, list[Safeguard]] = {}
    for guard in (guard for model in models for guard in model.safeguards):
        having.setdefault(guard.input, []).append(guard)
    for name, guards in having.items():
        degrees = {choice.value: choice for guard in guards for choice in guard.values}
        whole = all(isinstance(value, int) for value in degrees)
        kind = Kind.INTEGER if whole else Kind.STRING
        choices = tuple(c if whole else replace(c, value=str(c.value)) for c in degrees.values())
        yield Field(name, kind, _without_default(guards[0].description), choices)


def _without_default(about: str) -> str:
    """A safeguard's description: what holds where nobody chooses is the place's, too."""
    sentences = about.split(". ")
    told = ". ".join(each for each in sentences if "default" not in each.lower())
    return told or N_("How much the model's own safety lets through")


def _own(models: Sequence[Model]) -> Iterator[Field]:
    """The models' own options, each name once, what somebody must fill in first."""
    having: dict[str, list[Option]] = {}
    for option in (option for model in models for option in model.options):
        if option.name not in COMMON:
            having.setdefault(option.name, []).append(option)
    ranked = sorted(having.items(), key=lambda item: (not _needed(item[1]), -len(item[1])))
    for name, options in ranked:
        yield _union(name, options, everywhere=len(options) == len(models))


def _needed(options: Sequence[Option]) -> bool:
    return any(option.required for option in options)


def _union(name: str, options: Sequence[Option], *, everywhere: bool) -> Field:
    kinds = {option.kind for option in options}
    if len(kinds) == 1:
        kind = options[0].kind
    else:
        kind = Kind.NUMBER if kinds == {Kind.INTEGER, Kind.NUMBER} else Kind.STRING
    listed = all(option.choices for option in options)
    choices = _most_common(kind, options) if listed or kind is Kind.STRING else ()
    return Field(
        name,
        kind,
        _about(options),
        choices,
        _bound(min, [option.minimum for option in options]),
        _bound(max, [option.maximum for option in options]),
        required=everywhere and all(option.required for option in options),
        suggests=bool(choices) and (not listed or len(choices) > MOST_CHOICES),
    )


def _most_common(kind: Kind, options: Sequence[Option]) -> tuple[Choice, ...]:
    """Each value once, what most models take first."""
    labels: dict[object, Choice] = {}
    found: Counter[object] = Counter()
    for option in options:
        for choice in option.choices:
            value = _as(kind, choice.value)
            labels.setdefault(value, replace(choice, value=value))
            found[value] += 1
    return tuple(labels[value] for value, _ in found.most_common())


def _as(kind: Kind, value: Value) -> Value:
    """What discord.py, too, takes for a value of this kind."""
    match kind:
        case Kind.STRING:
            return str(value)
        case Kind.NUMBER:
            return float(value)
        case Kind.INTEGER:
            return int(value)
        case Kind.BOOLEAN:
            return bool(value)


def _bound(widest: Widest, bounds: Sequence[float | None]) -> float | None:
    """Unlimited as soon as one of them is."""
    known = [bound for bound in bounds if bound is not None]
    return widest(known) if len(known) == len(bounds) else None


def _about(options: Sequence[Option]) -> str:
    """The first model's words, with the default where all agree and there is room for it."""
    about = options[0].description
    defaults = {option.default for option in options}
    if len(defaults) == 1 and (default := defaults.pop()) not in (None, ""):
        labels = {choice.value: choice.label for choice in options[0].choices}
        words = f"{about} (default: {labels.get(default, default)})"
        about = words if len(words) <= DESCRIPTION else about
    return about[:DESCRIPTION]


def _fitting(every: list[Field]) -> list[Field]:
    """Where it is too long for Discord, the longest lists of choices are suggested instead."""
    while sum(field.length for field in every) + len(NAME) + DESCRIPTION > TOTAL:
        listed = [field for field in every if field.choices and not field.suggests]
        if not listed:
            break
        longest = max(listed, key=lambda field: field.length)
        every[every.index(longest)] = replace(longest, suggests=True)
    return every
