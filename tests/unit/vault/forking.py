"""Fork after the vault was used, and use it on both sides: `python -m tests.unit.vault.forking PLACE`."""

from __future__ import annotations

import os
import sys

from tests.unit.vault.counting import count
from tests.unit.vault.vault_rig import key, records_at, text_of, vault, wallet_of


def main() -> None:
    """Count in two processes that began as one."""
    with vault(records_at(sys.argv[1])) as store:
        store.put(wallet_of(), key("0"))
        child = os.fork()
        count(store, 20)
        if child == 0:
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status == 0
        found = store.get(wallet_of())
        assert found is not None
        sys.stdout.write(f"{text_of(found)} {found.version}\n")


if __name__ == "__main__":
    main()
