"""HTML as the text that a person sees.

What is nested deeper than any person nests is made to exhaust its reader: of that the tags are taken off, and no more.
"""

import re
import warnings
from collections import Counter
from collections.abc import Iterator

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, Tag, XMLParsedAsHTMLWarning
from bs4.element import NavigableString

LONGEST = 1_000_000
DEEPEST = 500

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_ANY_TAG = re.compile(r"<[^<>]*>")
#: Elements that have no end.
_VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"))

_HIDDEN = ("script", "style", "head", "title", "template", "noscript", "object", "svg")
_QUOTES = (".gmail_quote", ".gmail_extra", ".yahoo_quoted", ".moz-cite-prefix", "#divRplyFwdMsg", "#appendonsend", "blockquote[type=cite]")
_BLOCKS = frozenset((
    "article", "blockquote", "dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "section", "table", "tr",
    "ul",
))  # fmt: skip
_CELLS = frozenset(("td", "th"))


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
    lines = [re.sub(r"[ \u00a0]+", " ", line).strip() for line in "".join(_pieces(soup)).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join("-- " if line == "--" else line for line in lines)).strip("\n")


def _pieces(soup: BeautifulSoup) -> Iterator[str]:
    """The text, a block on lines of its own, a row's cells apart by tabs."""
    inside: list[Tag] = [soup]
    begun = False  # whether the line holds anything yet
    for one in soup.descendants:
        while inside[-1] is not one.parent:
            if inside.pop().name in _BLOCKS and begun:
                begun = False
                yield "\n"
        if isinstance(one, Tag):
            inside.append(one)
            if one.name == "br" or (one.name in _BLOCKS and begun):
                begun = False
                yield "\n"
            elif one.name in _CELLS and begun:
                yield "\t"
        elif type(one) is NavigableString:  # and no comment
            text = str(one) if any(tag.name == "pre" for tag in inside) else re.sub(r"[ \t\r\n\f]+", " ", one)
            begun = bool(text.rpartition("\n")[2].strip()) or (begun and "\n" not in text)
            yield text


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
