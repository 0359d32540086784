"""Bank and card payments: the venue publishes the paths and no bodies, so the sandbox invents none."""

from __future__ import annotations

from typing import NoReturn

from polyspec_wire.us_exchange import OPERATIONS

from polyspec.sandbox.us.refusals import unavailable_here
from polyspec.sandbox.us.registry import Asked, handles

__all__: list[str] = []


def _unavailable(asked: Asked) -> NoReturn:
    raise unavailable_here(asked.operation.path)


for _operation in OPERATIONS.values():
    if _operation.name.startswith("payments."):
        handles(_operation.id)(_unavailable)
