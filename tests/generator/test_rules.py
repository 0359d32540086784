from __future__ import annotations

from pathlib import Path

import pytest
from tinyspec import operation, save, spec_of

from generator import __main__ as generator
from generator import rules
from generator.document import load

THING = "Thing: {type: object, properties: {a: {type: string}}, examples: [{}]}"
EXAMPLES = "{a: {type: string}}, examples: [{}]"
GET = "#/paths/~1things/get"
TINY = "#/components/schemas/Thing"
SCHEMES = """
securitySchemes:
  token: {type: oauth2, flows: {clientCredentials: {tokenUrl: /t, scopes: {"read:x": ""}}}}
  participant: {type: apiKey, in: header, name: X-Participant}
  key: {type: apiKey, in: header, name: X-Key, x-roles: {read: "", "users:write": ""}}
"""


def findings(folder: Path, text: str) -> list[tuple[str, str]]:
    """Check a spec and return pointers and advice."""
    return [(each.where, each.what) for each in rules.check(load(save(folder, text)))]


def parameters(text: str) -> str:
    """Write an operation with one parameter."""
    return operation(extra=f"security: [], parameters: [{{{text}}}]")


def body(text: str) -> str:
    """Write an operation with a request body."""
    return operation(method="post", extra=f"security: [], requestBody: {{content: {{{text}}}}}")


def schema(text: str) -> dict[str, str]:
    """Write a spec with one schema, given in flow style."""
    return {"schemas": f"Thing: {{{text}}}"}


def prop(text: str) -> dict[str, str]:
    """Write a spec with one schema that has one property."""
    return schema(f"type: object, properties: {{a: {{{text}}}}}")


def union(members: str, rest: str) -> dict[str, str]:
    """Write a spec with a union of two objects."""
    return {
        "schemas": f"""
        One: {{type: object, required: [kind], properties: {{kind: {{const: one}}}}}}
        Two: {{type: object, required: [kind], properties: {{kind: {{const: two}}}}}}
        Loose: {{type: object, properties: {{kind: {{type: string}}}}}}
        Thing: {{{members}, {rest}}}
        """
    }


REF = "#/components/schemas"
ONE_TWO = f"oneOf: [{{$ref: '{REF}/One'}}, {{$ref: '{REF}/Two'}}]"
ONE_LOOSE = f"oneOf: [{{$ref: '{REF}/One'}}, {{$ref: '{REF}/Loose'}}]"


def test_a_good_spec_has_no_findings(tmp_path: Path) -> None:
    """The specs these tests break are fine before they are broken."""
    good = spec_of(schemas=THING, paths=operation("Thing"), components=SCHEMES)
    assert findings(tmp_path, good) == []
    mapped = f"discriminator: {{propertyName: kind, mapping: {{one: '{REF}/One', two: '{REF}/Two'}}}}"
    assert findings(tmp_path, spec_of(**union(ONE_TWO, mapped))) == []


@pytest.mark.parametrize(
    "extra",
    [
        'security: [{key: ["users:write"]}]',
        "security: [{key: [read]}, {}]",
        "security: [], x-rate-limit: {bucket: B, rate: {low: 1, high: 2}, per: 60, window: true, scope: key}",
        "security: [], x-stream: file",
        "security: [], x-stream: events",
    ],
)
def test_what_one_venue_alone_has(tmp_path: Path, extra: str) -> None:
    """Roles of a key, windows by tier and streams of every kind are no findings."""
    text = spec_of(schemas=THING, paths=operation("Thing", extra=extra), components=SCHEMES)
    assert findings(tmp_path, text) == []


def answering(schema: str, *, place: str = "answer") -> str:
    """Write an operation whose answer, or body, is of a schema in flow style."""
    if place == "answer":
        return operation().replace(f"{{$ref: '{REF}/Error'}}", schema, 1)
    return body(f"application/json: {{schema: {schema}}}")


def test_an_answer_may_be_one_of_several_objects(tmp_path: Path) -> None:
    """Answers may lack a tag, as they are tried one by one; bodies, items and maps may not."""
    schemas = (
        THING + "\nOther: {type: object, required: [b], properties: {b: {type: string}}, examples: [{b: x}]}"
    )
    either = f"{{oneOf: [{{$ref: '{REF}/Thing'}}, {{$ref: '{REF}/Other'}}]}}"
    maps = "{oneOf: [" + ", ".join(["{type: object, additionalProperties: {type: string}}"] * 2) + "]}"
    assert findings(tmp_path, spec_of(schemas=schemas, paths=answering(either))) == []
    content = "content/application~1json/schema"
    for paths, where in (
        (answering(either, place="body"), f"#/paths/~1things/post/requestBody/{content}"),
        (answering(f"{{type: array, items: {either}}}"), f"{GET}/responses/200/{content}/items"),
        (answering(maps), f"{GET}/responses/200/{content}"),
    ):
        told = dict(findings(tmp_path, spec_of(schemas=schemas, paths=paths)))
        assert "tell the members apart" in told[where]


def test_a_page_among_alternatives(tmp_path: Path) -> None:
    """The fields a listing is walked by are looked for in the alternative that is an object."""
    listed = f"{{oneOf: [{{type: array, items: {{type: string}}}}, {{$ref: '{REF}/Thing'}}]}}"
    extra = (
        "security: [], x-page: {request: c, response: a, items: a, more: MORE}, "
        "parameters: [{name: c, in: query, schema: {type: string}}]"
    )
    text = spec_of(schemas=THING, paths=operation(extra=extra).replace(f"{{$ref: '{REF}/Error'}}", listed, 1))
    assert findings(tmp_path, text.replace("MORE", "a")) == []
    assert [advice for _, advice in findings(tmp_path, text)] == ["there is no MORE in the answer"]


def test_a_value_of_any_kind(tmp_path: Path) -> None:
    """Where a venue sends anything, x-unpublished stands in for the type."""
    assert findings(tmp_path, spec_of(**prop("x-unpublished: true, description: Anything."))) == []


@pytest.mark.parametrize(
    ("old", "new", "where", "advice"),
    [
        ("openapi: 3.1.0", "openapi: 3.0.3", "#/openapi", "OpenAPI 3.1"),
        ("openapi: 3.1.0", "openapi: 3.2.0", "#/openapi", "OpenAPI 3.1"),
        (', version: "1"', "", "#/info", "title and version"),
        ("x-venue: NAME", "x-venue: other", "#/x-venue", "x-venue: tiny"),
        ("x-venue: NAME", "x-venue: tiny\nx-json: proto", "#/x-json", "protobuf or plain"),
        ("x-venue: NAME", "x-venue: tiny\nx-vneu: 1", "#/x-vneu", "no such extension"),
        ("paths:", "path:", "#/paths", "list the paths"),
        ("/things:", "things:", "#/paths/things", "start the path with /"),
        ("paths:", "paths:\n  /x: {$ref: '#/paths/~1things'}", "#/paths/~1x", "no reference"),
        ("paths:", "paths:\n  /x: {get: null}", "#/paths/~1x/get", "an operation is a mapping"),
        ("paths:", "paths:\n  /x: {fetch: {}}", "#/paths/~1x/fetch", "is not read here"),
        ("tags: [things]", "tags: [things], callbacks: {}", GET, "without callbacks"),
        ("paths:", "security: []\npaths:", "#/security", "for each operation"),
        (EXAMPLES, "{a: {type: string}}, examples: [{a: 2026-01-30}]", f"{TINY}/examples/0/a", "quote this"),
        (EXAMPLES, "{a: {type: string}}, examples: [{1: a}]", f"{TINY}/examples/0/1", "quote this key"),
        (
            "{a: {type: string}}",
            "{a: {type: string}}, x-presense: true",
            f"{TINY}/x-presense",
            "no such extension",
        ),
        ("{a: {type: string}}", "{a: {$ref: 'other.yaml#/A'}}", f"{TINY}/properties/a", "in this file"),
        ("{a: {type: string}}", "{a: {$ref: '#/$defs/A'}}", f"{TINY}/properties/a", "in this file"),
        ("{a: {type: string}}", f"{{a: {{$ref: '{REF}/Gone'}}}}", f"{TINY}/properties/a", "leads nowhere"),
        (
            "{a: {type: string}}",
            f"{{default: {{$ref: '{REF}/Gone'}}}}",
            f"{TINY}/properties/default",
            "nowhere",
        ),
    ],
)
def test_document_rules(tmp_path: Path, old: str, new: str, where: str, advice: str) -> None:
    """What is wrong with the document as such is found and placed."""
    text = spec_of(schemas=THING, paths=operation("Thing"))
    assert old in text
    found = findings(tmp_path, text.replace(old, new))
    assert [pointer for pointer, _ in found] == [where]
    assert advice in found[0][1]


@pytest.mark.parametrize(
    ("old", "new", "where", "advice"),
    [
        ("operationId: API_GetThing, ", "", GET, "give an operationId"),
        ("API_GetThing", "API_7", f"{GET}/operationId", "no name for a function"),
        ("tags: [things], ", "", f"{GET}/tags", "exactly one tag"),
        ("tags: [things]", "tags: [a, b]", f"{GET}/tags", "exactly one tag"),
        ("tags: [things]", "tags: [models]", f"{GET}/tags", "cannot be a module"),
        ("tags: [things]", "tags: [Big Things]", f"{GET}/tags", "cannot be a module"),
        (", security: []", "", GET, "security, or []"),
        ("security: []", "security: [{other: []}]", f"{GET}/security/0", "not among the securitySchemes"),
        ("security: []", 'security: [{token: ["read:y"]}]', f"{GET}/security/0", "no scope read:y"),
        ("x-retry: safe, ", "", GET, "say x-retry: safe | never | resolve"),
        ("x-retry: safe", "x-retry: often", f"{GET}/x-retry", "one of safe, never, resolve"),
        ("x-lane: read", "x-lane: fast", f"{GET}/x-lane", "one of read, write, cancel"),
        ("x-confidence: documented", "x-confidence: sure", f"{GET}/x-confidence", "one of documented"),
        (", x-source: nowhere", "", GET, "say x-source"),
        ("security: []", "security: [], x-stream: csv", f"{GET}/x-stream", "one of lines"),
        ("security: []", "security: [], x-json: proto", f"{GET}/x-json", "one of protobuf"),
        ('"200":', '"302":', f"{GET}/responses", "answer of success"),
        ('"200":', '"200": {description: ""}, 2XX:', f"{GET}/responses", "instead of 2XX"),
        ("default: {", '"503": {', f"{GET}/responses", "give a default answer"),
        ("default: {", '"404": {description: ""}, default: {', f"{GET}/responses", "the same schema"),
        ("security: []", "security: [], x-rate-limit: 5", f"{GET}/x-rate-limit", "give bucket and rate"),
        (
            "security: []",
            "security: [], x-rate-limit: {bucket: B, rate: 0}",
            f"{GET}/x-rate-limit/rate",
            "above zero",
        ),
        (
            "security: []",
            "security: [], x-rate-limit: {bucket: B, rate: {tier1: fast}}",
            f"{GET}/x-rate-limit/rate",
            "tier1 is 'fast'",
        ),
        ("security: []", "security: [], x-rate-limit: []", f"{GET}/x-rate-limit", "leave it out"),
        (
            "security: []",
            "security: [], x-rate-limit: [{bucket: B, rate: 1}, 5]",
            f"{GET}/x-rate-limit",
            "give bucket and rate",
        ),
        (
            "security: []",
            "security: [], x-rate-limit: [{bucket: B, rate: 1}, {bucket: B, rate: 2}]",
            f"{GET}/x-rate-limit",
            "a bucket of its own",
        ),
        (
            "security: []",
            "security: [], x-rate-limit: {bucket: B, rate: 1, scope: planet}",
            f"{GET}/x-rate-limit/scope",
            "one of firm, ip, signer, key",
        ),
        ("security: []", "security: [{key: [admin]}]", f"{GET}/security/0", "key has no scope admin"),
        ("security: []", "security: [], x-stream: words", f"{GET}/x-stream", "one of lines, events, file"),
        (
            "security: []",
            "security: [], x-rate-limit: {bucket: B, rate: 1, cost: 2}",
            f"{GET}/x-rate-limit/cost",
            "one of 1, items",
        ),
        (
            "security: []",
            "security: [], x-rate-limit: {bucket: B, rate: 1, ahead: sometimes}",
            f"{GET}/x-rate-limit/ahead",
            "one of False, True",
        ),
        (
            "security: []",
            "security: [], x-rate-limit: {bucket: B, rate: 1, enforced: perhaps}",
            f"{GET}/x-rate-limit/enforced",
            "one of True, False",
        ),
        (
            "security: []",
            "security: [], x-rate-limit: {bucket: B, rate: 1, window: true, burst: 5}",
            f"{GET}/x-rate-limit",
            "and nothing else",
        ),
        (
            "security: []",
            "security: [], x-rate-limit: {bucket: B, rate: {low: 1}, window: true, burst: {low: 1}}",
            f"{GET}/x-rate-limit",
            "and nothing else",
        ),
        (
            "security: []",
            "security: [], x-rate-limit: {bucket: B, rate: {low: 1, high: 2}, burst: {high: 2, low: 1}}",
            f"{GET}/x-rate-limit/burst",
            "a burst for each tier",
        ),
        (
            "security: []",
            "security: [], x-rate-limit: {bucket: B, rate: {low: 3}, burst: {low: 0}}",
            f"{GET}/x-rate-limit/burst",
            "low is 0",
        ),
        (
            "security: []",
            "security: [], x-rate-limit: {bucket: B, rate: 3, burst: {low: 3}}",
            f"{GET}/x-rate-limit/burst",
            "a burst for each tier",
        ),
        (
            "security: []",
            "security: [], x-page: {request: p}",
            f"{GET}/x-page",
            "give request, response and items",
        ),
    ],
)
def test_operation_rules(tmp_path: Path, old: str, new: str, where: str, advice: str) -> None:
    """What an operation leaves out, misspells or makes up is found and placed."""
    text = spec_of(schemas=THING, paths=operation("Thing"), components=SCHEMES)
    assert old in text
    found = findings(tmp_path, text.replace(old, new))
    assert [pointer for pointer, _ in found] == [where]
    assert advice in found[0][1]


@pytest.mark.parametrize(
    ("paths", "where", "advice"),
    [
        (operation() + operation(path="/b"), "#/paths/~1b/get/operationId", "is taken"),
        (
            operation() + operation(path="/b", name="Other_GetThing"),
            "#/paths/~1b/get/operationId",
            "has a get_thing",
        ),
        (operation(method="post").replace("x-lane: read, ", ""), "#/paths/~1things/post", "say x-lane"),
        (
            parameters("name: a, in: cookie, schema: {type: string}"),
            f"{GET}/parameters",
            "path, query or header",
        ),
        (
            parameters("name: x-participant, in: header, schema: {type: string}"),
            f"{GET}/parameters",
            "credential",
        ),
        (
            parameters("name: Authorization, in: header, schema: {type: string}"),
            f"{GET}/parameters",
            "credential",
        ),
        (
            parameters("name: body, in: query, schema: {type: string}"),
            f"{GET}/parameters",
            "no parameter can",
        ),
        (parameters("name: a, in: query"), f"{GET}/parameters", "give a schema"),
        (
            parameters("name: a, in: query, style: deepObject, schema: {type: string}"),
            f"{GET}/parameters",
            "deepObject",
        ),
        (
            parameters("name: a, in: header, schema: {type: string, format: date-time}"),
            f"{GET}/parameters",
            "date-time in headers",
        ),
        (
            parameters("name: a, in: query, schema: {type: object, additionalProperties: {type: string}}"),
            f"{GET}/parameters",
            "date.year",
        ),
        (
            operation(
                path="/b/{a}",
                extra="security: [], parameters: [{name: a, in: path, required: true, "
                "schema: {type: array, items: {type: string}}}]",
            ),
            "#/paths/~1b~1{a}/get/parameters",
            "single values",
        ),
        (body("text/csv: {schema: {type: string}}"), "#/paths/~1things/post/requestBody", "application/json"),
        (body("application/json: {}"), "#/paths/~1things/post/requestBody", "give a schema"),
        (
            body(f"application/json: {{schema: {{$ref: '{REF}/Bare'}}}}"),
            f"{REF}/Bare",
            "at least one",
        ),
        (operation("Bare"), f"{REF}/Bare", "at least one"),
        *(
            (
                operation().replace(f"{{$ref: '{REF}/Error'}}", schema, 1),
                f"{REF}/Bare",
                "at least one",
            )
            for schema in (
                f"{{type: array, items: {{$ref: '{REF}/Bare'}}}}",
                f"{{type: object, additionalProperties: {{$ref: '{REF}/Bare'}}}}",
                f"{{oneOf: [{{$ref: '{REF}/Bare'}}, {{type: 'null'}}]}}",
                f"{{type: array, items: {{oneOf: [{{type: string}}, {{$ref: '{REF}/Bare'}}]}}}}",
            )
        ),
        (
            operation(
                extra="security: [], x-page: {request: c, response: message, items: message, end: ''}, "
                "parameters: [{name: c, in: query, schema: {type: string}}]"
            ),
            f"{GET}/x-page/end",
            "as text",
        ),
        (operation().replace("application/json", "application/xml"), f"{GET}/responses/200", "is not read"),
        (
            operation(extra="security: [], x-page: {request: cursor, response: a, items: a}"),
            f"{GET}/x-page/request",
            "no cursor in the request",
        ),
        (
            operation(
                extra="security: [], x-page: {request: c, response: next, items: message}, "
                "parameters: [{name: c, in: query, schema: {type: string}}]"
            ),
            f"{GET}/x-page/response",
            "no next in the answer",
        ),
    ],
)
def test_rules_between_operations_and_their_parts(
    tmp_path: Path, paths: str, where: str, advice: str
) -> None:
    """What parameters, bodies, answers and pages cannot be is found and placed."""
    bare = "Bare: {type: object, properties: {a: {type: string}}}"
    found = findings(tmp_path, spec_of(schemas=bare, paths=paths, components=SCHEMES))
    assert where in [pointer for pointer, _ in found]
    assert advice in dict(found)[where]


@pytest.mark.parametrize(
    ("parts", "where", "advice"),
    [
        ({"schemas": "big_thing: {type: object}"}, f"{REF}/big_thing", "PascalCase: BigThing"),
        ({"schemas": "Decimal: {type: object}"}, f"{REF}/Decimal", "rename it"),
        (schema("type: object, title: Other"), TINY, "leave the title out"),
        ({"schemas": "Thing: true"}, TINY, "a schema is a mapping"),
        (schema("type: object, properties: {a: true}"), f"{TINY}/properties/a", "a schema is a mapping"),
        (schema("type: array, items: false"), f"{TINY}/items", "a schema is a mapping"),
        (schema("type: array"), TINY, "what the items are"),
        (prop("description: What?"), f"{TINY}/properties/a", "give a type"),
        (prop("type: string, enum: [A]"), f"{TINY}/properties/a", "make the enum a component"),
        (schema("type: string, enum: [A, null]"), TINY, "leave null out"),
        (schema('type: [string, "null"], enum: [A]'), TINY, "leave null out"),
        (schema("type: integer, enum: [1, 2]"), TINY, "list of strings"),
        (schema("type: string, enum: []"), TINY, "list of strings"),
        (schema('type: string, enum: ["1m", A]'), TINY, "'1m' does not start with a letter"),
        (schema('type: string, enum: ["", A]'), TINY, "does not start with a letter"),
        (schema('type: string, enum: ["1m", A], x-enum-varnames: [M]'), TINY, "as many x-enum-varnames"),
        (schema("type: string, enum: [open, OPEN]"), TINY, "OPEN would be there 2 times"),
        (schema('type: string, enum: ["1", "2"], x-enum-varnames: [a, A]'), TINY, "A would be there 2 times"),
        (
            prop("type: object, properties: {b: {type: string}}"),
            f"{TINY}/properties/a",
            "make the object a component",
        ),
        (prop("type: object"), f"{TINY}/properties/a", "the empty object a component"),
        (
            schema("type: array, items: {type: object, properties: {b: {type: string}}}"),
            f"{TINY}/items",
            "make the object a component",
        ),
        (
            prop("oneOf: [{type: string}, {type: string, format: date-time}]"),
            f"{TINY}/properties/a",
            "msgspec",
        ),
        (prop("anyOf: [{type: string}, {type: number, format: decimal}]"), f"{TINY}/properties/a", "msgspec"),
        (union(ONE_TWO, "description: x"), TINY, "tell the members apart"),
        (union(ONE_TWO, "discriminator: {propertyName: kind}"), f"{TINY}/discriminator", "map every member"),
        (
            union(ONE_TWO, f"discriminator: {{propertyName: kind, mapping: {{one: '{REF}/One'}}}}"),
            f"{TINY}/discriminator",
            "map every member",
        ),
        (
            union(
                ONE_LOOSE,
                f"discriminator: {{propertyName: kind, mapping: {{one: '{REF}/One', two: '{REF}/Loose'}}}}",
            ),
            f"{REF}/Loose",
            "const: two",
        ),
        (prop("type: number"), f"{TINY}/properties/a", "format: decimal"),
        (prop("type: string, format: int-64"), f"{TINY}/properties/a", "int-64 is not a format"),
        (prop("type: integer, format: decimal"), f"{TINY}/properties/a", "not a format of integer"),
        (prop("type: array, items: {type: string}, default: [a]"), f"{TINY}/properties/a", "is empty"),
        (prop("type: string, default: b"), f"{TINY}/properties/a", "is empty"),
        (prop("type: boolean, default: true"), f"{TINY}/properties/a", "is empty"),
        (prop("type: boolean, default: 0"), f"{TINY}/properties/a", "of the one type"),
        (prop("type: string, default: null"), f"{TINY}/properties/a", "of the one type"),
        (prop("type: [string, 'null'], default: ''"), f"{TINY}/properties/a", "of the one type"),
        (prop("type: number, format: decimal, default: 0"), f"{TINY}/properties/a", "of the one type"),
        (prop("type: string, format: decimal, default: ''"), f"{TINY}/properties/a", "format decimal has no"),
        (schema("type: string, default: ''"), TINY, "only a property"),
        (
            schema("type: object, required: [a], properties: {a: {type: string, default: ''}}"),
            f"{TINY}/properties/a",
            "no default",
        ),
        (schema("type: string, enum: [X_A, X_B], x-enum-prefix: X_"), TINY, "list them without"),
        (schema("type: string, enum: [A, B], x-enum-prefix: ''"), TINY, "list them without"),
        (prop("type: string, x-presence: 1"), f"{TINY}/properties/a", "x-presence is true"),
        (
            schema("type: object, required: [b], properties: {a: {type: string}}"),
            TINY,
            "b is required and not",
        ),
        (
            schema("type: object, properties: {a: {type: string}}, additionalProperties: true"),
            TINY,
            "not both",
        ),
        (prop("type: object, x-key-format: int64, x-unpublished: true"), f"{TINY}/properties/a", "goes with"),
        (
            prop("type: object, x-key-format: int32, additionalProperties: {type: string}"),
            f"{TINY}/properties/a",
            "goes with",
        ),
        (
            schema("type: object, properties: {orderId: {type: string}, order_id: {type: string}}"),
            f"{TINY}/properties",
            "both be called order_id",
        ),
        (
            schema("type: object, properties: {'a\"b': {type: string}}"),
            f"{TINY}/properties",
            "msgspec takes no",
        ),
    ],
)
def test_schema_rules(tmp_path: Path, parts: dict[str, str], where: str, advice: str) -> None:
    """What the parser or msgspec would trip over is found and placed."""
    found = findings(tmp_path, spec_of(**parts))
    assert [pointer for pointer, _ in found] == [where]
    assert advice in found[0][1]


def test_schemas_are_checked_wherever_they_stand(tmp_path: Path) -> None:
    """Parameters, bodies, answers and components of every kind hold schemas, and all are looked at."""
    inline = "{type: object, properties: {a: {type: string}}}"
    text = spec_of(
        paths="/p: {parameters: [{name: q, in: query, schema: {type: number}}], get: {operationId: API_Get, "
        "tags: [t], x-retry: safe, x-confidence: code, x-source: s, security: [], "
        f"requestBody: {{content: {{application/json: {{schema: {inline}}}}}}}, "
        'responses: {"200": {$ref: "#/components/responses/Good"}, default: {description: ""}}}}',
        components=f"""
        responses: {{Good: {{description: "", content: {{application/json: {{schema: {inline}}}}}}}}}
        parameters: {{P: {{name: p, in: query, schema: {{type: number}}}}}}
        requestBodies: {{B: {{content: {{application/json: {{schema: {inline}}}}}}}}}
        """,
    )
    assert {pointer for pointer, _ in findings(tmp_path, text)} == {
        "#/paths/~1p/parameters/0/schema",
        "#/paths/~1p/get/requestBody/content/application~1json/schema",
        "#/components/responses/Good/content/application~1json/schema",
        "#/components/parameters/P/schema",
        "#/components/requestBodies/B/content/application~1json/schema",
    }


def test_files_have_names_of_packages(tmp_path: Path) -> None:
    """A file that could not be imported is refused."""
    path = save(tmp_path, spec_of(), "us-exchange")
    assert [each.where for each in rules.check(load(path))] == ["#"]


def test_all_findings_are_told_at_once_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One run tells everything that is wrong, in all specs, and leaves the output alone."""
    save(tmp_path / "specs", spec_of(**schema("type: number")), "one")
    save(tmp_path / "specs", spec_of(schemas="a: {type: object}\nb: {type: array}"), "two")
    options = ["--specs", str(tmp_path / "specs"), "--output", str(tmp_path / "generated")]
    assert generator.main(options) == 1
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        "one.openapi.yaml#/components/schemas/Thing",
        "two.openapi.yaml#/components/schemas/a",
        "two.openapi.yaml#/components/schemas/b",
        "two.openapi.yaml#/components/schemas/b",
    ]
    assert not (tmp_path / "generated").exists()
