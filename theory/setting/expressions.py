"""Formulas: read them from text, differentiate them with SymPy, evaluate them with NumPy."""

from __future__ import annotations

import ast
import math
import operator
import warnings
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import sympy as sp

from theory.setting.checks import InputError, as_numbers, real, shown
from theory.setting.pickling import WithoutCaches

FUNCTIONS = tuple(
    "exp log sqrt sin cos tan sinh cosh tanh asin acos atan Abs".split()  # as SymPy names them
)
MOST_CHARACTERS = 4000  # of a formula
MOST_PARTS = 1000  # numbers, names and operations: more takes SymPy minutes to differentiate
MOST_DEPTH = 30  # operations inside each other; a sum or a product of many terms is one
MOST_POWER = 100  # beyond it a power of a sum has too many terms to be expanded
LEAST_NUMBER, MOST_NUMBER = 1e-100, 1e100  # their squares still fit in float64

_REAL = {name: getattr(math, name, abs) for name in (*FUNCTIONS, "abs")}  # of a float
_OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_CHAINS = ((ast.Add, ast.Sub), (ast.Mult, ast.Div))  # that SymPy keeps flat
_GRAMMAR = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Constant)
# what SymPy raises where it cannot do with an argument
_CANNOT = (TypeError, ValueError, ArithmeticError, AttributeError, KeyError, NotImplementedError,
           RecursionError)  # fmt: skip


def parse(name: str, text: str, symbols: dict[str, sp.Expr]) -> sp.Expr | sp.Tuple:
    """Read `text` as a SymPy expression in the given symbols, or as a tuple of them.

    Only arithmetic, the functions of FUNCTIONS and pi are understood, so a formula from a command
    line can run no code. Its size, depth, numbers and powers are bounded before SymPy sees any of
    it, so it cannot run for long either. Raises InputError, one short line, naming what is wrong.
    """
    if not isinstance(text, str):
        raise InputError(f"{name}: got {shown(text)}, expected a formula as a string")
    try:
        return _Reader(symbols).read(" ".join(text.split()))
    except _Refused as error:
        raise InputError(f"{name}: {shown(text)} {error}") from None


def read_number(name: str, text: str) -> float:
    """The finite number that `text` is, such as "0.05" or "2*pi/3", or raise InputError."""
    number = parse(name, text, {})
    if isinstance(number, sp.Tuple):
        raise InputError(f"{name}: got {shown(text)}, expected one number")
    return real(name, number)


class _Refused(Exception):
    """What is wrong with a formula, to follow its text."""


@dataclass(frozen=True)
class _Reader:
    """Evaluates a syntax tree from its leaves, every constant in floats before SymPy has it."""

    symbols: dict[str, sp.Expr]

    def read(self, text: str) -> sp.Expr | sp.Tuple:
        body = _syntax(text)
        if not isinstance(body, ast.Tuple):
            return self._formula(body)
        if not body.elts:
            raise _Refused("is an empty tuple, expected formulas")
        return sp.Tuple(*map(self._formula, body.elts))

    def _formula(self, node) -> sp.Expr:
        try:
            value = sp.sympify(self._value(node))
            _require_finite(value, node)
        except _CANNOT as error:
            raise _Refused(f"cannot be read as a formula ({shown(str(error), 80)})") from None
        return value

    def _value(self, node):
        """A SymPy expression, or a plain number where the formula has numbers only."""
        if isinstance(node, ast.Constant):
            _require_bounded(node.value, node)
            return node.value
        if isinstance(node, ast.Name):
            if node.id == "pi":
                return sp.pi
            if node.id in self.symbols:
                return self.symbols[node.id]
            known = ", ".join((*self.symbols, "pi", *FUNCTIONS))
            raise _Refused(f"has the unknown name {shown(node.id, 20)}; known are {known}")
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.UnaryOp):
            return _OPERATIONS[type(node.op)](self._value(node.operand))
        return self._binary(node)

    def _call(self, node):
        function = getattr(node.func, "id", None)
        if function not in _REAL:
            raise _Refused(f"has {_brief(node)}, which is not a call of a known function")
        if len(node.args) != 1 or node.keywords:
            raise _Refused(f"has {_brief(node)}, expected one argument")
        argument = self._value(node.args[0])
        if (number := _number(argument)) is not None:
            _bounded(_REAL[function], (number,), node)
        elif function in ("abs", "Abs") and not argument.is_extended_real:
            # of what SymPy does not know to be real |a| has a derivative in complex parts
            return sp.sqrt(argument**2)
        return _finite(getattr(sp, function.replace("abs", "Abs"))(argument), node)

    def _binary(self, node):
        spine = []  # a sum of many terms leans to the left: no recursion along it
        while isinstance(node, ast.BinOp):
            spine.append(node)
            node = node.left
        value = self._value(node)
        for outer in reversed(spine):
            value = self._combined(outer, value, self._value(outer.right))
        return value

    def _combined(self, node, left, right):
        numbers = _number(left), _number(right)
        if isinstance(node.op, ast.Pow) and abs(numbers[1] or 0) > MOST_POWER:
            raise _Refused(f"has the power {numbers[1]:g}, expected at most {MOST_POWER}")
        if isinstance(node.op, ast.Div) and numbers[1] == 0:
            raise _Refused(f"divides by zero in {_brief(node)}")
        operation = _OPERATIONS[type(node.op)]
        if None not in numbers:
            _bounded(math.pow if operation is operator.pow else operation, numbers, node)
        return _finite(operation(left, right), node)


def _syntax(text: str) -> ast.expr:
    """The syntax tree of a formula, known to hold nothing but arithmetic of a bounded size."""
    if len(text) > MOST_CHARACTERS:
        raise _Refused(f"has {len(text)} characters, expected at most {MOST_CHARACTERS}")
    if not text.isascii() or not text.isprintable():
        odd = next(c for c in text if not (c.isascii() and c.isprintable()))
        raise _Refused(f"has the character {odd!a}, expected plain ASCII on one line")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on "1if x": no formula either way
            body = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _Refused("cannot be read as a formula") from None
    parts = 0
    waiting = [(part, 1) for part in (body.elts if isinstance(body, ast.Tuple) else [body])]
    while waiting:
        node, depth = waiting.pop()
        parts += 1
        _require_arithmetic(node)
        if parts > MOST_PARTS:
            raise _Refused(f"is too long, expected at most {MOST_PARTS} numbers and operations")
        if depth > MOST_DEPTH:
            raise _Refused(f"is nested too deeply, expected at most {MOST_DEPTH} levels")
        waiting += [(inner, depth + _deeper(node, inner)) for inner in _operands(node)]
    return body


def _require_arithmetic(node) -> None:
    kind = type(node).__name__
    number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
    sign = getattr(node, "op", None)
    if (
        not isinstance(node, _GRAMMAR)
        or (isinstance(node, ast.Constant) and not number)
        or (sign is not None and type(sign) not in _OPERATIONS)
    ):
        kind = "a tuple inside" if kind == "Tuple" else type(sign).__name__ if sign else kind
        raise _Refused(f"is not plain arithmetic ({kind} is not allowed)")


def _operands(node) -> list:
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.UnaryOp):
        return [node.operand]
    return node.args if isinstance(node, ast.Call) else []


def _deeper(node, inner) -> int:
    """0 from a sum to a sum in front of it, and so for products, else 1."""
    signs = type(getattr(node, "op", None)), type(getattr(inner, "op", None))
    same = any(signs[0] in chain and signs[1] in chain for chain in _CHAINS)
    return 0 if same and inner is node.left else 1


def _number(value) -> float | None:
    """The float that a constant is, None for what varies."""
    if isinstance(value, int | float):
        return float(value)
    return None if value.free_symbols else float(value)


def _bounded(function, numbers, node) -> None:
    """Raise _Refused unless function(*numbers) is real and of a usable size."""
    try:
        value = function(*numbers)
    except OverflowError:
        value = math.inf
    except ValueError:
        raise _Refused(f"has {_brief(node)}, which has no finite real value") from None
    raised = isinstance(node, ast.Call) or isinstance(node.op, ast.Pow)
    if value == 0 and raised and function in (math.exp, math.pow) and numbers[0] != 0:
        value = math.ulp(0.0)  # underflow
    _require_bounded(value, node)


def _require_bounded(value, node) -> None:
    # integers are compared as such: a float of 400 digits would overflow
    if value and not LEAST_NUMBER <= abs(value) <= MOST_NUMBER:
        raise _Refused(
            f"has {_brief(node)}, expected numbers from {LEAST_NUMBER:g} to {MOST_NUMBER:g} in size"
        )


def _finite(value, node):
    _require_finite(value, node)
    return value


def _require_finite(value, node) -> None:
    # only constants can be infinite: what varies is looked at where it is evaluated
    if isinstance(value, sp.Expr) and value.is_number and value.is_finite is False:
        raise _Refused(f"has {_brief(node)}, which has no finite value")
    if isinstance(value, sp.Expr) and value.has(sp.nan, sp.zoo, sp.oo):
        raise _Refused("has no finite value")


def _brief(node) -> str:
    try:
        return shown(ast.unparse(node), 40)
    except RecursionError:  # a sum of many terms
        return "a part"


def compile_array(symbols, expressions, shape: tuple[int, ...]) -> ArrayFunction:
    """Compile SymPy expressions into a function of points u, shape (n, d), returning shape (n,
    *shape).

    `expressions` is flat, in C order of `shape`; constants are broadcast. Raises InputError for
    what NumPy has no function for, such as the second derivative of |x|.
    """
    compiled = ArrayFunction(tuple(symbols), tuple(map(sp.sympify, expressions)), tuple(shape))
    try:
        compiled(np.ones((1, len(compiled.symbols))))
    except (*_CANNOT, NameError) as error:
        formulas = shown(", ".join(map(str, compiled.expressions)))
        raise InputError(f"formula: {formulas} cannot be computed ({shown(str(error))})") from None
    return compiled


def compile_columns(symbols, expressions) -> ArrayFunction:
    """Compile c expressions into one function of points u (n, d), side by side: (n, c)."""
    return compile_array(symbols, expressions, (len(expressions),))


@lru_cache(maxsize=1000)
def _evaluated(symbols, expressions):
    """Kept by what is computed: studies ask for the same features at every sample."""
    return sp.lambdify(list(symbols), list(expressions), modules="numpy", cse=True)


@dataclass(frozen=True)
class ArrayFunction(WithoutCaches):
    """Expressions in symbols as a function of points, made by `compile_array`."""

    symbols: tuple[sp.Symbol, ...]
    expressions: tuple[sp.Expr, ...]
    shape: tuple[int, ...]

    @cached_property
    def evaluate(self):
        """d arrays (n,) to a list of arrays (n,) or numbers, one an expression."""
        return _evaluated(self.symbols, self.expressions)

    def __call__(self, u) -> np.ndarray:
        d = len(self.symbols)
        names = f"points ({', '.join(map(str, self.symbols))})"
        u = as_numbers(names, u, f"(n, {d})")
        if u.ndim != 2 or u.shape[1] != d:
            raise InputError(f"{names}: got shape {u.shape}, expected (n, {d})")
        with np.errstate(all="ignore"):
            values = self.evaluate(*u.T)
        out = np.empty((u.shape[0], len(self.expressions)))
        for k, value in enumerate(values):
            # a root of a negative number is no value
            real = np.isrealobj(value)
            out[:, k] = value if real else np.where(np.imag(value) == 0, np.real(value), np.nan)
        return out.reshape((u.shape[0], *self.shape))
