#!/usr/bin/env python3
"""Fit the curves of the score from labelled files.

    fit.py FILE... [--other-language FILE...] [--write dedup/coefficients.json]

What a file holds is seen from its records (JSON Lines, .gz or not, or a folder of JSON files):

    {"id", "lang", "paragraphs": [{"text"}], "pairs": [{"a", "b"}], "hard_negatives": [{"a", "b"}]}   an article
    {"a", "b", "label": 0 or 1, "kind"}                                                              a pair of texts
    {"id", "text", "cluster": name or null}                                                          a paragraph of a stream

Articles fit the curves for pairs of one document, together with pairs made up from the labelled ones (made_up.py). The stream
and the labelled pairs fit those across documents, together with the articles, as if each paragraph were a document, and with
made-up sentences: neither a stream nor labelled pairs hold reports that were filled into one template. The shipped coefficients
need all three: with articles alone the script prints what they give and says so. Printed for articles: F1 at 0.5 out of fold,
by article, for five seeds.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from made_up import neighbours, short, successive
from numpy.typing import NDArray

from dedup.batch import prepare
from dedup.copies import find_copies
from dedup.features import FEATURES, measure
from dedup.nomination import nominate
from dedup.profiles import profile
from dedup.similarity import coefficients

SEEDS = 5
FOLDS = 5
RIDGE = {"within": 0.3, "across": 3.0}
REPEAT_WEIGHT, HARD_WEIGHT = 2.0, 2.0  # of the repeats and of the hard negatives of an article; its other pairs weigh 1
MADE_WEIGHT = 0.05
PAIRS_SHARE = 300.0  # total weight of a file of labelled pairs across documents, where a pair of the stream weighs 1
OTHER_SHARE = 4000.0  # of one in another language than the stream's: nothing else speaks for that language
PAIRS_USED = 60  # rewrites of each file that pairs are made up from
ARTICLES_ACROSS = 1.0  # what the weights of the articles are multiplied by where they fit the curves across documents
SHORT_WEIGHT, SHORT_USED = 0.035, 300  # of a made-up pair of sentences, and how many of them each file gives

# There is little to learn the curves of one document from: fewer features, straight lines. KNOTS are the quantiles of the
# repeats at which a curve may bend.
WITHIN = (
    "weighted_jaccard rare_lost order gap patchwork word_pairs word_pairs_kept verbatim frame names_kept "
    "numbers_kept numbers_changed numbers_replaced new_rarity"
).split()
USED = {"within": [list(FEATURES).index(name) for name in WITHIN], "across": list(range(len(FEATURES)))}
KNOTS = {"within": (), "across": (0.15, 0.4, 0.6, 0.85)}

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass
class Labelled:
    """Measured pairs: a feature matrix, labels, weights, and the article each belongs to (-1: none)."""

    x: Matrix = field(default_factory=lambda: np.zeros((0, len(FEATURES))))
    y: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))
    weight: Matrix = field(default_factory=lambda: np.zeros(0))
    article: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    hard: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def where(self, kept: Flags) -> Labelled:
        return Labelled(self.x[kept], self.y[kept], self.weight[kept], self.article[kept], self.hard[kept])

    def weighed(self, factor: float) -> Labelled:
        """The same with every weight multiplied."""
        return replace(self, weight=self.weight * factor)

    def __add__(self, other: Labelled) -> Labelled:
        columns = ("x", "y", "weight", "article", "hard")
        return Labelled(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in columns))


# ------------------------------------------------------------------------------------------------ reading and measuring


def records(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_dir():
        yield from (json.loads(file.read_text(encoding="utf-8")) for file in sorted(path.glob("*.json")))
        return
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def measured(
    texts: list[str], left: Sequence[int], right: Sequence[int], y: Sequence[bool], weight: float | Matrix
) -> Labelled:
    batch = prepare(texts, None)
    profiles = profile(batch.terms, batch.lexicon)
    rows = np.array(left, dtype=np.int64), np.array(right, dtype=np.int64)
    parts = [measure(profiles, rows[0][i : i + 4096], rows[1][i : i + 4096]) for i in range(0, max(1, len(left)), 4096)]
    x = np.concatenate([np.column_stack(list(part.values())) for part in parts])
    none = np.full(len(left), -1)
    return Labelled(x, np.array(y, dtype=bool), np.broadcast_to(weight, len(left)).astype(float), none, none > 0)


def measured_articles(articles: list[dict[str, Any]]) -> Labelled:
    found = Labelled()
    for number, article in enumerate(articles):
        pairs = list(itertools.combinations(range(len(article["paragraphs"])), 2))
        repeats = {tuple(sorted((pair["a"], pair["b"]))) for pair in article["pairs"]}
        hard = {tuple(sorted((pair["a"], pair["b"]))) for pair in article.get("hard_negatives", [])}
        y = [pair in repeats for pair in pairs]
        texts = [paragraph["text"] for paragraph in article["paragraphs"]]
        weight = np.select([y, [pair in hard for pair in pairs]], [REPEAT_WEIGHT, HARD_WEIGHT], 1.0)
        part = measured(texts, *zip(*pairs, strict=True), y, weight)
        part.article, part.hard = np.full(len(pairs), number), np.array([pair in hard for pair in pairs])
        found += part
    return found


def measured_pairs(pairs: list[dict[str, Any]], weight: float) -> Labelled:
    texts = [pair["a"] for pair in pairs] + [pair["b"] for pair in pairs]
    count = len(pairs)
    return measured(texts, range(count), range(count, 2 * count), [pair["label"] == 1 for pair in pairs], weight)


def made_up(pairs: list[dict[str, Any]], chance: random.Random) -> Labelled:
    rewritten = [(pair["a"], pair["b"]) for pair in pairs if pair["label"] == 1]
    sample = chance.sample(rewritten, min(PAIRS_USED, len(rewritten)))
    made = neighbours(sample, chance) or [(a, b, True) for a, b in sample]
    made += successive(sample)
    other = [(pair["a"], pair["b"], False) for pair in pairs if pair["label"] == 0][:PAIRS_USED]
    return measured_pairs([{"a": a, "b": b, "label": int(label)} for a, b, label in made + other], MADE_WEIGHT)


def made_up_short(pairs: list[dict[str, Any]], chance: random.Random) -> Labelled:
    rewritten = [(pair["a"], pair["b"]) for pair in pairs if pair["label"] == 1]
    made = short(chance.sample(rewritten, min(PAIRS_USED, len(rewritten))), chance)
    used = chance.sample(made, min(SHORT_USED, len(made)))
    return measured_pairs([{"a": a, "b": b, "label": int(label)} for a, b, label in used], SHORT_WEIGHT)


def measured_stream(paragraphs: list[dict[str, Any]]) -> Labelled:
    """What is nominated among the paragraphs of a stream, unless neither of the two has a cluster."""
    texts = [" ".join(paragraph["text"].split()) for paragraph in paragraphs]
    batch = prepare(texts, None)
    document = np.arange(len(texts), dtype=np.int32)
    found, _ = nominate(batch, find_copies(batch.keys, document, lambda row: row), document, "all")
    clusters = [paragraph["cluster"] for paragraph in paragraphs]
    pairs = [(a, b) for a, b in zip(found.left.tolist(), found.right.tolist(), strict=True) if clusters[a] or clusters[b]]
    return measured(texts, *zip(*pairs, strict=True), [clusters[a] == clusters[b] for a, b in pairs], 1.0)


# ------------------------------------------------------------------------------------------------------------- fitting


@dataclass
class Curves:
    """An additive model: for each feature used, its slope from its least value on and the change of slope at each knot."""

    used: list[int]
    knots: list[Matrix]
    intercept: float = 0.0
    slopes: Matrix = field(default_factory=lambda: np.zeros(0))

    def basis(self, x: Matrix) -> Matrix:
        bends = [np.maximum(0, x[:, [j]] - knot) for j, knots in zip(self.used, self.knots, strict=True) for knot in knots]
        return np.hstack([x[:, self.used], *bends])

    def probability(self, x: Matrix) -> Matrix:
        return 1 / (1 + np.exp(-(self.intercept + self.basis(x) @ self.slopes)))

    def points(self, x: Matrix) -> dict[str, list[list[float]]]:
        """Each feature's curve as points, from its least to its greatest value in `x`."""
        curves, first = {}, len(self.used)
        for place, (j, knots) in enumerate(zip(self.used, self.knots, strict=True)):
            x_points = np.unique(np.concatenate([[x[:, j].min()], knots, [x[:, j].max()]]))
            bends = np.maximum(0, x_points[:, None] - knots) @ self.slopes[first : first + len(knots)]
            y_points = x_points * self.slopes[place] + bends
            curves[list(FEATURES)[j]] = [[round(float(v), 4) for v in points] for points in (x_points, y_points)]
            first += len(knots)
        return curves


def quantiles(values: Matrix, weight: Matrix, shares: Sequence[float]) -> Matrix:
    """The values up to which these shares of the weight lie."""
    order = np.argsort(values, kind="stable")
    up_to = np.cumsum(weight[order])
    return values[order][np.searchsorted(up_to, np.array(shares) * up_to[-1]).clip(max=len(values) - 1)]


def fit(data: Labelled, regime: str) -> Curves:
    """Logistic regression with a ridge on the standardised slopes, by Newton's method."""
    used = USED[regime]
    repeats, weight = data.x[data.y], data.weight[data.y]
    model = Curves(used, [np.unique(np.round(quantiles(repeats[:, j], weight, KNOTS[regime]), 2)) for j in used])
    basis = model.basis(data.x)
    mean, spread = basis.mean(0), basis.std(0) + 1e-9
    design = np.hstack([np.ones((len(basis), 1)), (basis - mean) / spread])
    penalty = np.full(design.shape[1], RIDGE[regime])
    penalty[0] = 1e-6
    theta = np.zeros(design.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-design @ theta))
        curvature = data.weight * p * (1 - p) + 1e-9
        step = np.linalg.solve(
            (design.T * curvature) @ design + np.diag(penalty), design.T @ (data.weight * (data.y - p)) - penalty * theta
        )
        theta += step
        if np.abs(step).max() < 1e-6:
            break
    model.slopes = theta[1:] / spread
    model.intercept = float(theta[0] - mean @ model.slopes)
    return model


# -------------------------------------------------------------------------------------------------------------- figures


def f1(y: Flags, reported: Flags) -> float:
    return 2 * (y & reported).sum() / max(1, y.sum() + reported.sum())


def out_of_fold(articles: Labelled, extra: Labelled) -> None:
    hand = np.isin(articles.article, articles.article[articles.hard])
    for name, shown in (("hand-labelled articles", hand), ("runs of news", ~hand)):
        lines = []
        for seed in range(SEEDS):
            p = _held_out(articles, extra, seed)
            reported = (p >= 0.5) & shown
            y = articles.y & shown
            lines.append((f1(y, reported), int((reported & ~y).sum()), int((reported & articles.hard).sum())))
        if shown.any():
            scores = " ".join(f"{score:.3f}" for score, _, _ in lines)
            wrong = " ".join(f"{false}/{hostile}" for _, false, hostile in lines)
            print(f"{name}, out of fold, {SEEDS} seeds: F1 at 0.5 {scores}; false reports / hostile negatives {wrong}")


def _held_out(articles: Labelled, extra: Labelled, seed: int) -> Matrix:
    p = np.zeros(len(articles.y))
    numbers = np.random.default_rng(seed).permutation(articles.article.max() + 1)
    for fold in np.array_split(numbers, FOLDS):
        held = np.isin(articles.article, fold)
        p[held] = fit(articles.where(~held) + extra, "within").probability(articles.x[held])
    return p


def stream_figures(stream: Labelled, extra: Labelled) -> None:
    """Two halves of the nominated pairs, each judged by curves fitted to the other."""
    half = np.random.default_rng(0).random(len(stream.y)) < 0.5
    p = np.zeros(len(stream.y))
    for held in (half, ~half):
        p[held] = fit(stream.where(~held) + extra, "across").probability(stream.x[held])
    order = np.argsort(-p)
    hits = np.cumsum(stream.y[order])
    precision = hits / np.arange(1, len(hits) + 1)
    at_half = p >= 0.5
    print(
        f"stream, {stream.y.sum()} of its repeats nominated: recall of those at precision 0.99 "
        f"{(hits / stream.y.sum())[precision >= 0.99].max(initial=0):.3f}, at 0.5 precision "
        f"{(stream.y & at_half).sum() / at_half.sum():.3f}, recall {(stream.y & at_half).sum() / stream.y.sum():.3f}"
    )


def main(arguments: Iterable[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument(
        "--other-language", nargs="*", default=[], type=Path, help="labelled pairs not in the stream's language"
    )
    parser.add_argument("--write", type=Path, help="write the coefficients here")
    options = parser.parse_args(list(arguments))
    chance, chance_of_short = random.Random(0), random.Random(1)
    articles, made, pairs, sentences, stream = (Labelled() for _ in range(5))
    rows: list[dict[str, Any]] = []
    for path in [*options.files, *options.other_language]:
        content = list(records(path))
        if "paragraphs" in content[0]:
            rows += content
        elif "label" in content[0]:
            made += made_up(content, chance)
            share = OTHER_SHARE if path in options.other_language else PAIRS_SHARE
            pairs += measured_pairs(content, share / len(content))
            sentences += made_up_short(content, chance_of_short)
        else:
            stream += measured_stream(content)
    articles = measured_articles([row for row in rows if "paragraphs" in row])
    out_of_fold(articles, made)
    beside_stream = pairs + articles.weighed(ARTICLES_ACROSS) + sentences
    if len(stream.y):
        stream_figures(stream, beside_stream)
    across = stream + beside_stream
    if not len(made.y) or not len(stream.y):
        print("Not the shipped coefficients: those are fitted to articles, labelled pairs and a stream together.")
    fitted = {}
    for regime, data in (("within", articles + made), ("across", across)):
        model = fit(data, regime)
        fitted[regime] = {"intercept": round(model.intercept, 4), "curves": model.points(data.x)}
    if options.write:
        options.write.write_text(_as_text(fitted), encoding="utf-8")
        coefficients.cache_clear()


def _as_text(fitted: dict[str, Any]) -> str:
    """JSON with one curve a line."""
    parts = []
    for regime, part in fitted.items():
        curves = ",\n".join(f"   {json.dumps(name)}: {json.dumps(points)}" for name, points in part["curves"].items())
        parts.append(f' "{regime}": {{\n  "intercept": {part["intercept"]},\n  "curves": {{\n{curves}\n  }}\n }}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main(sys.argv[1:])
