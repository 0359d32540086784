from __future__ import annotations

import copy
import datetime as dt
import pickle
from decimal import Decimal
from typing import Any, get_type_hints

import msgspec
import pytest
from tinyspec import Compile

from generator.text import snake

PROTOBUF = "x-json: protobuf"


def decode(text: bytes, kind: Any) -> Any:
    """Decode as the client does."""
    return msgspec.json.decode(text, type=kind, strict=False)


def test_renamed_fields_round_trip(compiled: Compile) -> None:
    """Fields are snake_case in Python and keep the name of the spec on the wire."""
    thing = compiled(
        schemas="""
        Thing:
          type: object
          properties: {nextPageToken: {type: string}, class: {type: string}, type: {type: string},
                       str: {type: string}, id: {type: string}, self: {type: string},
                       list: {type: array, items: {type: string}}}
        """
    ).models.Thing
    made = thing(next_page_token="a", class_="b", type="c", str_="d", id="e", self_="f", list_=["g"])
    wire = msgspec.json.encode(made)
    assert msgspec.json.decode(wire) == {
        "nextPageToken": "a",
        "class": "b",
        "type": "c",
        "str": "d",
        "id": "e",
        "self": "f",
        "list": ["g"],
    }
    assert decode(wire, thing) == made


def test_int64_is_read_from_strings_and_numbers(compiled: Compile) -> None:
    """64-bit integers arrive as strings or numbers and are exact, map keys included."""
    thing = compiled(
        root=PROTOBUF,
        schemas="""
        Thing:
          type: object
          properties:
            one: {type: string, format: int64}
            many: {type: array, items: {type: string, format: int64}}
            levels: {type: object, additionalProperties: {type: string, format: int64}, x-key-format: int64}
        """,
    ).models.Thing
    read = decode(b'{"one":"9223372036854775807","many":["1",2],"levels":{"97":"312"}}', thing)
    assert read == thing(one=2**63 - 1, many=[1, 2], levels={97: 312})
    assert decode(msgspec.json.encode(read), thing) == read


def test_decimals_are_exact(compiled: Compile) -> None:
    """A decimal never passes through a float, be it a string or a number, and types tell which it was."""
    models = compiled(
        schemas="""
        Thing:
          type: object
          required: [text, number]
          properties:
            text: {type: string, format: decimal}
            number: {type: number, format: decimal}
            maybe: {type: [number, "null"], format: decimal}
        """
    ).models
    read = decode(b'{"text":"0.10","number":0.1000000000000000055511151231257827}', models.Thing)
    assert read.text == Decimal("0.10")
    assert str(read.number) == "0.1000000000000000055511151231257827"
    assert read.maybe is None
    hints = get_type_hints(models.Thing, include_extras=True)
    assert hints["text"] is Decimal
    assert hints["number"].__metadata__[0].extra_json_schema == {"type": "number"}


def test_string_decimal_is_decimal(compiled: Compile) -> None:
    """The parser is still open at the place where formats are decided: fields, items and maps."""
    tiny = compiled(
        schemas="""
        Thing:
          type: object
          properties:
            one: {type: string, format: decimal}
            many: {type: array, items: {type: string, format: decimal}}
            named: {type: object, additionalProperties: {type: string, format: decimal}}
        """
    )
    assert get_type_hints(tiny.models.Thing) == {
        "one": Decimal | None,
        "many": list[Decimal] | None,
        "named": dict[str, Decimal] | None,
    }


def test_zero_values_may_be_absent(compiled: Compile) -> None:
    """Protobuf documents read absent as zero, keep presence where the spec says so, and write neither."""
    models = compiled(
        root=PROTOBUF,
        schemas="""
        Kind: {type: string, enum: [KIND_NONE, KIND_SOME]}
        Part: {type: object, properties: {x: {type: boolean}}}
        Thing:
          type: object
          properties:
            flag: {type: boolean}
            count: {type: integer, format: int32}
            scaled: {type: string, format: int64}
            price: {type: string, format: decimal}
            rate: {type: number, format: decimal}
            ratio: {type: number, format: double}
            text: {type: string}
            kind: {$ref: "#/components/schemas/Kind"}
            parts: {type: array, items: {$ref: "#/components/schemas/Part"}}
            tags: {type: object, additionalProperties: {type: string}}
            part: {$ref: "#/components/schemas/Part"}
            at: {type: string, format: date-time}
            settled: {type: string, format: int64, x-presence: true}
            shown: {$ref: "#/components/schemas/Kind", x-presence: true}
        """,
    ).models
    empty = models.Thing()
    assert decode(b"{}", models.Thing) == empty
    assert msgspec.json.encode(empty) == b"{}"
    assert (empty.flag, empty.count, empty.scaled, empty.price, empty.rate) == (
        False,
        0,
        0,
        Decimal(0),
        Decimal(0),
    )
    assert (empty.ratio, empty.text, empty.kind, empty.parts, empty.tags) == (
        0.0,
        "",
        models.Kind.NONE,
        [],
        {},
    )
    assert (empty.part, empty.at, empty.settled, empty.shown) == (None, None, None, None)
    present = models.Thing(count=0, settled=0, shown=models.Kind.NONE, part=models.Part())
    assert msgspec.json.decode(msgspec.json.encode(present)) == {
        "settled": 0,
        "shown": "KIND_NONE",
        "part": {},
    }


def test_plain_documents_have_no_zero_values(compiled: Compile) -> None:
    """Without x-json an optional field is None when absent, a nullable one may be null."""
    thing = compiled(
        schemas="""
        Kind: {type: string, enum: [open, shut]}
        Thing:
          type: object
          required: [state]
          properties:
            count: {type: integer}
            state: {oneOf: [{$ref: "#/components/schemas/Kind"}, {type: "null"}]}
        """
    ).models.Thing
    assert decode(b'{"state":null}', thing) == thing(state=None)
    assert thing(state=None).count is None


def test_required_fields_must_be_there(compiled: Compile) -> None:
    """A required field has no default, and its absence is an error that names the place."""
    models = compiled(
        root=PROTOBUF,
        schemas="""
        Part: {type: object, required: [symbolName], properties: {symbolName: {type: string}}}
        Thing: {type: object, properties: {parts: {type: array, items: {$ref: "#/components/schemas/Part"}}}}
        """,
    ).models
    with pytest.raises(msgspec.ValidationError, match=r"`symbolName` - at `\$\.parts\[0\]`"):
        decode(b'{"parts":[{}]}', models.Thing)
    with pytest.raises(TypeError, match="symbol_name"):
        models.Part()


def test_unknown_fields_are_ignored(compiled: Compile) -> None:
    """Fields the venue adds later do no harm."""
    thing = compiled(schemas="Thing: {type: object, properties: {a: {type: string}}}").models.Thing
    assert decode(b'{"a":"x","later":{"b":1}}', thing) == thing(a="x")


def test_enums_are_open(compiled: Compile) -> None:
    """A value the spec does not know survives decoding, encoding, copying and pickling."""
    models = compiled(
        schemas="""
        Kind: {type: string, enum: [KIND_NONE, KIND_SOME]}
        Thing: {type: object, properties: {kind: {$ref: "#/components/schemas/Kind"}}}
        """
    ).models
    read = decode(b'{"kind":"KIND_LATER"}', models.Thing)
    assert isinstance(read.kind, models.Kind)
    assert read.kind == "KIND_LATER" == str(read.kind)
    assert msgspec.json.encode(read) == b'{"kind":"KIND_LATER"}'
    assert pickle.loads(pickle.dumps(read.kind)) == copy.deepcopy(read.kind) == read.kind
    assert {"KIND_SOME": 1}[models.Kind.SOME] == 1
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"kind":5}', models.Thing)


@pytest.mark.parametrize(
    ("values", "members"),
    [
        ("[SIDE_NONE, SIDE_BUY]", {"NONE": "SIDE_NONE", "BUY": "SIDE_BUY"}),
        ("[RATE_1D, RATE_7D]", {"RATE_1D": "RATE_1D", "RATE_7D": "RATE_7D"}),
        ("[BIG_RATE_1D, BIG_RATE_7D]", {"RATE_1D": "BIG_RATE_1D", "RATE_7D": "BIG_RATE_7D"}),
        ("[STATE, STATE_OPEN]", {"STATE": "STATE", "STATE_OPEN": "STATE_OPEN"}),
        ("[STATE_OPEN, STATE_OPENING]", {"OPEN": "STATE_OPEN", "OPENING": "STATE_OPENING"}),
        ("[live, matched]", {"LIVE": "live", "MATCHED": "matched"}),
        ('["1m", "1h"], x-enum-varnames: [MINUTE, HOUR]', {"MINUTE": "1m", "HOUR": "1h"}),
        ("['it''s \"x\\', 'b}}'], x-enum-varnames: [A, B]", {"A": "it's \"x\\", "B": "b}}"}),
    ],
)
def test_enum_members(compiled: Compile, values: str, members: dict[str, str]) -> None:
    """Members lose what their names have in common up to an underscore, and keep their values."""
    kind = compiled(schemas=f"Kind: {{type: string, enum: {values}}}").models.Kind
    assert {member.name: member.value for member in kind} == members


def test_enums_with_a_prefix(compiled: Compile) -> None:
    """A value reads the same with the prefix and without it, known or not, and is written without it."""
    kind = compiled(schemas="Kind: {type: string, enum: [LIVE, DONE], x-enum-prefix: KIND_}").models.Kind
    for value in ("LIVE", "KIND_LIVE"):
        assert decode(f'"{value}"'.encode(), kind) is kind.LIVE
    for value in ("LATER", "KIND_LATER"):
        later = decode(f'"{value}"'.encode(), kind)
        assert isinstance(later, kind)
        assert later == "LATER"
        assert pickle.loads(pickle.dumps(later)) == later
    assert msgspec.json.encode(decode(b'"KIND_LIVE"', kind)) == b'"LIVE"'
    assert [member.name for member in kind] == ["LIVE", "DONE"]
    with pytest.raises(msgspec.ValidationError):
        decode(b"5", kind)


def test_stated_defaults(compiled: Compile) -> None:
    """What the spec says absent means is the default, fresh each time; unlike others it is written."""
    thing = compiled(
        schemas="""
        Thing:
          type: object
          properties:
            many: {type: array, items: {type: string}, default: []}
            named: {type: object, additionalProperties: {type: integer}, default: {}}
            errorMsg: {type: string, default: ""}
            on: {type: boolean, default: false}
            count: {type: integer, format: int64, default: 0}
            maybe: {type: string}
        """
    ).models.Thing
    made = decode(b"{}", thing)
    assert made == thing(many=[], named={}, error_msg="", on=False, count=0, maybe=None)
    assert made.many is not thing().many
    assert made.named is not thing().named
    assert get_type_hints(thing)["many"] == list[str]
    told = b'{"many":[],"named":{},"errorMsg":"","on":false,"count":0}'
    assert msgspec.json.encode(made) == told
    assert decode(told, thing) == made


def test_values_of_any_kind(compiled: Compile) -> None:
    """Where a venue may send anything a field takes it as it is, alone or in a list; absent it is None."""
    thing = compiled(
        schemas="""
        Thing:
          type: object
          properties: {any: {x-unpublished: true}, all: {type: array, items: {x-unpublished: true}}}
        """
    ).models.Thing
    assert get_type_hints(thing)["any"] is Any
    assert thing().any is None
    for value in (1, "a", [1, "a"], {"b": None}):
        assert decode(msgspec.json.encode({"any": value, "all": [value]}), thing) == thing(
            any=value, all=[value]
        )


def test_other_types(compiled: Compile) -> None:
    """Times are datetimes, free-form objects dicts, empty objects classes; aliases have no name."""
    models = compiled(
        schemas="""
        Empty: {type: object}
        Symbols: {type: array, items: {type: string}}
        Unknown: {type: object, x-unpublished: true}
        Thing:
          type: object
          properties:
            at: {type: string, format: date-time}
            day: {type: string, format: date}
            free: {type: object, additionalProperties: true}
            unknown: {$ref: "#/components/schemas/Unknown"}
            symbols: {$ref: "#/components/schemas/Symbols"}
            empty: {$ref: "#/components/schemas/Empty"}
            map: {type: object, additionalProperties: {$ref: "#/components/schemas/Thing"}}
        """
    ).models
    read = decode(
        b'{"at":"2026-01-30T18:21:07.402915377Z","day":"2026-01-30","free":{"a":[1]},"unknown":{"b":2},'
        b'"symbols":["s"],"empty":{"c":1},"map":{"k":{"symbols":[]}}}',
        models.Thing,
    )
    assert read.at == dt.datetime(2026, 1, 30, 18, 21, 7, 402915, dt.UTC)
    assert read == models.Thing(
        at=read.at,
        day=dt.date(2026, 1, 30),
        free={"a": [1]},
        unknown={"b": 2},
        symbols=["s"],
        empty=models.Empty(),
        map={"k": models.Thing(symbols=[])},
    )
    assert not hasattr(models, "Unknown")
    assert not hasattr(models, "Symbols")


def test_all_of_takes_the_fields_of_its_parts(compiled: Compile) -> None:
    """Fields of a part come with their presence and their names."""
    models = compiled(
        root=PROTOBUF,
        schemas="""
        Base: {type: object, properties: {orderId: {type: string, x-presence: true}, count: {type: integer}}}
        Thing:
          allOf: [{$ref: "#/components/schemas/Base"}, {type: object, properties: {more: {type: string}}}]
        """,
    ).models
    assert models.Thing.__struct_fields__ == ("order_id", "count", "more")
    assert (models.Thing().order_id, models.Thing().count) == (None, 0)


def test_unions_are_told_apart_by_their_tag(compiled: Compile) -> None:
    """A discriminated union decodes into the member its tag names."""
    models = compiled(
        schemas="""
        Fill: {type: object, required: [kind], properties: {kind: {const: fill}, price: {type: string}}}
        Move: {type: object, required: [kind], properties: {kind: {const: move}, to: {type: string}}}
        Thing:
          type: object
          properties:
            event:
              oneOf: [{$ref: "#/components/schemas/Fill"}, {$ref: "#/components/schemas/Move"}]
              discriminator:
                propertyName: kind
                mapping: {fill: "#/components/schemas/Fill", move: "#/components/schemas/Move"}
        """
    ).models
    read = decode(b'{"event":{"kind":"move","to":"here"}}', models.Thing)
    assert read.event == models.Move(to="here")
    assert models.Move.kind == "move"
    assert msgspec.json.decode(msgspec.json.encode(read)) == {"event": {"kind": "move", "to": "here"}}


def test_unions_have_their_name(compiled: Compile) -> None:
    """A union that is a component is a type of that name, though no operation refers to it."""
    models = compiled(
        schemas="""
        Fill: {type: object, required: [kind], properties: {kind: {const: fill}, price: {type: string}}}
        Move: {type: object, required: [kind], properties: {kind: {const: move}, to: {type: string}}}
        Event:
          oneOf: [{$ref: "#/components/schemas/Fill"}, {$ref: "#/components/schemas/Move"}]
          discriminator:
            propertyName: kind
            mapping: {fill: "#/components/schemas/Fill", move: "#/components/schemas/Move"}
        Thing: {type: object, properties: {event: {$ref: "#/components/schemas/Event"}}}
        """
    ).models
    assert "Event" in models.__all__
    assert decode(b'{"kind":"move","to":"here"}', models.Event) == models.Move(to="here")
    assert decode(b'[{"kind":"fill"}]', list[models.Event]) == [models.Fill()]
    assert get_type_hints(models.Thing)["event"] == models.Event | None
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"kind":"other"}', models.Event)


def test_constants_are_tags(compiled: Compile) -> None:
    """A required constant is written by itself and checked when read, also outside of unions."""
    frame = compiled(
        schemas="""
        Frame:
          type: object
          required: [type, ids]
          properties: {type: {const: market}, ids: {type: array, items: {type: string}}}
        """
    ).models.Frame
    assert frame.type == "market"
    assert msgspec.json.encode(frame(ids=["1"])) == b'{"type":"market","ids":["1"]}'
    assert decode(b'{"ids":[],"type":"market"}', frame) == frame(ids=[])
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"ids":[],"type":"user"}', frame)


@pytest.mark.parametrize(
    ("camel", "expected"),
    [
        ("GetRFQs", "get_rfqs"),
        ("GetBBO", "get_bbo"),
        ("GetWhoAmI", "get_who_am_i"),
        ("GetRFQUserID", "get_rfq_user_id"),
    ],
)
def test_snake_case_keeps_acronyms_whole(camel: str, expected: str) -> None:
    """Function names read as a person would write them."""
    assert snake(camel) == expected


def test_passwords_are_not_shown(compiled: Compile) -> None:
    """A field of format password travels as any other, but no repr shows it and no pickle carries it."""
    login = compiled(
        schemas="""
        Login: {type: object, properties: {user: {type: string}, pin: {type: string, format: password}}}
        """
    ).models.Login
    made = login(user="ada", pin="canary")
    assert msgspec.json.decode(msgspec.json.encode(made)) == {"user": "ada", "pin": "canary"}
    assert "canary" not in f"{made} {made!r}"
    assert "ada" in repr(made)
    assert copy.copy(made) == made
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(made)
