"""A secret is a reference that is resolved anew each time; where it is kept is a row of a table."""

from pathlib import Path
from typing import Any, cast

import pytest

from connectors import secrets
from connectors.errors import AuthenticationError, ConfigurationError
from connectors.registry import connector_class
from connectors.sources import SourceDeclaration


def test_a_rotated_secret_is_picked_up_at_once(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("first\n")
    assert secrets.resolve(f"file:{tmp_path}/key").value == "first"
    (tmp_path / "key").write_text("second\n")
    assert secrets.resolve(f"file:{tmp_path}/key").value == "second"


def test_a_vault_is_one_more_row(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError):
        secrets.resolve("vault:crm/token")
    monkeypatch.setitem(cast(dict[str, Any], secrets.SCHEMES), "vault", {"crm/token": "s3cret"}.__getitem__)
    assert secrets.resolve("vault:crm/token").value == "s3cret"
    with pytest.raises(AuthenticationError, match="can't be read"):
        secrets.resolve("vault:crm/else")


def test_a_file_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(AuthenticationError, match="can't be read: No such file or directory") as caught:
        secrets.resolve(f"file:{tmp_path}/none")
    assert "Put the secret where" in caught.value.action


def test_who_declared_neither_key_nor_oauth_is_told_of_what_the_vendor_has() -> None:
    outlook = SourceDeclaration("mail", "outlook", options={"mailboxes": ["a@b.example"]})
    odoo = SourceDeclaration("erp", "odoo", options={"url": "https://x.example", "database": "d"})
    for declaration, oauth in ((outlook, True), (odoo, False)):
        with pytest.raises(ConfigurationError) as caught:
            connector_class(declaration.kind)(declaration).check()
        assert f'secret = "env:{declaration.name.upper()}_SECRET"' in caught.value.action
        assert ("[source.oauth]" in caught.value.action) is oauth
