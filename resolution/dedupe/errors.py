"""What can be wrong with a file that is to be resolved."""


class DedupeError(Exception):
    """The file can't be resolved; the message says what is wrong and what to do."""
