"""What the small Replicate's text model writes: the same prompt, longer; always the same."""

from __future__ import annotations

_MORE = "soft morning light, calm colours, a balanced composition and fine detail"


def improved(asked: str) -> list[str]:
    """In pieces, as text models answer; the prompt is what stands in the last line."""
    prompt = asked.strip().rpartition("\n")[2].rstrip(" .")
    words = f"{prompt}, {_MORE}".split(" ")
    return [words[0], *(f" {word}" for word in words[1:])]
