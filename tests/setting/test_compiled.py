"""The kernel cache cannot stop a run: damaged, unwritable or full, kernels are compiled anew."""

from __future__ import annotations

import importlib.util
import os

import numba
import numpy as np
import pytest
from numba.core.caching import CacheImpl, NullCache

from theory.setting import compiled
from theory.setting.compiled import KernelCacheWarning

KERNEL = """
from theory.setting.compiled import njit

@njit(cache=True, error_model="numpy")
def twice(x):
    return 2.0 * x
"""


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """A function that imports the kernel as a new process would, its cache in tmp_path/cache."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "kernel.py"
    path.write_text(KERNEL)

    def load():
        compiled._say.cache_clear()
        spec = importlib.util.spec_from_file_location("kernel", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.twice

    return load


def hits(kernel):
    return sum(kernel.stats.cache_hits.values())


def stored(tmp_path, ending):
    (path,) = (tmp_path / "cache").rglob(f"*{ending}")
    return path


def test_a_kernel_is_kept_and_taken_up(fresh, tmp_path, recwarn):
    assert fresh()(1.5) == 3.0
    kernel = fresh()
    assert kernel(1.5) == 3.0 and hits(kernel) == 1
    assert stored(tmp_path, ".nbi") and stored(tmp_path, ".nbc")
    assert not [w for w in recwarn if w.category is KernelCacheWarning]


@pytest.mark.parametrize("ending", [".nbi", ".nbc"])
@pytest.mark.parametrize("kind", ["flip", "cut", "empty", "noise"])
def test_a_damaged_cache_is_compiled_again_with_one_line(fresh, tmp_path, ending, kind):
    fresh()(1.5)
    path = stored(tmp_path, ending)
    content = bytearray(path.read_bytes())
    if kind == "flip":
        content[len(content) // 2] ^= 1
    parts = {"flip": content, "cut": content[:-9], "empty": b"", "noise": os.urandom(200)}
    path.write_bytes(parts[kind])
    kernel = fresh()
    with pytest.warns(KernelCacheWarning, match="cannot be read .*: compiled again") as said:
        assert kernel(1.5) == 3.0
    assert len(said) == 1 and hits(kernel) == 0
    # and it is whole again
    kernel = fresh()
    assert kernel(1.5) == 3.0 and hits(kernel) == 1


def test_a_full_disk_keeps_no_kernels_and_says_so(fresh, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compiled._SealedFile, "_write", full)
    kernel = fresh()
    with pytest.warns(KernelCacheWarning, match="No space left.*: kernels are not kept") as said:
        assert kernel(1.5) == 3.0 and kernel(np.float32(2)) == 4.0
    assert len(said) == 1


def test_a_cache_folder_that_cannot_be_written_is_named(fresh, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "file"))
    with pytest.warns(KernelCacheWarning, match="NUMBA_CACHE_DIR .*file cannot be written"):
        kernel = fresh()
    assert kernel(1.5) == 3.0


def test_where_no_folder_takes_them_kernels_are_compiled_in_every_process(fresh, monkeypatch):
    monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    with pytest.warns(KernelCacheWarning, match="no folder can be written"):
        kernel = fresh()
    assert kernel(1.5) == 3.0 and isinstance(kernel._cache, NullCache)


def test_every_cached_kernel_of_the_project_is_one_of_these():
    from simulations.attention.engines import dense_kernels, sparse_kernels
    from theory.pde import kernels

    for module in (dense_kernels, sparse_kernels, kernels):
        found = [
            v for v in vars(module).values() if isinstance(v, numba.core.dispatcher.Dispatcher)
        ]
        # what is inlined into others is kept with them
        kept = [v for v in found if not isinstance(v._cache, numba.core.caching.NullCache)]
        assert kept
        for kernel in kept:
            assert isinstance(kernel._cache, compiled._SealedCache), kernel
