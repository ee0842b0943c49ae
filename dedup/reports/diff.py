"""Two versions of a file as a unified diff, where the newer one mostly lacks lines of the older."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, TypeAlias

CONTEXT: Final = 3  # lines around a change

# (tag, span of the old lines, span of the new ones), as difflib has them
Change: TypeAlias = tuple[str, int, int, int, int]


def unified_diff(old: str, new: str, file: str) -> Iterator[str]:
    r"""Lines with their ends, which `patch` understands; nothing for equal texts. Only \n ends a line.

    Where lines are missing, or as many as before, it takes time that grows with the lines and not with their square.
    """
    before, after = _lines(old), _lines(new)
    matcher = _Matcher(before, after)
    if before == after:
        return
    yield f"--- {file}\n"
    yield f"+++ {file}\n"
    for group in matcher.get_grouped_opcodes(CONTEXT):
        yield f"@@ -{_range(group[0][1], group[-1][2])} +{_range(group[0][3], group[-1][4])} @@\n"
        for tag, first, last, start, end in group:
            if tag == "equal":
                yield from (_line(" ", line) for line in before[first:last])
            else:
                yield from (_line("-", line) for line in before[first:last])
                yield from (_line("+", line) for line in after[start:end])


class _Matcher(SequenceMatcher[str]):
    """Finds what changed without comparing every line with every other one, if it can."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._changes = _replaced(old, new) if len(old) == len(new) else _deleted(old, new)
        # What is looked up of the second sequence takes long where many lines are equal, and may not be needed.
        super().__init__(None, *((old, new) if self._changes is None else ([], [])), autojunk=False)

    def get_opcodes(self) -> list[Change]:  # type: ignore[override]
        return super().get_opcodes() if self._changes is None else self._changes  # type: ignore[return-value]


def _replaced(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """Compare line by line."""
    tags = ["equal" if one == other else "replace" for one, other in zip(old, new, strict=True)]
    return _joined((tag, number, number + 1, number, number + 1) for number, tag in enumerate(tags))


def _deleted(old: Sequence[str], new: Sequence[str]) -> list[Change] | None:
    """Find the new lines among the old ones, in order; None if they are not all there."""
    changes: list[Change] = []
    place = 0
    for number, line in enumerate(old):
        if place < len(new) and line == new[place]:
            changes.append(("equal", number, number + 1, place, place + 1))
            place += 1
        else:
            changes.append(("delete", number, number + 1, place, place))
    return _joined(iter(changes)) if place == len(new) else None


def _joined(changes: Iterator[Change]) -> list[Change]:
    joined: list[Change] = []
    for change in changes:
        if joined and joined[-1][0] == change[0]:
            tag, first, _, start, _ = joined[-1]
            joined[-1] = tag, first, change[2], start, change[4]
        else:
            joined.append(change)
    return joined


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [*(line + "\n" for line in lines[:-1]), *([lines[-1]] if lines[-1] else [])]


def _range(first: int, last: int) -> str:
    if last - first == 1:
        return f"{first + 1}"
    return f"{first + (last > first)},{last - first}"


def _line(mark: str, line: str) -> str:
    return f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"
