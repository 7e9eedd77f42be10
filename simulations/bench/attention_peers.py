"""One attention step against PyTorch, KeOps and scikit-learn: times in turn, and the
error of both sides.
"""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.bench.rows import REPEATS, compared
from simulations.bench.samples import exact, sphere_points
from simulations.bench.timing import timed
from theory.setting.pseudo_metrics import dot_product

TEMPERATURE = 0.1  # of the dot product on a sphere
ASKED = 4_000  # queries of the peer at many tokens; its time is in proportion


def torch_sdpa(x, h, temperature: float, single: bool = False, asked: int | None = None):
    """A call of scaled_dot_product_attention of all tokens, or of the first of them, to all; raises
    ImportError without PyTorch.
    """
    import torch

    kind = torch.float32 if single else torch.float64
    q, k = (torch.as_tensor(a, dtype=kind)[None, None] for a in (x[:asked], x))
    # its fused kernel wants as many features as coordinates: without them it stores all pairs
    features = h.shape[1]
    v = torch.as_tensor(np.pad(h, ((0, 0), (0, max(0, x.shape[1] - features)))), dtype=kind)[
        None, None
    ]
    return lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v, scale=1 / temperature)[
        0, 0
    ].numpy()[:, :features]


def keops(x, h, temperature: float):
    """A call of a KeOps softmax reduction in float64; raises ImportError without KeOps."""
    import torch
    from pykeops.torch import LazyTensor

    points, values = torch.as_tensor(x), torch.as_tensor(h)
    q, k, v = (
        LazyTensor(points[:, None, :] / temperature),
        LazyTensor(points[None, :, :]),
        LazyTensor(values[None, :, :]),
    )
    return lambda: (q | k).sumsoftmaxweight(v, axis=1).numpy()


def rbf(x, h, temperature: float):
    """A call of scikit-learn's dense rbf_kernel, its rows normalised; on a sphere it is the dot
    product's softmax.
    """
    from sklearn.metrics.pairwise import rbf_kernel

    def call():
        kernel = rbf_kernel(x, gamma=1 / (2 * temperature))
        return (kernel @ h) / kernel.sum(axis=1, keepdims=True)

    return call


def step_rows(quick: bool = False) -> list[dict]:
    """Steps in R^3 with 1 and 3 features, and in R^64 with 64, where matrix products win; nufft
    once it is set up, and with its set-up.
    """
    small, large = (4000, 20_000) if quick else (20_000, 200_000)
    double, single = ("PyTorch SDPA float64", torch_sdpa), ("PyTorch SDPA float32", _single)
    others = ("KeOps float64", keops), ("scikit-learn rbf_kernel", rbf)
    x, rows = sphere_points(small), []
    for h, what in ((x[:, :1].copy(), "1 feature"), (x, "3 features")):
        problem = f"N = {small}, R^3, {what}"
        for name, make in (double, single, *others):
            rows.append(_dense_row(problem, name, make, x, h, TEMPERATURE))
    x64 = sphere_points(2000 if quick else 8192, 64)
    h64 = np.random.default_rng(1).standard_normal(x64.shape)
    problem = f"N = {len(x64)}, R^64, 64 features"
    rows.append(_dense_row(problem, *single, x64, h64, 0.3))
    wide = sphere_points(large)
    for features, what in ((wide[:, :1].copy(), "1 feature"), (wide, "3 features")):
        rows.append(_nufft_row(f"N = {large}, R^3, {what}, 1e-6, peer O(N^2)", wide, features))
    return rows


def _dense_row(problem, name, make, x, h, temperature, repeats=REPEATS):
    def ours():
        return _ours(x, h, temperature, "dense")

    return _row("dense", problem, name, ours, make, x, h, temperature, repeats)


def _nufft_row(problem, x, h, temperature=0.02):
    """The peer's queries are timed in part."""
    operator = AttentionOperator(x, dot_product(), temperature, engine="nufft", tolerance=1e-6)
    setup = timed(lambda: operator @ h)[0]
    asked = min(ASKED, len(x))

    def make(x, h, temperature):
        return torch_sdpa(x, h, temperature, asked=asked)

    row = _row(
        "nufft", problem, "PyTorch SDPA float64", lambda: operator @ h, make, x, h, temperature,
        REPEATS, share=asked / len(x),
    )  # fmt: skip
    if "peer" in row:
        row |= {"setup": setup, "ratio with set-up": row["peer"] / (setup + row["ours"])}
    return row


def _ours(x, h, temperature, engine):
    return AttentionOperator(x, dot_product(), temperature, engine=engine) @ h


def _single(x, h, temperature):
    return torch_sdpa(x, h, temperature, single=True)


def _row(engine, problem, name, ours, make, x, h, temperature, repeats, share=1.0):
    row = {"group": "attention step", "engine": engine, "problem": problem, "peer_name": name}

    def made():
        return make(x, h, temperature)

    return compared(row, ours, made, lambda: exact(x, h, temperature), repeats, share=share)
