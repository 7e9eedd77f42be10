"""Predictions of the claim `heat_semigroup`: the heat equation of the manifold, whatever p."""

from __future__ import annotations

import numpy as np

from theory.claims import heat_semigroup as claim
from theory.heat_kernel import transition_density
from theory.heat_semigroup import heat_kernel_on_sphere, step_after
from theory.predictions import Member, Order, Prediction, Value, off_by_tenth

CURVE_POINTS = 400  # of the picture
CURVE_NODES = 4000  # that resolve the jumps of the step function to 1e-3 of its length


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The diffusion time at N = infinity, and orders in N that are bounds."""
    time = Value(1.0, off_by_tenth(1.0))
    family = Member(lambda c, u: kernel(u, c[0]), (0.7,), {claim.NODE_TIME: time})
    rivals = {
        "softmax: with the drift 2 grad log p": drifting,
        "half of the time": lambda u: kernel(u, 0.5),
    }
    sphere = Order(kernel, 2 / 8, rivals, kind="bound")
    return {claim.NODE_TIME: family, claim.SPHERE_ORDER: sphere} | {
        claim.curve_order(t): curve_order(t) for t in claim.TIMES
    }


def curve_order(time: float) -> Order:
    """At least 2/(d+6) against the heat equation along the knot."""
    rivals = {
        "no diffusion: f itself": lambda u: claim.step_function(claim.arc(u)),
        "twice the time": lambda u: curve(u, 2 * time),
    }
    if time == claim.CONTROL_TIME:
        rivals["softmax: with the drift 2 grad log p"] = lambda u: drifting_curve(u, time)
    return Order(lambda u: curve(u, time), 2 / 7, rivals, kind="bound")


def curve(u, time: float) -> np.ndarray:
    """The heat equation's solution from the step function at chart points u (n, 1), (n,)."""
    return step_after(claim.arc(u), time, claim.curve_length())


def drifting_curve(u, time: float) -> np.ndarray:
    """Softmax's limit from the step function at chart points u (n, 1), (n,)."""
    p, n = claim.curve_density(), CURVE_NODES
    y = (2 * np.pi * (np.arange(n) + 0.5) / n)[:, None]
    mass = 2 * np.pi / n * p.manifold.volume(y) * claim.step_function(claim.arc(y))
    return np.array([transition_density(p, time, x[None], y) @ mass for x in u])


def kernel(u, factor: float = 1.0) -> np.ndarray:
    """The heat kernel from the sources at chart points u (n, 2) at factor times the time, (n, 4)."""
    return heat_kernel_on_sphere(cosines(u), factor * claim.SPHERE_TIME)


def cosines(u) -> np.ndarray:
    """Of the angles between chart points u (n, 2) and the sources, (n, 4)."""
    m = claim.sphere_density().manifold
    return np.clip(m.embed(u) @ m.embed(claim.source_points()).T, -1.0, 1.0)


def drifting(u) -> np.ndarray:
    """The transition densities of softmax's limit, with the drift 2 grad log p, (n, 4)."""
    p, time = claim.sphere_density(), claim.SPHERE_TIME
    found = [transition_density(p, time, x[None], u) for x in claim.source_points()]
    return np.stack(found, axis=1)


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """The step function and its evolution along the knot, and at the probes; the heat kernel against
    the angle and at the probes."""
    s = (np.arange(CURVE_POINTS) + 0.5) / CURVE_POINTS
    angle = np.linspace(0, np.pi, 200)
    probes, _ = claim.sphere_probes()
    out = {
        "s": s,
        "step": claim.step_function(s),
        "probe_s": claim.arc(claim.curve_probes()),
        "angle": angle,
        "kernel": heat_kernel_on_sphere(np.cos(angle), claim.SPHERE_TIME),
        "probe_angle": np.arccos(cosines(probes)),
        "probe_kernel": kernel(probes),
        "probe_drifting": drifting(probes),
    }
    for k, t in enumerate(claim.TIMES):
        out[f"curve_{k}"] = step_after(s, t, claim.curve_length())
        out[f"probes_{k}"] = curve(claim.curve_probes(), t)
        late = t == claim.CONTROL_TIME
        wrong = (
            drifting_curve(claim.curve_probes(), t) if late else curve(claim.curve_probes(), 2 * t)
        )
        out[f"rival_{k}"] = wrong
    return out
