#!/usr/bin/env python3
"""Run dedup and three libraries for near-duplicates on the same paragraphs, and say what each cost and found.

    python -m pip install -e ".[bench]"
    peers.py [FILE] [--peers NAME...] [--rounds N] [--limit N] [--svg FILE]

FILE is JSON Lines, packed (.gz) or not, a record with "id" and "text" on every line; without it,
$DEDUP_DATA/throughput_100k.jsonl.gz. Each tool is a process of its own that reads FILE, does its job and writes its pairs; the
tools take turns, and every round runs all of them. Printed, as a Markdown table: medians of CPU seconds, wall seconds and peak
memory of the whole processes, the pairs, and how many of the pairs of an exact join are among them.

dedup does its full job, paraphrases included. The libraries do the plain one: word 3-shingles, 128 hashes, similarity 0.5.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import itertools
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from datasketch import MinHash

# numpy and the tools are imported in the child processes only: what this process holds is counted in the peak memory of those
# it starts, as a child shares the memory of its parent until it runs its own program.
from bars import Panel, svg

Pair = tuple[int, int]  # rows of two paragraphs, counted from 0, the smaller one first

THRESHOLD: Final = 0.5
HASHES: Final = 128
BANDS: Final = 25, 5  # what datasketch finds best for 0.5 and 128 hashes (it uses 125 of them), and the fastest for gaoya too
RENSA_BANDS: Final = 32  # of 4 hashes: rensa wants a divisor of the number of hashes, and 16 of 8 miss more than a third
SEED: Final = 42
ONE_THREAD: Final = {"RAYON_NUM_THREADS": "1"}
WORD: Final = re.compile(r"\w+")
OURS: Final = "dedup"
YARDSTICK: Final = "gaoya"
MEBIBYTE: Final = 2**20
MAXRSS: Final = 1 if sys.platform == "darwin" else 1024  # bytes in a unit of ru_maxrss


# --------------------------------------------------------------------------------------------------------- the libraries


def shingles(text: str) -> list[str]:
    """Word 3-shingles of the lower-cased text, repeated ones repeatedly; none if it has two words or fewer."""
    words = WORD.findall(text.lower())
    return [" ".join(three) for three in zip(words, words[1:], words[2:], strict=False)]


def by_datasketch(texts: Sequence[str]) -> Iterator[Pair]:
    """By the library's call for many sketches; similarity estimated by signature."""
    from datasketch import MinHash

    encoded = ([shingle.encode() for shingle in shingles(text)] for text in texts)
    sketches = list(MinHash.generator(encoded, num_perm=HASHES))
    pairs = in_one_bucket(sketches)
    return ((other, row) for other, row in pairs if sketches[row].jaccard(sketches[other]) >= THRESHOLD)


def by_datasketch_objects(texts: Sequence[str]) -> Iterator[Pair]:
    """A sketch made for each paragraph, beside the set of its shingles, on which every pair is verified."""
    from datasketch import MinHash

    sets = [set(shingles(text)) for text in texts]
    sketches = []
    for some in sets:
        sketches.append(MinHash(num_perm=HASHES))
        sketches[-1].update_batch([shingle.encode() for shingle in some])
    for other, row in in_one_bucket(sketches):
        shared = len(sets[other] & sets[row])
        if shared and shared >= THRESHOLD * (len(sets[other]) + len(sets[row]) - shared):
            yield other, row


def in_one_bucket(sketches: Sequence[MinHash]) -> Iterator[Pair]:
    """Pairs that share one, by `MinHashLSH`."""
    from datasketch import MinHashLSH

    index = MinHashLSH(threshold=THRESHOLD, num_perm=HASHES, params=BANDS)
    for row, sketch in enumerate(sketches):
        index.insert(row, sketch)
    for row, sketch in enumerate(sketches):
        yield from ((other, row) for other in index.query(sketch) if other < row)


def by_rensa(texts: Sequence[str]) -> Iterator[Pair]:
    """Shingles made in Python, the rest by the library's calls for whole batches; similarity estimated by signature."""
    from rensa import RMinHash, RMinHashLSH

    sketches = RMinHash.from_token_sets(map(shingles, texts), num_perm=HASHES, seed=SEED)
    index = RMinHashLSH(threshold=THRESHOLD, num_perm=HASHES, num_bands=RENSA_BANDS)
    index.insert_many(sketches)
    for row, found in enumerate(index.query_all(sketches)):
        similar = (other for other in found if other < row)
        yield from ((other, row) for other in similar if sketches[row].jaccard(sketches[other]) >= THRESHOLD)


def by_gaoya(texts: Sequence[str], id_container: str = "smallvec") -> Iterator[Pair]:
    """The library's own words and shingles; it gives out only what its signatures estimate to be similar enough.

    id_container: how a bucket is held; "smallvec" is what the library's documentation advises where few paragraphs are similar.
    """
    from gaoya.minhash import MinHashStringIndex

    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=THRESHOLD,
        num_bands=BANDS[0],
        band_size=BANDS[1],
        num_hashes=HASHES,
        analyzer="word",
        lowercase=True,
        ngram_range=(3, 3),
        id_container=id_container,
    )
    for row, text in enumerate(texts):
        index.insert_document(row, text)
    for row, text in enumerate(texts):
        yield from ((other, row) for other in index.query(text) if other < row)


def by_gaoya_with_sets(texts: Sequence[str]) -> Iterator[Pair]:
    """As `by_gaoya`, with the library's default for buckets."""
    return by_gaoya(texts, id_container="set")


def by_exact_join(texts: Sequence[str]) -> Iterable[Pair]:
    """The truth, exact and not timed."""
    from exact_join import exact_pairs

    return exact_pairs(texts, THRESHOLD)


# ------------------------------------------------------------------------------------------------------------- the tools


@dataclass(frozen=True)
class Peer:
    """A tool.

    package: what has to be installed. find: None for dedup, which runs by its own command. task: what the table says it does.
    """

    package: str
    find: Callable[[Sequence[str]], Iterable[Pair]] | None
    task: str


PEERS: Final = {
    "dedup": Peer("dedup", None, "another, larger task: paraphrases too, so more pairs; scored on the texts"),
    "datasketch": Peer("datasketch", by_datasketch, "word 3-shingles, 25 × 5; pairs estimated by signature"),
    "datasketch-objects": Peer("datasketch", by_datasketch_objects, "word 3-shingles, 25 × 5; pairs verified on the shingles"),
    "rensa": Peer("rensa", by_rensa, "word 3-shingles, 32 × 4; pairs estimated by signature"),
    "gaoya": Peer("gaoya", by_gaoya, "word 3-shingles, 25 × 5; pairs estimated by signature"),
    "gaoya-set": Peer("gaoya", by_gaoya_with_sets, "as gaoya, its default buckets; pairs estimated by signature"),
}
USUAL: Final = ("dedup", "datasketch", "rensa", "gaoya")
TRUTH: Final = "exact-join"


def missing(name: str) -> str | None:
    """Why a tool cannot run here, None if it can."""
    package = PEERS[name].package
    if importlib.util.find_spec(package):
        return None
    return f'{package} is not installed: python -m pip install -e ".[bench]"'


def command(name: str, file: Path) -> list[str]:
    """What runs a tool, or the exact join, on a file; it writes its pairs to standard output."""
    if name == OURS:
        return [sys.executable, "-m", "dedup", "check", str(file), "--format", "jsonl"]
    return [sys.executable, __file__, str(file), "--as", name]


def write_pairs(name: str, file: Path) -> None:
    """Be one of the libraries, or the exact join: a line of two rows for each pair."""
    find = by_exact_join if name == TRUTH else PEERS[name].find
    assert find, f"{name} runs by its own command"
    with _opened(file) as lines:
        texts = [json.loads(line)["text"] for line in lines]
    sys.stdout.writelines(f"{a} {b}\n" for a, b in find(texts))


def read_pairs(name: str, output: Path) -> list[Pair]:
    """The pairs a tool wrote. Of dedup's, those between two lines of the file: a text may be several paragraphs to it."""
    with output.open(encoding="utf-8") as lines:
        if name == OURS:
            found = ((row["a"]["line"], row["b"]["line"]) for row in map(json.loads, lines))
            return [(min(pair) - 1, max(pair) - 1) for pair in found if pair[0] != pair[1]]
        return [(int(a), int(b)) for a, b in map(str.split, lines)]


# ------------------------------------------------------------------------------------------------------------- measuring


@dataclass(frozen=True)
class Run:
    """One whole process. cpu: seconds of user and system; wall: seconds; peak: bytes resident, of its largest process."""

    cpu: float
    wall: float
    peak: int


def timed(name: str, file: Path, output: Path) -> Run:
    """Run a tool to its end; the run of a tool that fails ends this one."""
    started = time.perf_counter()
    with output.open("wb") as out:
        process = subprocess.Popen(command(name, file), stdout=out, env={**os.environ, **ONE_THREAD})
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    repeats_found = name == OURS and process.returncode == 1  # its exit code for them
    if process.returncode and not repeats_found:
        raise SystemExit(f"peers.py: {name} ended with exit code {process.returncode}")
    return Run(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * MAXRSS)


def interleaved(names: Sequence[str], file: Path, rounds: int, folder: Path) -> dict[str, list[Run]]:
    """Rounds of all tools in turn, so that what else the machine does hits all alike. The pairs are left in the folder."""
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for number, name in itertools.product(range(rounds), names):
        runs[name].append(timed(name, file, folder / name))
        print(f"round {number + 1} of {rounds}: {name} {runs[name][-1].cpu:.2f} CPU s", file=sys.stderr, flush=True)
    return runs


@dataclass(frozen=True)
class Row:
    """What the table says of a tool: medians of its runs; pairs; recall: share of the exact join, None if that is empty."""

    name: str
    cpu: float
    wall: float
    peak: float
    pairs: int
    recall: float | None


def summary(runs: dict[str, list[Run]], folder: Path) -> tuple[list[Row], int]:
    """A row for each tool, and the number of pairs of the exact join."""
    truth = set(read_pairs(TRUTH, folder / TRUTH))
    rows = []
    for name, taken in runs.items():
        cpu, wall, peak = (statistics.median(getattr(run, field) for run in taken) for field in ("cpu", "wall", "peak"))
        pairs = set(read_pairs(name, folder / name))
        rows.append(Row(name, cpu, wall, peak, len(pairs), len(pairs & truth) / len(truth) if truth else None))
    return rows, len(truth)


# --------------------------------------------------------------------------------------------------------------- telling


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown."""
    base = next((row for row in rows if row.name == YARDSTICK), None)
    lines = [
        f"| tool | what it does | CPU s | × {YARDSTICK} | wall s | peak MiB | × {YARDSTICK} | pairs | recall of exact join |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        ratios = (f"{row.cpu / base.cpu:.2f}", f"{row.peak / base.peak:.2f}") if base else ("–", "–")
        recall = "–" if row.recall is None else f"{row.recall:.3f}"
        peer = PEERS[row.name]
        lines.append(
            f"| {row.name} {metadata.version(peer.package)} | {peer.task} | {row.cpu:.2f} | {ratios[0]} | {row.wall:.2f} "
            f"| {row.peak / MEBIBYTE:,.0f} | {ratios[1]} | {row.pairs:,} | {recall} |"
        )
    return "\n".join(lines)


def conditions(file: Path, rounds: int, exact: int) -> str:
    """A sentence under the table."""
    with _opened(file) as lines:
        sizes = [len(json.loads(line)["text"].encode("utf-8", "surrogatepass")) for line in lines]
    turns = f"{rounds} interleaved round{'s' * (rounds > 1)}"
    return (
        f"{len(sizes):,} paragraphs, {sum(sizes) / 1e6:.1f} MB of text; whole processes, medians of {turns}; "
        f"the libraries in one thread. The exact join (word 3-shingles, Jaccard {THRESHOLD}) has {exact:,} pairs. "
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors."
    )


def plot(rows: Sequence[Row]) -> str:
    """CPU seconds and peak memory as bars."""
    cpu = Panel("CPU seconds, whole process", [(row.name, row.cpu, f"{row.cpu:.2f} s") for row in rows])
    memory = [(row.name, row.peak, f"{row.peak / MEBIBYTE:,.0f} MiB") for row in rows]
    return svg([cpu, Panel("Peak memory", memory)], ours=OURS)


# ----------------------------------------------------------------------------------------------------------- the command


def _opened(file: Path) -> TextIO:
    return gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8")


def first_lines(file: Path, limit: int, folder: Path) -> Path:
    """A copy of the first lines of a file, not packed."""
    copy = folder / "paragraphs.jsonl"
    with _opened(file) as lines, copy.open("w", encoding="utf-8") as out:
        out.writelines(itertools.islice(lines, limit))
    return copy


def compare(names: Sequence[str], file: Path, rounds: int, limit: int | None, picture: Path | None) -> None:
    """Measure, print the table, write the plot."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if limit is not None:
            file = first_lines(file, limit, folder)
        runs = interleaved(names, file, rounds, folder)
        timed(TRUTH, file, folder / TRUTH)
        rows, exact = summary(runs, folder)
        print(f"{table(rows)}\n\n{conditions(file, rounds, exact)}")
    if picture:
        picture.write_text(plot(rows), encoding="utf-8")


def usual_file() -> Path:
    """The file that is used if none is named; without the folder of the data there is none."""
    data = os.environ.get("DEDUP_DATA")
    if not data:
        raise SystemExit("peers.py: name a file of paragraphs, or set DEDUP_DATA to the folder of the evaluation data")
    return Path(data) / "throughput_100k.jsonl.gz"


def at_least_one(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value} is not a whole number above 0")
    return int(value)


PEERS_HELP: Final = f"the tools to run, of {', '.join(PEERS)} (default: {' '.join(USUAL)})"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="paragraphs, JSON Lines")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=USUAL, metavar="NAME", help=PEERS_HELP)
    parser.add_argument("--rounds", type=at_least_one, default=3, metavar="N", help="runs of each tool (default: %(default)s)")
    parser.add_argument("--limit", type=at_least_one, metavar="N", help="use the first N paragraphs only")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write a bar plot here")
    parser.add_argument("--as", dest="role", choices=[*PEERS, TRUTH], help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    file = options.file or usual_file()
    if not file.is_file():
        parser.error(f"{file}: no such file")
    if options.role:
        return write_pairs(options.role, file)
    reasons = {name: missing(name) for name in dict.fromkeys(options.peers)}
    for name, reason in reasons.items():
        if reason:
            print(f"peers.py: {name} is left out: {reason}", file=sys.stderr)
    names = [name for name, reason in reasons.items() if not reason]
    if not names:
        raise SystemExit("peers.py: there is nothing to run")
    return compare(names, file, options.rounds, options.limit, options.svg)


if __name__ == "__main__":
    main(sys.argv[1:])
