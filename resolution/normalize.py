"""From raw attributes to features: each distinct raw value is normalised once, and records share the result."""

from collections.abc import Iterable

from resolution.features import Features
from resolution.records import PartyRecord


def features(records: Iterable[PartyRecord]) -> Features:
    """The features of the records, in their order.

    A record without usable attributes gives an empty row. Kind 'unknown' is settled where the values tell, otherwise it stays UNKNOWN and
    the record is compared as whatever stands against it. Nothing is raised for odd values: what can't be read is kept as plain text or dropped.
    """
    raise NotImplementedError
