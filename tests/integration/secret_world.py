"""A world for the tests of secrecy: a word that is nowhere else stands in every field of every row that a key of the CRM may not see.

That is what came of other sources, what is of the classes personal and financial, and what stewards said about those.
"""

from sqlalchemy import Connection, insert, select, text

from context_api.context import passages, summaries, timeline
from resolution.golden import overrides
from resolution.golden import records as golden
from resolution.identity import judgements
from resolution.identity.resolver import resolve
from sql.database import Database
from sql.tables import identity, landing, staging
from tests.integration.api_world import WHEN, Letters, happened, of_item, party_of, record

WORD = "quokkavault"
DIGITS, BORN = "76543210987", "1987-06-05"  # so many digits that no drawn id holds them
ADDRESS = {"street": f"{WORD} road 1", "city": f"{WORD}ton", "region": WORD, "postcode": WORD, "country": "DE"}

ACME, BORG, ANNA, NOBODY = "crm/companies/1", "crm/companies/2", "crm/contacts/5", "crm/contacts/6"
ERP_ACME, ERP_ONLY, ERP_NEAR = "erp/customers/7", "erp/customers/8", "erp/customers/9"
MAIL_ANNA, MAIL_ONLY = "mail/addresses/anna@acme.example", f"mail/addresses/{WORD}@hidden.example"
DOCUMENTED = "documents/parties/contract.pdf#1"
#: Of two persons, what may be compared that is personal.
FIELDS = ("email", "phone", "address", "date of birth")


def plant(database: Database) -> None:
    """Write the rows, run every step, and have a steward say the word too."""
    with database.begin() as connection:
        for name, authority in (("crm", 0.5), ("erp", 0.9), ("mail", 0.8), ("documents", 0.8)):
            connection.execute(insert(landing.source).values(name=name, kind="csv", authority=authority))
            times = {"started_at": WHEN, "finished_at": WHEN}
            connection.execute(insert(landing.sync_run).values(source=name, stream="all", status="succeeded", correlation_id=WORD, **times))
        plant_records(connection)
        plant_items(connection)
        plant_claims(connection)
    build(database)
    plant_decisions(database)
    build(database)
    plant_reviews(database)


def build(database: Database) -> None:
    resolve(database)
    golden.build(database)
    timeline.build(database)
    passages.build(database, Letters())
    summaries.build(database)


def plant_records(connection: Connection) -> None:
    vat, name = ["DE136695976"], ["Acme Pumps GmbH"]
    secrets = {"address": [ADDRESS], "phone": [f"+49 30 {DIGITS}"], "website": [f"{WORD}.example"], "industry": [WORD], "status": [WORD]}
    secrets |= {"email": [f"info@{WORD}.example"], "bank_account": [WORD], "credit_limit": ["1200.50"], "key:crm": [f"K-{WORD}"]}
    record(connection, ACME, "organization", name=name, vat=vat, website=["acme.example"], credit_limit=["1200.50"], bank_account=[WORD])
    record(connection, ERP_ACME, "organization", name=[f"{WORD} Pumps", *name], vat=vat, **secrets)
    record(connection, BORG, "organization", name=["Borg Limited"], website=["borg.example"])
    record(connection, ERP_NEAR, "organization", name=["Borg Limited", f"{WORD} Borg"], industry=[WORD], phone=["+49 89 1"])
    record(connection, ERP_ONLY, "organization", name=[f"{WORD} Corp"], tax_id=[WORD], industry=[WORD], bank_account=[WORD])
    record(connection, DOCUMENTED, "organization", name=[f"{WORD} Holding"], address=[ADDRESS])
    personal = {"phone": [f"+49 30 {DIGITS}"], "birth_date": [BORN], "address": [ADDRESS]}
    record(connection, ANNA, "person", name=["Anna Schmidt"], email=["anna@acme.example", f"anna@{WORD}.example"], **personal)
    record(connection, MAIL_ANNA, "person", name=[f"Anna {WORD} Schmidt"], email=["anna@acme.example"], title=[WORD], employer=[WORD])
    record(connection, "crm/contacts/7", "person", name=["Anna Schmitt"], email=["anna.s@acme.example"], **personal)
    record(connection, NOBODY, "unknown", name=["Reception"], email=[f"desk@{WORD}.example"], phone=[f"+49 30 {DIGITS}"])
    record(connection, MAIL_ONLY, "person", name=[f"Max {WORD}"], email=[f"{WORD}@hidden.example"])


def plant_items(connection: Connection) -> None:
    said = {"title": f"{WORD} invoice", "body": f"the {WORD} pump leaks", "status": "open", "amount": 1200.5, "currency": "EUR"}
    more = {"attributes": {"due_on": "2026-03-15", "number": WORD, "stage": WORD}, "thread": WORD, "url": f"https://{WORD}.example/1"}
    happened(connection, f"erp/invoices/{WORD}", "invoice", ERP_ACME, data_class="internal", **said, **more)
    happened(connection, "erp/invoices/43", "invoice", ERP_ONLY, data_class="internal", **said, **more)
    happened(connection, "erp/orders/44", "order", ERP_ACME, data_class="internal", **said, **more)
    happened(connection, f"mail/messages/{WORD}", "email", MAIL_ANNA, data_class="internal", **said, **more, untrusted=True)
    for number, data_class in enumerate(("personal", "financial", "sensitive")):
        for kind in ("deal", "ticket", "invoice", "note"):
            happened(connection, f"crm/{kind}s/{number}", kind, ACME, data_class=data_class, **said, **more)
    happened(connection, "crm/tickets/9", "ticket", ACME, title="Noise", body="the pump and its motor hum", status="open")
    happened(connection, "crm/notes/9", "note", ANNA, title="A call", body="about the motor of the pump")
    document = {"kind": "contract", "title": f"{WORD} contract", "media_type": "text/plain", "text": f"1. Term\n{WORD} supplies a pump."}
    dates = {"attributes": {"renews_on": "2026-12-01", "note": WORD}, "url": f"https://{WORD}.example/2"}
    for ref, party_ref in (("documents/files/a.pdf", ACME), ("documents/files/b.pdf", DOCUMENTED), ("documents/files/c.pdf", ANNA)):
        of_item(connection, staging.document, ref, party_ref, data_class="internal", untrusted=True, **document, **dates)
    # Others whom an item names: as a visible item names them they are known, but not by what forbidden records say of them.
    for item, ref, name in (("crm/tickets/9", MAIL_ANNA, None), ("erp/orders/44", ANNA, WORD), ("documents/files/a.pdf", MAIL_ONLY, WORD)):
        row = {"item_ref": item, "position": 1, "role": "mentioned", "party_ref": ref, "name": name, "attributes": {"title": WORD}}
        connection.execute(insert(staging.participant).values(row))


def plant_claims(connection: Connection) -> None:
    known = [(ANNA, "employment", ANNA, ACME, {"title": "Buyer"})]
    secret = [
        ("erp/customers/8", "parent", ACME, ERP_ONLY, {"title": WORD}),
        (MAIL_ANNA, "employment", MAIL_ANNA, ERP_ONLY, {"title": WORD}),
        (MAIL_ONLY, "employment", MAIL_ONLY, ACME, {"title": WORD}),
        (DOCUMENTED, "branch", DOCUMENTED, ACME, {"title": WORD}),
        ("erp/customers/9", "branch", BORG, ACME, {"title": WORD}),
    ]
    for origin, kind, source, target, attributes in known + secret:
        row = {"origin": origin, "position": 0, "kind": kind, "from_ref": source, "to_ref": target, "attributes": attributes}
        connection.execute(insert(staging.claim).values(row))


def plant_decisions(database: Database) -> None:
    """What a steward decided of forbidden records, and why."""
    ids = {ref: party_of(database, ref) for ref in (ACME, BORG, ANNA, ERP_ONLY, ERP_NEAR, MAIL_ONLY)}
    reason = f"since the {WORD} says so"
    for ref, attribute in ((ERP_ONLY, "industry"), (ANNA, "phone"), (ACME, "bank_account"), (MAIL_ONLY, "title")):
        overrides.set(database, ids[ref], attribute, f"{WORD} {DIGITS}", "ann", reason)
    overrides.set(database, ids[ACME], "language", "German", "ann", reason)
    judgements.undo(database, judgements.merge(database, [ids[ERP_ONLY], ids[ERP_NEAR]], "ann", reason).decision_id, "ann", reason)
    judgements.split(database, ids[ACME], [ERP_ACME], "ann", reason)
    judgements.merge(database, [ids[ACME], party_of(database, ERP_ACME)], "ann", reason)


def plant_reviews(database: Database) -> None:
    party = party_of(database, ACME)
    with database.begin() as connection:
        ids = {row.ref: row.id for row in connection.execute(select(staging.party_record.c.ref, staging.party_record.c.id))}
        connection.execute(text("delete from identity.review where status = 'open' and kind = 'pair'"))
        said = {"left": WORD, "right": WORD, "level": "equal", "bits": 1.0, "term_frequency_bits": 0.0}
        fields = [{"field": name, **said} for name in FIELDS]
        evidence = {"kind": "person", "fields": fields, "sentence": WORD, "identifier": WORD, "prior": -9.0, "weight": 1.0, "related": 0.0}
        evidence |= {"language_model": {"reason": WORD}, "probability": 0.5, "relation": ""}
        named = {"kind": "organization", "fields": [{**fields[0], "field": "name"}], "sentence": WORD, "prior": -9.0, "weight": 1.0}
        pairs = [(ANNA, "crm/contacts/7", evidence), (ACME, ERP_ONLY, named), (MAIL_ONLY, MAIL_ANNA, evidence), (BORG, ERP_NEAR, named)]
        for left, right, said in pairs:
            (left_id, left), (right_id, right) = sorted(((ids[left], left), (ids[right], right)))
            row = {"kind": "pair", "subject": "|".join(sorted((left, right))), "left_id": left_id, "right_id": right_id, "evidence": said}
            connection.execute(insert(identity.review).values(**row, status="open", probability=0.5))
        for attribute, refs in (("industry", (ACME, ERP_ACME)), ("bank_account", (ACME, ACME)), ("birth_date", (ANNA, ANNA))):
            values = [{"value": WORD, "record_ref": ref, "source": ref.partition("/")[0], "observed_at": None} for ref in refs]
            row = {"kind": "conflict", "subject": f"{party}:{attribute}", "party_id": party, "status": "open", "priority": 1}
            connection.execute(insert(identity.review).values(**row, evidence={"attribute": attribute, "values": values}))
