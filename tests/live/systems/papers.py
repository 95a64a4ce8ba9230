"""A thousand files of the made company: its contracts, notes and price lists, and notes on calls with each company in its ERP.

A note names its customer as the ERP does; `about` says which that is.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.live.systems.company import company

FILES = 1000


@cache
def papers() -> Mapping[str, bytes]:
    """Path -> content."""
    folder = company().documents
    found = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    calls = _calls()
    while len(found) < FILES:
        path, partner = next(calls)
        city = f", {partner['city']}" if partner.get("city") else ""
        said = f"# Call {path}\n\n- **Company:** {partner['name']}{city}\n\nThey ask when the next delivery comes.\n"
        found[path] = said.encode()
    return found


def about() -> Mapping[str, str]:
    """Path of a note on a call -> the sandbox's reference of the customer."""
    return {path: f"erp/customers/{partner['id']}" for path, partner in zip_while(_calls(), papers())}


def zip_while(calls: Iterator[tuple[str, Any]], held: Mapping[str, bytes]) -> Iterator[tuple[str, Any]]:
    for path, partner in calls:
        if path not in held:
            return
        yield path, partner


def _calls() -> Iterator[tuple[str, dict[str, Any]]]:
    partners = [one for one in company().erp.models["res.partner"].values() if one["active"] and one["is_company"]]
    for turn in range(1, FILES):
        for partner in partners:
            yield f"calls {turn}/{partner['id']}.md", partner


def beginning(content: bytes | None) -> str:
    """What a file is told from others by."""
    return (content or b"").decode("latin-1")[:120]
