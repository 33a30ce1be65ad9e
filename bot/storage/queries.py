"""SQL by name: a file of statements, each below its `-- name: …`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_EARLIER = re.compile(r"\(\{(\w+)\}\)")


def load(*files: Path) -> Mapping[str, str]:
    """The statements in the files, by their names; of two with one name, the later.

    `({name})` in one of them stands for an earlier one.
    """
    _, *parts = _NAME.split("\n".join(file.read_text(encoding="utf-8") for file in files))
    statements: dict[str, str] = {}
    for name, statement in zip(parts[::2], parts[1::2], strict=True):
        statements[name] = _EARLIER.sub(lambda gap: f"({statements[gap[1]].strip()})", statement)
    return statements


def array(values: Iterable[object]) -> str:
    """A list as one parameter, for `json_each`."""
    return json.dumps(list(values))
