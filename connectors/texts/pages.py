"""HTML as the text that a person sees.

What is nested deeper than any person nests is made to exhaust its reader: of that the tags are taken off, and no more.
"""

import re
import warnings
from collections import Counter

from bs4 import BeautifulSoup, Comment, MarkupResemblesLocatorWarning, Tag, XMLParsedAsHTMLWarning

LONGEST = 1_000_000
DEEPEST = 500

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_ANY_TAG = re.compile(r"<[^<>]*>")
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)  # they have no end

_HIDDEN = ("script", "style", "head", "title", "template", "noscript", "object", "svg")
_QUOTES = (".gmail_quote", ".gmail_extra", ".yahoo_quoted", ".moz-cite-prefix", "#divRplyFwdMsg", "#appendonsend", "blockquote[type=cite]")
_LINES = frozenset(
    [
        "p",
        "div",
        "tr",
        "li",
        "ul",
        "ol",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "hr",
        "section",
        "article",
        "dd",
        "dt",
    ]
)


def text_of_html(page: str, *, drop_quotes: bool = False) -> str:
    """The visible text, a line for each block; without what is quoted from an earlier mail where asked."""
    page = page[:LONGEST]
    if too_deep(page):
        return re.sub(r"\s+", " ", _ANY_TAG.sub(" ", page)).strip()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        soup = BeautifulSoup(page, "html.parser")
    for tag in soup(list(_HIDDEN)):
        tag.extract()
    if drop_quotes:
        for tag in soup.select(", ".join(_QUOTES)):
            tag.extract()
    kept = {id(text) for pre in soup("pre") if not pre.find_parent("pre") for text in pre.find_all(string=True)}
    pieces: list[str] = []
    for one in soup.descendants:
        if isinstance(one, Tag):
            if one.name == "br" or one.name in _LINES:
                pieces.append("\n")
        elif not isinstance(one, Comment) and one.__class__.__name__ == "NavigableString":
            text = str(one)
            pieces.append(text if id(one) in kept else re.sub(r"[ \t\r\n\f]+", " ", text))
    lines = [re.sub(r"[ \u00a0]+", " ", line).strip() for line in "".join(pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join("-- " if line == "--" else line for line in lines)).strip("\n")


def too_deep(page: str) -> bool:
    """Whether its elements are nested deeper than is read; one without an end holds all that follows it, as the parser has it."""
    stack: list[str] = []
    opened: Counter[str] = Counter()
    for tag in _TAG.finditer(page):
        name = tag.group(2).lower()
        if not tag.group(1):
            if name not in _VOID:
                stack.append(name)
                opened[name] += 1
                if len(stack) > DEEPEST:
                    return True
        elif opened[name]:
            while stack:
                last = stack.pop()
                opened[last] -= 1
                if last == name:
                    break
    return False
