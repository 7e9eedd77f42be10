"""How a closed curve relaxes to its stationary state under L H = Laplacian H + c <grad log p + b,
grad H>: relative entropy, Dirichlet energy and entropy produced.

docs/theory.md, "Entropy production". Fourier collocation; nothing here knows the attention
operator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy as sp
from scipy.linalg import expm

from theory.setting.checks import InputError, finite_array, whole
from theory.setting.densities import Density
from theory.setting.expressions import compile_array
from theory.spectral import fourier_derivative

NODES = 121  # an odd number, so that the highest mode has a derivative


@dataclass(frozen=True)
class Relaxation:
    """Each (t,): int rho_t log(rho_t/rho) dV, int |grad H_t|^2 rho dV with H_t = exp(tL) H, and the
    rate int |J_t|^2/rho_t dV at which entropy is produced, J_t the current of rho_t."""

    relative_entropy: np.ndarray
    dirichlet_energy: np.ndarray
    entropy_rate: np.ndarray


def relaxation(
    p: Density, force, start, features, times, *, drift_coefficient: float = 2.0, nodes: int = NODES
) -> Relaxation:
    """Follow the measure with density `start` and the features over the times (t,), from 0 evenly.

    force: b, one expression in the chart; start: a formula, of any mass; features: a formula.
    d rho/dt = -div J, J = c rho (grad log p + b) - grad rho. Raises InputError unless the manifold
    is a closed curve and the times are 0, s, 2 s, ...
    """
    m, times = p.manifold, finite_array("times", times, (None,))
    if m.dim != 1 or m.axes[0].kind != "periodic":
        raise InputError(f"manifold: got {m.name}, expected a closed curve")
    step = times[1] - times[0]
    if times[0] != 0 or not np.allclose(np.diff(times), step):
        raise InputError(f"times: got {times[:3]}, ..., expected 0 and even steps")
    axis, (symbol,) = m.axes[0], m.symbols
    u = axis.low + axis.length * np.arange(whole("nodes", nodes, 5))[:, None] / nodes
    derivative = fourier_derivative(nodes, axis.length)
    slope = compile_array(m.symbols, [sp.diff(p.log_expression, symbol) + force[0]], (1,))(u)[:, 0]
    inverse, volume = m.inverse_metric(u)[:, 0, 0], m.volume(u)
    weights = volume * axis.length / nodes
    # the current along the curve, J^u, of a density; minus its divergence moves the density
    current = inverse[:, None] * (np.diag(drift_coefficient * slope) - derivative)
    forward = -(derivative @ (volume[:, None] * current)) / volume[:, None]
    backward = (derivative @ ((volume * inverse)[:, None] * derivative)) / volume[:, None]
    backward = backward + (drift_coefficient * slope * inverse)[:, None] * derivative
    stationary = np.linalg.svd(forward)[2][-1]
    stationary /= weights @ stationary
    rho = m.function(start)(u)
    rho, h = rho / (weights @ rho), m.function(features)(u)
    moves = expm(step * forward), expm(step * backward)
    rows = []
    for _ in times:
        flow = current @ rho
        rows.append(
            (
                weights @ (rho * np.log(rho / stationary)),
                weights @ (inverse * (derivative @ h) ** 2 * stationary),
                weights @ (flow**2 / inverse / rho),
            )
        )
        rho, h = moves[0] @ rho, moves[1] @ h
    return Relaxation(*np.array(rows).T)
