"""The tree is what the docs say it is, and nothing escapes the linters by being forgotten in a list."""

import re
import tomllib
from pathlib import Path

import pytest
from docs.write_settings import rendered

ROOT = Path(__file__).parents[2]
MEMBERS = sorted(path.parent for path in ROOT.glob("*/**/pyproject.toml") if ".venv" not in path.parts)
SERVICES = [member for member in MEMBERS if member.parent.name != "libs"]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())
REQUIRED = {"__init__.py", "__main__.py", "app.py", "settings.py", "errors.py"}


def package_of(member: Path) -> Path:
    [package] = [path for path in (member / "src").iterdir() if (path / "__init__.py").exists()]
    return package


def test_every_package_is_type_checked_and_measured_and_held_to_its_layers():
    packages = {package_of(member).name for member in MEMBERS}
    assert set(CONFIG["tool"]["mypy"]["packages"]) == packages
    assert set(CONFIG["tool"]["coverage"]["run"]["source_pkgs"]) == packages
    assert set(CONFIG["tool"]["importlinter"]["root_packages"]) == packages
    layered = {
        container
        for contract in CONFIG["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers" and contract.get("exhaustive")
        for container in contract["containers"]
    }
    assert layered == packages


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_every_service_has_the_same_files(service):
    names = {path.name for path in package_of(service).iterdir()}
    assert names >= REQUIRED
    assert (service / "README.md").exists()


@pytest.mark.parametrize("member", MEMBERS, ids=lambda path: path.name)
def test_every_module_says_in_its_first_sentence_why_it_exists(member):
    for module in package_of(member).rglob("*.py"):
        assert module.read_text().startswith('"""'), module.relative_to(ROOT)


def test_a_provider_is_named_in_its_folder_its_registration_and_its_settings_alone():
    gateway = ROOT / "gateway-sms" / "src" / "gateway_sms"
    named = {
        str(path.relative_to(gateway))
        for path in gateway.rglob("*.py")
        if re.search("kavenegar", path.read_text(), re.IGNORECASE) and "providers/kavenegar" not in str(path)
    }
    assert named <= {"providers/__init__.py", "settings.py", "routes.py", "__init__.py", "app.py"}


def test_the_tree_in_the_readme_is_the_tree():
    readme = (ROOT / "README.md").read_text()
    tree = readme.split("```\n")
    drawn = {name for block in tree for name in re.findall(r"^([\w.-]+(?:/[\w.-]+)*)/ ", block, re.MULTILINE)}
    assert drawn, "the README draws the tree"
    missing = sorted(name for name in drawn if not (ROOT / name).is_dir())
    assert missing == []
    members = {str(member.relative_to(ROOT)) for member in MEMBERS}
    assert members <= drawn | {f"services/{name}" for name in drawn} | {f"libs/{name}" for name in drawn}


def files(*patterns: str) -> list[Path]:
    """Files of the repository, without what is made on the way."""
    made = {".venv", ".payam", ".git"}
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(path for path in found if not made & set(path.relative_to(ROOT).parts))


def test_pins_carry_no_address():
    pins = files("**/*.lock", "**/pyproject.toml")
    assert [path.name for path in pins if "://" in path.read_text()] == []


def test_no_file_names_a_path_of_a_machine():
    told = re.compile(r"(?<![\w./-])/(?:root|home)/[a-z]")
    texts = files(
        "**/*.py", "**/*.md", "**/*.toml", "**/*.lock", "**/*.yml", "**/*.json", "Makefile", ".ci/run"
    )
    assert [path.name for path in texts if told.search(path.read_text(errors="replace"))] == []


def test_the_settings_in_the_docs_are_the_settings_in_the_code():
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == rendered(), "run `make docs`"
