"""When a run changes so much of a stream that somebody should look before anything is made of it."""

#: Fewer changes than these are never too many.
FEW = 100


def anomaly(changed: int, gone: int, living: int, most: float) -> str | None:
    """Why a run is to be held, None where it is not. changed, gone: of the records that lived before it, `living` of them; most: the part
    of them, 0 to 1, that a run may touch (with 1 none is ever held)."""
    if living == 0 or changed + gone <= max(FEW, most * living):
        return None
    return f"one run changed {changed:,} and deleted {gone:,} of {living:,} records, which is more than {most:.0%}"
