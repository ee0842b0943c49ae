"""What an index has to stand: writers and readers at once, processes killed at any moment, bytes that are flipped.

Used by soak.py, and by the tests for a moment each. Processes are forked: what is killed is only what was started here.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from dedup import Config, Document
from dedup.errors import DedupError
from dedup.index import Index
from dedup.indexes import create_store
from dedup.indexes.scheme import Scheme

WORDS = [
    f"{start}{end}" for start in ("bar", "kel", "mor", "sti", "tra", "vu") for end in ("dan", "lo", "mint", "nuk", "ras", "wes")
]
DELAY = 0.12  # seconds of work within which a process is killed


def document(name: str, seed: int) -> Document:
    """Three paragraphs of made-up words, the same for the same name and seed."""
    chance = random.Random(f"{name} {seed}")
    paragraphs = [" ".join(chance.choices(WORDS, k=30)) + f" {chance.randrange(10**6)}." for _ in range(3)]
    return Document(name, "\n\n".join(paragraphs))


READ = 8  # documents that a reader asks for at a time


class Count:
    """A number in a file, which one process tells and others read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def set(self, number: int) -> None:
        new = Path(f"{self._path}.new")
        new.write_text(str(number))
        new.replace(self._path)

    def get(self) -> int:
        return int(self._path.read_text()) if self._path.exists() else 0


def fresh(path: Path) -> str:
    """Make an empty index."""
    create_store(str(path), Scheme.usual(Config())).close()
    return str(path)


def forked(work: Callable[[], None]) -> int:
    """Do it in another process, and give its number; it ends with 0 if nothing is raised."""
    process = os.fork()
    if process == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", flush=True)
        finally:
            os._exit(1)
    return process


def crowd(path: Path, seconds: float, writers: int = 4, readers: int = 4) -> str:
    """Let some write and some read for a while, and say how much was done. Raises AssertionError if anything was lost.

    Each reader asks for what was recorded before it began, and has to find all of it.
    """
    location, end = fresh(path), time.monotonic() + seconds
    tells = [Count(path.with_suffix(f".{writer}")) for writer in range(writers)]

    def write(writer: int) -> None:
        number = 0
        while time.monotonic() < end:
            with closing(Index.open(location, Config(), writable=True).store) as store:
                index = Index(Config(), store)
                index.add([document(f"{writer}-{number}", 0), document(f"{writer}-changing", number)])
                if number % 3 == 2:
                    index.remove(f"{writer}-{number - 1}")
            number += 1
            tells[writer].set(number)

    def read(reader: int) -> None:
        chance, asked = random.Random(reader), 0
        while time.monotonic() < end:
            numbers = [(writer, number) for writer, tell in enumerate(tells) for number in range(tell.get())]
            staying = [f"{writer}-{number}" for writer, number in numbers if number % 3 != 1]
            some = chance.sample(staying, min(len(staying), READ))
            new = [Document(f"as {name}", document(name, 0).text) for name in some]
            with closing(Index.open(location, Config()).store) as store:
                found = {(pair.a.document, pair.b.document, pair.b.paragraph) for pair in Index(Config(), store).query(new)}
            lost = {(f"as {name}", name, paragraph) for name in some for paragraph in range(3)} - found
            assert not lost, f"a reader does not find {sorted(lost)}"
            asked += len(some)
        assert asked, "a reader asked for nothing"

    processes = [forked(lambda writer=writer: write(writer)) for writer in range(writers)]
    processes += [forked(lambda reader=reader: read(reader)) for reader in range(readers)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in processes]
    assert codes == [0] * len(processes), "a process failed"
    counts = [tell.get() for tell in tells]
    expected = {f"{writer}-changing" for writer in range(writers)}
    for writer, count in enumerate(counts):
        expected |= {f"{writer}-{number}" for number in range(count)} - {
            f"{writer}-{number}" for number in range(1, count - 1, 3)
        }
    with closing(Index.open(location, Config()).store) as store:
        kept = [entry.header.identity for entry in store]
        assert sorted(expected) == kept, "documents are lost, or double"
        Index(Config(), store).verify()
    return f"{sum(counts):,} times added by {writers} at once, {readers} reading: nothing lost, nothing double"


def kills(path: Path, count: int) -> str:
    """Kill a process at so many moments of adding and removing. Raises AssertionError if the index is not whole each time."""
    location, chance = fresh(path), random.Random(1)
    names = [f"{number}" for number in range(12)]
    torn = written = 0

    def work(turn: int, begun: int) -> None:
        with closing(Index.open(location, Config(), writable=True).store) as store:
            index = Index(Config(), store)
            os.write(begun, b"!")
            for name in names:
                index.remove(name)
                index.add([document(name, turn)])

    for turn in range(count):
        begun, tell = os.pipe()
        process = forked(lambda turn=turn, tell=tell: work(turn, tell))
        os.close(tell)
        os.read(begun, 1)  # nothing, if it ends before
        time.sleep(chance.random() * DELAY)
        os.kill(process, signal.SIGKILL)
        torn += os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) != 0
        os.close(begun)
        with closing(Index.open(location, Config(), writable=True).store) as store:
            index = Index(Config(), store)
            index.verify()
            written += [entry.header.digest for entry in store] != (_digests(names, turn - 1) if turn else [])
            index.add(document(name, turn) for name in names)
            assert [entry.header.digest for entry in store] == _digests(names, turn), "not what was added"
            index.verify()
    assert written * 3 >= count, f"only {written} of {count} were killed after something was written"
    told = f"{torn} of them at work, {written} after something was written"
    return f"{count} times killed, {told}: whole each time, and completed when run again"


def flips(path: Path, count: int) -> str:
    """Flip a byte at so many places. Raises AssertionError if a check then says anything else, or anything but one line."""
    with closing(create_store(str(path), Scheme.usual(Config()))) as store:
        Index(Config(), store).add(document(f"{number}", 0) for number in range(60))
    intact, chance, told = path.read_bytes(), random.Random(1), 0
    asked = [Document("new", "\n\n".join(document(f"{number}", 0).text for number in (3, 30, 57)))]

    def answer() -> list[str]:
        with closing(Index.open(str(path), Config()).store) as store:
            return [repr(pair) for pair in Index(Config(), store).query(asked)]

    expected = answer()
    for _ in range(count):
        place = chance.randrange(len(intact))
        path.write_bytes(intact[:place] + bytes([intact[place] ^ chance.randrange(1, 256)]) + intact[place + 1 :])
        try:
            said: list[str] | str = answer()
        except DedupError as error:
            said = str(error)
        assert said == expected or str(said).startswith(f"{path}: "), f"byte {place} changes the answer: {said}"
        told += said != expected
    return f"{count} bytes flipped: {told} times told, else the same answer"


def _digests(names: list[str], turn: int) -> list[bytes]:
    index = Index(Config())
    index.add(document(name, turn) for name in names)
    return [entry.header.digest for entry in index.store]
