"""What is installed for a user, who has no extra of the developers."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
OURS: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(package: str) -> set[str]:
    """The top-level modules that the package's files import, wherever in the file."""
    found: set[str] = set()
    for file in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {one.name.split(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - set(OURS)


def test_what_our_packages_import_is_installed_without_any_extra() -> None:
    optional = {"pyspark"}  # resolution/spark imports it where it is asked for, and says what to install
    said = {plain(one) for one in re.findall(r"^([\w.-]+)(?:\[.*\])?==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)}
    given_by = packages_distributions()
    missing = {}
    for package in OURS:
        for module in imported(package) - optional:
            if not {plain(one) for one in given_by.get(module, [module])} & said:
                missing[module] = package
    assert not missing
