"""Arms beyond one score: the ellipse, phi, the matched entropy, the held control, the twin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from scipy import special  # noqa: E402

from simulations.attention import AttentionOperator  # noqa: E402
from simulations.learn import MetricAttention, entropy, scores  # noqa: E402
from simulations.learn.network import Network  # noqa: E402
from simulations.learn.training import Trial, batches, fresh, loss_of, trained  # noqa: E402
from theory.claims import metric_attention as claim  # noqa: E402
from theory.setting.pseudo_metrics import mahalanobis  # noqa: E402

TRIAL = Trial("wine", claim.METRIC, seed=1, number=0, steps=40)


def double(*shape, seed=1):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


def test_the_ellipse_is_the_mean_change_of_each_coordinate_over_the_largest():
    values, before = double(2, 3, 5, 4), double(2, 3, 5, 4, seed=2)
    m = scores.relevance(values, before).numpy()
    change = np.abs(values.numpy() - before.numpy()).mean(axis=2)
    np.testing.assert_allclose(m[:, :, 0], change / change.max(-1, keepdims=True))
    assert (scores.relevance(values, values) == 1).all()


def test_elliptical_weights_stretch_the_keys():
    torch.manual_seed(1)
    made = MetricAttention(8, 2, variant="elliptical", batch_first=True, dtype=torch.float64)
    x, before = double(2, 6, 8), double(2, 2, 6, 4, seed=3)
    _, weights = made(x, x, x, previous=before, average_attn_weights=False)
    q, k, v = (t.detach().numpy() for t in made.projected(x, x, x))
    change = np.abs(v - before.numpy()).mean(axis=2, keepdims=True)
    logits = (q * change / change.max(-1, keepdims=True)) @ k.transpose(0, 1, 3, 2)
    np.testing.assert_allclose(weights.detach(), special.softmax(logits, -1), atol=1e-12)
    fast, _ = made(x, x, x, previous=before, need_weights=False)
    slow, _ = made(x, x, x, previous=before)
    torch.testing.assert_close(fast, slow, rtol=0, atol=1e-12)


def test_a_set_of_tokens_sees_no_other_set():
    torch.manual_seed(1)
    network = Network("elliptical", 5, 3, 2, True).double()
    tokens = double(4, 6, 5)
    with torch.no_grad():
        torch.testing.assert_close(network(tokens)[:1], network(tokens[:1]))


@pytest.mark.parametrize("power", [0.3, 1.0, 2.0])
def test_phi_is_that_transformation_of_the_metric(power):
    q, k = double(5, 3), double(7, 3, seed=2)
    u = ((q[:, None] - k[None]) ** 2).sum(-1)
    found = scores.transformed(q, k, torch.tensor(power, dtype=torch.float64))
    torch.testing.assert_close(found, -((1 + u) ** power - 1) / power)
    order = u.flatten().argsort()
    assert (found.flatten()[order].diff() <= 0).all()


def test_phi_begins_as_the_metric():
    torch.manual_seed(1)
    made = MetricAttention(8, 2, variant="phi", dtype=torch.float64)
    x = double(6, 8)
    _, weights = made(x, x, x, average_attn_weights=False)
    for head, w in enumerate(made.in_proj_weight.detach().numpy()[:8].reshape(2, 4, 8)):
        right = AttentionOperator(x.numpy(), mahalanobis(w, 1.0), made.temperature) @ np.eye(6)
        np.testing.assert_allclose(weights[head].detach(), right, atol=1e-12)


def test_doubly_normalised_weights_are_columns_then_rows():
    torch.manual_seed(1)
    made = MetricAttention(8, 1, variant="doubly", dtype=torch.float64)
    x = double(6, 8)
    _, weights = made(x, x, x)
    q, k, _ = (t.detach()[0, 0] for t in made.projected(x[None], x[None], x[None]))
    kernel = torch.exp(q @ k.T).numpy()
    columns = kernel / kernel.sum(0)
    right = columns / columns.sum(1, keepdims=True)
    np.testing.assert_allclose(weights.detach(), right, atol=1e-12)
    assert np.abs(right - kernel / kernel.sum(1, keepdims=True)).max() > 1e-2


def test_the_entropy_of_known_weights():
    weights = torch.tensor([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], dtype=torch.float64)
    assert entropy.mean_entropy(weights) == pytest.approx(np.log(2) / 2)


def test_entropies_are_matched_at_the_start_on_the_first_batch():
    splits = TRIAL.splits()
    tokens = torch.from_numpy(next(batches(TRIAL, splits.training)).tokens)
    arms = claim.SELF, claim.ENTROPY, claim.METRIC
    of_self, matched, plain = (
        entropy.entropies(fresh(replace(TRIAL, arm=arm), splits), tokens) for arm in arms
    )
    np.testing.assert_allclose(matched, of_self, atol=1e-5)
    assert np.abs(np.subtract(plain, of_self)).min() > 1e-3


def test_the_scale_of_the_embedding_is_that_of_the_start_alone():
    """Content, places and bias alike; the blocks start from the same weights."""
    trial = replace(TRIAL, arm=claim.METRIC)
    splits = trial.splits()
    one, four = (fresh(replace(trial, embedding=scale), splits) for scale in (1.0, 4.0))
    tokens = torch.from_numpy(splits.test.tokens[:2])
    torch.testing.assert_close(four.embedding(tokens), 4 * one.embedding(tokens))
    torch.testing.assert_close(
        four.blocks[0].attention.in_proj_weight, one.blocks[0].attention.in_proj_weight
    )


def test_a_held_temperature_stays_ten_times_too_high():
    splits, trial = TRIAL.splits(), replace(TRIAL, arm=claim.HELD)
    start = fresh(trial, splits)
    network, _ = trained(trial, splits, 3e-2)
    free, _ = trained(TRIAL, splits, 3e-2)

    def sizes(net):
        return [
            float((b.attention.in_proj_weight[: -claim.WIDTH] * b.before.weight).detach().norm())
            for b in net.blocks
        ]

    np.testing.assert_allclose(sizes(network), sizes(start), rtol=1e-5)
    assert max(np.divide(sizes(free), sizes(start))) > 1.05
    ratios = [a.attention.temperature / b.attention.temperature
              for a, b in zip(network.blocks, free.blocks, strict=True)]  # fmt: skip
    np.testing.assert_allclose(ratios, 10.0)


def test_a_twin_has_the_data_and_another_start():
    splits = TRIAL.splits()
    one, other = (fresh(replace(TRIAL, arm=arm), splits) for arm in (claim.SELF, claim.TWIN))
    assert not torch.equal(one.embedding.weight, other.embedding.weight)
    first, second = (
        next(batches(replace(TRIAL, arm=arm), splits.training)).tokens
        for arm in (claim.SELF, claim.TWIN)
    )
    np.testing.assert_array_equal(first, second)


def test_no_character_sees_the_next_one():
    trial = replace(TRIAL, task="text")
    splits = trial.splits()
    tokens = torch.from_numpy(splits.training.tokens[:2])
    changed = tokens.clone()
    changed[:, 20:] = changed.flip(0)[:, 20:]
    for arm in (claim.SELF, claim.METRIC, "self_masked", "phi"):
        network = fresh(replace(trial, arm=arm), splits)
        with torch.no_grad():
            torch.testing.assert_close(network(tokens)[:, :20], network(changed)[:, :20])
            assert not torch.allclose(network(tokens)[:, 20:], network(changed)[:, 20:])
    assert loss_of(network, splits.validation) > 1
