"""The digest of sources changes when a result may change, and only then."""

from __future__ import annotations

import pytest

from simulations.store import sources

CODE = '''"""Text."""
def f(x):
    """More text."""
    return x + 1  # why
'''


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    (tmp_path / "theory").mkdir()
    (tmp_path / "theory" / "__init__.py").write_text("")
    (tmp_path / "theory" / "a.py").write_text("from theory.b import f\nprint(f)\n")
    (tmp_path / "theory" / "b.py").write_text(CODE)
    return tmp_path


def changed(project, text):
    before = sources.digest("theory.a")
    path = project / "theory" / "b.py"
    path.write_text(text)
    # a changed file has another time stamp
    sources._code.cache_clear()
    sources._imports.cache_clear()
    return sources.digest("theory.a") != before


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("x + 1", "x + 2", True),
        ("# why", "# another comment", False),
        ("More text.", "Other text.", False),
        ("x + 1", "(\n        x\n        + 1\n    )", False),
    ],
)
def test_the_digest_follows_the_code(project, old, new, expected):
    assert changed(project, CODE.replace(old, new)) is expected


def test_packages_on_the_way_are_dependencies(project):
    names = {p.name for p in sources.dependencies("theory.a")}
    assert names == {"__init__.py", "a.py", "b.py"}
