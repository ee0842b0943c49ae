"""What a command line accepts of what is found: the repeats of a baseline, of an ignore list, outside of changed lines."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from dedup.complaints import complain
from dedup.config import Config
from dedup.errors import ConfigError

if TYPE_CHECKING:
    from dedup.baselines import Baseline, Fixed
    from dedup.changes import Changes
    from dedup.globs import Selection
    from dedup.ignores import Ignore
    from dedup.results import Result

LISTED: Final = 5  # of a kind of note


@dataclass(frozen=True)
class Acceptance:
    """The options. paths, selection: what is checked. prune: rewrite the baseline without what is fixed.

    Raises ConfigError for options that contradict each other.
    """

    paths: Sequence[str]
    config: Config
    selection: Selection
    ignore_list: str | None
    baseline: str | None
    write_baseline: str | None
    prune: bool
    changed_since: str | None
    with_text: bool

    def __post_init__(self) -> None:
        if self.prune and self.baseline is None:
            raise ConfigError("--prune-baseline: there is no baseline to prune; name it with --baseline FILE")
        if self.write_baseline is not None and self.baseline is not None:
            what = "--write-baseline: not together with --baseline, as it records all there is"
            raise ConfigError(f"{what}; leave one of them out, or give --prune-baseline to drop what is fixed")
        for option, given in (("--write-baseline", self.write_baseline is not None), ("--prune-baseline", self.prune)):
            if given and self.changed_since is not None:
                raise ConfigError(f"{option}: not together with --changed-since, which looks at a part; check all for that")
        folder = os.path.dirname(self.write_baseline or "") or os.curdir
        if not os.path.isdir(folder):
            raise ConfigError(f"--write-baseline: there is no folder {folder}; make it, or name another file")

    @property
    def reads(self) -> list[str]:
        """The files that are read and stay as they are."""
        kept = None if self.prune else self.baseline
        return [path for path in (kept, self.ignore_list) if path is not None]

    @property
    def writes(self) -> dict[str, str]:
        """The baseline that is written, if one is, by its option."""
        named = {"--baseline": self.baseline if self.prune else None, "--write-baseline": self.write_baseline}
        return {option: path for option, path in named.items() if path is not None}

    def loaded(self) -> Accepted:
        """Read the files and ask git. Raises ConfigError, InputError."""
        ignores, known, changes = [], None, None
        if self.ignore_list is not None:
            from dedup.ignores import load_ignore_list

            ignores = load_ignore_list(self.ignore_list)
        if self.baseline is not None:
            from dedup.baseline_files import load_baseline

            known = load_baseline(self.baseline)
        if self.changed_since is not None:
            from dedup.changes import changes_since

            changes = changes_since(self.changed_since)
        accepted = Accepted(self, ignores, known, changes)
        if self.prune and (part := accepted.looks_at_a_part()):
            raise ConfigError(f"--prune-baseline: {self.baseline} {part}; check with the same ones to prune it")
        return accepted


@dataclass
class Accepted:
    """What they name, and after `applied` what is to be written."""

    options: Acceptance
    ignores: Sequence[Ignore]
    known: Baseline | None
    changes: Changes | None
    new: Baseline | None = None
    note: str = ""

    def looks_at_a_part(self) -> str:
        """Say why this check cannot tell what of the baseline is fixed; empty if it can."""
        from dedup.baseline_files import covers, settings_of

        options, known = self.options, self.known
        assert options.baseline is not None
        assert known is not None
        settings = settings_of(options.config, options.selection, options.baseline)
        differing = [name for name, value in settings.items() if known.settings.get(name) != value]
        if differing:
            return f"was written with other settings ({', '.join(differing)})"
        return (
            "" if covers(options.paths, known, options.baseline) else f"was written for more paths ({', '.join(known.paths)})"
        )

    def applied(self, result: Result) -> Result:
        """Mark what is accepted, and say on standard error what is of no use or cannot be done."""
        if self.ignores or result.paragraphs.silences:
            result = self._ignored(result)
        if self.options.write_baseline is not None:
            result = self._recorded(result, self.options.write_baseline)
        elif self.known is not None:
            result = self._compared(result, self.known)
        if self.changes is not None:
            touched = self.changes.touched(result.paragraphs)
            outside = ~(touched[result.pairs.left] | touched[result.pairs.right])
            result = replace(result, pairs=result.pairs.waive(outside, "outside the changed lines"))
        return result

    def write(self) -> None:
        """Write the baseline if it is to be written. Raises OutputError."""
        if self.new is not None:
            from dedup.baseline_files import encoded
            from dedup.destination import replace_file

            for path in self.options.writes.values():
                replace_file(path, encoded(self.new))
                complain(f"{path}: {self.note}")

    def _ignored(self, result: Result) -> Result:
        """What is listed as ignored; what is ignored by a comment was marked before."""
        from dedup.ignores import ignore, stale_silences

        pairs, unused = ignore(result.pairs, self.ignores)
        if not result.errors:  # what could not be read may hold what is ignored
            silent = ((result.paragraphs.documents[one.document_row], one.line) for one in stale_silences(pairs))
            _tell([f"{document.file or document.id}:{line}" for document, line in silent], "this comment ignores nothing")
            _tell([f"{self.options.ignore_list}:{one.line}" for one in unused], "this line ignores nothing")
        return replace(result, pairs=pairs)

    def _recorded(self, result: Result, path: str) -> Result:
        """All that counts as accepted, and to be written."""
        from dedup.baseline_files import settings_of, stored_paths
        from dedup.baselines import Baseline, seen_pairs
        from dedup.results import counted

        if result.compared_nothing:
            raise ConfigError(_nothing_compared("--write-baseline", path))
        if result.errors:
            complain(f"{path}: not written, as not all could be checked; mend that first")
            return result
        asked = result.at(self.options.config.min_score).pairs  # the result may go further down
        seen = seen_pairs(asked, asked.counting.nonzero()[0], with_text=self.options.with_text)
        entries = {pair: one.entry for pair, one in seen.items()}
        settings = settings_of(self.options.config, self.options.selection, path)
        self.new = Baseline(entries, settings, stored_paths(self.options.paths, path))
        self.note = f"{counted(len(entries), 'repeat')} accepted; from now on check with --baseline {path}"
        return replace(result, pairs=result.pairs.waive(result.pairs.counting, "baselined"))

    def _compared(self, result: Result, known: Baseline) -> Result:
        """What the baseline knows as accepted, with what is fixed."""
        from dedup.baselines import accept, fixed_since, pruned
        from dedup.results import counted

        file = self.options.baseline or ""
        if self.options.prune and result.compared_nothing:
            raise ConfigError(_nothing_compared("--prune-baseline", file))
        pairs, grown = accept(result.pairs, known)
        if grown:
            complain(f"{file}: {counted(len(grown), 'repeat')} of it in more places than before; all of them are reported")
        result = replace(result, pairs=pairs)
        if result.errors or (part := self.looks_at_a_part()):
            why = "not all could be checked" if result.errors else f"it {part}"
            complain(f"{file}: {'not pruned, and ' if self.options.prune else ''}what is fixed cannot be told, as {why}")
            return result
        fixed: list[Fixed] = fixed_since(result.at(self.options.config.min_score).pairs, known)
        if self.options.prune:
            self.new = pruned(known, fixed)
            self.note = f"{counted(len(fixed), 'repeat')} fixed and taken out; left: {len(self.new.entries):,}"
        return replace(result, fixed=fixed)


def _nothing_compared(option: str, file: str) -> str:
    return f"{option}: nothing was compared, so {file} is left as it is; see whether the texts are there"


def _tell(places: Sequence[str], what: str) -> None:
    """Say it of each place, but not of too many."""
    for place in places[:LISTED]:
        complain(f"{place}: {what}; take it out")
    if len(places) > LISTED:
        complain(f"{len(places) - LISTED:,} more: {what}")
