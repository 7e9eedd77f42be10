"""In place of nn.MultiheadAttention: signature, masks together, state, dropout, and bad input."""

from __future__ import annotations

import inspect
from itertools import product

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from simulations.learn import MetricAttention  # noqa: E402
from simulations.learn.attention import SWEEPS  # noqa: E402
from theory.claims.metric_attention import VARIANTS  # noqa: E402
from theory.setting.checks import InputError  # noqa: E402

E, HEADS, N, BATCH = 8, 2, 6, 3
PEER = torch.nn.MultiheadAttention


def pair(**options):
    """The variant "self", and PyTorch's layer with its weights."""
    torch.manual_seed(1)
    made = MetricAttention(E, HEADS, variant="self", dtype=torch.float64, **options)
    right = PEER(E, HEADS, dtype=torch.float64, **options)
    right.load_state_dict(made.state_dict())
    return made, right


def tokens(*shape, seed=2):
    return torch.randn(
        *shape, E, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )


def test_it_is_called_as_pytorchs_layer_is():
    found, right = (inspect.signature(c.forward).parameters for c in (MetricAttention, PEER))
    own = {"previous"}  # of elliptical attention, which no call of the library gives
    assert all(found[name].kind is inspect.Parameter.KEYWORD_ONLY for name in own)
    assert [(p.name, p.default, p.kind) for p in found.values() if p.name not in own] == [
        (p.name, p.default, p.kind) for p in right.values()
    ]
    found, right = (inspect.signature(c.__init__).parameters for c in (MetricAttention, PEER))
    shared = found.keys() & right.keys()
    assert shared == found.keys() - {"variant", "temperature"}
    assert all(found[name].default == right[name].default for name in shared)


def truth(mask):
    return torch.zeros(mask.shape, dtype=torch.float64).masked_fill(mask, -torch.inf)


LATER = torch.ones(N, N, dtype=torch.bool).triu(1)
BEYOND = torch.ones(N, N, dtype=torch.bool).triu(2)
EACH = torch.stack([BEYOND if k % 2 else LATER for k in range(BATCH * HEADS)])
PADDING = torch.tensor([[False] * (N - k) + [True] * k for k in range(BATCH)])
PADDINGS = {"": None, "padding": PADDING, "float padding": truth(PADDING)}
PAIRS = {
    "": None, "pairs": BEYOND, "float pairs": truth(BEYOND), "finite": tokens(N)[:, :N],
    "heads": EACH, "float heads": truth(EACH), "later": LATER,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Support for mismatched")
@pytest.mark.parametrize(("padding", "pairs"), list(product(PADDINGS, PAIRS)))
@pytest.mark.parametrize("need_weights", [True, False])
def test_all_masks_together_are_pytorchs(padding, pairs, need_weights):
    made, right = pair(batch_first=True)
    x = tokens(BATCH, N)
    options = {
        "key_padding_mask": PADDINGS[padding], "attn_mask": PAIRS[pairs],
        "need_weights": need_weights, "is_causal": pairs == "later",
    }  # fmt: skip
    for found, expected in zip(made(x, x, x, **options), right(x, x, x, **options), strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("variant", [v for v in VARIANTS if v not in SWEEPS])
@pytest.mark.parametrize("need_weights", [True, False])
def test_a_hidden_key_tells_nothing(variant, need_weights):
    """Doubly normalised it does: as a query it still takes part in the sums of columns."""
    torch.manual_seed(3)
    made = MetricAttention(E, HEADS, variant=variant, batch_first=True, dtype=torch.float64)
    x, y = tokens(1, N), tokens(1, N)
    y[:, -1] += 5.0
    hidden = torch.tensor([[False] * (N - 1) + [True]])
    first, second = (
        made(z, z, z, key_padding_mask=hidden, need_weights=need_weights)[0][:, :-1] for z in (x, y)
    )
    torch.testing.assert_close(first, second, rtol=0, atol=1e-12)


@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize("average", [True, False])
def test_other_keys_single_sets_and_weights_are_pytorchs(single, average):
    made, right = pair()
    shape = () if single else (BATCH,)
    x, y, z = tokens(4, *shape), tokens(N, *shape, seed=3), tokens(N, *shape, seed=4)
    padding = PADDING[2] if single else PADDING
    options = {"average_attn_weights": average, "key_padding_mask": padding}
    for found, expected in zip(made(x, y, z, **options), right(x, y, z, **options), strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_self_attention_apart_is_that_of_pytorch_with_the_diagonal_masked():
    made = MetricAttention(8, 2, variant="self_apart", batch_first=True, dtype=torch.float64)
    right = torch.nn.MultiheadAttention(8, 2, batch_first=True, dtype=torch.float64)
    right.load_state_dict(made.state_dict())
    x = torch.from_numpy(np.random.default_rng(3).standard_normal((3, 5, 8)))
    found, _ = made(x, x, x, need_weights=False)
    masked, _ = right(x, x, x, attn_mask=torch.eye(5, dtype=torch.bool))
    torch.testing.assert_close(found, masked, rtol=0, atol=1e-12)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("bias", [True, False])
def test_the_state_goes_round(variant, bias, tmp_path):
    torch.manual_seed(4)
    made, other = (
        MetricAttention(E, HEADS, variant=variant, bias=bias, batch_first=True) for _ in range(2)
    )
    x = tokens(BATCH, N).float()
    assert not torch.equal(made(x, x, x)[0], other(x, x, x)[0])
    torch.save(made.state_dict(), tmp_path / "state.pt")
    other.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    assert torch.equal(made(x, x, x)[0], other(x, x, x)[0])
    lacking = {k: v for k, v in made.state_dict().items() if k != "in_proj_weight"}
    with pytest.raises(RuntimeError, match="in_proj_weight"):
        other.load_state_dict(lacking)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("need_weights", [True, False])
def test_dropout_keeps_the_mean_and_is_gone_in_evaluation(variant, need_weights):
    torch.manual_seed(5)
    made = MetricAttention(E, 1, 0.3, variant=variant, batch_first=True, dtype=torch.float64)
    right = MetricAttention(E, 1, variant=variant, batch_first=True, dtype=torch.float64)
    right.load_state_dict(made.state_dict())
    x = tokens(1, N)
    with torch.no_grad():
        expected = right(x, x, x)[0]
        many = x.expand(4000, -1, -1)
        draws = made(many, many, many, need_weights=need_weights)[0]
        assert draws.std(0).max() > 0
        error = (draws.mean(0) - expected[0]).abs() / (draws.std(0) / 4000**0.5 + 1e-12)
        assert error.max() < 5
        made.eval()
        found = made(x, x, x, need_weights=need_weights)[0]
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


X = tokens(BATCH, N)
BAD_CALLS = {
    "key_padding_mask": {"key_padding_mask": torch.zeros(N, BATCH, dtype=torch.bool)},
    "attn_mask": {"attn_mask": torch.zeros(BATCH, N, N)},
    "attn_mask: got shape (6, 6) of torch.int64": {"attn_mask": torch.zeros(N, N, dtype=int)},
    "as many keys as values": {"value": X[:, :2]},
    "(.., 8)": {"query": X[..., :4]},
    "query, key, value": {"query": X[0]},
}


@pytest.mark.parametrize("words", BAD_CALLS)
def test_a_bad_call_is_named(words):
    made = MetricAttention(E, HEADS, batch_first=True, dtype=torch.float64)
    with pytest.raises(InputError) as refusal:
        made(**({"query": X, "key": X, "value": X} | BAD_CALLS[words]))
    assert words in str(refusal.value) and "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("arguments", "options", "word"),
    [((8, 16), {}, "num_heads"), ((8, 2.5), {}, "num_heads"), ((8, 0), {}, "num_heads"),
     ((8, -2), {}, "num_heads"), ((float("nan"), 2), {}, "embed_dim"), (("8", 2), {}, "embed_dim"),
     ((8, 2, 1.5), {}, "dropout"), ((8, 2, float("nan")), {}, "dropout"),
     ((8, 2), {"temperature": float("nan")}, "temperature"),
     ((8, 2), {"temperature": float("inf")}, "temperature"), ((8, 2), {"variant": 3}, "variant")],
)  # fmt: skip
def test_bad_sizes_are_named(arguments, options, word):
    with pytest.raises(InputError, match=word):
        MetricAttention(*arguments, **options)


def test_nan_in_a_token_reaches_the_output_as_in_pytorchs_layer():
    made, right = pair(batch_first=True)
    x = tokens(BATCH, N)
    x[0, 0, 0] = torch.nan
    for layer in (made, right):
        found = layer(x, x, x, need_weights=False)[0]
        assert found[0].isnan().all() and torch.isfinite(found[1:]).all()
