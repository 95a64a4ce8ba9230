"""The kinds of party, as kept in the columns; UNKNOWN is compared as whatever stands against it."""

UNKNOWN, PERSON, ORGANIZATION = 0, 1, 2
KIND_CODES = {"unknown": UNKNOWN, "person": PERSON, "organization": ORGANIZATION}
KIND_NAMES = ("unknown", "person", "organization")
