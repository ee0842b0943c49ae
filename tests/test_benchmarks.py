from __future__ import annotations

import itertools
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bars import Panel, svg
from exact_join import exact_pairs
from hypothesis import given
from hypothesis import strategies as st
from material import TESTS
from peers import PEERS, THRESHOLD, USUAL, Row, main, missing, shingles, table

PEERS_SCRIPT = TESTS.parent / "benchmarks" / "peers.py"
LIBRARIES = [name for name, peer in PEERS.items() if peer.find]


def made_up_texts() -> list[str]:
    """200 texts of 40 words: 80 alone, and 40 with a copy in capitals and a copy in which two words are others."""
    chance = random.Random(5)
    vocabulary = [f"w{number}" for number in range(3000)]
    texts = [" ".join(chance.choices(vocabulary, k=40)) for _ in range(80)]
    for source in [chance.choices(vocabulary, k=40) for _ in range(40)]:
        changed = [*source[:10], "other", *source[11:30], "words", *source[31:]]
        texts += [" ".join(source), " ".join(source).upper(), ", ".join(changed)]
    return texts


@pytest.fixture(scope="module")
def paragraphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("peers") / "paragraphs.jsonl"
    records = [{"id": row, "text": text} for row, text in enumerate(made_up_texts())]
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


def brute_force(texts: list[str], threshold: float) -> list[tuple[int, int]]:
    """Every pair, looked at."""
    sets = [set(shingles(text)) for text in texts]
    pairs = itertools.combinations(range(len(texts)), 2)
    return [(a, b) for a, b in pairs if sets[a] and sets[b] and len(sets[a] & sets[b]) >= threshold * len(sets[a] | sets[b])]


# Few words, so that many shingles are shared; thresholds that are sums of halves, so that the products are exact.
@given(
    st.lists(st.lists(st.sampled_from(["a", "b", "C", "é", "東"]), max_size=14).map(" ".join), max_size=12),
    st.sampled_from([0.125, 0.25, 0.5, 0.75, 1.0]),
)
def test_the_exact_join_finds_what_comparing_every_pair_finds(texts: list[str], threshold: float) -> None:
    assert exact_pairs(texts, threshold) == brute_force(texts, threshold)


def test_the_exact_join_finds_the_made_up_pairs() -> None:
    texts = made_up_texts()

    found = exact_pairs(texts, THRESHOLD)

    assert found == brute_force(texts, THRESHOLD)
    assert len(found) == 40 * 3


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_finds_the_made_up_pairs(name: str) -> None:
    if reason := missing(name):
        pytest.skip(reason)
    texts = made_up_texts()
    find, truth = PEERS[name].find, set(exact_pairs(texts, THRESHOLD))
    assert find

    found = list(find(texts))

    assert len(found) == len(set(found))
    assert len(set(found) & truth) > 0.9 * len(truth)
    assert len(set(found) - truth) < 0.1 * len(truth)


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="no usage of resources by process on this system")
def test_the_script_compares_the_tools_that_are_there(paragraphs: Path, tmp_path: Path) -> None:
    picture = tmp_path / "bars.svg"
    names = [name for name in USUAL if not missing(name)]

    run = subprocess.run(
        [sys.executable, str(PEERS_SCRIPT), str(paragraphs), "--rounds", "1", "--limit", "198", "--svg", str(picture)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )

    _, _, *rows = [line for line in run.stdout.splitlines() if line.startswith("|")]
    recall = {row.split()[1]: float(row.split("|")[-2]) for row in rows}
    assert list(recall) == names
    assert all(share > 0.9 for share in recall.values())
    assert "198 paragraphs" in run.stdout
    assert "has 117 pairs" in run.stdout
    for name in set(USUAL) - set(names):
        assert f"{name} is left out: {name} is not installed" in run.stderr
    drawn = " ".join(ElementTree.parse(picture).getroot().itertext())
    assert len(re.findall(r"\d s\b", drawn)) == len(re.findall(r"\d MiB", drawn)) == 2 * len(names)


def test_the_script_stops_with_a_line_if_there_is_nothing_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEDUP_DATA", raising=False)

    with pytest.raises(SystemExit, match=r"^peers\.py: name a file of paragraphs, or set DEDUP_DATA") as stopped:
        main([])

    assert "\n" not in str(stopped.value)


def test_the_table_has_no_ratios_without_the_yardstick() -> None:
    row = Row("dedup", cpu=2.0, wall=2.5, peak=100 * 2**20, pairs=1234, recall=None)

    assert table([row]).splitlines()[-1].endswith("| 2.00 | – | 2.50 | 100 | – | 1,234 | – |")


def test_the_longest_bar_takes_the_room_there_is_and_others_are_in_proportion() -> None:
    drawn = ElementTree.fromstring(svg([Panel("Eggs & ham", [("ours", 1.0, "1 s"), ("<b>", 4.0, "4 s")])], ours="ours"))

    bars = {bar.get("class"): float(bar.get("width", "")) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")}

    assert bars["bar"] == 4 * bars["ours"]
    assert "Eggs & ham" in list(drawn.itertext())
