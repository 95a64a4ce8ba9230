"""The demo: its score is a pairwise one, and it keeps away from other data."""

import pytest

from crosswalk.demo import OtherDataError, memberships, refuse_other_data, score
from sql.database import Database
from tests.acceptance.conftest import Company


def test_pairs_are_scored_against_the_truth() -> None:
    truth = {"a": "1", "b": "1", "c": "1", "d": "2"}
    found = score({"a": "x", "b": "x", "c": "y", "d": "y"}, truth)
    assert (found.precision, found.recall, found.wrong, found.missed) == (1 / 2, 1 / 3, 1, 2)


def test_the_main_job_finds_who_is_who(company: Company, company_database: Database) -> None:
    found = score(memberships(company_database), company.sandbox.truth)
    assert found.precision >= 0.98
    assert found.recall >= 0.95


def test_a_database_with_other_data_is_refused(company: Company, own_company: Company, company_database: Database) -> None:
    refuse_other_data(company_database, company.sandbox)
    with pytest.raises(OtherDataError):
        refuse_other_data(company_database, own_company.sandbox)
