"""The suite under one import name, where it is installed instead of run from its folder.

Its own packages are called theory, simulations and figures. An installation keeps them inside this
one, so that they are no top-level names of anybody's site-packages; `add_to_path` makes them
importable in a program that asks for it, as the console script does.
"""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
# a wheel holds the packages in this folder, an editable installation and a clone beside it
ROOT = _HERE if (_HERE / "simulations").is_dir() else _HERE.parent
PACKAGES = ("theory", "simulations", "figures")


def add_to_path() -> Path:
    """Make theory, simulations and figures importable in this process; returns their folder.

    Raises ImportError where a package of one of these names is already imported from elsewhere: two
    of one name cannot be told apart.
    """
    for name in PACKAGES:
        found = getattr(sys.modules.get(name), "__file__", None)
        if name in sys.modules and (found is None or ROOT not in Path(found).resolve().parents):
            raise ImportError(f"{name}: already imported from {found}, expected it from {ROOT}")
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return ROOT
