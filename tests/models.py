"""Models as tests need them: small, and unlike one another."""

from __future__ import annotations

from bot.domain.model import (
    Ability,
    Choice,
    Kind,
    Level,
    Model,
    Number,
    Option,
    Pictures,
    Safeguard,
)


def listed(*values: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, value) for value in values)


#: Makes up to four images itself, takes a seed and figures, and a tolerance instead of a filter.
QUICK = Model(
    name="maker/quick",
    title="Quick",
    abilities=frozenset({Ability.GENERATE}),
    prompt="prompt",
    options=(
        Option("aspect_ratio", "aspect_ratio", Kind.STRING, "Shape", listed("1:1", "21:9"), "1:1"),
        Option("steps", "num_inference_steps", Kind.INTEGER, "Steps", (), 4, 1, 8),
        Option("negative_prompt", "negative_prompt", Kind.STRING, "What not to show"),
        Option("go_fast", "go_fast", Kind.BOOLEAN, "Faster", (), True),
    ),
    seed=Number("seed", 0, 2**31 - 1),
    count=Number("num_outputs", 1, 4),
    safeguards=(
        Safeguard(
            "safety_tolerance",
            "How much it lets through",
            (Choice(1, "1"), Choice(2, "2"), Choice(6, "6")),
            Level.MEDIUM,
            Level.MEDIUM,
        ),
    ),
    fixed={"disable_safety_checker": False},
    outputs=4,
)
#: Only changes pictures.
RETOUCH = Model(
    name="maker/retouch",
    title="Retouch",
    abilities=frozenset({Ability.EDIT}),
    prompt="instruction",
    pictures=Pictures("input_image", required=True),
)
#: Enlarges, and varies, without words.
LARGER = Model(
    name="maker/larger",
    title="Larger",
    abilities=frozenset({Ability.UPSCALE}),
    prompt=None,
    pictures=Pictures("image", required=True),
)
LIKE = Model(
    name="maker/like",
    title="Like it",
    abilities=frozenset({Ability.VARY}),
    prompt=None,
    pictures=Pictures("redux_image", required=True),
)
