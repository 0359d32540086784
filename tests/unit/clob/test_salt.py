"""No two orders get the same salt: not from threads, not after a fork."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from polyspec.clob import salt
from polyspec.clob.salt import MAX_SALT, new_salt


def test_salts_have_53_random_bits() -> None:
    """Salts are spread over all 53 bits, and none comes twice."""
    found = [new_salt() for _ in range(4000)]
    assert len(set(found)) == len(found)
    assert all(0 <= each <= MAX_SALT for each in found)
    for bit in range(53):
        # of 4000 fair coins fewer than 1600 heads come up once in 10**36 times
        assert 1600 < sum(each >> bit & 1 for each in found) < 2400


def test_threads_get_different_salts() -> None:
    """Threads that take salts at once share none."""
    found: list[list[int]] = [[] for _ in range(8)]
    start = threading.Barrier(8)

    def take(mine: list[int]) -> None:
        start.wait()
        mine.extend(new_salt() for _ in range(3000))

    threads = [threading.Thread(target=take, args=(mine,)) for mine in found]
    before, _ = sys.getswitchinterval(), sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert len({each for mine in found for each in mine}) == 24_000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_forked_processes_get_different_salts() -> None:
    """A child does not go on with the salts its parent has in store."""
    code = (
        "import os\n"
        "from polyspec.clob.salt import new_salt\n"
        "new_salt()\n"
        "reader, writer = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    os.write(writer, ' '.join(str(new_salt()) for _ in range(200)).encode())\n"
        "    os._exit(0)\n"
        "print(os.read(reader, 65536).decode())\n"
        "os.wait()\n"
        "print(*(new_salt() for _ in range(200)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    child, parent = (set(line.split()) for line in done.stdout.splitlines())
    assert len(child) == len(parent) == 200
    assert not child & parent


def test_one_call_to_the_system_makes_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Randomness is asked for in batches: one system call for hundreds of orders."""
    asked: list[int] = []
    real = os.urandom
    monkeypatch.setattr(salt.os, "urandom", lambda size: (asked.append(size), real(size))[1])
    salt._pool.clear()
    for _ in range(256):
        new_salt()
    assert asked == [2048]
