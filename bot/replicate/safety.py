"""Inputs that set the model's own safety: how they are recognised, what becomes of them. Pure.

What may only be on or off is always on (`Model.fixed`). What has degrees is offered within the
channel's floor (`Model.safeguards`). What speaks of safety and is not understood is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.generation import Value
from bot.domain.model import Choice, Kind, Level, Safeguard
from bot.replicate.naming import ABOUT_SAFETY
from bot.replicate.schema import Input
from bot.text import shorten

#: A description that mentions it, for names that do not.
_SAYS_SAFETY = re.compile(
    r"safety (?:check|filter|setting|toleran|level)|nsfw|content (?:moderation|filter)"
    r"|\bmoderation\b|uncensored|unfiltered|adult content",
    re.IGNORECASE,
)
#: What is on or off is named after a guard, which some word turns off, or after what is guarded
#: against, which some word lets through or keeps out. Any other name is not understood.
_GUARD = re.compile(
    r"check|filter|detect|moderat|guard|classif|safety|censor|safe_?mode|(?<!n)sfw|(?:^|_)sc$",
    re.IGNORECASE,
)
_OFF = re.compile(
    r"disable|skip|bypass|ignore|remove|without|turn_?off|(?:^|_)(?:no|off|not)(?:_|$)",
    re.IGNORECASE,
)
_BARE = re.compile(r"uncensor|unfilter|unsafe|unmoderat", re.IGNORECASE)
_CONTENT = re.compile(r"nsfw|adult|explicit|toxic|nudity", re.IGNORECASE)
_LETS = re.compile(r"allow|enable|permit|show|include|accept|(?:^|_)with_", re.IGNORECASE)
_KEEPS = re.compile(r"block|hide|blur|remove|reject|avoid|prevent|forbid|(?:^|_)no_", re.IGNORECASE)
#: Values with degrees, strictest first: per name, (strict, medium, lenient) candidates, the first
#: that the schema has is taken. What is more lenient than these is never offered.
DEGREES: Mapping[str, tuple[tuple[Value, ...], ...]] = {
    "safety_filter_level": (
        ("block_low_and_above", "block_most", "strict"),
        ("block_medium_and_above", "block_some", "medium"),
        ("block_only_high", "block_few"),
    ),
    "safety_setting": (
        ("block_low_and_above",),
        ("block_medium_and_above",),
        ("block_only_high",),
    ),
    "moderation": (("auto",), (), ("low",)),
    "safety_level": (("strict", "high"), ("medium", "moderate"), ("low", "lenient")),
    "moderation_level": (("strict", "high"), ("medium", "moderate"), ("low", "lenient")),
    "content_moderation": (("strict", "high", "auto"), ("medium",), ("low",)),
}
#: Whole numbers that rise from strict to lenient; beyond so many it is some other scale.
_MOST_STEPS = 100
TOLERANCES = ("safety_tolerance", "moderation_tolerance", "nsfw_tolerance")
#: "2 is currently the maximum allowed when input images are used", as FLUX.1 Kontext says.
_PICTURE_LIMIT = re.compile(r"(\d+) is (?:currently )?the maximum allowed when", re.IGNORECASE)

_YES, _NO = (
    ("yes", "true", "on", "enabled", "enable"),
    ("no", "false", "off", "disabled", "disable"),
)
LEFT = "it speaks of safety and is not understood: left at the model's default"


def concerns(each: Input) -> bool:
    return bool(ABOUT_SAFETY.search(each.name) or _SAYS_SAFETY.search(each.description))


def fixed(each: Input) -> Value | None:
    """The safe value of what is on or off; None where that is not known."""
    weakens = _weakens(each.name)
    if each.is_list or weakens is None:
        return None
    if each.kind is Kind.BOOLEAN:
        return not weakens if each.choices is None or (not weakens) in each.choices else None
    spoken = {str(choice).lower(): choice for choice in each.choices or ()}
    if not spoken or not set(spoken) <= {*_YES, *_NO}:
        return None
    return next((spoken[word] for word in (_NO if weakens else _YES) if word in spoken), None)


def _weakens(name: str) -> bool | None:
    """Whether "yes" lets more through, as far as the name tells."""
    if _BARE.search(name):
        return True
    if _GUARD.search(name):
        return bool(_OFF.search(name))
    if not _CONTENT.search(name) or bool(_LETS.search(name)) is bool(_KEEPS.search(name)):
        return None
    return bool(_LETS.search(name))


def safeguard(each: Input) -> Safeguard | None:
    """The three degrees of what has degrees; its name is the option's, so it must be one."""
    if each.name in TOLERANCES:
        return _tolerance(each)
    if each.name in DEGREES and each.choices and each.kind is Kind.STRING:
        return _degrees(each, DEGREES[each.name])
    return None


def _tolerance(each: Input) -> Safeguard | None:
    """The least and the most; between them what the description allows, the default, the middle."""
    steps = _steps(each)
    if len(steps) < 2:
        return None
    limit = _PICTURE_LIMIT.search(each.description)
    inner = steps[1:-1] or steps[:1]
    wanted = limit[1] if limit else str(each.default)
    between = next((step for step in inner if str(step) == wanted), inner[(len(inner) - 1) // 2])
    beside = Level.MEDIUM if limit else Level.LENIENT
    return _made(each, (steps[0], between, steps[-1]), beside)


def _steps(each: Input) -> list[Value]:
    """The whole numbers that it takes, in order; none where they are no scale."""
    if each.choices is not None:
        words = each.kind is Kind.STRING
        numbers = [c for c in each.choices if isinstance(c, str) is words and str(c).isdecimal()]
        return sorted(numbers, key=int)
    least, most = each.minimum, each.maximum
    if each.kind is not Kind.INTEGER or least is None or most is None or most - least > _MOST_STEPS:
        return []
    return list(range(int(least), int(most) + 1))


def _degrees(each: Input, degrees: tuple[tuple[Value, ...], ...]) -> Safeguard | None:
    """A degree that the schema has not is the next stricter one."""
    have = {str(choice).lower(): choice for choice in each.choices or ()}
    found: list[Value] = []
    for candidates in degrees:
        value = next((have[str(word)] for word in candidates if str(word) in have), None)
        if value is not None or found:
            found.append(found[-1] if value is None else value)
    if len(found) != len(degrees) or found[0] == found[-1]:
        return None
    return _made(each, (found[0], found[1], found[2]), Level.LENIENT)


def _made(each: Input, values: tuple[Value, Value, Value], beside: Level) -> Safeguard:
    """Without a default of its own, or with one between two degrees, the stricter holds."""
    default = Level.MEDIUM if each.default is None else Level.STRICT
    for level, value in zip(Level, values, strict=True):
        if each.default == value or _above(each.default, value):
            default = level
    strict, medium, lenient = map(_choice, values, Level)
    about = shorten(each.description, 100) or "How much the model's own safety lets through"
    return Safeguard(each.name, about, (strict, medium, lenient), default, beside)


def _above(default: object, value: object) -> bool:
    one, other = str(default), str(value)
    return one.isdecimal() and other.isdecimal() and int(one) > int(other)


def _choice(value: Value, level: Level) -> Choice:
    """A number says nothing to a person; a word does."""
    words = str(value).replace("_", " ")
    return Choice(value, words if isinstance(value, str) else f"{words}: {level.name.lower()}")
