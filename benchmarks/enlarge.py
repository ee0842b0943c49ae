"""Make a large collection from a small one: paragraphs of sentences that are drawn anew, the same for the same seed.

python benchmarks/enlarge.py $DEDUP_DATA/throughput_100k.jsonl.gz 1000000 million.jsonl
python benchmarks/enlarge.py $DEDUP_DATA/throughput_100k.jsonl.gz 5000000 short.jsonl --sentences 1 2

The first paragraphs are those of the source. Each further one has as many sentences as a paragraph drawn from the source, or as
many as `--sentences` allows; every sentence follows one that stood before it in the source with even chance, else it is drawn
from the whole source. So a paragraph shares runs of sentences with few others, and most with none.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections.abc import Iterator

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
FOLLOWS = 0.5


def read(path: str) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def enlarged(texts: list[str], count: int, least: int, most: int, seed: int) -> Iterator[str]:
    if most == 0:
        yield from texts[:count]
        count -= len(texts)
    paragraphs = [SENTENCE_END.split(text) for text in texts]
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
    draw = random.Random(seed)
    for _ in range(count):
        size = draw.randint(least, most) if most else len(draw.choice(paragraphs))
        drawn: list[str] = []
        place = 0
        for _ in range(size):
            place = place + 1 if drawn and draw.random() < FOLLOWS else draw.randrange(len(sentences))
            drawn.append(sentences[place % len(sentences)])
        yield " ".join(drawn)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="JSON Lines with a text in each, packed (.gz) or not")
    parser.add_argument("count", type=int, help="paragraphs to make")
    parser.add_argument("target", help="where they are written, as JSON Lines")
    parser.add_argument("--sentences", type=int, nargs=2, default=(0, 0), metavar=("LEAST", "MOST"), help="in a paragraph")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    least, most = arguments.sentences
    with open(arguments.target, "w", encoding="utf-8") as out:
        for number, text in enumerate(enlarged(read(arguments.source), arguments.count, least, most, arguments.seed)):
            out.write(json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
