"""A world and its sockets, without the rest of the venue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fakefeed import RAIN, FakeFeed
from starlette.applications import Starlette

from polyspec.sandbox.polysimulator.options import PolySimOptions
from polyspec.sandbox.polysimulator.seeds import raw_key
from polyspec.sandbox.polysimulator.streams import Fill
from polyspec.sandbox.polysimulator.websockets import Sockets
from polyspec.sandbox.polysimulator.world import PolySimWorld

UP, DOWN = FakeFeed().market(RAIN).token_ids  # type: ignore[union-attr]


class Hall:
    """A world, its sockets, and a user with a key."""

    def __init__(self, **options: Any) -> None:
        self.feed = FakeFeed()
        self.world = PolySimWorld(PolySimOptions(**options), self.feed)
        self.app = Starlette(routes=Sockets(self.world).routes())
        self.key = raw_key(self.world.seed, "api_key")
        known = self.world.keys.find(self.key)
        assert known is not None
        self.user_id = known.user_id
        self.key_id = known.id

    def token(self, name: str = "api_key") -> str:
        """Mint a token with a seeded key."""
        known = self.world.keys.find(raw_key(self.world.seed, name))
        assert known is not None
        return self.world.tokens.websocket(known.user_id, known.id)

    def run(self, conversation: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Hold a conversation."""
        asyncio.run(conversation())

    def tick(self) -> None:
        """Let the changes of the feed reach the hub."""
        with self.world.lock:
            self.world.jobs.run_due()

    def fill(self, user_id: int | None = None, order_id: int = 7) -> None:
        """Tell the hub of a fill."""
        self.world.hub.filled(
            Fill(
                user_id=self.user_id if user_id is None else user_id,
                order_id=order_id,
                condition_id=RAIN,
                token_id=UP,
                side="BUY",
                outcome="Yes",
                price=410_000,
                quantity=120_000,
                at_ns=1_790_000_000_000_000_000,
                resting=True,
            )
        )
