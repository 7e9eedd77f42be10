"""The clock of a sample, half the mean squared jump per dimension, by three averages over the tokens (claim `sampling_noise`)."""

from __future__ import annotations

import warnings

import numpy as np

from simulations.attention import AttentionOperator, LonelyTokensWarning
from simulations.experiments.sampling_noise_samples import SPHERES, mean_of_intervals, samples
from simulations.experiments.settings import GAUSSIAN, nodes_for
from simulations.observables import squared_jump
from simulations.tokens.sampling import quadrature_tokens
from simulations.verdict import check, check_against_measurement, mean_interval, rounding_interval, widened
from theory.setting.densities import density
from theory.exact import sphere_eigenvalues
from theory.finite_sample import inverse_neighbours, plain_clock, plain_clock_first_order, stationary_clock
from theory.setting.manifolds import manifold

ROUNDING = 1e-10
CONVENTIONS = ("stationary", "plain", "masked")


def slowing_study(parameters, run) -> dict:
    """Clock of i.i.d. uniform tokens over that of N = infinity, by three averages, at s = 1/4, 1/8, 1/16 in d = 1, 2, 3."""
    eps, levels, out = parameters.slowing_temperature, np.array([1 / 4, 1 / 8, 1 / 16]), {}
    identity = []
    for d, spec in SPHERES.items():
        p = density(manifold(spec))
        weight = float(inverse_neighbours(p(np.full((1, d), 0.5)), d, eps, 1)[0])
        # on the unit sphere the mean squared jump is 2 (1 - mu_1), exactly
        expected = 2 * (1 - sphere_eigenvalues(d, 1.0, 2 * eps, 2)[1])
        for k, s in enumerate(run.progress(levels, label=f"sampling_noise: clock, {p.manifold.name}")):
            n = round(weight / s)
            clocks = []
            for tokens in samples(
                p, n, max(24, parameters.n_jumps // n), np.random.default_rng([parameters.seed, d, 2, k])
            ):
                operator = AttentionOperator(tokens, GAUSSIAN, eps)
                with warnings.catch_warnings():
                    # tokens that see only themselves are what is measured here
                    warnings.simplefilter("ignore", LonelyTokensWarning)
                    jump = squared_jump(operator)
                # A = a_ii I + (1 - a_ii) A_off: a token that stays jumps by nothing
                masked = jump / (1 - operator.self_weight)
                clocks.append(np.array([operator.stationary_law @ jump, jump.mean(), masked.mean()]) / expected)
            direct = squared_jump(AttentionOperator(tokens, GAUSSIAN, eps, exclude_self=True))
            identity.append([np.abs(direct / masked - 1).max(), np.abs(direct / jump - 1).max()])
            out |= {f"slow_{d}_{k}": np.array(clocks), f"slow_s_{d}_{k}": np.array(weight / n)}
    return out | {"slow_identity": np.max(identity, axis=0), "slow_levels": levels}


def predicted_clock(convention: str, s: float, d: int) -> float:
    """The clock over tau of a sample, by the way it is averaged over the tokens."""
    if convention == "stationary":
        return stationary_clock(s)
    return plain_clock(s, d, keep_diagonal=convention == "plain")


def first_order_clock(convention: str, s: float, d: int) -> float:
    """The same to first order in s."""
    return 1 - s if convention == "stationary" else plain_clock_first_order(s, d, keep_diagonal=convention == "plain")


def clock_curves() -> dict:
    """The predicted clock, exact in s and to first order, as curves for the figure, (conventions, points) for each d."""
    s = np.linspace(0.005, 0.255, 11)
    out = {"slow_curve_s": s}
    for d in SPHERES:
        for name, law in (("curve", predicted_clock), ("first", first_order_clock)):
            out[f"slow_{name}_{d}"] = np.array([[law(convention, v, d) for v in s] for convention in CONVENTIONS])
    return out


def node_study(parameters) -> dict:
    """On quadrature nodes: the clock over its exact value, and what dropping the diagonal makes of it."""
    eps, out = parameters.slowing_temperature, []
    for d in (1, 2):
        p = density(manifold(SPHERES[d]))
        tokens = quadrature_tokens(p, nodes_for(p.manifold, eps))
        operator = AttentionOperator(tokens, GAUSSIAN, eps)
        expected = 2 * (1 - sphere_eigenvalues(d, 1.0, 2 * eps, 2)[1])
        masked = AttentionOperator(tokens, GAUSSIAN, eps, exclude_self=True)
        clock, without = squared_jump(operator) / expected, squared_jump(masked) / expected
        out.append(
            [
                np.abs(clock - 1).max(),
                np.abs(without * (1 - operator.self_weight) - 1).max(),
                operator.self_weight.mean(),
            ]
        )
    return {"node_clock": np.array(out)}


def slowing_checks(slowing, nodes, parameters) -> list:
    """Share of the predicted slowing that is seen, mean over d; the exact law at large s; identities on nodes."""
    checks, eps = [], parameters.slowing_temperature
    names = {
        "stationary": "stationary law",
        "plain": "plain average",
        "masked": "diagonal left out",
    }
    other = {"stationary": "plain", "plain": "masked", "masked": "plain"}
    for c, (convention, name) in enumerate(names.items()):
        shares, swapped = [], []
        for d in SPHERES:
            s = float(slowing[f"slow_s_{d}_1"])
            effect = 1 - predicted_clock(convention, s, d)
            shares.append(mean_interval((1 - slowing[f"slow_{d}_1"][:, c]) / effect))
            swapped.append((1 - predicted_clock(other[convention], s, d)) / effect)
        # curvature changes the slowing itself by a share of order eps
        share = widened(mean_of_intervals(shares), eps)
        controls = {"no slowing": 0.0, f"{other[convention]} average instead": float(np.mean(swapped))}
        checks.append(check(f"slowing over predicted, s = 1/8, {name}", 1.0, share, controls))
    ratios = [
        mean_interval(slowing[f"slow_{d}_0"][:, 1] / predicted_clock("plain", float(slowing[f"slow_s_{d}_0"]), d))
        for d in (2, 3)
    ]
    s = float(slowing["slow_s_2_0"])
    rational = np.mean([(1 + s * 2 ** (-d / 2 - 1)) / (1 + s) / predicted_clock("plain", s, d) for d in (2, 3)])
    first = np.mean([plain_clock_first_order(s, d) / predicted_clock("plain", s, d) for d in (2, 3)])
    checks.append(
        check(
            "clock over the law exact in s, s = 1/4, d = 2, 3",
            1.0,
            widened(mean_of_intervals(ratios), eps * s),
            {"to first order in s": float(first), "(1 + y)/(1 + s)": float(rational)},
        )
    )
    deviation = float(nodes["node_clock"][:, :2].max())
    checks.append(
        _identity(
            "nodes: |clock/tau - 1|, with and without diagonal",
            deviation,
            "slowed by the mean a_ii",
            float(nodes["node_clock"][:, 2].min()),
        )
    )
    checks.append(
        _identity(
            "A = a_ii I + (1 - a_ii) A_off: deviation",
            float(slowing["slow_identity"][0]),
            "A_off = A",
            float(slowing["slow_identity"][1]),
        )
    )
    return checks


def _identity(quantity, deviation, control, control_deviation):
    return check_against_measurement(
        quantity,
        0.0,
        rounding_interval(deviation, ROUNDING),
        control,
        rounding_interval(control_deviation, ROUNDING),
        kind="identity",
    )


def slowing_table(slowing) -> str:
    """The clock of a sample by its three averages: measured, the law exact in s, and to first order."""
    lines = [f"{'d':>2} {'s':>7}  " + "".join(f"{c + ' measured':>20} {'exact':>7} {'first':>7}" for c in CONVENTIONS)]
    for d in SPHERES:
        for k in range(len(slowing["slow_levels"])):
            s, row = float(slowing[f"slow_s_{d}_{k}"]), ""
            for c, convention in enumerate(CONVENTIONS):
                first = first_order_clock(convention, s, d)
                interval = mean_interval(slowing[f"slow_{d}_{k}"][:, c])
                row += f"{interval.value:>11.4f} +-{interval.high - interval.value:.4f} {predicted_clock(convention, s, d):>7.4f} {first:>7.4f}"
            lines.append(f"{d:>2} {s:>7.4f}  {row}")
    return "clock of i.i.d. tokens over tau, d and s\n" + "\n".join(lines)
