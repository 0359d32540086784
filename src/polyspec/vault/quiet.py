"""Keep the debug logs of libraries quiet while they handle keys of ours, and only then."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

__all__ = ["quiet"]

_hushed: Final[ContextVar[tuple[str, ...]]] = ContextVar("polyspec_vault_hushed", default=())


class _Hush(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Drop what belongs to a library that is handling a key in this very context."""
        return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in _hushed.get()


_HUSH: Final = _Hush()


@contextmanager
def quiet(*libraries: str) -> Iterator[None]:
    """Drop the debug and info records of libraries inside the block: they write down bodies of requests."""
    # every time: libraries make loggers when a module of theirs is first used
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger) and name.partition(".")[0] in libraries:
            logger.addFilter(_HUSH)
    token = _hushed.set(libraries)
    try:
        yield
    finally:
        _hushed.reset(token)
