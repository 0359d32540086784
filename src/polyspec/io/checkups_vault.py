"""What is looked at where credentials come from a vault: what it has of them, and whether they are in use."""

from __future__ import annotations

from typing import Any

from polyspec.core.checkup import Check, Found
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.findings import error, info, ok, said
from polyspec.core.sending import Session

__all__ = ["filed", "vaulted"]


def filed(session: Session) -> Flow[Any]:
    """Return the credentials that a vault has for this session; None without a vault, or if it has none."""
    keeper: Any = getattr(session, "keeper", None)
    yield Now()
    if keeper is None:
        return None
    if keeper.held is None:
        yield from keeper.adopt()
    return None if keeper.held is None else keeper.held.creds


def vaulted(session: Session) -> list[Check]:
    """Return what to look at in the vault of a session; nothing if it has none."""
    keeper: Any = getattr(session, "keeper", None)

    def look(found: Found) -> Flow[None]:
        yield from keeper.adopt()
        now: Instant = yield Now()
        if keeper.held is None:
            found.append(
                info(
                    "vault.empty",
                    "the vault has no such credentials of this user yet",
                    "the first request that needs them gets them",
                )
            )
        else:
            version: int = keeper.version
            found.append(ok("vault.ok", f"version {version} from the vault is in use", version=version))
        until: float | None = keeper.circuit.until
        if until is not None and now.monotonic < until:
            why = said(keeper.circuit.error(now.monotonic, keeper.id))
            found.append(
                error(
                    "vault.given_up",
                    f"nothing is sent for this user: {why}",
                    "put right what other findings name, then revive() the user or store other credentials",
                )
            )

    return [] if keeper is None else [Check("vault", look)]
