"""Rules for operations: what clients and servers are driven by has to be said, and legibly."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from typing import Any

from generator.document import Document, Node, Operation
from generator.operations import function_name, limits
from generator.schema_rules import is_named
from generator.types import RESERVED

__all__ = ["check"]

Found = Iterator[tuple[str, str]]

_CHOICES = {
    "x-retry": ("safe", "never", "resolve"),
    "x-lane": ("read", "write", "cancel"),
    "x-confidence": ("documented", "code", "observed", "inferred"),
    "x-json": ("protobuf", "plain"),
    "x-stream": ("lines", "events", "file"),
}
_LIMIT = {"bucket", "rate", "per", "burst", "window", "scope", "enforced", "cost", "ahead"}
_LIMITED = {
    "window": (False, True),
    "scope": ("firm", "ip", "signer", "key"),
    "enforced": (True, False),
    "cost": (1, "items"),
    "ahead": (False, True),
}
_STYLES = {"path": "simple", "query": "form", "header": "simple"}


def check(document: Document) -> Found:
    """Yield pointer and advice for every operation that breaks a rule."""
    ids: set[str] = set()
    functions: set[tuple[str, str]] = set()
    for operation in document.operations():
        yield from _identity(operation, ids, functions)
        yield from _traits(operation)
        yield from _security(document, operation)
        yield from _parameters(document, operation)
        yield from _body(document, operation)
        yield from _responses(document, operation)
        yield from _page(document, operation)
        yield from _rate_limit(operation)


def _identity(operation: Operation, ids: set[str], functions: set[tuple[str, str]]) -> Found:
    where, function = operation.pointer, function_name(operation.id)
    if not operation.id:
        yield where, "give an operationId"
    elif not function.isidentifier() or function in RESERVED | {"operations"}:
        yield (
            f"{where}/operationId",
            f"{operation.id} makes no name for a function; write Service_DoSomething",
        )
    if operation.id in ids:
        yield f"{where}/operationId", f"{operation.id} is taken; operationIds are unique"
    elif (operation.tag, function) in functions:
        yield f"{where}/operationId", f"{operation.tag} has a {function} already"
    ids.add(operation.id)
    functions.add((operation.tag, function))
    tags = operation.raw.get("tags")
    if not isinstance(tags, list) or len(tags) != 1:
        yield f"{where}/tags", "give exactly one tag; it is the module"
    elif (
        not str(tags[0]).isidentifier()
        or keyword.iskeyword(tags[0])
        or not tags[0].islower()
        or tags[0] == "models"
    ):
        yield f"{where}/tags", f"{tags[0]} cannot be a module; write a lower-case noun other than models"


def _traits(operation: Operation) -> Found:
    raw, where = operation.raw, operation.pointer
    wanted = ["x-retry", "x-confidence", "x-source"] + ["x-lane"] * (operation.method != "get")
    for name in wanted:
        if name not in raw:
            yield where, f"say {name}" + (f": {' | '.join(_CHOICES[name])}" if name in _CHOICES else "")
    for name, choices in _CHOICES.items():
        if name in raw and raw[name] not in choices:
            yield f"{where}/{name}", f"write one of {', '.join(choices)}"


def _security(document: Document, operation: Operation) -> Found:
    where = f"{operation.pointer}/security"
    if not isinstance(alternatives := operation.raw.get("security"), list):
        yield operation.pointer, "say who may call it: security, or [] for everybody"
        return
    schemes = (document.raw.get("components") or {}).get("securitySchemes") or {}
    for place, alternative in enumerate(alternatives):
        for name, scopes in alternative.items():
            if name not in schemes:
                yield f"{where}/{place}", f"{name} is not among the securitySchemes"
                continue
            for scope in scopes:
                if scope not in _scopes(schemes[name]):
                    yield f"{where}/{place}", f"{name} has no scope {scope}"


def _scopes(scheme: Node) -> set[str]:
    """Return what a caller may be asked for: scopes of the flows of OAuth, roles of any other scheme."""
    flows = (scheme.get("flows") or {}).values()
    return {scope for flow in flows for scope in flow.get("scopes") or {}} | set(scheme.get("x-roles") or {})


def _parameters(document: Document, operation: Operation) -> Found:
    schemes = ((document.raw.get("components") or {}).get("securitySchemes") or {}).values()
    secret = {"authorization", *(str(s["name"]).lower() for s in schemes if s.get("type") == "apiKey")}
    for parameter in operation.parameters:
        where = f"{operation.pointer}/parameters"
        name, location = str(parameter.get("name")), parameter.get("in")
        schema = document.deref(parameter.get("schema"))
        if location not in _STYLES:
            yield where, f"{name}: parameters are in path, query or header"
            continue
        if name.lower() in secret:
            yield where, f"{name} is a credential; list its scheme under security"
        if name == "body":
            yield where, "body is what the request body is called; no parameter can have that name"
        if not schema:
            yield where, f"{name}: give a schema"
        if parameter.get("style", _STYLES[location]) != _STYLES[location]:
            yield where, f"{name}: style {parameter['style']} is not understood, write {_STYLES[location]}"
        if location == "path" and schema.get("type") in ("array", "object"):
            yield where, f"{name}: a path takes single values"
        if location == "header" and schema.get("format") == "date-time":
            yield where, f"{name}: the parser drops date-time in headers; write a string"
        if "object" in (schema.get("type"), document.deref(schema.get("items")).get("type")):
            yield where, f"{name}: spell nested fields as parameters of their own, such as date.year"


def _body(document: Document, operation: Operation) -> Found:
    body = document.deref(operation.raw.get("requestBody"))
    if "requestBody" not in operation.raw:
        return
    where, content = f"{operation.pointer}/requestBody", body.get("content") or {}
    if list(content) != ["application/json"]:
        yield where, "give one media type, application/json"
        return
    yield from _example(document, content["application/json"].get("schema"), where)


def _responses(document: Document, operation: Operation) -> Found:
    where, responses = f"{operation.pointer}/responses", operation.raw.get("responses") or {}
    codes = [str(code) for code in responses]
    if not any(code.isdigit() and code[0] == "2" for code in codes):
        yield where, "give the answer of success, such as 200"
    if "2XX" in codes:
        yield where, "write the status itself instead of 2XX"
    if "default" not in codes and not any(code[0] == "4" for code in codes):
        yield where, "give a default answer, the one of failure"
    failures = []
    for code, response in responses.items():
        content = document.deref(response).get("content") or {}
        if content and not any(_readable(kind) for kind in content):
            yield f"{where}/{code}", f"{', '.join(content)} is not read; json, text and octet-stream are"
            continue
        schema = next((media.get("schema") for kind, media in content.items() if _readable(kind)), None)
        if str(code).startswith("2"):
            if schema is not None:
                yield from _example(document, schema, f"{where}/{code}")
        elif not str(code).startswith("3") and schema not in failures:
            failures.append(schema)
    if len(failures) > 1:
        yield where, "give all failures the same schema; callers decode one type"


def _readable(media: str) -> bool:
    kind = media.split(";")[0].strip()
    return (
        kind in ("application/json", "application/octet-stream")
        or kind.endswith("+json")
        or kind[:5] == "text/"
    )


def _example(document: Document, schema: Any, where: str) -> Found:
    resolved = document.deref(schema)
    if not resolved:
        yield where, "give a schema"
    elif is_named(document, schema) and resolved.get("type") == "object" and not resolved.get("examples"):
        yield schema["$ref"], "give examples, at least one: it is a body"
    elif not is_named(document, schema):
        for inner in (
            resolved.get("items"),
            resolved.get("additionalProperties"),
            *resolved.get("oneOf", []),
        ):
            if isinstance(inner, dict):
                yield from _example(document, inner, where)


def _page(document: Document, operation: Operation) -> Found:
    page, where = operation.raw.get("x-page"), f"{operation.pointer}/x-page"
    if page is None:
        return
    may = {*_PAGE, "eof", "more", "also", "end"}
    if not isinstance(page, dict) or not set(_PAGE) <= page.keys() <= may:
        yield where, "give request, response and items, and eof, more, also and end if there are such"
        return
    if not isinstance(page.get("end", "-"), str) or not page.get("end", "-"):
        yield f"{where}/end", "write the token of the last page as text; an empty one ends it anyway"
    asked = _properties(document, operation.raw.get("requestBody"))
    asked |= {str(parameter["name"]) for parameter in operation.parameters if parameter.get("in") == "query"}
    answered = _properties(document, (operation.raw.get("responses") or {}).get("200"))
    for name, names in ((key, asked if key == "request" else answered) for key in page if key != "end"):
        if page[name] not in names:
            yield (
                f"{where}/{name}",
                f"there is no {page[name]} in the {'request' if name == 'request' else 'answer'}",
            )


_PAGE = ("request", "response", "items")


def _properties(document: Document, holder: Any) -> set[str]:
    media = (document.deref(holder).get("content") or {}).get("application/json") or {}
    schema = document.deref(media.get("schema"))
    # of several alternatives one is the page; a bare array has no properties
    found = [schema, *map(document.deref, schema.get("oneOf") or [])]
    return {name for each in found for name in document.properties(each)}


def _rate_limit(operation: Operation) -> Found:
    where, found = f"{operation.pointer}/x-rate-limit", limits(operation)
    if "x-rate-limit" in operation.raw and not found:
        yield where, "give a limit or several; leave it out where no number is published"
    for limit in found:
        if not isinstance(limit, dict) or not {"bucket", "rate"} <= limit.keys() <= _LIMIT:
            others = ", ".join(sorted(_LIMIT - {"bucket", "rate"}))
            yield where, f"give bucket and rate, and {others} where they matter"
            continue
        yield from _numbers(limit, where)
        for name, choices in _LIMITED.items():
            if limit.get(name, choices[0]) not in choices:
                yield f"{where}/{name}", f"write one of {', '.join(map(str, choices))}"
        if limit.get("window") and "burst" in limit:
            yield where, "a window is a rate per period and nothing else"
    buckets = [limit["bucket"] for limit in found if isinstance(limit, dict) and "bucket" in limit]
    if len(set(buckets)) != len(buckets):
        yield where, "give each limit a bucket of its own"


def _numbers(limit: Node, where: str) -> Found:
    for key in ("rate", "per", "burst"):
        if key not in limit:
            continue
        numbers: Node = limit[key] if isinstance(limit[key], dict) else {key: limit[key]}
        for name, number in numbers.items():
            if isinstance(number, bool) or not isinstance(number, int | float) or number <= 0:
                yield f"{where}/{key}", f"{name} is {number!r}; write a number above zero"
    tiers = list(limit["rate"]) if isinstance(limit["rate"], dict) else []
    if isinstance(limit.get("burst"), dict) and list(limit["burst"]) != tiers:
        yield f"{where}/burst", "give a burst for each tier of the rate, in the same order"
