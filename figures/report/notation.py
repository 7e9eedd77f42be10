"""Plain names of quantities, such as "drift coefficient, eps -> 0", set as people write formulas: as
HTML without a math font, as Unicode, and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

from latex2mathml.converter import convert
from markupsafe import Markup, escape

# names as formulas write them: Unicode and LaTeX
GREEK = {
    "eps": ("ε", r"\varepsilon "), "alpha": ("α", r"\alpha "), "beta": ("β", r"\beta "),
    "gamma": ("γ", r"\gamma "), "delta": ("δ", r"\delta "), "theta": ("θ", r"\theta "),
    "kappa": ("κ", r"\kappa "), "lambda": ("λ", r"\lambda "), "mu": ("μ", r"\mu "),
    "pi": ("π", r"\pi "), "rho": ("ρ", r"\rho "), "sigma": ("σ", r"\sigma "),
    "tau": ("τ", r"\tau "), "phi": ("φ", r"\varphi "), "omega": ("ω", r"\omega "),
    "Phi": ("Φ", r"\Phi "), "Lambda": ("Λ", r"\Lambda "),
}  # fmt: skip
OPERATORS = {
    "grad": ("∇", r"\nabla "), "int": ("∫", r"\int "), "sum": ("∑", r"\sum "),
    "Laplacian": ("Δ", r"\Delta "), "infinity": ("∞", r"\infty "),
}  # fmt: skip
SIGNS = {
    "->": ("→", r"\to "), ">=": ("≥", r"\ge "), "<=": ("≤", r"\le "), "!=": ("≠", r"\ne "),
    "~": ("∼", r"\sim "), "<": ("<", "<"), ">": (">", ">"), "|": ("|", "|"), "*": ("*", "^{*}"),
}  # fmt: skip
PRIMES = {"'": ("′", "'"), "''": ("″", "''")}
RAISED = dict(
    zip(
        "0123456789+−=()abcdeghijklmnoprstuvwxyzTLNRAH",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᴸᴺᴿᴬᴴ",
        strict=True,
    )
)
LOWERED = dict(zip("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
# raised digits and the raised minus of numbers
EXPONENT = {RAISED[ch]: ch for ch in "0123456789−"}
# what LaTeX would read in a text
ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "^": r"\^{}",
}  # fmt: skip
# as display.py writes numbers
NUMBER_SIGNS = {"±": r"\pm ", "×": r"\times ", "≤": r"\le ", "≥": r"\ge ", "−": "-"}
# manifolds as they are typed, and as they are read
SPELLINGS = (
    (r"\bflat_torus\(dim=(\d)\)", r"flat torus T^\1"),
    (r"\bflat_torus\b", "flat torus T^2"),
    (r"\bsphere3\b", "sphere S^3"),
    (r"\bellipse\(a=([\d.]+)\)", r"ellipse a = \1"),
    (r"\bcarre du champ\b", "carré du champ"),
)
SLASH = "<mo>&#x0002F;</mo>"  # as latex2mathml writes it
LONG = 40  # characters of a LaTeX formula that may be wider than a phone
# single letters are variables, but for the articles
TOKEN = re.compile(
    r"""
    (?P<text>i\.i\.d\.|\b[Aa]\ (?=[a-z]{2})(?!eps\b|grad\b))
  | (?P<number>(?<![\w.])\d+(?:\.\d+)?e[+-]?\d+)
  | (?P<bracket><(?P<inner>[^<>]*,[^<>]*)>)
  | (?P<root>\bsqrt\((?P<rooted>(?:[^()]|\([^()]*\))*)\))
  | (?:\^|\*\*)(?:\((?P<power>(?:[^()]|\([^()]*\))*)\)|(?P<exponent>-?\d+(?:\.\d+)?|[A-Za-z]))
  | _(?:\((?P<index>[^()]*)\)|(?P<place>[A-Za-z]+|\d+))
  | (?P<vector>\bHvec\b)
  | (?P<derivative>\bd[23](?=[A-Za-z]\b))
  | (?P<norm>\bL[12]\b)
  | (?P<operator>\bgrad\b|\bint\b(?=\ )|\bsum(?=_|\ pi\b)
      |\bLaplacian(?=\ (?:H|X|log)\b)|(?<=[=>]\ )infinity\b)
  | (?P<greek>\b(?:eps|alpha|beta|gamma|delta|theta|kappa|lambda|mu|pi|rho|sigma|tau|phi|omega
      |Phi|Lambda)(?=\b|_))
  | (?P<sign>->|>=|<=|!=|[~<>|*])
  | (?P<minus>(?<![\w)])-(?=[\d(A-Za-z<])|(?<=\ )-(?=\ )|(?<=[\w)])-(?=\d)|(?<=\b[a-z])-(?=[a-z]\b))
  | (?P<dot>(?<=,\ )\.(?=\)))
  | (?P<primes>(?<=\b[A-Za-z])'{1,2}(?=[^\w]))
  | (?P<word>[A-Za-z]{2,}(?:_[A-Za-z]+)*)
  | (?P<letter>(?<![A-Za-z'])(?:[b-zA-Z]|a(?=[_^/)|']|\ =|\ q\b|$))(?![A-Za-z]))
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Style:
    """How one way of writing sets each kind of piece; what it is given is set already, but texts,
    variables and symbols (Unicode, LaTeX)."""

    text: Callable[[str], str]
    variable: Callable[[str], str]
    symbol: Callable[[str, str], str]
    raised: Callable[[str], str]
    lowered: Callable[[str], str]
    root: Callable[[str], str]
    vector: Callable[[str], str]


def html(name: str) -> Markup:
    """A plain name as HTML that needs no math font: italic variables, raised and lowered text."""
    # relations do not end a line before a number
    return Markup(re.sub(r" ([=→≠∼≥≤]) (?=[\d−∞])", "\u00a0\\1\u00a0", _set(name, HTML)))


def plain(name: str) -> str:
    """A plain name in Unicode, for alternative texts."""
    return _set(name, UNICODE)


def latex(name: str) -> str:
    """A plain name as LaTeX text with formulas between dollars."""
    return _joined(_set(name, LATEX))


def number_latex(text: str) -> str:
    """A number as `simulations.verdict.display` writes it, as LaTeX."""

    def power(match):
        return "$^{" + "".join(EXPONENT[ch] for ch in match[0]).replace("−", "-") + "}$"

    text = "".join(ESCAPES.get(ch, ch) for ch in text)
    # a minus, not a hyphen
    text = re.sub(r"(?<!\w)-(?=\d)", "$-$", text)
    text = re.sub(f"[{''.join(EXPONENT)}]+", power, text)
    text = "".join(f"${NUMBER_SIGNS[ch]}$" if ch in NUMBER_SIGNS else ch for ch in text)
    return _joined(text.replace("|x|", "$|x|$"))


def number(text: str) -> Markup:
    """A number as `simulations.verdict.display` writes it, as HTML: a minus in place of a hyphen,
    raised exponents. A line may end before its interval, not inside it."""
    text = str(escape(text))
    text = re.sub(r"(?<!\w)-(?=\d)", "−", text)
    text = re.sub(r"\[[^]]*\]", lambda m: m[0].replace(" ", "\u00a0"), text)
    text = re.sub(r"([±≤≥]) ", "\\1\u00a0", text).replace(" %", "\u00a0%")
    return Markup(re.sub(f"[{''.join(EXPONENT)}]+", _exponent_html, text))


def _exponent_html(match: re.Match) -> str:
    return f"<sup>{''.join(EXPONENT[ch] for ch in match[0])}</sup>"


def prose(text: str) -> Markup:
    """Text with formulas between dollars: these in MathML, the names around them as HTML."""
    pieces = re.split(r"\$([^$]+)\$", text)
    return Markup("").join(_inline(p) if k % 2 else _around(p) for k, p in enumerate(pieces))


def displayed(formula: str) -> Markup:
    """A LaTeX formula as a displayed MathML equation."""
    return _mathml(formula, "block")


def _around(text: str) -> Markup:
    """Text between formulas: after one a hyphen joins a word, and is no minus."""
    joined = re.match(r"-(?=[a-z]{2})", text)
    return Markup("-") + html(text[1:]) if joined else html(text)


def _inline(formula: str) -> Markup:
    """A formula in a line of text; one that a narrow page cannot hold scrolls on its own."""
    mathml = _mathml(formula, "inline")
    return Markup('<span class="long">{}</span>').format(mathml) if len(formula) > LONG else mathml


def _mathml(formula: str, display: str) -> Markup:
    """MathML with a thin space between a logarithm and its letter, and none around a slash.

    Letters get the class of a variable, which the page sets in italics: by themselves browsers take
    italic letters from a math font alone, and without one there are none.
    """
    spaced = re.sub(r"\\log (?=[a-z\\])", r"\\log\\,", formula)
    mathml = convert(spaced, display=display)
    mathml = mathml.replace(SLASH, SLASH.replace("<mo>", '<mo lspace="0" rspace="0">'))
    return Markup(re.sub(r"<mi>(&#x[0-9A-F]+;|.)</mi>", _letter, mathml))


def _letter(match: re.Match) -> str:
    letter = unescape(match[1])
    upright = not letter.isalpha() or (not letter.isascii() and letter.isupper())
    return f"<mi>{letter}</mi>" if upright else f'<mi class="variable">{letter}</mi>'


def _set(name: str, style: Style) -> str:
    for spelling, read in SPELLINGS:
        name = re.sub(spelling, read, name)
    return _pieces(name, style)


def _pieces(name: str, style: Style) -> str:
    written, end = [], 0
    for match in TOKEN.finditer(name):
        written += [style.text(name[end : match.start()]), _piece(match, style)]
        end = match.end()
    return "".join([*written, style.text(name[end:])])


def _piece(match: re.Match, style: Style) -> str:
    """One token, set; its kind is the group that closed last."""
    kind, found = match.lastgroup, match.group()
    match kind:
        case "text":
            return style.text(found)
        case "word":
            return style.text(found.replace("_", " "))
        case "letter":
            return style.variable(found)
        case "greek" | "operator" | "sign" | "primes":
            tables = {"greek": GREEK, "operator": OPERATORS, "sign": SIGNS, "primes": PRIMES}
            return style.symbol(*tables[kind][found])
        case "minus":
            return style.symbol("−", "-")
        case "dot":
            return style.symbol("·", r"\cdot ")
        case "vector":
            return style.vector("H")
        case "derivative" | "norm":
            return style.variable(found[0]) + style.raised(style.text(found[1]))
        case "number":
            return _power_of_ten(*found.split("e"), style)
        case "bracket":
            inside = _pieces(match["inner"], style)
            return style.symbol("⟨", r"\langle ") + inside + style.symbol("⟩", r"\rangle ")
        case "root":
            return style.root(_pieces(match["rooted"], style))
        case "power" | "exponent":
            return style.raised(_pieces(match[kind], style))
        case _:
            return style.lowered(_index(match[kind], style))


def _index(place: str, style: Style) -> str:
    """What stands below a letter: a name, or letters that count on their own."""
    if len(place) == 2 and place.isalpha() and place not in GREEK:
        return "".join(map(style.variable, place))
    return _pieces(place, style)


def _power_of_ten(mantissa: str, power: str, style: Style) -> str:
    factor = "" if mantissa == "1" else style.text(mantissa) + style.symbol("×", r"\times ")
    return factor + style.text("10") + style.raised(_pieces(str(int(power)), style))


def _joined(text: str) -> str:
    """LaTeX with formulas that touch, or that a space parts, made one; limits end no line early.

    A minus keeps the spaces around it, which tell that it is no sign.
    """
    text = re.sub(r"(?<!-)\$ \$(?!-)", " ", text.replace("$$", ""))
    return re.sub(" +", " ", text).replace(r"\to $ 0", r"\to 0$")


def _html_symbol(unicode: str, _latex: str) -> str:
    return f"<i>{unicode}</i>" if unicode.isalpha() and unicode.islower() else str(escape(unicode))


def _in_math(text: str) -> str:
    """LaTeX that was set as text, inside a formula."""
    return text.replace("$", "")


def _shifted(table: dict[str, str], mark: str) -> Callable[[str], str]:
    """Raised or lowered characters where Unicode has all of them, else after a mark."""

    def shifted(text: str) -> str:
        if all(ch in table for ch in text):
            return "".join(table[ch] for ch in text)
        return f"{mark}{text}" if text.replace(".", "").isalnum() else f"{mark}({text})"

    return shifted


HTML = Style(
    text=lambda text: str(escape(text)),
    variable=lambda letter: f"<i>{letter}</i>",
    symbol=_html_symbol,
    raised=lambda inside: f"<sup>{inside}</sup>",
    lowered=lambda inside: f"<sub>{inside}</sub>",
    root=lambda inside: f'√<span class="root">{inside}</span>',
    vector=lambda letter: f"<math><mover><mi>{letter}</mi><mo>→</mo></mover></math>",
)
UNICODE = Style(
    text=str,
    variable=str,
    symbol=lambda unicode, _: unicode,
    raised=_shifted(RAISED, "^"),
    lowered=_shifted(LOWERED, "_"),
    root=lambda inside: f"√{inside}" if len(inside) == 1 else f"√({inside})",
    vector=lambda letter: f"{letter}\u20d7",
)
LATEX = Style(
    text=lambda text: "".join(ESCAPES.get(ch, ch) for ch in text),
    variable=lambda letter: f"${letter}$",
    symbol=lambda _, command: f"${command}$",
    raised=lambda inside: f"$^{{{_in_math(inside)}}}$",
    lowered=lambda inside: f"$_{{{_in_math(inside)}}}$",
    root=lambda inside: rf"$\sqrt{{{_in_math(inside)}}}$",
    vector=lambda letter: rf"$\vec{{{letter}}}$",
)
