"""Words and phrases, found in a text by looking its words up: no rule is tried one by one.

Whole words are meant, unless a `*` stands at a word's beginning or end. Of scripts without spaces,
and of signs, any place is meant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from bot.policy.letters import HIRAGANA, has_unspaced
from bot.policy.text import Form, Text, Token, folded, words
from bot.record import Record, State, field

T = TypeVar("T")

#: By character; at `_END` is what ends there.
_Trie = dict[str, Any]
_END = ""


class Found(Record, Generic[T]):
    """What an entry stands for, in which form of the text, and where in the folded one."""

    value: T
    form: Form
    start: int
    end: int


class NotAWord(ValueError):
    """Nothing of it could be looked for."""


class _Node(State, Generic[T]):
    """After some words of a phrase: the words that may follow, and whether it ends here."""

    exact: dict[str, _Node[T]] = field(default_factory=dict)
    beginnings: _Trie = field(default_factory=dict)
    endings: _Trie = field(default_factory=dict)
    inside: _Trie = field(default_factory=dict)
    values: list[T] = field(default_factory=list)

    def grown(self, word: str) -> _Node[T]:
        """The node after this word, in which a `*` stands for any letters."""
        bare = word.strip("*")
        starts, ends = word.startswith("*"), word.endswith("*")
        if not starts and not ends:
            return self.exact.setdefault(bare, _Node())
        node: _Node[T]
        if starts and ends:
            node = _grown(self.inside, bare, _Node())
        elif starts:
            node = _grown(self.endings, bare[::-1], _Node())
        else:
            node = _grown(self.beginnings, bare, _Node())
        return node

    def after(self, word: str) -> Iterable[_Node[T]]:
        """Each once, however often the word holds what leads there."""
        nodes = [self.exact[word]] if word in self.exact else []
        if word[0] in self.beginnings:
            nodes += (node for _, node in _prefixes(self.beginnings, word))
        if word[-1] in self.endings:
            nodes += (node for _, node in _prefixes(self.endings, word[::-1]))
        if self.inside:
            nodes += (node for *_, node in _walked(self.inside, word))
        return dict.fromkeys(nodes)


class Lexicon(Generic[T]):
    """Entries, each standing for a value; several may match at one place."""

    def __init__(self, entries: Iterable[tuple[str, T]] = ()) -> None:
        """Raises NotAWord for an entry that cannot be looked for."""
        self._phrases: _Node[T] = _Node()
        self._anywhere: _Trie = {}
        for text, value in entries:
            self._add(text, value)

    def found(self, text: Text) -> Iterator[Found[T]]:
        """Everything that matches; as written before other forms."""
        root = self._phrases
        exact, stars = root.exact, bool(root.beginnings or root.endings or root.inside)
        for tokens in text.readings:
            for at, token in enumerate(tokens):
                for form, spelling in token.spellings:
                    if spelling in exact or stars:
                        for node in self._phrases.after(spelling):
                            yield from self._phrase(tokens, at, [(node, form)])
        if not self._anywhere:
            return
        for dense in text.dense:
            for first, last, values in _walked(self._anywhere, dense.text):
                joined = dense.at[last] - dense.at[first] > last - first
                form = Form.JOINED if joined else Form.WRITTEN
                for value in values:
                    yield Found(value, form, dense.at[first], dense.at[last] + 1)

    def _add(self, text: str, value: T) -> None:
        parts = [part for part in _words(text) if part.strip("*")]
        plain = folded(text.replace("*", ""))
        if not parts or has_unspaced(plain):
            signs = "".join(parts).replace("*", "") or "".join(plain.split())
            if not signs:
                raise NotAWord(text)
            _grown(self._anywhere, signs.translate(HIRAGANA), []).append(value)
            return
        if len("".join(parts)) == 1 and len(plain.strip()) > 1:
            raise NotAWord(text)  # "c++" would be any c
        node = self._phrases
        for part in parts:
            node = node.grown(part)
        node.values.append(value)

    def _phrase(
        self, tokens: Sequence[Token], first: int, paths: Collection[tuple[_Node[T], Form]]
    ) -> Iterator[Found[T]]:
        """What began with the first of these words, in whichever spelling of each."""
        last = first
        while paths:
            for node, form in paths:
                for value in node.values:
                    yield Found(value, form, tokens[first].start, tokens[last].end)
            last += 1
            if last == len(tokens):
                return
            # Each once, in order: what leads to the same place is one path from there on.
            paths = dict.fromkeys(
                (node, so_far if form is Form.WRITTEN else form)
                for before, so_far in paths
                for form, spelling in tokens[last].spellings
                for node in before.after(spelling)
            )


def _words(text: str) -> Iterator[str]:
    """The words of an entry, folded, each with the `*` that stands at its beginning or end."""
    for part in text.split():
        found = words(part.strip("*"))
        if found and part.startswith("*"):
            found[0] = "*" + found[0]
        if found and part.endswith("*"):
            found[-1] += "*"
        yield from found


def _grown(trie: _Trie, text: str, end: Any) -> Any:
    """What ends with this text: `end`, where nothing did so far."""
    for character in text:
        trie = trie.setdefault(character, {})
    return trie.setdefault(_END, end)


def _prefixes(trie: _Trie, text: str, first: int = 0) -> Iterator[tuple[int, Any]]:
    """What ends within the text, begun at `first`: where, and what it is."""
    for at in range(first, len(text)):
        following = trie.get(text[at])
        if following is None:
            return
        trie = following
        if _END in trie:
            yield at, trie[_END]


def _walked(trie: _Trie, text: str) -> Iterator[tuple[int, int, Any]]:
    for first, character in enumerate(text):
        if character in trie:
            for last, end in _prefixes(trie, text, first):
                yield first, last, end
