from __future__ import annotations

import os

import pytest

from dedup.errors import ConfigError
from dedup.globs import Globs

FOLDER = os.path.abspath("/srv/news [1]")


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.md", ["a.md", "b/c/d.md", ".md"], ["a.mdx", "../a.md", "a.md5/x"]),
        ("drafts", ["drafts", "drafts/a", "b/drafts/c/d"], ["drafts.txt", "b/my-drafts/c"]),
        ("drafts/", ["drafts/a"], ["drafts.txt"]),
        ("a/*.md", ["a/b.md"], ["a/b/c.md", "x/a/b.md"]),
        ("./a/b", ["a/b", "a/b/c"], ["b"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "b/a/c"]),
        ("a/**/b.md", ["a/b.md", "a/x/y/b.md"], ["a/xb.md", "b.md"]),
        ("**/b.md", ["b.md", "x/y/b.md"], ["xb.md"]),
        ("../b/*", ["../b/c"], ["b/c"]),
        ("?.[a-c]", ["x.a", "y.c"], ["x.d", "xy.a", "/.a"]),
        ("[!a].x", ["b.x"], ["a.x"]),
        ("/tmp/*", ["/tmp/a", "/tmp/a/b"], ["tmp/a"]),
        ("a+b(c).txt", ["a+b(c).txt"], ["aab(c).txt"]),
    ],
)
def test_a_pattern_matches_what_the_readme_says(pattern: str, matching: list[str], others: list[str]) -> None:
    globs = Globs([pattern], FOLDER)
    found = [path for path in matching + others if globs.match(os.path.join(FOLDER, path))]
    assert found == matching


def test_no_patterns_match_nothing_and_an_empty_one_is_an_error() -> None:
    assert not Globs([]).match("a")
    with pytest.raises(ConfigError, match="'' is no pattern; give one"):
        Globs([""])
