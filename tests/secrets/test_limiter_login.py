"""The password of a Redis is nowhere but where it is sent from."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from polyspec.core.secret import Secret
from polyspec.core.tally import Ticket
from polyspec.limits import _opened
from polyspec.limits.backend import BackendDown
from tests.faults.ears import Ears

redis_backend = pytest.importorskip("polyspec.limits.redis_backend", reason="needs polyspec[redis]")

PASSWORD = "canary-pass:word/of@redis"
QUOTED = "canary-pass%3Aword%2Fof%40redis"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Run a Redis that asks for a password, on a socket of its own."""
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server here; install one (apt-get install redis-server) to run these")
    place = tmp_path_factory.mktemp("redis")
    path = place / "socket"
    options = ["--port", "0", "--unixsocket", path, "--requirepass", PASSWORD, "--save", "", "--dir", place]
    with subprocess.Popen(["redis-server", *map(str, options)], stdout=subprocess.DEVNULL) as process:
        latest = time.monotonic() + 5
        while not path.exists():
            assert time.monotonic() < latest
            time.sleep(0.01)
        yield path
        process.kill()


@pytest.mark.parametrize(
    "url",
    [
        "unix://:{}@{}",
        "unix://default:{}@{}?db=1",
        "unix://{1}?password={0}",
        "unix://{1}?db=0&username=default&password={0}&egress=somewhere",
    ],
)
def test_the_password_is_sent_and_not_held(url: str, path: Path) -> None:
    """However the address has it, limits log in with it; the library has none to show, as some would."""
    backend = _opened(Secret(url.format(QUOTED, path)))
    assert isinstance(backend, redis_backend.RedisBackend)
    assert backend.reserve(Ticket((), ()), 0.0, None)
    pool = backend._client.connection_pool
    assert "canary" not in f"{backend._client!r} {pool!r} {pool.connection_kwargs}"
    backend.close()


def test_a_refused_password_is_in_no_frame(path: Path) -> None:
    """What is raised when the password is refused does not have it, nor do the frames it came through."""
    backend = redis_backend.RedisBackend(f"unix://:canary-wrong@{path}")
    with Ears() as ears:
        with pytest.raises(BackendDown, match="password") as caught:
            backend.reserve(Ticket((), ()), 0.0, None)
        ears.error(caught.value)
    backend.close()
    assert "RedisBackend" in ears.text.getvalue() or "limits in Redis" in ears.text.getvalue()
    assert "canary" not in ears.text.getvalue()
