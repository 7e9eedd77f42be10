"""What an installation is made of says the same in all places, and runs from the clone too."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

from simulations.store.sources import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def requirements(name: str) -> list[str]:
    """The lines of a requirements file, without comments and what it includes."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


@pytest.mark.parametrize("name", PROJECT["project"]["optional-dependencies"])
def test_extras_are_the_requirements_of_their_targets(name):
    extra = PROJECT["project"]["optional-dependencies"][name]
    assert extra == requirements(f"requirements-{name}.txt")


def test_groups_are_the_requirements_of_the_tools():
    groups = PROJECT["dependency-groups"]
    assert groups["dev"] == requirements("requirements-dev.txt")
    assert set(groups["test"]) < set(groups["dev"])


def test_one_version_everywhere():
    version = PROJECT["project"]["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.*)$", citation, re.MULTILINE)[1] == version
    assert f"\n## {version}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_hooks_run_the_versions_that_are_locked():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    lock = dict(line.split("==") for line in requirements("requirements-lock.txt"))
    pinned = re.findall(r"([\w-]+)==([\d.]+)", hooks)
    assert {name for name, _ in pinned} == {"ruff", "mypy", "numpy", "pre-commit-hooks"}
    assert {version for name, version in pinned if version != lock.get(name, version)} == set()
    assert hooks.count("additional_dependencies") == hooks.count("- id:")
    # where a hook of another repository would be fetched from a host that may not be reached
    assert set(re.findall(r"- repo: (.*)", hooks)) == {"local"}


def python(*words, cwd=ROOT):
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, capture_output=True, text=True, timeout=120
    )


def test_the_console_script_is_the_command_line_from_the_clone():
    ours, theirs = python("-m", "attention_physics", "list"), python("-m", "simulations", "list")
    assert ours.returncode == 0 and ours.stdout == theirs.stdout
    refused = python("-m", "attention_physics", "figures", "draw", "nothing")
    assert refused.returncode == 2 and refused.stderr.startswith("error: figure: got 'nothing'")


def test_a_foreign_package_of_one_of_our_names_is_told(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "__init__.py").write_text("")
    program = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import figures, "
        "attention_physics; attention_physics.add_to_path()"
    )
    done = python("-c", program, cwd=tmp_path)
    assert "ImportError: figures: already imported from" in done.stderr
