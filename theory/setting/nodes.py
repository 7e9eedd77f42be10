"""How many quadrature nodes a kernel of given temperature needs."""

from __future__ import annotations

import math
from contextlib import contextmanager

import numpy as np

from theory.setting.checks import InputError, positive
from theory.setting.manifolds import Manifold
from theory.setting.pseudo_metrics import PowerLaw
from theory.setting.quadrature import node_counts

MOST_NODES = 60_000  # that attend to each other: more would take minutes a step
MOST_KEYS = 400_000  # that a few queries attend to


def nodes_for(m: Manifold, temperature: float, limit: int = MOST_KEYS) -> tuple[int, ...]:
    """Quadrature nodes per axis that resolve a kernel of this temperature to rounding.

    The error of the trapezoidal rule on a Gaussian of standard deviation sigma = sqrt(2 eps) is
    about 2 exp(-2 (pi sigma/h)^2) at spacing h (Trefethen and Weideman 2014, section 5): 4e-17 at
    h = sigma/1.4; 2.2 nodes a sigma are taken, as Gauss-Legendre nodes are pi/2 times sparser in
    the middle. Raises InputError if more than `limit` nodes would be needed.
    """
    return _limited(
        m,
        temperature,
        lambda sigma, lengths: [max(24, 2 * math.ceil(1.1 * n / sigma)) for n in lengths],
        limit,
    )


def sparse_nodes(m: Manifold, temperature: float, limit: int = MOST_KEYS) -> tuple[int, ...]:
    """Like `nodes_for`, for an error of about 2 exp(-2 (1.05 pi)^2) = 7e-10: for d = 3."""
    a_sigma = [1.05 if axis.kind == "periodic" else 1.65 for axis in m.axes]
    return _limited(
        m,
        temperature,
        lambda sigma, lengths: [
            max(12, math.ceil(n * length / sigma))
            for n, length in zip(a_sigma, lengths, strict=True)
        ],
        limit,
    )


def enough_nodes(m: Manifold, temperature: float, limit: int = MOST_NODES) -> tuple[int, ...]:
    """`nodes_for`, and in three dimensions `sparse_nodes`."""
    count = sparse_nodes if m.dim == 3 else nodes_for
    return count(m, temperature, limit)


class Unresolved(InputError):
    """A temperature that no quadrature resolves.

    why: the reason in words; stretch: the standard deviation of the kernel that would do, over the
    one given; bound: whether that is the "least" or the "most".
    """

    def __init__(self, m: Manifold, temperature: float, why: str, bound: str, stretch: float):
        self.why, self.bound, self.stretch = f"on {m.name} {why}", bound, stretch
        super().__init__(
            f"temperature: got {temperature:g} on {m.name}, expected at {bound} "
            f"{self.right(temperature)}: {why}"
        )

    def right(self, value: float) -> str:
        """What would do in place of `value`, to which the temperature is proportional."""
        return rounded(value * self.stretch * self.stretch, self.bound)


@contextmanager
def as_typed(name: str, value: float, beside: str, beside_value: int, most: float = math.inf):
    """Refuse temperatures that were derived from an option, in proportion to it, by the option.

    Gives a function of temperatures and of the rule, temperature to nodes, that all of them must
    meet: a range ends at both sides. At the end an InputError names the option, the value that was
    typed and, where there is one up to `most` that meets all the rules, the value that would do.
    beside: the other option that counts.
    """
    asked, found = [], []

    def ask(temperatures, rule):
        new = [(float(t), rule) for t in np.atleast_1d(temperatures)]
        asked.extend(new)
        found.extend(_refusals(new))

    yield ask
    if not found:
        return
    # the hardest to meet
    worst = max(found, key=lambda refusal: abs(math.log(refusal.stretch)))
    right = float(worst.right(value))
    given = f"{name}: got {value:g} with {beside} {beside_value}"
    others = _refusals([(t / value * right, rule) for t, rule in asked])
    if right <= most and not others:
        raise InputError(f"{given}, expected at {worst.bound} {right:g}: {worst.why}")
    other = "smaller" if worst.bound == "least" or others else "larger"
    raise InputError(
        f"{given}, expected a {other} {beside}, as no {name} will do: {worst.why}"
        + (f"; {others[0].why}" if others else "")
    )


def _refusals(asked) -> list[Unresolved]:
    found = []
    for temperature, rule in asked:
        try:
            rule(temperature)
        except Unresolved as error:
            found.append(error)
    return found


def rounded(value: float, bound: str) -> str:
    """A bound in three digits, rounded to the side that is within it."""
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    whole = math.ceil(value / step) if bound == "least" else math.floor(value / step)
    return f"{whole * step:.3g}"


def _limited(m, temperature, counts_for, limit):
    """counts_for(sigma, lengths), or raise Unresolved, with the temperature that would do."""
    sigma, lengths = _kernel_width(m, temperature)
    counts = tuple(counts_for(sigma, lengths))
    if math.prod(counts) <= limit:
        return counts
    needed = sum(map(math.log, counts))  # may be too many for a float
    least = math.prod(counts_for(math.inf, lengths))
    if least > limit:
        raise InputError(
            f"manifold: got {m.name}, which takes {least} quadrature nodes at any temperature, "
            f"expected one with at most {limit}"
        )
    # counts are rounded up, so a little more than the power law says
    wider = sigma * math.exp((needed - math.log(limit)) / m.dim)
    while math.prod(counts_for(wider, lengths)) > limit:
        wider *= 1.01
    many = f"{math.exp(needed):.3g}" if needed < 200 else "more than 1e86"
    raise Unresolved(
        m,
        temperature,
        f"its kernel takes {many} quadrature nodes, expected at most {limit}",
        "least",
        wider / sigma,
    )


def _kernel_width(m, temperature):
    """The standard deviation sqrt(2 eps) of the kernel, and the largest length of each axis."""
    if m.dim > 3 or not all(np.isfinite([a.low, a.high]).all() for a in m.axes):
        raise InputError(f"manifold: got {m.name}, expected one with a bounded chart")
    lengths = axis_lengths(m, [(a.low, a.high) for a in m.axes])
    # the root of each factor: twice the largest floats is none
    sigma = math.sqrt(2) * math.sqrt(positive("temperature", temperature))
    if sigma > max(lengths) / 4:
        raise Unresolved(
            m,
            temperature,
            "a token attends to all of the manifold beyond that, and no limit is near",
            "most",
            max(lengths) / 4 / sigma,
        )
    return sigma, lengths


def axis_lengths(m: Manifold, support) -> list[float]:
    """The largest length of each axis within its range (low, high)."""
    line = [np.linspace(low, high, 27)[1:-1] for low, high in support]
    u = np.stack(np.meshgrid(*line, indexing="ij"), axis=-1).reshape(-1, m.dim)
    largest = np.sqrt(m.metric(u).max(axis=0).diagonal())
    return [float(x * (high - low)) for x, (low, high) in zip(largest, support, strict=True)]


def largest_spacing(m: Manifold, counts, support) -> float:
    """The largest distance of neighbouring nodes of `chart_quadrature`, along an axis.

    Gauss-Legendre nodes are pi/2 times sparser in the middle than on average.
    """
    sparser = [1.0 if axis.kind in ("periodic", "infinite") else np.pi / 2 for axis in m.axes]
    lengths = axis_lengths(m, support)
    counts = node_counts(m, counts)
    return max(s * length / n for s, length, n in zip(sparser, lengths, counts, strict=True))


def clock_error(spacing: float, power_law: PowerLaw, temperature: float) -> float:
    """The relative error that nodes at this spacing make in the clock: -1 where they are so coarse
    that a token sees but itself.

    Of a Gaussian kernel on the line, with standard deviation sigma = h/sqrt(2), h as in "The
    clock": sum over k of (k d)^2 exp(-(k d)^2/(2 sigma^2)) over the sum of exp, less sigma^2. Below
    1e-3 from 0.73 nodes a sigma, 1e-8 from 1.05. Another exponent than 2 does not make it smaller.
    """
    h = (temperature / power_law.coefficient) ** (1 / power_law.exponent)
    step = min(spacing / (h / np.sqrt(2)), 100.0)
    squares = (step * np.arange(int(40 / step) + 2)) ** 2
    weights = np.exp(-squares / 2) * np.where(squares > 0, 2.0, 1.0)
    return float(weights @ squares / weights.sum() - 1)
