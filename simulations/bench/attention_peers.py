"""One attention step against PyTorch, KeOps, scikit-learn and pydiffmap: times in turn, and the
error of both sides.
"""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.bench.timing import in_turn, timed
from simulations.observables.spectrum import leading_eigenpairs
from theory.setting.pseudo_metrics import dot_product, squared_distance

TEMPERATURE = 0.1  # of the dot product on a sphere
N_CHECKED = 64  # queries whose exact value is known


def sphere_points(n: int, dim: int = 3, seed: int = 0) -> np.ndarray:
    """n uniform points (n, dim) of the unit sphere."""
    x = np.random.default_rng(seed).standard_normal((n, dim))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def exact(x, h, temperature: float) -> np.ndarray:
    """Softmax attention of the first queries in extended precision, (N_CHECKED, c)."""
    scores = (
        x[:N_CHECKED].astype(np.longdouble) @ x.T.astype(np.longdouble) / np.longdouble(temperature)
    )
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (weights @ h.astype(np.longdouble)) / weights.sum(axis=1, keepdims=True)


def torch_sdpa(x, h, temperature: float, single: bool = False):
    """A call of scaled_dot_product_attention on all pairs; raises ImportError without PyTorch."""
    import torch

    kind = torch.float32 if single else torch.float64
    q = torch.as_tensor(x, dtype=kind)[None, None]
    # its fused kernel wants as many features as coordinates: without them it stores all pairs
    features = h.shape[1]
    v = torch.as_tensor(np.pad(h, ((0, 0), (0, max(0, x.shape[1] - features)))), dtype=kind)[
        None, None
    ]
    return lambda: torch.nn.functional.scaled_dot_product_attention(q, q, v, scale=1 / temperature)[
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
            rows.append(_dense_row(problem, name, make, x, h, TEMPERATURE, 5))
    x64 = sphere_points(2000 if quick else 8192, 64)
    h64 = np.random.default_rng(1).standard_normal(x64.shape)
    problem = f"N = {len(x64)}, R^64, 64 features"
    for name, make in (double, single):
        rows.append(_dense_row(problem, name, make, x64, h64, 0.3, 3))
    wide = sphere_points(large)
    for features, what in ((wide[:, :1].copy(), "1 feature"), (wide, "3 features")):
        rows.append(_nufft_row(f"N = {large}, R^3, {what}, 1e-6", *double, wide, features))
    return rows


def _dense_row(problem, name, make, x, h, temperature, repeats):
    def ours():
        return _ours(x, h, temperature, "dense")

    return _row("dense", problem, name, ours, make, x, h, temperature, repeats)


def _nufft_row(problem, name, make, x, h, temperature=0.02):
    operator = AttentionOperator(x, dot_product(), temperature, engine="nufft", tolerance=1e-6)
    setup = timed(lambda: operator @ h)[0]
    row = _row("nufft", problem, name, lambda: operator @ h, make, x, h, temperature, 1, warm=False)
    if "peer" in row:
        row |= {"setup": setup, "ratio with set-up": row["peer"] / (setup + row["ours"])}
    return row


def _ours(x, h, temperature, engine):
    return AttentionOperator(x, dot_product(), temperature, engine=engine) @ h


def _single(x, h, temperature):
    return torch_sdpa(x, h, temperature, single=True)


def _row(engine, problem, name, ours, make, x, h, temperature, repeats, warm=True):
    row = {"group": "attention step", "engine": engine, "problem": problem, "peer_name": name}
    try:
        peer = make(x, h, temperature)
        measured = in_turn(ours, peer, repeats, warm)
    except ImportError:
        return row | {"note": "not installed"}
    except (
        Exception
    ) as error:  # a peer that breaks is a row that says so, not the end of the benchmark
        return row | {"note": f"failed: {type(error).__name__}: {str(error)[:120]}"}
    truth = exact(x, h, temperature)
    mine, theirs = (
        float(np.abs(np.asarray(r)[:N_CHECKED] - truth).max()) for r in measured.pop("results")
    )
    return row | measured | {"our_error": mine, "peer_error": theirs}


def spectrum_rows(quick: bool = False) -> list[dict]:
    """The ten leading eigenvalues: this project, SciPy on the stored matrix of the same operator,
    and pydiffmap's truncated one.
    """
    n, eps, count = (1500 if quick else 6000), 0.02, 10
    x = sphere_points(n)
    operator = AttentionOperator(x, squared_distance(), eps)

    def stored():
        from scipy.sparse.linalg import eigsh

        kernel = np.exp(-((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=2) / (4 * eps))
        root = np.sqrt(kernel.sum(axis=1))
        return np.sort(
            eigsh(kernel / np.outer(root, root), k=count, which="LA", return_eigenvectors=False)
        )[::-1]

    def all_of_them():
        from scipy.linalg import eigh

        kernel = np.exp(-((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=2) / (4 * eps))
        root = np.sqrt(kernel.sum(axis=1))
        return eigh(
            kernel / np.outer(root, root), subset_by_index=[n - count, n - 1], eigvals_only=True
        )[::-1]

    def diffusion_map():
        from pydiffmap import diffusion_map as dm

        found = dm.DiffusionMap.from_sklearn(
            n_evecs=count - 1, epsilon=eps, alpha=0.0, k=min(n - 1, 400)
        )
        found.fit(x)
        return np.concatenate([[1.0], 1 + eps * np.sort(found.evals)[::-1]])

    rows, truth = [], None
    for name, peer in (
        ("scipy eigsh, matrix stored", stored),
        ("scipy eigh, matrix stored", all_of_them),
        ("pydiffmap, 400 neighbours", diffusion_map),
    ):
        row = {
            "group": "spectrum",
            "engine": "dense",
            "problem": f"10 eigenvalues, N = {n}, R^3",
            "peer_name": name,
        }
        try:
            measured = in_turn(
                lambda: leading_eigenpairs(operator, count, np.random.default_rng(3))[0],
                peer,
                1 if peer is all_of_them else 3,
                warm=peer is stored,
            )
        except ImportError:
            rows.append(row | {"note": "not installed"})
            continue
        except Exception as error:
            rows.append(row | {"note": f"failed: {type(error).__name__}: {str(error)[:120]}"})
            continue
        mine, theirs = measured.pop("results")
        truth = theirs if truth is None else truth
        rows.append(
            row
            | measured
            | {
                "our_error": float(np.abs(mine - truth).max()),
                "peer_error": float(np.abs(theirs - truth).max()),
            }
        )
    return rows
