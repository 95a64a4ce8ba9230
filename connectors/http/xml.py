"""Answers in XML, read without document types and entities: they come from outside."""

from xml.etree.ElementTree import Element, ParseError

import defusedxml
import defusedxml.ElementTree

from connectors.errors import SchemaError, TransientError
from connectors.http.messages import Answer


def root(answer: Answer) -> Element:
    """The top of an answer. TransientError where it is no XML (cut off, or a proxy answered for the vendor), SchemaError where hostile."""
    try:
        return parsed(answer.content)
    except defusedxml.DefusedXmlException as error:
        raise SchemaError("the answer declares a document type or entities") from error
    except ValueError as error:
        raise TransientError(f"the answer is not XML ({len(answer.content)} bytes)") from error


def parsed(content: bytes) -> Element:
    """The top of the bytes. Raises ValueError."""
    try:
        found: Element = defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except ParseError as error:
        raise ValueError(str(error)) from error
    return found


def text_at(element: Element, path: str) -> str:
    """The text at the path, '' where there is none; `{*}name` is that name in any namespace."""
    return (element.findtext(path) or "").strip()
