"""Kernel density and kernel regression beside the libraries that people use for them."""

from __future__ import annotations

import numpy as np

from simulations import classical
from simulations.bench.rows import compared

ACCURACY = 1e-6  # relative, asked of both sides where the peer can be asked
BANDWIDTH = 0.2  # of points of variance 1
N_CHECKED = 64  # queries whose exact value is known
ASKED = 200  # queries of the peers, which take them one by one; their time is in proportion
SIZES = ((100_000, 2), (100_000, 3))


def classical_rows(quick: bool = False) -> list[dict]:
    """Density and regression at all points: set-up included on both sides, one turn after another."""
    rows = []
    for n, dim in ((2000, 3),) if quick else SIZES:
        x = np.random.default_rng(dim).standard_normal((n, dim))
        y = np.sin(x).sum(axis=1)
        rows += [density_row(x), regression_row(x, y)]
    return rows


def density_row(x) -> dict:
    """Log density of all points at all points, against KernelDensity's tree at the same accuracy:
    some of its queries are timed, the tree is not."""

    def ours():
        return classical.kernel_density(x, BANDWIDTH, tolerance=ACCURACY)

    def make():
        from sklearn.neighbors import KernelDensity

        model = KernelDensity(bandwidth=BANDWIDTH, rtol=ACCURACY)
        model.fit(x)
        return lambda: model.score_samples(x[:ASKED])

    squares = ((x[:N_CHECKED, None] - x) ** 2).sum(axis=2) / BANDWIDTH**2
    norm = np.log(len(x)) + x.shape[1] / 2 * np.log(2 * np.pi * BANDWIDTH**2)
    truth = np.log(np.exp(-squares / 2).sum(axis=1)) - norm
    return _row("kernel density", "scikit-learn KernelDensity", x, ours, make, truth)


def regression_row(x, y) -> dict:
    """Regression at all points, against KernelReg, whose queries are a loop: some of them are timed."""
    widths = np.full(x.shape[1], BANDWIDTH)

    def ours():
        return classical.nadaraya_watson(x, y, widths, tolerance=ACCURACY)

    def make():
        from statsmodels.nonparametric.kernel_regression import KernelReg

        model = KernelReg(y, x, "c" * x.shape[1], reg_type="lc", bw=widths)
        return lambda: model.fit(x[:ASKED])[0]

    weights = np.exp(-((x[:N_CHECKED, None] - x) ** 2).sum(axis=2) / (2 * BANDWIDTH**2))
    truth = weights @ y / weights.sum(axis=1)
    return _row("Nadaraya-Watson", "statsmodels KernelReg", x, ours, make, truth)


def _row(what, name, x, ours, make, truth) -> dict:
    """Set-up of ours included; the peer's call is of ASKED queries."""
    n, dim = x.shape
    row = {
        "group": "classical", "engine": "auto", "problem": f"{what}, N = {n}, R^{dim}, 1e-6",
        "peer_name": name,
    }  # fmt: skip
    # once before, to compile; the peers compile nothing
    ours()
    return compared(row, ours, make, lambda: truth, warm=False, share=ASKED / n)
