"""Small networks on one thread: several threads wait for each other longer than they compute."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    torch.set_num_threads(1)
