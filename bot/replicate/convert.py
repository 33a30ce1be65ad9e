"""From what the API says of a model to a model that members can be offered. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bot.domain.command import (
    COUNT,
    IMAGE,
    LONGEST_STRING,
    MODEL,
    MOST_OPTIONS,
    PRIVATE,
    PROMPT,
    SEED,
)
from bot.domain.generation import Value
from bot.domain.model import Ability, Model, Number, Option, Safeguard
from bot.errors import SchemaUnusable
from bot.replicate import roles, safety
from bot.replicate.naming import title
from bot.replicate.offers import NotOffered, default_of, option
from bot.replicate.schema import Described, Input, described
from bot.text import shorten

#: What people set most, the most used first; what is not listed keeps the model's own order.
USEFUL = (
    *("aspect_ratio", "aspect", "size", "image_size", "resolution", "megapixels", "width"),
    *("height", "style", "style_type", "style_preset", "style_name", "negative_prompt", "quality"),
    *("output_format", "output_quality", "background", "magic_prompt_option"),
    *("prompt_strength", "image_prompt_strength", "strength", "guidance", "guidance_scale", "cfg"),
    *("cfg_scale", "steps", "num_inference_steps", "num_steps", "scheduler", "sampler"),
    *("prompt_upsampling", "enhance_prompt", "go_fast", "scale", "model", "lora_scale", "raw"),
)
#: What a title is cut to: Discord's limit on a choice.
TITLE_LENGTH, ABOUT_LENGTH = 100, 300


def convert(body: object, offer: Collection[str] = ()) -> Model:
    """The model of a model object; `offer` names inputs that the operator wants in any case.

    Raises `SchemaUnusable` with the first reason why it cannot be offered.
    """
    said = described(body)
    if said.trouble:
        raise SchemaUnusable(said.trouble)
    return _Conversion(said, offer).model()


class _Conversion:
    """One model on its way: every input goes to one place, or to `dropped` with the reason."""

    def __init__(self, said: Described, offer: Collection[str]) -> None:
        self._said = said
        self._offer = offer
        self._prompt = roles.prompt(said.inputs)
        self._picture = roles.picture(said.inputs)
        self._seed = roles.seed(said.inputs)
        self._counts = roles.counts(said.inputs)
        self._count: Number | None = None
        self._outputs = 1
        self._fixed: dict[str, Value] = {}
        self._dropped: dict[str, str] = {}
        self._safeguards: list[Safeguard] = []

    def model(self) -> Model:
        if self._prompt is None and self._picture is None:
            raise SchemaUnusable("it takes neither a prompt nor a picture")
        for each in self._counts:
            self._counted(each)
        own = [each for each in self._rest() if not self._guarded(each)]
        options = self._options(sorted(own, key=_usefulness))
        said = self._said
        name = said.name.rpartition("/")[2]
        return Model(
            name=said.name,
            title=shorten(title(name), TITLE_LENGTH) or said.name,
            abilities=self._abilities(),
            prompt=self._prompt.name if self._prompt else None,
            longest_prompt=_longest(self._prompt),
            options=options,
            description=shorten(said.description, ABOUT_LENGTH),
            pictures=roles.pictures(self._picture) if self._picture else None,
            seed=roles.seeds(self._seed) if self._seed else None,
            count=self._count,
            safeguards=tuple(self._safeguards),
            fixed=self._fixed,
            outputs=self._outputs,
            dropped=self._dropped,
            schema=said.hash,
        )

    def _abilities(self) -> frozenset[Ability]:
        if self._prompt is None:
            return frozenset({Ability.UPSCALE})
        if self._picture is None:
            return frozenset({Ability.GENERATE})
        needed = {Ability.EDIT}
        return frozenset(needed if self._picture.required else needed | {Ability.GENERATE})

    def _rest(self) -> Iterator[Input]:
        """All but what has a meaning of its own."""
        roles_ = [self._prompt, self._picture, self._seed, *self._counts]
        if self._picture and self._picture.is_list and (self._picture.minimum or 0) > 1:
            raise SchemaUnusable("it needs more pictures than one command can attach")
        if self._seed and self._seed.required:
            default = default_of(self._seed)
            least = roles.seeds(self._seed).minimum
            self._fixed[self._seed.name] = least if default is None else default
        names = {each.name for each in roles_ if each is not None}
        return (each for each in self._said.inputs if each.name not in names)

    def _counted(self, each: Input) -> None:
        """One image at a time unless more are asked for, whatever the model does by itself."""
        most = roles.most_images(each)
        if most and self._count is None and most > 1:
            self._count = Number(each.name, 1, most)
        elif most:
            self._dropped[each.name] = "always 1: several images are several predictions"
        else:
            self._dropped[each.name] = "it cannot ask for one image: left at the model's default"
            self._outputs = max(self._outputs, _made(each))
        if most and (each.required or each.default != 1):
            self._fixed[each.name] = 1
        elif not most:
            self._must_have(each)

    def _guarded(self, each: Input) -> bool:
        """Whether it is about safety; then it is dealt with."""
        if not safety.concerns(each):
            return False
        if (guard := safety.safeguard(each)) is not None:
            self._safeguards.append(guard)
        elif (value := safety.fixed(each)) is not None:
            self._fixed[each.name] = value
            self._dropped[each.name] = f"the model's own safety: always {str(value).lower()}"
        else:
            self._dropped[each.name] = safety.LEFT
            self._must_have(each)
        return True

    def _options(self, ranked: list[Input]) -> tuple[Option, ...]:
        taken = {guard.input for guard in self._safeguards}
        room = MOST_OPTIONS - len(self._common()) - len(taken)
        found: list[Option] = []
        for each in ranked:
            try:
                made = option(each, taken, listed=each.name in self._offer)
                if len(found) == room:
                    raise NotOffered(f"no room: a command takes {MOST_OPTIONS} options")
            except NotOffered as why:
                self._dropped[each.name] = str(why)
                self._must_have(each)
                continue
            if each.required and made.default is not None:
                self._fixed[each.name] = made.default
            taken.add(made.name)
            found.append(made)
        return tuple(found)

    def _common(self) -> list[str]:
        """The options that every command with this model has."""
        have = {PROMPT: self._prompt, IMAGE: self._picture, SEED: self._seed}
        return [MODEL, COUNT, PRIVATE, *(name for name, each in have.items() if each is not None)]

    def _must_have(self, each: Input) -> None:
        """What must be sent and nobody chooses is the default. Raises `SchemaUnusable`."""
        if not each.required:
            return
        default = default_of(each)
        if default is None:
            why = self._dropped[each.name]
            raise SchemaUnusable(f"it must have {each.name}, which cannot be offered: {why}")
        self._fixed[each.name] = default


def _usefulness(each: Input) -> tuple[bool, int]:
    name = each.name.lower()
    rank = USEFUL.index(name) if name in USEFUL else len(USEFUL)
    return not (each.required and default_of(each) is None), rank


def _made(each: Input) -> int:
    """How many images it makes by itself."""
    known = [v for v in (each.default, each.minimum) if isinstance(v, int) and v > 0]
    return known[0] if known else 1


def _longest(prompt: Input | None) -> int | None:
    limit = None if prompt is None else prompt.maximum
    return None if limit is None or limit >= LONGEST_STRING else int(limit)
