"""Uniform tokens on spheres, which shrink: on quadrature nodes and i.i.d."""

from __future__ import annotations

import numpy as np

from simulations.dynamics.evolve import evolve_tokens
from simulations.statistics.intervals import bounded, rounded
from simulations.statistics.jackknife import jackknifed_interval, jackknifed_twice
from simulations.statistics.limits import romberg
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.claims import moving_tokens as claim
from theory.setting.nodes import MOST_NODES, nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import reference_density


def shrinking_spheres(run) -> Measurement:
    """The fall of R^2 in a given time, in more and more steps; and R^2 down to the end."""
    quantities, arrays = {}, {}
    for name in claim.SPHERES:
        dim = reference_density(name, "uniform").manifold.dim
        time, last = claim.fall_time(dim), claim.vanishing_temperature(dim)

        def study(name=name, time=time, last=last):
            paths = [squares(name, time / k, k)[0][-1] for k in claim.SPHERE_STEPS]
            path, spread = squares(name, last, claim.FOLLOWED)
            return {"ends": np.array(paths), "path": path, "spread": spread}

        found = run.remember(f"shrinking {name}", study)
        quantities[claim.sphere_fall(name)] = Number(romberg((1 - found["ends"]) / time))
        square, spread = found["path"][claim.JUDGED], found["spread"][claim.JUDGED]
        interval = rounded(square, claim.JUDGED * n_nodes(name, last))
        # tokens that no longer lie on one sphere tell how far the nodes are from uniform ones
        interval = bounded(interval, spread, "spread of |x|^2 over the tokens")
        quantities[claim.sphere_square(name)] = Number(interval)
        arrays[f"{name}_squares"] = found["path"]
    return Measurement(quantities, arrays)


def squares(name: str, temperature: float, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean of |x|^2 over the tokens after 0, 1, ... steps, and its largest less smallest."""
    p = reference_density(name, "uniform")
    tokens = quadrature_tokens(p, nodes_for(p.manifold, temperature, MOST_NODES))
    path = evolve_tokens(tokens, GAUSSIAN, temperature, range(steps + 1))
    values = (path**2).sum(axis=2)
    return values @ tokens.weights, np.ptp(values, axis=1)


def n_nodes(name: str, temperature: float) -> int:
    m = reference_density(name, "uniform").manifold
    return int(np.prod(nodes_for(m, temperature, MOST_NODES)))


def shrinking_samples(parameters: claim.Parameters, run) -> Measurement:
    """The fall of R^2 of i.i.d. tokens, free of its bias of order 1/N: the motion amplifies the
    sample's own density fluctuation."""
    p = reference_density("sphere", "uniform")

    def fall(tokens):
        steps = [claim.SAMPLE_STEPS]
        moved = evolve_tokens(tokens, GAUSSIAN, claim.SAMPLE_TEMPERATURE, steps)[0]
        return 1 - (moved**2).sum(axis=1).mean()

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 100, s])
        return jackknifed_twice(fall, iid_tokens(p, parameters.n_tokens, rng))

    def study():
        return {
            "falls": run.over_seeds(sample, parameters.n_seeds, "moving_tokens: shrinking samples")
        }

    falls = run.remember("shrinking samples", study)["falls"]
    return Measurement({claim.SPHERE_SAMPLE: Number(jackknifed_interval(*falls.T))})
