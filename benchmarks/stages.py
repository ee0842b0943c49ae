"""CPU seconds and peak memory of each step of a check.

python benchmarks/stages.py $DEDUP_DATA/throughput_100k.jsonl.gz
python benchmarks/stages.py million.jsonl 10000 100000 1000000

Numbers after the file are how many of its first documents are checked, one check each, in processes of their own; the last line
is then the exponent of the growth of CPU seconds from the first number to the last: 1 is linear.
"""

from __future__ import annotations

import functools
import math
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from itertools import islice

from dedup import pipeline
from dedup.columns import Candidates
from dedup.config import Config
from dedup.lsh import Plan
from dedup.readers import Source
from dedup.similarity import Scored

STEPS = (
    "split", "find_terms", "find_copies", "candidates_within", "plan_bands", "candidates_across", "spread",
    "find_twins", "hopeful", "score", "bridges",
)  # fmt: skip


def timed(step: Callable[..., object], name: str, seconds: dict[str, float], sizes: dict[str, int]) -> Callable[..., object]:
    @functools.wraps(step)
    def run(*arguments: object) -> object:
        started = time.process_time()
        made = step(*arguments)
        seconds[name] = seconds.get(name, 0.0) + time.process_time() - started
        if isinstance(made, Candidates) and name.startswith("candidates"):
            sizes[name] = len(made)
        elif isinstance(made, Scored):
            sizes[name] = sizes.get(name, 0) + len(made)
        elif isinstance(made, Plan):
            print(made, ", ".join(f"recall {made.recall(at):.3f} at {at}" for at in (0.2, 0.3, 0.5, 0.8)))
        return made

    return run


def measure(path: str, count: int | None) -> float:
    """Check the first documents of a file; print what each step costs; give the CPU seconds of all."""
    seconds: dict[str, float] = {}
    sizes: dict[str, int] = {}
    for name in STEPS:
        setattr(pipeline, name, timed(getattr(pipeline, name), name, seconds, sizes))
    config = Config()
    started = time.process_time()
    result = pipeline.check(islice(Source([path], config), count), config)
    total = time.process_time() - started
    for name in STEPS:
        pairs = f"  {sizes[name]} pairs" if name in sizes else ""
        print(f"{seconds.get(name, 0.0):9.2f} s  {name}{pairs}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{total:9.2f} s  {len(result.paragraphs.text)} paragraphs, {len(result.pairs)} repeats, peak {peak:.0f} MiB",
        flush=True,
    )
    return total


def main() -> None:
    path, counts = sys.argv[1], [int(count) for count in sys.argv[2:]]
    if not counts:
        measure(path, None)
        return
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        totals = [pool.apply(measure, (path, count)) for count in counts]
    if len(counts) > 1:
        print(f"exponent {math.log(totals[-1] / totals[0]) / math.log(counts[-1] / counts[0]):.2f}")


if __name__ == "__main__":
    main()
