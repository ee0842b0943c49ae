"""Every pair shown and asked about, before anything is removed."""

from __future__ import annotations

import sys
from typing import Final

from dedup.explanation import explain
from dedup.model import Pair, Place
from dedup.reports import Options
from dedup.reports.layout import printable
from dedup.reports.sheet import place_name, sheet
from dedup.results import counted

HELP: Final = (
    "1: the first of the two stays and the second goes; 2: the second stays and the first goes; b: both stay; "
    "q: quit, and choose whether what was decided is done. End each answer with Enter."
)
_QUESTION: Final = "keep [1] the first, [2] the second, [b]oth, or [q]uit? "


class QuitError(Exception):
    """Somebody wants nothing to be done."""


class Interview:
    """Asks on the terminal: what it shows goes to standard error, where a report in standard output does not mix with it."""

    def __init__(self, options: Options, language: str | None) -> None:
        self._options = options
        self._language = language
        self._asked = 0
        self._going = 0
        self._ended = False

    def __call__(self, pair: Pair, going: Place) -> Place | None:
        """Show a pair and return which of it stays, None for both. Raises QuitError.

        After a quit that does what was decided, all that was not decided stays, and nothing more is asked.
        """
        if self._ended:
            return None
        self._asked += 1
        self._show(pair, going)
        while True:
            answer = _answer(_QUESTION)
            if answer in ("1", "2"):
                self._going += 1
                return pair.a if answer == "1" else pair.b
            if answer == "b":
                return None
            if answer in ("q", None):
                self._quit(ended=answer is None)
                return None
            _say(HELP)

    def _show(self, pair: Pair, going: Place) -> None:
        [explanation] = explain([pair], self._language)
        _say(f"\n{self._asked}.")
        for line in sheet(explanation, [pair.a, pair.b], self._options):
            _say(line)
        which = "first" if going == pair.a else "second"
        _say(f"  as --keep and your answers have it, the {which} would go: {printable(place_name(going))}")

    def _quit(self, *, ended: bool) -> None:
        """Return if what was decided is to be done. Raises QuitError if not, as when there is nobody left to ask."""
        while self._going and not ended:
            answer = _answer(f"do the {counted(self._going, 'removal')} decided so far? [y]es, [n]o: ")
            if answer == "y":
                self._ended = True
                return
            if answer in ("n", None):
                break
        raise QuitError


def _answer(question: str) -> str | None:
    """One line from the terminal, None at its end."""
    sys.stderr.write(question)
    sys.stderr.flush()
    line = sys.stdin.readline()
    return line.strip().lower() if line else None


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
