"""What does not fit in the memory is refused in a line, before it is allocated."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.attention.engines import gauss_transform, truncated
from simulations.classical.embeddings import tsne_conditionals
from simulations.heads.dimension import neighbour_distances
from simulations.heads.head import Head
from simulations.observables.block_spectrum import block_eigenpairs
from simulations.observables.spectrum import leading_eigenpairs
from simulations.store.sources import ROOT
from theory.pde.grid import Grid
from theory.setting import checks
from theory.setting.checks import MOST_MESSAGE, InputError
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import GAUSSIAN

SMALL, LARGE = 2 * 10**6, 10**11


def points(n, dim=3):
    return np.random.default_rng(0).standard_normal((n, dim))


def attention(n, engine, temperature=0.1):
    return AttentionOperator(points(n), GAUSSIAN, temperature, engine=engine)


# what each allocates on the way is more than SMALL, and fits in LARGE
LARGE_WORK = {
    "naive": lambda: attention(400, "naive") @ np.ones(400),
    "nufft": lambda: attention(400, "nufft") @ np.ones(400),
    "truncated": lambda: attention(2000, "truncated") @ np.ones(2000),
    "eigenpairs": lambda: leading_eigenpairs(
        attention(700, "dense"), 300, np.random.default_rng(0)
    ),
    "block": lambda: block_eigenpairs(
        attention(700, "dense"), 4, np.random.default_rng(0), 0.1, 60
    ),
    "grid": lambda: Grid(manifold("torus"), (200, 200)),
    "t-SNE": lambda: tsne_conditionals(points(200), 20),
    "dimension": lambda: neighbour_distances(points(300), 5),
    "head": lambda: Head(np.ones((2, 3)), np.ones((2, 3))).on(points(300)),
}


def with_memory(monkeypatch, size):
    for module in (checks, gauss_transform, truncated):
        monkeypatch.setattr(module, "memory", lambda: size)


@pytest.mark.parametrize("name", LARGE_WORK)
def test_work_beyond_the_memory_is_refused_in_a_line(monkeypatch, name):
    with_memory(monkeypatch, SMALL)
    with pytest.raises(InputError) as refused:
        LARGE_WORK[name]()
    assert "\n" not in str(refused.value) and len(str(refused.value)) <= MOST_MESSAGE
    with_memory(monkeypatch, LARGE)
    LARGE_WORK[name]()


def test_auto_takes_another_engine_where_the_memory_is_too_small_for_the_fast_ones(monkeypatch):
    usual = attention(40_000, "auto").engine
    assert usual in ("nufft", "truncated")
    with_memory(monkeypatch, 3 * 10**5)
    assert attention(40_000, "auto").engine not in ("nufft", "truncated", "naive")


def test_the_limit_of_the_shell_is_memory_too():
    program = "from theory.setting.checks import memory; print(memory())"
    limited = subprocess.run(
        ["bash", "-c", f"ulimit -v 4000000; exec '{sys.executable}' -c '{program}'"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(limited.stdout) == min(4_000_000 * 1024, checks.memory())


@pytest.mark.parametrize(
    "words",
    [
        ("markov", "--n-tokens", "100000000"),
        ("solver", "--n-points", "3000000"),
        ("spectrum", "--n-tokens", "100000000"),
        ("evolution", "--n-tokens", "1" + 30 * "0"),
    ],
)
def test_a_run_that_cannot_fit_is_refused_before_it_begins(words, tmp_path):
    command = f"ulimit -v 6000000; exec '{sys.executable}' -m simulations run {' '.join(words)}"
    done = subprocess.run(
        ["bash", "-c", f"{command} --results {tmp_path}"], cwd=ROOT, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"error: {words[1]}: got ")
    assert len(done.stderr.splitlines()) == 1 and not list(tmp_path.iterdir())
