"""`make docs`: write what comes from the code into docs/. `--quick`: only what is instant."""

from __future__ import annotations

import asyncio
import sys

from tests.documents.generated import AT_ONCE, PERFORMED, Place, page
from tests.documents.pages import DOCS, written


async def perform() -> None:
    for place, write in PERFORMED.items():
        _put(place, await write())


def _put(place: Place, content: str) -> None:
    before = page(place)
    after = written(before, place[1], content)
    (DOCS / place[0]).write_text(after, encoding="utf-8")
    if after != before:
        sys.stdout.write(f"docs/{place[0]}: {place[1]} has changed\n")


if __name__ == "__main__":
    for each, table in AT_ONCE.items():
        _put(each, table())
    if "--quick" not in sys.argv:
        asyncio.run(perform())
