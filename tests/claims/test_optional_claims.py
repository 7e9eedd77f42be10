"""Claims that need more than the core: known by name, and told from the others."""

from __future__ import annotations

import ast

import pytest

import figures
from simulations.store.sources import ROOT
from theory import claims as claims_
from theory.claims import claims, load, optional_claims, require_libraries
from theory.setting.checks import InputError


def test_an_optional_claim_is_loaded_by_name_and_counted_nowhere_else():
    assert not set(optional_claims()) & set(claims())
    assert all(claim.needs for claim in optional_claims().values())
    for name in optional_claims():
        assert load(name).CLAIM.name == name
        assert figures.claim_of(name) == name and name not in figures.names()


def test_a_missing_library_is_named_with_what_installs_it(monkeypatch):
    name = next(iter(optional_claims()))
    monkeypatch.setattr(claims_.importlib.util, "find_spec", lambda module: None)
    with pytest.raises(InputError, match=rf"make {name}"):
        require_libraries(name)
    require_libraries(next(iter(claims())))


LIBRARIES = {
    "sklearn",
    "statsmodels",
    "torch",
    "torch_geometric",
    "pydiffmap",
    "transformers",
    "trimesh",
}
# the peers of `make bench`, and what belongs to optional claims and to the heads of models
ALLOWED = (
    "simulations/bench/", "theory/predictions/classical.py", "theory/setting/datasets.py",
    "simulations/heads/models.py", "theory/setting/encoder.py",
    "theory/predictions/trained_heads.py", "simulations/learn/", "theory/setting/meshes/files.py",
)  # fmt: skip


def test_the_core_imports_no_library_of_an_optional_claim():
    for folder in ("theory", "simulations", "figures"):
        for path in (ROOT / folder).rglob("*.py"):
            where = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                taken = {name.split(".")[0] for name in names} & LIBRARIES
                assert not taken or where.startswith(ALLOWED), (where, taken)
