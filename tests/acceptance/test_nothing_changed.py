"""A second sync writes nothing where nothing changed, and touches only what hangs on what did."""

from sqlalchemy import text

from sql.database import Database
from tests.acceptance.conftest import Company
from tests.state import versions

PARTIES_OF = text("""
    select distinct member.party_id from identity.membership as member
    join staging.party_record as record on record.id = member.record_id
    where record.ref = any(:refs)
""")


def test_a_second_sync_with_nothing_changed_writes_no_row(company: Company, company_database: Database) -> None:
    with company_database.begin() as connection:
        before = versions(connection)
    company.sync(company_database)
    with company_database.begin() as connection:
        assert {name: rows for name, rows in versions(connection).items() if rows != before[name]} == {}


def test_ten_changed_records_touch_only_what_hangs_on_them(own_company: Company, database: Database) -> None:
    own_company.sync(database)
    with database.begin() as connection:
        before = versions(connection)
        all_parties = connection.scalar(text("select count(*) from golden.record"))
    changed = own_company.sandbox.change(10, seed=5)
    own_company.sync(database)
    with database.begin() as connection:
        after = versions(connection)
        touched = connection.scalars(PARTIES_OF, {"refs": changed}).all()
    written = {name: len(set(rows) - set(before[name])) for name, rows in after.items()}
    assert written["landing.record"] == 10
    assert written["staging.party_record"] == 10
    assert written["staging.activity"] == written["staging.document"] == written["context.passage"] == 0
    assert 0 < written["golden.record"] <= len(touched)
    assert written["identity.membership"] <= 10
    assert all_parties is not None
    assert written["context.summary"] <= 3 * all_parties / 4
