"""The one rule: a measurement is finished before anything predicted is near it.

Walls are allow lists: a file that is not named here may import nothing across them.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import figures
from simulations.store.sources import ROOT, dependencies, imported_modules
from theory import claims as claims_
from theory.claims import claims, optional_claims

SETTING = ("theory.setting", "theory.claims")
# what each package may import of the project; the longest prefix of a file's own module counts
ALLOWED = {
    "theory.setting": ("theory.setting",),
    # the design of an experiment may be chosen with the clock in hand
    "theory.claims": (*SETTING, "theory.clocks"),
    "theory": ("theory",),
    "simulations": (*SETTING, "simulations"),
    "simulations.verdict": (
        *SETTING,
        "simulations",
        "theory.predictions",
        "theory.population",
        "theory.heads",
        # tokens of a file are placed on the map of the claim `regime`
        "theory.regime",
    ),
    # plants mistakes on both sides
    "simulations.verdict.sabotage": ("theory", "simulations"),
    "simulations.bench": (*SETTING, "simulations", "theory.pde"),
    "simulations.__main__": (*SETTING, "simulations"),
    "figures": (*SETTING, "figures", "simulations.store", "simulations.verdict"),
    # the table of a sweep, which it draws
    "figures.sweep": (*SETTING, "figures", "simulations.store", "simulations.sweeps.table"),
    "figures.__main__": (*SETTING, "figures", "simulations"),
    # a page that measures what one chooses: walls run between its files
    "figures.explore.choice": SETTING,
    "figures.explore.measured": (*SETTING, "simulations", "figures.explore.choice"),
    "figures.explore.predicted": ("theory", "figures.explore.choice"),
}
EVERY_CLAIM = (*claims(), *optional_claims())
EXPLORED = "figures.explore.measured"  # the one file of figures/ that measures
JOINS = ("simulations.verdict", "simulations.__main__", "simulations.bench")


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def files() -> list[Path]:
    folders = ("theory", "simulations", "figures")
    return sorted(p for folder in folders for p in (ROOT / folder).rglob("*.py"))


def covers(package: str, module: str) -> bool:
    return module == package or module.startswith(package + ".")


def trespasses(module: str, imported: set[str]) -> set[str]:
    """What a module imports of the project and may not."""
    own = max((p for p in ALLOWED if covers(p, module)), key=len)
    # `from theory import claims` names the package as well: what is taken from it counts
    packages = {"theory", "simulations"} - {p for p in ALLOWED[own] if "." not in p}
    return {
        name
        for name in imported - packages
        if not any(covers(allowed, name) for allowed in ALLOWED[own])
    }


@pytest.mark.parametrize("path", files(), ids=module_of)
def test_a_file_imports_only_what_its_side_may(path):
    assert trespasses(module_of(path), imported_modules(path)) == set()


@pytest.mark.parametrize("path", files(), ids=module_of)
def test_nothing_that_measures_imports_the_join(path):
    module = module_of(path)
    measures = covers("simulations", module) or module == EXPLORED
    if not measures or any(covers(join, module) for join in JOINS):
        return
    assert not {n for n in imported_modules(path) if covers("simulations.verdict", n)}


@pytest.mark.parametrize("path", files(), ids=module_of)
def test_no_import_goes_around_the_wall(path):
    """Relative imports and importlib with a made-up name are not seen by the allow lists."""
    known = {
        "figures", "theory.claims", "theory.predictions", "simulations.store.results",
        "simulations.verdict.sabotage.planting",
    }  # fmt: skip
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.ImportFrom) and node.level), "a relative import"
        if isinstance(node, ast.Attribute) and node.attr in ("import_module", "__import__"):
            assert module_of(path) in known


def test_a_measurement_reaches_no_prediction_however_far_imports_go():
    reachable = {"__init__.py", "setting", "claims", "clocks.py"}
    for module in (*(f"simulations.experiments.{claim}" for claim in EVERY_CLAIM), EXPLORED):
        for path in dependencies(module):
            parts = path.relative_to(ROOT).parts
            assert parts[0] != "theory" or parts[1] in reachable, path


# what chooses temperatures before the run; other formulas of clocks predict
DESIGN = {"temperature_for", "moment_temperature_for", "next_term"}


def taken_of_clocks(path: Path) -> set[str]:
    """Names that a file takes from theory.clocks; "all" where it takes the module."""
    imported = {n for n in imported_modules(path) if covers("theory.clocks", n)}
    return {n.removeprefix("theory.clocks.") for n in imported - {"theory.clocks"}} or (
        {"all"} if imported else set()
    )


def test_claims_take_the_design_of_clocks_alone():
    for path in (ROOT / "theory" / "claims").glob("*.py"):
        assert taken_of_clocks(path) <= DESIGN, path


@pytest.mark.parametrize(
    "line", ["from theory.clocks import chord_constant", "from theory import clocks"]
)
def test_a_claim_that_takes_more_of_clocks_is_seen(tmp_path, line):
    path = tmp_path / "cheat.py"
    path.write_text(line + "\n")
    assert not taken_of_clocks(path) <= DESIGN


@pytest.mark.parametrize(
    ("module", "line", "bad"),
    [
        ("simulations.experiments.new", "from theory.limits import clock", "theory.limits"),
        ("simulations.experiments.new", "import theory.pde.grid", "theory.pde.grid"),
        ("simulations.tokens.new", "from theory import population", "theory.population"),
        (
            "theory.new",
            "from simulations.attention import AttentionOperator",
            "simulations.attention",
        ),
        ("theory.claims.new", "from theory.limits import generator", "theory.limits"),
        ("figures.new.new", "from theory.predictions import load", "theory.predictions"),
        ("figures.new.new", "from simulations.attention import A", "simulations.attention"),
        (EXPLORED, "from figures.explore import predicted", "figures.explore.predicted"),
        ("figures.explore.joined", "import theory.pde", "theory.pde"),
    ],
)
def test_the_walls_have_teeth(tmp_path, module, line, bad):
    path = tmp_path / "cheat.py"
    path.write_text(line + "\n")
    assert bad in trespasses(module, imported_modules(path))


@pytest.mark.parametrize("claim", EVERY_CLAIM)
def test_a_claim_has_one_name_everywhere(claim):
    module = claims_.load(claim)
    assert set(module.SMALL) <= set(module.Parameters.__dataclass_fields__)
    assert (ROOT / "theory" / "predictions" / f"{claim}.py").is_file()
    assert (ROOT / "simulations" / "experiments" / claim / "__init__.py").is_file()
    assert claim in figures.names() | figures.optional_names()


def test_no_folder_is_left_without_its_claim():
    # what shows all claims together is none
    together = {
        "simulations/experiments": set(),
        "figures": {"report", "all_claims", "heads", "explore"},
    }
    for folder, others in together.items():
        inside = {p.parent.name for p in (ROOT / folder).glob("*/*.py")}
        assert inside - others == set(EVERY_CLAIM), folder
    predicted = {p.stem for p in (ROOT / "theory" / "predictions").glob("*.py")}
    assert predicted - {"__init__"} == set(EVERY_CLAIM)


def test_dependencies_follow_imports_to_the_end():
    names = {p.relative_to(ROOT).as_posix() for p in dependencies("simulations.experiments.markov")}
    assert {
        "theory/setting/checks.py",
        "theory/claims/markov.py",
        "simulations/attention/operator.py",
        "simulations/attention/__init__.py",
    } <= names
    assert "figures/style.py" not in names
