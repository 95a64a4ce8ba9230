"""An address in one line is taken apart as its reader would."""

import pyarrow as pa
import pytest

from resolution.dedupe.one_line import PARTS, parts_of

LINES = {
    "12 Main St, Springfield IL 62701": ("12 main st", "springfield", "il", "62701", ""),
    "12 Main St, Springfield, IL 62701-1234, USA": ("12 main st", "springfield", "il", "62701-1234", "usa"),
    "12 Main St, Apt 4, Springfield, Illinois 62701": ("12 main st, apt 4", "springfield", "illinois", "62701", ""),
    "12 Main St, IL 62701": ("12 main st", "", "il", "62701", ""),
    "12 Main St, Springfield IL": ("12 main st", "springfield", "il", "", ""),
    "12 Main St Springfield IL 62701": ("12 main st springfield", "", "il", "62701", ""),
    "Hauptstraße 5, 10115 Berlin": ("hauptstraße 5", "berlin", "", "10115", ""),
    "Hauptstraße 5\n10115 Berlin\nDeutschland": ("hauptstraße 5", "berlin", "", "10115", "deutschland"),
    "Hauptstraße 5, D-10115 Berlin": ("hauptstraße 5", "berlin", "", "10115", ""),
    "Hauptstraße 5 10115 Berlin": ("hauptstraße 5", "berlin", "", "10115", ""),
    "5 rue de la Paix, 75002 Paris, France": ("5 rue de la paix", "paris", "", "75002", "france"),
    "Via Roma 1, 20121 Milano (MI), Italia": ("via roma 1", "milano", "mi", "20121", "italia"),
    "Damrak 1, 1012 LG Amsterdam": ("damrak 1", "amsterdam", "", "1012 lg", ""),
    "10 Downing Street, London SW1A 2AA": ("10 downing street", "london", "", "sw1a 2aa", ""),
    "10 Downing Street, London, SW1A 2AA, United Kingdom": ("10 downing street", "london", "", "sw1a 2aa", "united kingdom"),
    "1 King St W, Toronto, ON M5H 1A1": ("1 king st w", "toronto", "on", "m5h 1a1", ""),
    "7 Wallaby Way, Sydney NSW 2000, Australia": ("7 wallaby way", "sydney", "nsw", "2000", "australia"),
    "7 Wallaby Way, Sydney": ("7 wallaby way", "sydney", "", "", ""),
    "10115 Berlin": ("", "berlin", "", "10115", ""),
    "Springfield IL 62701": ("", "springfield", "il", "62701", ""),
    "Berlin, Germany": ("", "berlin", "", "", "germany"),
    "7 Wallaby Way, Australia": ("7 wallaby way", "", "", "", "australia"),
    "Leeds": ("", "leeds", "", "", ""),
    "": ("", "", "", "", ""),
}


def test_each_form_of_an_address_is_taken_apart() -> None:
    found = parts_of(pa.array([*LINES, None], pa.string()))
    assert found is not None
    told = {line: tuple(found[part][place].as_py() or "" for part in PARTS) for place, line in enumerate(LINES)}
    assert told == LINES
    assert not any(found[part][len(LINES)].as_py() for part in PARTS)


@pytest.mark.parametrize("lines", [["12 Main St", "Hauptstraße 5", "Mill Lane"], [None, ""], []])
def test_a_column_of_streets_alone_is_left_as_it_is(lines: list[str | None]) -> None:
    assert parts_of(pa.array(lines, pa.string())) is None
