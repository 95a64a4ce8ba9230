"""A secret is a reference that is resolved anew each time; where it is kept is a row of a table."""

from pathlib import Path
from typing import Any, cast

import pytest

from connectors import secrets
from connectors.errors import AuthenticationError, ConfigurationError


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
