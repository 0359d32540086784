"""Savers killed in the middle of it leave the old credential or the new one, never neither."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random  # noqa: TID251 - seeded, and guards nothing

import pytest

from polyspec.errors import DamagedRecord
from polyspec.vault import FileRecords
from tests.unit.vault.saving import PADDING, Savers, kill
from tests.unit.vault.vault_rig import key, records_at, text_of, vault, wallet_of

# 200 for the number that is promised; as many find a mistake on most days
KILLS = int(os.environ.get("POLYSPEC_VAULT_KILLS", "25"))


@pytest.fixture(scope="module")
def savers() -> Iterator[Savers]:
    """Import the vault once, for all processes."""
    with Savers() as savers:
        yield savers


@pytest.mark.parametrize("name", ["vault", "vault.db"])
def test_a_killed_save_leaves_the_old_or_the_new(name: str, savers: Savers, tmp_path: Path) -> None:
    """After each kill the vault opens, with everything acknowledged, and at most one version more."""
    place, acks = str(tmp_path / "own" / name), tmp_path / "acks"
    random = Random(7)
    acknowledged = unheard = 0
    for _ in range(KILLS):
        acks.write_bytes(b"")
        child = savers.start(place, acks)
        end = time.monotonic() + 10
        while not acks.stat().st_size:
            assert time.monotonic() < end, "the saver stored nothing"
        time.sleep(random.random() * 0.02)
        kill(child)
        acknowledged += acks.stat().st_size
        with vault(records_at(place)) as store:
            found = store.get(wallet_of())
        assert found is not None
        assert text_of(found) == f"{found.version}{PADDING}"
        # the version counts the saves of all lives: those heard of, and those that took effect unheard
        assert found.version - acknowledged in (unheard, unheard + 1)
        unheard = found.version - acknowledged
    assert acknowledged >= KILLS


def test_what_a_killed_save_leaves_is_swept(savers: Savers, tmp_path: Path) -> None:
    """Half-written files do not pile up: the next save removes them."""
    place, acks = tmp_path / "own" / "vault", tmp_path / "acks"
    left = 0
    for number in range(20):
        acks.write_bytes(b"")
        child = savers.start(str(place), acks)
        while not acks.stat().st_size:
            pass
        time.sleep(number * 0.0003)
        kill(child)
        left += sum(path.suffix == ".new" for path in place.parent.iterdir())
    assert left > 0
    with vault(records_at(str(place))) as store:
        store.put(wallet_of("bob"), key())
    assert sorted(path.name for path in place.parent.iterdir()) == ["vault", "vault.lock"]


def test_a_careless_save_is_noticed(savers: Savers, tmp_path: Path) -> None:
    """The control: a file written over in place does not survive this."""
    ruined = 0
    for number in range(25):
        place, acks = tmp_path / str(number) / "vault.careless", tmp_path / f"acks-{number}"
        acks.write_bytes(b"")
        child = savers.start(str(place), acks)
        while not acks.stat().st_size:
            time.sleep(0.0005)
        time.sleep(0.001 * number)
        kill(child)
        try:
            vault(FileRecords(place)).get(wallet_of())
        except DamagedRecord:
            ruined += 1
    assert ruined > 0
