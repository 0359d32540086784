"""What connecting by name says where a library is missing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("name", "lacking", "extra"),
    [("clob", "httpx", "clob"), ("us", "cryptography", "us"), ("sandbox:clob", "starlette", "sandbox")],
)
def test_missing_libraries_are_named(name: str, lacking: str, extra: str) -> None:
    """Without the libraries of a venue, or of the sandbox, the error says which extra brings them."""
    code = (
        f"import sys; sys.modules[{lacking!r}] = None\n"
        "import polyspec\n"
        f"try: polyspec.connect({name!r})\n"
        "except ImportError as error: print(error)"
    )
    around = {key: value for key, value in os.environ.items() if not key.startswith("POLYSPEC_")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=around
    )
    assert f"needs {lacking}" in done.stdout
    assert f"pip install 'polyspec[{extra}]'" in done.stdout
