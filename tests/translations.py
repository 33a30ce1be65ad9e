"""Bring the catalogues up to the code: `python -m tests.translations`.

New sentences are added without a translation, those that nobody says any more are taken away.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from bot.language import FOLDER
from tests.sentences import marked

WIDTH = 100


def template() -> Catalog:
    """What the code says, in the order of the alphabet: merges stay small."""
    said = {(each.sentence, each.plural) for each in marked() if each.sentence is not None}
    found = Catalog()
    for sentence, plural in sorted(said):
        found.add((sentence, plural) if plural else sentence)
    return found


def bring_up(path: Path, code: Catalog) -> None:
    with path.open("rb") as old:
        catalogue = read_po(old)
    catalogue.update(code, no_fuzzy_matching=True, update_creation_date=False)
    with path.open("wb") as new:
        write_po(new, catalogue, width=WIDTH, ignore_obsolete=True)


if __name__ == "__main__":
    for each in sorted(FOLDER.glob("*.po")):
        bring_up(each, template())
