"""The one rule: prediction and measurement meet only in the experiments."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulations.experiments import claims, load
from simulations.store.sources import ROOT, dependencies, imported_modules

PREDICTION = {"theory.limits", "theory.exact", "theory.finite_sample", "theory.heat", "theory.first_order", "theory.currents", "theory.spectral", "theory.pde", "theory.normalisations", "theory.learned_metric", "theory.clocks", "theory.boundary", "theory.failures", "theory.moving_tokens", "theory.clusters"}


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def predicts(names) -> set[str]:
    return {n for n in names for p in PREDICTION if n == p or n.startswith(p + ".")}


@pytest.mark.parametrize("path", files("theory"), ids=str)
def test_theory_does_not_know_the_measurements(path):
    assert not {n for n in imported_modules(path) if n.startswith(("simulations", "figures"))}


@pytest.mark.parametrize("path", [p for p in files("simulations") if not {"experiments", "bench"} & set(p.parts) and p.name != "__main__.py"], ids=str)
def test_simulations_do_not_know_the_predictions(path):
    assert not predicts(imported_modules(path))
    assert not {n for n in imported_modules(path) if n.startswith("figures")}


@pytest.mark.parametrize("path", files("figures"), ids=str)
def test_figures_read_results_only(path):
    forbidden = {"simulations.attention", "simulations.tokens.sampling", "simulations.attention.engines", "simulations.dynamics.evolve"}
    names = imported_modules(path)
    assert not {n for n in names if n.startswith(tuple(forbidden)) or predicts({n})}


def test_the_rule_has_teeth(tmp_path):
    path = tmp_path / "cheat.py"
    path.write_text("from theory.limits import clock\nimport theory.pde.grid\n")
    assert predicts(imported_modules(path)) == {"theory.limits", "theory.limits.clock", "theory.pde.grid"}


@pytest.mark.parametrize("claim", claims())
def test_every_claim_has_its_experiment_and_figure(claim):
    module = load(claim)
    assert set(module.SMALL) <= set(module.Parameters.__dataclass_fields__)
    assert (ROOT / "figures" / f"{claim}.py").is_file()


def test_dependencies_follow_imports_to_the_end():
    names = {p.relative_to(ROOT).as_posix() for p in dependencies("simulations.experiments.generator")}
    assert {"theory/checks.py", "theory/limits.py", "simulations/attention.py"} <= names
    assert "figures/style.py" not in names
