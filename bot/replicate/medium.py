"""Whether a model makes pictures, going by its schema. Pure.

By its output schema and, where the API shows an example, by that example's file; the words of the
schema cannot tell a picture from a film.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from bot.replicate.keywords import Resolver

#: What `bot.pictures.images` can read.
PICTURES = frozenset({"png", "jpg", "jpeg", "webp", "gif"})
#: Files that certainly are something else; an unknown or absent extension says nothing.
OTHERS = frozenset(
    (
        *("mp4", "mov", "webm", "avi", "mkv", "mp3", "wav", "flac", "ogg", "m4a", "mid", "midi"),
        *("glb", "gltf", "obj", "ply", "stl", "fbx", "usdz", "splat", "zip", "tar", "gz", "svg"),
        *("json", "txt", "csv", "pdf", "safetensors", "pth", "pt", "npy", "npz", "srt", "vtt"),
        *("avif", "heic", "bmp", "tif", "tiff", "exr", "psd"),
        *("html", "md", "xml", "onnx", "bin", "pkl"),
    )
)
#: Inputs that only films and sounds have.
_MOVING = re.compile(
    r"^(?:fps|frame_?rate|num_frames|n_frames|max_frames|video\w*|\w+_video|audio\w*|\w+_audio"
    r"|motion\w*|bpm|song\w*|lyrics|voice\w*|speaker\w*|duration\w*|\w+_seconds)$",
    re.IGNORECASE,
)
#: Words of a model's name and description; they count only where nothing speaks for a picture:
#: no example, none of the words below, no input that asks for several.
_OTHER_WORDS = re.compile(
    r"video|music|speech|audio|song|\b3d\b|mesh|\bsvg\b|\btts\b|transcri|point cloud",
    re.IGNORECASE,
)
_PICTURE_WORDS = re.compile(r"image|picture|photo|illustrat|upscal|\bart\b", re.IGNORECASE)
_SEVERAL = re.compile(
    r"(?:num|number_of|n)_(?:outputs|images|samples)|negative_prompt", re.IGNORECASE
)
_DEPTH = 4
_WORDS_LIMIT = 2_000


def trouble(
    model: Mapping[str, object], resolver: Resolver, output: object, inputs: Sequence[str]
) -> str:
    """Why what it makes is no picture, or ""."""
    leaves = set(_leaves(resolver, output, _DEPTH))
    example = model.get("default_example")
    made = list(_texts(example.get("output") if isinstance(example, Mapping) else None, _DEPTH))
    shown = [_extension(text) for text in made if _is_address(text)]
    addresses = bool(shown) and len(shown) == len(made)
    if "uri" not in leaves and not (leaves <= {"text", ""} and addresses):
        kinds = " and ".join(sorted(leaves - {""})) or "of no known kind"
        return f"it makes no picture: its output is {kinds}"
    if shown and shown[0] in PICTURES:
        return ""
    others = [extension for extension in shown if extension in OTHERS]
    if others:
        return f"it makes no picture we can show: its example is a .{others[0]} file"
    return "" if shown else _seeming(model, inputs)


def _seeming(model: Mapping[str, object], inputs: Sequence[str]) -> str:
    """Where no example shows: what its inputs and its own words say."""
    moving = next((name for name in inputs if _MOVING.match(name)), None)
    if moving is not None:
        return f"it seems to make film or sound, since it takes {moving}; no example shows"
    about = f"{model.get('name')} {model.get('description')}"[:_WORDS_LIMIT]
    several = any(_SEVERAL.match(name) for name in inputs)
    said = None if several or _PICTURE_WORDS.search(about) else _OTHER_WORDS.search(about)
    if said:
        return (
            f"it seems to make no picture, since it speaks of {said[0].lower()}; no example shows"
        )
    return ""


def _leaves(resolver: Resolver, schema: object, depth: int) -> Iterator[str]:
    """The kinds of what the output holds: "uri", or a type."""
    if depth == 0:
        return
    found = resolver.flat(schema)
    members = found.get("properties")
    if found.get("format") == "uri":
        yield "uri"
    elif isinstance(members, Mapping):
        for member in members.values():
            yield from _leaves(resolver, member, depth - 1)
    elif "items" in found:
        yield from _leaves(resolver, found["items"], depth - 1)
    else:
        type_ = found.get("type")
        yield {"string": "text"}.get(type_, type_) if isinstance(type_, str) else ""


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth > 0 and isinstance(value, list | Mapping):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item, depth - 1)


def _is_address(text: str) -> bool:
    return text[:8].lower().startswith(("https://", "http://", "data:"))


def _extension(address: str) -> str:
    if address[:11].lower() == "data:image/":
        return "png"
    try:
        name = urlsplit(address).path.rpartition("/")[2]
    except ValueError:
        return ""
    return name.rpartition(".")[2].lower() if "." in name else ""
