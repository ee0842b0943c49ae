"""Texts that the tests are run on: generated in every script, the samples, and the labelled articles of tests/spun."""

from __future__ import annotations

import functools
import itertools
import json
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from dedup import Result, check
from dedup.config import Config
from dedup.model import Document, Paragraphs
from dedup.paragraphs import split

TESTS = Path(__file__).parent
SPUN = TESTS / "spun"
SAMPLES = TESTS.parent / "samples"

few = settings(deadline=None, max_examples=25, derandomize=True)
many = settings(deadline=None, max_examples=100, derandomize=True)

_LETTERS = "aáeßiıİnoſtuАбвγς한국어แมวไปခမးရབོད中文書日本ひらカナ〇一二三十百万亿点حبمعहिकाअ"
_DIGITS = "0123456789٠٣٥९०๐๒１２²½①፩᪀𝟗"
_MARKS = " \t\n\u00a0\u2009\u3000.,;:!?…。！？'’‘“”\"«»-–—\u00ad\u200b\u200d\u2060\ufeff\ufe0f\u0301\u064b%€/"
WORDS = (
    "the The of and tram TRAM Castermouth U.S. J. e.g. St. three twenty one twenty-one hundred thousand million der die und "
    "drei einundzwanzig tausend deux cents que tres mil de het een twee uma três в и не три тысячи 1,000 1000 1.000 1.5m 1.5 3 "
    "21st 0.500 1'000 10 000 000 三百 二〇二八年 一点五 一万 五十多万 図書館 ข้าวผัด ประเทศไทย 서울특별시 서울은 الرياض ٣٫٥ "
    "दिल्ली में १२ \ud800 🦊 ﬁne Ⅷ"
).split(" ")

anything = st.text(st.characters(), max_size=40)
scraps = st.text(st.sampled_from(_LETTERS + _DIGITS + _MARKS), max_size=40)
prose = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from(["", " ", " ", " ", " ", ", ", ". ", "-", ": “"])), max_size=30
).map(lambda parts: "".join(itertools.chain(*parts)))
texts = st.one_of(anything, scraps, prose)
batches = st.lists(texts, max_size=6)


def edited(text: str, cut: int, insertion: str) -> str:
    """The same text with something put where a word stood."""
    words = text.split(" ")
    place = cut % len(words)
    return " ".join([*words[:place], insertion, *words[place + 1 :]])


pairs_of_texts = st.one_of(
    st.tuples(texts, texts),
    st.tuples(prose, prose),
    st.builds(lambda text, cut, insertion: (text, edited(text, cut, insertion)), prose, st.integers(0, 30), prose),
)


@functools.cache
def articles() -> list[dict[str, Any]]:
    """The labelled articles: `id`, `lang`, `paragraphs`, `pairs`, `hard_negatives`."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(SPUN.glob("*.json"))]


@functools.cache
def spun_documents() -> list[Document]:
    return [
        Document(article["id"], "\n\n".join(paragraph["text"].strip() for paragraph in article["paragraphs"]))
        for article in articles()
    ]


@functools.cache
def sample_documents() -> list[Document]:
    found = []
    for path in sorted(SAMPLES.iterdir()):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".txt":
            found.append(Document(path.name, text))
        elif path.suffix == ".md" and path.stem != "README":
            found.append(Document(path.name, text, markup="markdown"))
        elif path.suffix == ".jsonl":
            records = map(json.loads, text.splitlines())
            found += [Document(f"{path.name}:{record['id']}", record["text"]) for record in records]
    return found


@functools.cache
def every_real_pair() -> Result:
    """Every pair that is nominated in the samples and the labelled articles."""
    return check([*sample_documents(), *spun_documents()], Config(min_score=0))


@functools.cache
def real_paragraphs() -> Paragraphs:
    """Every paragraph of the samples and of the labelled articles."""
    return split([*sample_documents(), *spun_documents()], Config())
