"""Schemathesis makes the requests, the spec alone judges the answers: what is the same for every venue.

``POLYSPEC_CONTRACT_EXAMPLES`` sets how many random requests each operation gets, beside those schemathesis
derives from every keyword of the spec. They are the same each time unless ``POLYSPEC_CONTRACT_SEED`` is a
number.
"""

from __future__ import annotations

import json
import os
import zlib
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import schemathesis
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.core.transport import Response
from schemathesis.schemas import BaseSchema

from tests.contract.how_many import EXAMPLES
from tests.contract.spec import Operation, Spec
from tests.contract.verdicts import Verdict, query_verdict

__all__ = ["CHECKS", "Known", "Sent", "enrich", "loaded"]

SEED: Final = os.environ.get("POLYSPEC_CONTRACT_SEED", "")

schemathesis.openapi.format("int64", st.integers(-(2**63), 2**63 - 1).map(str))
schemathesis.openapi.format("decimal", st.decimals(-(10**6), 10**6, places=4).map("{:f}".format))
CHECKS: Final = [
    check
    for check in load_all_checks() or schemathesis.checks.CHECKS.get_all()
    if check.__name__ in ("status_code_conformance", "content_type_conformance", "unsupported_method")
]
Known = dict[str, list[Any]]
"""Values that mean something to the sandbox, by the name of what holds them."""


def loaded(spec: Spec, *, examples: int = 12) -> BaseSchema:
    """Load a spec, its 32-bit integers with the bounds they have; `examples` are random requests."""
    document = json.loads(json.dumps(spec.document), object_hook=_bounded)
    config = schemathesis.Config.from_dict(
        {
            "generation": {
                "mode": "all",
                "max-examples": int(EXAMPLES or examples),
                "deterministic": not SEED,
                "database": "none",
                "with-security-parameters": False,
            },
            "phases": {"stateful": {"enabled": False}},
            **({"seed": int(SEED)} if SEED else {}),
        }
    )
    return schemathesis.openapi.from_dict(document, config=config)


def _bounded(node: dict[str, Any]) -> dict[str, Any]:
    if node.get("type") == "integer" and node.get("format") == "int32":
        return {**node, "minimum": -(2**31), "maximum": 2**31 - 1}
    return node


def enrich(schema: BaseSchema, known: Known) -> None:
    """Have something known put in the place of most scalars of all requests that have a telling name."""

    def map_body(context: Any, body: Any) -> Any:
        return _enriched(known, body)

    def map_query(context: Any, query: Any) -> Any:
        return _enriched(known, query)

    def map_path_parameters(context: Any, path_parameters: Any) -> Any:
        return _enriched(known, path_parameters)

    for hook in (map_body, map_query, map_path_parameters):
        schema.hook(hook)


def _enriched(known: Known, value: Any, name: str = "", place: int = 0) -> Any:
    if isinstance(value, dict):
        return {key: _enriched(known, each, key, place) for key, each in value.items()}
    if isinstance(value, list):
        return [_enriched(known, each, name, index) for index, each in enumerate(value)]
    draw = zlib.crc32(repr((name, value)).encode())
    if name not in known or not isinstance(value, str | int) or isinstance(value, bool) or draw % 4 == 0:
        return value
    choices = known[name]
    return choices[(draw // 4 + place) % len(choices)]


class Sent:
    """A request as it left, whatever it was meant to be, and its answer."""

    def __init__(self, spec: Spec, response: Response) -> None:
        request = response.request
        parts = urlsplit(str(request.url))
        self.method, self.path, self.query = str(request.method), parts.path or "/", parts.query
        body = request.body or b""
        self.body = body.encode() if isinstance(body, str) else body
        self.operation = spec.find(self.method, self.path)
        self.status, self.answer = response.status_code, response.content or b""
        self._spec = spec
        self._allowed = response.headers.get("allow", [])

    def __str__(self) -> str:
        asked = f"{self.method} {self.path}?{self.query} {self.body[:2000]!r}"
        return f"{asked}\n-> {self.status} {self.answer[:500]!r}"

    def query_verdicts(self, operation: Operation) -> dict[str, Verdict]:
        """Judge each query parameter, however its name is spelled."""
        pairs = parse_qsl(self.query, keep_blank_values=True)
        found: dict[str, Verdict] = {}
        for name, parameter in operation.query.items():
            texts = [text for key, text in pairs if _folded(key) == _folded(name)]
            found[name] = query_verdict(operation, parameter, texts)
        return found

    def judge_stray(self) -> None:
        """Fail unless a request that is no operation was told so, and which methods its path has."""
        operations = self._spec.operations.values()
        others = {each.method for each in operations if self._spec.find(each.method, self.path) is each}
        assert self.status == (405 if others else 404), self
        allowed = {each.strip() for value in self._allowed for each in value.split(",")}
        assert not others or others == allowed - {"HEAD"}, self


def _folded(name: str) -> str:
    return name.removesuffix("[]").replace("_", "").replace(".", "").lower()
