"""A vendor's file holds only what is particular to the vendor."""

from pathlib import Path

VENDORS = Path(__file__).parents[2] / "connectors" / "vendors"


def test_no_file_of_a_vendor_is_longer_than_150_lines() -> None:
    lengths = {str(path.relative_to(VENDORS)): len(path.read_text("utf-8").splitlines()) for path in VENDORS.rglob("*.py")}
    assert lengths
    assert {name: length for name, length in lengths.items() if length > 150} == {}
