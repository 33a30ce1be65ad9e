"""What goes wrong for a person in the playground."""

from __future__ import annotations


class WorldError(Exception):
    """Something a person cannot do here; the text is a sentence for that person."""
