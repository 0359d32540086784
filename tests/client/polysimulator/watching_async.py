"""What tests of streams do again and again."""

from __future__ import annotations

from typing import Any

from polyspec.core.streams.events import Event, Message, Status, StreamState

__all__ = ["live", "messages", "until"]


async def until(stream: Any, kind: type[Event], **wanted: Any) -> Any:
    """Return the next event of a kind with these attributes."""
    async for event in stream:
        if isinstance(event, kind) and all(getattr(event, name) == value for name, value in wanted.items()):
            return event
    raise AssertionError(f"the stream ended without a {kind.__name__}")


async def live(stream: Any) -> None:
    """Wait until everything asked for was told."""
    await until(stream, Status, state=StreamState.LIVE)


async def messages(stream: Any, kind: type[Any], number: int) -> list[Any]:
    """Return the next messages of a kind."""
    found: list[Any] = []
    while len(found) < number:
        native = (await until(stream, Message)).native
        if isinstance(native, kind):
            found.append(native)
    return found
