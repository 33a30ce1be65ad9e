"""Tables of characters: what is invisible, what looks like what, which scripts have no spaces.

Look-alikes are the pairs of Unicode's confusables that common fonts cannot tell apart, of Latin,
Greek and Cyrillic only (https://www.unicode.org/reports/tr39/): what more would find, it would also
find in innocent words.
"""

from __future__ import annotations

import re
from bisect import bisect

# Default_Ignorable_Code_Point of Unicode, and control characters that are no white space.
_INVISIBLE = (
    (0x00, 0x08),
    (0x0E, 0x1F),
    (0x7F, 0x84),
    (0x86, 0x9F),
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x61C, 0x61C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
IGNORABLE: dict[int, None] = dict.fromkeys(
    point for first, last in _INVISIBLE for point in range(first, last + 1)
)

#: Letters drawn in another style that no writing uses, and that NFKC leaves alone.
STYLED: dict[int, int | str] = {
    **str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢɑɡ", "abcdefghijklmnopqrstuvwyzag"),
    **{first + n: chr(ord("a") + n) for first in (0x1F1E6, 0x1F150, 0x1F170) for n in range(26)},
}

LATIN = re.compile(r"[a-zA-Z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]")
GREEK_OR_CYRILLIC = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
#: Within a word that has Latin letters too.
LOOKALIKES = {
    **str.maketrans("АВЕЁЅІЇЈКМНОРСТУХԌԚԜЬ", "ABEESIIJKMHOPCTYXGQWb"),
    **str.maketrans("авеёѕіїјкмнорстухһԁԛԝӏьп", "abeesiijkmhopctyxhdqwlbn"),
    **str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
    **str.maketrans("αβεηικνορτυχγω", "abenikvoptuxyw"),
}

#: Marks that a reader of the script can do without: not the vowels of India and Thailand.
#: Compiled when first needed, as `DENSE_GAP`.
MARKS = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u0640\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
#: What has no accent to take off.
STROKES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "ɨ": "i"}
)

LEET_SYMBOLS = "@$!"
#: Two of them: a 1 is an i or an l, a ! as well.
LEET = (
    str.maketrans("013456789@$!", "oieasgtbgasi"),
    str.maketrans("013456789@$!", "oleasgtbgasl"),
)

#: What may stand between pieces of one word. No apostrophe: "he'll" is no other word.
GLUE = "._-*~|/\\+·•`‐‑–="

#: Han, kana, bopomofo, Thai, Lao, Tibetan, Myanmar, Khmer; Hangul, whose particles cling to words.
#: In order. No pattern: one of so many characters takes Python 3.11 5 ms to compile.
_UNSPACED = (
    (0x0E00, 0x109F),
    (0x1100, 0x11FF),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3040, 0x318F),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_EDGES = tuple(edge for first, last in _UNSPACED for edge in (first, last + 1))
_CLASS = "".join(f"{chr(first)}-{chr(last)}" for first, last in _UNSPACED)
#: What may stand between two such characters of one word; no comma and no full stop. Compiled when
#: first needed.
DENSE_GAP = rf"(?<=[{_CLASS}])[\s._\-*~|/\\+·•・`‐‑–=]{{1,3}}(?=[{_CLASS}])"
#: Katakana as hiragana: whoever reads one reads the other.
HIRAGANA = {point: point - 0x60 for point in range(0x30A1, 0x30F7)}


def has_unspaced(text: str) -> bool:
    """Whether some of it is in a script without spaces."""
    return not text.isascii() and any(bisect(_EDGES, ord(character)) % 2 for character in set(text))
