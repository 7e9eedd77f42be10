"""Heads judged: what each does to its tokens against what first-order analysis says of it.

The shares that are explained, with bootstrap intervals over texts (docs/theory.md, "Trained heads").
"""

from __future__ import annotations

import numpy as np

from simulations.statistics.bootstrap import bootstrap_intervals
from simulations.statistics.intervals import Interval
from theory import heads as predicted

# sums over the tokens of a text: squares of the displacement u, and of what each form leaves of it;
# u0 is the displacement by the density alone, C b what the force adds to it
SUMS = (
    "displacement", "density", "local", "swapped", "one_clock", "transport", "along", "force", "diffusion",
    "diffusion_predicted",
)  # fmt: skip
SHARES = (
    "density_of_all", "local_of_all", "transport_of_all", "local", "transport", "swapped", "one_clock", "slope",
    "diffusion",
)  # fmt: skip
HALF = 0.5  # of what f does: a form that explains more is said to hold
CONFIRMED, REFUTED, OPEN = "supported", "refuted", "inconclusive"


def text_sums(context) -> list[float]:
    """SUMS of one text; every kernel acts on the tokens, so their Gram matrix is enough."""
    c, a = context, context.attention
    x = c.tokens - c.tokens.mean(axis=0)
    gram = x @ x.T
    alone = predicted.density_alone(c.allowed)
    local = predicted.local(c.queries, c.keys, c.allowed, c.temperature)
    # queries and keys exchanged: the force of the transposed matrix, a rival
    swapped = predicted.local(c.keys, c.queries, c.allowed, c.temperature)
    one_clock = predicted.one_clock(c.queries, c.keys, x, c.allowed, c.temperature)
    transport = predicted.transport(c.queries, c.keys, c.allowed)
    force = local - alone
    return [
        square(a - np.eye(len(a)), gram),
        *(square(a - form, gram) for form in (alone, local, swapped, one_clock, transport)),
        float((((a - alone) @ gram) * force).sum()),
        square(force, gram),
        scatter(a, gram),
        scatter(alone, gram),
    ]


def square(kernel, gram) -> float:
    """|K X|^2 over all tokens, from the Gram matrix X X^T."""
    return float(((kernel @ gram) * kernel).sum())


def scatter(kernel, gram) -> float:
    """sum_ij k_ij |x_j - (K X)_i|^2 of a kernel whose rows sum to 1: its diffusion."""
    return float((kernel @ np.diagonal(gram)).sum() - square(kernel, gram))


def shares(means) -> np.ndarray:
    """SHARES of mean SUMS (..., 10): (..., 9).

    Of the displacement u: 1 - |u - form|^2/|u|^2. Of what f does, u - u0: 1 - |u - form|^2/|u - u0|^2,
    0 for uniform attention, negative where a form is worse. slope: of u - u0 on C b, 1 where the
    force is felt in full. diffusion: measured over that of the window.
    """
    m = dict(zip(SUMS, np.moveaxis(np.asarray(means), -1, 0), strict=True))
    found = (
        1 - m["density"] / m["displacement"],
        1 - m["local"] / m["displacement"],
        1 - m["transport"] / m["displacement"],
        1 - m["local"] / m["density"],
        1 - m["transport"] / m["density"],
        1 - m["swapped"] / m["density"],
        1 - m["one_clock"] / m["density"],
        m["along"] / m["force"],
        m["diffusion"] / m["diffusion_predicted"],
    )
    return np.stack(found, axis=-1)


def share_intervals(sums: dict, of: str, rng) -> tuple[dict, dict]:
    """SHARES of the head `of`, and of all others, with their bootstrap intervals over texts.

    sums: by the name of each head, the SUMS of the same number of texts (n, 10). Returned are its
    shares by head and name, and by the other heads what those of `of` are more, in pairs.
    """
    others = [name for name in sums if name != of]

    def statistic(means):
        each = np.split(means, 1 + len(others), axis=-1)
        found = [shares(m) for m in each]
        return np.concatenate([*found, *(found[0] - null for null in found[1:])], axis=-1)

    samples = np.hstack([sums[name] for name in (of, *others)])
    intervals = iter(bootstrap_intervals(statistic, samples, rng))

    def next_shares():
        return {name: next(intervals) for name in SHARES}

    found = {name: next_shares() for name in (of, *others)}
    return found, {name: next_shares() for name in others}


def verdict(share: Interval, threshold: float = HALF) -> str:
    """Whether a share is more than the threshold."""
    if share.low > threshold:
        return CONFIRMED
    return REFUTED if share.high < threshold else OPEN


def compared(difference: Interval) -> str:
    """Whether a trained head's share is above that of its null."""
    if difference.low > 0:
        return "above"
    return "below" if difference.high < 0 else "not told apart"
