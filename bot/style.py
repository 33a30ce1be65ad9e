"""A server's own words around a prompt. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """A server's words around a prompt, shown to everybody with each image made in it."""

    name: str
    prefix: str = ""
    suffix: str = ""

    def around(self, prompt: str) -> str:
        return " ".join(part for part in (self.prefix, prompt, self.suffix) if part)
