"""Count a credential up, as one of several processes: `python -m tests.unit.vault.counting PLACE TIMES`."""

from __future__ import annotations

import sys

from polyspec.errors import VersionConflict
from polyspec.vault import Vault
from tests.unit.vault.vault_rig import key, records_at, text_of, vault, wallet_of


def count(store: Vault, times: int) -> None:
    """Add one, so often; whoever was quicker is read again."""
    for _ in range(times):
        while True:
            stored = store.get(wallet_of())
            assert stored is not None
            try:
                store.put(wallet_of(), key(str(int(text_of(stored)) + 1)), stored.version)
            except VersionConflict:
                continue
            break


def main() -> None:
    """Store the first version, or find it stored, and count on."""
    place, times = sys.argv[1:]
    with vault(records_at(place)) as store:
        try:
            store.put(wallet_of(), key("0"))
        except VersionConflict:
            sys.stdout.write("lost ")
        else:
            sys.stdout.write("won ")
        count(store, int(times))
        sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
