"""Which input is the prompt, the picture, the seed, the count: stated tables. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from bot.domain.command import LARGEST_NUMBER, MOST_IMAGES
from bot.domain.model import Kind, Number, Pictures
from bot.replicate.schema import Input

#: The prompt's names, the likeliest first; where none is there, any free text named "…prompt…",
#: and then the only text that must be given.
PROMPTS = (
    *("prompt", "text_prompt", "prompt_text", "positive_prompt", "input_prompt", "main_prompt"),
    *("user_prompt", "image_prompt_text", "edit_prompt", "target_prompt", "edit_instruction"),
    *("instruction", "instructions", "text", "input_text", "caption", "prompts", "query"),
    *("description", "message", "concept", "subject"),
)
#: Texts beside the prompt, though their names say prompt.
_NO_PROMPT = re.compile(
    r"neg|n_prompt|a_prompt|system|template|suffix|prefix|style|strength|upsampl|refin|source"
    r"|inpaint|additional|face|mask|second|2|llm|enhance",
    re.IGNORECASE,
)
#: The picture's names, the likeliest first, a file that must be given before any that may; where
#: none is there, the first that must be given, then the first whose name says picture.
PICTURES = (
    *("image", "input_image", "image_input", "input_images", "images", "image_prompt", "img"),
    *("init_image", "source_image", "reference_image", "reference_images", "main_face_image"),
    *("image_path", "input_img", "image_file", "start_image", "base_image", "subject_image"),
)
_PICTURE_WORDS = re.compile(r"image|img|photo|picture|portrait|face|sketch|drawing", re.IGNORECASE)
#: Files that are never the picture to start from.
_NO_PICTURE = re.compile(
    r"mask|audio|video|sound|voice|weight|lora|zip|csv|json|pdf|3d|mesh|model(?!_image)|embedding",
    re.IGNORECASE,
)
#: Pictures that guide and are not changed: taken where they must be given, else not.
_GUIDES = re.compile(
    r"control|pose|depth|canny|style|background|ref(?!erence)|adapter|end_|tail|last", re.IGNORECASE
)
SEEDS = ("seed", "random_seed", "image_seed", "noise_seed", "generation_seed")
COUNTS = (
    *("num_outputs", "number_of_images", "num_images", "num_images_per_prompt", "n_images"),
    *("number_of_outputs", "image_number", "num_samples", "n_samples", "image_count", "nb_images"),
    *("samples", "batch_size", "batch_count", "max_images", "n", "images_per_prompt"),
)
#: Counts that only count while another input says so: several predictions are bought instead.
UNRELIABLE = {"max_images": "sequential_image_generation"}
#: Where the schema sets no limit: seeds that every random generator takes (signed 32 bits).
LARGEST_SEED = 2**31 - 1
#: Characters of a signed address, with room to spare.
SIGNED = 1_000
#: Of a list without a limit of its own; as many as a person may ask for.
MOST_PICTURES = MOST_IMAGES


def is_file(each: Input) -> bool:
    """A file's address, or a list of them; not one of a few, nor a short one."""
    long = each.maximum is None or each.maximum >= SIGNED
    anyone = each.is_list or (each.kind is Kind.STRING and long)
    return each.format == "uri" and anyone and each.choices is None and not each.secret


def is_text(each: Input) -> bool:
    """Any text, without a list of values or a form of its own."""
    plain = each.kind is Kind.STRING and each.choices is None and not each.is_list
    return plain and not each.format and not each.pattern and not each.secret


def prompt(inputs: Sequence[Input]) -> Input | None:
    texts = [each for each in inputs if is_text(each) and (each.minimum or 0) <= 1]
    texts = [each for each in texts if each.maximum is None or each.maximum >= 1]
    if found := _named(texts, PROMPTS):
        return found
    saying = (e for e in texts if "prompt" in e.name.lower() and not _NO_PROMPT.search(e.name))
    if found := next(saying, None):
        return found
    required = [each for each in texts if each.required and not _NO_PROMPT.search(each.name)]
    return required[0] if len(required) == 1 else None


def picture(inputs: Sequence[Input]) -> Input | None:
    files = [each for each in inputs if is_file(each)]
    likely = [each for each in files if not _NO_PICTURE.search(each.name)]
    required = [each for each in likely if each.required]
    if found := _named(required, PICTURES) or next(iter(required), None):
        return found
    if found := _named(likely, PICTURES):
        return found
    guiding = (e for e in likely if not _GUIDES.search(e.name))
    return next((e for e in guiding if _PICTURE_WORDS.search(e.name)), None)


def pictures(each: Input) -> Pictures:
    most = 1
    if each.is_list:
        most = max(
            1, int(MOST_PICTURES if each.maximum is None else min(each.maximum, MOST_PICTURES))
        )
    return Pictures(each.name, is_list=each.is_list, required=each.required, most=most)


def seed(inputs: Sequence[Input]) -> Input | None:
    return _named([each for each in inputs if _is_number(each)], SEEDS)


def seeds(each: Input) -> Number:
    """The seeds to offer: not below 0, which means "any" to the models that take it."""
    most = LARGEST_SEED if each.maximum is None else math.floor(min(each.maximum, LARGEST_NUMBER))
    least = min(0, most) if each.minimum is None else math.ceil(max(each.minimum, -LARGEST_NUMBER))
    return Number(each.name, max(least, 0) if most >= 0 else least, most)


def counts(inputs: Sequence[Input]) -> list[Input]:
    """Every input that says how many images to make; the first is the count."""
    names = {each.name.lower() for each in inputs}
    ranked = sorted(
        (each for each in inputs if each.name.lower() in COUNTS),
        key=lambda each: COUNTS.index(each.name.lower()),
    )
    return [e for e in ranked if e.kind is not None and UNRELIABLE.get(e.name.lower()) not in names]


def most_images(each: Input) -> int:
    """How many images one prediction makes when asked for 1, 2, 3 …; at most MOST_IMAGES."""
    most = 0
    while most < MOST_IMAGES and allows(each, most + 1):
        most += 1
    return most if each.kind in (Kind.INTEGER, Kind.NUMBER) else 0


def allows(each: Input, value: float) -> bool:
    """Whether the schema takes this number."""
    if each.choices is not None:
        return any(not isinstance(c, bool) and c == value for c in each.choices)
    least, most = each.minimum, each.maximum
    stepped = each.step is None or value % each.step == 0
    return stepped and (least is None or value >= least) and (most is None or value <= most)


def _is_number(each: Input) -> bool:
    plain = each.kind in (Kind.INTEGER, Kind.NUMBER) and each.choices is None
    least, most = each.minimum, each.maximum
    some = least is None or most is None or math.ceil(least) <= math.floor(most)
    return plain and each.step in (None, 1) and some


def _named(inputs: Iterable[Input], names: Sequence[str]) -> Input | None:
    known = [each for each in inputs if each.name.lower() in names]
    return min(known, key=lambda each: names.index(each.name.lower()), default=None)
