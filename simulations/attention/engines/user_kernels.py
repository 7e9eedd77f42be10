"""The user's part of a pseudo-metric, phi(s) or f(x, y), compiled once a process; the dense engine
calls it by address.

The loops that call it are compiled once for all: a new phi or f costs a tenth of a second, not
several.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numba
import sympy as sp
from numba import carray, types
from sympy.printing.pycode import PythonCodePrinter

from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import S

_POINTER = types.CPointer(types.float64)
_SIGNATURE = types.void(_POINTER, _POINTER, types.int64, types.int64, types.int64, _POINTER)


class _SquareRootPrinter(PythonCodePrinter):
    """Prints quarter-integer powers by square roots and products: the processor has those, a power
    calls a library.
    """

    def _print_Pow(self, expr, rational=False):
        exponent = expr.exp
        if not (exponent.is_Rational and exponent.q in (2, 4) and abs(exponent) < 8):
            return super()._print_Pow(expr, rational=rational)
        base = f"({self._print(expr.base)})"
        whole, quarters = divmod(abs(exponent.p) * 4 // exponent.q, 4)
        factors = [base] * whole
        if quarters >= 2:
            factors.append(f"math.sqrt({base})")
        if quarters % 2:
            factors.append(f"math.sqrt(math.sqrt({base}))")
        product = "*".join(factors)
        return f"({product})" if exponent > 0 else f"(1.0/({product}))"


@lru_cache(maxsize=256)
def compile_transform(expression: sp.Expr):
    """Compile phi, a SymPy expression in s, into a kernel that maps an array in place; returns a
    Numba CFunc.

    Raises InputError if Numba cannot compile it.
    """
    printer = _SquareRootPrinter(
        {"fully_qualified_modules": True, "inline": True, "allow_unknown_functions": True}
    )
    function = sp.lambdify([S], expression, modules=[{"math": math}, "math"], printer=printer)

    def build(phi):
        def kernel(x, y, count, dim, swapped, out):
            s = carray(out, (count,))
            for k in range(count):
                s[k] = phi(s[k])

        return kernel

    return _compile(function, build, f"transform {expression}")


@lru_cache(maxsize=256)
def compile_point_function(function: Callable):
    """Compile f(x, y) of two points (D,) into a kernel over one query and many keys; returns a
    Numba CFunc.

    Where f raises an exception the score is NaN. Raises InputError if Numba cannot compile f.
    """

    def build(f):
        def kernel(x, y, count, dim, swapped, out):
            query, keys, score = carray(x, (dim,)), carray(y, (count, dim)), carray(out, (count,))
            for k in range(count):
                try:
                    score[k] = f(keys[k], query) if swapped else f(query, keys[k])
                except Exception:
                    score[k] = math.nan

        return kernel

    return _compile(
        getattr(function, "py_func", function),
        build,
        getattr(function, "__name__", "user function"),
    )


def _compile(function, build, name):
    try:
        kernel = build(numba.njit(function, error_model="numpy"))
        return numba.cfunc(_SIGNATURE, error_model="numpy")(kernel)
    except Exception as error:  # Numba's compiler raises far more than its own errors
        raise InputError(
            f"{name}: Numba cannot compile it ({_reason(error)}); "
            f"expected arithmetic on floats and arrays that returns a float"
        ) from None


def _reason(error):
    lines = (line.strip() for line in str(error).splitlines())
    frame = ("Failed in nopython", "During:", "File ", "<source", "^")
    return next(
        (line for line in lines if line and not line.startswith(frame)), type(error).__name__
    )[:200]
