"""Claim `over_smoothing`: the depth at which the features of all tokens are equal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, whole, within
from theory.setting.densities import Density, density
from theory.setting.hypotheses import check_levels, require_resolved, require_varying
from theory.setting.manifolds import manifold
from theory.setting.nodes import as_typed, sparse_nodes

CLAIM = Claim(
    name="over_smoothing",
    rank=8.5,
    title="The depth at which features collapse",
    statement=(
        "Repeated attention makes the features of all tokens equal at the depth that the first "
        r"eigenvalue of $-L$ predicts: $\log(1/\delta)/(\lambda_1 \tau)$ layers until their spread "
        r"is $\delta$ of what it was, with residual connections and several heads too."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Over-smoothing'",
    hypotheses="symmetric transformed metric, closed manifold, no other part of a layer",
    predicted=r"depth $\to \log(\sqrt c/\delta)/(\lambda_1 \tau)$, $\tau$ the layer's clock",
    order=r"1 in $\tau$",
    paper=Paper(
        NEW,
        "It follows from the limit that the paper states, which does not name a depth.",
    ),
)

ONE_HEAD, RESIDUAL, HEADS = "one head", "residual", "three heads"
# temperature of each head over eps, and the share of attention in the layer
LAYERS = {ONE_HEAD: ((1.0,), 1.0), RESIDUAL: ((1.0,), 0.5), HEADS: ((0.5, 0.75, 1.0), 1.0)}
MOST_NODES = 6000  # a layer is applied hundreds of times
# effective neighbours N p 4 pi eps of a token on the uniform sphere, N eps
LEAST_NEIGHBOURS = 80
NAMES = {"sphere": "sphere, i.i.d. tokens", "circle": "circle, any p, nodes"}


def limit(place: str, layer: str) -> str:
    """place: "sphere", seen by samples, or "circle", on nodes."""
    return f"{NAMES[place]}, {layer}: depth of collapse times eps, eps -> 0"


def at_temperature(layer: str) -> str:
    return f"sphere, nodes, {layer}: depth of collapse at eps"


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(2500, "Tokens of a sample.", least=200, bytes=TOKEN_BYTES)
    temperature: float = option(
        0.2, "Temperature eps of the samples, and the largest of the levels on quadrature nodes."
    )
    factor: float = option(
        1e-6, "The spread over its first value at which features count as equal."
    )
    density: str = option("exp(x/2 + x*y/2)", "Token density on the circle, not uniform.")
    n_levels: int = option(4, "Temperatures on quadrature nodes, each half the one before.")
    n_seeds: int = option(16, "Samples.", least=3, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        within("temperature", self.temperature, 0.02, 0.2)
        within("factor", self.factor, 1e-10, 1e-2)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        if self.n_tokens * self.temperature < LEAST_NEIGHBOURS:
            raise InputError(
                f"n_tokens: got {self.n_tokens} at temperature {self.temperature:g}, expected at "
                f"least {LEAST_NEIGHBOURS / self.temperature:.0f}: half of them keep neighbours"
            )
        require_varying(self.curve_density(), "over_smoothing")
        sharpest = min(min(heads) for heads, _ in LAYERS.values())
        with as_typed("temperature", self.temperature, "n_levels", self.n_levels, 0.2) as ask:
            rule = partial(sparse_nodes, manifold("sphere"), limit=MOST_NODES)
            ask(sharpest * self.temperatures(), rule)
        require_resolved(self.curve_density(), self.temperatures()[-1])

    def temperatures(self) -> np.ndarray:
        """Temperatures of the levels; the first is that of the samples."""
        return self.temperature / 2.0 ** np.arange(self.n_levels)

    def curve_density(self) -> Density:
        return density(manifold("circle"), self.density)


SMALL = {"n_tokens": 700, "n_seeds": 12}
