"""An index in Redis, on a server of the tests' own: it is the same as in SQLite, and what can go wrong with a server."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from material import spun_documents
from redis_server import RedisServer

from dedup import Config, Document, Index
from dedup.cli import main
from dedup.errors import DedupError, InputError, OutputError
from dedup.exports import exported, imported
from dedup.indexes import NEAREST, Store, create_store, open_store
from dedup.indexes.scheme import Scheme
from dedup.upkeep import rebuild

LEDE = (
    "The Castermouth tram network is to be extended to the suburb of Pellgate after the regional transport board approved the "
    "final £212 million stage of the Harbour Line on Tuesday night."
)
OTHER = "Nobody had expected that the lynx would come back to the Kettle Hills within a decade, least of all the shepherds."
ACROSS = Config(scope="across")

Damage = Callable[[Any], object]  # done to what a client of the server sees
Start = Callable[..., RedisServer]
Meanwhile = Callable[..., AbstractContextManager[Callable[[], int]]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a server with options of its own."""
    started: list[RedisServer] = []

    def one(*options: str) -> RedisServer:
        (folder := tmp_path / f"server-{len(started)}").mkdir()
        started.append(RedisServer(folder, *options))
        return started[-1]

    yield one
    for server in started:
        server.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.close()


@pytest.fixture
def address(server: RedisServer) -> str:
    server.client.flushall()
    return server.address()


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Do something just before the so-manyeth time that something is sent to a server; how many times there were."""
    from redis.connection import Connection  # behind what skips this without it

    @contextmanager
    def meanwhile(moment: int, work: Callable[[], object] = lambda: None) -> Iterator[Callable[[], int]]:
        send, sent, busy = Connection.send_packed_command, 0, False

        def counted(connection: Connection, *arguments: object, **named: object) -> None:
            nonlocal sent, busy
            sent += not busy
            if sent == moment and not busy:
                busy = True
                work()
                busy = False
            send(connection, *arguments, **named)

        with monkeypatch.context() as patched:
            patched.setattr(Connection, "send_packed_command", counted)
            yield lambda: sent

    return meanwhile


def made(location: str, *, with_text: bool = True) -> Index:
    return Index(ACROSS, create_store(location, Scheme.usual(ACROSS, with_text=with_text)))


def refusal(location: str, capsys: pytest.CaptureFixture[str], *, code: int = 2) -> str:
    """What is said of an index that cannot be asked, in one line."""
    Path("new.txt").write_text(LEDE, encoding="utf-8")
    assert main(["check", "new.txt", "--against", location]) == code
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1
    return errors


# ------------------------------------------------------------------------------------------------------ the same as in SQLite


def candidates(store: Store, index: Index, texts: list[Document]) -> list[list[tuple[str, int]]]:
    """For each text the passages that share a bucket with it, by document and position."""
    probe = Index(ACROSS, create_store("memory://", store.scheme))
    probe.add(texts)
    entries = list(probe.store)
    keys = np.array([passage.key for entry in entries for passage in entry.passages], dtype=np.uint64)
    found, _ = store.buckets(index.signatures(entries), keys, NEAREST)
    rows = [store.fetch(found.take(np.array([row])).values) for row in range(len(keys))]
    return [sorted((header.identity, passage.position) for header, passage in row) for row in rows]


def test_candidates_and_pairs_are_those_of_sqlite(address: str, tmp_path: Path) -> None:
    documents = spun_documents()[:4]
    half = [Document(document.id, document.text.partition("\n\n")[2]) for document in documents]
    indexes = [made(location, with_text=False) for location in (str(tmp_path / "a.db"), address)]
    for index in indexes:
        index.add(half)
        index.add(documents[:2])
        index.remove(documents[3].id)
        index.add(Document(f"copy {number}", LEDE) for number in range(70))  # more than are recalled of a bucket

    for learned in (False, True):
        if learned:
            for index in indexes:
                rebuild(index)
        asked = [Document(f"new {document.id}", document.text) for document in [*documents, Document("lede", LEDE)]]
        sqlite, redis = (candidates(index.store, index, asked) for index in indexes)
        assert sum(map(len, sqlite)) > 50
        assert sqlite == redis
        sqlite_pairs, redis_pairs = (
            [(str(pair.a.document), str(pair.b.document), pair.b.paragraph, pair.score) for pair in index.query(asked)]
            for index in indexes
        )
        assert sqlite_pairs == redis_pairs
    assert [(entry.header.identity, entry.header.digest, entry.passages) for entry in indexes[0].store] == [
        (entry.header.identity, entry.header.digest, entry.passages) for entry in indexes[1].store
    ]
    for index in indexes:
        index.verify()
        index.store.close()


def test_what_is_removed_leaves_nothing_on_the_server(server: RedisServer, address: str) -> None:
    index = made(address)
    index.add(spun_documents()[:3])
    rebuild(index)

    index.forget([entry.header.identity for entry in index.store])

    assert {b"published:scheme", b"published:totals", b"published:generations"} == set(server.client.keys())
    index.store.close()


def test_every_command_takes_an_address(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old.txt").write_text(f"{OTHER}\n\n{LEDE}", encoding="utf-8")
    Path("new.txt").write_text(LEDE, encoding="utf-8")
    Path("dedup.toml").write_text(f'[check]\nagainst = "{address}"\n', encoding="utf-8")

    assert main(["index", "add", address, "old.txt"]) == 0
    assert main(["check", "new.txt"]) == 1
    assert f"{address}: old.txt" in capsys.readouterr().out
    assert main(["index", "verify", address]) == 0
    assert main(["index", "rebuild", address]) == 0
    assert "documents: 1\nparagraphs: 2\nweights: learned" in capsys.readouterr().out
    assert main(["index", "info", address, "--format", "json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["index"], facts["bytes"], facts["made_by"], facts["index_format"]) == (address, None, version("dedup"), 3)
    assert main(["index", "export", address, "--output", "kept.jsonl"]) == 0
    assert main(["index", "import", address.replace("published", "other"), "kept.jsonl"]) == 0
    assert main(["index", "compact", address]) == 0
    assert main(["index", "remove", address, "old.txt"]) == 0
    assert main(["check", "new.txt"]) == 0
    assert main(["check", "new.txt", "--against", address.replace("published", "other")]) == 1


# ------------------------------------------------------------------------------------------------------ several at a time


def test_of_several_that_add_nothing_is_lost(address: str) -> None:
    made(address).store.close()

    def add(writer: int) -> None:
        index = Index.open(address, ACROSS, writable=True)
        for number in range(3):
            index.add([Document(f"{writer}/{number}", f"{OTHER}\n\n{LEDE}")])
        index.store.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))

    index = Index.open(address, ACROSS)
    assert [f"{writer}/{number}" for writer in range(4) for number in range(3)] == [one.header.identity for one in index.store]
    index.verify()
    index.store.close()


def test_who_reads_while_an_index_is_rebuilt_asks_again(address: str, meanwhile: Meanwhile) -> None:
    index = made(address)
    index.add([Document("one", LEDE)])
    reader = Index.open(address, ACROSS)
    with meanwhile(0) as counted:
        reader.query([Document("new", LEDE)])

    for moment in range(1, counted() + 1, 9):
        with meanwhile(moment, lambda: rebuild(index)):
            assert len(reader.query([Document("new", LEDE)])) == 1
    index.store.close()
    reader.store.close()


def test_who_reads_an_index_that_is_rebuilt_again_and_again_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from dedup.indexes.redis_buckets import Buckets  # behind what skips this without redis

    index = made(address)
    index.add([Document("one", LEDE)])
    reader = Index.open(address, ACROSS)
    there = Buckets.are_there

    def late(buckets: Buckets) -> bool:
        rebuild(index)
        return there(buckets)

    monkeypatch.setattr(Buckets, "are_there", late)
    with pytest.raises(OutputError, match="it was rebuilt meanwhile"):
        reader.query([Document("new", LEDE)])
    index.store.close()
    reader.store.close()


@pytest.mark.parametrize("swept", [True, False])
def test_of_what_is_replaced_while_it_is_read_the_one_or_the_other_version_is_found(
    address: str, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch, swept: bool
) -> None:
    writer, reader = made(address), Index.open(address, ACROSS)
    texts = [f"{LEDE}\n\n{other}" for other in (OTHER, OTHER.upper() + " Or so.")]
    writer.add([Document("one", texts[0])])
    with meanwhile(0) as counted:
        reader.query([Document("new", LEDE)])
    if not swept:
        monkeypatch.setattr("dedup.indexes.redis.sweep", lambda *given: None)

    for turn, moment in enumerate(range(1, counted() + 1, 6), 1):
        replace = [Document("one", texts[turn % 2])]
        with meanwhile(moment, lambda replace=replace: writer.add(replace)):
            pairs = reader.query([Document("new", LEDE)])
        assert [(pair.b.document, pair.b.text) for pair in pairs] == [("one", LEDE)], moment

    with meanwhile(0) as again:
        reader.query([Document("new", LEDE)])
    assert counted() == again()  # also if the earlier versions are still in buckets
    with meanwhile(counted() // 2, lambda: writer.remove("one")):
        assert len(reader.query([Document("new", LEDE)])) == 0
    writer.store.close()
    reader.store.close()


def test_who_reads_while_a_document_is_replaced_finds_the_earlier_version_until_all_of_the_later_is_there(
    address: str, meanwhile: Meanwhile
) -> None:
    writer, reader = made(address), Index.open(address, ACROSS)
    texts, found = [LEDE, f"{LEDE} Or so."], []

    def read() -> None:
        found.extend(pair.b.text for pair in reader.query([Document("new", LEDE)]))

    writer.add([Document("one", texts[0])])
    with meanwhile(0) as counted:
        writer.add([Document("one", texts[1])])
    for turn, moment in enumerate(range(1, counted() + 1, 12)):
        with meanwhile(moment, read):
            writer.add([Document("one", texts[turn % 2])])
        read()
        assert found[-2] in texts
        assert found[-1] == texts[turn % 2]
    assert len(found) == 2 * (turn + 1)
    writer.store.close()
    reader.store.close()


def test_an_export_beside_writers_has_each_document_whole_and_can_be_imported(address: str, meanwhile: Meanwhile) -> None:
    writer, reader = made(address), Index.open(address, ACROSS)
    writer.add(Document(f"{number}", f"{number} {OTHER}\n\n{number} {LEDE}") for number in range(6))
    with meanwhile(0) as counted:
        list(exported(reader.store))

    for moment in range(1, counted() + 1):

        def write(moment: int = moment) -> None:
            writer.remove("5" if moment % 2 else "none")
            writer.add([Document("1", f"{moment} {LEDE}"), Document("5" if moment % 2 == 0 else "0", OTHER)])

        with meanwhile(moment, write):
            lines = [line.encode() for line in exported(reader.store)]
        documents, paragraphs = imported(lines, "kept.jsonl", str(address.replace("published", f"n{moment}")))
        assert documents in (5, 6), moment
        assert documents <= paragraphs <= 2 * documents
    writer.store.close()
    reader.store.close()


@pytest.mark.parametrize("work", ["replace", "add", "remove", "rebuild"])
def test_an_index_is_whole_whatever_others_do_while_it_is_verified(address: str, meanwhile: Meanwhile, work: str) -> None:
    writer, reader = made(address), Index.open(address, ACROSS)
    writer.add([Document("one", LEDE), Document("two", OTHER), Document("three", f"{LEDE} {OTHER}")])
    with meanwhile(0) as counted:
        reader.verify()

    def write() -> None:
        match work:
            case "replace":
                writer.add([Document("one", f"{moment} {LEDE}")])
            case "add":
                writer.add([Document(f"{moment}", OTHER)])
            case "remove":
                assert writer.remove("three")
            case "rebuild":
                rebuild(writer)

    for moment in range(2, counted(), 3 if work == "replace" else 12):
        with meanwhile(moment, write):
            reader.verify()
        writer.add([Document("three", f"{LEDE} {OTHER}")])
    writer.store.close()
    reader.store.close()


def test_what_is_changed_faster_than_it_can_be_read_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from dedup.indexes.redis_buckets import Buckets  # behind what skips this without redis

    writer, reader = made(address), Index.open(address, ACROSS)
    writer.add([Document("0", LEDE)])
    monkeypatch.setattr("dedup.indexes.redis.TURNS", 3)
    find, turns = Buckets.find, iter(range(10))

    def late(*given: Any) -> Any:  # noqa: ANN401 - as it is
        met = list(find(*given))
        turn = next(turns)
        writer.remove(f"{turn}")
        writer.add([Document(f"{turn + 1}", LEDE)])
        return met

    monkeypatch.setattr(Buckets, "find", late)
    with pytest.raises(OutputError, match="others change what is read faster than it can be read; try again later"):
        reader.query([Document("new", LEDE)])
    writer.store.close()
    reader.store.close()


@pytest.mark.parametrize("killed", [False, True])
def test_what_a_writer_left_that_was_stopped_for_longer_than_its_turn_harms_nobody_and_goes(
    server: RedisServer,
    address: str,
    meanwhile: Meanwhile,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    killed: bool,
) -> None:
    one, other = made(address), Index.open(address, ACROSS, writable=True)
    for _ in range(2):  # as at the first time there is more to send
        with meanwhile(0) as counted:
            one.add([Document("one", LEDE)])
        one.remove("one")
    if killed:
        monkeypatch.setattr("dedup.indexes.redis_changes.Changes.discard", lambda *given: None)
    damaged = 0

    def overtake() -> None:
        server.client.delete("published:lock")  # as if its time was over
        other.add([Document("other", OTHER)])

    for moment in range(2, counted() + 1, 8):
        with suppress(OutputError), meanwhile(moment, overtake):
            one.add([Document("one", LEDE)])
        assert "other" in {pair.b.document for pair in other.query([Document("new", f"{LEDE}\n\n{OTHER}")])}
        if main(["index", "verify", address]) == 2:
            damaged += 1
            said = "there are paragraphs that no document has, which a check passes over; dedup index compact it"
            assert capsys.readouterr().err == f"dedup: {address}: {said}\n"
            assert main(["index", "compact", address]) == 0
        other.verify()
        other.forget(["one", "other"])
        assert {b"published:scheme", b"published:totals"} == set(server.client.keys())
    assert (damaged > 2) == killed
    one.store.close()
    other.store.close()


def test_many_documents_are_removed_in_few_steps(address: str, meanwhile: Meanwhile) -> None:
    index = made(address)
    index.add(Document(f"{number}", f"{number} {OTHER}") for number in range(80))

    with meanwhile(0) as counted:
        assert index.forget([f"{number}" for number in range(80)]) == 80

    assert counted() < 40
    index.store.close()


def test_who_does_not_get_a_turn_to_write_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = made(address)
    monkeypatch.setattr("dedup.indexes.redis.PATIENCE", 0.1)
    other = Index.open(address, ACROSS, writable=True)

    with one.store.transaction(), pytest.raises(OutputError, match="others have been writing to it"):
        other.add([Document("one", LEDE)])
    one.store.close()
    other.store.close()


def test_a_writer_that_lost_its_turn_changes_nothing(server: RedisServer, address: str) -> None:
    index = made(address)

    with pytest.raises(OutputError, match="others wrote to it meanwhile"), index.store.transaction():
        server.client.set("published:lock", "another's")
    assert index.store.sizes() == (0, 0)
    server.client.delete("published:lock")
    index.add([Document("one", LEDE)])
    index.verify()
    index.store.close()


# ------------------------------------------------------------------------------------------------------ killed, full, away


def test_a_server_killed_in_mid_add_has_all_of_it_or_nothing_and_adding_again_completes_it(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    from redis.connection import Connection  # behind what skips this without it

    monkeypatch.setattr("dedup.indexes.redis.LEASE", 1.0)
    send, sent, last = Connection.send_packed_command, 0, 0

    def counted(connection: Connection, *arguments: object, **named: object) -> None:
        nonlocal sent
        sent += 1
        if sent == last:
            server.kill()
        send(connection, *arguments, **named)

    monkeypatch.setattr(Connection, "send_packed_command", counted)
    old, new = Document("one", f"{OTHER}\n\n{LEDE}"), Document("one", f"{LEDE}\n\nAnd yet: {OTHER}")
    index = made(server.address())
    index.add([old])
    sent = 0
    index.add([new])
    moments, kept = sent, []
    index.store.close()

    for number, moment in enumerate(sorted({1, 9, *range(20, moments, moments // 5), moments - 4, moments - 1, moments})):
        index = made(server.address(f"n{number}"))
        index.add([old])
        sent, last = 0, moment
        with suppress(DedupError):  # of the last moments all is recorded
            index.add([new])
        last = 0
        index.store.close()
        server.kill()
        server.start()

        index = Index.open(server.address(f"n{number}"), ACROSS, writable=True)
        kept.append([passage.content.decode() for entry in index.store for passage in entry.passages])
        assert kept[-1] in (old.text.split("\n\n"), new.text.split("\n\n"))
        assert len(index.query([Document("new", LEDE)])) == 1
        index.verify()
        index.add([new])
        assert new.text.split("\n\n") == [passage.content.decode() for entry in index.store for passage in entry.passages]
        index.verify()
        index.store.compact()
        assert index.store.sizes() == (1, 2)
        assert server.client.hlen(f"n{number}:passages") == 2
        index.store.close()
    assert len({tuple(texts) for texts in kept}) == 2


def test_a_full_server_changes_nothing_and_is_read(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    server = start()
    index = made(server.address())
    index.add([Document("one", LEDE)])
    server.client.config_set("maxmemory", server.client.info("memory")["used_memory"] + 300_000)
    Path("many.txt").write_text("\n\n".join(f"{LEDE} {number} {OTHER}" for number in range(2_000)), encoding="utf-8")

    assert main(["index", "add", server.address(), "many.txt"]) == 2

    said = f"{server.address()}: nothing changed: the server is out of memory; raise its maxmemory, and run it again"
    assert f"dedup: {said}\n" == capsys.readouterr().err
    server.client.config_set("maxmemory", 1)
    assert main(["index", "remove", server.address(), "one"]) == 2
    assert f"dedup: {said}\n" == capsys.readouterr().err
    Path("new.txt").write_text(LEDE, encoding="utf-8")
    assert main(["check", "new.txt", "--against", server.address()]) == 1
    for name in ("info", "verify", "export"):
        assert main(["index", name, server.address()]) == 0
    server.client.config_set("maxmemory", 0)
    assert [entry.header.identity for entry in index.store] == ["one"]
    index.store.compact()
    assert server.client.hlen("published:passages") == 1
    index.store.close()


def test_a_server_that_would_forget_is_refused(start: Start) -> None:
    server = start("--maxmemory-policy", "allkeys-lru")

    with pytest.raises(InputError, match="set maxmemory-policy noeviction"):
        made(server.address())


def test_a_server_that_is_away_or_silent_is_an_error_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("redis", reason="redis is not installed: pip install 'dedup[redis]'")
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        said = refusal(f"redis://127.0.0.1:{port}/0?socket_timeout=0.2", capsys)
        assert f"redis://127.0.0.1:{port}/0?name=dedup: the server does not answer" in said
    assert "the server does not answer" in refusal(f"redis://127.0.0.1:{port}/0", capsys)


# ----------------------------------------------------------------------------------------------- addresses, settings, strangers


def test_a_password_is_used_and_never_shown(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    server = start("--requirepass", "opensesame")
    right = server.address().replace("//", "//:opensesame@")
    Path("old.txt").write_text(LEDE, encoding="utf-8")

    assert main(["index", "add", right, "old.txt"]) == 0
    assert main(["check", "old.txt", "--against", right, "--add"]) == 0
    Path("new.txt").write_text(LEDE, encoding="utf-8")
    assert main(["check", "new.txt", "--against", right, "--add"]) == 1
    assert main(["index", "add", right, "old.txt", "--no-text"]) == 2
    assert main(["index", "add", right, "old.txt", "--learn-from", "old.txt"]) == 2
    assert main(["index", "remove", right, "nothing"]) == 2
    assert main(["index", "export", right, "--output", "kept.jsonl"]) == 0
    assert main(["index", "import", right, "kept.jsonl"]) == 2
    assert main(["check", "new.txt", "old.txt", "--against", right.replace("published", "other"), "--add"]) == 1
    told = capsys.readouterr()
    assert f"{server.address()}: old.txt" in told.out
    assert f"{server.address()}: it is there already" in told.err
    assert f"compared with {server.address('other')}: 0 documents" in told.out
    assert "opensesame" not in told.out + told.err
    assert "the server refuses it" in refusal(right.replace("opensesame", "wrong"), capsys)
    assert "the server refuses it" in refusal(server.address(), capsys)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on the PATH")
def test_tls_is_asked_for_by_the_address(start: Start, tmp_path: Path) -> None:
    cert, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, *names]
    subprocess.run(command, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    files = ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no"]
    start("--tls-port", str(port), *files)

    index = made(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={cert}")
    index.add([Document("one", LEDE)])

    assert len(index.query([Document("new", LEDE)])) == 1
    assert f"rediss://127.0.0.1:{port}/0?name=dedup" == index.store.location
    index.store.close()
    with pytest.raises(InputError, match="certificate verify failed"):
        made(f"rediss://127.0.0.1:{port}/0")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("redis://localhost/0?name=a*", "no name of an index in Redis"),
        ("redis://localhost/0?nam=a", "nam is nothing that an address has; known are name, socket_connect_timeout"),
        ("redis://localhost/0?socket_timeout=soon", "no address of Redis"),
        ("redis://localhost:port/0", "no address of Redis"),
        ("redis://[::1/0", "no address of Redis"),
        ("redis://localhost/news", "what stands after the host is no number of a database"),
        ("redis://localhost/0?name=a#b", "a # in it"),
        ("redis:///0?name=a", "it has no host"),
    ],
)
def test_another_address_is_refused(
    address: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("redis", reason="redis is not installed: pip install 'dedup[redis]'")
    monkeypatch.chdir(tmp_path)
    assert said in refusal(address, capsys)


@pytest.mark.parametrize(
    "address", ["redis://{}@localhost:1/0?name=a", "rediss://ci{}@localhost:1/0", "redis:/{}@localhost:1/0"]
)
@pytest.mark.parametrize(
    "password", ["{}/{}", "{}?{}", "{}#{}", "{}/?{}@{}", "[{}]{}", "{}[{}", "1?name={}", "1?{}=1", "1/1#{}"]
)
def test_nothing_of_a_password_that_cuts_an_address_is_shown(
    address: str, password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("redis", reason="redis is not installed: pip install 'dedup[redis]'")
    monkeypatch.chdir(tmp_path)
    location = address.format(":" + password.replace("{}", "sesame"))
    Path("new.txt").write_text(LEDE, encoding="utf-8")
    documents = {"add": ["new.txt"], "remove": ["one"], "import": ["new.txt"], "expire": ["--before", "2026-01-01"]}
    names = ("add", "remove", "expire", "info", "verify", "rebuild", "compact", "export", "import")

    monkeypatch.setenv("DEDUP_AGAINST", location)
    for options in ([], ["--debug"], ["--add"], ["--against", location], ["--against", location, "--add"]):
        assert main(["check", "new.txt", *options]) == 2
    for name in names:
        assert main(["index", name, location, *documents.get(name, [])]) == 2
    monkeypatch.delenv("DEDUP_AGAINST")
    Path("dedup.toml").write_text(f"[check]\nagainst = {json.dumps([location])}\n", encoding="utf-8")
    assert main(["check", "new.txt"]) == 2
    assert main(["config"]) == 0

    told = capsys.readouterr()
    assert "esam" not in told.out + told.err
    assert told.err.count("dedup: INDEX: ") == 14  # of an import, the file is looked at before
    assert "…@localhost:1/0" in told.out


def test_what_is_no_index_of_these_settings_is_refused(
    server: RedisServer, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "there is no such index" in refusal(address, capsys)
    server.client.set("published:scheme", b"\xff another program's")
    assert "no index of dedup" in refusal(address, capsys)
    server.client.delete("published:scheme")
    server.client.hset("published:scheme", "a", "b")
    assert "no index of dedup" in refusal(address, capsys)
    server.client.delete("published:scheme")
    create_store(address, Scheme.usual(Config(language="de"))).close()
    assert "an index made with --language de" in refusal(address, capsys)
    stated = server.client.get("published:scheme")
    server.client.set("published:scheme", stated.replace(b'"format_version": 3', b'"format_version": 2'))
    assert "an index of format version 2" in refusal(address, capsys)
    server.client.set("published:scheme", stated.replace(b'"fingerprint": "', b'"fingerprint": "0'))
    assert "its settings do not add up" in refusal(address, capsys)


def test_what_is_lost_on_the_server_is_noticed(server: RedisServer, address: str) -> None:
    index = made(address)
    index.add([Document("one", LEDE), Document("other", OTHER)])
    rows = server.client.hgetall("published:passages")

    server.client.hdel("published:passages", "0")
    with pytest.raises(InputError, match="is missing"):
        index.query([Document("new", LEDE)])
    server.client.hset("published:passages", mapping={**rows, "9": b""})
    with pytest.raises(InputError, match="paragraphs that no document has"):
        index.verify()
    server.client.hincrby("published:totals", "passages", 1)
    with pytest.raises(InputError, match="other documents or paragraphs than it says"):
        index.verify()
    server.client.flushall()
    with pytest.raises(OutputError, match="is gone"):
        index.query([Document("new", LEDE)])
    index.store.close()


def summed(said: bytes, field: bytes) -> bytes:
    """A row that adds up, whatever it says."""
    return zlib.crc32(said, zlib.crc32(field)).to_bytes(4, "big") + said


def document_with(place: int, value: object) -> Damage:
    def damage(client: Any) -> None:  # noqa: ANN401 - of a library that need not be there
        row = json.loads(client.hget("published:documents", "one")[4:])
        row[place] = value
        client.hset("published:documents", "one", summed(json.dumps(row).encode(), b"one"))

    return damage


def passage_with(place: int, value: object) -> Damage:
    def damage(client: Any) -> None:  # noqa: ANN401 - see above
        head, _, text = client.hget("published:passages", "0")[4:].partition(b"\n")
        row = json.loads(head)
        row[place] = value
        client.hset("published:passages", "0", summed(json.dumps(row).encode() + b"\n" + text, b"0"))

    return damage


def row_made(name: str, field: str, change: Callable[[bytes], bytes]) -> Damage:
    return lambda client: client.hset(f"published:{name}", field, change(client.hget(f"published:{name}", field)))


def buckets_with(member: str) -> Damage:
    return lambda client: [client.sadd(key, member) for key in client.keys("published:0_*") if client.type(key) == b"set"]


DAMAGES: dict[str, Damage] = {
    "a text is cut": row_made("passages", "0", lambda row: row[:-20]),
    "a text is another": row_made("passages", "0", lambda row: row.replace(b"tram", b"trim")),
    "a text is no text": row_made("passages", "0", lambda row: summed(row[4:] + b"\xff", b"0")),
    "a row is that of another number": lambda client: client.hset(
        "published:passages", "0", client.hget("published:passages", "1")
    ),
    "a row is empty": row_made("documents", "one", lambda row: b""),
    "a row is no list": row_made("documents", "one", lambda row: summed(b"{}", b"one")),
    "a document has a number for a name": document_with(1, 5),
    "a document has the name of another": document_with(0, "other"),
    "a document has a word for a time": document_with(5, "now"),
    "a document has too many paragraphs": document_with(8, 3),
    "a document has fewer than none": document_with(8, -1),
    "a document begins with another number": document_with(7, 10**12),
    "a document has no digest": document_with(6, 7),
    "a paragraph has a list for a document": passage_with(0, []),
    "a paragraph has a word for a place": passage_with(1, "x"),
    "a paragraph has a key below none": passage_with(3, -1),
    "the documents are gone": lambda client: client.delete("published:documents"),
    "the documents are no hash": lambda client: (client.delete("published:documents"), client.set("published:documents", "x")),
    "the paragraphs are gone": lambda client: client.delete("published:passages"),
    "the totals are gone": lambda client: client.delete("published:totals"),
    "the totals are none": lambda client: client.hset("published:totals", "documents", "two"),
    "the next number is gone": lambda client: client.hdel("published:totals", "next"),
    "all is noted as gone": lambda client: client.hset("published:gone", "0", "100"),
    "all is noted as nobody's yet": lambda client: client.hset("published:loose", "0", "100"),
    "a note is none": lambda client: client.hset("published:loose", "x", "y"),
    "the buckets are gone": lambda client: client.delete(*client.keys("published:0_*")),
    "buckets hold words": buckets_with("x"),
    "buckets hold numbers that are none": buckets_with(f"{1 << 70}"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_is_changed_on_the_server_is_told_in_a_line_or_changes_nothing(
    server: RedisServer,
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    damage: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    index = made(address)
    index.add([Document("one", LEDE), Document("other", OTHER)])
    index.store.close()
    Path("new.txt").write_text(LEDE, encoding="utf-8")
    DAMAGES[damage](server.client)
    damaged = {key: server.client.dump(key) for key in server.client.keys("*")}

    def told(*command: str) -> int:
        server.client.flushall()
        for key, value in damaged.items():
            server.client.restore(key, 0, value)
        code = main([*command])
        assert (code == 2) == (capsys.readouterr().err.count("\n") == 1)
        return code

    assert told("check", "new.txt", "--against", address, "--since", "2020-01-01") in (1, 2)
    assert told("index", "verify", address) == 2
    assert told("index", "export", address) in (0, 2)
    assert told("index", "remove", address, "one") in (0, 2)


@pytest.mark.parametrize("lost", ["totals", "documents"])
def test_where_something_is_lost_nothing_is_written_over_or_exported(server: RedisServer, address: str, lost: str) -> None:
    index = made(address)
    index.add([Document("one", LEDE), Document("other", OTHER)])
    rows = server.client.hgetall("published:passages")

    server.client.delete(f"published:{lost}")
    with pytest.raises(InputError, match="a damaged index"):
        index.add([Document("third", f"{LEDE} {OTHER}")])
    with pytest.raises(InputError, match="a damaged index"):
        list(exported(index.store))
    server.client.hset(
        "published:totals", mapping={"documents": server.client.hlen("published:documents"), "passages": 1, "next": 1}
    )
    with pytest.raises(InputError, match="a number of a paragraph that is to be added is in use"):
        index.add([Document("third", f"{LEDE} {OTHER}")])

    assert rows == server.client.hgetall("published:passages")
    index.store.close()


def test_without_the_extra_the_error_says_how_to_install_it() -> None:
    code = "import sys; sys.modules['redis'] = None; from dedup.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "index", "info", "redis://localhost/0"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert done.stderr == "dedup: redis: redis is not installed; python -m pip install 'dedup[redis]'\n"


def test_an_index_is_opened_by_both_its_names(server: RedisServer, address: str) -> None:
    made(address).store.close()
    store = open_store(address.replace("127.0.0.1", "localhost"))
    assert store.sizes() == (0, 0)
    store.close()
