"""Sandboxes and callers for the tests of the US exchange."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from polyspec.sandbox import Sandbox
from polyspec.sandbox.us.issuer import new_key, private_pem

sys.path.insert(0, str(Path(__file__).parent))

from us_door import Door


@pytest.fixture(scope="session")
def private_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key made once, because making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("key") / "private_key.pem"
    path.write_bytes(private_pem(new_key()))
    path.chmod(0o600)
    return path


@pytest.fixture
def sandbox(private_key: Path) -> Iterator[Sandbox]:
    """A quiet sandbox in process, without rate limits."""
    with Sandbox(quiet=True, port=False, rate_limits=False, private_key=private_key) as running:
        yield running


@pytest.fixture
def door(sandbox: Sandbox) -> Iterator[Door]:
    """The seeded partner, acting for the first trader."""
    opened = Door(sandbox)
    yield opened
    opened.close()


@pytest.fixture
def other(door: Door) -> Iterator[Door]:
    """The same partner, acting for the second trader."""
    opened = door.acting_for(door.world.counterparty.name)
    yield opened
    opened.close()
