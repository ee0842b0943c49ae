"""What can go wrong, told in one line: *where: what happened; what to do*."""

from __future__ import annotations


class DedupError(Exception):
    """Root of every error that dedup raises on purpose."""


class PlaceError(DedupError):
    """Something is wrong with one file or record of several. `where` is a path, `path:line` or the name of an argument."""

    def __init__(self, where: str, what: str, advice: str) -> None:
        super().__init__(f"{where}: {what}; {advice}")
        self.where = where
        self.what = what
        self.advice = advice

    def __reduce__(self) -> tuple[type[PlaceError], tuple[str, str, str]]:
        return type(self), (self.where, self.what, self.advice)  # from another process it arrives whole

    @property
    def file(self) -> str:
        """`where` without a line."""
        file, colon, line = self.where.rpartition(":")
        return file if colon and line.isdecimal() else self.where


class InputError(PlaceError):
    """Something that was to be checked could not be; the rest still is."""


class UnknownFormatError(InputError):
    """A file that is whole, but holds nothing that dedup reads: an error if it is named, left out if a folder holds it."""


class ConfigError(DedupError):
    """An option or setting that means nothing, with the ones that do."""


class OutputError(PlaceError):
    """A report or a file could not be written, or not whole."""
