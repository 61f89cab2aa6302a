"""Compiled kernels on disk, one file each, trusted only where nobody else could have written them.

What else is worth keeping beside them is read and written in the same way, as whole files by name.
A file is: magic, the length of the key and the key itself, the SHA-256 of the object, the object. The key holds
the digest of the final LLVM text, the compiler's version and options, and the CPU's name and features, so a file
from another machine or version is never loaded. Files appear by an atomic rename under a random name. Whatever
goes wrong with the disk, the kernel in memory is used and the program goes on.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"tilewise-kernel-1\n"
# Above this the oldest kernels are removed, down to three quarters of it; one write in so many looks, whichever.
_MOST_BYTES, _WRITES = 512 << 20, 256
# A file that was never finished belongs to nobody after so many seconds.
_ABANDONED = 24 * 3600


def cache_directory() -> Path:
    """$TILEWISE_CACHE_DIR, or tilewise under the user's cache directory."""
    return _directory(*(os.environ.get(name, "") for name in ("TILEWISE_CACHE_DIR", "XDG_CACHE_HOME", "HOME")))


@functools.lru_cache(maxsize=8)
def _directory(chosen: str, base: str, _home: str) -> Path:
    """By what the environment says; where it names nothing, home is also the user database's to know."""
    if chosen:
        return Path(chosen)
    return (Path(base) if base else Path.home() / ".cache") / "tilewise"


@dataclass(frozen=True)
class CacheState:
    """What `tilewise cache info` prints."""

    directory: str
    kernels: int
    bytes: int
    usable: bool
    reason: str


class DiskCache:
    """The cache in one directory. No method raises on account of the disk."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.reason = self._prepare()

    @property
    def usable(self) -> bool:
        """Whether kernels are read from and written to this directory."""
        return not self.reason

    def _prepare(self) -> str:
        """Make the directory; the reason why it can't be used, or ''."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = self.directory.stat()
        except OSError as error:
            return f"it cannot be made: {error.strerror or error}"
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            return f"it belongs to another user (uid {status.st_uid})"
        if stat.S_IMODE(status.st_mode) & 0o022:
            return "others may write to it; `chmod go-w` it"
        if not os.access(self.directory, os.R_OK | os.W_OK | os.X_OK):
            return "it is not writable"
        return ""

    def read(self, key: str) -> bytes | None:
        """The object stored under a key; None where there is none or the file is damaged."""
        data = self.read_file(_name(key))
        return None if data is None else _unwrap(data, key)

    def write(self, key: str, code: bytes) -> None:
        """Store an object, atomically; where there are too many, the oldest go."""
        self.write_file(_name(key), _wrap(code, key))
        if uuid.uuid4().int % _WRITES == 0:
            self._trim()

    def read_file(self, name: str) -> bytes | None:
        """A whole file of the directory; None where there is none or somebody else wrote it."""
        if not self.usable:
            return None
        try:
            with open(self.directory / name, "rb") as file:
                if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
                    return None
                return file.read()
        except OSError:
            return None

    def write_file(self, name: str, data: bytes) -> str:
        """Put a file into the directory, atomically; the reason why that failed, or ''."""
        if not self.usable:
            return self.reason
        temporary = self.directory / f".{uuid.uuid4().hex}.tmp"
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            os.replace(temporary, self.directory / name)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            return f"it cannot be written: {error.strerror or error}"
        return ""

    def remove_file(self, name: str) -> None:
        """Remove a file of the directory, if it is there."""
        with contextlib.suppress(OSError):
            (self.directory / name).unlink()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within the block no other process is in such a block of this directory, where the file system can promise it.

        For files that are read, changed and written: each file by itself appears at once or not at all.
        """
        descriptor = -1
        try:
            import fcntl

            descriptor = os.open(self.directory, os.O_RDONLY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except (ImportError, OSError):
            pass  # the last one to write wins
        try:
            yield
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def state(self) -> CacheState:
        """How many kernels it holds and how large they are."""
        sizes = []
        for path in self._files():
            with contextlib.suppress(OSError):
                sizes.append(path.stat().st_size)
        return CacheState(str(self.directory), len(sizes), sum(sizes), self.usable, self.reason)

    def clear(self) -> int:
        """Remove every kernel; returns how many."""
        removed = 0
        for path in self._files():
            with contextlib.suppress(OSError):
                path.unlink()
                removed += 1
        return removed

    def _trim(self) -> None:
        """Remove the kernels written first where all take too much, and what was never finished.

        A kernel that is removed too early is compiled again, and then is one of the newest.
        """
        if not self.usable:
            return
        for path in self._files("*.tmp"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED:
                    path.unlink()
        found = []
        for path in self._files():
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in found)
        if total <= _MOST_BYTES:
            return
        for _, size, path in sorted(found):
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size
            if total <= _MOST_BYTES * 3 // 4:
                break

    def _files(self, pattern: str = "*.tilewise") -> list[Path]:
        try:
            return sorted(self.directory.glob(pattern))
        except OSError:
            return []

    def _path(self, key: str) -> Path:
        return self.directory / _name(key)


def _name(key: str) -> str:
    return f"{hashlib.sha256(key.encode()).hexdigest()}.tilewise"


def _wrap(code: bytes, key: str) -> bytes:
    name = key.encode()
    return b"".join([_MAGIC, len(name).to_bytes(4, "little"), name, hashlib.sha256(code).digest(), code])


def _unwrap(data: bytes, key: str) -> bytes | None:
    name = key.encode()
    head = _MAGIC + len(name).to_bytes(4, "little") + name
    code = data[len(head) + 32 :]
    if not data.startswith(head) or hashlib.sha256(code).digest() != data[len(head) : len(head) + 32]:
        return None
    return code


def disk_cache() -> DiskCache:
    """The cache in force now."""
    return _disk_cache(cache_directory())


@functools.lru_cache(maxsize=8)
def _disk_cache(directory: Path) -> DiskCache:
    return DiskCache(directory)
