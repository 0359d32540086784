"""How a refusal is told over gRPC."""

from __future__ import annotations

from typing import Any, Final, NoReturn, TypeAlias

import grpc

from polyspec.sandbox.http.refused import Refused
from polyspec.sandbox.us.refusals import GATEWAY, Refusal

__all__ = ["Context", "refuse"]

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}


async def refuse(context: Context, refusal: Refused) -> NoReturn:
    """End a call with the venue's code and words; what would be headers over REST is trailing metadata."""
    number = refusal.code if isinstance(refusal, Refusal) else GATEWAY.get(refusal.status, 2)
    trailing = tuple((name.lower(), value) for name, value in (refusal.headers or {}).items())
    await context.abort(_CODES.get(number, grpc.StatusCode.UNKNOWN), refusal.message, trailing)
