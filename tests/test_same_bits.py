"""The same command gives the same bits: kernels compiled or read from the cache, threads one or two.

Numba keeps several compiled copies of a function, and takes another one when it reads the cache;
BLAS and thread pools share sums out. Only processes of their own, the first with an empty cache,
can see it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from simulations.store.results import execute
from simulations.store.sources import ROOT

CLAIM = "linear_attention"
TWO_THREADS, ONE_THREAD = (
    {name: threads for name in ("NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    for threads in ("2", "1")
)


def user_score(x, y):
    total = np.exp(x[2] * y[0])
    for k in range(x.size):
        total += abs(x[k] - y[k])
    return total


def engine_cases():
    """Name, engine, score, temperature, options, same points: every pass of every engine."""
    from theory.setting.pseudo_metrics import squared_distance, transformed_distance, user_function

    squared = squared_distance()
    return [
        ("bounded, symmetric", "dense", squared, 0.5, {}, True),
        ("bounded, without self", "dense", squared, 0.5, {"exclude_self": True}, True),
        ("bounded, rectangular", "dense", squared, 0.5, {}, False),
        ("online", "dense", squared, 1e-3, {}, True),
        ("online, window", "dense", squared, 0.5, {"window": 0.5}, True),
        ("online, transform", "dense", transformed_distance("1 - exp(-r)"), 0.5, {}, False),
        ("online, user function", "dense", user_function(user_score), 0.5, {}, False),
        ("truncated", "truncated", squared, 0.01, {}, True),
        ("nufft", "nufft", squared, 0.1, {}, True),
    ]


def bits(*arrays) -> str:
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


def engine_bits():
    from simulations.attention.engines import ENGINES

    rng = np.random.default_rng(0)
    # pairs enough for two threads, and a last tile of few keys
    points, others = rng.uniform(-1, 1, (1590, 3)), rng.uniform(-1, 1, (1545, 3))
    values = rng.normal(size=(1590, 4))
    for name, engine, score, temperature, options, same in engine_cases():
        keys = points if same else others
        plan = ENGINES[engine].plan(score, points, keys, temperature, **options)
        assert plan.engine == engine
        for features in (1, 4):
            means = plan.attend(values[: len(keys), :features])
            back = plan.transpose(values[:, :features])
            yield f"{name}, {features} features", bits(means, back, plan.log_partition)


def many_dimensions_bits():
    from simulations.attention.engines import dense
    from theory.setting.pseudo_metrics import squared_distance

    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(900, 48)) / 7, rng.normal(size=(800, 48)) / 7
    plan = dense.plan(squared_distance(), x, y, 0.5)
    yield "matrix products", bits(plan.attend(rng.normal(size=(800, 3))), plan.log_partition)


def solver_bits():
    from theory.pde import evolve
    from theory.setting.densities import density
    from theory.setting.manifolds import manifold

    for name, initial in (("circle", "cos(t)"), ("sphere", "x*z")):
        p = density(manifold(name), "exp(x)")
        for scheme in ("chebyshev", "shift-invert"):
            solution = evolve(p, initial, [0.1, 0.3], cells=32, scheme=scheme)
            yield f"{scheme} on {name}", bits(solution.fine, solution.coarse)


def claim_bits(root):
    from pathlib import Path

    from theory import claims

    module = claims.load(CLAIM)
    result = execute(CLAIM, module.Parameters(**module.SMALL), root=Path(root), quiet=True)
    yield (
        "measured numbers",
        hashlib.sha256(json.dumps(result.record["numbers"]).encode()).hexdigest(),
    )
    for file in ("fields.npz", "arrays.npz"):
        with np.load(result.folder / file) as arrays:
            yield file, bits(*(arrays[name] for name in sorted(arrays)))


def all_bits(root) -> dict[str, str]:
    parts = engine_bits(), many_dimensions_bits(), solver_bits(), claim_bits(root)
    return {name: digest for part in parts for name, digest in part}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Bits by name of three processes, one after the other: with an empty cache of kernels, with
    the filled one, and with that on one thread.
    """
    cache = tmp_path_factory.mktemp("cache")
    compiled = bits_of_a_process(cache, tmp_path_factory.mktemp("results"), TWO_THREADS)
    files = sorted(cache.rglob("*.nbc"))
    assert files
    read = bits_of_a_process(cache, tmp_path_factory.mktemp("results"), TWO_THREADS)
    assert sorted(cache.rglob("*.nbc")) == files
    alone = bits_of_a_process(cache, tmp_path_factory.mktemp("results"), ONE_THREAD)
    return compiled, read, alone


def bits_of_a_process(cache, results, threads) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, __file__, str(results)],
        env=os.environ | threads | {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def differing(one, other):
    assert one.keys() == other.keys() and len(one) > 20
    return [name for name in one if one[name] != other[name]]


def test_compiled_or_read_from_the_cache(runs):
    compiled, read, _ = runs
    assert differing(compiled, read) == []


def test_one_thread_or_two(runs):
    """Of the fast transform alone the last bits depend on the number of threads."""
    _, two, one = runs
    assert [name for name in differing(two, one) if not name.startswith("nufft")] == []


if __name__ == "__main__":
    print(json.dumps(all_bits(sys.argv[1])))
