"""Compiled loops of the dense engine. They check nothing: simulations/engines/dense.py does, and
allocates.

All compiled code that is cached on disk lives in this one file, because Numba notices a change of
the file that holds a kernel and of no other. Both passes return sums over keys of exp(t_ij -
shift_i) times 1 and each value, for exponents t_ij = -f(x_i, y_j)/temperature + key_bias_j. The
result does not depend on the number of threads: every sum is taken in an order fixed by the sizes
alone.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import prange, types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

from theory.setting.compiled import njit

ROW_BLOCK = 64  # queries that share a tile while it is in the cache
TILE = 512
LEAST_TILE, TILES = 64, 16  # of keys whose columns are summed: the least length, about how many
FUNCTION, SQUARED_DISTANCE, INNER_PRODUCT = 0, 1, 2

LOG2_E = 1.4426950408889634
SMALLEST_EXPONENT = -1022.0  # below it 2^t is no normal number
ROUND = 1.5 * 2.0**52  # adding it leaves the nearest whole number in the low bits of a float64
# minimax polynomial of 2^r on [-1/2, 1/2], relative error 3e-18
P0, P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11 = (
    1.0, 0.6931471805599453, 0.24022650695910155, 0.055504108664819925,
    0.009618129107588335, 0.001333355814678995,
    0.00015403530462514614, 1.5252733489960805e-05, 1.321543308959463e-06, 1.0178198033328528e-07,
    7.074105626245659e-09, 4.4352809446103363e-10,
)  # fmt: skip

# No freedom of fast-math: what it lets LLVM reorder or fuse, each compiled copy of a kernel does in
# its own way, and there are several copies (docs/theory.md, "Engines"). What makes kernels fast is
# written out instead: products are fused by name, and a sum is that of LANES partial sums.
_compiled = njit(error_model="numpy", cache=True)
_inlined = njit(error_model="numpy", cache=True, forceinline=True)
# Lanes must not be among the arguments of what is cached: Numba could not read an index of the cache
# that names a type which another version of this file does not have.
_inlined_in_lanes = njit(error_model="numpy", forceinline=True)

LANES = 16  # two vectors of 512 bits or four of 256: enough to hide the latency of an addition


class Lanes(types.Type):
    """LANES neighbouring float64 of an array, as one value that is computed with as a whole."""

    def __init__(self):
        super().__init__(name=f"Lanes{LANES}")


_lanes = Lanes()
_VECTOR = ir.VectorType(ir.DoubleType(), LANES)


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, _VECTOR)


@intrinsic
def wide_vectors(typing_context):
    """Ask LLVM for 512-bit vectors in the calling function; on most processors that have them it
    stops at 256.
    """

    def generate(context, builder, signature, arguments):
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def _larger(typing_context, a, b):
    """The larger of two floats, neither of them NaN; unlike max() it makes a reduction that LLVM
    turns into vectors.
    """

    def generate(context, builder, signature, arguments):
        double = ir.DoubleType()
        function = builder.module.declare_intrinsic(
            "llvm.maxnum", [double], ir.FunctionType(double, [double] * 2)
        )
        return builder.call(function, arguments, fastmath=("nnan", "nsz"))

    return types.float64(types.float64, types.float64), generate


@intrinsic
def _call_user_kernel(typing_context, address, x, y, count, dim, swapped, out):
    """Call the compiled user kernel at `address`; x, y and out are addresses of float64 data."""

    def generate(context, builder, signature, arguments):
        pointer, integer = ir.DoubleType().as_pointer(), ir.IntType(64)
        kind = ir.FunctionType(
            ir.VoidType(), [pointer, pointer, integer, integer, integer, pointer]
        )
        address, x, y, count, dim, swapped, out = arguments
        x, y, out = (builder.inttoptr(a, pointer) for a in (x, y, out))
        builder.call(builder.inttoptr(address, kind.as_pointer()), [x, y, count, dim, swapped, out])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 7), generate


# --- arithmetic of single numbers and of lanes: one number among lanes stands for as many


def _elementwise(instructions):
    """An intrinsic of arguments that are numbers or lanes, by what it asks the builder to do."""

    def typed(typing_context, *arguments):
        kind = _lanes if _lanes in arguments else types.float64

        def generate(context, builder, signature, values):
            if kind == _lanes:
                values = [v if v.type == _VECTOR else _spread(builder, v) for v in values]
            return instructions(builder, *values)

        signature = [_lanes if a == _lanes else types.float64 for a in arguments]
        return kind(*signature), generate

    return typed


def _spread(builder, number):
    first = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), number, ir.IntType(32)(0))
    places = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, first, places)


def _as_integers(builder, value):
    integer = ir.IntType(64)
    return builder.bitcast(
        value, ir.VectorType(integer, LANES) if value.type == _VECTOR else integer
    )


@intrinsic
def _plus(typing_context, a, b):
    """a + b."""
    return _elementwise(lambda builder, a, b: builder.fadd(a, b))(typing_context, a, b)


@intrinsic
def _minus(typing_context, a, b):
    """a - b."""
    return _elementwise(lambda builder, a, b: builder.fsub(a, b))(typing_context, a, b)


@intrinsic
def _times(typing_context, a, b):
    """a b."""
    return _elementwise(lambda builder, a, b: builder.fmul(a, b))(typing_context, a, b)


@intrinsic
def _fused(typing_context, a, b, c):
    """a b + c, rounded once where the processor has an instruction for it."""

    def instructions(builder, a, b, c):
        name = f"llvm.fmuladd.{f'v{LANES}f64' if a.type == _VECTOR else 'f64'}"
        declared = ir.FunctionType(a.type, [a.type] * 3)
        return builder.call(
            cgutils.get_or_insert_function(builder.module, declared, name), [a, b, c]
        )

    return _elementwise(instructions)(typing_context, a, b, c)


@intrinsic
def _where_at_least(typing_context, a, b, yes, no):
    """`yes` where a >= b, else `no`."""

    def instructions(builder, a, b, yes, no):
        return builder.select(builder.fcmp_ordered(">=", a, b), yes, no)

    return _elementwise(instructions)(typing_context, a, b, yes, no)


@intrinsic
def _shifted_exponent(typing_context, p, rounded):
    """p times 2 to the whole number that adding ROUND left in the low bits of `rounded`."""

    def instructions(builder, p, rounded):
        power, low_bits = _as_integers(builder, p), _as_integers(builder, rounded)
        shift = ir.Constant(low_bits.type, [52] * LANES if p.type == _VECTOR else 52)
        return builder.bitcast(builder.add(power, builder.shl(low_bits, shift)), p.type)

    return _elementwise(instructions)(typing_context, p, rounded)


@intrinsic
def _lanes_at(typing_context, array, k):
    """The elements k, k + 1, ... of an array (n,)."""

    def generate(context, builder, signature, arguments):
        return builder.load(_place(context, builder, signature, arguments), align=8)

    return _lanes(array, types.int64), generate


@intrinsic
def _put_lanes(typing_context, array, k, lanes):
    """The elements k, k + 1, ... of an array (n,) become the lanes."""

    def generate(context, builder, signature, arguments):
        place = _place(context, builder, signature, arguments)
        builder.store(arguments[2], place, align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, _lanes), generate


def _place(context, builder, signature, arguments):
    data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
    return builder.bitcast(builder.gep(data, [arguments[1]]), _VECTOR.as_pointer())


@intrinsic
def _zeros(typing_context):
    """Lanes of zeros."""
    return _lanes(), lambda *_: ir.Constant(_VECTOR, [0.0] * LANES)


@intrinsic
def _total(typing_context, lanes):
    """The sum of the lanes: halves are added to halves."""

    def generate(context, builder, signature, arguments):
        (lanes,) = arguments
        count = LANES
        while count > 1:
            count //= 2
            kind = ir.VectorType(ir.IntType(32), count)
            low, high = (
                builder.shuffle_vector(
                    lanes, lanes, ir.Constant(kind, list(range(first, first + count)))
                )
                for first in (0, count)
            )
            lanes = builder.fadd(low, high)
        return builder.extract_element(lanes, ir.IntType(32)(0))

    return types.float64(_lanes), generate


# --- powers of two, of numbers and of lanes


@_inlined_in_lanes
def exp2_bounded(t):
    """2^t for -1022 <= t <= 1023, without a branch, to 2 units in the last place (1 with fused
    multiply-add).
    """
    rounded = _plus(t, ROUND)
    r = _minus(t, _minus(rounded, ROUND))
    p = _fused(P11, r, P10)
    p = _fused(p, r, P9)
    p = _fused(p, r, P8)
    p = _fused(p, r, P7)
    p = _fused(p, r, P6)
    p = _fused(p, r, P5)
    p = _fused(p, r, P4)
    p = _fused(p, r, P3)
    p = _fused(p, r, P2)
    p = _fused(p, r, P1)
    p = _fused(p, r, P0)
    return _shifted_exponent(p, rounded)


@_inlined_in_lanes
def exp2_negative(t):
    """2^t for t <= 0, exactly 0 below -1022."""
    inside = _where_at_least(t, SMALLEST_EXPONENT, t, SMALLEST_EXPONENT)
    return _where_at_least(t, SMALLEST_EXPONENT, exp2_bounded(inside), 0.0)


@njit(error_model="numpy", cache=True, nogil=True)
def exp2_rows(scores, base):
    """scores_ij (n, m) becomes 2^(scores_ij + base_j), all exponents within +-1000."""
    wide_vectors()
    for i in range(scores.shape[0]):
        row = scores[i]
        for k in range(row.shape[0]):
            row[k] = exp2_bounded(row[k] + base[k])


@_compiled
def _aligned(length):
    # vectors that straddle two cache lines cost twice
    raw = np.empty(length + 8)
    offset = (-raw.ctypes.data % 64) // 8
    return raw[offset : offset + length]


@_inlined
def _dot(w, v):
    """sum_k w_k v_k, in an order that their number alone fixes."""
    wide_vectors()
    whole = w.shape[0] // LANES * LANES
    partial = _zeros()
    for k in range(0, whole, LANES):
        partial = _fused(_lanes_at(w, k), _lanes_at(v, k), partial)
    total = _total(partial)
    for k in range(whole, w.shape[0]):
        total = _fused(w[k], v[k], total)
    return total


@_inlined
def _two_dots(w, u, v):
    """_dot(w, u) and _dot(w, v), which read w once."""
    wide_vectors()
    whole = w.shape[0] // LANES * LANES
    partial, next_partial = _zeros(), _zeros()
    for k in range(0, whole, LANES):
        weight = _lanes_at(w, k)
        partial = _fused(weight, _lanes_at(u, k), partial)
        next_partial = _fused(weight, _lanes_at(v, k), next_partial)
    total, next_total = _total(partial), _total(next_partial)
    for k in range(whole, w.shape[0]):
        total = _fused(w[k], u[k], total)
        next_total = _fused(w[k], v[k], next_total)
    return total, next_total


@_inlined
def _add_further(w, values, start, sums):
    """Add the sums over k of w_k times the values 1, 2, ... (not 0) of the key start + k."""
    stop = start + w.shape[0]
    c = values.shape[0]
    for f in range(1, c - 1, 2):
        weighted, next_weighted = _two_dots(w, values[f, start:stop], values[f + 1, start:stop])
        sums[1 + f] += weighted
        sums[2 + f] += next_weighted
    if c % 2 == 0:
        sums[c] += _dot(w, values[c - 1, start:stop])


@_compiled
def _bounded_row(x, keys, base, values, start, stop, buffer, sums):
    """Add the keys start..stop to the sums of one row and leave their weights in the buffer."""
    wide_vectors()
    count = stop - start
    w = buffer[:count]
    value = values[0, start:stop]
    last = keys.shape[0] - 3
    t = base[start:stop]
    # the exponents of higher dimensions are kept in w under no other name: vectors need to know
    # that nothing overlaps
    for d in range(0, last, 3):
        a0, a1, a2 = x[d], x[d + 1], x[d + 2]
        y0, y1, y2 = keys[d, start:stop], keys[d + 1, start:stop], keys[d + 2, start:stop]
        if d == 0:
            for k in range(count):
                w[k] = _fused(a2, y2[k], _fused(a1, y1[k], _fused(a0, y0[k], t[k])))
        else:
            for k in range(count):
                w[k] = _fused(a2, y2[k], _fused(a1, y1[k], _fused(a0, y0[k], w[k])))
    t = t if last == 0 else w
    a0, a1, a2 = x[last], x[last + 1], x[last + 2]
    y0, y1, y2 = keys[last, start:stop], keys[last + 1, start:stop], keys[last + 2, start:stop]
    whole = count // LANES * LANES
    partial, next_partial = _zeros(), _zeros()
    for k in range(0, whole, LANES):
        power = _fused(a0, _lanes_at(y0, k), _lanes_at(t, k))
        power = _fused(a2, _lanes_at(y2, k), _fused(a1, _lanes_at(y1, k), power))
        weight = exp2_bounded(power)
        _put_lanes(w, k, weight)
        partial = _plus(partial, weight)
        next_partial = _fused(weight, _lanes_at(value, k), next_partial)
    total, weighted = _total(partial), _total(next_partial)
    for k in range(whole, count):
        power = _fused(a2, y2[k], _fused(a1, y1[k], _fused(a0, y0[k], t[k])))
        weight = exp2_bounded(power)
        w[k] = weight
        total += weight
        weighted = _fused(weight, value[k], weighted)
    sums[0] += total
    sums[1] += weighted
    _add_further(w, values, start, sums)


@_compiled
def _bounded_columns(buffer, start, stop, factor, values, i, columns):
    """Add the weights in the buffer to the sums of the keys start..stop, as seen from the key's
    side.
    """
    wide_vectors()
    count = stop - start
    w = buffer[:count]
    for f in range(columns.shape[0]):
        column = columns[f, start:stop]
        scaled = factor if f == 0 else factor * values[f - 1, i]
        for k in range(count):
            column[k] = _fused(scaled, w[k], column[k])


@_compiled
def _bounded_columns_of_four(buffers, start, stop, factors, values, i, columns):
    """`_bounded_columns` of the rows i..i+3 at once: each sum is loaded and stored a quarter as
    often.
    """
    wide_vectors()
    count = stop - start
    w0, w1, w2, w3 = buffers[0, :count], buffers[1, :count], buffers[2, :count], buffers[3, :count]
    for f in range(columns.shape[0]):
        column = columns[f, start:stop]
        a0, a1, a2, a3 = factors[i], factors[i + 1], factors[i + 2], factors[i + 3]
        if f > 0:
            a0 *= values[f - 1, i]
            a1 *= values[f - 1, i + 1]
            a2 *= values[f - 1, i + 2]
            a3 *= values[f - 1, i + 3]
        for k in range(count):
            two = _fused(a1, w1[k], _fused(a0, w0[k], column[k]))
            column[k] = _fused(a3, w3[k], _fused(a2, w2[k], two))


@njit(parallel=True, error_model="numpy", cache=True)
def bounded_pass(queries, keys, base, values, skip_self, factors, lanes, sums, columns):
    """sums[i] += sum_j 2^(base_j + q_i.k_j) (1, values_j) for exponents known to lie within +-1000.

    queries (n, m) and keys (m, nk), m a multiple of 3; base (nk,); values (c, nk), c >= 1; sums (n,
    1 + c), zero. With `columns` of shape (lanes, 1 + c, nk), zero, the score is taken to be
    symmetric: only pairs j > i are evaluated, and each adds factors_i 2^(...) (1, values_i) to the
    columns of j. Otherwise columns is (0, 0, 0).
    """
    n, n_keys = queries.shape[0], keys.shape[1]
    n_blocks = (n + ROW_BLOCK - 1) // ROW_BLOCK
    symmetric = columns.shape[0] > 0
    for lane in prange(lanes):
        buffers = _aligned(4 * TILE).reshape(4, TILE)
        buffer = buffers[0]
        for block in range(lane, n_blocks, lanes):
            first, end = block * ROW_BLOCK, min(n, (block + 1) * ROW_BLOCK)
            for tile in range(first // TILE * TILE if symmetric else 0, n_keys, TILE):
                tile_end = min(tile + TILE, n_keys)
                done = first
                if symmetric and tile >= end:
                    # off the diagonal every key of the tile is seen by every row of the block
                    for i in range(first, end - 3, 4):
                        for k in range(4):
                            _bounded_row(
                                queries[i + k],
                                keys,
                                base,
                                values,
                                tile,
                                tile_end,
                                buffers[k],
                                sums[i + k],
                            )
                        _bounded_columns_of_four(
                            buffers, tile, tile_end, factors, values, i, columns[lane]
                        )
                        done = i + 4
                for i in range(done, end):
                    if symmetric:
                        start = max(tile, i + 1)
                        if start < tile_end:
                            _bounded_row(
                                queries[i], keys, base, values, start, tile_end, buffer, sums[i]
                            )
                            _bounded_columns(
                                buffer, start, tile_end, factors[i], values, i, columns[lane]
                            )
                    elif skip_self and tile <= i < tile_end:
                        _bounded_row(queries[i], keys, base, values, tile, i, buffer, sums[i])
                        _bounded_row(
                            queries[i], keys, base, values, i + 1, tile_end, buffer, sums[i]
                        )
                    else:
                        _bounded_row(
                            queries[i], keys, base, values, tile, tile_end, buffer, sums[i]
                        )


@_compiled
def _exponents(form, address, swapped, x, keys, key_rows, factor, key_bias, start, stop, buffer):
    """t = factor f(x, y_j) + key_bias_j for the keys start..stop, left in the buffer."""
    wide_vectors()
    count = stop - start
    t = buffer[:count]
    if form == FUNCTION:
        # what the user's code does not reach stays NaN, and is reported
        t[:] = np.nan
        _call_user_kernel(
            address,
            x.ctypes.data,
            key_rows[start:].ctypes.data,
            count,
            key_rows.shape[1],
            swapped,
            t.ctypes.data,
        )
    else:
        t[:] = 0.0
        for d in range(keys.shape[0]):
            a = x[d]
            y = keys[d, start:stop]
            if form == SQUARED_DISTANCE:
                for k in range(count):
                    difference = a - y[k]
                    t[k] = _fused(difference, difference, t[k])
            else:
                for k in range(count):
                    t[k] = _fused(a, y[k], t[k])
        if address != 0:
            _call_user_kernel(address, 0, 0, count, 0, swapped, t.ctypes.data)
    bias = key_bias[start:stop]
    for k in range(count):
        t[k] = _fused(factor, t[k], bias[k])


@_compiled
def _leave_out_far(x, keys, squared_window, start, stop, scratch, buffer):
    """Set the exponent of every key beyond the window to -inf."""
    wide_vectors()
    count = stop - start
    t = buffer[:count]
    s = scratch[:count]
    s[:] = 0.0
    for d in range(keys.shape[0]):
        a = x[d]
        y = keys[d, start:stop]
        for k in range(count):
            difference = a - y[k]
            s[k] = _fused(difference, difference, s[k])
    for k in range(count):
        t[k] = t[k] if s[k] <= squared_window else -np.inf


@_compiled
def _largest(t):
    """The largest exponent of a tile, or NaN if one is not a number."""
    wide_vectors()
    strange = 0
    largest = -np.inf
    for k in range(t.shape[0]):
        strange += t[k] != t[k]
        largest = _larger(largest, t[k])
    return largest if strange == 0 else np.nan


@_compiled
def _add_tile(t, shift, values, start, sums):
    """Add exp(t - shift) times 1 and each value to the sums, and leave the weights in t."""
    wide_vectors()
    value = values[0, start : start + t.shape[0]]
    whole = t.shape[0] // LANES * LANES
    partial, next_partial = _zeros(), _zeros()
    # the error |u| 2^-53 that the change of base leaves in 2^u counts with weight 2^u: never above
    # rounding
    for k in range(0, whole, LANES):
        weight = exp2_negative(_times(_minus(_lanes_at(t, k), shift), LOG2_E))
        _put_lanes(t, k, weight)
        partial = _plus(partial, weight)
        next_partial = _fused(weight, _lanes_at(value, k), next_partial)
    total, weighted = _total(partial), _total(next_partial)
    for k in range(whole, t.shape[0]):
        weight = exp2_negative((t[k] - shift) * LOG2_E)
        t[k] = weight
        total += weight
        weighted = _fused(weight, value[k], weighted)
    sums[0] += total
    sums[1] += weighted
    _add_further(t, values, start, sums)


@njit(parallel=True, error_model="numpy", cache=True)
def online_pass(
    form,
    address,
    swapped,
    queries,
    keys,
    key_rows,
    factor,
    key_bias,
    skip_self,
    points,
    key_points,
    squared_window,
    values,
    shift,
    sums,
):
    """sums[i] = sum_j exp(t_ij - shift_i) (1, values_j) with shift_i = max_j t_ij, safe for every
    score.

    queries (n, m), keys (m, nk), key_rows (nk, m) for a user function alone; values (c, nk); points
    (n, D) and key_points (D, nk) for the window (infinite: none). shift (n,) must come as -inf and
    sums (n, 1 + c) as zero. A row without keys keeps them; a row with a NaN gets shift NaN, one
    with an exponent +inf gets shift +inf.
    """
    n, n_keys = queries.shape[0], key_bias.shape[0]
    for block in prange((n + ROW_BLOCK - 1) // ROW_BLOCK):
        buffer, scratch = _aligned(TILE), _aligned(TILE)
        for start in range(0, n_keys, TILE):
            stop = min(start + TILE, n_keys)
            t = buffer[: stop - start]
            for i in range(block * ROW_BLOCK, min(n, (block + 1) * ROW_BLOCK)):
                _exponents(
                    form,
                    address,
                    swapped,
                    queries[i],
                    keys,
                    key_rows,
                    factor,
                    key_bias,
                    start,
                    stop,
                    buffer,
                )
                if squared_window < np.inf:
                    _leave_out_far(
                        points[i], key_points, squared_window, start, stop, scratch, buffer
                    )
                if skip_self and start <= i < stop:
                    t[i - start] = -np.inf
                largest = _largest(t)
                # written so that NaN passes on, and +inf or NaN stay
                if largest > shift[i] or largest != largest:
                    if shift[i] > -np.inf:
                        sums[i] *= exp2_negative((shift[i] - largest) * LOG2_E)
                    shift[i] = largest
                if -np.inf < shift[i] < np.inf:
                    _add_tile(t, shift[i], values, start, sums[i])


@_compiled
def _powers(t, shift):
    """t becomes exp(t - shift), as `_add_tile` computes it."""
    wide_vectors()
    whole = t.shape[0] // LANES * LANES
    for k in range(0, whole, LANES):
        _put_lanes(t, k, exp2_negative(_times(_minus(_lanes_at(t, k), shift), LOG2_E)))
    for k in range(whole, t.shape[0]):
        t[k] = exp2_negative((t[k] - shift) * LOG2_E)


@_compiled
def _add_columns(w, shares, start, out):
    """Add the weights w_k times each of the shares (c,) to the columns start + k of out (c, nk)."""
    wide_vectors()
    for f in range(out.shape[0]):
        column, share = out[f, start : start + w.shape[0]], shares[f]
        for k in range(w.shape[0]):
            column[k] = _fused(share, w[k], column[k])


@njit(parallel=True, error_model="numpy", cache=True)
def online_columns(
    form,
    address,
    swapped,
    queries,
    keys,
    key_rows,
    factor,
    key_bias,
    skip_self,
    points,
    key_points,
    squared_window,
    shares,
    shift,
    out,
):
    """out[:, j] += sum_i shares_i exp(t_ij - shift_i), for the exponents and the shift of
    `online_pass`: of a row they are the weights that its sum there is made of.

    shares (n, c), out (c, nk); the other arguments as there.
    """
    n, n_keys = queries.shape[0], key_bias.shape[0]
    # every tile of keys is one thread's: small ones where there are few keys
    tile = min(TILE, max(LEAST_TILE, n_keys // TILES // LANES * LANES))
    for part in prange((n_keys + tile - 1) // tile):
        start, stop = part * tile, min(part * tile + tile, n_keys)
        buffer, scratch = _aligned(TILE), _aligned(TILE)
        t = buffer[: stop - start]
        for i in range(n):
            _exponents(
                form,
                address,
                swapped,
                queries[i],
                keys,
                key_rows,
                factor,
                key_bias,
                start,
                stop,
                buffer,
            )
            if squared_window < np.inf:
                _leave_out_far(points[i], key_points, squared_window, start, stop, scratch, buffer)
            if skip_self and start <= i < stop:
                t[i - start] = -np.inf
            _powers(t, shift[i])
            _add_columns(t, shares[i], start, out)


@njit(parallel=True, error_model="numpy", cache=True)
def boxes_pass(starts, runs, queries, keys, factor, key_bias, shift, own, values, sums):
    """sums[i] = sum_j exp(t_ij - shift_i) (1, values_j) over the keys near query i alone, for t_ij =
    factor |x_i - y_j|^2 + key_bias_j.

    Queries (n, m) lie box by box, those of box b from starts[b] to starts[b + 1]; runs (boxes, k,
    2) are the keys from first to end that are near a box; keys (m, nk), values (c, nk), c >= 1;
    shift (n,) at least the largest exponent; own (n,) the key that a query leaves out, or -1.
    """
    for box in prange(starts.shape[0] - 1):
        buffer = _aligned(TILE)
        for run in range(runs.shape[1]):
            first, end = runs[box, run]
            for start in range(first, end, TILE):
                stop = min(start + TILE, end)
                t = buffer[: stop - start]
                for i in range(starts[box], starts[box + 1]):
                    _near_exponents(queries[i], keys, factor, key_bias, start, stop, t)
                    if start <= own[i] < stop:
                        t[own[i] - start] = -np.inf
                    _add_tile(t, shift[i], values, start, sums[i])


@_compiled
def _near_exponents(x, keys, factor, key_bias, start, stop, t):
    """factor |x - y_j|^2 + key_bias_j of the keys start..stop."""
    wide_vectors()
    bias = key_bias[start:stop]
    t[:] = 0.0
    for d in range(keys.shape[0]):
        a, y = x[d], keys[d, start:stop]
        for k in range(t.shape[0]):
            difference = a - y[k]
            t[k] = _fused(difference, difference, t[k])
    for k in range(t.shape[0]):
        t[k] = _fused(factor, t[k], bias[k])
