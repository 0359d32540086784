"""Files that nobody else on this machine can read, changed whole or not at all.

Everything is done relative to the open directory: what was checked is what is used, whatever happens to the
path meanwhile. Modes are refused, never widened or narrowed behind the owner's back.
"""

from __future__ import annotations

import errno
import os
import secrets
import shlex
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from polyspec.errors import ConfigError, VaultUnavailable

try:
    import fcntl
except ModuleNotFoundError:  # pragma: no cover - there are no such locks on Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["PrivateDirectory", "claim"]

_FLAGS: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
# opened without blocking: a pipe in this place would hang the program
_READ: Final = os.O_RDONLY | _FLAGS | getattr(os, "O_NONBLOCK", 0)
_NEW: Final = os.O_CREAT | os.O_EXCL | _FLAGS
_PAUSES: Final = (0.001, 0.002, 0.005, 0.01, 0.02)


class PrivateDirectory:
    """An open directory of the user's own, closed at the end of the block.

    Opening raises FileNotFoundError if it is not there and shall not be made, ConfigError if it is open to
    others, belongs to another user or is a symbolic link, and VaultUnavailable if it cannot be used.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        if fcntl is None:  # pragma: no cover
            raise ConfigError("private files need a POSIX system")
        self._path = path
        self._create = create

    def __enter__(self) -> PrivateDirectory:
        try:
            if self._create:
                self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not self._create:
                raise
            raise _refused(self._path, error, "the directory") from None
        try:
            _check_owner(os.fstat(self._handle), self._path, "700")
        except ConfigError:
            os.close(self._handle)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def read(self, name: str, largest: int) -> bytes | None:
        """Read a file; None if there is none. Raises ConfigError for one that is not private."""
        try:
            handle = os.open(name, _READ, dir_fd=self._handle)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _refused(self._path / name, error, "the file") from None
        try:
            found = os.fstat(handle)
            self._check_file(found, name)
            if found.st_size > largest:
                raise ConfigError(f"{self._path / name} has more than {largest} bytes")
            with os.fdopen(os.dup(handle), "rb") as file:
                return file.read(largest)
        except OSError as error:
            raise _refused(self._path / name, error, "the file") from None
        finally:
            os.close(handle)

    def make(self, name: str, content: bytes) -> bool:
        """Write a file unless there is something of that name; tell whether it was written."""
        if self._there(name):
            return False
        fresh = self._fresh(name, content)
        try:
            # unlike a rename, this does not replace what somebody else made meanwhile
            os.link(fresh, name, src_dir_fd=self._handle, dst_dir_fd=self._handle, follow_symlinks=False)
        except FileExistsError:
            return False
        except OSError as error:
            raise _refused(self._path / name, error, "the file") from None
        finally:
            self._remove(fresh)
        self._settle(name)
        return True

    def write(self, name: str, content: bytes) -> None:
        """Replace a file: whoever reads it finds the old content or the new one, also after a crash.

        Raises VaultUnavailable with the old file intact; `maybe_executed` tells if the new one is in place
        but may not be on the disk yet.
        """
        self._there(name)
        fresh = self._fresh(name, content)
        try:
            os.rename(fresh, name, src_dir_fd=self._handle, dst_dir_fd=self._handle)
        except OSError as error:
            self._remove(fresh)
            raise _refused(self._path / name, error, "the file") from None
        self._settle(name)

    def sweep(self, name: str) -> None:
        """Remove what killed processes left behind; for whoever holds the lock."""
        for found in os.listdir(self._handle):  # noqa: PTH208 - of the directory that was checked
            if found.startswith(f".{name}.") and found.endswith(".new"):
                self._remove(found)

    @contextmanager
    def locked(self, name: str, patience: float) -> Iterator[None]:
        """Keep out all others that ask for the same lock, in this process too.

        The system takes it from a process that dies. Raises VaultUnavailable after `patience` seconds.
        """
        try:
            handle = os.open(f"{name}.lock", os.O_RDWR | os.O_CREAT | _FLAGS, 0o600, dir_fd=self._handle)
        except OSError as error:
            raise _refused(self._path / f"{name}.lock", error, "the lock") from None
        try:
            self._check_file(os.fstat(handle), f"{name}.lock")
            _acquire(handle, patience, self._path / name)
            yield
        finally:
            os.close(handle)

    def _there(self, name: str) -> bool:
        """Tell whether there is such a file; raises ConfigError if it is not one of ours."""
        try:
            found = os.stat(name, dir_fd=self._handle, follow_symlinks=False)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _refused(self._path / name, error, "the file") from None
        self._check_file(found, name)
        return True

    def _check_file(self, found: os.stat_result, name: str) -> None:
        if stat.S_ISLNK(found.st_mode):
            raise ConfigError(f"{self._path / name} is a symbolic link: name the file itself")
        if not stat.S_ISREG(found.st_mode):
            raise ConfigError(f"{self._path / name} is no file")
        _check_owner(found, self._path / name, "600")

    def _fresh(self, name: str, content: bytes) -> str:
        """Write a file beside the one it shall become, and read it back from what was written."""
        fresh = f".{name}.{secrets.token_hex(8)}.new"
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | _NEW, 0o600, dir_fd=self._handle), "wb") as file:
                # whatever the umask took away: the next one to read it is us
                os.fchmod(file.fileno(), 0o600)
                file.write(content)
                file.flush()
                # a rename may reach the disk before what it renames
                os.fsync(file.fileno())
            with os.fdopen(os.open(fresh, _READ, dir_fd=self._handle), "rb") as file:
                intact = file.read() == content
        except OSError as error:
            self._remove(fresh)
            raise _refused(self._path / name, error, "the file") from None
        if not intact:
            self._remove(fresh)
            raise VaultUnavailable(f"{self._path / name}: what was written is not what is read back")
        return fresh

    def _settle(self, name: str) -> None:
        try:
            os.fsync(self._handle)
        except OSError as error:
            late = VaultUnavailable(
                f"{self._path / name} is written, but may not outlive a power cut ({error.strerror})"
            )
            late.maybe_executed = True
            raise late from None

    def _remove(self, name: str) -> None:
        with suppress(OSError):
            os.unlink(name, dir_fd=self._handle)


def claim(path: Path) -> None:
    """Make sure that there is a private file for another library to open, in a private directory."""
    with PrivateDirectory(path.parent, create=True) as directory:
        if not directory._there(path.name):  # noqa: SLF001 - of this module
            directory.make(path.name, b"")


def _acquire(handle: int, patience: float, path: Path) -> None:
    assert fcntl is not None
    until = time.monotonic() + patience
    for attempt in range(1_000_000):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise VaultUnavailable(
                    f"{path} has been locked by another process for {patience:g} s"
                ) from None
            time.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
        except OSError as error:
            raise _refused(path, error, "the lock") from None
        else:
            return


def _check_owner(found: os.stat_result, path: Path, wanted: str) -> None:
    if found.st_uid != os.geteuid():
        raise ConfigError(f"{path} belongs to another user (uid {found.st_uid}): it is not used")
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise ConfigError(
            f"{path} is open to other users of this machine (mode {mode:04o}); "
            f"run: chmod {wanted} {shlex.quote(str(path))}"
        )


def _refused(path: Path, error: OSError, what: str) -> ConfigError | VaultUnavailable:
    if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
        return ConfigError(
            f"{path} or what it is in is a symbolic link, or no directory: name the place itself"
        )
    return VaultUnavailable(
        f"{path}: {what} cannot be used ({error.strerror}); what was there before is intact"
    )
