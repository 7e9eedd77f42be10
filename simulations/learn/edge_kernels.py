"""Softmax attention along edges and its gradient, a head after the other, on one thread.

Per edge nothing is kept but its weight; gathers of PyTorch write a copy of query, key and value of
every edge, which at a million edges is most of the time of a step.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from theory.setting.compiled import njit

# sums in any order: they become vectors, and are the same from run to run
OPTIONS = {"error_model": "numpy", "nogil": True, "fastmath": {"reassoc", "contract", "nsz"}}


@cache
def kernels(m: int, c: int, additive: bool):
    """forward and backward for queries and keys of m coordinates and values of c.

    The logit of key y and query x is LeakyReLU(x . y), or where additive a . LeakyReLU(x + y); the
    slope below 0 is 1 where there is no LeakyReLU.
    """

    @njit(cache=True, **OPTIONS)
    def forward(q, k, a, v, starts, keys, slope, weights, out):
        """q, k: (heads, n, m); a: (heads, m); v, out: (heads, n, c); weights: (heads, e)."""
        zero, one = q.dtype.type(0), q.dtype.type(1)
        for h in range(q.shape[0]):
            for i in range(q.shape[1]):
                begin, end = starts[i], starts[i + 1]
                largest = q.dtype.type(-np.inf)
                for e in range(begin, end):
                    j, logit = keys[e], zero
                    for d in range(m):
                        if additive:
                            t = q[h, i, d] + k[h, j, d]
                            logit += a[h, d] * (t if t > zero else slope * t)
                        else:
                            logit += q[h, i, d] * k[h, j, d]
                    if not additive and logit < zero:
                        logit *= slope
                    weights[h, e] = logit
                    largest = max(largest, logit)
                total = zero
                for e in range(begin, end):
                    weights[h, e] = np.exp(weights[h, e] - largest)
                    total += weights[h, e]
                scale = one / total if end > begin else zero
                row = np.zeros(c, dtype=q.dtype)
                for e in range(begin, end):
                    weights[h, e] *= scale
                    for d in range(c):
                        row[d] += weights[h, e] * v[h, keys[e], d]
                for d in range(c):
                    out[h, i, d] = row[d]

    @njit(cache=True, **OPTIONS)
    def backward(q, k, a, v, starts, keys, slope, weights, g, dq, dk, da, dv):
        """Adds to dq, dk, da, dv the gradients of a loss whose gradient at `out` is g."""
        zero, one = q.dtype.type(0), q.dtype.type(1)
        most = 0
        for i in range(q.shape[1]):
            most = max(most, starts[i + 1] - starts[i])
        of_weights = np.empty(most, dtype=q.dtype)
        for h in range(q.shape[0]):
            for i in range(q.shape[1]):
                begin, end = starts[i], starts[i + 1]
                mean = zero
                for e in range(begin, end):
                    t = zero
                    for d in range(c):
                        t += g[h, i, d] * v[h, keys[e], d]
                    of_weights[e - begin] = t
                    mean += t * weights[h, e]
                row = np.zeros(m, dtype=q.dtype)
                for e in range(begin, end):
                    j, w = keys[e], weights[h, e]
                    for d in range(c):
                        dv[h, j, d] += w * g[h, i, d]
                    of_logit = w * (of_weights[e - begin] - mean)
                    if additive:
                        for d in range(m):
                            t = q[h, i, d] + k[h, j, d]
                            bent = one if t > zero else slope
                            da[h, d] += of_logit * bent * t
                            row[d] += of_logit * bent * a[h, d]
                            dk[h, j, d] += of_logit * bent * a[h, d]
                    else:
                        if slope != one:
                            t = zero
                            for d in range(m):
                                t += q[h, i, d] * k[h, j, d]
                            if t < zero:
                                of_logit *= slope
                        for d in range(m):
                            row[d] += of_logit * k[h, j, d]
                            dk[h, j, d] += of_logit * q[h, i, d]
                for d in range(m):
                    dq[h, i, d] += row[d]

    return forward, backward
