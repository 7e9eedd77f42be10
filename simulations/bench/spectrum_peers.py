"""Leading eigenvalues of attention: against SciPy on the stored matrix and pydiffmap at thousands
of tokens, and at a hundred thousand, where their values are known in closed form, against methods
that store no full matrix either.
"""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.bench.fastsum_peer import FastGauss
from simulations.bench.rows import compared, largest_error
from simulations.bench.samples import sphere_points, sphere_spectrum, spiral_points
from simulations.observables.block_spectrum import block_eigenpairs
from simulations.observables.spectrum import leading_eigenpairs
from theory.setting.pseudo_metrics import squared_distance

EPS, COUNT = 0.02, 10
COARSE = 0.03  # residuals that the error of pydiffmap allows
# the spectrum at scale: tolerance of the engine, of the residuals, and vectors at once
FAST_SUM, RESIDUAL, BLOCK = 1e-7, 1e-3, 12
PEER_RESIDUAL = 1e-7  # at which eigsh finds the copies of a multiplet
HARMONICS = 8  # of degrees 1 and 2
FEWER = 20_000  # tokens of pydiffmap, which takes minutes at a hundred thousand


def spectrum_rows(quick: bool = False) -> list[dict]:
    """Ten eigenvalues of some thousand uniform tokens, the truth from the stored matrix; "coarse"
    means residuals of COARSE.
    """
    n = 1500 if quick else 6000
    x = sphere_points(n)
    operator = AttentionOperator(x, squared_distance(), EPS)
    truth = _stored(x)

    def ours():
        return leading_eigenpairs(operator, COUNT, np.random.default_rng(3))[0]

    def coarse():
        return block_eigenpairs(operator, COUNT, np.random.default_rng(3), COARSE, BLOCK)[0]

    rows = []
    for engine, mine, name, peer, repeats in (
        ("dense", ours, "scipy eigsh, matrix stored", _stored, 3),
        ("dense", ours, "scipy eigh, matrix stored", _all_of_them, 1),
        ("dense", ours, "pydiffmap, 400 neighbours", _diffusion_map, 3),
        ("dense", coarse, "pydiffmap, 400 neighbours", _diffusion_map, 3),
    ):
        what = f"10 eigenvalues, N = {n}, R^3" + (", coarse" * (mine is coarse))
        row = {"group": "spectrum", "engine": engine, "problem": what, "peer_name": name}

        def make(peer=peer):
            _needed(peer)
            return lambda: peer(x)

        rows.append(compared(row, mine, make, lambda: truth, repeats, warm=peer is _stored))
    return rows


def large_rows(quick: bool = False, n: int = 100_000) -> list[dict]:
    """Ten eigenvalues, and the eigenfunctions of degrees 1 and 2, of tokens of equal weight spread
    evenly on the sphere; eigenvalues of ten times as many too. Times include all set-up.
    """
    n = 5000 if quick else n
    x = spiral_points(n)
    few, many = spiral_points(min(n, FEWER)), spiral_points(10 * n)
    return [
        large_row("10 eigenvalues", x, "eigsh on pyNFFT3 FASTSUM", _fastsum_call),
        large_row("10 eigenvalues", many, "eigsh on pyNFFT3 FASTSUM", _fastsum_call),
        large_row("8 eigenfunctions", x, "sklearn SpectralEmbedding", _embedding_call),
        large_row("8 eigenfunctions", few, "pydiffmap, 64 neighbours", _diffusion_call),
    ]


def large_row(what, x, name, peer) -> dict:
    """Errors: the largest of the eigenvalues, or the sine of the angle to the harmonics."""
    values = what.endswith("values")
    row = {
        "group": "spectrum", "engine": "nufft", "problem": f"{what}, N = {len(x)}, R^3",
        "peer_name": name,
    }  # fmt: skip

    def ours():
        found = large_pairs(x)
        return found[0] if values else found[1][:, 1 : 1 + HARMONICS]

    def truth():
        return sphere_spectrum(2 * EPS, COUNT) if values else harmonics(x)

    error = largest_error if values else angle
    return compared(row, ours, lambda: peer(x), truth, 1, warm=False, error=error)


def large_pairs(x) -> tuple[np.ndarray, np.ndarray]:
    """Ten eigenvalues and eigenfunctions (n, 10), set-up included."""
    operator = AttentionOperator(x, squared_distance(), EPS, engine="nufft", tolerance=FAST_SUM)
    rng = np.random.default_rng(3)
    return block_eigenpairs(operator, COUNT, rng, RESIDUAL, BLOCK)


def harmonics(x) -> np.ndarray:
    """The span of the harmonics of degrees 0, 1 and 2 at x (n, 3), orthonormal, (n, 9)."""
    a, b, c = x.T
    columns = (np.ones(len(x)), a, b, c, a * b, b * c, a * c, a * a - b * b, 3 * c * c - 1)
    return np.linalg.qr(np.column_stack(columns))[0]


def angle(found, span) -> float:
    """The largest sine of the angle between what was found (n, c) and a span (n, k)."""
    q = np.linalg.qr(found)[0]
    return float(np.linalg.norm(q - span @ (span.T @ q), 2))


def _kernel(x):
    kernel = np.exp(-((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=2) / (4 * EPS))
    root = np.sqrt(kernel.sum(axis=1))
    return kernel / np.outer(root, root)


def _stored(x):
    from scipy.sparse.linalg import eigsh

    values = eigsh(_kernel(x), k=COUNT, which="LA", return_eigenvectors=False)
    return np.sort(values)[::-1]


def _all_of_them(x):
    from scipy.linalg import eigh

    last = [len(x) - COUNT, len(x) - 1]
    return eigh(_kernel(x), subset_by_index=last, eigvals_only=True)[::-1]


def _diffusion_map(x):
    from pydiffmap import diffusion_map

    found = diffusion_map.DiffusionMap.from_sklearn(
        n_evecs=COUNT - 1, epsilon=EPS, alpha=0.0, k=min(len(x) - 1, 400)
    )
    found.fit(x)
    return np.concatenate([[1.0], 1 + EPS * np.sort(found.evals)[::-1]])


def _needed(peer):
    """Raise ImportError where the peer's library is missing, before any time is spent."""
    if peer is _diffusion_map:
        import pydiffmap  # noqa: F401


def _fastsum_call(x):
    import pyNFFT3  # noqa: F401
    from scipy.sparse.linalg import LinearOperator, eigsh

    def call():
        gauss = FastGauss(x, 2 * EPS, FAST_SUM)
        root = np.sqrt(gauss(np.ones(len(x))).real)

        def apply(v):
            return gauss(v.ravel() / root).real / root

        operator = LinearOperator((len(x), len(x)), matvec=apply, dtype=np.float64)
        start = np.random.default_rng(3).standard_normal(len(x))
        values = eigsh(
            operator, k=COUNT, which="LA", tol=PEER_RESIDUAL, v0=start,
            return_eigenvectors=False,
        )  # fmt: skip
        return np.sort(values)[::-1]

    return call


def _embedding_call(x):
    from sklearn.manifold import SpectralEmbedding

    return lambda: SpectralEmbedding(
        n_components=HARMONICS, affinity="nearest_neighbors", n_neighbors=15, random_state=0,
        eigen_solver="arpack",
    ).fit_transform(x)  # fmt: skip


def _diffusion_call(x):
    from pydiffmap import diffusion_map

    def call():
        # weights fall to exp(-4) or less at the last of the neighbours
        found = diffusion_map.DiffusionMap.from_sklearn(
            n_evecs=HARMONICS, epsilon=16 / len(x), alpha=0.0, k=64
        )
        found.fit(x)
        return found.evecs

    return call
