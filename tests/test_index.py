"""The index of the library and its stores: one contract for all of them."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from material import few, prose, spun_documents
from redis_server import RedisServer

from dedup import Config, Document, Index, check, nomination, pipeline
from dedup.batch import prepare
from dedup.columns import Candidates, Integers
from dedup.errors import ConfigError, InputError, OutputError
from dedup.exports import exported, imported
from dedup.index import learned_scheme
from dedup.indexes import NEAREST, STORES, Store, buckets, create_store, new_store, open_store, sqlite_file, store_exists
from dedup.indexes.contents import decoded_terms, encoded_terms, term_names
from dedup.indexes.entries import Entry, Header
from dedup.indexes.scheme import USUAL, Scheme
from dedup.indexes.tally import Tally
from dedup.lsh import Plan
from dedup.model import Pair
from dedup.rarity import Weights, learned_weights, prior_weights, zipf_frequencies
from dedup.upkeep import expire, rebuild

ACROSS = Config(scope="across")
LEDE = (
    "The Castermouth tram network is to be extended to the suburb of Pellgate after the regional transport board approved the "
    "final £212 million stage of the Harbour Line on Tuesday night."
)
REWORDED = (
    "On Tuesday evening, the last £212 million phase of the Harbour Line was given the go-ahead by the regional transport "
    "board, clearing the way for Castermouth's trams to run as far as suburban Pellgate."
)
FOOTER = (
    "The Fallowgate Courier is owned by its readers and has been printed in the town since 1871. If you value what we do, "
    "become a member from £3 a month or telephone the newsroom on 01632 960 114."
)
OTHER = "Nobody had expected that the lynx would come back to the Kettle Hills within a decade, least of all the shepherds."
THIRD = "Eleven bakers of the old quarter have signed a petition against the tax on ovens that the council passed in February."

Make = Callable[..., Store]


KINDS = {module: kind for kind, module in reversed(STORES.items())}  # the first address of each store


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.close()


@pytest.fixture(params=[(kind, text) for kind in KINDS.values() for text in (True, False) if text or kind != "redis"], ids=str)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Make an empty store of every kind, with and without texts; Redis without them is compared with SQLite elsewhere."""
    kind, with_text = request.param
    location = str(tmp_path / "published.db") if kind == "sqlite" else f"{kind}://"
    if kind == "redis":
        server = request.getfixturevalue("redis_server")
        server.client.flushall()
        location = server.address()
    made: list[Store] = []

    def make_one(scheme: Scheme | None = None) -> Store:
        made.append(create_store(location, scheme or Scheme.usual(ACROSS, with_text=with_text)))
        return made[-1]

    yield make_one
    for store in made:
        store.close()


def refuse(error: BaseException) -> None:
    raise error


def found(pairs: Iterable[Pair]) -> set[tuple[object, ...]]:
    return {
        (*sorted([(pair.a.document, pair.a.paragraph), (pair.b.document, pair.b.paragraph)]), pair.score, pair.kind)
        for pair in pairs
        if pair.a.document != pair.b.document
    }


def single_paragraphs(articles: int | None = None) -> list[Document]:
    """Each paragraph of labelled articles as a document of its own, in an order that mixes them."""
    texts = [
        (f"{document.id}/{number}", text)
        for document in spun_documents()[:articles]
        for number, text in enumerate(document.text.split("\n\n"))
    ]
    random.Random(1).shuffle(texts)
    return [Document(name, text) for name, text in texts]


def with_fixed_plan(monkeypatch: pytest.MonkeyPatch, documents: list[Document]) -> set[tuple[object, ...]]:
    """What a check finds across documents with the weights and the plan of an index, and without bridges."""
    with monkeypatch.context() as patched:
        patched.setattr(nomination, "learned_weights", lambda zipf, frequency, paragraphs: prior_weights(zipf))
        patched.setattr(nomination, "shareable", lambda weights, frequency: weights)
        patched.setattr(nomination, "plan_bands", lambda sample, paragraphs: USUAL)
        patched.setattr(pipeline, "bridges", lambda *given: Candidates.none())
        return found(check(documents, ACROSS))


# ------------------------------------------------------------------------------------------------- the contract of all stores


def test_to_query_each_document_and_then_add_it_gives_the_pairs_of_one_check(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = single_paragraphs(5)
    expected = with_fixed_plan(monkeypatch, documents)
    monkeypatch.setattr("dedup.index.NEAR", 2.0)  # which is what takes the place of bridges
    assert len(expected) > 10

    index, actual = Index(ACROSS, make()), set()
    for document in documents:
        actual |= found(index.query([document]))
        index.add([document])

    assert expected == actual


def test_what_is_added_again_changes_nothing_and_a_later_version_takes_the_place(make: Make) -> None:
    index = Index(ACROSS, make())
    one, other = Document("one", f"{LEDE}\n\n{OTHER}"), Document("other", OTHER)
    assert index.add([one, other]) == (2, 0, 0)
    before = list(index.store)

    assert index.add([other, one]) == (0, 0, 2)
    assert before == list(index.store)

    assert index.add([Document("one", REWORDED), other]) == (0, 1, 1)
    assert index.store.sizes() == (2, 2)
    index.verify()
    assert {("other", 0)} == {(pair.b.document, pair.b.paragraph) for pair in index.query([Document("new", OTHER)])}


def test_what_has_only_moved_is_unchanged_and_keeps_the_day_and_the_place_of_its_adding(make: Make) -> None:
    index = Index(ACROSS, make(), root="feeds")
    texts = {"one": f"{LEDE}\n\n{OTHER}", "two": THIRD}

    def feed(*names: str, file: str) -> list[Document]:
        return [Document(name, texts[name], file, line=line) for line, name in enumerate(names, 1)]

    assert index.add(feed("one", file="feeds/feed.jsonl")) == (1, 0, 0)
    [before] = index.store

    assert index.add(feed("two", "one", file="feeds/news.jsonl")) == (1, 0, 1)
    assert index.add([Document("one", f"A heading\n\n{texts['one']}", "feeds/news.jsonl")]) == (0, 0, 1)
    assert before == next(iter(index.store))

    assert index.add([Document("one", texts["one"], "feeds/news.jsonl", "2026-05-03", line=7)]) == (0, 1, 0)
    after = next(iter(index.store)).header
    assert (after.file, after.line, after.date, after.added > before.header.added) == ("news.jsonl", 7, "2026-05-03", True)
    index.verify()


def test_what_is_removed_is_not_found(make: Make) -> None:
    index = Index(ACROSS, make())
    index.add([Document("one", LEDE), Document("other", OTHER)])

    assert index.remove("one")
    assert not index.remove("one")

    assert index.store.sizes() == (1, 1)
    index.verify()
    assert len(index.query([Document("new", f"{LEDE}\n\n{REWORDED}")])) == 0
    assert len(index.query([Document("new", OTHER)])) == 1


def test_what_is_around_a_repeat_is_recalled_too(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    scheme = Scheme(Plan(6, 4), Weights.prior(), None, True, Config().fingerprint())  # so few bands miss many repeats
    index = Index(ACROSS, make(scheme))
    words = LEDE.split()
    index.add(Document(f"{cut}", " ".join([*words[cut:], *["Meanwhile"] * cut])) for cut in range(0, 18, 2))
    asked = [Document("new", f"{REWORDED} {LEDE}")]

    around = found(index.query(asked))
    monkeypatch.setattr("dedup.index.NEAR", 2.0)

    assert found(index.query(asked)) < around


@pytest.mark.parametrize(
    "documents", [[Document("one", LEDE), Document("short", "Too short.")], [Document("short", "Too short.")]]
)
def test_a_document_without_paragraphs_is_kept_whatever_is_done(make: Make, tmp_path: Path, documents: list[Document]) -> None:
    index = Index(ACROSS, make())
    index.add(documents)
    expected = [document.id for document in documents]

    rebuild(index)
    index.verify()

    assert expected == [entry.header.identity for entry in index.store]
    lines = [line.encode("utf-8", "surrogatepass") for line in exported(index.store)]
    location = str(tmp_path / "again.db")
    assert index.store.sizes() == imported(lines, "export.jsonl", location)
    with closing(open_store(location)) as again:
        assert expected == [entry.header.identity for entry in again]


def test_names_and_dates_that_are_no_text_are_kept_and_exported(make: Make, tmp_path: Path) -> None:
    index = Index(ACROSS, make())
    index.add([Document("\ud800", LEDE, date="\udfff")])

    lines = [line.encode() for line in exported(index.store)]

    assert imported(lines, "export.jsonl", str(tmp_path / "again.db")) == (1, 1)
    assert index.add([Document("\ud800", LEDE, date="\udfff")]) == (0, 0, 1)


def test_a_document_is_not_compared_with_its_own_older_version(make: Make) -> None:
    index = Index(ACROSS, make())
    index.add([Document("one", f"{LEDE}\n\n{OTHER}"), Document("other", OTHER)])

    pairs = index.query([Document("one", f"{REWORDED}\n\n{OTHER}")])

    assert [pair.b.document for pair in pairs] == ["other"]


def test_a_pair_names_the_place_and_the_date_of_what_was_published(make: Make) -> None:
    index = Index(ACROSS, make(), root="feeds")
    index.add([Document("17", f"{OTHER}\n\n{LEDE}", "feeds/may.jsonl", "2026-05-03", line=4)])

    [pair] = index.query([Document("new", REWORDED)])

    assert pair.a.index is None
    place = pair.b
    assert (place.file, place.document, place.paragraph, place.line, place.date) == ("may.jsonl", "17", 1, 4, "2026-05-03")
    assert place.index == index.store.location
    assert place.text == (LEDE if index.store.scheme.with_text else "")


def test_documents_before_a_date_are_not_recalled(make: Make) -> None:
    index = Index(ACROSS, make())
    index.add([Document("old", LEDE, date="2026-04-30"), Document("late", LEDE, date="2026-05-02"), Document("undated", LEDE)])

    index.since = 1777593600.0  # 1 May 2026
    index.since = min(index.since, next(iter(index.store)).header.added)  # in whatever year this runs

    assert {"late", "undated"} == {pair.b.document for pair in index.query([Document("new", LEDE)])}


def test_a_transaction_that_fails_leaves_a_stored_index_as_it_was(make: Make) -> None:
    index = Index(ACROSS, make())
    index.add([Document("one", LEDE)])
    before = list(index.store)

    with pytest.raises(InputError, match="two documents named 'two'"):
        index.add([Document("two", OTHER, "a.jsonl"), Document("two", REWORDED, "b.jsonl")])

    assert before == list(index.store)
    index.verify()


def test_what_a_caller_raises_in_a_transaction_undoes_it_and_arrives_as_it_is(make: Make) -> None:
    index = Index(ACROSS, make())

    def documents() -> Iterator[Document]:
        yield Document("one", LEDE)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        index.add(documents())
    for work in (index.store.transaction, index.store.snapshot):
        with pytest.raises(ValueError, match=r"^mine$"), work():
            refuse(ValueError("mine"))

    assert index.add([Document("one", LEDE)]) == (1, 0, 0)


def test_a_document_is_removed_by_itself_or_by_its_name(make: Make) -> None:
    index = Index(ACROSS, make(), root="feeds")
    documents = [Document("17", LEDE, "feeds/may.jsonl", line=3), Document("feeds/a.md", OTHER, "feeds/a.md")]
    documents += [Document("caf\udce9.txt", THIRD)]  # whose name is no UTF-8
    for names in (["17", "a.md", "caf\udce9.txt"], documents):
        index.add(documents)
        assert [index.remove(name) for name in names for _ in range(2)] == [True, False] * 3
        assert index.store.sizes() == (0, 0)


def test_of_many_equal_texts_the_first_stands_for_all(make: Make) -> None:
    index = Index(ACROSS, make())
    index.add(Document(f"{number:03}", LEDE) for number in range(NEAREST))

    [pair] = index.query([Document("new", LEDE)])

    assert (pair.b.document, pair.copies) == ("000", NEAREST + 1)


def test_what_is_recent_is_recalled_though_much_that_is_old_was_added_later(make: Make) -> None:
    store = make()
    index = Index(ACROSS, store)
    index.add([Document("recent", LEDE, date="2026-05-01")])
    index.add(Document(f"{number:03}", LEDE, date="2020-01-01") for number in range(NEAREST + 6))

    since = datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp()
    [pair] = Index(ACROSS, store, since=since).query([Document("new", LEDE)])

    assert pair.b.document == "recent"


def test_what_is_removed_twice_over_is_removed_once(make: Make) -> None:
    index = Index(ACROSS, make())
    index.add([Document("one", LEDE), Document("two", OTHER)])

    assert index.forget(["one", "one"]) == 1

    index.verify()
    assert index.store.sizes() == (1, 1)


def test_what_is_renewed_while_old_documents_are_forgotten_stays(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index(ACROSS, make())
    index.add([Document("one", LEDE, date="2026-01-01"), Document("two", OTHER, date="2026-01-01")])
    forget = index.forget

    def late(identities: list[str], meant: Callable[[Header], bool]) -> int:
        index.add([Document("one", LEDE, date="2026-06-01")])
        return forget(identities, meant)

    monkeypatch.setattr(index, "forget", late)
    assert expire(index, datetime(2026, 3, 1, tzinfo=timezone.utc).timestamp()) == 1

    assert [entry.header.date for entry in index.store] == ["2026-06-01"]
    index.verify()


@pytest.mark.parametrize("lost", ["all", "a band", "the text"])
def test_that_a_paragraph_is_not_in_a_bucket_is_told_whatever_else_is_there(make: Make, lost: str) -> None:
    store = make()
    index = Index(ACROSS, store)
    index.add(Document(f"{number:03}", LEDE) for number in range(NEAREST + 6 if lost == "all" else 2))
    index.add([Document("lost", OTHER)])
    index.verify()
    with store.transaction():
        entries = [entry for entry in store if lost != "all" or entry.header.identity != "lost"]
        signatures = index.signatures(entries)
        if lost == "a band":
            signatures[-1, 17] += 1
        if lost == "the text":
            wrong = [passage._replace(key=passage.key + 1) for passage in entries[-1].passages]
            entries[-1] = Entry(entries[-1].header, wrong, entries[-1].first)
        store.replan(store.scheme)
        store.enter(entries, signatures)

    with pytest.raises(InputError, match=r"a paragraph is not in all of its buckets.*; dedup index rebuild it"):
        index.verify()
    rebuild(index)
    index.verify()


def test_that_a_text_is_not_that_of_its_hash_is_told(make: Make) -> None:
    index = Index(ACROSS, make())
    index.add([Document("one", LEDE)])
    [entry] = index.store
    [passage] = entry.passages
    with index.store.transaction():
        index.store.delete([entry], index.signatures([entry]))
        changed = Entry(entry.header, [passage._replace(key=passage.key ^ 1)])
        index.store.insert([changed], index.signatures([changed]))

    with pytest.raises(InputError, match="a document is not as it was added"):
        index.verify()


def test_a_footer_of_what_was_published_is_boilerplate(make: Make) -> None:
    index, articles = Index(ACROSS, make()), spun_documents()
    index.add(Document(article.id, f"{article.text}\n\n{FOOTER}") for article in articles[:8])

    result = index.query([Document("new", f"{articles[8].text}\n\n{FOOTER.replace('1871', '1872')}")])

    [footer] = result.boilerplate
    assert (footer.documents, [place.document for place in footer.places][:2]) == (9, ["new", articles[0].id])
    assert {(pair.kind, pair.why) for pair in result if not pair.same_document} == {("near", "boilerplate")}


def test_a_paragraph_of_few_documents_or_of_copies_of_one_is_no_boilerplate(make: Make) -> None:
    index, articles = Index(ACROSS, make()), spun_documents()
    copies = [Document(f"copy {number}", f"{articles[0].text}\n\n{FOOTER}") for number in range(5)]
    index.add([*copies, Document("other", f"{articles[1].text}\n\n{LEDE}")])

    result = index.query([Document("new", f"{articles[2].text}\n\n{FOOTER}\n\n{LEDE}")])

    assert result.counts.boilerplate == 0
    assert {pair.b.document for pair in result if pair.counts} == {"copy 0", "copy 1", "copy 2", "copy 3", "copy 4", "other"}


def test_what_is_recalled_counts_by_its_length_where_boilerplate_is_told(make: Make) -> None:
    index = Index(ACROSS, make())
    own = [article.text.split("\n\n")[0][:120] for article in spun_documents()[:6]]
    index.add(Document(f"old {number}", f"{text}\n\n{LEDE}\n\n{FOOTER}") for number, text in enumerate(own[1:]))

    result = index.query([Document("new", f"{own[0]}\n\n{LEDE}\n\n{FOOTER}")])

    assert {pair.why for pair in result} == {None}  # the documents share most of the rest


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_a_new_store_is_there_when_it_is_filled_and_not_at_all_if_that_fails(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    location, scheme = str(tmp_path / "new.db"), Scheme.usual(ACROSS)
    if kind == "redis":
        server = request.getfixturevalue("redis_server")
        server.client.flushall()
        location = server.address()

    def fill(last: Callable[[], object]) -> None:
        with new_store(location, scheme) as store:
            entries = list(source.store)
            store.insert(entries, source.signatures(entries))
            assert not store_exists(location)
            last()

    source = Index(ACROSS)
    source.add(single_paragraphs(2))
    with pytest.raises(InputError, match="something"):
        fill(partial(refuse, InputError("x", "something", "else")))
    with pytest.raises(KeyboardInterrupt):
        fill(partial(refuse, KeyboardInterrupt()))
    assert list(tmp_path.iterdir()) == [] if kind == "sqlite" else list(server.client.keys()) == []

    fill(lambda: None)
    with pytest.raises(InputError, match="it is there already"):
        fill(lambda: None)
    with closing(Index.open(location, ACROSS).store) as store:
        kept = Index(ACROSS, store)
        kept.verify()
        assert source.store.sizes() == store.sizes()
        assert len(kept.query([Document("new", next(iter(source.store)).passages[0].content.decode())])) > 0


def test_who_makes_an_index_first_has_it(tmp_path: Path) -> None:
    location, scheme = str(tmp_path / "new.db"), Scheme.usual(ACROSS)
    with pytest.raises(InputError, match="it is there already"), new_store(location, scheme):
        create_store(location, Scheme.usual(Config(language="de"))).close()
    with closing(open_store(location)) as store:
        assert store.scheme.language == "de"
    assert [path.name for path in tmp_path.iterdir()] == ["new.db"]


# ---------------------------------------------------------------------------------------------------- identity, settings, plans


def test_two_clones_agree_on_what_a_document_is_called(tmp_path: Path) -> None:
    for clone in ("one", "other"):
        root = tmp_path / clone
        page, feed = str(root / "pages" / "a.md"), str(root / "feed.jsonl")
        index = Index(root=str(root))
        assert index.identity(Document(page, LEDE, page)) == "pages/a.md"
        assert index.identity(Document("17", LEDE, feed, line=3)) == "17"
        assert index.identity(Document(f"{feed}:3", LEDE, feed, line=3)) == "feed.jsonl:3"
        assert (
            index.identity(Document("https://example.org/a", LEDE, "https://example.org/feed", line=3))
            == "https://example.org/a"
        )


def test_an_index_refuses_another_language(tmp_path: Path) -> None:
    location = str(tmp_path / "published.db")
    create_store(location, Scheme.usual(Config(language="de"))).close()

    with pytest.raises(InputError, match="an index made with --language de"):
        Index.open(location, Config())


def test_an_index_refuses_another_method(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    location = str(tmp_path / "published.db")
    create_store(location, Scheme.usual(Config())).close()
    monkeypatch.setattr("dedup.config.METHOD_VERSION", 99)

    with pytest.raises(InputError, match="another version of dedup"):
        Index.open(location, Config())


def test_a_learned_index_weighs_as_its_collection_does() -> None:
    documents = single_paragraphs()
    scheme = learned_scheme(documents, Config())
    terms = prepare([document.text for document in documents], None).terms
    zipf = zipf_frequencies(terms.spelling, terms.hash)
    frequency = np.bincount(terms.distinct.values, minlength=len(zipf))

    expected = learned_weights(zipf, frequency, len(documents))

    np.testing.assert_array_equal(expected, Scheme.decoded(scheme.encoded()).weights.of(zipf, terms.hash))
    assert scheme.plan.bands <= 64


def test_nothing_can_be_learned_from_nothing() -> None:
    with pytest.raises(ConfigError, match="no paragraphs to learn from"):
        Index.learn([])


def test_a_learned_index_finds_what_it_is_asked(make: Make) -> None:
    index = Index.learn(spun_documents())
    index.add([Document("one", LEDE)])

    assert [pair.score for pair in index.query([Document("new", LEDE)])] == [1.0]


# --------------------------------------------------------------------------------------------------------- contents, buckets


@few
@given(st.lists(prose, max_size=5), st.lists(prose, max_size=5))
def test_without_texts_all_that_a_score_is_made_from_is_kept(texts: list[str], others: list[str]) -> None:
    batch, known = prepare(texts, None), prepare(others, None).terms
    spellings = dict(zip(term_names(known).tolist(), known.spelling, strict=True))

    terms, zipf = decoded_terms(list(encoded_terms(batch.terms, batch.zipf)), batch.keys, spellings)

    assert len(texts) == len(terms)
    spelled = {int(name): word for name, word in zip(term_names(batch.terms), batch.terms.spelling, strict=True)}
    names = [next(name for name in spelled if f"{name:016x}" in word or spellings.get(name) == word) for word in terms.spelling]
    for row in range(len(texts)):
        for column in ("sequence", "names"):
            expected = [batch.terms.spelling[number] for number in getattr(batch.terms, column).take(np.array([row])).values]
            actual = [spelled[names[number]] for number in getattr(terms, column).take(np.array([row])).values]
            assert sorted(expected) == sorted(actual) if column == "names" else expected == actual
    np.testing.assert_array_equal(batch.terms.begins, terms.begins)
    np.testing.assert_array_equal(batch.terms.numbers.values, terms.numbers.values)
    expected_zipf = {word: float(value) for word, value in zip(batch.terms.spelling, batch.zipf, strict=True)}
    assert all(expected_zipf[spelled[name]] == value for name, value in zip(names, zipf.tolist(), strict=True))


@few
@given(st.lists(st.lists(st.integers(0, 300), min_size=1, max_size=400), max_size=6), st.randoms(use_true_random=False))
def test_buckets_hold_what_a_set_of_pairs_holds(steps: list[list[int]], chance: random.Random) -> None:
    import sqlite3

    held: set[tuple[int, int]] = set()
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute(buckets.TABLE)
    buckets.begin(connection)
    for number, step in enumerate(steps):
        keys = np.sort(np.array([zlib.crc32(bytes([key % 256])) << 30 for key in step], dtype=np.int64))
        passages = np.arange(number * 1000, number * 1000 + len(keys), dtype=np.uint32)
        buckets.insert(connection, keys, passages)
        held |= set(zip(keys.tolist(), passages.tolist(), strict=True))
        gone = sorted(chance.sample(sorted(held), len(held) // 3))
        buckets.delete(
            connection, np.array([k for k, _ in gone], dtype=np.int64), np.array([p for _, p in gone], dtype=np.uint32)
        )
        held -= set(gone)

    parts = list(buckets.look_at_all(connection))
    wanted = sorted({key for key, _ in held} | {5})
    found_there, capped = buckets.find(connection, np.array(wanted), np.arange(len(wanted)), len(wanted), NEAREST)

    assert [(key, passage) for keys, passages, _ in parts for key, passage in zip(keys, passages, strict=True)] == sorted(held)
    expected = [sorted(passage for own, passage in held if own == key)[-NEAREST:] for key in wanted]
    assert expected == [found_there.take(np.array([row])).values.tolist() for row in range(len(wanted))]
    assert sorted(capped.tolist()) == [row for row, key in enumerate(wanted) if sum(own == key for own, _ in held) > NEAREST]
    connection.close()


entries = st.sets(st.tuples(st.integers(-3, 3), st.integers(0, 5)), max_size=30)


@few
@given(entries, entries, st.sets(st.integers(-3, 3), max_size=2), st.booleans())
def test_buckets_are_right_if_they_hold_what_is_expected_or_have_lost_it(
    held: set[tuple[int, int]], others: set[tuple[int, int]], incomplete: set[int], is_right: bool
) -> None:
    expected = held | {entry for entry in others if entry[0] in incomplete} if is_right else others

    def part(some: set[tuple[int, int]], *keys: int) -> tuple[Integers, Integers, Integers]:
        columns = np.array(sorted(some), dtype=np.int64).reshape(-1, 2)
        return columns[:, 0], columns[:, 1], np.array(sorted(incomplete & set(keys)), dtype=np.int64)

    tally = Tally([part({entry for entry in held if entry[0] == key}, key) for key in range(-3, 4)])
    for row in expected:
        tally.expect(*part({row})[:2])

    lacking = {entry for entry in expected - held if entry[0] not in incomplete}
    assert (held <= expected and not lacking) == tally.is_right()


def test_a_full_bucket_drops_its_oldest_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "FULLEST", 10)
    index = Index(ACROSS, create_store(str(tmp_path / "a.db"), Scheme.usual(ACROSS)))
    for number in range(12):
        index.add([Document(f"{number:02}", LEDE)])

    pairs = index.query([Document("new", LEDE)])

    assert [f"{number:02}" for number in range(2, 12)] == sorted(pair.b.document for pair in pairs)
    index.remove("00")  # which is in no bucket any more
    index.remove("11")
    assert len(index.query([Document("new", LEDE)])) == 9

    index.forget([f"{number:02}" for number in range(2, 12)])  # but 01 is in no bucket
    index.verify()
    nothing = index.query([Document("new", LEDE)])
    assert (len(nothing), nothing.counts.capped_buckets > 0) == (0, True)
    rebuild(index)
    [found_again] = index.query([Document("new", LEDE)])
    assert found_again.b.document == "01"


def test_a_plan_of_few_bands_still_finds_equal_texts(make: Make) -> None:
    scheme = Scheme(Plan(6, 2), Weights.prior(), None, True, Config().fingerprint())
    index = Index(ACROSS, make(scheme))
    index.add([Document("one", LEDE), Document("short", "it was the one of them that they had for us")])

    assert [pair.b.document for pair in index.query([Document("new", LEDE.upper())])] == ["one"]
    assert index.query([Document("new", "It was the one of them that they had for US")]).pairs[0].score == 1.0


def test_who_has_an_index_open_to_read_keeps_nobody_from_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "PATIENCE", 0.1)
    location = str(tmp_path / "a.db")
    create_store(location, Scheme.usual(ACROSS)).close()
    reader, new = Index.open(location, ACROSS), [Document("new", LEDE)]
    assert list(reader.query(new)) == []

    writer = Index.open(location, ACROSS, writable=True)
    writer.add([Document("old", LEDE)])
    assert [pair.b.document for pair in reader.query(new)] == ["old"]

    for index in (reader, writer):
        index.store.close()


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_who_has_an_index_open_while_it_is_rebuilt_goes_on_by_the_new_plan(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    location = str(tmp_path / "a.db") if kind == "sqlite" else request.getfixturevalue("redis_server").address("rebuilt")
    create_store(location, Scheme.usual(ACROSS)).close()
    reader, one, other = (Index.open(location, ACROSS, writable=writable) for writable in (False, True, True))
    one.add([Document("old", LEDE), Document("changing", OTHER)])

    rebuild(other, Scheme(Plan(4, 20), Weights.prior(), None, True, Config().fingerprint()))

    assert [pair.b.document for pair in reader.query([Document("new", LEDE)])] == ["old"]
    assert one.add([Document("late", REWORDED), Document("changing", FOOTER)]) == (1, 1, 0)
    reader.verify()
    assert {"old", "late"} == {pair.b.document for pair in reader.query([Document("new", LEDE)])}
    assert one.forget(["old", "late", "changing"]) == 3
    reader.verify()
    for index in (reader, one, other):
        index.store.close()


def test_who_has_an_index_open_when_another_takes_its_place_is_told(redis_server: RedisServer) -> None:
    location = redis_server.address("replaced")
    create_store(location, Scheme.usual(ACROSS)).close()
    writer = Index.open(location, ACROSS, writable=True)
    redis_server.client.delete("replaced:scheme")
    create_store(location, Scheme.usual(ACROSS, with_text=False)).close()

    for work in (lambda: writer.add([Document("old", LEDE)]), lambda: writer.query([Document("new", LEDE)])):
        with pytest.raises(OutputError, match="another index took its place meanwhile; run this again"):
            work()
    writer.store.close()


def test_a_stored_index_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    location = str(tmp_path / "a.db")
    index = Index(ACROSS, create_store(location, Scheme.usual(ACROSS)))
    index.add(single_paragraphs()[:40])
    expected = list(index.store)
    index.store.close()

    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]
    again = open_store(location)
    assert expected == list(again)
    again.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]
