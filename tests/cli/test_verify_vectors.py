"""``polyspec verify-vectors``: passes what is right, and notices when a single character is not."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from polyspec.cli import main
from polyspec.cli.verify_vectors import check_vector

VECTORS = Path(__file__).parents[1] / "vectors"
FILES = sorted(VECTORS.glob("*.json"))
CONTENTS = {path.stem: json.loads(path.read_bytes()) for path in FILES}
# of each kind: the first, the last and one in between; signatures of every type are among them
SAMPLES = [
    pytest.param(kind, vectors[place], id=f"{kind}-{vectors[place]['id']}")
    for kind, content in CONTENTS.items()
    if (vectors := content["vectors"])
    for place in sorted({0, len(vectors) // 2, len(vectors) - 1})
]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("POLYSPEC_")}


def verify(capsys: pytest.CaptureFixture[str], *files: Path) -> tuple[int, str, str]:
    """Run the command; return its exit status and what it printed."""
    status = main(["verify-vectors", *map(str, files)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def written(folder: Path, content: Any, name: str = "changed.json") -> Path:
    """Write a file of vectors."""
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Return everything an expected result says, with where it says it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


def others(value: Any) -> Iterator[Any]:
    """Return the values that differ from a leaf in one character, one for each of its characters."""
    if value is None:
        yield from ("", "0", 0, False)
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, str(value))
        yield from (number for text in others(str(value)) if (number := int(text)) != value)
    else:
        for place, letter in enumerate(value):
            # a hexadecimal digit becomes another one, which differs in any case
            other = "1" if letter in "0aA" else "0" if letter.lower() in "123456789bcdef" else "?"
            yield value[:place] + other + value[place + 1 :]
        yield value + "0"


def changed(vector: Any, path: tuple[str, ...], value: Any) -> Any:
    """Return a copy of a vector that expects another value somewhere."""
    copied = copy.deepcopy(vector)
    target = copied["expected"]
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return copied


def test_all_vectors_pass_and_the_backends_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Every vector there is passes; each file has its line, and what hashed and signed is told."""
    status, out, err = verify(capsys, *FILES)
    assert (status, err) == (0, "")
    first, *lines = out.splitlines()
    assert "keccak256 by " in first
    assert "secp256k1 by " in first
    assert lines == [f"{path}: {CONTENTS[path.stem]['count']} passed, 0 failed" for path in FILES]
    assert len(FILES) == 11


@pytest.mark.parametrize(("kind", "vector"), SAMPLES)
def test_every_changed_character_is_noticed(kind: str, vector: Any) -> None:
    """Whichever character of whichever expected value changes, the vector fails, by the name of the field."""
    assert check_vector(kind, vector) == []
    places = list(leaves(vector["expected"]))
    assert places
    for path, value in places:
        for other in others(value):
            problems = check_vector(kind, changed(vector, path, other))
            assert [problem.split(":")[0] for problem in problems] == [".".join(path)], (path, other)


@pytest.mark.parametrize(("kind", "vector"), SAMPLES)
def test_a_field_more_or_less_is_noticed(kind: str, vector: Any) -> None:
    """A field that is not checked, or that is missing, fails: nothing passes unseen."""
    for path, _ in list(leaves(vector["expected"])):
        less = copy.deepcopy(vector)
        target = less["expected"]
        for key in path[:-1]:
            target = target[key]
        gone = target.pop(path[-1])
        optional = path[-1] in {"postOnly", "deferExec"} and gone is False
        assert bool(check_vector(kind, less)) is not optional, path
        assert check_vector(kind, changed(vector, (*path[:-1], "surprise"), gone))
    for nothing in ({}, [], "", 0, False):
        assert check_vector(kind, vector | {"expected": nothing})


@pytest.mark.parametrize(("kind", "vector"), SAMPLES)
def test_addresses_compare_in_any_case_and_nothing_else_does(kind: str, vector: Any) -> None:
    """An address may be written in capitals or not; signatures, digests and other texts may not."""
    for path, value in leaves(vector["expected"]):
        if not isinstance(value, str) or value.swapcase() == value:
            continue
        swapped = value[:2] + value[2:].swapcase() if value.startswith("0x") else value.swapcase()
        address = len(value) == 42 and value.startswith("0x")
        if swapped != value:
            assert (check_vector(kind, changed(vector, path, swapped)) == []) is address, path


def test_every_input_counts() -> None:
    """Another key, salt, size or clock makes the expected signature wrong."""
    vector = next(v for v in CONTENTS["clob_orders_v2"]["vectors"] if v["inputs"]["kind"] == "limit")
    swaps = {
        "private_key": "0x" + "11" * 32, "chain_id": 80002, "neg_risk": not vector["inputs"]["neg_risk"],
        "side": "SELL" if vector["inputs"]["side"] == "BUY" else "BUY", "size": "8", "salt": "2",
        "price": "0.9", "timestamp_ms": 1, "token_id": "5", "owner": "somebody", "post_only": True,
        "defer_exec": True, "builder": "0x" + "22" * 32, "metadata": "0x" + "33" * 32,
    }  # fmt: skip
    assert check_vector("clob_orders_v2", vector) == []
    for name, value in swaps.items():
        assert check_vector("clob_orders_v2", vector | {"inputs": vector["inputs"] | {name: value}}), name


def test_an_expected_refusal_is_checked_both_ways() -> None:
    """`expected: null` passes where the inputs are refused, and fails where they are not."""
    for kind, content in CONTENTS.items():
        good = content["vectors"][0]
        assert check_vector(kind, good | {"expected": None}) == ["expected a refusal, got a result"]
    off_grid = next(v for v in CONTENTS["clob_amounts"]["vectors"] if not v["expected"]["on_grid"])
    no_match = next(v for v in CONTENTS["clob_market_price"]["vectors"] if v["expected"]["error"])
    order = CONTENTS["clob_orders_v2"]["vectors"][0]
    wrong_tick = order | {"inputs": order["inputs"] | {"price": "0.12345"}}
    for kind, vector in (
        ("clob_amounts", off_grid), ("clob_market_price", no_match), ("clob_orders_v2", wrong_tick),
    ):  # fmt: skip
        assert check_vector(kind, vector | {"expected": None}) == []
    (problem,) = check_vector("clob_orders_v2", wrong_tick)
    assert problem.startswith("is refused: price 0.12345")


@pytest.mark.parametrize(
    "inputs",
    [{}, None, [], "text", {"private_key": 5}, {"private_key": "0x12"}, {"body": 5}, {"levels": 7}],
    ids=str,
)
@pytest.mark.parametrize("kind", CONTENTS)
def test_inputs_that_cannot_be_used_fail(kind: str, inputs: Any) -> None:
    """Missing and malformed inputs fail the vector without ending the command."""
    vector = CONTENTS[kind]["vectors"][0]
    broken = vector | {"inputs": vector["inputs"] | inputs if isinstance(inputs, dict) and inputs else inputs}
    touched = not isinstance(inputs, dict) or not inputs or inputs.keys() & vector["inputs"].keys()
    assert bool(check_vector(kind, broken)) is bool(touched)


def test_failures_name_vector_and_field(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A failing vector is named with its field on stderr, its file counts it, and the exit status is 1."""
    content = copy.deepcopy(CONTENTS["clob_orders_v2"])
    content["vectors"][3]["expected"]["body"]["order"]["salt"] += 1
    content["vectors"][5]["expected"]["maker_amount"] = "1"
    path = written(tmp_path, content)
    status, out, err = verify(capsys, path, VECTORS / "clob_wallets.json")
    assert status == 1
    total = content["count"]
    assert f"{path}: {total - 2} passed, 2 failed\n" in out
    assert "clob_wallets.json: 4 passed, 0 failed\n" in out
    first, second = err.splitlines()
    assert first.startswith(f"{path}: {content['vectors'][3]['id']}: body.order.salt: expected ")
    assert second.startswith(f'{path}: {content["vectors"][5]["id"]}: maker_amount: expected "1", got "')


def test_credentials_are_not_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Failing vectors of API keys name the field, not the values: they may be somebody's own."""
    for kind in ("clob_l2_hmac", "clob_builder_headers"):
        content = copy.deepcopy(CONTENTS[kind])
        for vector in content["vectors"]:
            vector["inputs"]["passphrase"] = "hush-hush"
            vector["expected"]["signature"] = "wrong-signature"
        status, _, err = verify(capsys, written(tmp_path, content))
        assert status == 1
        assert "_PASSPHRASE: is something else here" in err
        secrets = {"hush-hush", "wrong-signature"}
        secrets |= {vector["inputs"]["secret"] for vector in content["vectors"]}
        assert not [secret for secret in secrets if secret in err]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "no JSON"),
        ("", "no JSON"),
        ("[]", "no list"),
        ({"kind": "clob_amounts", "format": 1}, "no list"),
        ({"kind": "clob_dances", "format": 1, "vectors": []}, "clob_dances"),
        ({"kind": ["clob_amounts"], "format": 1, "vectors": []}, "clob_amounts"),
        ({"kind": "clob_amounts", "format": 2, "vectors": []}, "format 2"),
    ],
)
def test_a_file_that_cannot_be_checked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: Any, words: str
) -> None:
    """What is no file of known vectors is told in one sentence with exit status 2; the others are checked."""
    path = written(tmp_path, content)
    status, out, err = verify(capsys, path, VECTORS / "clob_amounts.json")
    assert status == 2
    assert err.startswith(f"polyspec: {path}: ")
    assert words in err
    assert len(err.splitlines()) == 1
    assert "clob_amounts.json: 42 passed, 0 failed\n" in out


def test_a_file_that_cannot_be_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A missing file and a folder exit with 2, also after a file with failures."""
    content = copy.deepcopy(CONTENTS["clob_amounts"])
    content["vectors"][0]["expected"]["on_grid"] = False
    failing = written(tmp_path, content)
    for files in ([tmp_path / "absent.json"], [tmp_path], [failing, tmp_path], [tmp_path, failing]):
        status, _, err = verify(capsys, *files)
        assert status == 2
        assert "cannot be read" in err


@pytest.mark.parametrize("change", ["count", "empty", "vector"])
def test_vectors_that_went_missing_fail(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, change: str
) -> None:
    """A file that was cut short, or whose vectors are none, does not pass."""
    content = copy.deepcopy(CONTENTS["clob_market_price"])
    if change == "count":
        content["vectors"].pop()
    elif change == "empty":
        content |= {"vectors": [], "count": 0}
    else:
        content["vectors"][2] = "vector"
    status, out, err = verify(capsys, written(tmp_path, content))
    assert status == 1
    assert "1 failed" in out
    assert ("vector 2: " if change == "vector" else "count: ") in err


def test_it_is_the_signing_code_that_is_checked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another hash function in the signing code no order and no wallet passes."""
    for module in ("order_signer", "typed_data", "wallets", "l1"):
        monkeypatch.setattr(f"polyspec.clob.{module}.keccak256", lambda data: hashlib.sha3_256(data).digest())
    monkeypatch.setattr(
        "polyspec.clob.wallets._derive", sys.modules["polyspec.clob.wallets"]._derive.__wrapped__
    )
    status, out, _ = verify(capsys, VECTORS / "clob_orders_v2.json", VECTORS / "clob_wallets.json")
    assert status == 1
    assert "clob_orders_v2.json: 0 passed, 88 failed" in out
    assert "clob_wallets.json: 0 passed, 4 failed" in out


def test_the_command_as_a_script_meets_it(tmp_path: Path) -> None:
    """The installed command passes the vectors, needs a file, and fails a changed one."""
    command = [sys.executable, "-m", "polyspec.cli", "verify-vectors"]
    content = copy.deepcopy(CONTENTS["clob_l1_auth"])
    signature = content["vectors"][1]["expected"]["signature"]
    content["vectors"][1]["expected"]["signature"] = signature[:-1] + ("b" if signature[-1] == "c" else "c")
    runs = {(): 2, tuple(map(str, FILES)): 0, (str(written(tmp_path, content)),): 1}
    for files, status in runs.items():
        done = subprocess.run(
            [*command, *files], check=False, capture_output=True, text=True, timeout=60, env=CLEAN
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
