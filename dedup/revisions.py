"""Files while they are cleaned: what they hold with the texts that are left, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dedup.errors import InputError
from dedup.model import Document
from dedup.originals import Original

Key = tuple["str | None", str]  # file and id of a document, as they were given


class Revisions:
    """The last revision of each file.

    An item of a feed may show another of its texts once the first is empty, and that one is changed in turn. A file that cannot
    be written anew stays as it was; `errors` says why, by file.
    """

    def __init__(self, originals: Sequence[Original]) -> None:
        self.originals = originals
        self.errors: dict[str, InputError] = {}
        self._last = {original.file: original for original in originals}

    @property
    def documents(self) -> list[Document]:
        """All documents as they were given, file by file."""
        return [document for original in self.originals for document in original.documents]

    def put(self, texts: Mapping[Key, Sequence[str]]) -> dict[Key, Document]:
        """Put a text in the place of the one that a document shows, then the next in the place of what it shows after that.

        Gives what each document shows at last, by the key it was given with.
        """
        shown: dict[Key, Document] = {}
        for original in self.originals:
            keys = [(one.file, one.id) for one in original.documents]
            try:
                last = _revised(original, [texts[key] for key in keys])
            except InputError as error:
                self.errors[original.file] = error
            else:
                self._last[original.file] = last
                shown.update(zip(keys, last.documents, strict=True))
        return shown

    def data(self, file: str) -> bytes:
        """What is to be stored for a file. Raises InputError if it cannot be written anew."""
        if file in self.errors:
            raise self.errors[file]
        return self._last[file].data


def _revised(original: Original, texts: Sequence[Sequence[str]]) -> Original:
    for step in range(max(map(len, texts), default=0)):
        now = zip(original.documents, texts, strict=True)
        original = original.revised({one.id: some[step] if step < len(some) else one.text for one, some in now})
    return original
