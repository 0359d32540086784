"""Handlers by operationId."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Registry"]

A = TypeVar("A")
T = TypeVar("T", bound=Callable[..., Any])


class Registry(dict[str, Callable[[A], Any]]):
    """What each operation of a venue does; filled by the handler modules when they are imported."""

    def handles(self, operation_id: str) -> Callable[[T], T]:
        """Register a function as the handler of an operation."""

        def register(handler: T) -> T:
            if operation_id in self:
                raise ValueError(f"{operation_id} has two handlers")
            self[operation_id] = handler
            return handler

        return register
