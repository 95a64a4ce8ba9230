"""From raw attributes to terms: each distinct raw value is read once, and records share the result.

Columns of the features: given, middle, family, birth_date, workplace (people); name, branch (organisations); email, domain, phone, address,
identifier (both); and `category:<x>`, `code:<x>` for attributes of those names. `readings` says what each value means; `profile_of` reads
one record by it and `features` many, and they agree.
"""

from collections.abc import Iterable

from resolution.normalize.columnar import features_of
from resolution.normalize.features import Features, features_from
from resolution.normalize.profile import Profile
from resolution.normalize.raw import Flat, Raw, raw_columns
from resolution.normalize.single import profile_of
from resolution.records import PartyRecord

__all__ = ["Features", "Flat", "Profile", "Raw", "features", "features_from", "features_of", "profile_of", "raw_columns"]


def features(records: Iterable[PartyRecord]) -> Features:
    """The features of the records, in their order.

    A record without usable attributes gives an empty row. Kind 'unknown' is settled where the values tell, otherwise it stays UNKNOWN and
    the record is compared as whatever stands against it. Nothing is raised for odd values: what can't be read is kept as plain text or
    dropped.
    """
    return features_of(raw_columns(list(records)))
