"""Where the websockets of a CLOB are."""

from __future__ import annotations

from typing import Final

from polyspec.clob.config import HOST, ClobSettings

__all__ = ["LIVE", "SPORTS", "STREAMS", "channel_address", "stream_address"]

STREAMS: Final = "wss://ws-subscriptions-clob.polymarket.com/ws"
SPORTS: Final = "wss://sports-api.polymarket.com/ws"
LIVE: Final = "wss://ws-live-data.polymarket.com"


def stream_address(host: str, settings: ClobSettings) -> str:
    """Return where the channels of a host are: its own place, unless it is the venue's or was named."""
    if settings.streams is not None:
        return settings.streams
    return STREAMS if host == HOST else f"ws{host.removeprefix('http')}/ws"


def channel_address(host: str, settings: ClobSettings, channel: str) -> str:
    """Return where one channel is; games and live data of the venue have hosts of their own."""
    named = {"sports": settings.sports, "live": settings.live}.get(channel)
    if named is not None:
        return named
    apart = {"sports": SPORTS, "live": LIVE}.get(channel) if host == HOST else None
    return apart or f"{stream_address(host, settings)}/{channel}"
