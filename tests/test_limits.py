"""How large an input may become: told apart by kind, counted while it streams, adjustable."""

from __future__ import annotations

import functools
import gzip
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from dedup import Config
from dedup.errors import InputError
from dedup.readers import READERS, Source, limits

WHOLE = sorted(suffix for suffix, module in READERS.items() if module in (READERS[".xml"], READERS[".json"]))
STREAMED = sorted(
    suffix for suffix, module in READERS.items() if module in (READERS[".txt"], READERS[".jsonl"], READERS[".csv"])
)
GIVEN = "larger than 100 bytes, the limit given; raise the limit with --max-bytes, or split the file"
DENSE = "unpacks to more than 200 times its size; unpack it first, or say with --max-bytes how many bytes it may become"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def errors(name: str, data: bytes, config: Config | None = None) -> list[str]:
    Path(name).write_bytes(data)
    source = Source([name], config or Config())
    list(source)
    return [str(error) for error in source.errors]


@pytest.mark.parametrize("suffix", WHOLE + STREAMED)
@pytest.mark.parametrize("packed", [False, True])
def test_a_limit_that_is_given_holds_for_every_format(suffix: str, packed: bool) -> None:
    name = f"a{suffix}.gz" if packed else f"a{suffix}"
    data = b" " * 200
    assert errors(name, gzip.compress(data) if packed else data, Config(max_bytes=100)) == [f"{name}: {GIVEN}"]


@pytest.mark.parametrize("suffix", WHOLE)
def test_what_is_read_whole_has_a_limit(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WHOLE", limits.MEBIBYTE)
    said = "larger than 1 MiB, the limit of what has to be read whole; raise the limit with --max-bytes, or split the file"
    assert errors(f"a{suffix}", b" " * (limits.MEBIBYTE + 1)) == [f"a{suffix}: {said}"]
    assert errors(f"a{suffix}", b" " * (limits.MEBIBYTE + 1), Config(max_bytes=2 * limits.MEBIBYTE)) == []


@pytest.mark.parametrize("suffix", WHOLE)
def test_what_is_read_whole_may_not_be_packed_too_densely(suffix: str) -> None:
    data = gzip.compress(b" " * (8 * limits.MEBIBYTE))
    assert errors(f"a{suffix}.gz", data) == [f"a{suffix}.gz: {DENSE}"]
    assert errors(f"a{suffix}.gz", data, Config(max_bytes=16 * limits.MEBIBYTE)) == []


@pytest.mark.parametrize("suffix", STREAMED)
def test_many_copies_may_be_packed_densely_until_they_are_many_indeed(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = gzip.compress((b" " * 1023 + b"\n") * 8192)
    assert errors(f"a{suffix}.gz", data) == []
    monkeypatch.setattr(limits, "STREAM_RATIO_FROM", limits.MEBIBYTE)
    assert errors(f"a{suffix}.gz", data) == [f"a{suffix}.gz: {DENSE}"]


def test_lines_that_are_no_file_can_be_read_whole() -> None:
    assert limits.read_whole([b"a\n", b"b"], "f", Config()) == b"a\nb"
    with pytest.raises(InputError, match="f: larger than 2 bytes"):
        limits.read_whole(iter([b"a\n", b"b"]), "f", Config(max_bytes=2))


# Checks a file, and prints the exit code, seconds and the most memory in KiB.
MEASURED = """
import re, sys, time
from dedup.cli import main
code = main(["check", "--quiet", sys.argv[1]])
status = open("/proc/self/status").read()
print(code, time.process_time(), re.search(r"VmHWM:\\s*(\\d+)", status)[1])
"""


@functools.cache
def bomb() -> bytes:
    """300 MB, packed."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([packer.compress(b"<rss>"), *map(packer.compress, [b"<a>" * (1 << 20)] * 100), packer.flush()])


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told in other units")
@pytest.mark.parametrize("suffix", [".txt", ".jsonl", ".csv", ".json", ".xml", ""])
def test_a_bomb_is_refused_before_it_takes_time_or_memory(suffix: str) -> None:
    name = f"bomb{suffix}.gz"
    Path(name).write_bytes(bomb())
    done = subprocess.run([sys.executable, "-c", MEASURED, name], capture_output=True, text=True, check=True)
    code, seconds, kilobytes = map(float, done.stdout.splitlines()[-1].split())
    assert (code, done.stderr.splitlines()[0]) == (2, f"dedup: {name}: {DENSE}")
    assert seconds < 2
    assert kilobytes < 300 * 1024
