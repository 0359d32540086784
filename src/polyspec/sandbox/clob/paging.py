"""Pages by offset, in the venue's cursors: base64 of a number, and of -1 at the end."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any, Final

from polyspec.sandbox.clob.refusals import bad_request

__all__ = ["END", "START", "page", "read_cursor", "write_cursor"]

START: Final = "MA=="
END: Final = "LTE="
_DIGITS: Final = re.compile(r"[0-9]{1,15}")


def read_cursor(cursor: str) -> int:
    """Return the offset of a cursor; raises Refusal (400) for the end and for what is none."""
    if not cursor:
        return 0
    try:
        text = base64.b64decode(cursor, validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise bad_request("Invalid next_cursor") from error
    if not _DIGITS.fullmatch(text):
        raise bad_request("Invalid next_cursor")
    return int(text)


def write_cursor(offset: int) -> str:
    """Return the cursor of an offset."""
    return base64.b64encode(str(offset).encode()).decode()


def page(items: Sequence[Any], cursor: str, size: int) -> dict[str, Any]:
    """Cut a page out of a list."""
    start = read_cursor(cursor)
    chosen = list(items[start : start + size])
    more = start + size < len(items)
    return {
        "limit": size,
        "count": len(chosen),
        "next_cursor": write_cursor(start + size) if more else END,
        "data": chosen,
    }
