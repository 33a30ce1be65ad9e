"""SQL by name: a file of statements, each below its `-- name: …`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

_NAME = "\n-- name: "
_EARLIER = re.compile(r"\(\{(\w+)\}\)")


def load(*files: Path) -> Mapping[str, str]:
    """The statements in the files, by their names; of two with one name, the later.

    `({name})` in one of them stands for an earlier one.
    """
    statements: dict[str, str] = {}
    text = "".join(f"\n{file.read_text(encoding='utf-8')}" for file in files)
    for part in text.split(_NAME)[1:]:
        name, _, statement = part.partition("\n")
        statements[name] = _EARLIER.sub(lambda gap: f"({statements[gap[1]].strip()})", statement)
    return statements


def array(values: Iterable[object]) -> str:
    """A list as one parameter, for `json_each`."""
    return json.dumps(list(values))
