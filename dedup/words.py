"""How many words a text has, in scripts with and without spaces."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import chain
from typing import Final

from dedup.scripts import IDEOGRAPHIC, UNSPACED_LETTERS, character_class

IDEOGRAPHS_IN_WORD: Final = 2
LETTERS_IN_WORD: Final = 5  # in scripts of UNSPACED_LETTERS

# Where marks are looked for: not among ideographs and Hangul syllables, nor beyond 0x1EFFF, where variation selectors are.
_MAY_BE_MARKS: Final = (range(0x300, 0x3400), range(0xA4D0, 0xAC00), range(0xFB00, 0x17000), range(0x18D00, 0x1F000))


def has_words(text: str, least: int) -> bool:
    """Whether the text has at least that many words; reading stops when it has.

    A word is a run of letters, marks and digits. Where words have no spaces two ideographs count as one, or five letters.
    """
    if text.isascii():
        return _ascii_words(least).match(text) is not None
    if not _intricate().search(text):
        return _spaced_words(least).match(text) is not None
    return _has_intricate_words(text, least)


@cache
def _intricate() -> re.Pattern[str]:
    """What may be a mark or a letter of a script without spaces: a text with it has to be read character by character."""
    # All but these: the compiler goes through a class by characters, and of these there are few.
    return re.compile("[^\0-\u02ff\u0370-\u0482\u048a-\u0590\u1e00-\u20cf\u2100-\u2bff]")


@cache
def _ascii_words(least: int) -> re.Pattern[str]:
    """What `_spaced_words` is in ASCII, with classes that are told faster."""
    return re.compile(rf"[^0-9A-Za-z]*(?:[0-9A-Za-z]+[^0-9A-Za-z]+){{{least - 1}}}[0-9A-Za-z]")


@cache
def _spaced_words(least: int) -> re.Pattern[str]:
    return re.compile(rf"[\W_]*(?:[^\W_]+[\W_]+){{{least - 1}}}[^\W_]")


def _has_intricate_words(text: str, least: int) -> bool:
    runs = ideographs = letters = 0
    for match in _intricate_words().finditer(text):
        if match.lastgroup == "ideograph":
            ideographs += 1
        elif match.lastgroup == "letter":
            letters += 1
        else:
            runs += 1
        if runs + ideographs // IDEOGRAPHS_IN_WORD + letters // LETTERS_IN_WORD >= least:
            return True
    return False


@cache
def _intricate_words() -> re.Pattern[str]:
    ideographic, unspaced = character_class(IDEOGRAPHIC), character_class(UNSPACED_LETTERS)
    marks = "".join(character for character in map(chr, chain(*_MAY_BE_MARKS)) if unicodedata.category(character)[0] == "M")
    within = rf"(?:[^\W_{ideographic}{unspaced}]|[{marks}])*"
    return re.compile(rf"(?P<ideograph>[{ideographic}])|(?P<letter>[{unspaced}])|[^\W_]{within}")
