"""The pages need Sphinx, and their examples sybil: where these are missing nothing here runs."""

from __future__ import annotations

import sys

import pytest

from simulations.store.sources import ROOT

for library in ("sphinx", "myst_parser", "furo", "sybil"):
    pytest.importorskip(library)

sys.path.insert(0, str(ROOT / "docs" / "_extensions"))
