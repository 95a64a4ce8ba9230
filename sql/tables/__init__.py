"""Every table, declared once: one module for each schema of the database.

    landing     what the sources sent, as they sent it
    staging     what it says in our words
    identity    which records are one party, and why
    golden      what is believed of each party, with provenance and two times
    context     what is read when a question comes
    governance  who may see what, and who did what

A `pending` table holds what its schema's step must look at (again); a writer upstream adds rows in the transaction that changes the
data, the step deletes them in the transaction that commits its output. So a crash loses no work, and with nothing changed nothing runs.

Time columns end in `_at` (timestamptz) or `_on` (date). A party record, activity or document is named by its `ref`, "source/stream/key".
"""

from sql.tables import accounts, context, golden, governance, identity, landing, staging
from sql.tables.metadata import SCHEMAS, metadata

__all__ = ["SCHEMAS", "accounts", "context", "golden", "governance", "identity", "landing", "metadata", "staging"]
