"""The models that the small Replicate sells, and what their inputs must look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

#: A complaint is (type, field, description), as in Replicate's `invalid_fields`.
Complaint = tuple[str, str, str]

#: What an input is once it was accepted.
Input: TypeAlias = Mapping[str, str | int]

_WEBHOOK_KEYS = frozenset({"webhook", "webhook_events_filter"})
_KEYS = frozenset({"input", "stream"}) | _WEBHOOK_KEYS
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "aspect_ratio": ("1:1", "9:16", "16:9", "3:4", "4:3"),
    "output_format": ("jpg", "png"),
    "safety_filter_level": ("block_low_and_above", "block_medium_and_above", "block_only_high"),
}
#: Of each input; where a model does not take it, the first of its own.
_DEFAULTS = {
    "aspect_ratio": "1:1",
    "output_format": "jpg",
    "safety_filter_level": "block_only_high",
}

#: Makes up to four images at once, and answers with a list even of one.
FLUX = "black-forest-labs/flux-schnell"
#: Models that take a picture: by which input, and whether that is a list.
PICTURES: Mapping[str, tuple[str, bool]] = {
    "black-forest-labs/flux-kontext-pro": ("input_image", False),
    "google/nano-banana": ("image_input", True),
}
#: Writes instead of drawing: it makes prompts longer.
TEXT = "meta/meta-llama-3-8b-instruct"
_RATIOS = ("1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21")
#: What the models that are not Google's Imagen take instead.
_OTHERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    TEXT: {},
    FLUX: {"aspect_ratio": _RATIOS, "output_format": ("webp", "jpg", "png")},
    **{
        name: {"aspect_ratio": ("match_input_image", *_RATIOS), "output_format": ("jpg", "png")}
        for name in PICTURES
    },
}
MODELS = frozenset(
    {"google/imagen-4-ultra", "google/imagen-4", "google/imagen-4-fast", FLUX, TEXT}
    | PICTURES.keys()
)
#: Of `num_outputs`, as at Replicate.
_MOST_OUTPUTS = 4
_COUNT: Mapping[str, object] = {
    "type": "integer",
    "title": "Num Outputs",
    "description": "Number of outputs to generate",
    "default": 1,
    "minimum": 1,
    "maximum": _MOST_OUTPUTS,
}


def _choices(model: str) -> Mapping[str, tuple[str, ...]]:
    return _OTHERS.get(model, _CHOICES)


def _default(key: str, choices: tuple[str, ...]) -> str:
    return _DEFAULTS[key] if _DEFAULTS[key] in choices else choices[0]


def model_body(name: str) -> dict[str, object]:
    """What `GET /models/{owner}/{name}` answers: the schema of the inputs above."""
    properties: dict[str, object] = {
        "prompt": {"type": "string", "title": "Prompt", "description": "What to draw", "x-order": 0}
    }
    enums: dict[str, object] = {}
    for order, (key, choices) in enumerate(_choices(name).items(), start=1):
        reference = {"$ref": f"#/components/schemas/{key}"}
        default = _default(key, choices)
        properties[key] = {"allOf": [reference], "default": default, "x-order": order}
        enums[key] = {"type": "string", "title": key, "description": "", "enum": list(choices)}
    output: dict[str, object] = {"type": "string", "title": "Output", "format": "uri"}
    if name == FLUX:
        properties["num_outputs"] = {**_COUNT, "x-order": len(properties)}
        output = {"type": "array", "title": "Output", "items": {"type": "string", "format": "uri"}}
    if name == TEXT:
        pieces = {"x-cog-array-type": "iterator", "x-cog-array-display": "concatenate"}
        output = {"type": "array", "title": "Output", "items": {"type": "string"}, **pieces}
    if name in PICTURES:
        key, several = PICTURES[name]
        uri = {"type": "string", "format": "uri"}
        kind = {"type": "array", "items": uri, "default": []} if several else uri
        properties[key] = {**kind, "title": key, "x-order": len(properties)}
    return _body(name, properties, output, enums)


def _body(
    name: str,
    properties: dict[str, object],
    output: dict[str, object],
    enums: dict[str, object],
) -> dict[str, object]:
    owner, _, short = name.partition("/")
    schemas: dict[str, object] = {
        "Input": {
            "type": "object",
            "title": "Input",
            "required": ["prompt"],
            "properties": properties,
        },
        "Output": output,
        **enums,
    }
    version = {"id": "hidden", "openapi_schema": {"components": {"schemas": schemas}}}
    return {
        "owner": owner,
        "name": short,
        "url": f"https://replicate.com/{name}",
        "description": "A placeholder that draws pictures from words",
        "visibility": "public",
        "default_example": None,
        "latest_version": version,
    }


def complaints(body: object, model: str, *, webhooks: bool = True) -> list[Complaint]:
    """Everything that is wrong with the body of a create; unknown inputs are ignored."""
    if not isinstance(body, Mapping):
        return [("invalid_type", "", "Invalid type. Expected: object")]
    found = [
        ("additional_property_not_allowed", "", f"Additional property {key} is not allowed")
        for key in body
        if key not in _KEYS or (key in _WEBHOOK_KEYS and not webhooks)
    ]
    given = body.get("input")
    if not isinstance(given, Mapping):
        return [*found, ("required", "", "input is required")]
    return found + _input_complaints(given, model)


def chosen(given: Mapping[str, object], model: str) -> dict[str, str | int]:
    """An input without complaints, with the defaults filled in."""
    known: dict[str, str | int] = {
        key: str(given[key]) for key in ("prompt", *_choices(model)) if key in given
    }
    count = given.get("num_outputs")
    if model == FLUX and isinstance(count, int):
        known["num_outputs"] = count
    defaults = {key: _default(key, choices) for key, choices in _choices(model).items()}
    return {**defaults, **known}


def _input_complaints(given: Mapping[str, object], model: str) -> list[Complaint]:
    found: list[Complaint] = []
    if "prompt" not in given:
        found.append(("required", "input", "prompt is required"))
    elif not isinstance(given["prompt"], str):
        found.append(("invalid_type", "input.prompt", "Invalid type. Expected: string"))
    count = given.get("num_outputs", 1)
    if not isinstance(count, int) or not 1 <= count <= _MOST_OUTPUTS:
        words = f"Must be an integer from 1 to {_MOST_OUTPUTS}"
        found.append(("number", "input.num_outputs", words))
    for key, choices in _choices(model).items():
        if key in given and given[key] not in choices:
            listed = ", ".join(f'"{choice}"' for choice in choices)
            words = f"{key} must be one of the following: {listed}"
            found.append(("enum", f"input.{key}", words))
    return found
