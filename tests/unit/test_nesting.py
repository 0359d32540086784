from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import msgspec
import pytest

from polyspec.core.codec import decode
from polyspec.core.nesting import check_depth, read_plain
from polyspec.errors import DecodeError

LIMIT = 100_000
"""What eth-account raises the recursion limit to."""


@pytest.fixture(autouse=True)
def raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the guard believe that some library has raised the limit; the limit itself stays as it is."""
    monkeypatch.setattr("polyspec.core.nesting._USUAL", 0)


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b'{"a":[' * 20_000,
        b"[" * 50_000 + b"]" * 50_000,
        b'["]",' * 50_000,
        b'["\\"]",' * 50_000,
        b'[{"[":"]"},' * 50_000,
    ],
    ids=range(7),
)
def test_nested_without_end_is_refused(text: bytes) -> None:
    """However the brackets are hidden, what nests too deeply is a DecodeError, at once."""
    start = time.monotonic()
    with pytest.raises(RecursionError):
        check_depth(text)
    with pytest.raises(msgspec.DecodeError):
        read_plain(text)
    with pytest.raises(DecodeError):
        decode(text, dict[str, Any])
    assert time.monotonic() - start < 1


@pytest.mark.parametrize(
    "plain",
    [
        [{"a": [], "b": {"c": [1, {}]}}] * 5_000,
        {str(number): [[[[number]]]] for number in range(2_000)},
        ["[[[[{{{{" * 1_000] * 10,
        ["]" * 5_000, '"[' * 5_000, "\\" * 5_000],
        [[]] * 3_000,
    ],
    ids=range(5),
)
def test_what_is_only_long_is_read(plain: Any) -> None:
    """Many brackets beside each other, or in texts, are no depth."""
    assert read_plain(msgspec.json.encode(plain)) == plain


@pytest.mark.parametrize("text", [b'"' + b'\\"' * 500_000, b'"\\' * 500_000, b'["' * 500_000])
def test_looking_takes_no_longer_than_reading(text: bytes) -> None:
    """Texts that are never closed are looked at once."""
    start = time.monotonic()
    with pytest.raises(msgspec.DecodeError):
        read_plain(text)
    assert time.monotonic() - start < 1


def _said(program: str) -> str:
    """Return what a program prints in a process of its own, which must end well."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_process_survives_with_eth_account() -> None:
    """With eth-account imported, sixty kilobytes of brackets are an error and not the end of the process."""
    said = _said(
        "import eth_account, sys\n"
        f"assert sys.getrecursionlimit() >= {LIMIT}\n"
        "from polyspec.core.codec import decode\n"
        "from polyspec.errors import DecodeError\n"
        "try:\n    decode(b'[' * 60_000, list[str])\n"
        "except DecodeError as error:\n    print(error)\n"
    )
    assert "nested too deeply" in said


def test_the_sandbox_leaves_the_limit_as_it_was() -> None:
    """The sandbox needs eth-account itself, and takes back what that does to the recursion limit."""
    said = _said(
        "import sys\n"
        "from polyspec.sandbox.clob import proof\n"
        "before = sys.getrecursionlimit()\n"
        "proof.load()\n"
        "import eth_account\n"
        "print(sys.getrecursionlimit() == before)\n"
    )
    assert said == "True\n"
