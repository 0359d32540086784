"""Pages by offset: bare lists that end with a short one, and cursors that are base64 of the next offset."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any, Final

from polyspec.sandbox.polysimulator.refusals import Refusal, bad_request

__all__ = ["END", "START", "cut", "read_cursor", "write_cursor"]

START: Final = "MA=="
END: Final = "LTE="
_DIGITS: Final = re.compile(r"[0-9]{1,15}")


def _bad() -> Refusal:
    return bad_request("INVALID_CURSOR", "the cursor is not one of ours")


def read_cursor(cursor: str) -> int | None:
    """Return the offset of a cursor, None for the one that says the end; raises Refusal (400)."""
    if not cursor:
        return 0
    if cursor == END:
        return None
    try:
        text = base64.b64decode(cursor, validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _bad() from error
    if not _DIGITS.fullmatch(text):
        raise _bad()
    return int(text)


def plain_cursor(cursor: str) -> int:
    """Return the offset a cursor is that is a plain number; raises Refusal (400)."""
    if not cursor:
        return 0
    if not _DIGITS.fullmatch(cursor):
        raise _bad()
    return int(cursor)


def write_cursor(offset: int) -> str:
    """Return the cursor of an offset."""
    return base64.b64encode(str(offset).encode()).decode()


def cut(items: Sequence[Any], offset: int | None, limit: int) -> tuple[list[Any], int | None]:
    """Return a page and the offset of the next one, None if there is none."""
    if offset is None:
        return [], None
    more = offset + limit < len(items)
    return list(items[offset : offset + limit]), offset + limit if more else None
