from __future__ import annotations

import datetime as dt
import inspect
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
from polyspec_wire import Call, Operation, Page, Parameter, RateLimit
from tinyspec import Compile, operation

REF = "#/components/schemas"

THING = """
Thing:
  type: object
  properties: {items: {type: array, items: {type: string}}, next: {type: string}}
  examples: [{}]
"""


def parameter(name: str, schema: str = "type: string", *, place: str = "query", more: str = "") -> str:
    """Write a parameter in flow style."""
    required = ", required: true" if place == "path" else ""
    return f'{{name: "{name}", in: {place}, schema: {{{schema}}}{required}{more}}}'


def test_a_call_is_data(compiled: Compile) -> None:
    """An operation becomes a function that returns everything needed to send it, and sends nothing."""
    tiny = compiled(
        schemas=THING,
        paths=operation(
            "Thing",
            method="post",
            name="API_FindThings",
            extra="""security: [], requestBody: {required: true, content:
                {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}""",
        ),
    )
    body = tiny.models.Thing(next="x")
    call = tiny.things.find_things(body)
    assert call == Call(operation=tiny.things.FIND_THINGS, path="/things", body=body)
    assert call.operation == Operation(
        id="API_FindThings",
        name="things.find_things",
        method="POST",
        path="/things",
        body=tiny.models.Thing,
        success={200: tiny.models.Thing},
        failure=tiny.models.Error,
        security=(),
        retry="safe",
        lane="read",
        json="plain",
    )
    assert tiny.OPERATIONS == {"API_FindThings": tiny.things.FIND_THINGS}
    assert tiny.VERSION == "1"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("a/b", "/things/a%2Fb"),
        ("ключ ü", "/things/%D0%BA%D0%BB%D1%8E%D1%87%20%C3%BC"),
        ("a?b#c%2F", "/things/a%3Fb%23c%252F"),
        ("a.b-c_d~e", "/things/a.b-c_d~e"),
        ("{other}", "/things/%7Bother%7D"),
    ],
)
def test_path_values_are_percent_encoded(compiled: Compile, value: str, path: str) -> None:
    """A value stays inside its place in the path, whatever it holds."""
    tiny = compiled(
        paths=operation(
            path="/things/{thingId}",
            extra=f"security: [], parameters: [{parameter('thingId', place='path')}]",
        )
    )
    assert tiny.things.get_thing(value).path == path


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_path_values_that_name_something_else_are_refused(compiled: Compile, value: str) -> None:
    """A value that is empty, or a step in the path, never reaches the wire."""
    tiny = compiled(
        paths=operation(
            path="/things/{id}", extra=f"security: [], parameters: [{parameter('id', place='path')}]"
        )
    )
    with pytest.raises(ValueError, match=r"things\.get_thing: id cannot be"):
        tiny.things.get_thing(value)


def test_query_values(compiled: Compile) -> None:
    """None is not sent, lists repeat or join as the spec says, and every type has one spelling."""
    parameters = ", ".join(
        [
            parameter("as_of_date.year", "type: integer"),
            parameter("symbols", "type: array, items: {type: string}"),
            parameter("states", "type: array, items: {type: string}", more=", explode: false"),
            parameter("activeOnly", "type: boolean"),
            parameter("at", "type: string, format: date-time"),
            parameter("price", "type: string, format: decimal"),
            parameter("type", "$ref: '#/components/schemas/Kind'"),
        ]
    )
    tiny = compiled(
        schemas="Kind: {type: string, enum: [KIND_A, KIND_B]}",
        paths=operation(extra=f"security: [], parameters: [{parameters}]"),
    )
    get = tiny.things.get_thing
    assert get().query == ()
    assert get(symbols=[], states=[]).query == ()
    call = get(
        as_of_date_year=2026,
        symbols=["a,b", "c&d"],
        states=["x", "y"],
        active_only=False,
        at=dt.datetime(2026, 1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        price=Decimal("1E-7"),
        type=tiny.models.Kind.B,
    )
    assert call.query == (
        ("as_of_date.year", "2026"),
        ("symbols", "a,b"),
        ("symbols", "c&d"),
        ("states", "x,y"),
        ("activeOnly", "false"),
        ("at", "2026-01-02T02:00:00Z"),
        ("price", "0.0000001"),
        ("type", "KIND_B"),
    )
    with pytest.raises(ValueError, match="time zone"):
        get(at=dt.datetime(2026, 1, 2))  # noqa: DTZ001
    described = {each.name: each for each in call.operation.parameters}
    assert described["states"] == Parameter(
        name="states", python="states", kind="query", type=list[str], required=False, explode=False
    )
    assert described["as_of_date.year"].python == "as_of_date_year"
    assert described["price"].type is Decimal


def test_headers_and_required_arguments(compiled: Compile) -> None:
    """Required arguments outside the path are keywords without default; headers travel as headers."""
    parameters = (
        f"{parameter('Idempotency-Key', place='header')}, {parameter('name', more=', required: true')}"
    )
    tiny = compiled(paths=operation(extra=f"security: [], parameters: [{parameters}]"))
    call = tiny.things.get_thing(name="n", idempotency_key="k")
    assert (call.query, call.headers) == ((("name", "n"),), (("Idempotency-Key", "k"),))
    with pytest.raises(TypeError, match="name"):
        tiny.things.get_thing()


def test_path_item_parameters_and_servers(compiled: Compile) -> None:
    """What a path item says goes for its operations."""
    text = operation(path="/things/{id}").replace(
        "  get:",
        f"  servers: [{{url: https://a.example}}]\n  parameters: [{parameter('id', place='path')}]\n  get:",
    )
    tiny = compiled(paths=text)
    assert tiny.things.get_thing("7").path == "/things/7"
    assert tiny.things.GET_THING.servers == ("https://a.example",)


SCHEMES = """
securitySchemes:
  token: {type: oauth2, flows: {clientCredentials: {tokenUrl: /t, scopes: {"read:x": "", "write:x": ""}}}}
  participant: {type: apiKey, in: header, name: x-participant-id}
  key: {type: apiKey, in: header, name: x-key, x-roles: {"users:write": Make users.}}
"""


@pytest.mark.parametrize(
    ("security", "expected"),
    [
        ("[]", ()),
        ('[{token: ["read:x"], participant: []}]', ((("token", ("read:x",)), ("participant", ())),)),
        ('[{token: ["read:x", "write:x"]}, {}]', ((("token", ("read:x", "write:x")),), ())),
        ('[{key: ["users:write"]}]', ((("key", ("users:write",)),),)),
    ],
)
def test_security_keeps_alternatives_and_scopes(compiled: Compile, security: str, expected: object) -> None:
    """Who may call is data: alternatives, each with all of its schemes and their scopes."""
    tiny = compiled(components=SCHEMES, paths=operation(extra=f"security: {security}"))
    assert tiny.things.GET_THING.security == expected


def test_traits(compiled: Compile) -> None:
    """Limits, pages, streams and dialects reach the operation."""
    extra = f"""security: [], x-stream: lines, x-json: protobuf, parameters: [{parameter("cursor")}],
      x-page: {{request: cursor, response: next, items: items}},
      x-rate-limit: {{bucket: B, rate: {{tier1: 30, tier2: 90}}, per: 60, burst: 5}}"""
    found = compiled(schemas=THING, paths=operation("Thing", extra=extra)).things.GET_THING
    assert found.page == Page(request="cursor", response="next", items="items")
    assert found.rate_limit == RateLimit(bucket="B", rate={"tier1": 30, "tier2": 90}, per=60, burst=5)
    assert (found.stream, found.json) == ("lines", "protobuf")


def test_several_limits(compiled: Compile) -> None:
    """All limits of an operation reach it in their order, and one alone is the first."""
    extra = """security: [], x-rate-limit: [
      {bucket: B, rate: 5, per: 10, window: true, scope: ip}, {bucket: C, rate: {low: 4, high: 8},
      burst: {low: 6, high: 12}, scope: signer, enforced: false, cost: items}]"""
    found = compiled(paths=operation(extra=extra)).things.GET_THING
    assert found.rate_limits == (
        RateLimit(bucket="B", rate=5, per=10, window=True, scope="ip"),
        RateLimit(
            bucket="C",
            rate={"low": 4, "high": 8},
            burst={"low": 6, "high": 12},
            scope="signer",
            enforced=False,
            cost="items",
        ),
    )
    assert found.rate_limit is found.rate_limits[0]
    assert compiled(paths=operation()).things.GET_THING.rate_limit is None


def test_docstrings_tell_every_limit(compiled: Compile) -> None:
    """Whoever reads the function learns whose requests count, as what, and what is not enforced."""
    extra = """security: [], x-rate-limit: [{bucket: B, rate: 5, per: 10, window: true, scope: ip},
      {bucket: C, rate: 4, scope: signer, enforced: false, cost: items},
      {bucket: D, rate: {low: 1, high: 2}, per: 60, window: true, scope: key, ahead: true}]"""
    doc = compiled(paths=operation(extra=extra)).things.get_thing.__doc__
    told = [line.strip() for line in doc.splitlines() if "limit" in line]
    assert told == [
        "Rate limit: 5 per 10 seconds, shared as B by each ip.",
        "Rate limit: 4 items per second, shared as C by each signer, not enforced yet.",
        "Rate limit: per minute low 1, high 2, shared as D by each key, counted without waiting.",
    ]


def test_the_end_of_a_listing(compiled: Compile) -> None:
    """The token of the last page reaches the operation; it is no field, so none of that name is needed."""
    extra = f"""security: [], parameters: [{parameter("cursor")}],
      x-page: {{request: cursor, response: next, items: items, end: "LTE="}}"""
    found = compiled(schemas=THING, paths=operation("Thing", extra=extra)).things.GET_THING
    assert found.page == Page(request="cursor", response="next", items="items", end="LTE=")


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("{type: string}", str),
        ("{type: integer, format: int64}", int),
        ("{type: boolean}", bool),
        (f"{{type: array, items: {{$ref: '{REF}/Error'}}}}", "list[Error]"),
        ("{type: array, items: {type: string}}", list[str]),
        ("{type: object, additionalProperties: {type: string, format: decimal}}", dict[str, Decimal]),
        (
            "{type: object, additionalProperties: "
            "{type: object, additionalProperties: {type: string, format: decimal}}}",
            dict[str, dict[str, Decimal]],
        ),
        (f"{{type: [array, 'null'], items: {{$ref: '{REF}/Error'}}}}", "list[Error] | None"),
        (f"{{oneOf: [{{$ref: '{REF}/Error'}}, {{type: 'null'}}]}}", "Error | None"),
        (
            f"{{type: array, items: {{oneOf: [{{type: string}}, {{$ref: '{REF}/Error'}}]}}}}",
            "list[str | Error]",
        ),
    ],
)
def test_answers_that_are_no_object(compiled: Compile, schema: str, expected: Any) -> None:
    """An answer is whatever JSON it is: a text, a number, a list, a map, or nothing at all."""
    tiny = compiled(paths=operation().replace(f"{{$ref: '{REF}/Error'}}", schema, 1))
    if isinstance(expected, str):
        expected = eval(expected, {"Error": tiny.models.Error})
    assert tiny.things.GET_THING.success == {200: expected}


ALTERNATIVES = """
One: {type: object, required: [kind], properties: {kind: {const: one}}, examples: [{kind: one}]}
Two: {type: object, required: [kind], properties: {kind: {const: two}}, examples: [{kind: two}]}
Either:
  oneOf: [{$ref: '#/components/schemas/One'}, {$ref: '#/components/schemas/Two'}]
  discriminator:
    propertyName: kind
    mapping: {one: '#/components/schemas/One', two: '#/components/schemas/Two'}
"""


@pytest.mark.parametrize(
    ("members", "expected", "result"),
    [
        ("One Error", "(One, Error)", "One | Error"),
        ("Error One [Error]", "(Error, One, list[Error])", "Error | One | list[Error]"),
        ("[Error] Error", "(list[Error], Error)", "list[Error] | Error"),
        ("Either", "One | Two", "One | Two"),
        ("One null", "One | None", "One | None"),
    ],
)
def test_answers_of_several_shapes(compiled: Compile, members: str, expected: str, result: str) -> None:
    """Alternatives no tag tells apart are a tuple in their order; the function promises any of them."""
    told = {
        name: f"{{type: array, items: {{$ref: '{REF}/{name[1:-1]}'}}}}"
        if name.startswith("[")
        else "{type: 'null'}"
        if name == "null"
        else f"{{$ref: '{REF}/{name}'}}"
        for name in members.split()
    }
    schema = f"{{oneOf: [{', '.join(told.values())}]}}" if len(told) > 1 else told[members]
    tiny = compiled(schemas=ALTERNATIVES, paths=operation().replace(f"{{$ref: '{REF}/Error'}}", schema, 1))
    models = {name: getattr(tiny.models, name) for name in ("One", "Two", "Error")}
    assert tiny.things.GET_THING.success == {200: eval(expected, models)}
    assert inspect.signature(tiny.things.get_thing).return_annotation == f"Call[{result}]"


@pytest.mark.parametrize("how", ["lines", "events", "file"])
def test_streams(compiled: Compile, how: str) -> None:
    """How an answer comes piece by piece reaches the operation."""
    found = compiled(paths=operation(extra=f"security: [], x-stream: {how}")).things.GET_THING
    assert found.stream == how


def test_more_to_come(compiled: Compile) -> None:
    """The flag that says whether there are more pages reaches the operation."""
    extra = f"""security: [], parameters: [{parameter("cursor")}],
      x-page: {{request: cursor, response: next, items: items, more: next}}"""
    found = compiled(schemas=THING, paths=operation("Thing", extra=extra)).things.GET_THING
    assert found.page == Page(request="cursor", response="next", items="items", more="next")


def test_bodies_that_are_lists(compiled: Compile) -> None:
    """A list of a body counts by its items, an object is one."""
    schema = f"{{type: array, items: {{$ref: '{REF}/Error'}}}}"
    body = f"requestBody: {{required: true, content: {{application/json: {{schema: {schema}}}}}}}"
    tiny = compiled(paths=operation(method="delete", extra=f"security: [], {body}"))
    error = tiny.models.Error
    call = tiny.things.get_thing([error(message="a"), error()])
    assert (call.body, call.items) == ([error(message="a"), error()], 2)
    assert call.operation.body == list[error]
    assert call.operation.method == "DELETE"


def test_rate_limits_by_tier() -> None:
    """A limit knows its rate and size for each tier, and says so if there is no such tier."""
    limit = RateLimit(bucket="B", rate={"tier1": 30, "tier2": 12}, per=60)
    assert (limit.per_second("tier1"), limit.size("tier1"), limit.size("tier2")) == (0.5, 1.0, 1.0)
    assert RateLimit(bucket="B", rate=400).size("any") == 400
    assert (limit.per_second(), limit.size()) == (0.5, 1.0)
    with pytest.raises(ValueError, match=r"no tier 'gold'.*tier1, tier2"):
        limit.per_second("gold")
    window = RateLimit(bucket="B", rate={"tier1": 30, "tier2": 60}, per=60, window=True)
    assert (window.size(), window.size("tier1"), window.size("tier2")) == (30, 30, 60)
    burst = RateLimit(bucket="B", rate={"low": 30, "high": 12}, burst={"low": 40, "high": 50})
    assert (burst.size(), burst.size("high")) == (40, 50)
    assert RateLimit(bucket="B", rate=9000, per=10, window=True).size() == 9000


def test_statuses_without_a_body(compiled: Compile) -> None:
    """An answer without content is None, one of several successes a union."""
    text = operation("Thing", path="/a").replace('"200":', '"204": {description: ""}, "200":')
    tiny = compiled(schemas=THING, paths=text)
    assert tiny.things.GET_THING.success == {200: tiny.models.Thing, 204: None}
    assert inspect.signature(tiny.things.get_thing).return_annotation == "Call[Thing | None]"


def test_docstrings_tell_what_the_spec_knows(compiled: Compile) -> None:
    """Whoever reads the function learns method, path, scopes, limit, retry safety and how sure we are."""
    extra = f"""security: [{{token: ["read:x"]}}], x-rate-limit: {{bucket: Shared, rate: 12, per: 60}},
      summary: Find a thing, description: "Takes a while.",
      parameters: [{parameter("n", more=", description: How many.")}]"""
    doc = compiled(components=SCHEMES, paths=operation(extra=extra)).things.get_thing.__doc__
    assert [line.strip() for line in doc.splitlines() if line.strip()] == [
        "Find a thing.",
        "Takes a while.",
        "Args:",
        "n: How many.",
        "GET /things",
        "Access: token read:x.",
        "Rate limit: 12 per minute, shared as Shared.",
        "Repeating: may be repeated whatever happened.",
        "Confidence: documented (nowhere).",
    ]


def test_operations_with_one_name_live_in_different_modules(compiled: Compile) -> None:
    """A tag is a module, so two services may call something the same."""
    other = operation(path="/others", name="OtherAPI_GetThing").replace("tags: [things]", "tags: [others]")
    tiny = compiled(paths=operation() + other)
    assert tiny.things.get_thing().path == "/things"
    assert tiny.others.get_thing().path == "/others"
    assert list(tiny.OPERATIONS) == ["OtherAPI_GetThing", "API_GetThing"]


@pytest.mark.parametrize(
    ("package", "function"), [("us_exchange", "trading.insert_order"), ("clob", "orders.post_order")]
)
def test_importing_a_package_imports_no_models(package: str, function: str) -> None:
    """Packages load their modules when first used, and nothing but msgspec and the standard library."""
    code = (
        f"import sys, polyspec_wire.{package} as venue\n"
        f"assert not [name for name in sys.modules if name.startswith('polyspec_wire.{package}.')]\n"
        f"venue.{function}\n"
        f"modules = [name for name in sys.modules if name.startswith('polyspec_wire.{package}.')]\n"
        "assert len(modules) == 2, modules\n"
        "venue.OPERATIONS\n"
        "foreign = {m.split('.')[0] for m in sys.modules} - sys.stdlib_module_names - set(before)\n"
        "print(sorted(foreign))"
    )
    prefix = "import sys; before = [m.split('.')[0] for m in sys.modules]\n"
    done = subprocess.run([sys.executable, "-c", prefix + code], capture_output=True, text=True, check=True)
    assert set(done.stdout.strip("[]\n").replace("'", "").split(", ")) <= {
        "msgspec",
        "polyspec_wire",
        "typing_extensions",
    }
