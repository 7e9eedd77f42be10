"""What scores are made of, the chains of heads, repeated kernels; and the claim at small size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import torch
from scipy.linalg import eigh
from scipy.optimize import minimize

import figures
from simulations.experiments import learned_scores
from simulations.experiments.learned_scores import numbers, runs, shares, spectra
from simulations.experiments.learned_scores.depth import log_spreads, rates
from simulations.heads.head import Context, Head
from simulations.heads.measures import produced
from simulations.learn import training
from simulations.learn.snapshots import one_thread, snapshots
from simulations.store.results import execute
from simulations.verdict.join import judge, judge_quantities
from theory.claims import learned_scores as claim
from theory.claims.metric_attention import HEADS, METRIC, SELF
from theory.predictions.learned_scores import predict
from theory.setting.checks import InputError

SMALL = claim.Parameters(**claim.SMALL)
IDENTITIES = (claim.IMAGINARY, claim.NEGATIVE, claim.ENTROPY)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def tokens(rng):
    return rng.standard_normal((40, 5)) * [3.0, 1.0, 1.0, 0.5, 0.1] + 1.0


@pytest.fixture
def head(rng):
    return Head(*rng.standard_normal((2, 3, 5)), b_q=rng.standard_normal(3))


def centred_pairs(head, x):
    """Logits of all pairs less their mean over the keys of each query."""
    logits = (x @ head.w_q.T + head.b_q) @ (x @ head.w_k.T).T
    return logits - logits.mean(axis=1, keepdims=True)


# --- shares ---


def test_the_parts_add_up_to_the_variance_of_all_pairs(head, tokens):
    seen = centred_pairs(head, tokens)
    parts = shares.parts(head, shares.Law.of(tokens))
    assert parts.sum() == pytest.approx((seen**2).mean(), rel=1e-12)
    assert parts[0] == pytest.approx((seen.mean(axis=0) ** 2).mean(), rel=1e-12)


def test_no_metric_explains_more_than_the_positive_part(head, tokens, rng):
    """Against a search over all W of x^T W^T W y, on the logits of all pairs."""
    x = tokens - tokens.mean(axis=0)
    seen = centred_pairs(head, tokens)
    seen = seen - seen.mean(axis=0)
    best = shares.parts(head, shares.Law.of(tokens))

    def left(flat):
        w = flat.reshape(5, 5)
        rest = x @ w.T @ w @ x.T - seen
        return (rest**2).mean(), (4 * w @ (x.T @ (rest + rest.T) / 2 @ x) / rest.size).ravel()

    found = min(
        minimize(left, rng.standard_normal(25), jac=True, options={"maxiter": 2000}).fun
        for _ in range(3)
    )
    assert found == pytest.approx(best[2] + best[3], rel=1e-6)


def test_a_metric_has_all_shares_and_a_rotation_none(tokens, rng):
    law, w = shares.Law.of(tokens), rng.standard_normal((3, 5))
    assert shares.shares(shares.parts(Head(w, w), law)) == pytest.approx([1, 1, 1], abs=1e-12)
    turn = np.zeros((5, 5))
    turn[0, 1], turn[1, 0] = 1.0, -1.0
    assert shares.shares(shares.parts(Head(np.eye(5), turn), law))[1:] == pytest.approx([0, 0])
    opposite = shares.shares(shares.parts(Head(w, -w), law))
    assert opposite[1:] == pytest.approx([0, 1], abs=1e-12)


def test_a_query_bias_is_a_key_bias_and_a_key_bias_is_nothing(head, tokens):
    law = shares.Law.of(tokens)
    plain = shares.parts(replace(head, b_q=np.zeros(3)), law)
    assert shares.parts(head, law)[1:] == pytest.approx(plain[1:])
    assert shares.parts(head, law)[0] != pytest.approx(plain[0], rel=0.01)
    np.testing.assert_array_equal(
        shares.parts(replace(head, b_k=np.ones(3)), law), shares.parts(head, law)
    )


def test_a_null_keeps_the_spectra_and_nothing_else(rng):
    head = Head(*rng.standard_normal((2, 16, 64)))
    other = shares.same_spectra(head, rng)
    for name in ("w_q", "w_k"):
        kept, before = (np.linalg.svd(getattr(h, name))[1] for h in (other, head))
        np.testing.assert_allclose(kept, before, rtol=1e-12)
        assert not np.allclose(getattr(other, name), getattr(head, name), atol=0.1)
    # independent maps, spread alike in all directions: half symmetric, a quarter positive
    law = shares.Law(np.zeros(64), np.eye(64))
    one = Head(head.w_q, head.w_q)
    drawn = [shares.shares(shares.parts(shares.same_spectra(one, rng), law)) for _ in range(200)]
    assert np.mean(drawn, axis=0)[1:] == pytest.approx([0.25, 0.5], abs=0.02)


def test_maps_are_paired_with_those_of_every_other_head(rng):
    heads = [Head(*rng.standard_normal((2, 3, 5))) for _ in range(4)]
    pairs = shares.shuffled_pairs(heads)
    assert len(pairs) == 12
    own = {(h.w_q.tobytes(), h.w_k.tobytes()) for h in heads}
    assert not own & {(p.w_q.tobytes(), p.w_k.tobytes()) for p in pairs}
    assert {p.w_q.tobytes() for p in pairs[:3]} == {heads[0].w_q.tobytes()}


def test_equal_tokens_and_a_constant_score_are_refused(head):
    with pytest.raises(InputError, match="one point"):
        shares.Law.of(np.ones((4, 5)))
    with pytest.raises(InputError, match="constant"):
        shares.shares(np.array([1.0, 0.0, 0.0, 0.0]))


# --- chains ---


def metric_context(x, w):
    """-|W(x - y)|^2 as a dot product with a key bias, as the layer computes it."""
    k = x @ w.T
    keys = np.hstack([k, -(k**2).sum(axis=1, keepdims=True)])
    queries = np.hstack([2 * k, np.ones((len(x), 1))])
    return Context(queries, keys, x, np.ones((len(x),) * 2, dtype=bool), 1.0)


def test_a_metric_chain_has_the_spectrum_of_its_gaussian_kernel(tokens, rng):
    x = tokens[:12]
    w = 0.4 * rng.standard_normal((3, 5))
    kernel = np.exp(-(((x[:, None] - x) @ w.T) ** 2).sum(axis=-1))
    values = eigh(kernel, np.diag(kernel.sum(axis=1)), eigvals_only=True)
    imaginary, negative, entropy, second = spectra.chain(metric_context(x, w))
    assert max(imaginary, negative, entropy) < claim.ROUNDING
    assert second == pytest.approx(values[-2], rel=1e-10)


def test_what_breaks_a_metric_is_seen(tokens, rng):
    x = tokens[:12]
    metric = metric_context(x, 0.4 * rng.standard_normal((3, 5)))
    assert spectra.chain(spectra.soft_causal(metric))[2] > 1e-3
    assert spectra.chain(spectra.keys_apart(metric, rng, 0.03))[2] > 1e-6
    other = [spectra.chain(spectra.keys_apart(metric, rng, 1.0)) for _ in range(20)]
    assert np.nanmax(other, axis=0)[:3].min() > 1e-3
    hard = replace(metric, allowed=np.tri(12, dtype=bool))
    assert produced(hard) == np.inf


def test_a_soft_mask_lowers_later_keys_alone(tokens, rng):
    metric = metric_context(tokens[:6], rng.standard_normal((3, 5)))
    moved = spectra.soft_causal(metric, 2.0).pseudo_metric - metric.pseudo_metric
    np.testing.assert_allclose(moved, 2.0 * np.triu(np.ones((6, 6)), 1), atol=1e-12)


# --- repeated kernels ---


def test_a_ring_forgets_at_the_rate_of_its_second_eigenvalue(rng):
    n = 12
    ring = sum(np.roll(np.eye(n), k, axis=1) for k in (-1, 0, 1)) / 3
    logs = log_spreads(ring, rng.standard_normal((n, 3)), claim.DEPTHS)
    expected = np.log((1 + 2 * np.cos(2 * np.pi / n)) / 3)
    assert rates(logs, claim.DEPTHS)[-1] == pytest.approx(expected, rel=1e-6)


def test_a_spread_below_the_smallest_number_is_still_known(rng):
    n, second = 8, 1e-9
    kernel = (1 - second) / n + second * np.eye(n)
    logs = log_spreads(kernel, 1.0 + rng.standard_normal((n, 2)), claim.DEPTHS)
    assert logs == pytest.approx(np.log(second) * np.array(claim.DEPTHS), rel=1e-6)
    with pytest.raises(InputError, match="constant"):
        log_spreads(kernel, np.ones((n, 2)), claim.DEPTHS)
    with pytest.raises(InputError, match="rows that are equal"):
        log_spreads(np.zeros((n, n)), np.eye(n), claim.DEPTHS)
    with pytest.raises(InputError, match="depths"):
        log_spreads(kernel, np.eye(n), (1, 2, 3))


def test_a_spread_is_that_of_the_features_themselves(rng):
    kernel = rng.random((7, 7))
    kernel /= kernel.sum(axis=1, keepdims=True)
    features = rng.standard_normal((7, 3))
    moved = [np.linalg.matrix_power(kernel, k) @ features for k in (0, 1, 2, 4)]
    apart = [np.linalg.norm(x - x.mean(axis=0)) for x in moved]
    found = log_spreads(kernel, features, (1, 2, 4))
    assert found == pytest.approx(np.log(np.array(apart[1:]) / apart[0]), rel=1e-9)


def test_a_pair_of_eigenvalues_has_one_modulus():
    assert runs.moduli(np.array([0.1, 1.0, 0.3 + 0.4j, 0.3 - 0.4j])) == pytest.approx([0.5, 0.1])
    assert runs.moduli(np.array([1.0, 0.5]))[0] == 0.5


# --- snapshots ---

TRIAL = training.Trial("nearest", SELF, 3, 0, 20)


@pytest.fixture(scope="module")
def taken():
    return snapshots(TRIAL, 1e-2, (0, 20), 3, (1, 2))


def test_a_snapshot_is_of_the_network_that_the_study_trains(taken):
    with one_thread():
        network, losses = training.trained(TRIAL, TRIAL.splits(), 1e-2)
    assert [s.loss for s in taken] == [losses[0], losses[-1]]
    state = network.blocks[0].attention.state_dict()["in_proj_weight"].numpy()
    np.testing.assert_array_equal(
        np.concatenate([w.reshape(-1, w.shape[-1]) for w in taken[1].layers[0].maps]), state[:64]
    )


def test_the_kernels_are_those_of_the_library(taken):
    """Heads as arrays against the attention maps of nn.MultiheadAttention with the same weights."""
    layer = taken[1].layers[0]
    with one_thread():
        network, _ = training.trained(TRIAL, TRIAL.splits(), 1e-2)
    library = torch.nn.MultiheadAttention(32, HEADS, batch_first=True)
    library.load_state_dict(network.blocks[0].attention.state_dict())
    x = torch.from_numpy(layer.tokens)
    with torch.no_grad():
        maps = library.double()(x, x, x, average_attn_weights=False)[1].numpy()
    for h, contexts in enumerate(spectra.contexts(layer)):
        head = runs.heads_of(layer)[h]
        for s, context in enumerate(contexts):
            np.testing.assert_allclose(context.attention, maps[s, h], atol=1e-12)
            np.testing.assert_allclose(head.on(layer.tokens[s]).attention, maps[s, h], atol=1e-12)


def test_a_metric_layer_has_one_map_for_both(rng):
    layer = snapshots(replace(TRIAL, arm=METRIC), 1e-2, (0,), 2, (1,))[0].layers[0]
    (w_q, w_k), bias = layer.maps, layer.biases
    np.testing.assert_array_equal(w_q, w_k)
    assert w_q.shape == (HEADS, 8, 32) and not bias.any()
    k = np.einsum("hmd,snd->shnm", w_k, layer.tokens)
    np.testing.assert_allclose(layer.keys[..., :-1], k, atol=1e-12)


def test_steps_at_which_nobody_looks_are_refused():
    for steps in ((0, 15), (0, 30), (-10, 0)):
        with pytest.raises(InputError, match="steps"):
            snapshots(TRIAL, 1e-2, steps, 2, (1,))


def test_snapshots_are_halvings_of_the_last_step():
    assert claim.Parameters(n_steps=320).snapshots == (0, 10, 20, 40, 80, 160, 320)
    assert claim.Parameters(n_steps=30).snapshots == (0, 10, 20, 30)


# --- the claim ---


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return execute("learned_scores", SMALL, root=tmp_path_factory.mktemp("results"), quiet=True)


def test_identities_hold_and_every_quantity_is_predicted(small):
    judged = judge(small)
    assert {row.quantity for row in judged.rows} == set(predict(SMALL))
    for name in IDENTITIES:
        assert judged.row(name).verdict == "supported"
    assert judged.row(claim.depth_row("nearest", METRIC)).measured == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    "name", [n for n in figures.optional_names() if figures.claim_of(n) == "learned_scores"]
)
def test_its_figures_are_drawn(small, name):
    assert figures.draw(name, judge(small)).axes
    assert len(figures.caption(name).split()) > 5


def test_same_seed_same_numbers_for_any_number_of_threads(small):
    torch.set_num_threads(2)
    try:
        found = runs.measured_run(SMALL, "nearest", SELF, 1)
    finally:
        torch.set_num_threads(1)
    for name, values in found.items():
        np.testing.assert_array_equal(values, small.arrays[f"nearest/{SELF}/{name}"][1])


def test_a_second_map_of_the_keys_is_refuted(monkeypatch):
    right, rng = spectra.contexts, np.random.default_rng(0)

    def planted(layer):
        return [[spectra.keys_apart(c, rng, 1.0) for c in head] for head in right(layer)]

    monkeypatch.setattr(spectra, "contexts", planted)
    verdicts = verdicts_of(SMALL)
    assert {verdicts[name] for name in IDENTITIES} == {"refuted"}


def test_a_residual_that_is_left_on_is_refuted(monkeypatch):
    def planted(kernel, features, depths):
        return log_spreads((kernel + np.eye(len(kernel))) / 2, features, depths)

    monkeypatch.setattr(runs, "log_spreads", planted)
    assert verdicts_of(SMALL)[claim.depth_row("nearest", METRIC)] == "refuted"


def verdicts_of(parameters):
    class Run:
        @staticmethod
        def remember(key, compute):
            return compute()

        @staticmethod
        def progress(iterable, label):
            return iterable

    measured = learned_scores.measure(parameters, Run)
    rows = judge_quantities(measured.quantities, predict(parameters))
    return {row.quantity: row.verdict for row in rows}


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0.1, "supported"), (0.0, "inconclusive"), (-0.1, "refuted")]
)
@pytest.mark.parametrize("task", ["nearest", "successor"])
def test_a_sign_is_judged_either_way(task, shift, verdict):
    said = (claim.SHARE, claim.INITIAL)
    values = np.full((10, 2, 4, 3), 0.5)
    noise = 0.01 * np.tile([1.0, -1.0], 5)
    values[:, 1] += (claim.sign(task, *said) * shift + noise)[:, None, None]
    found = {f"{task}/{SELF}/shares, trained": values}
    number = numbers.difference(found, task, *said)
    name = claim.row(task, *said)
    (row,) = judge_quantities({name: number}, {name: predict(claim.Parameters())[name]})
    assert row.verdict == verdict
    assert ("trained less initial" in name) == (task == "nearest")


def test_of_a_causal_task_the_shares_alone_are_judged(monkeypatch):
    monkeypatch.setattr(claim, "CAUSAL", ("successor",))
    parameters = replace(SMALL, tasks=("nearest", "successor"))
    names = [name for name in verdicts_of(parameters) if name.startswith("successor")]
    shares_alone = [s for s in claim.SIGNS if "share" in s[0]]
    assert names == [claim.row("successor", *said) for said in shares_alone]
    with pytest.raises(InputError, match="not causal"):
        replace(SMALL, tasks=("successor",))


@pytest.mark.parametrize(
    "bad",
    [{"tasks": ("wine",)}, {"tasks": ()}, {"n_seeds": 2}, {"n_seeds": 3.5}, {"n_steps": 5},
     {"n_steps": 25}, {"n_sets": 1}, {"learning_rate": 0.0}, {"learning_rate": float("nan")},
     {"seed": -1}, {"n_seeds": 10**12}],
)  # fmt: skip
def test_bad_parameters_are_refused(bad):
    with pytest.raises(InputError):
        claim.Parameters(**bad)
