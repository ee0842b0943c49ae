"""Where a sentence ends, in any script that marks it."""

from __future__ import annotations

import re
from typing import Final

# Unicode's Sentence_Terminal property, with the ellipses and the Greek, Armenian and Tibetan marks that work like it.
SENTENCE_FINAL: Final = frozenset(".!?…‥‼‽⁇⁈⁉⸮。．｡！？﹒﹖﹗։؝؞؟۔܀܁܂߹।॥།༎၊။።፧፨᙮᜵᜶។៕᠃᠉᥄᥅᪨᪩᪪᪫᭚᭛᭞᭟᰻᰼᱾᱿꓿꘎꘏꛳꛷꡶꡷꣎꣏꤯꧈꧉꩝꩞꩟꫰꫱꯫")
_NOTE_MARKS: Final = re.compile(r"(?:\[\w{1,3}\])+$")  # “… in 1990.[12]”


def ends_sentence(text: str) -> bool:
    """Whether the last mark of the text ends a sentence; quotes, brackets, symbols and note marks may follow it."""
    tail = _NOTE_MARKS.sub("", text[-40:]) if text.endswith("]") else text
    for character in reversed(tail):
        if character in SENTENCE_FINAL:
            return True
        if character.isalnum():
            return False
    return False
