"""Handlers by operationId, and what a handler is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from polyspec_wire import Operation

from polyspec.sandbox.http.registry import Registry
from polyspec.sandbox.us.dialect import QUICKSTART
from polyspec.sandbox.us.issuer import Caller
from polyspec.sandbox.us.refusals import unauthenticated

if TYPE_CHECKING:
    from polyspec.sandbox.us.world import Participant, World

__all__ = ["HANDLERS", "Asked", "handles"]


@dataclass(frozen=True)
class Asked:
    """One authenticated, parsed request."""

    world: World
    operation: Operation
    caller: Caller | None
    acting: Participant | None
    """Whom the caller acts for, where the operation is account-scoped."""
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    """By python name; what was not sent is absent."""
    body: Any = None
    late: bool = False
    """Whether the stopgap rejects what this request enters."""

    @property
    def participant(self) -> Participant:
        """The acting participant; raises Refusal (403) if nobody is named."""
        if self.acting is None:
            raise unauthenticated("no acting participant")
        return self.acting

    @property
    def firm(self) -> str:
        """The clearing firm of the token; raises Refusal (401) without one."""
        if self.caller is None:
            raise unauthenticated("no firm_id in token")
        return self.caller.client.firm

    @property
    def quickstart(self) -> bool:
        """Whether answers follow the quickstart pages."""
        return self.world.dialect == QUICKSTART


HANDLERS: Final = Registry[Asked]()
"""A handler returns the answer, an awaitable of it, or an iterable of lines if the operation streams."""
handles = HANDLERS.handles
