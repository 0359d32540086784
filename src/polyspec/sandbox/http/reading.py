"""Bodies and paths of requests, before anybody looks at what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from polyspec_wire import Operation
from starlette.requests import Request

__all__ = ["MAX_BODY", "BodyTooLarge", "read_body", "read_path"]

MAX_BODY: Final = 1024 * 1024


class BodyTooLarge(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """The body is longer than `MAX_BODY`; what follows it on the connection cannot be read."""


async def read_body(request: Request) -> bytes:
    """Read the body; raises BodyTooLarge beyond 1 MiB."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise BodyTooLarge
    return bytes(body)


def read_path(operation: Operation, values: Mapping[str, str]) -> dict[str, str]:
    """Return the path's arguments by python name."""
    return {each.python: unquote(values[each.name]) for each in operation.parameters if each.kind == "path"}
