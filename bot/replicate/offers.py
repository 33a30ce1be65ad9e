"""An input as an option of the command, or the reason why it is none. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.domain.command import LARGEST_NUMBER, LONGEST_STRING, MOST_CHOICES
from bot.domain.generation import Value
from bot.domain.model import Choice, Kind, Option
from bot.replicate.medium import PICTURES
from bot.replicate.naming import about, option_name
from bot.replicate.roles import is_file
from bot.replicate.schema import Input
from bot.text import shorten, units, visible

#: Discord's limit on a choice: its name, and its value where that is a text.
CHOICE_LENGTH = 100
#: Texts that lead elsewhere: weights, LoRA, checkpoints, addresses, files.
_ELSEWHERE = re.compile(
    r"lora|weights?$|weights?_|(?:^|_)(?:url|uri|link|path|repo|checkpoint|ckpt|civitai|hf|host"
    r"|endpoint|webhook|safetensors|huggingface|embeddings?)s?(?:_|\d|$)|url$|hub_model|model_id",
    re.IGNORECASE,
)
_SAYS_ELSEWHERE = re.compile(
    r"https?://|\burls?\b|hugging ?face|civitai|\bloras?\b|safetensors|\blink to\b|base64",
    re.IGNORECASE,
)
#: Texts that are nobody's to fill in: whose name says a credential, a person, or code.
_SECRETS = re.compile(r"token$|api_?key|(?:^|_)key$|secret|passw|credential", re.IGNORECASE)
_PERSONS = re.compile(r"^user(?:_?id|name)?$|^email$", re.IGNORECASE)
_CODE = re.compile(r"json|yaml|xml|(?:^|_)(?:regex|script|workflow|config)(?:_|$)", re.IGNORECASE)
_FORMAT = re.compile(r"(?:^|_)(?:format|extension|file_?type)$", re.IGNORECASE)


class NotOffered(Exception):
    """Why an input is no option, in words."""


def option(each: Input, taken: Collection[str], *, listed: bool = False) -> Option:
    """Make an option of an input; `listed`: the operator wants it, wherever it leads.

    Raises `NotOffered`.
    """
    kind = _kind(each, listed=listed)
    choices = _choices(each, kind)
    least, most = (None, None) if choices else _bounds(each, kind)
    default = _default(each, kind, choices)
    return Option(
        name=option_name(each.name, taken),
        input=each.name,
        kind=kind,
        description=about(each.description, each.name),
        choices=choices,
        default=default,
        minimum=least,
        maximum=most,
        required=each.required and default is None,
    )


def default_of(each: Input) -> Value | None:
    """The input's default, if its own schema takes it."""
    if each.is_list or each.kind is None:
        return None if each.is_list else each.default
    if each.choices is not None:
        return each.default if each.default in each.choices else None
    return _default(each, each.kind, ())


def _kind(each: Input, *, listed: bool) -> Kind:
    if each.secret or (each.kind is Kind.STRING and _SECRETS.search(each.name)):
        raise NotOffered("a secret")
    if not each.name:
        raise NotOffered("it has no name")
    if each.is_list:
        raise NotOffered("files cannot be attached there" if is_file(each) else "it takes a list")
    if each.kind is None:
        raise NotOffered("it takes neither text, number nor yes and no")
    if each.kind is not Kind.STRING or each.choices is not None:
        return each.kind
    if is_file(each) and not listed:
        raise NotOffered("one picture can be attached, and this is a further file")
    _check_text(each, listed=listed)
    return each.kind


def _check_text(each: Input, *, listed: bool) -> None:
    if each.format and not is_file(each):
        raise NotOffered(f"text of the form {shorten(visible(each.format), 30)}")
    if each.pattern:
        raise NotOffered("its text must match a pattern, which Discord cannot ask for")
    if not listed and (_ELSEWHERE.search(each.name) or _SAYS_ELSEWHERE.search(each.description)):
        raise NotOffered("it leads to weights or an address: offered only if the operator lists it")
    if not listed and _PERSONS.search(each.name):
        raise NotOffered("it names a person to the provider")
    if not listed and _CODE.search(each.name):
        raise NotOffered("it takes code")
    longest = LONGEST_STRING if each.maximum is None else min(each.maximum, LONGEST_STRING)
    if longest < 1 or (each.minimum or 0) > longest:
        raise NotOffered("no text is of the length it wants")


def _choices(each: Input, kind: Kind) -> tuple[Choice, ...]:
    if each.choices is None:
        return _multiples(each, kind)
    if kind is Kind.BOOLEAN:
        if {True, False} <= {c for c in each.choices if isinstance(c, bool)}:
            return ()
        raise NotOffered("it has a single value")
    found: dict[str, Choice] = {}
    for value in each.choices:
        label = shorten(visible(str(value)), CHOICE_LENGTH)
        if label and _fits(value, kind, each):
            whole = int(value) if kind is Kind.INTEGER else value
            found.setdefault(label, Choice(whole, label))
    if not found:
        raise NotOffered("none of its values fits Discord's 100 characters and its own limits")
    if _FORMAT.search(each.name):
        shown = [c for c in found.values() if str(c.value).lower().lstrip(".") in PICTURES]
        return tuple(shown or found.values())
    return tuple(found.values())


def _fits(value: Value, kind: Kind, each: Input) -> bool:
    """Of its kind, within its limits, and short enough."""
    length: float
    if isinstance(value, str):
        length = len(value)
        fits = units(value) <= CHOICE_LENGTH and bool(value.strip())
    else:
        length = value
        fits = not isinstance(value, bool) and kind is not Kind.STRING
        fits = fits and (kind is Kind.NUMBER or float(value).is_integer())
        fits = fits and (not each.step or value % each.step == 0)
    below = each.minimum is not None and length < each.minimum
    above = each.maximum is not None and length > each.maximum
    return fits and isinstance(value, str) is (kind is Kind.STRING) and not below and not above


def _multiples(each: Input, kind: Kind) -> tuple[Choice, ...]:
    """Of a number in steps, which Discord does not know, as many values as it shows."""
    step = each.step
    if (
        kind not in (Kind.INTEGER, Kind.NUMBER)
        or step is None
        or (kind is Kind.INTEGER and step == 1)
    ):
        return ()
    if step <= 0 or not float(step).is_integer() or each.minimum is None or each.maximum is None:
        raise NotOffered("it takes steps that Discord cannot ask for")
    whole = int(step)
    first, last = -(-int(each.minimum) // whole), int(each.maximum) // whole
    stride = max(1, -(-(last - first + 1) // (MOST_CHOICES - 1)))
    values = {number * whole for number in range(first, last + 1, stride)}
    if isinstance(each.default, int) and each.minimum <= each.default <= each.maximum:
        values |= {each.default} if each.default % whole == 0 else set()
    within = sorted(v for v in values if each.minimum <= v <= each.maximum)
    if not within:
        raise NotOffered("its range is empty")
    return tuple(Choice(value, str(value)) for value in within)


def _bounds(each: Input, kind: Kind) -> tuple[float | None, float | None]:
    least, most = each.minimum, each.maximum
    if kind is Kind.STRING:
        return least or None, most if most is not None and most < LONGEST_STRING else None
    if kind is Kind.BOOLEAN:
        return None, None
    least = least if least is None or least >= -LARGEST_NUMBER else None
    most = most if most is None or most <= LARGEST_NUMBER else None
    beyond = (least or 0) > LARGEST_NUMBER or (most or 0) < -LARGEST_NUMBER
    if beyond or (least is not None and most is not None and least > most):
        raise NotOffered("its range is empty, or beyond Discord's numbers")
    return least, most


def _default(each: Input, kind: Kind, choices: tuple[Choice, ...]) -> Value | None:
    """The model's own, where it is a value that it would take itself; no text is none."""
    value = each.default if each.default != "" else None
    if choices:
        return next((c.value for c in choices if c.value == value), None)
    if value is None or isinstance(value, bool) is not (kind is Kind.BOOLEAN):
        return None
    if isinstance(value, str) is not (kind is Kind.STRING):
        return None
    if isinstance(value, float) and kind is Kind.INTEGER:
        value = int(value) if value.is_integer() else None
    size = len(value) if isinstance(value, str) else value
    least, most = each.minimum, each.maximum
    outside = (
        size is not None
        and kind is not Kind.BOOLEAN
        and ((least is not None and size < least) or (most is not None and size > most))
    )
    stepped = not each.step or not isinstance(size, int | float) or size % each.step == 0
    return None if outside or (kind in (Kind.INTEGER, Kind.NUMBER) and not stepped) else value
