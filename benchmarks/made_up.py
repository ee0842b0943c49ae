"""Pairs made from labelled pairs, because few articles are labelled by hand, and no short reports filled into one template.

Repeats: rewrites as they are, light edits, reordered sentences, a paragraph with more text behind it. No repeats, though they
share much: the frame of a paragraph with other numbers, names and words in it (two match reports), and long stretches of one
paragraph with long stretches of another between them (“supporters say …”, “critics say …”), and the parts of one text, or
of a text and its rewrite, that follow each other (one topic, the same names).

For two documents, single sentences: with another word in it one is a repeat, with other numbers and names it is none.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Labelled = tuple[str, str, bool]

NUMBER = re.compile(r"\b\d[\d.,]*\d\b|\b\d\b")
NAME = re.compile(r"(?<=[a-zà-ÿ,] )[A-ZÀ-Þ][a-zà-ÿ]+")
WORD = re.compile(r"\b[a-zà-ÿ]{5,}\b")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”']?\s+|(?<=[。！？])”?")
WORDS = range(25, 181)  # of a paragraph worth using
SENTENCE_WORDS = range(8, 16)  # of a sentence that a short paragraph may consist of


@dataclass(frozen=True)
class Pools:
    """Words to put in the place of others."""

    numbers: list[str]
    names: list[str]
    words: list[str]


def neighbours(pairs: Sequence[tuple[str, str]], chance: random.Random) -> list[Labelled]:
    """About nine labelled pairs for each rewritten paragraph (original, rewrite) of one corpus."""
    usable = [(a, b) for a, b in pairs if len(a.split()) in WORDS and len(b.split()) in WORDS]
    if len(usable) < 4:
        return []
    pools = _pools(usable)
    made: list[Labelled] = []
    for place, (original, rewrite) in enumerate(usable):
        other = usable[(place + chance.randrange(1, len(usable))) % len(usable)][0]
        made += [(original, rewrite, True), (original, other, False)]
        made += _repeats(original, rewrite, other, pools, chance)
        made += _look_alikes(original, rewrite, other, pools, chance)
    return made


def short(pairs: Sequence[tuple[str, str]], chance: random.Random) -> list[Labelled]:
    """Two labelled pairs for each short sentence that has numbers or names: (sentence, the same with something changed)."""
    pools, made = _pools(pairs), []
    for sentence in itertools.chain.from_iterable(SENTENCE_END.split(text) for pair in pairs for text in pair):
        refilled = _other_facts(sentence, pools, chance, 1.0, 1.0)
        if len(sentence.split()) in SENTENCE_WORDS and refilled != sentence:
            share = 1.5 / max(1, len(WORD.findall(sentence)))
            made += [(sentence, refilled, False), (sentence, _other_words(sentence, pools, chance, share), True)]
    return made


def _pools(pairs: Sequence[tuple[str, str]]) -> Pools:
    text = "\n".join(a + "\n" + b for a, b in pairs)
    return Pools(NUMBER.findall(text) or ["7", "12"], NAME.findall(text) or ["Anton"], WORD.findall(text) or ["water"])


def _repeats(original: str, rewrite: str, other: str, pools: Pools, chance: random.Random) -> list[Labelled]:
    made = [(original, _edited(original, chance.choice((0.03, 0.08, 0.15)), pools, chance), True)]
    if len(SENTENCE_END.split(original)) >= 3:
        made.append((original, _dropped(_shuffled(original, chance), 0.06, chance), True))
        made.append((original, _shuffled(rewrite, chance), True))
    more = SENTENCE_END.split(other)[: chance.randint(1, 3)]
    made.append((original, " ".join([chance.choice((original, rewrite)), *more]), True))
    return made


def _look_alikes(original: str, rewrite: str, other: str, pools: Pools, chance: random.Random) -> list[Labelled]:
    made = [(original, _spliced(original, other, chance.choice((0.25, 0.4, 0.5)), chance), False)]
    if chance.random() < 0.5:
        made.append((rewrite, _spliced(original, other, 0.4, chance), False))
    if len(NUMBER.findall(original)) >= 2:
        made.append((original, _refilled(original, pools, chance), False))
        if chance.random() < 0.5:
            made.append((rewrite, _refilled(original, pools, chance), False))
    return made


def successive(pairs: Sequence[tuple[str, str]]) -> list[Labelled]:
    """Parts of three sentences that follow each other in a text, or one in the text and one in its rewrite: no repeats."""
    made = []
    for original, rewrite in pairs:
        parts, other = _parts(original), _parts(rewrite)
        made += [(one, two, False) for one, two in itertools.pairwise(parts)][:2]
        # A rewrite may join or move sentences: parts far from each other are surely different.
        if len(parts) >= 3 and len(other) >= 3:
            made += [(parts[0], other[2], False), (other[0], parts[2], False)]
        made += [(one, two, False) for one, two in itertools.pairwise(other)][:2]
    return made


def _parts(text: str) -> list[str]:
    sentences = [sentence for sentence in SENTENCE_END.split(text) if len(sentence) > 20]
    return [" ".join(sentences[first : first + 3]) for first in range(0, len(sentences) - 2, 3)]


def _edited(text: str, share: float, pools: Pools, chance: random.Random) -> str:
    def edit(word: str) -> str:
        if chance.random() > share:
            return word
        return chance.choice(pools.words) if chance.random() < 0.5 else ""

    return " ".join(map(edit, text.split()))


def _dropped(text: str, share: float, chance: random.Random) -> str:
    return " ".join(word for word in text.split() if chance.random() > share)


def _shuffled(text: str, chance: random.Random) -> str:
    sentences = SENTENCE_END.split(text)
    chance.shuffle(sentences)
    return " ".join(sentences)


def _refilled(text: str, pools: Pools, chance: random.Random) -> str:
    """The frame of a text with other numbers, names and some other words."""
    text = _other_facts(text, pools, chance, 0.9, 0.6)
    return _other_words(text, pools, chance, chance.choice((0.15, 0.3, 0.45)))


def _other_facts(text: str, pools: Pools, chance: random.Random, numbers: float, names: float) -> str:
    """Put other numbers and names in the place of these shares of them; one that comes again is replaced by the same."""
    filled: dict[str, str] = {}

    def other(pool: list[str], share: float) -> Callable[[re.Match[str]], str]:
        return lambda match: filled.setdefault(match.group(), chance.choice(pool)) if chance.random() < share else match.group()

    return NAME.sub(other(pools.names, names), NUMBER.sub(other(pools.numbers, numbers), text))


def _other_words(text: str, pools: Pools, chance: random.Random, share: float) -> str:
    return WORD.sub(lambda match: chance.choice(pools.words) if chance.random() < share else match.group(), text)


def _spliced(text: str, other: str, share: float, chance: random.Random) -> str:
    """Stretches of 5 to 12 words, about `share` of them from the text and the rest from the other."""
    words, others, made, place = text.split(), other.split(), [], 0
    while place < len(words):
        length = chance.randint(5, 12)
        source = words if chance.random() < share else others
        made += source[place : place + length]
        place += length
    return " ".join(made)
