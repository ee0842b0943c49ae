"""What of a page is no part of its article, by its markup and by how it begins: by element, role, and words of classes."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from dedup.blocks.passages import Node, Outline, Passage
from dedup.scripts import IDEOGRAPHIC, UNSPACED_LETTERS, character_class
from dedup.sentences import ends_sentence

MOST: Final = 0.5  # of the running text of a page: what holds more is no furniture, whatever its class says
MOST_COMMENTS: Final = 0.9  # the same of comments: there may well be more of them than of the article
RUNNING: Final = 80  # characters outside links that make text run
RUNNING_SENTENCE: Final = 40  # the same where a sentence ends it
LONGEST_OPENING: Final = 200  # characters of a passage that is known by how it begins
REPEATED: Final = 0.9  # of the runs of words of a quotation: more stand in the article too, so that it was pulled from there

_BY_ELEMENT: Final = {
    "nav": "navigation",
    "menu": "navigation",
    "footer": "footer",
    "dialog": "banner",
    "figure": "caption",
    "figcaption": "caption",
    "caption": "caption",
    "aside": "aside",
    "form": "form",
    "fieldset": "form",
    "label": "form",
    "address": "byline",
}
_SURELY: Final = frozenset("nav footer aside figcaption".split())  # however much they hold
_BY_ROLE: Final = {
    "navigation": "navigation",
    "menu": "navigation",
    "menubar": "navigation",
    "banner": "navigation",
    "contentinfo": "footer",
    "complementary": "aside",
    "dialog": "banner",
    "alertdialog": "banner",
    "search": "form",
    "form": "form",
    "tooltip": "hidden",
}
# Patterns of the words of a class or an id, alone or joined by hyphens; the first line that has one of them decides.
_BY_WORD: Final = {
    "banner": r"cookies? cookiebar consent gdpr ccpa onetrust didomi popup pop-up modal overlay lightbox paywall",
    "advert": r"ads? adverts? advertising advertisements? adv adbox adslot adunit sponsor(?:ed|s)? promos? promoted promotion "
    r"outbrain taboola commercial adsbygoogle dfp",
    "newsletter": r"newsletters? subscribe subscription signup sign-up mailchimp optin opt-in",
    "comment": r"comments? commentlist comment-?list disqus respond replies discussion livefyre",
    "related": r"related\w* recommended recommendations? recommends? trending popular read-?more see-?also more also-like "
    r"most-(?:read|viewed|shared) mostread teasers? latest recirc\w* up-next next-article ticker",
    "quote": r"pull-?quotes? pull pulled pq quote-?box blockquote-pull",
    "caption": r"captions? wp-caption-text figcaption imgbox image-?(?:credit|caption|info) photo-?(?:credit|caption) credits? "
    r"cutline slideshow gallery",
    "share": r"share\w* sharing social\w* addthis addtoany sharedaddy follow-us",
    "byline": r"byline\w* authors? author-\w+ dateline timestamp pub-?date publish-?date posted-on post-?meta entry-?meta "
    r"article-?meta meta metadata posted published updated kicker",
    "navigation": r"nav\w* \w+nav menus? mainmenu submenu breadcrumbs? topbar toolbar pagination pager masthead site-header "
    r"sidebar skip-link tags tag-?list tagcloud taxonomy",
    "footer": r"footer foot colophon copyright disclaimer site-info",
    "hidden": r"hidden visually-hidden sr-only screen-reader-text screenreader",
}
# How such passages begin where no class tells.
_BY_OPENING: Final = {
    "related": r"related:?|read (?:more|also|next)|also (?:read|see)|see also|more from|you (?:may|might) (?:also )?(?:like|be "
    r"interested)|recommended|don.t miss|lire aussi|à lire|leia (?:também|mais)|veja também|lesen sie auch|mehr zum thema|lea "
    r"también|ver también|te puede interesar|leggi anche|lees ook|читайте также|смотрите также",
    "advert": r"advert|advertisement|sponsored|anzeige|publicité|publicidad|реклама",
    "newsletter": r"sign up|subscribe|newsletter",
    "share": r"share (?:this|it)|follow (?:us|me|him|her|\w+) on",
    "comment": r"comments?$",
    "footer": r"©|copyright|all rights reserved",
}

_WORDS: Final = {
    reason: re.compile(rf"(?:^|[ -])(?:{words.replace(' ', '|')})(?=$|[ -])") for reason, words in _BY_WORD.items()
}
_OPENINGS: Final = {
    reason: re.compile(rf"[\[(]?\s*(?:{openings})(?!\w)", re.IGNORECASE) for reason, openings in _BY_OPENING.items()
}
# What a class of a whole page or article says of what is in it, or is not: has-sidebar, tag-newsletter, no-comments.
_OF_ANOTHER: Final = re.compile(r"(?:^| )(?:has|have|no|not|with|without|category|tag|type|status|format|js|is|template)-[^ ]*")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9 ]+")
_NEWSLETTER: Final = re.compile(r"newsletter|subscribe|e-?mail address", re.IGNORECASE)  # advertises itself
_INVISIBLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NEVER: Final = frozenset(("html", "body", "main", "article"))
_UNSPACED: Final = character_class(IDEOGRAPHIC, UNSPACED_LETTERS)
_WORD: Final = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


def mark_furniture(page: Outline) -> None:
    """Give each passage the reason of the outermost element around it that has one, if any."""
    total = _count_running_text(page)
    for node in page.nodes:
        inherited = node.parent.reason if node.parent else None
        node.reason = inherited or _own_reason(node, node.running / max(1, total))
    for passage in page.passages:
        passage.reason = passage.inner.reason
        if passage.reason == "advert" and _NEWSLETTER.search(passage.text):
            passage.reason = "newsletter"


def mark_by_text(page: Outline) -> None:
    """Know more passages of a whole page by themselves: its title, lists of links, and how what is no article begins."""
    for passage in page.passages:
        passage.reason = passage.reason or _reason_of_text(passage)


def mark_pull_quotes(page: Outline) -> None:
    """Know a quotation that says what the article says outside of it: it was pulled from there."""
    article = [passage for passage in page.passages if passage.reason is None]
    quoted = {passage for passage in article if _in_quotation(passage)}
    runs = {passage: set(_word_runs(passage)) for passage in quoted}
    wanted = set().union(*runs.values())
    if wanted:
        said = {run for passage in article if passage not in quoted for run in _word_runs(passage) if run in wanted}
        for passage in quoted:
            if len(runs[passage] & said) >= REPEATED * max(1, len(runs[passage])):
                passage.reason = "quote"


def _count_running_text(page: Outline) -> int:
    for passage in page.passages:
        length = len(passage.text) - passage.linked
        if length >= RUNNING or (length >= RUNNING_SENTENCE and ends_sentence(passage.text)):
            passage.inner.running += length
    for node in reversed(page.nodes):  # those in it come before it
        if node.parent is not None:
            node.parent.running += node.running
    return page.nodes[0].running


def _own_reason(node: Node, share: float) -> str | None:
    """What an element is that holds this share of all running text."""
    if node.name in _NEVER:
        return None
    element = node.element
    if share > MOST:
        names = f"{element.get('class', '')} {element.get('id', '')}"
        if share <= MOST_COMMENTS and by_words(names) == "comment":
            return "comment"
        return _BY_ELEMENT.get(node.name) if node.name in _SURELY else None
    if element.get("hidden") is not None or _INVISIBLE.search(element.get("style", "")):
        return "hidden"
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return by_words(names) or _BY_ROLE.get(element.get("role", "")) or _BY_ELEMENT.get(node.name) or _of_site(node)


def _of_site(node: Node) -> str | None:
    """A header is that of the site unless it stands in the article."""
    if node.name != "header":
        return None
    outer = node.parent
    while outer is not None and outer.name not in ("article", "main"):
        outer = outer.parent
    return None if outer else "navigation"


@cache
def by_words(names: str) -> str | None:
    """What the words of a class and an id say, if anything."""
    words = _OF_ANOTHER.sub(" ", _NOT_IN_NAMES.sub("-", _HUMP.sub("-", names).lower()))
    return next((reason for reason, pattern in _WORDS.items() if pattern.search(words)), None)


def _reason_of_text(passage: Passage) -> str | None:
    if passage.node.name == "h1":
        return "title"
    if passage.is_linked and passage.node.name == "li":
        return "related"
    if len(passage.text) > LONGEST_OPENING:
        return None
    return next((reason for reason, pattern in _OPENINGS.items() if pattern.match(passage.text)), None)


def _in_quotation(passage: Passage) -> bool:
    node: Node | None = passage.node
    while node is not None and node.name not in _NEVER:
        if node.name == "blockquote" or "quote" in node.element.get("class", "").lower():
            return True
        node = node.parent
    return False


def _word_runs(passage: Passage) -> list[tuple[str, ...]]:
    """Every four words in a row; of a shorter passage, all."""
    words = _WORD.findall(passage.text.lower())
    return list(zip(words, words[1:], words[2:], words[3:], strict=False)) or [tuple(words)]
