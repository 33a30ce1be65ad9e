"""What it takes to screen a prompt: by many words and patterns, and by the floor alone.

`python -m bench.screening` prints milliseconds of this process's own time for one text of 2,000
characters, the median and the worst of many, each of them new to the rules: plain English-like
text, and text in which every tenth word has digits, accents or signs in it.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from statistics import median

from rich.console import Console
from rich.table import Table

from bot.domain.rule import Kind, Rule
from bot.policy import minors
from bot.policy.screening import Screen

CHARACTERS, TEXTS = 2_000, 100
WORDS, PATTERNS = 10_000, 1_000
_SEED = 20_26
_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnprstvwz"
#: A prompt has common words, of two syllables; rules are about rare ones, of four.
_COMMON, _TWO, _FOUR = 2_000, 2, 4
_DISGUISE = str.maketrans("aeo", "4ë0")


def main() -> None:
    chance = random.Random(_SEED)
    common = [_word(chance, _TWO) for _ in range(_COMMON)]
    words = [Rule(Kind.WORD, _word(chance, _FOUR)) for _ in range(WORDS)]
    patterns = [Rule(Kind.PATTERN, _pattern(chance)) for _ in range(PATTERNS)]
    began = time.process_time()
    all_of_them = Screen.of([*words, *patterns])
    compiled = (time.process_time() - began) * 1000
    screens = {
        "900 words, 100 patterns: a server's most": Screen.of([*words[:900], *patterns[:100]]),
        f"{WORDS:,} words": Screen.of(words),
        f"{WORDS:,} words, {PATTERNS:,} patterns": all_of_them,
    }
    gc.collect()
    gc.freeze()  # as the bot does once its rules are loaded
    table = Table("ms", "plain", "worst", "disguised", "worst")
    table.add_row("the floor", *_figures(lambda text: minors.refuses({"prompt": text}), common))
    for name, screen in screens.items():
        table.add_row(name, *_figures(_judge(screen), common))
    console = Console()
    console.print(table)
    console.print(f"{WORDS:,} words and {PATTERNS:,} patterns compiled in {compiled:.0f} ms")


def _judge(screen: Screen) -> Callable[[str], object]:
    return lambda text: screen.first([text])


def _figures(judge: Callable[[str], object], common: list[str]) -> list[str]:
    chance = random.Random(_SEED)
    shown = []
    for disguised in (False, True):
        judge(_text(chance, common, disguised=disguised))
        taken = []
        for _ in range(TEXTS):
            text = _text(chance, common, disguised=disguised)
            began = time.process_time()
            judge(text)
            taken.append((time.process_time() - began) * 1000)
        shown += [f"{median(taken):.2f}", f"{max(taken):.2f}"]
    return shown


def _text(chance: random.Random, common: list[str], *, disguised: bool) -> str:
    words = chance.choices(common, k=CHARACTERS // 5)
    if disguised:
        words[::10] = [word.translate(_DISGUISE) for word in words[::10]]
    return " ".join(words)[:CHARACTERS]


def _word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(syllables))


def _pattern(chance: random.Random) -> str:
    """Of the kinds that people write: two words with something between, spellings, figures."""
    one, other = _word(chance, _FOUR), _word(chance, _FOUR)
    kinds = (
        rf"{one}.*{other}",
        rf"\b{one[:4]}[{_VOWELS}]+{other[:3]}\w*",
        rf"(?:{one}|{other})\s+\d+",
        rf"{one[:5]}[\W_]*{one[5:]}",
    )
    return chance.choice(kinds)


if __name__ == "__main__":
    main()
