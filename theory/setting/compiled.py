"""numba.njit whose cache on disk cannot stop a run: what is broken in it is compiled anew.

Kernels are kept between processes to save the seconds that compiling takes, and for nothing else.
So a cache that cannot be read or written is left aside, with a line that says so, and what it holds
is run only if it has the SHA-256 that it was written with: a flipped bit in machine code would be a
wrong number or a crash.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import pickle
import warnings
from functools import cache, partial
from pathlib import Path

import numba
from numba.core import config
from numba.core.caching import (
    FunctionCache,
    IndexDataCacheFile,
    NullCache,
    UserProvidedCacheLocator,
)
from numba.core.dispatcher import Dispatcher

SEAL_BYTES = hashlib.sha256().digest_size


class KernelCacheWarning(UserWarning):
    """Compiled kernels cannot be kept, or those that were kept cannot be used."""


def njit(function=None, *, cache: bool = False, **options):
    """numba.njit; with cache=True the kernel is kept on disk where that is possible."""
    if function is None:
        return partial(njit, cache=cache, **options)
    kernel = numba.njit(**options)(function)
    # with NUMBA_DISABLE_JIT there is nothing to keep
    if cache and isinstance(kernel, Dispatcher):
        kernel._cache = _kept(function)
    return kernel


def _kept(function):
    """The cache of a kernel, or none where no folder takes it."""
    try:
        kept = _SealedCache(function)
    except (RuntimeError, OSError) as error:
        _say(f"no folder can be written ({_reason(error)}): kernels are compiled in every process")
        return NullCache()
    if config.CACHE_DIR and not isinstance(kept._impl.locator, UserProvidedCacheLocator):
        where = Path(kept.cache_path).name
        _say(f"NUMBA_CACHE_DIR {config.CACHE_DIR} cannot be written: kept in {where} instead")
    return kept


class _SealedCache(FunctionCache):
    """Numba's cache of a function, which answers "not there" where it would raise."""

    def __init__(self, function):
        super().__init__(function)
        self._cache_file = _SealedFile(
            cache_path=self._cache_path,
            filename_base=f"{self._impl.filename_base}.sealed",
            source_stamp=self._impl.locator.get_source_stamp(),
        )

    def load_overload(self, sig, target_context):
        try:
            return super().load_overload(sig, target_context)
        except Exception as error:
            _say(f"{self.cache_path} cannot be read ({_reason(error)}): compiled again")
            # an index that cannot be read would also stop what is compiled now from being kept
            with contextlib.suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig, data):
        try:
            super().save_overload(sig, data)
        except Exception as error:
            _say(f"{self.cache_path} cannot be written ({_reason(error)}): kernels are not kept")
            self.disable()


class _SealedFile(IndexDataCacheFile):
    """The two kinds of files of a cache, each with the SHA-256 of its content in front."""

    def _load_index(self):
        try:
            stream = io.BytesIO(_unsealed(Path(self._index_path)))
        except FileNotFoundError:
            return {}
        # another version of Numba: the rest may not even be readable
        if pickle.load(stream) != self._version:
            return {}
        stamp, overloads = pickle.load(stream)
        return overloads if stamp == self._source_stamp else {}

    def _save_index(self, overloads):
        version = pickle.dumps(self._version, protocol=-1)
        self._write(self._index_path, version + self._dump((self._source_stamp, overloads)))

    def _load_data(self, name):
        return pickle.loads(_unsealed(Path(self._data_path(name))))

    def _save_data(self, name, data):
        self._write(self._data_path(name), self._dump(data))

    def _write(self, path, content):
        with self._open_for_write(path) as handle:
            handle.write(hashlib.sha256(content).digest() + content)


def _unsealed(path: Path) -> bytes:
    """The content of a sealed file; raises ValueError unless it is what was written."""
    stored = path.read_bytes()
    seal, content = stored[:SEAL_BYTES], stored[SEAL_BYTES:]
    if hashlib.sha256(content).digest() != seal:
        raise ValueError("a file is not as it was written")
    return content


def _reason(error):
    return getattr(error, "strerror", None) or " ".join(str(error).split())[:120]


@cache
def _say(text):
    # the words name no kernel, and the same words are said once
    warnings.warn(f"kernel cache: {text}", KernelCacheWarning, stacklevel=2)
