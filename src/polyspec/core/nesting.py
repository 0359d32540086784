"""JSON nested so deeply that reading it would overflow the stack.

Readers written in C go down level by level and rely on the interpreter's recursion limit to stop them in
time. Some libraries raise that limit for their own needs when they are imported - eth-account does, to a
hundred times the default - and from then on a few kilobytes of brackets end the process.
"""

from __future__ import annotations

import re
import sys
from typing import Any, Final

import msgspec

__all__ = ["check_depth", "read_plain"]

# Far more levels than any answer has, far fewer than fit on the smallest stack.
_DEEPEST: Final = 1000
# Up to here the interpreter itself stops the readers in time.
_USUAL: Final = 1000
_PASSES: Final = 16
# Texts to pass over before looking at the depth so far: what is bad is bad near its beginning.
_AT_ONCE: Final = 5000

# what is not closed reaches to the end, so that no text is looked at twice
_STRING: Final = re.compile(rb'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


def check_depth(text: bytes | bytearray | memoryview | str) -> None:
    """Raise RecursionError for JSON that is nested without end, whatever the recursion limit is."""
    if sys.getrecursionlimit() <= _USUAL:
        return
    data = text if isinstance(text, bytes) else text.encode() if isinstance(text, str) else bytes(text)
    if data.count(b"[") + data.count(b"{") <= _DEEPEST:
        return
    brackets, rest = b"", data
    while rest:
        pieces = _STRING.split(rest, _AT_ONCE)
        rest = pieces.pop() if len(pieces) > _AT_ONCE else b""
        brackets += b"".join(pieces).translate(None, _NO_BRACKETS)
        for _ in range(_PASSES):
            brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(brackets) > _DEEPEST:
            raise RecursionError("nested too deeply")


def read_plain(data: bytes) -> Any:
    """Return JSON as plain values; raises msgspec.DecodeError for what is none, or cannot be read."""
    try:
        check_depth(data)
        return msgspec.json.decode(data)
    except (RecursionError, UnicodeDecodeError) as error:
        raise msgspec.DecodeError(str(error)) from error
