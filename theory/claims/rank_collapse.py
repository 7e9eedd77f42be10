"""Claim `rank_collapse`: pure self-attention loses rank doubly exponentially with depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import count, whole, within

CLAIM = Claim(
    name="rank_collapse",
    rank=8.7,
    title="Pure self-attention loses rank doubly exponentially; skip connections keep it",
    statement=(
        r"Without skip connections the residual $r_L$ of $L$ layers, the distance of the tokens "
        r"from all being equal, obeys $r_L \le K^{(3^L - 1)/2}\, r_0^{3^L}$, "
        r"$K = 4 \beta H/\sqrt{d_{qk}}$: in $\rho = \sqrt K\, r$ it is $\rho_L \le \rho_0^{3^L}$. "
        r"With skip connections that fails. Of random networks one layer takes $r$ to a multiple "
        r"of $r^3$, and Sinkhorn's normalisation loses rank faster than softmax, not more slowly."
    ),
    source=(
        "Dong, Cordonnier and Loukas 2021 (arXiv 2103.03404), with its term of the attention "
        "entries at 1; of Sinkhorn's normalisation Lapenna et al. 2026 (arXiv 2604.07925) say the "
        "opposite; exponents and derivation: docs/theory.md, 'Rank collapse'"
    ),
    hypotheses=(
        r"no MLP, no skip connection; $\|W_{QK}\|_1 \|W_V\|_{1,\infty} \le \beta$ for each of $H$ "
        r"heads; $\rho_0 < 1$ and scores that differ by less than 1.26 within a row"
    ),
    predicted=(
        r"$\log \rho_L/\log \rho_0 \ge 3^L$; exponent of $r_L$ in $r_0$, $r_0 \to 0$: $3^L$"
    ),
    order=r"3 a layer",
    paper=Paper(
        NEW,
        "The paper iterates one operator on features; here every layer attends to what the one "
        "before it made of the tokens.",
    ),
)

# --- the design ---

LAYERS = (1, 2, 3, 4, 5)
FOLLOWED = (1, 2, 3)  # layers of which the exponent is followed to r_0 -> 0
# tokens, their dimension, heads, of the networks that are held against the bound
SHAPES = ((3, 2, 1), (8, 4, 1), (32, 16, 1), (32, 16, 4))
FACTOR = 4.0  # of the bound: K = 4 beta H/sqrt(d_qk), beta = 1 here
SPREADS = (1.0, 2.0)  # standard deviation of an entry of W_QK times sqrt(D), of the comparison
DEPTH = 3  # layers of the comparison: deeper ones leave float64
SWEEPS = 20  # of Sinkhorn's normalisation
LEAST_START, MOST_START = 1e-6, 0.9

# --- the names ---


def exponent(layers: int) -> str:
    return f"L = {layers}: exponent of r_L in r_0, r_0 -> 0 (not in the paper)"


def bound(layers: int) -> str:
    return f"L = {layers}: log rho_L over log rho_0, smallest of all networks"


def sinkhorn(spread: float, relative: bool) -> str:
    what = "of residual over norm" if relative else "of residual"
    return f"Sinkhorn, scores {spread:g}: log {what}, softmax less Sinkhorn"


@dataclass(frozen=True)
class Parameters:
    start: float = option(1e-4, "rho_0, the scaled residual of the tokens that are fed in.")
    n_levels: int = option(
        6, "Residuals of the tokens, each half the one before, of the exponents."
    )
    n_networks: int = option(
        300, "Random networks of each shape held against the bound.", least=20, bytes=SAMPLE_BYTES
    )
    n_tokens: int = option(
        32, "Tokens of the comparison and of the exponents.", least=8, bytes=TOKEN_BYTES
    )
    n_seeds: int = option(60, "Networks of the comparison.", least=8, bytes=SAMPLE_BYTES)
    seed: int = option(20210305, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        within("start", self.start, LEAST_START, MOST_START)
        count("n_levels", self.n_levels, 4, 10)
        count("n_tokens", self.n_tokens, 8, 1000)
        whole("seed", self.seed, 0)

    def sizes(self) -> np.ndarray:
        """r_0 of the levels, (n_levels,): so small that the largest rows and columns stay the same."""
        return 1e-3 / 2.0 ** np.arange(self.n_levels)


SMALL = {"n_networks": 30, "n_levels": 5, "n_seeds": 20}
LONG = {"n_networks": 3000, "n_seeds": 600}
