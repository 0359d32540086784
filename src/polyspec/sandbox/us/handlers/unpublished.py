"""Operations of which the venue publishes paths and no bodies: payments, sports. The sandbox invents none."""

from __future__ import annotations

from typing import Any, NoReturn

from polyspec_wire.us_exchange import OPERATIONS

from polyspec.sandbox.us.refusals import unavailable_here
from polyspec.sandbox.us.registry import Asked, handles

__all__: list[str] = []


def _unavailable(asked: Asked) -> NoReturn:
    raise unavailable_here(asked.operation.path)


for _operation in OPERATIONS.values():
    if _operation.stream is None and _operation.success[200] == dict[str, Any]:
        handles(_operation.id)(_unavailable)
