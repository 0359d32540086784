"""A PostgreSQL of one's own, for the tests that need one."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["HOW", "Cluster", "binaries"]

HOW = (
    "no PostgreSQL server here: install one (apt-get install postgresql) or put initdb and postgres on the "
    "PATH, and these tests start a private one"
)
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")


def binaries() -> Path | None:
    """Find the folder of initdb and postgres; None if there is none."""
    for place in os.environ.get("PATH", "").split(os.pathsep):
        if shutil.which("initdb", path=place) and shutil.which("postgres", path=place):
            return Path(place)
    found = (path for pattern in _PLACES for path in sorted(Path("/").glob(pattern[1:]), reverse=True))
    return next((path for path in found if (path / "initdb").exists()), None)


class Cluster:
    """A server in a temporary folder, on a free port, with a password; gone at the end of the block."""

    def __init__(self, folder: Path) -> None:
        self._binaries = folder
        self.password = secrets.token_hex(12)

    def __enter__(self) -> Self:
        # not under pytest's folder, which the server's user may not enter
        self._home = Path(tempfile.mkdtemp(prefix="polyspec-pg-"))
        self._as_user: dict[str, Any] = {"cwd": self._home}
        if os.geteuid() == 0:
            # the server refuses to be run by root
            user = next(entry for name in ("postgres", "nobody") if (entry := _user(name)))
            os.chown(self._home, user.pw_uid, user.pw_gid)
            self._as_user |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        try:
            self._start()
        except BaseException:
            shutil.rmtree(self._home, ignore_errors=True)
            raise
        return self

    def _start(self) -> None:
        secret = self._home / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        made = subprocess.run(
            [self._binaries / "initdb", "-D", self._home / "data", "-U", "polyspec", "-E", "UTF8",
             "--locale=C", "-A", "scram-sha-256", "--no-sync", f"--pwfile={secret}"],
            capture_output=True, check=False, text=True, **self._as_user,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        self._log = (self._home / "log").open("w+")
        self._server = subprocess.Popen(
            [self._binaries / "postgres", "-D", self._home / "data", "-p", str(self.port),
             "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self._home}",
             "-c", "fsync=off", "-c", "max_connections=60"],
            stdout=self._log, stderr=self._log, **self._as_user,
        )  # fmt: skip
        end = time.monotonic() + 20
        while not self._answers():
            assert self._server.poll() is None, (self._home / "log").read_text()
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.02)

    def _answers(self) -> bool:
        return "ready to accept connections" in (self._home / "log").read_text()

    @property
    def url(self) -> str:
        """Where it is, with its password."""
        return f"postgresql://polyspec:{self.password}@127.0.0.1:{self.port}/postgres"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # at once, and without being asked twice: nothing in it is worth keeping
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(20)
        self._log.close()
        shutil.rmtree(self._home, ignore_errors=True)


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
