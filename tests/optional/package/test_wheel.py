"""A wheel in a clean environment: one top-level name, and a console script that measures."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

from simulations.store.sources import ROOT

OUR_OWN = ("theory", "simulations", "figures", "docs", "tests")


def run(*words, cwd=None):
    done = subprocess.run([*map(str, words)], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # from the sources as committed: what git ignores must not matter
    tree = folder / "tree"
    run("git", "clone", "--quiet", "--no-local", ROOT, tree)
    run(sys.executable, "-m", "build", "--outdir", folder, tree)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel):
    """The folder of the programs of an environment that has the wheel and what it asks for."""
    place = wheel.parent / "environment"
    run(sys.executable, "-m", "venv", place)
    lock = ROOT / "requirements-lock.txt"
    run(place / "bin" / "python", "-m", "pip", "install", "--quiet", wheel, "-c", lock)
    return place / "bin"


def test_an_installation_has_one_top_level_name(wheel, installed):
    inside = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {n for n in inside if not n.endswith(".dist-info")} == {"attention_physics"}
    program = f"import importlib.util as u; print([n for n in {OUR_OWN} if u.find_spec(n)])"
    assert run(installed / "python", "-c", program, cwd=wheel.parent).strip() == "[]"


def test_a_wheel_holds_every_package_and_record(wheel):
    held = {n.partition("/")[2] for n in zipfile.ZipFile(wheel).namelist()}
    listed = run("git", "-C", wheel.parent / "tree", "ls-files").split()
    code = [n for n in listed if n.split("/")[0] in ("theory", "simulations", "figures")]
    records = [n for n in listed if n.startswith("docs/") and n.endswith((".json", ".npz"))]
    assert {*code, *records} <= held


def test_the_console_script_lists_and_measures(installed, tmp_path):
    script = installed / "attention-physics"
    assert "markov" in run(script, "list", cwd=tmp_path)
    said = run(script, "quick", "--quiet", cwd=tmp_path)
    assert "generator: SUPPORTED" in said
    assert list((tmp_path / "figures" / "output").glob("generator-*.png"))


def test_bad_input_is_one_line(installed, tmp_path):
    done = subprocess.run(
        [installed / "attention-physics", "run", "nothing"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2 and done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
