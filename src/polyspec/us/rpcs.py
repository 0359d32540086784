"""Which call over gRPC an operation is, in the protos of one client, and whether it can be made there."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyspec.errors import ConfigError
from polyspec.us.config import Environment
from polyspec.us.protos import chosen, ours

if TYPE_CHECKING:
    from polyspec_wire import Operation

    from polyspec.us.protos import Protos, Rpc

__all__ = ["Rpcs"]

_SANDBOX = "sandbox"


class Rpcs:
    """The calls of one client; its protos are read when the first is looked for.

    Numbers that are polyspec's own mean something else at the venue, so calls with such numbers are made in
    a sandbox only. A bundle that was handed in or chosen is taken at its word.
    """

    def __init__(self, environment: Environment, protos: Protos | str | Path | None = None) -> None:
        """Speak `protos`; if None ours in a sandbox, and elsewhere what the environment or the user chose."""
        self._environment = environment
        self._given = protos
        self._lock = threading.Lock()
        self._read: tuple[Protos, dict[str, str]] | None = None
        self._found: dict[str, Rpc | None] = {}

    @property
    def protos(self) -> Protos:
        """What is spoken; raises ConfigError if it cannot be read."""
        return self._known()[0]

    def find(self, operation: Operation) -> Rpc | None:
        """Return the unary call an operation is; None if there is none. Raises ConfigError as `rpc` does."""
        if operation.id not in self._found:
            self._found[operation.id] = self._look(operation)
        return self._found[operation.id]

    def rpc(self, service: str, method: str) -> Rpc:
        """Return a call; raises ConfigError if these protos have none, or one that cannot be made there."""
        found = self.protos.rpc(service, method)
        self._check(found, f"{service.rpartition('.')[2]}.{method}")
        return found

    def _look(self, operation: Operation) -> Rpc | None:
        protos, services = self._known()
        service = services.get(operation.id)
        if service is None or operation.stream is not None:
            return None
        found = protos.rpc(service, operation.id.partition("_")[2])
        if found.streams_requests or found.streams_responses:
            return None
        self._check(found, operation.name)
        return found

    def _check(self, rpc: Rpc, name: str) -> None:
        if self._environment.name == _SANDBOX or self.protos is not ours() or rpc.certain:
            return
        unsure = f", {rpc.assigned[0]} for one" if rpc.assigned else ""
        raise ConfigError(
            f"{name} cannot be called over gRPC at {self._environment.name} with polyspec's own protos: "
            f"numbers in them are not the venue's{unsure}. Give the bundle the venue gave you, by `polyspec "
            f"protos use DIR` or the protos= argument"
        )

    def _known(self) -> tuple[Protos, dict[str, str]]:
        if self._read is None:
            with self._lock:
                if self._read is None:
                    self._read = self._choose()
        return self._read

    def _choose(self) -> tuple[Protos, dict[str, str]]:
        inside = self._environment.name == _SANDBOX and self._given is None
        protos = ours() if inside else chosen(self._given)
        return protos, _services(protos) | {
            # two packages of a bundle may have a service of one name: the documented one is meant
            name: service
            for name, service in _services(ours()).items()
            if _has(protos, service, name.partition("_")[2])
        }


def _services(protos: Protos) -> dict[str, str]:
    """Return the full names of services by ``Service_Method``, as operations are called."""
    found: dict[str, str] = {}
    for name in protos.files:
        services: Mapping[str, Any] = protos.pool.FindFileByName(name).services_by_name
        for service in services.values():
            for method in service.methods:
                found.setdefault(f"{service.name}_{method.name}", service.full_name)
    return found


def _has(protos: Protos, service: str, method: str) -> bool:
    try:
        return method in protos.service(service).methods_by_name
    except ConfigError:
        return False
