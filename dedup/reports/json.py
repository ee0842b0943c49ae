"""All of a result as one JSON object; `dedup/schemas/` has its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, TextIO

from dedup.explanation import Explanation, Shared
from dedup.features import FEATURES
from dedup.lsh import Plan
from dedup.model import Boilerplate, Group
from dedup.reports import Options, shown
from dedup.reports.rows import array, encode, pair_lines, pair_row, place_row, rounded
from dedup.results import Result

if TYPE_CHECKING:
    from dedup.account import Account, CleanedFile
    from dedup.baselines import Fixed
    from dedup.cleaning import Removal
    from dedup.errors import PlaceError
    from dedup.verdict import Verdict

FORMAT_VERSION: Final = 1  # raised when a reader of the format would have to change


def render(result: Result, out: TextIO, options: Options) -> None:
    """One member a line, and one of its pairs, groups or the like a line, so that large reports can be read and compared."""
    counts = {**result.counts.as_dict(), "ignored": result.ignored, "excluded": result.excluded}
    members: list[tuple[str, Any]] = [
        ("format_version", FORMAT_VERSION),
        ("dedup", version("dedup")),
        ("config", result.config.as_dict()),
        ("counts", counts),
        ("verdict", None if options.verdict is None else _verdict_row(options.verdict)),
        ("plan", _plan_row(result.plan)),
        ("against", (encode(asdict(one)) for one in result.against)),
        ("pairs", pair_lines(result.pairs, shown(result, options), options.with_text)),
        ("groups", (encode(_group_row(group)) for group in _shown_groups(result, options))),
        ("boilerplate", (encode(_boilerplate_row(one, options.with_text)) for one in result.boilerplate)),
        ("fixed", (encode(_fixed_row(one, options.with_text)) for one in result.fixed)),
        ("errors", (encode(_error_row(error)) for error in result.errors)),
    ]
    _write(members, out)


def render_comparison(explanation: Explanation, out: TextIO, options: Options) -> None:
    """Write one object: the pair, and every feature with its value and its part in the score."""
    row = pair_row(explanation.pair, options.with_text)
    for name in ("group", "counts"):
        del row[name]
    row["same_document"] = explanation.same_document
    row["start"] = rounded(explanation.start)
    row["features"] = [
        {"name": name, "value": rounded(value), "part": rounded(explanation.parts.get(name)), "meaning": FEATURES[name]}
        for name, value in explanation.features.items()
    ]
    row["words"] = {
        "rare": _shared_row(explanation.rare),
        "names": _shared_row(explanation.names),
        "numbers": _shared_row(explanation.numbers),
    }
    out.write(encode({"format_version": FORMAT_VERSION, "dedup": version("dedup"), **row}) + "\n")


def render_cleaning(account: Account, out: TextIO, options: Options) -> None:
    """One member a line, and one file or error a line in them."""
    members: list[tuple[str, Any]] = [
        ("format_version", FORMAT_VERSION),
        ("dedup", version("dedup")),
        ("config", {**account.cleaned.config.as_dict(), "keep": account.cleaned.keep}),
        ("counts", account.counts),
        ("complete", account.cleaned.complete),
        ("files", (encode(_file_row(file)) for file in account.files)),
        ("errors", (encode(_error_row(error)) for error in account.errors)),
    ]
    _write(members, out)


def _write(members: Iterable[tuple[str, Any]], out: TextIO) -> None:
    """Write an object with a member a line; what is an iterator has an element a line."""
    out.write("{")
    for number, (name, value) in enumerate(members):
        out.write(f"{',' if number else ''}\n{encode(name)}: ")
        out.writelines(array(value) if isinstance(value, Iterator) else [encode(value)])
    out.write("\n}\n")


def _file_row(file: CleanedFile) -> dict[str, Any]:
    row = {"file": file.file, "written": file.written, "backup": file.backup}
    diff = {"diff": "".join(file.diff)} if file.diff else {}
    return {**row, "removed": [_removal_row(removal) for removal in file.removed], **diff}


def _removal_row(removal: Removal) -> dict[str, Any]:
    row = {**place_row(removal.place, with_text=True), "score": removal.pair.score, "kind": removal.pair.kind}
    return {**row, "kept": place_row(removal.kept, with_text=False), "evidence": {**removal.pair.evidence}}


def _verdict_row(verdict: Verdict) -> dict[str, Any]:
    return {"outcome": verdict.outcome, "reasons": [*verdict.reasons]}


def _error_row(error: PlaceError) -> dict[str, str]:
    return {"where": error.where, "what": error.what, "advice": error.advice}


def _plan_row(plan: Plan | None) -> dict[str, Any] | None:
    return None if plan is None else {"rows": plan.rows, "bands": plan.bands, "expected": plan.expected}


def _shown_groups(result: Result, options: Options) -> Iterator[Group]:
    """Make the groups with a pair that is shown, whatever `options.top` leaves out."""
    shown = set(result.pairs.group[result.pairs.counting | options.all_pairs].tolist())
    return (group for group in result.groups if group.number in shown)


def _group_row(group: Group) -> dict[str, Any]:
    places = [place_row(place, with_text=False) for place in group.places]
    return {"group": group.number, "score": rounded(group.score), "places": places}


def _boilerplate_row(boilerplate: Boilerplate, with_text: bool) -> dict[str, Any]:
    places = [place_row(place, with_text=False) for place in boilerplate.places]
    row = {"documents": boilerplate.documents, "places": places}
    return {**row, "text": boilerplate.text} if with_text else row


def _fixed_row(fixed: Fixed, with_text: bool) -> dict[str, Any]:
    entry, left = fixed.entry, fixed.left
    places = {"places": [*entry.places], "left": None if left is None else [*left]}
    row = {"pair": entry.pair, **places, "kind": entry.kind, "score": entry.score}
    return {**row, "text": [*entry.text]} if with_text and entry.text is not None else row


def _shared_row(shared: Shared) -> dict[str, list[str]]:
    return {"both": [*shared.both], "only_a": [*shared.only_a], "only_b": [*shared.only_b]}
