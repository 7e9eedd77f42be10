"""Leading eigenvalues of attention: against SciPy on the stored matrix and pydiffmap at thousands
of tokens. On the sphere, where their values are known in closed form, against pydiffmap at tens of
thousands; at more see large_peers.py.
"""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.bench.fastsum_peer import FastGauss
from simulations.bench.rows import REPEATS, compared, largest_error
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
FEWER = 20_000  # tokens of pydiffmap


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
    for mine, name, peer in (
        (ours, "scipy eigsh, matrix stored", _stored),
        (ours, "pydiffmap, 400 neighbours", _diffusion_map),
        (coarse, "pydiffmap, 400 neighbours", _diffusion_map),
    ):
        what = f"10 eigenvalues, N = {n}, R^3" + (", coarse" * (mine is coarse))
        row = {"group": "spectrum", "engine": "dense", "problem": what, "peer_name": name}

        def make(peer=peer):
            _needed(peer)
            return lambda: peer(x)

        rows.append(compared(row, mine, make, lambda: truth, warm=peer is _stored))
    few = spiral_points(min(n, 5000) if quick else FEWER)
    return [*rows, large_row("8 eigenfunctions", few, "pydiffmap, 64 neighbours", _diffusion_call)]


def all_eigenvalues_row(n: int = 6000) -> dict:
    """Ten eigenvalues beside SciPy's dense solver, which finds those that it is asked for from the
    matrix as a whole."""
    x = sphere_points(n)
    operator = AttentionOperator(x, squared_distance(), EPS)
    row = {
        "group": "spectrum", "engine": "dense", "problem": f"10 eigenvalues, N = {n}, R^3",
        "peer_name": "scipy eigh, matrix stored",
    }  # fmt: skip

    def ours():
        return leading_eigenpairs(operator, COUNT, np.random.default_rng(3))[0]

    ours()  # compiles
    return compared(row, ours, lambda: lambda: _all_of_them(x), lambda: _stored(x), warm=False)


def large_row(what, x, name, peer, repeats: int = REPEATS) -> dict:
    """Ten eigenvalues, or the eigenfunctions of degrees 1 and 2, of tokens of equal weight spread
    evenly on the sphere, all set-up included. Errors: the largest of the eigenvalues, or the sine of
    the angle to the harmonics.
    """
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
    return compared(row, ours, lambda: peer(x), truth, repeats, warm=False, error=error)


def large_pairs(x, tolerance=FAST_SUM, residual=RESIDUAL) -> tuple[np.ndarray, np.ndarray]:
    """Ten eigenvalues and eigenfunctions (n, 10), set-up included."""
    operator = AttentionOperator(x, squared_distance(), EPS, engine="nufft", tolerance=tolerance)
    rng = np.random.default_rng(3)
    return block_eigenpairs(operator, COUNT, rng, residual, BLOCK)


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


def fastsum_call(x):
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


def embedding_call(x):
    from sklearn.manifold import SpectralEmbedding

    return lambda: SpectralEmbedding(
        n_components=HARMONICS, affinity="nearest_neighbors", n_neighbors=15, random_state=0,
        eigen_solver="arpack",
    ).fit_transform(x)  # fmt: skip


def _diffusion_call(x):
    make = diffusion_pairs_call(x)
    return lambda: make()[1]


def diffusion_pairs_call(x):
    """A call of pydiffmap: the eigenvalues of attention at degrees 1 and 2 and its eigenfunctions
    (n, 8), at the temperature `neighbour_temperature`; raises ImportError without it."""
    from pydiffmap import diffusion_map

    temperature = neighbour_temperature(len(x))

    def call():
        found = diffusion_map.DiffusionMap.from_sklearn(
            n_evecs=HARMONICS, epsilon=temperature, alpha=0.0, k=64
        )
        found.fit(x)
        return 1 + temperature * np.sort(found.evals)[::-1], found.evecs

    return call


def neighbour_temperature(n: int) -> float:
    """At which weights fall to exp(-4) at the last of 64 neighbours among n tokens."""
    return 16 / n
