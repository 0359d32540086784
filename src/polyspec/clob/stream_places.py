"""Where the websockets of a CLOB are."""

from __future__ import annotations

from typing import Final

from polyspec.clob.config import HOST, ClobSettings

__all__ = ["STREAMS", "stream_address"]

STREAMS: Final = "wss://ws-subscriptions-clob.polymarket.com/ws"


def stream_address(host: str, settings: ClobSettings) -> str:
    """Return where the channels of a host are: its own place, unless it is the venue's or was named."""
    if settings.streams is not None:
        return settings.streams
    return STREAMS if host == HOST else f"ws{host.removeprefix('http')}/ws"
