"""One run: a network of an arm is trained, and its heads are measured at every snapshot."""

from __future__ import annotations

import numpy as np

from simulations.experiments.learned_scores import spectra
from simulations.experiments.learned_scores.depth import log_spreads
from simulations.experiments.learned_scores.shares import (
    Law,
    parts,
    same_spectra,
    shares,
    shuffled_pairs,
)
from simulations.heads.head import Head
from simulations.heads.nulls import scaled, score_spread
from simulations.heads.place import symmetric_part
from simulations.learn.snapshots import Layer, Snapshot, snapshots
from simulations.learn.training import Trial
from theory.claims import learned_scores as claim
from theory.claims.metric_attention import SELF

NULLS = 20  # stream of random numbers of a run: those of training are lower
WRONG = (claim.OTHER_MAP, claim.APART, claim.SOFT_CAUSAL)
SLIGHTLY = 0.03  # of the keys' size: how far their map is off
ENTROPY = spectra.CHAIN.index("entropy")
LAST = ("eigenvalues", "wrong")  # of the last step alone
SAME = 1e-9  # moduli that differ by less, relative, are one
PICTURED = 4  # sets whose eigenvalues are kept for the figure
TRAINED, RANDOM, PAIRED = "trained", claim.RANDOM, claim.PAIRED


def measured_run(parameters: claim.Parameters, task: str, arm: str, number: int):
    """What is found of a run, by name: steps first, then heads of all blocks.

    loss (steps,); shares of TRAINED, RANDOM, PAIRED (steps, heads, 3). Where no mask hides a way
    back, chain, and of self-attention chain of RANDOM, means over sets (steps, heads, 4); worst: as
    chain, the largest over sets; undetermined (steps, heads). Of the first and last step: place
    (2, heads, 5), response (2, heads, 2), logs (2, heads, sets, depths), moduli
    (2, heads, sets, 2), layer (2, blocks, sets, depths). Of the last: eigenvalues
    (heads, sets, n, 2); wrong (heads, 3, 4), by WRONG.
    """
    trial = Trial(task, arm, parameters.seed, number, parameters.n_steps)
    rng = trial.rng(NULLS)
    taken = snapshots(
        trial, parameters.learning_rate, parameters.snapshots, parameters.n_sets, claim.LAYERS
    )
    chains = task in parameters.chains
    every = [
        joined([measured_layer(layer, arm, rng, chains) for layer in snapshot.layers])
        for snapshot in taken
    ]
    found = {name: np.stack([each[name] for each in every]) for name in every[0]}
    found["loss"] = np.array([snapshot.loss for snapshot in taken])
    return found | (both_ends(taken[0], taken[-1], rng) if chains else {})


def both_ends(first: Snapshot, last: Snapshot, rng) -> dict[str, np.ndarray]:
    """Of the first and the last step `end_of`, and whole layers repeated."""
    ends = [joined([end_of(layer, rng) for layer in end.layers]) for end in (first, last)]
    found = {name: np.stack([e[name] for e in ends]) for name in ends[0] if name not in LAST}
    found["layer"] = np.stack([[layer.spreads for layer in end.layers] for end in (first, last)])
    return found | {name: ends[1][name] for name in LAST}


def joined(layers) -> dict[str, np.ndarray]:
    """The heads of all blocks one after the other."""
    return {name: np.concatenate([layer[name] for layer in layers]) for name in layers[0]}


def heads_of(layer: Layer) -> list[Head]:
    return [Head(q, k, b) for q, k, b in zip(*layer.maps, layer.biases, strict=True)]


def measured_layer(layer: Layer, arm: str, rng, chains: bool) -> dict[str, np.ndarray]:
    """The heads of a block at any step, and their nulls."""
    heads, law = heads_of(layer), Law.of(layer.tokens)
    random = [[same_spectra(head, rng) for _ in range(claim.DRAWS)] for head in heads]
    pairs = np.array([shares(parts(pair, law)) for pair in shuffled_pairs(heads)])
    found = {
        f"shares, {TRAINED}": np.array([shares(parts(head, law)) for head in heads]),
        f"shares, {RANDOM}": np.array(
            [np.mean([shares(parts(one, law)) for one in drawn], axis=0) for drawn in random]
        ),
        f"shares, {PAIRED}": pairs.reshape(len(heads), len(heads) - 1, -1).mean(axis=1),
    }
    alone = [drawn[0] for drawn in random] if arm == SELF else []
    return found | (measured_chains(layer, alone) if chains else {})


def measured_chains(layer: Layer, random) -> dict[str, np.ndarray]:
    """The chains of all heads on all sets; random: a head for each, or none."""
    everywhere = spectra.contexts(layer)
    chains = np.array([[spectra.chain(c) for c in contexts] for contexts in everywhere])
    found = {
        "chain": np.nanmean(chains, axis=1),
        "worst": np.nanmax(chains, axis=1),
        # sets on which the stationary law, and with it the entropy, is lost to rounding
        "undetermined": np.isnan(chains[..., ENTROPY]).mean(axis=1),
    }
    if random:
        pairs = zip(random, everywhere, strict=True)
        found[f"chain, {RANDOM}"] = np.array([random_chain(head, c) for head, c in pairs])
    return found


def random_chain(random: Head, contexts) -> np.ndarray:
    """The mean chain (4,) of a random head on the same sets, its scores spread as the head's are."""
    alone = [random.on(c.tokens) for c in contexts]
    same = scaled(random, score_spread(contexts) / score_spread(alone))
    return np.nanmean([spectra.chain(same.on(c.tokens)) for c in contexts], axis=0)


def end_of(layer: Layer, rng) -> dict[str, np.ndarray]:
    """The heads of a block at the first or the last step: where they stand, and repeated kernels."""
    found: dict[str, list] = {
        name: [] for name in ("place", "response", "logs", "moduli", "eigenvalues", "wrong")
    }
    for head, contexts in zip(heads_of(layer), spectra.contexts(layer), strict=True):
        symmetric = symmetric_part(head.matrix)
        values = [np.linalg.eigvals(c.attention) for c in contexts]
        found["place"].append(np.mean([spectra.places(c, symmetric) for c in contexts], axis=0))
        found["response"].append(np.mean([spectra.response_sums(c) for c in contexts], axis=0))
        found["logs"].append([log_spreads(c.attention, c.tokens, claim.DEPTHS) for c in contexts])
        found["moduli"].append([moduli(v) for v in values])
        pictured = np.array(values[:PICTURED])
        found["eigenvalues"].append(np.stack([pictured.real, pictured.imag], axis=-1))
        found["wrong"].append(wrong_chains(contexts, rng))
    return {name: np.array(each) for name, each in found.items()}


def moduli(values) -> np.ndarray:
    """Of eigenvalues (n,) the second modulus, and the next that is smaller: a pair has one."""
    ordered = -np.sort(-np.abs(values))[1:]
    smaller = ordered[ordered < (1 - SAME) * ordered[0]]
    return np.array([ordered[0], max(smaller.max(initial=0.0), np.finfo(float).tiny)])


def wrong_chains(contexts, rng) -> np.ndarray:
    """Largest chains over sets (methods, 4) of scores that no metric has, by WRONG."""
    wrong = (
        [spectra.chain(spectra.keys_apart(c, rng, 1.0)) for c in contexts],
        [spectra.chain(spectra.keys_apart(c, rng, SLIGHTLY)) for c in contexts],
        [spectra.chain(spectra.soft_causal(c)) for c in contexts],
    )
    return np.nanmax(wrong, axis=1)
