"""HTML as the text that a person sees."""

import re
import warnings

from bs4 import BeautifulSoup, Comment, MarkupResemblesLocatorWarning, Tag, XMLParsedAsHTMLWarning

LONGEST = 1_000_000

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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        soup = BeautifulSoup(page[:LONGEST], "html.parser")
    for tag in soup(list(_HIDDEN)):
        tag.extract()
    if drop_quotes:
        for tag in soup.select(", ".join(_QUOTES)):
            tag.extract()
    pieces: list[str] = []
    for one in soup.descendants:
        if isinstance(one, Tag):
            if one.name == "br" or one.name in _LINES:
                pieces.append("\n")
        elif not isinstance(one, Comment) and one.__class__.__name__ == "NavigableString":
            text = str(one)
            pieces.append(text if one.find_parent("pre") else re.sub(r"[ \t\r\n\f]+", " ", text))
    lines = [re.sub(r"[ \u00a0]+", " ", line).strip() for line in "".join(pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join("-- " if line == "--" else line for line in lines)).strip("\n")
