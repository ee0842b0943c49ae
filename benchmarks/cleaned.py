"""What was cleaned is clean: cleaning it again changes no byte, and a check with the same settings finds nothing.

Runs the installed `dedup` as a user would, on the scraped pages, and on the pages and feeds of `$DEDUP_DATA/spun`. Ends with 1
if anything does not hold.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

SETS: Final = ("html/scrapinghub/html", "spun/html", "spun/feeds")
SCOPES: Final = ("within", "across", "all")


def run(scratch: Path, *arguments: str | Path) -> tuple[int, str]:
    """Exit code and standard output of a command in a folder."""
    command = [sys.executable, "-m", "dedup", *map(str, arguments)]
    done = subprocess.run(command, cwd=scratch, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of all files in a folder, by their names below it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def measure(folder: Path, scope: str, scratch: Path) -> bool:
    """Clean a folder twice, check what came out, and print the counts; whether all of it holds."""
    first, report = run(scratch, "clean", folder, "--scope", scope, "--output", "once", "--quiet")
    second, _ = run(scratch, "clean", "once", "--scope", scope, "--output", "twice", "--quiet")
    found, pairs = run(scratch, "check", "once", "--scope", scope, "--format", "jsonl", "--no-text")
    files, again = contents(scratch / "once"), contents(scratch / "twice" / "once")
    changed = sum(data != again.get(name) for name, data in files.items())
    print(f"{folder.name}, scope {scope}: {report.strip().splitlines()[-1]}")
    print(f"  left to find {len(pairs.splitlines())}, changed by cleaning again {changed} of {len(files)} files", end="; ")
    print(f"exit codes: clean {first}, again {second}, check {found}", flush=True)
    return (first, second, found, changed) == (0, 0, 0, 0) and len(files) == len(again) > 0


def main() -> int:
    """Measure every set in every scope."""
    if not (data := os.environ.get("DEDUP_DATA")):
        print("DEDUP_DATA is not set; it names the folder with the data", file=sys.stderr)
        return 2
    held = True
    for name in SETS:
        for scope in SCOPES:
            with tempfile.TemporaryDirectory() as scratch:
                held = measure(Path(data).resolve() / name, scope, Path(scratch)) and held
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
