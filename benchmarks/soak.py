"""Check something very large, and say how long it took and how much memory it needed; or wear out an index.

    python benchmarks/soak.py --line-mb 100

makes a file of one line of that many megabytes, of seeded made-up words, and runs the installed `dedup check` on it.

    python benchmarks/soak.py --crowd 60 --kills 200 --flips 500

lets four processes write to an index and four read it for so many seconds, kills one at so many moments of adding and removing,
and flips so many bytes.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from index_soak import crowd, flips, kills

MEGABYTE: Final = 1_000_000
VOCABULARY: Final = 30_000  # words, as many as a large newspaper uses in a week
CHUNK: Final = 10_000  # words made at a time
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def words(seed: int) -> Iterator[str]:
    """Words with a space behind, in chunks, without end."""
    chance = random.Random(seed)
    known = ["".join(chance.choices(LETTERS, k=chance.randint(2, 10))) for _ in range(VOCABULARY)]
    while True:
        yield " ".join(chance.choices(known, k=CHUNK)) + " "


def write_line(path: Path, size: int) -> None:
    """One line of `size` bytes, its line feed among them."""
    left = size - 1
    with path.open("w", encoding="ascii") as file:
        for chunk in words(seed=1):
            file.write(chunk[:left])
            left -= len(chunk)
            if left <= 0:
                break
        file.write("\n")


def check(path: Path) -> int:
    """Run the check; its report goes to standard output, figures follow. Returns its exit code."""
    started = time.perf_counter()
    code = subprocess.run([sys.executable, "-m", "dedup", "check", str(path), "--quiet"], check=False).returncode
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(f"exit code {code}, {seconds:.1f} s, peak memory {peak / 2**20:,.0f} MiB")
    return code


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--line-mb", type=float, default=100, metavar="N", help="megabytes of the line (default: %(default)s)")
    parser.add_argument("--crowd", type=float, metavar="SECONDS", help="how long processes write to an index and read it")
    parser.add_argument("--kills", type=int, metavar="N", help="how often one that writes is killed")
    parser.add_argument("--flips", type=int, metavar="N", help="how many bytes are flipped, one at a time")
    arguments = parser.parse_args()
    parts: list[tuple[Any, Any]] = [(crowd, arguments.crowd), (kills, arguments.kills), (flips, arguments.flips)]
    if any(amount is not None for _, amount in parts):
        with tempfile.TemporaryDirectory() as folder:
            for part, amount in parts:
                if amount is not None:
                    print(part(Path(folder) / f"{part.__name__}.db", amount), flush=True)
        return 0
    size = int(arguments.line_mb * MEGABYTE)
    if size < 1:
        parser.error("--line-mb: give a number of megabytes above 0")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.txt"
        write_line(path, size)
        print(f"{path.stat().st_size:,} bytes on one line", flush=True)
        return 0 if check(path) == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
