"""One step of the dot product over Gaussian keys, at queries about their mean."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.gaussian_closure.gaussian import gaussian_nodes
from simulations.statistics.fits import fit_coefficients
from simulations.statistics.intervals import bounded, rounded
from simulations.store.quantities import Measurement, Number
from theory.claims import gaussian_closure as claim
from theory.setting.pseudo_metrics import dot_product, transformed_distance
from theory.setting.references import scattered_points


def one_step() -> Measurement:
    """Coefficients of A x on m, S A^T x and S A x, and what no affine map explains."""
    quantities, arrays = {}, {}
    for d in claim.DIMENSIONS:
        n, x = claim.NODES[d], queries(d)
        images = [image(d, x, nodes) for nodes in (n, n - 2)]
        names = claim.offset(d), claim.turned(d), claim.transposed(d)
        found, of_fewer = (coefficients(d, x, y) for y in images)
        quantities |= {
            name: known(value, fewer, n**d)
            for name, value, fewer in zip(names, found, of_fewer, strict=True)
        }
        bends = [bend(x, y) for y in images]
        # of a score that is no dot product, A x is bent
        wrong = [bend(x, image(d, x, k, transformed_distance("r"))) for k in (n, n - 2)]
        quantities[claim.bent(d)] = Number(
            known(*bends, n**d).interval, {"f = |x-y|": known(*wrong, n**d).interval}
        )
        arrays |= {f"queries_{d}": x, f"images_{d}": images[0]}
    return Measurement(quantities, arrays)


def known(value: float, of_fewer: float, n_terms: int) -> Number:
    """A number on nodes, known to rounding and to what two nodes fewer an axis change."""
    moved = abs(float(value) - float(of_fewer))
    return Number(bounded(rounded(float(value), n_terms), moved, "two nodes fewer an axis"))


def queries(d: int) -> np.ndarray:
    """Places (n, d) within REACH standard deviations of the mean."""
    m, s, _ = claim.tokens_of(d)
    z = scattered_points([(-claim.REACH, claim.REACH)] * d, claim.N_QUERIES)
    return m + z @ np.linalg.cholesky(s).T


def image(d: int, x, n: int, f=None) -> np.ndarray:
    """A x at queries (n, d), by default of the score x^T A y."""
    m, s, a = claim.tokens_of(d)
    keys, weights = gaussian_nodes(m, s, n)
    score = dot_product(a) if f is None else f
    return AttentionOperator(x, score, 1.0, keys=keys, weights=weights, engine="dense") @ keys


def coefficients(d: int, x, after) -> np.ndarray:
    """Least squares of A x (n, d) on m, S A^T x and S A x, (3,)."""
    m, s, a = claim.tokens_of(d)
    return fit_coefficients(after, [np.tile(m, (len(x), 1)), x @ (s @ a.T).T, x @ (s @ a).T])


def bend(x, after) -> float:
    """Root mean square of what an affine map of x leaves of A x, over the spread of A x."""
    design = np.column_stack([np.ones(len(x)), x])
    left = after - design @ np.linalg.lstsq(design, after, rcond=None)[0]
    return float(np.linalg.norm(left) / np.linalg.norm(after - after.mean(axis=0)))
