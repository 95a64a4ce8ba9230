"""A declaration that is wrong is told with its line and key; a secret never appears."""

import os
import tomllib
from pathlib import Path

import pytest

from connectors import secrets, sources
from connectors.errors import AuthenticationError, ConfigurationError
from connectors.registry import KINDS

GOOD = """
own_domains = ["@Example.com"]
own_names = ["Example Ltd"]

[[source]]
name = "crm"
kind = "hubspot"
secret = "env:HUBSPOT_TOKEN"
authority = 0.6
attribute_authority = { email = 0.9 }

[source.mapping.companies]
"key:erp" = "properties.erp_no"

[[source]]
name = "docs"
kind = "documents"
path = "contracts"
"""


def test_what_is_declared_is_read_with_paths_from_the_files_folder() -> None:
    crm, docs = sources.parse(GOOD, Path("/srv"))
    assert (crm.name, crm.kind, crm.authority, crm.own_domains, crm.own_names) == (
        "crm",
        "hubspot",
        0.6,
        ("example.com",),
        ("Example Ltd",),
    )
    assert crm.mapping == {"companies": {"key:erp": "properties.erp_no"}}
    assert crm.options["url"] == "https://api.hubapi.com"
    assert docs.options["path"] == Path("/srv/contracts")


def test_settings_to_be_shown_hold_no_secret() -> None:
    assert "HUBSPOT_TOKEN" not in str(sources.parse(GOOD)[0].settings())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "hubspot"', 'kind = "hubspoot"', ":7 (source 1): there is no kind 'hubspoot'; there are "),
        ('name = "crm"', 'name = "CRM 1"', ":6 (source 1): name: "),
        ("authority = 0.6", "authority = 6", ":9 (source 1): authority: "),
        ('path = "contracts"', 'pth = "contracts"', "path: is missing"),
        ('path = "contracts"', 'path = "contracts"\ncolour = "red"', ":19 (source 2): colour: is not a key that this has"),
        ('name = "docs"', 'name = "crm"', ":16 (source 2): two sources are named 'crm'"),
        ('"env:HUBSPOT_TOKEN"', '"pat-na1-secret"', ":8 (source 1): a secret is written as a reference"),
        ("own_names =", "own_nmes =", ":3: own_nmes: is not a key"),
        ('kind = "hubspot"', 'kind = "hubspot"\nurl = "https://api hubapi.com"', ":8 (source 1): url: an address begins with https://"),
        ('kind = "hubspot"', 'kind = "hubspot"\nurl = "api.hubapi.com"', ":8 (source 1): url: an address begins with https://"),
    ],
)
def test_an_error_names_line_key_and_what_is_wrong(old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        sources.parse(GOOD.replace(old, new))
    assert said in str(caught.value)
    assert "pat-na1-secret" not in str(caught.value)


def test_a_file_that_is_no_toml_is_told_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "crosswalk.toml"
    path.write_text("[[source]\nname = 3")
    with pytest.raises(ConfigurationError, match=r"crosswalk\.toml is not TOML: .*line 1"):
        sources.load(path)


def test_a_file_that_can_not_be_read_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'own_names = ["M\xfcller"]')
    for name, said, action in (
        ("none.toml", "there is no ", "crosswalk init"),
        ("", "can't be read: Is a directory", "may read"),
        ("latin.toml", "is not UTF-8: invalid start byte at byte 15", "Mend that"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            sources.load(tmp_path / name)
        assert said in str(caught.value)
        assert action in caught.value.action


def test_the_example_is_a_declaration_with_and_without_its_comments() -> None:
    assert [one.kind for one in sources.parse(sources.example())] == ["csv"]
    opened = "\n".join(
        line.removeprefix("# ") if line.startswith(("# [", '# "')) or (line.startswith("# ") and " = " in line) else line
        for line in sources.example().splitlines()
    )
    tomllib.loads(opened)
    kinds = [one.kind for one in sources.parse(opened)]
    assert sorted(kinds) == sorted(KINDS)


def test_a_secret_is_read_when_asked_for_and_does_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "CW_TOKEN", "s3cret\n")
    assert secrets.resolve("env:CW_TOKEN").value == "s3cret"
    assert "s3cret" not in f"{secrets.resolve('env:CW_TOKEN')!r} {secrets.resolve('env:CW_TOKEN')}"
    (tmp_path / "key").write_text("abc\n")
    assert secrets.resolve(f"file:{tmp_path}/key").value == "abc"
    for missing in ("env:CW_NOT_THERE", f"file:{tmp_path}/none"):
        with pytest.raises(AuthenticationError):
            secrets.resolve(missing)
