"""Inputs that set the model's own safety: how they are recognised, what becomes of them. Pure.

What may only be on or off is always on (`Model.fixed`). What has degrees is offered within the
channel's floor (`Model.safeguards`). What speaks of safety and is not understood is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain import Value
from bot.model import Choice, Kind, Level, Safeguard
from bot.replicate.schema import Input
from bot.text import shorten

#: An input of such a name is about safety, whatever its description says.
ABOUT_SAFETY = re.compile(
    r"safe(?:ty|guard)|nsfw|moderat|censor|content_?filter|adult|explicit|toxic|sfw|nudity|(?:^|_)sc$",
    re.IGNORECASE,
)
#: A description that mentions it, for names that do not.
_SAYS_SAFETY = re.compile(
    r"safety (?:check|filter|setting|toleran|level)|nsfw|content (?:moderation|filter)"
    r"|\bmoderation\b|uncensored|unfiltered|adult content",
    re.IGNORECASE,
)
#: Of a truth: this word in the name means that True weakens; any other safety input is a guard
#: that True turns on, if its name says so.
_WEAKENS = re.compile(
    r"disable|skip|bypass|(?:^|_)(?:no|without|allow|permit|ignore|turn_?off|remove|show)(?:_|$)"
    r"|uncensor|unsafe|allow_?nsfw|(?:^|_)off(?:_|$)",
    re.IGNORECASE,
)
_GUARDS = re.compile(
    r"enable|check|filter|detect|moderat|guard|block|hide|blur|safety|censor|safe_mode|(?:^|_)sfw",
    re.IGNORECASE,
)
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
#: Whole numbers that rise from strict to lenient.
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
    weakens = bool(_WEAKENS.search(each.name))
    if each.is_list or not (weakens or _GUARDS.search(each.name)):
        return None
    if each.kind is Kind.BOOLEAN:
        return not weakens if each.choices is None or (not weakens) in each.choices else None
    spoken = {str(choice).lower(): choice for choice in each.choices or ()}
    if not spoken or not set(spoken) <= {*_YES, *_NO}:
        return None
    return next((spoken[word] for word in (_NO if weakens else _YES) if word in spoken), None)


def safeguard(each: Input) -> Safeguard | None:
    """The three degrees of what has degrees."""
    name = each.name.lower()
    if name in TOLERANCES and each.kind is Kind.INTEGER:
        return _tolerance(each)
    if name in DEGREES and each.choices and each.kind is Kind.STRING:
        return _degrees(each, DEGREES[name])
    return None


def _tolerance(each: Input) -> Safeguard | None:
    numbers = [c for c in each.choices or () if isinstance(c, int) and not isinstance(c, bool)]
    least = min(numbers, default=each.minimum)
    most = max(numbers, default=each.maximum)
    if least is None or most is None or not least < most:
        return None
    strict, lenient, default = int(least), int(most), each.default
    limit = _PICTURE_LIMIT.search(each.description)
    between = int(limit[1]) if limit else default
    if isinstance(between, bool) or not isinstance(between, int) or not strict < between < lenient:
        between = (strict + lenient) // 2
    if numbers and between not in numbers:
        between = strict
    values = (strict, between, lenient)
    beside = Level.MEDIUM if limit else Level.LENIENT
    return _made(each, values, beside)


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
    return isinstance(default, int) and isinstance(value, int) and default > value


def _choice(value: Value, level: Level) -> Choice:
    """A number says nothing to a person; a word does."""
    words = str(value).replace("_", " ")
    return Choice(value, words if isinstance(value, str) else f"{words}: {level.name.lower()}")
