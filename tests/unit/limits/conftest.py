"""Places where processes share limits: a file, and a private Redis server if this machine has one."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

__all__ = ["RedisServer"]


class RedisServer:
    """A server of our own on a free port, without anything on the disk."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with nothing in it, and wait until it answers."""
        options = f"--port {self.port} --bind 127.0.0.1 --save '' --appendonly no --dir {self._directory}"
        self._process = subprocess.Popen(
            ["redis-server", *options.replace("''", "").split(" ")], stdout=subprocess.DEVNULL
        )
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.01)
            else:
                return
        raise AssertionError("redis-server does not start")

    def kill(self) -> None:
        """Kill it where it stands."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Run a Redis server."""
    pytest.importorskip("redis", reason="not installed; run: pip install 'polyspec[redis]'")
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server here; install one (apt-get install redis-server) to run these")
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=["sqlite", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a place that is empty."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/shared/limits"
    server: RedisServer = request.getfixturevalue("server")
    import redis

    with redis.Redis.from_url(server.url) as client:
        client.flushall()
    return server.url
