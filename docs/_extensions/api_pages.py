"""docs/api: a page a package, from the docstrings of its modules."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from generated import write_pages

# packages in the order of the page of contents, and whether their folders are followed
PACKAGES = {
    "simulations.attention": True,
    "simulations.tokens": True,
    "simulations.dynamics": True,
    "simulations.observables": True,
    "simulations.statistics": True,
    "simulations.verdict": False,
    "simulations.store": True,
    "simulations.classical": True,
    "simulations.heads": True,
    "theory.setting": True,
    "theory.claims": None,
    "theory.predictions": None,
    "theory.pde": True,
    "theory": False,
}
# compiled inner loops: their callers are what is for users
INNER = ("_kernels", ".kernels")


def modules(package: str, follow: bool | None) -> list[str]:
    """Names of the modules of a package, in folders below it if `follow`; none if it is None."""
    if follow is None:
        return []
    found = importlib.import_module(package)
    prefix = f"{package}."
    if follow:
        listed = [m.name for m in pkgutil.walk_packages(found.__path__, prefix)]
    else:
        listed = [m.name for m in pkgutil.iter_modules(found.__path__, prefix) if not m.ispkg]
    return sorted(name for name in listed if not name.endswith(INNER))


def page(package: str, follow: bool | None) -> str:
    """A package as MyST: its own docstring, then each module with its public members."""
    lines = [f"# {package}", "", *_module(package, members=follow is None)]
    for name in modules(package, follow):
        lines += [f"## {name}", "", *_module(name)]
    return "\n".join(lines)


def _module(name: str, members: bool = True) -> list[str]:
    options = [] if members else [":no-members:"]
    return ["```{eval-rst}", f".. automodule:: {name}", *(f"   {o}" for o in options), "```", ""]


def contents() -> str:
    """The page that lists the packages with the first line of each docstring."""
    lines = ["# Interfaces", "", "From the docstrings of the sources.", ""]
    for name in PACKAGES:
        first = importlib.import_module(name).__doc__.strip().split("\n\n")[0]
        said = " ".join(first.split()).replace("`", "").replace("*", r"\*")
        lines.append(f"* [`{name}`]({name}.md): {said}")
    lines += ["", "```{toctree}", ":hidden:", "", *PACKAGES, "```", ""]
    return "\n".join(lines)


def setup(app):
    def write(app):
        pages = {name: page(name, follow) for name, follow in PACKAGES.items()}
        write_pages(Path(app.srcdir) / "api", {"index": contents(), **pages})

    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
