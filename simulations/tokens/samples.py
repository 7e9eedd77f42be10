"""Many samples of i.i.d. tokens at once."""

from __future__ import annotations

from simulations.tokens import Tokens, iid_tokens

AT_ONCE = 500_000  # tokens drawn together: drawing has a cost of its own


def samples(p, n: int, repeats: int, rng):
    """`repeats` independent samples of n i.i.d. tokens of density p, one after the other."""
    group = max(1, AT_ONCE // n)
    for start in range(0, repeats, group):
        count = min(group, repeats - start)
        drawn = iid_tokens(p, n * count, rng)
        for k in range(count):
            part = slice(k * n, (k + 1) * n)
            yield Tokens(p.manifold, drawn.coordinates[part], drawn.points[part])
