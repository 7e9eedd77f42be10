"""MetricAttention: the operator's weights, PyTorch's masks and layouts, and its gradients."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from simulations.attention import AttentionOperator  # noqa: E402
from simulations.learn import MetricAttention, masks  # noqa: E402
from simulations.learn.scores import matched_temperature  # noqa: E402
from simulations.learn.sinkhorn import doubly_normalised  # noqa: E402
from theory.claims.metric_attention import VARIANTS  # noqa: E402
from theory.setting.checks import InputError  # noqa: E402
from theory.setting.pseudo_metrics import cosine, mahalanobis  # noqa: E402

E, HEADS, N, BATCH = 8, 2, 6, 3
METRICS = ("metric", "shared", "matched", "self_masked", "l2")


def module(variant, **options):
    torch.manual_seed(1)
    made = MetricAttention(E, HEADS, variant=variant, dtype=torch.float64, **options)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return made


def tokens(*shape, seed=2):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((*shape, E)))


@pytest.mark.parametrize("variant", METRICS)
def test_weights_are_those_of_the_operator_with_the_same_w(variant):
    made, x = module(variant), tokens(N)
    with torch.no_grad():
        _, weights = made(x, x, x, average_attn_weights=False)
    rows = made.in_proj_weight.detach().numpy()[:-E]
    maps = rows.reshape(1 if variant == "shared" else HEADS, -1, E)
    for head in range(HEADS):
        right = AttentionOperator(
            x.numpy(), mahalanobis(maps[head % len(maps)], 1.0), made.temperature,
            exclude_self=variant == "self_masked",
        )  # fmt: skip
        np.testing.assert_allclose(weights[head], right @ np.eye(N), rtol=0, atol=1e-12)


def test_outputs_are_those_of_the_operator_through_the_values():
    made, x = module("metric"), tokens(N)
    w, values = made.in_proj_weight.detach().numpy().reshape(2, HEADS, -1, E)
    bias = made.in_proj_bias.detach().numpy().reshape(HEADS, -1)
    heads = [
        AttentionOperator(x.numpy(), mahalanobis(w[h], 1.0), made.temperature)
        @ (x.numpy() @ values[h].T + bias[h])
        for h in range(HEADS)
    ]
    with torch.no_grad():
        right = made.out_proj(torch.from_numpy(np.concatenate(heads, axis=1)))
        found, _ = made(x, x, x, need_weights=False)
    torch.testing.assert_close(found, right, rtol=0, atol=1e-12)


def test_cosine_weights_are_those_of_the_operator_with_the_same_maps():
    made, x = module("cosine"), tokens(N)
    maps = made.in_proj_weight.detach().numpy().reshape(3, HEADS, -1, E)
    with torch.no_grad():
        _, weights = made(x, x, x, average_attn_weights=False)
    for head, scale in enumerate(made.log_scale.exp().flatten().tolist()):
        queries, keys = (x.numpy() @ maps[k, head].T for k in (0, 1))
        right = AttentionOperator(queries, cosine(), 1 / scale, keys=keys) @ np.eye(N)
        np.testing.assert_allclose(weights[head], right, rtol=0, atol=1e-12)


def test_l2_values_are_the_tied_ones_of_kim_papamakarios_mnih():
    made, x = module("l2"), tokens(N)
    w, values = made.in_proj_weight.detach().reshape(2, HEADS, -1, E)
    found, weights = made(x, x, x, average_attn_weights=False)
    heads = [
        weights[h] @ x @ (w[h].T @ w[h] / np.sqrt(E // HEADS)) @ values[h].T for h in range(HEADS)
    ]
    right = made.out_proj(torch.cat(heads, 1) + made.in_proj_bias)
    torch.testing.assert_close(found, right, rtol=0, atol=1e-12)


MASKS = {
    "none": {},
    "padding": {"key_padding_mask": torch.tensor([[False] * 4 + [True] * 2] * BATCH)},
    "pairs": {"attn_mask": torch.ones(N, N, dtype=torch.bool).triu(2)},
    "numbers": {"attn_mask": torch.randn(N, N, dtype=torch.float64)},
    "each head": {"attn_mask": torch.randn(BATCH * HEADS, N, N, dtype=torch.float64)},
    "causal": {"attn_mask": torch.ones(N, N, dtype=torch.bool).triu(1), "is_causal": True},
}


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("need_weights", [True, False])
def test_the_variant_self_is_pytorchs_layer(mask, batch_first, need_weights):
    made = module("self", batch_first=batch_first)
    right = torch.nn.MultiheadAttention(E, HEADS, batch_first=batch_first, dtype=torch.float64)
    right.load_state_dict(made.state_dict())
    x = tokens(BATCH, N) if batch_first else tokens(N, BATCH)
    options = MASKS[mask] | {"need_weights": need_weights, "average_attn_weights": False}
    for found, expected in zip(made(x, x, x, **options), right(x, x, x, **options), strict=True):
        if expected is None:
            assert found is None
        else:
            torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("mask", MASKS)
def test_fast_and_explicit_weights_agree_under_every_mask(variant, mask):
    made, x = module(variant, batch_first=True), tokens(BATCH, N)
    explicit, weights = made(x, x, x, **MASKS[mask])
    fast, none = made(x, x, x, need_weights=False, **MASKS[mask])
    assert none is None and torch.isfinite(explicit).all()
    torch.testing.assert_close(fast, explicit, rtol=0, atol=1e-12)
    torch.testing.assert_close(weights.sum(-1), torch.ones_like(weights[..., 0]))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("need_weights", [True, False])
def test_gradients_of_tokens_and_weights(variant, need_weights):
    made, x = module(variant, batch_first=True), tokens(2, 4).requires_grad_()
    names, parameters = zip(*made.named_parameters(), strict=True)

    def output(x, *values):
        call = {"need_weights": need_weights}
        named = dict(zip(names, values, strict=True))
        return torch.func.functional_call(made, named, (x, x, x), call)[0]

    assert torch.autograd.gradcheck(output, (x, *parameters))


def test_queries_see_other_keys_and_the_causal_hint_alone_hides_later_ones():
    made, x, y = module("metric"), tokens(N), tokens(4, seed=3)
    assert made(x, y, y)[1].shape == (N, 4)
    _, weights = made(x, x, x, is_causal=True)
    assert not weights.triu(1).any()


def test_a_token_without_others_keeps_itself():
    hidden = masks.added((1, 1, 3, 3), tokens(1), is_causal=True, without_self=True)
    seen = (hidden[..., :, :] == 0).int()
    assert seen.squeeze().tolist() == [[1, 0, 0], [1, 0, 0], [1, 1, 0]]


def test_doubly_normalised_weights_sum_to_one_both_ways():
    weights = doubly_normalised(tokens(E), 200)
    torch.testing.assert_close(weights.sum(0), torch.ones(E, dtype=torch.float64))
    torch.testing.assert_close(weights.sum(1), torch.ones(E, dtype=torch.float64))


def test_as_many_parameters_where_that_is_said():
    """3 E^2 a block, and 4 E^2 of the matched one as of self-attention; biases apart."""
    sizes = {v: sum(p.numel() for p in module(v, bias=False).parameters()) for v in VARIANTS}
    assert sizes["metric"] == 3 * E * E and sizes["matched"] == sizes["self"] == 4 * E * E


@pytest.mark.parametrize("rows", [4, 32])
def test_the_matched_temperature_matches_the_variances_in_a_row(rows):
    """Over the keys of one query: what is common to a row is nothing to softmax."""
    rng, width, keys, draws = np.random.default_rng(4), 32, 200, 400
    metrics, products = [], []
    for _ in range(draws):
        w, u = rng.standard_normal((2, rows, width)) / np.sqrt(width)
        x, y = rng.standard_normal((1, width)), rng.standard_normal((keys, width))
        metrics.append((((x - y) @ w.T) ** 2).sum(1).var() / matched_temperature(rows, width) ** 2)
        products.append((y @ w.T @ u @ x[0]).var() / rows)
    assert abs(np.mean(metrics) / np.mean(products) - 1) < 0.1


@pytest.mark.parametrize(
    ("arguments", "options", "word"),
    [((8, 3), {}, "num_heads"), ((8, 2), {"variant": "best"}, "variant"),
     ((8, 2), {"temperature": 0.0}, "temperature"), ((0, 1), {}, "embed_dim")],
)  # fmt: skip
def test_bad_arguments_are_named(arguments, options, word):
    with pytest.raises(InputError, match=word):
        MetricAttention(*arguments, **options)
