"""The pages of `make docs`: Sphinx with MyST, every warning an error, nothing from the network."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_extensions")]

project = "Attention as a physical process"
author = copyright = ""
html_title = project

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "plain_docstrings",
    "mathml",
    "claim_pages",
    "api_pages",
    "inside_links",
]
source_suffix = {".md": "markdown"}
# the gallery is for reading on its own: its pictures are on the pages of their claims
exclude_patterns = ["_build", "_extensions", "figures/README.md"]

myst_enable_extensions = ["deflist", "dollarmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
add_module_names = False

html_theme = "furo"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_show_sphinx = html_show_copyright = html_copy_source = False
pygments_style = "tango"
