"""Claim `trained_heads`: what the heads of a trained encoder do to their tokens."""

from __future__ import annotations

from dataclasses import dataclass

from theory.claims import NEW, Claim, Paper, check_counts, option
from theory.setting.checks import count, whole
from theory.setting.encoder import LAYERS, PACKAGE, SENTENCES

CLAIM = Claim(
    name="trained_heads",
    rank=31,
    title="What a trained head's score does is first order, and no metric",
    statement=(
        r"Of what the score of a head does to the tokens, $A X$ minus the mean of the keys, the "
        r"median of the heads owes more than half to the response at infinite temperature, the "
        r"force $-\nabla_y f/\varepsilon$ through the covariance of the keys; with $W_Q$ and $W_K$ "
        r"exchanged it owes nothing to it. It is not training that makes it so, but trained heads "
        r"copy their nearest key better than random ones. The pseudo-metric of the median head is "
        r"not symmetric, and the clock of none is a small step."
    ),
    source=(
        "all-MiniLM-L6-v2 (Wang et al. 2020, arXiv 2002.10957); symmetry score: Saponati et al. "
        "2025 (arXiv 2502.10927); docs/theory.md, 'Trained heads'"
    ),
    hypotheses=(
        "the heads and sentences at hand: intervals are over sentences, not over encoders; signs of "
        "differences were seen on them before they were stated"
    ),
    predicted=(
        "the library's attention maps; the response and the limit of a cold head, exactly; "
        "more than half of what the score does; signs of the differences from the nulls"
    ),
    order="none: exact, or one-sided",
    paper=Paper(NEW, "Of trained heads the paper's abstract and theorems give no number."),
    needs=("torch", "transformers", PACKAGE),
)

# --- the design ---

# inverse temperature, over that of the head, at which its response is a difference; and temperature,
# over that of the head, at which it copies
STEP, COLD = 1e-5, 1e-9
WRONG_TEMPERATURE = 1.03
ROUNDING = 1e-10  # relative: float64 through six layers
HALF = 0.5  # of what the score does
LARGEST_CLOCK = 0.1  # squared lengths: of the generator's error 10 % (claim `regime`)

# --- the names ---

LOCAL = "share of what the score does: response at infinite temperature, median head"
MAPS = "attention maps of all heads"
RESPONSE = "response at infinite temperature, kernel of all heads"
COPYING = "limit of zero temperature, kernel of all heads"
ROWS = "largest |row sum - 1|"
SYMMETRY = "W_K := W_Q: symmetry score, least of all heads"
ENTROPY = "W_K := W_Q: entropy production, largest of all heads"
IMAGINARY = "W_K := W_Q: imaginary part of eigenvalues, largest of all heads"
CLOCK = "clock over squared length of the tokens, least of all heads"
RANDOM_LOCAL = "response: random weights above trained ones, median head"
SPREAD_LOCAL = "response: trained weights above random ones of the same spread, median head"
SHUFFLED_LOCAL = "response: shuffled tokens above sentences, median head"
SPREAD_COPYING = "copying: trained weights above random ones of the same spread, median head"
SHUFFLED_COPYING = "copying: sentences above shuffled tokens, median head"
# measured forms, and head or tokens that are said to be above the other
DIFFERENCES = (RANDOM_LOCAL, SPREAD_LOCAL, SHUFFLED_LOCAL, SPREAD_COPYING, SHUFFLED_COPYING)

# wrong methods
EXCHANGED, LEFT = "W_Q and W_K exchanged", "what the response leaves"
OTHER_WAY = "the other way round"
NO_BIAS, TOO_WARM = "without b_Q", "temperature 3 % higher"
AS_TRAINED = "W_K as trained, median head"


@dataclass(frozen=True)
class Parameters:
    n_sentences: int = option(SENTENCES, "Sentences, the first of 200.", least=8, bytes=10**6)
    n_layers: int = option(LAYERS, "Layers, the first of six, twelve heads each.")
    n_maps: int = option(
        4, "Sentences on which maps are held against the library's.", least=1, bytes=10**6
    )
    seed: int = option(1, "Seed of random weights, shuffled tokens, and resampled sentences.")

    def __post_init__(self):
        check_counts(self)
        count("n_sentences", self.n_sentences, 8, SENTENCES)
        count("n_layers", self.n_layers, 1, LAYERS)
        count("n_maps", self.n_maps, 1, SENTENCES)
        whole("seed", self.seed, 0)


SMALL = {"n_sentences": 10, "n_layers": 1, "n_maps": 2}
