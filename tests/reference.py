"""The slow, obvious implementation that the fast one is compared with: one text at a time, sets, dicts and loops.

It shares constants and data with `dedup` (tables of numerals, scripts, coefficients, the prior) and none of the code it checks.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import struct
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources

import numpy as np

from dedup import numerals
from dedup.scripts import IDEOGRAPHIC, UNSPACED_LETTERS

Pairs = set[tuple[int, int]]
Beside = tuple[str, str, str]

# ------------------------------------------------------------------------------------------------------------ characters

STOPS = set(".!?…。！？．؟۔।॥՞።\n")
QUOTES = set('"“”„«»‹›「」『』《》:：')
DASHES = set("-‐‑‒–—―−﹘－")
APOSTROPHES = set("'‘’‚‛`´′\"“”„‟«»‹›″")
VARIATION_SELECTORS = set(map(chr, range(0xFE00, 0xFE10)))


def readable(text: str) -> str:
    """NFKC, without format characters and variation selectors."""
    composed = unicodedata.normalize("NFKC", text)
    return "".join(c for c in composed if unicodedata.category(c) != "Cf" and c not in VARIATION_SELECTORS)


@functools.lru_cache(5000)
def normalised(text: str) -> str:
    """What is left of a text when case, quotes, dashes and spaces do not matter."""
    return " ".join("".join(map(_plain_character, readable(text))).split())


def _plain_character(character: str) -> str:
    if character.isspace():
        return " "
    if character in DASHES:
        return "-"
    if character in APOSTROPHES:
        return "'"
    folded = character.casefold()
    return folded if len(folded) == 1 else character


@functools.cache
def kind_of(character: str) -> str:
    if character in STOPS:
        return "stop"
    if character in QUOTES:
        return "quote"
    if any(first <= ord(character) <= last for first, last in IDEOGRAPHIC):
        return "ideograph"
    if any(first <= ord(character) <= last for first, last in UNSPACED_LETTERS):
        return "unspaced"
    category = unicodedata.category(character)
    if category == "Nd":
        return "digit"
    return "letter" if category[0] in "LMN" else "other"


# ---------------------------------------------------------------------------------------------------------------- tokens


@dataclass(frozen=True)
class Token:
    word: str
    initial: bool  # a sentence or a quotation begins
    stopped: bool  # a sentence ended before it
    joined: bool  # nothing but one character stands before it


@functools.lru_cache(5000)
def tokens(text: str) -> list[Token]:
    """Words, numbers, n-grams and runs of Chinese numerals in reading order."""
    characters = readable(text)
    spans = sorted({*_words(characters), *_unspaced_grams(characters), *_ideograph_grams(characters), *_numerals(characters)})
    found: list[Token] = []
    end = 0
    for start, stop in spans:
        gap = characters[min(end, start) : start]
        stops = sum(c in STOPS for c in gap)
        if found and gap.startswith(".") and _abbreviates(found[-1].word):
            stops -= 1
        initial = not found or stops > 0 or any(c in QUOTES for c in gap)
        found.append(Token(characters[start:stop], initial, stops > 0, not initial and len(gap) <= 1))
        end = stop
    return found


def _abbreviates(word: str) -> bool:
    return len(word) == 1 or (len(word) > 2 and word[1] == ".")


def _words(characters: str) -> list[tuple[int, int]]:
    return _runs([_belongs_to_word(characters, place) for place in range(len(characters))])


def _belongs_to_word(characters: str, place: int) -> bool:
    def kind(distance: int) -> str:
        return kind_of(characters[place + distance]) if 0 <= place + distance < len(characters) else "none"

    def digits(*distances: int) -> bool:
        return all(kind(distance) == "digit" for distance in distances)

    def plain(distance: int) -> bool:
        return kind(distance) in ("letter", "digit")

    if plain(0):
        return True
    if characters[place] in ".,'’٬٫" and digits(-1, 1):
        return True
    if characters[place] == " ":  # 10 000, but not 1000 000 nor 10 0000
        return digits(-1, 1, 2, 3) and not plain(4) and not (digits(-2, -3) and plain(-4))
    lone_letters = kind(-1) == kind(1) == "letter" and not plain(-2) and not plain(2)
    return characters[place] == "." and lone_letters


def _unspaced_grams(characters: str) -> list[tuple[int, int]]:
    return [gram for run in _runs([kind_of(c) == "unspaced" for c in characters]) for gram in _grams(run, 4)]


def _ideograph_grams(characters: str) -> list[tuple[int, int]]:
    numeral = _in_numeral(characters)
    grams = [gram for run in _runs([kind_of(c) == "ideograph" for c in characters]) for gram in _grams(run, 2)]
    return [(start, stop) for start, stop in grams if not (numeral[start] and numeral[stop - 1])]


def _numerals(characters: str) -> list[tuple[int, int]]:
    return _runs(_in_numeral(characters))


def _in_numeral(characters: str) -> list[bool]:
    numeral = [c in numerals.HAN_CHARACTERS for c in characters]
    return [
        own or (c == numerals.HAN_POINT and 0 < place < len(numeral) - 1 and numeral[place - 1] and numeral[place + 1])
        for place, (c, own) in enumerate(zip(characters, numeral, strict=True))
    ]


def _runs(member: Sequence[bool]) -> list[tuple[int, int]]:
    runs, start = [], 0
    for value, group in itertools.groupby(member):
        stop = start + len(list(group))
        if value:
            runs.append((start, stop))
        start = stop
    return runs


def _grams(run: tuple[int, int], size: int) -> list[tuple[int, int]]:
    start, stop = run
    if stop - start <= size:
        return [run]
    return [(place, place + size) for place in range(start, stop - size + 1)]


# --------------------------------------------------------------------------------------------------------------- numbers

SUFFIXES = {"k": 10**3, "m": 10**6, "mn": 10**6, "mio": 10**6, "bn": 10**9, "tn": 10**12}


def read_digits(word: str) -> float | None:
    """Value of a word that begins with digits."""
    length = max((i + 1 for i, c in enumerate(word) if c.isdecimal() and all(map(_in_figure, word[:i]))), default=0)
    if length == 0:
        return None
    value = _read_figure(word[:length])
    return None if value is None else value * SUFFIXES.get(word[length:].lower(), 1)


def _in_figure(character: str) -> bool:
    return character.isdecimal() or character in ".,'’ ٬٫"


def _read_figure(figure: str) -> float | None:
    groups, separators = [""], []
    for character in figure:
        if character.isdecimal():
            groups[-1] += character
        else:
            separators.append(character)
            groups.append("")
    if not separators:
        return float(figure)
    if _thousands(groups, separators) and figure[0] != "0":
        return float("".join(groups))
    decimal = separators[-1] in ".,٫"
    if len(groups) == 2 and decimal:
        return float(".".join(groups))
    if len(groups) > 2 and decimal and _thousands(groups[:-1], separators[:-1]) and separators[-2] != separators[-1]:
        return float("".join(groups[:-1]) + "." + groups[-1])
    return None


def _thousands(groups: list[str], separators: list[str]) -> bool:
    return len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]) and all(s in ".,'’ ٬" for s in separators)


def read_han(run: str) -> float | None:
    """Value of a run of Chinese numerals; None for a lone character of ordinary words."""
    whole, point, decimals = run.partition(numerals.HAN_POINT)
    if point:
        value = 1.0 if whole == "一" else read_han(whole)
        readable_decimals = all(c in numerals.HAN_DIGITS for c in decimals)
        return float(f"{value:.0f}.{_han_digits(decimals)}") if value is not None and readable_decimals else None
    if all(c in numerals.HAN_DIGITS for c in run):
        return None if run == "一" else float(_han_digits(run))
    if len(run) == 1 or run[0] in numerals.HAN_SCALES:
        return None
    total = 0
    for section, scale in _han_sections(run):
        total += _han_section(section) * scale
    return float(total)


def _han_digits(run: str) -> str:
    return "".join(str(numerals.HAN_DIGITS[c]) for c in run)


def _han_sections(run: str) -> list[tuple[str, int]]:
    """四十八亿六千 → (四十八, 10⁸), (六千, 1)."""
    sections, section = [], ""
    for character in run:
        if character in numerals.HAN_SCALES:
            sections.append((section, numerals.HAN_SCALES[character]))
            section = ""
        else:
            section += character
    return [*sections, (section, 1)]


def _han_section(section: str) -> int:
    """六千三 → 6003: a digit multiplies the unit after it; a unit without one counts once."""
    total = 0
    for before, character in zip(" " + section, section, strict=False):
        if character in numerals.HAN_UNITS:
            total += numerals.HAN_DIGITS.get(before, 1) * numerals.HAN_UNITS[character] or numerals.HAN_UNITS[character]
    return total + numerals.HAN_DIGITS.get(section[-1:], 0)


def written_value(word: str) -> float | None:
    """Value of a word in digits or Chinese numerals."""
    if word[0].isdigit():
        return read_digits(word)
    if word[0] in numerals.HAN_CHARACTERS and all(c in numerals.HAN_CHARACTERS or c == numerals.HAN_POINT for c in word):
        return read_han(word)
    return None


SMALL_WORDS = {language: set(small.split()) for language, small in numerals.FUNCTION_WORDS.items()}


def language_of(words: Sequence[str]) -> str | None:
    """The language whose small words stand there most often, the first of equals; None without any."""
    counts = {language: sum(word.casefold() in small for word in words) for language, small in SMALL_WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] else None


@dataclass
class Number:
    """Part of a number: its value, or the scale that multiplies one; `last`: the place of its last token."""

    first: int
    last: int
    value: float | None
    scale: int
    spoken: bool


def numbers(text: str, language: str | None = None) -> set[float]:
    """Values stated in a text."""
    found = tokens(text)
    if language is None:
        language = language_of([token.word for token in found])
    known = language in numerals.LANGUAGES
    values = numerals.number_words(language) if known and language else {}
    scales = numerals.HAN_SCALES | (numerals.SCALES[language] if known and language else {})
    parts: list[Number] = []
    for place, token in enumerate(found):
        written, word = written_value(token.word), token.word.casefold()
        if written is not None:
            parts.append(Number(place, place, written, 0, False))
        elif word in values or word in scales:
            parts.append(Number(place, place, values.get(word), scales.get(word, 0), True))
    joined = [token.joined for token in found]
    parts = _with_units(parts, joined)
    parts = _with_scale(_with_scale(parts, joined), joined)
    stated = [_stated_value(part) for part in parts]
    return {round(value * 1e6) / 1e6 for value in stated if value is not None}


def _stated_value(part: Number) -> float | None:
    if part.value is None:
        return part.scale if part.scale >= 1000 else None
    return None if part.spoken and part.value == 1 else part.value


def _with_units(parts: list[Number], joined: Sequence[bool]) -> list[Number]:
    merged: list[Number] = []
    for part in parts:
        left = merged[-1] if merged else None
        if left and _adjacent(left, part, joined) and _tens(left) and _unit(part):
            left.value, left.last = left.value + part.value, part.last
        else:
            merged.append(part)
    return merged


def _with_scale(parts: list[Number], joined: Sequence[bool]) -> list[Number]:
    merged: list[Number] = []
    taken = False
    for part in parts:
        left = merged[-1] if merged and not taken else None
        taken = bool(left and _adjacent(left, part, joined) and left.value is not None and part.value is None and part.scale)
        if taken:
            left.value, left.last = left.value * part.scale, part.last
        else:
            merged.append(part)
    return merged


def _adjacent(left: Number, right: Number, joined: Sequence[bool]) -> bool:
    return left.last + 1 == right.first and joined[right.first]


def _tens(part: Number) -> bool:
    return part.spoken and part.first == part.last and part.value in range(20, 100, 10)


def _unit(part: Number) -> bool:
    return part.spoken and part.value is not None and 1 <= part.value <= 9


# ----------------------------------------------------------------------------------------------------------------- terms


@dataclass(frozen=True)
class Paragraph:
    """What is read from one text."""

    terms: list[str]
    sentence: list[int]
    names: set[str]
    numbers: set[float]

    @functools.cached_property
    def distinct(self) -> set[str]:
        return set(self.terms)

    @functools.cached_property
    def word_pairs(self) -> set[tuple[str, str]]:
        return set(itertools.pairwise(self.terms))


def term_of(word: str) -> str:
    """A number by its value, another word by its first letters."""
    value = written_value(word)
    if value is not None:
        return f"{value:.10g}"
    folded = word.casefold().replace(".", "")
    return folded[: 2 if "가" <= folded[0] <= "힣" else 5]


@functools.lru_cache(5000)
def read(text: str, language: str | None = None) -> Paragraph:
    found = tokens(text)
    terms = [term_of(token.word) for token in found]
    sentence = list(itertools.accumulate((token.stopped for token in found[1:]), initial=0))[: len(found)]
    names = {term for term, token in zip(terms, found, strict=True) if token.word[0].isupper() and not token.initial}
    return Paragraph(terms, sentence, names, numbers(text, language))


# --------------------------------------------------------------------------------------------------------------- weights


@functools.cache
def prior() -> dict[int, float]:
    packed = resources.files("dedup").joinpath("prior.bin").read_bytes()
    count = len(packed) // 5
    hashes = struct.unpack(f"<{count}I", packed[: 4 * count])
    return {key: value / 32 for key, value in zip(hashes, packed[4 * count :], strict=True)}


@functools.cache
def zipf(term: str) -> float:
    """log10 of occurrences in 10⁹ words, from the prior or by length."""
    if (known := prior().get(zlib.crc32(term.encode("utf-8", "surrogatepass")))) is not None:
        return known
    if "\u2e80" <= term[0] < "\ua4d0":
        return 3.0
    by_length = (7.0, 5.0, 4.5, 4.0, 3.5, 3.0) if term[0].isdigit() else (7.0, 5.0, 4.0, 3.5, 3.0, 2.5)
    return by_length[min(len(term), 5)]


@functools.cache
def score_weight(term: str) -> int:
    distance = max(0.0, 7.5 - zipf(term))
    return max(1, round(16 * (distance * distance)))


def total_weight(terms: Iterable[str]) -> int:
    return sum(score_weight(term) for term in terms)


def learned_weight(term: str, document_frequency: int, paragraphs: int) -> int:
    """Copies of a term in a signature."""
    share = 1 - math.exp(-60 * 10 ** (zipf(term) - 9))
    idf = math.log((paragraphs + 10_000) / (document_frequency + 10_000 * share))
    return min(15, max(0, round(idf - 3)))


def learned_weights(paragraphs: Sequence[Paragraph]) -> dict[str, int]:
    frequency: dict[str, int] = defaultdict(int)
    for paragraph in paragraphs:
        for term in paragraph.distinct:
            frequency[term] += 1
    return {term: learned_weight(term, count, len(paragraphs)) for term, count in frequency.items()}


# ------------------------------------------------------------------------------------------------ signatures, candidates


def elements(terms: Iterable[str], weights: dict[str, int]) -> frozenset[bytes]:
    """A term of weight 3 as three elements."""
    return frozenset(term.encode("utf-8", "surrogatepass") + bytes([copy]) for term in terms for copy in range(weights[term]))


@functools.cache
def permutations() -> list[tuple[int, int]]:
    generator = np.random.RandomState(1)
    multipliers = [2 * draw + 1 for draw in generator.randint(0, 1 << 31, 384, dtype=np.uint32).tolist()]
    return list(zip(multipliers, generator.randint(0, 1 << 32, 384, dtype=np.uint32).tolist(), strict=True))


@functools.lru_cache(5000)
def signature(members: frozenset[bytes]) -> list[int]:
    """Least value of all elements under each permutation; the greatest of all without elements."""
    mixed = np.array([_mixed(zlib.crc32(member)) for member in members], dtype=np.uint64)
    return [int(((a * mixed + b) % 2**32).min(initial=2**32 - 1)) for a, b in permutations()]


def _mixed(value: int) -> int:
    value = ((value ^ value >> 16) * 0x85EBCA6B) % 2**32
    value = ((value ^ value >> 13) * 0xC2B2AE35) % 2**32
    return value ^ value >> 16


def buckets(keys: dict[int, Hashable]) -> list[list[int]]:
    """Rows of equal keys, where there are two or more."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for row in sorted(keys):
        groups[keys[row]].append(row)
    return [rows for rows in groups.values() if len(rows) > 1]


def candidates(keys_of_bands: Iterable[dict[int, Hashable]], cap: int = 64) -> tuple[Pairs, int]:
    """Pairs that share a bucket of any band, and how many buckets were too large: of these the first and the next only."""
    pairs: Pairs = set()
    capped = 0
    for keys in keys_of_bands:
        for rows in buckets(keys):
            if len(rows) <= cap:
                pairs |= set(itertools.combinations(rows, 2))
            else:
                capped += 1
                pairs |= {(rows[0], row) for row in rows[1:]} | set(itertools.pairwise(rows))
    return pairs, capped


def keys_across(signatures: dict[int, list[int]], rows: int, bands: int, uses: int = 1) -> list[dict[int, Hashable]]:
    places = [[(band // uses + row * (band % uses)) * rows + row for row in range(rows)] for band in range(bands)]
    return [{row: tuple(values[place] for place in band) for row, values in signatures.items()} for band in places]


def keys_within(signatures: dict[int, list[int]], document: Sequence[int], bands: int) -> list[dict[int, Hashable]]:
    return [{row: (document[row], values[band]) for row, values in signatures.items()} for band in range(bands)]


# -------------------------------------------------------------------------------------------------------------- features


@functools.lru_cache(20_000)
def compared(a: str, b: str, language: str | None = None) -> dict[str, float]:
    """Every feature of two texts, by name."""
    return features(read(a, language), read(b, language))


def features(a: Paragraph, b: Paragraph) -> dict[str, float]:
    """Every feature of a pair, by name."""
    both = a.distinct & b.distinct
    weight_a, weight_b, weight_both = (total_weight(terms) for terms in (a.distinct, b.distinct, both))
    rare_a, rare_b, rare_both = (sum(zipf(term) < 4.0 for term in terms) for terms in (a.distinct, b.distinct, both))
    smaller, larger = sorted((len(a.distinct), len(b.distinct)))
    pairs_both = len(a.word_pairs & b.word_pairs)
    containment = share(weight_both, min(weight_a, weight_b))
    word_pairs_kept = share(pairs_both, min(len(a.word_pairs), len(b.word_pairs)))
    return {
        "jaccard": share(len(both), len(a.distinct | b.distinct)),
        "weighted_jaccard": share(weight_both, total_weight(a.distinct | b.distinct)),
        "containment": containment,
        "rare_shared": min(8, rare_both),
        "rare_lost": min(6, min(rare_a, rare_b) - rare_both),
        "best_sentence": max(best_sentence(a, b), best_sentence(b, a)),
        "order": order(a, b),
        "gap": min(gap(a, b), gap(b, a)),
        "patchwork": min(verbatim(a, b), verbatim(b, a)) * min(10, longest_new(a, b), longest_new(b, a)),
        "word_pairs": share(pairs_both, len(a.word_pairs | b.word_pairs)),
        "word_pairs_kept": word_pairs_kept,
        "verbatim": min(verbatim(a, b), verbatim(b, a)),
        "frame": max(0.0, word_pairs_kept - containment),
        "names_kept": names_kept(a, b),
        "numbers_kept": numbers_kept(a, b),
        "numbers_changed": min(4, min(len(a.numbers), len(b.numbers)) - len(a.numbers & b.numbers)),
        "numbers_replaced": 0 if respelled(a, b) else numbers_replaced(a, b),
        "names_replaced": names_replaced(a, b),
        "length": math.log(max(1, smaller)),
        "length_ratio": share(smaller, larger),
        "new_rarity": share(total_weight(a.distinct ^ b.distinct), len(a.distinct ^ b.distinct)) / 400,
    }


def share(part: float, whole: float, of_nothing: float = 0.0) -> float:
    return part / whole if whole else of_nothing


def best_sentence(paragraph: Paragraph, other: Paragraph) -> float:
    sentences: dict[int, list[str]] = defaultdict(list)
    for term, number in zip(paragraph.terms, paragraph.sentence, strict=True):
        sentences[number].append(term)
    return max(
        (
            share(total_weight(term for term in terms if term in other.distinct), total_weight(terms))
            for terms in sentences.values()
            if len(terms) >= 4
        ),
        default=0.0,
    )


def order(a: Paragraph, b: Paragraph) -> float:
    """Pearson correlation, in whole numbers as far as they go."""
    both = sorted(a.distinct & b.distinct)
    x, y = [a.terms.index(term) for term in both], [b.terms.index(term) for term in both]
    n = len(both)
    covariance = n * sum(i * j for i, j in zip(x, y, strict=True)) - sum(x) * sum(y)
    variances = float(n * sum(i * i for i in x) - sum(x) ** 2) * float(n * sum(j * j for j in y) - sum(y) ** 2)
    return covariance / math.sqrt(variances) if n >= 3 and variances > 0 else 0.0


def new_stretches(paragraph: Paragraph, other: Paragraph) -> list[list[str]]:
    """Content words that the other lacks, without one between them that it has."""
    content = [term for term in paragraph.terms if zipf(term) < 5.7]
    groups = itertools.groupby(content, key=lambda term: term in other.distinct)
    return [list(stretch) for kept, stretch in groups if not kept]


def gap(paragraph: Paragraph, other: Paragraph) -> float:
    heaviest = max(map(total_weight, new_stretches(paragraph, other)), default=0)
    return share(heaviest, total_weight(paragraph.terms))


def longest_new(paragraph: Paragraph, other: Paragraph) -> int:
    return max(map(len, new_stretches(paragraph, other)), default=0)


def verbatim(paragraph: Paragraph, other: Paragraph) -> float:
    stretches: list[list[str]] = []
    for place, term in enumerate(paragraph.terms):
        if place and (paragraph.terms[place - 1], term) in other.word_pairs:
            stretches[-1].append(term)
        else:
            stretches.append([term])
    long = [term for stretch in stretches if len(stretch) >= 4 for term in stretch]
    return share(total_weight(long), total_weight(paragraph.terms))


def likely_names(paragraph: Paragraph) -> set[str]:
    """Where many words have capitals, only the rare ones of them."""
    if share(len(paragraph.names), len(paragraph.distinct)) <= 0.3:
        return paragraph.names
    return {name for name in paragraph.names if zipf(name) < 4.0}


def names_kept(a: Paragraph, b: Paragraph) -> float:
    of_a, of_b = likely_names(a), likely_names(b)
    return share(len(of_a & b.distinct) + len(of_b & a.distinct), len(of_a) + len(of_b), 0.5)


def digits(value: float) -> int:
    """Significant digits, up to four."""
    return min(4, max(1, len(f"{value:f}".replace(".", "").strip("0"))))


def numbers_kept(a: Paragraph, b: Paragraph) -> float:
    return share(sum(map(digits, a.numbers & b.numbers)), sum(map(digits, a.numbers | b.numbers)), 0.5)


def numbers_replaced(a: Paragraph, b: Paragraph) -> float:
    return min(4, replaced(beside(a, is_number), beside(b, is_number)))


def names_replaced(a: Paragraph, b: Paragraph) -> float:
    of_a, of_b = beside(a, likely_names(a).__contains__), beside(b, likely_names(b).__contains__)
    return share(replaced(of_a, of_b), min(len(neighbours(of_a)), len(neighbours(of_b))))


def replaced(a: set[Beside], b: set[Beside]) -> int:
    return max(0, len(neighbours(a) & neighbours(b)) - len(a & b))


def neighbours(found: set[Beside]) -> set[tuple[str, str]]:
    return {(term, side) for term, side, _ in found}


def is_number(term: str) -> bool:
    return term[0].isdigit()


def respelled(a: Paragraph, b: Paragraph) -> bool:
    """Whether no number was changed but one is written in another way: 1.5m and 1.5 million."""
    written = {term for term in a.distinct & b.distinct if term[0].isdigit()}
    changed = min(len(a.numbers), len(b.numbers)) > len(a.numbers & b.numbers)
    return not changed and len(a.numbers & b.numbers) > len(written)


def beside(paragraph: Paragraph, marked: Callable[[str], bool]) -> set[Beside]:
    """(neighbour, side, term) of every marked term."""
    return {
        found
        for left, right in itertools.pairwise(paragraph.terms)
        for found in ((left, "before", right), (right, "after", left))
        if marked(found[2])
    }


# ----------------------------------------------------------------------------------------------------------------- score


@functools.cache
def coefficients() -> dict[str, dict[str, object]]:
    loaded: dict[str, dict[str, object]] = json.loads(resources.files("dedup").joinpath("coefficients.json").read_text("utf-8"))
    return loaded


def on_curve(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """Points joined by straight lines, level beyond the ends."""
    if x <= xs[0]:
        return ys[0]
    for (x0, y0), (x1, y1) in itertools.pairwise(zip(xs, ys, strict=True)):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return ys[-1]


def score(a: str, b: str, *, same_document: bool, language: str | None = None) -> float:
    if normalised(a) == normalised(b):
        return 1.0
    model = coefficients()["within" if same_document else "across"]
    found = compared(a, b, language)
    odds = model["intercept"] + sum(on_curve(found[name], *curve) for name, curve in model["curves"].items())
    return min(0.9999, round(1 / (1 + math.exp(-odds)), 4))


def kind(a: str, b: str, language: str | None = None) -> str:
    if normalised(a) == normalised(b):
        return "exact"
    found = compared(a, b, language)
    if found["containment"] >= 0.75 and found["length_ratio"] <= 0.7:
        return "contained"
    return "near" if found["word_pairs"] >= 1 / 3 else "paraphrase"


def evidence(a: str, b: str, language: str | None = None) -> dict[str, float | None]:
    one, other, found = read(a, language), read(b, language), compared(a, b, language)
    return {
        "shared": round(found["weighted_jaccard"], 4),
        "contained": round(found["containment"], 4),
        "numbers": round(found["numbers_kept"], 4) if one.numbers or other.numbers else None,
        "names": round(found["names_kept"], 4) if likely_names(one) or likely_names(other) else None,
    }


# ---------------------------------------------------------------------------------------------------------------- groups


def connected(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The least row that each row is connected to, by walking from row to row."""
    neighbours: dict[int, set[int]] = defaultdict(set)
    for a, b in pairs:
        neighbours[a].add(b)
        neighbours[b].add(a)
    least: dict[int, int] = {}
    for start in sorted(neighbours):
        waiting = [] if start in least else [start]
        while waiting:
            row = waiting.pop()
            least[row] = start
            waiting += [other for other in neighbours[row] if other not in least]
    return least


def group_numbers(pairs: Sequence[tuple[int, int]], repeat: Sequence[bool]) -> list[int]:
    """Number of each pair's group, from 1 in the order of the pairs; 0 for a pair that is no repeat."""
    least = connected(pair for pair, is_repeat in zip(pairs, repeat, strict=True) if is_repeat)
    number: dict[int, int] = {}
    found = []
    for (a, _), is_repeat in zip(pairs, repeat, strict=True):
        found.append(number.setdefault(least[a], len(number) + 1) if is_repeat else 0)
    return found


def bridges(scored: Iterable[tuple[int, int, float]], limit: int = 16) -> Pairs:
    """Pairs that are not given but whose two ends repeat a third; of each number its best `limit` repeats are considered."""
    best: dict[tuple[int, int], float] = {}
    for a, b, value in scored:
        pair = (min(a, b), max(a, b))
        best[pair] = max(value, best.get(pair, 0.0))
    partners: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for (a, b), value in best.items():
        if value >= 0.5 and a != b:
            partners[a].append((-value, b))
            partners[b].append((-value, a))
    found = {
        (min(x, y), max(x, y))
        for ends in partners.values()
        for (_, x), (_, y) in itertools.combinations(sorted(ends)[:limit], 2)
    }
    return found - set(best)


# ----------------------------------------------------------------------------------------------------------- whole checks


def boilerplate(
    text: Sequence[int],
    repeats: Iterable[tuple[int, int, str, bool]],
    document: Sequence[int],
    length: Sequence[int],
    least: int,
    overlap: float,
) -> list[int]:
    """Number of the boilerplate that each paragraph is. repeats: two paragraphs, kind, whether pasted."""
    rows = range(len(text))

    def joined(pairs: Iterable[tuple[int, int]]) -> list[int]:
        smallest = connected((text[a], text[b]) for a, b in pairs)
        return [smallest.get(name, name) for name in text]

    repeats = list(repeats)
    family = joined((a, b) for a, b, kind, _ in repeats if kind in ("exact", "near"))
    wording = joined((a, b) for a, b, kind, pasted in repeats if kind in ("exact", "near") and pasted)
    tale = joined((a, b) for a, b, kind, _ in repeats if kind != "contained")
    subject = joined((a, b) for a, b, _, _ in repeats)

    def stands(name: int, aside: set[int]) -> bool:
        members = [row for row in rows if family[row] == name]
        documents = sorted({document[row] for row in members})

        def rest(one: int) -> list[int]:
            others = [row for row in rows if document[row] == one and subject[row] != subject[members[0]]]
            return [row for row in others if family[row] not in aside]

        def shares_much(one: int, other: int) -> bool:
            there = {subject[row] for row in rest(other)}
            shared = sum(length[row] for row in rest(one) if subject[row] in there)
            return shared > overlap * sum(length[row] for row in rest(one))

        filled = [one for one in documents if rest(one)]
        wordings = [min(wording[row] for row in members if document[row] == one) for one in filled]
        counted = Fraction(0)
        for one in filled:
            alike = [other for other in filled if other != one and (shares_much(one, other) or shares_much(other, one))]
            counted += Fraction(1, 1 + len(alike))
        in_one_wording = any(2 * wordings.count(one) > len(filled) for one in wordings)
        told = {document[row] for row in rows if tale[row] == tale[members[0]]}
        return len(documents) >= least and 2 * len(documents) > len(told) and in_one_wording and counted >= least

    found: set[int] = set()
    for _ in range(2 if least else 0):
        found = {name for name in family if stands(name, found)}
    spread = {name: len({document[row] for row in rows if family[row] == name}) for name in found}
    ranked = sorted(found, key=lambda name: (-spread[name], family.index(name)))
    return [ranked.index(name) + 1 if name in found else 0 for name in family]


def check(
    texts: Sequence[str], document: Sequence[int], scope: str = "all", least: float = 0.0
) -> dict[tuple[int, int], tuple[float, str]]:
    """Score and kind of every nominated pair of a small collection: no capped bucket, no long document, at most 20 copies."""
    paragraphs = [read(text) for text in texts]
    weights = learned_weights(paragraphs)
    signatures = {
        row: signature(members)
        for row, paragraph in enumerate(paragraphs)
        if (members := elements(paragraph.distinct, weights))
    }
    same = {pair: document[pair[0]] == document[pair[1]] for pair in itertools.combinations(range(len(texts)), 2)}
    in_scope = {pair for pair, is_same in same.items() if scope == "all" or is_same == (scope == "within")}
    equal = {(a, b) for a, b in in_scope if normalised(texts[a]) == normalised(texts[b])}
    within, _ = candidates(keys_within(signatures, document, 128))
    across, _ = candidates(keys_across(signatures, 1, 384))  # what is planned for a small collection
    worth = {(a, b) for a, b in in_scope if same[a, b] or _worth_scoring(texts[a], texts[b], least)}
    nominated = equal | {pair for pair in within if same[pair]} & in_scope
    if len(set(document)) > 1 and scope != "within":
        nominated |= across & worth
    scores = {(a, b): score(texts[a], texts[b], same_document=same[a, b]) for a, b in nominated}
    normal = [normalised(text) for text in texts]
    class_of = [normal.index(text) for text in normal]
    bridged_classes = bridges((class_of[a], class_of[b], value) for (a, b), value in scores.items())
    bridged = {(a, b) for a, b in worth if tuple(sorted((class_of[a], class_of[b]))) in bridged_classes}
    scores |= {(a, b): score(texts[a], texts[b], same_document=same[a, b]) for a, b in bridged}
    return {(a, b): (value, kind(texts[a], texts[b])) for (a, b), value in scores.items()}


OF_TERMS = (
    "jaccard", "weighted_jaccard", "containment", "rare_shared", "rare_lost", "length", "length_ratio", "new_rarity",
)  # fmt: skip


def _worth_scoring(a: str, b: str, least: float) -> bool:
    found, model = compared(a, b), coefficients()["across"]
    curves = {name: curve for name, curve in model["curves"].items() if name in OF_TERMS}
    odds = model["intercept"] + sum(on_curve(found[name], *curve) for name, curve in curves.items())
    wanted = max(-6.6, math.log(least / (1 - least)) - 5.5) if least > 0 else -6.6
    return found["containment"] >= 0.2 and odds >= wanted
