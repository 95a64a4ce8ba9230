"""Which error of the domain is which problem: its status; the code is its class's name, so each stays what it is.

An error's message, or its docstring, is the problem's detail.
"""

from collections.abc import Mapping

from context_api.context.expand import HandleNotFoundError
from context_api.explanations import SameRecordError
from context_api.parties import CursorGoneError, PartyRetiredError
from context_api.receipts import ReceiptNotFoundError
from resolution.errors import ConflictError, NotFoundError, ResolutionError
from resolution.golden.records import NaiveTimeError

DOMAIN: Mapping[type[Exception], int] = {
    NotFoundError: 404,
    ReceiptNotFoundError: 404,
    HandleNotFoundError: 404,
    ConflictError: 409,
    PartyRetiredError: 410,
    CursorGoneError: 410,
    ResolutionError: 422,
    NaiveTimeError: 422,
    SameRecordError: 422,
}
