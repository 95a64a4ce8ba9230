"""Records that no record of the source holds, made of all that a batch touched: so far those of mail addresses (mapping.correspondents)."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from connectors.mapping.correspondents import correspondent, is_own
from connectors.staging import loading
from sql import queries


def derive(connection: Connection, source: str, stream: str, own_domains: Sequence[str]) -> int:
    """Make the records of all touched addresses (staging.touched_party) anew; returns how many changed."""
    prefix = f"{source}/{stream}/"
    connection.execute(text("TRUNCATE new_party"))
    rows = []
    own = [f"%{joint}{domain}" for domain in (one.replace("_", r"\_") for one in own_domains) for joint in ("@", ".")]
    for row in connection.execute(queries.select_correspondents, {"prefix": prefix, "own": own}):
        address = row.ref.removeprefix(prefix)
        if row.last_at is not None and not is_own(address, own_domains):
            party = correspondent(stream, address, row.names, row.signature or {}, row.last_at)
            rows.append(loading.party_row(source, None, party))
    loading.load(connection, "new_party", rows)
    return int(connection.execute(queries.merge_correspondents, {"prefix": prefix}).scalar_one())
