"""Predictions of the claim `spectral_rate`: limits of the spectra, and bounds on their orders."""

from __future__ import annotations

from functools import partial

import numpy as np

from theory.claims import spectral_rate as claim
from theory.exact import sphere_laplacian_eigenvalues, sphere_multiplicities
from theory.normalisations import alpha_drift
from theory.predictions import Order, Prediction, target_off_by_tenth
from theory.projections import curve_projection, sphere_projection
from theory.setting.references import scattered_probes
from theory.spectrum import curve_spectrum

# of doubly normalised attention and of softmax: to each the other's is a rival
DRIFTS = (alpha_drift(1.0), alpha_drift(0.0))


def order(dim: int, kind: str) -> float:
    """1/(d/2+2) of eigenvalues, 1/(d/2+3) of eigenvectors: Cheng and Wu 2022."""
    return 1 / (dim / 2 + {"eigenvalues": 2, "eigenvectors": 3}[kind])


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The orders, as lower bounds, against eigenvalues and eigenfunctions of the limit."""
    predicted = {}
    for where, setting in claim.SETTINGS.items():
        p = parameters.density_of(where)
        d = p.manifold.dim
        right, kept = at_point(parameters, where), projection(parameters, where)
        wrong, lost = {}, {}
        if p.is_uniform:
            lost["the constant alone"] = constant_alone(parameters, where)
        else:
            others = [c for c in DRIFTS if c != alpha_drift(setting.alpha)]
            wrong = {f"drift {c:g}": at_point(parameters, where, c) for c in others}
            lost = {f"drift {c:g}": projection(parameters, where, c) for c in others}
        wrong = target_off_by_tenth(right, **wrong)
        lost = target_off_by_tenth(kept, **lost)
        predicted |= {
            claim.eigenvalues(where): bound(right, order(d, "eigenvalues"), wrong),
            claim.eigenvectors(where): bound(kept, order(d, "eigenvectors"), lost),
        }
    return predicted


def bound(target, least: float, rivals) -> Order:
    return Order(target, least, rivals, kind="bound")


def at_point(parameters: claim.Parameters, where: str, drift: float | None = None):
    """The target of the means of eigenvalues, (n, means): functions of no chart point."""
    values = eigenvalues(parameters, where, drift)
    means = [values[:k].mean() for k in claim.SETTINGS[where].means]
    return lambda u: np.broadcast_to(means, (len(u), len(means)))


def eigenvalues(parameters: claim.Parameters, where: str, drift: float | None = None) -> np.ndarray:
    """Those of -L above 0, each as often as its multiplicity; drift: of another equation."""
    p, setting = parameters.density_of(where), claim.SETTINGS[where]
    count, d = max(setting.means), p.manifold.dim
    if p.is_uniform:
        values = np.repeat(
            sphere_laplacian_eigenvalues(d, 1.0, count), sphere_multiplicities(d, count)
        )
        return values[1 : count + 1]
    power = alpha_drift(setting.alpha) if drift is None else drift
    return curve_spectrum(p, count + 1, power)[0][1:]


def projection(parameters: claim.Parameters, where: str, drift: float | None = None):
    """The projection of the declared functions, a function of chart points."""
    p, setting = parameters.density_of(where), claim.SETTINGS[where]
    d, count = p.manifold.dim, setting.eigenvectors
    if d == 2:
        return partial(sphere_projection, claim.PROJECTED[d], count)
    power = alpha_drift(setting.alpha) if drift is None else drift
    return partial(curve_projection, p, claim.PROJECTED[d], count, power)


def constant_alone(parameters: claim.Parameters, where: str):
    """What the first eigenvector, the constant, keeps of the declared functions."""
    p = parameters.density_of(where)
    functions = claim.PROJECTED[p.manifold.dim]
    if p.manifold.dim == 2:
        return partial(sphere_projection, functions, 1)
    return partial(curve_projection, p, functions, 1, 2.0)


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Means of eigenvalues (1, means) and projections at the probes of each setting, and a rival."""
    found = {}
    for where in claim.SETTINGS:
        u = scattered_probes(parameters.density_of(where), claim.N_PROBES)[0]
        found[f"{where} eigenvalues"] = at_point(parameters, where)(u[:1])
        found[f"{where} eigenvectors"] = projection(parameters, where)(u)
    u = scattered_probes(parameters.density_of(claim.DRIFT), claim.N_PROBES)[0]
    found["rival eigenvalues"] = at_point(parameters, claim.DRIFT, DRIFTS[0])(u[:1])
    found["rival eigenvectors"] = projection(parameters, claim.DRIFT, DRIFTS[0])(u)
    return found
