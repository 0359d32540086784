"""Bodies, as strictly as the specification means them."""

from __future__ import annotations

from typing import Annotated, TypeAlias, TypeVar

import msgspec

from polyspec.core.nesting import check_depth
from polyspec.core.typed import decoder
from polyspec.sandbox.clob.refusals import bad_request

__all__ = ["Whole", "Whole32", "read_json"]

T = TypeVar("T")

Whole: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer as the specification has it; JSON alone knows no bounds."""
Whole32: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]


def read_json(raw: bytes, kind: type[T], words: str) -> T:
    """Read a body as a type; raises Refusal (400) with the venue's words for a bad one."""
    try:
        # some libraries raise the limit that would stop a reader in time
        check_depth(raw)
        # what is passed over would be passed over in any encoding
        return decoder(kind).decode(raw.decode())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad_request(words) from error
