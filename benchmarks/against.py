"""What an index costs, and what a check against it misses.

python benchmarks/against.py cost million.jsonl 10000 100000 1000000
python benchmarks/against.py recall $DEDUP_DATA/news_stream_dev.jsonl.gz

`cost` builds an index of the first so many lines of a file and checks an article of twenty paragraphs against it, of which
ten are near copies of lines: CPU seconds and bytes of the build, then what a cold process takes, with the file in the page
cache and without. `recall` keeps the older half of a labelled stream and checks the later half against it, and both together
as one batch: of the true pairs with a text of the later half, how many are reported.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

DEDUP = [sys.executable, "-m", "dedup"]
PARAGRAPHS = 20
NEAR = 10  # of them near copies
RUNS = 3


def opened(path: str) -> IO[str]:
    return gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")


def rows(path: str, count: int | None = None) -> Iterator[dict[str, Any]]:
    with opened(path) as lines:
        yield from map(json.loads, itertools.islice(lines, count))


def run(*arguments: str) -> tuple[str, float, float, float]:
    """Output of a command, its CPU and wall seconds, and the peak memory of all so far in MiB."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([*DEDUP, *arguments], capture_output=True, text=True, encoding="utf-8")
    if done.returncode > 1:
        sys.exit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, cpu, time.perf_counter() - started, after.ru_maxrss / 1024


def article(path: str) -> str:
    """Near copies of lines, and paragraphs of made-up words."""
    chance = random.Random(1)
    copies = [row["text"].split() for row in itertools.islice(rows(path), 5_000)]
    near = [" ".join([*words[: len(words) // 2], *words[len(words) // 2 + 1 :]]) for words in chance.sample(copies, NEAR)]
    letters = "abcdefghijklmnoprstuvw"
    new = [" ".join("".join(chance.choices(letters, k=7)) for _ in range(60)) + "." for _ in range(PARAGRAPHS - NEAR)]
    return "\n\n".join(near + new)


def evict(path: Path) -> None:
    """Drop a file from the page cache."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def cost(path: str, counts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        checked, some, index = Path(folder, "article.txt"), Path(folder, "some.jsonl"), Path(folder, "index.db")
        checked.write_text(article(path), encoding="utf-8")
        for count in counts:
            index.unlink(missing_ok=True)
            with opened(path) as lines:
                some.write_text("".join(itertools.islice(lines, count)), encoding="utf-8")
            _, cpu, wall, _ = run("index", "add", str(index), str(some))
            size = index.stat().st_size
            print(f"{count:,} paragraphs: {cpu:.0f} CPU s, {wall:.0f} s, {size:,} bytes, {size / count:,.0f} a paragraph")
            for state in ("cached", "evicted"):
                times = []
                for _ in range(RUNS):
                    if state == "evicted":
                        evict(index)
                    times.append(run("check", str(checked), "--against", str(index), "--quiet")[1:3])
                least = min(cpu for cpu, _ in times), min(wall for _, wall in times)
                print(f"  check, {state}: {least[0]:.2f} CPU s, {least[1]:.2f} s", flush=True)


def recall(path: str) -> None:
    stream = [{**row, "text": " ".join(row["text"].split())} for row in rows(path)]
    cluster, half = {row["id"]: row["cluster"] for row in stream}, len(stream) // 2
    new = {row["id"] for row in stream[half:]}
    members: dict[Any, list[str]] = {}
    for row in stream:
        if row["cluster"] is not None:
            members.setdefault(row["cluster"], []).append(row["id"])
    true = {
        pair for ids in members.values() for pair in itertools.combinations(sorted(ids), 2) if pair[0] in new or pair[1] in new
    }
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, f"{name}.jsonl") for name in ("old", "new", "all")}
        for name, some in (("old", stream[:half]), ("new", stream[half:]), ("all", stream)):
            text = "".join(json.dumps({"id": row["id"], "text": row["text"]}) + "\n" for row in some)
            files[name].write_text(text, encoding="utf-8")
        index = str(Path(folder, "index.db"))
        run("index", "add", index, str(files["old"]))
        for said, arguments in (
            ("one batch", [str(files["all"])]),
            ("against the index", [str(files["new"]), "--against", index]),
        ):
            output, cpu, wall, peak = run("check", *arguments, "--format", "jsonl", "--no-text")
            ends = [
                tuple(sorted((pair["a"]["document"], pair["b"]["document"]))) for pair in map(json.loads, output.splitlines())
            ]
            labelled = {
                pair for pair in ends if (pair[0] in new or pair[1] in new) and any(cluster[one] is not None for one in pair)
            }
            found = len(true & labelled)
            figures = f"recall {found / len(true):.4f}, precision {found / max(1, len(labelled)):.4f}"
            print(f"{said}: {figures}; {cpu:.1f} CPU s, {wall:.1f} s, {peak:.0f} MiB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["cost", "recall"])
    parser.add_argument("path", help="JSON Lines with a text in each")
    parser.add_argument("counts", type=int, nargs="*", help="paragraphs to keep, for the cost")
    arguments = parser.parse_args()
    if arguments.what == "cost":
        cost(arguments.path, arguments.counts)
    else:
        recall(arguments.path)


if __name__ == "__main__":
    main()
