"""The order every client of the CLOB makes here. Runs where the peers are installed, and polyspec is not."""

from __future__ import annotations

from typing import Final

__all__ = [
    "API_KEY", "BATCH", "BODY", "CHAIN_ID", "CONDITION_ID", "KEY", "PASSPHRASE", "PRICE", "SECRET", "SIDE",
    "SIZE", "TICK", "TOKEN",
]  # fmt: skip

KEY: Final = "0x" + "11" * 32
CHAIN_ID: Final = 137
API_KEY: Final = "00000000-0000-0000-0000-000000000000"
SECRET: Final = "A" * 43 + "="
PASSPHRASE: Final = "a" * 64

TOKEN: Final = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
CONDITION_ID: Final = "0x" + "c0" * 32
PRICE: Final = "0.56"
SIZE: Final = "21.04"
SIDE: Final = "BUY"
TICK: Final = "0.01"
BATCH: Final = 15
"""The most orders the venue takes in one request."""

BODY: Final = b'{"order":%s,"owner":"%s","orderType":"GTC"}' % (b"x" * 640, API_KEY.encode())
"""As long as an order is."""
