"""Signing without any of the compiled libraries, and what importing it brings along."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

HIDE = (
    "import sys; sys.modules.update(dict.fromkeys(['coincurve', 'sha3', 'Crypto', 'Crypto.Hash.keccak']))\n"
)


def run(code: str) -> str:
    """Run code in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout.strip()


def test_vectors_in_plain_python() -> None:
    """Every vector holds with nothing but Python, which warns once that it is slow."""
    code = HIDE + (
        "import warnings\n"
        "from tests.unit.clob.checks import CHECKS, load\n"
        "from polyspec.clob import curve, keccak\n"
        "with warnings.catch_warnings(record=True) as seen:\n"
        "    warnings.simplefilter('always')\n"
        "    count = [check(vector) for kind, check in CHECKS.items() for vector in load(kind)]\n"
        "print(len(count), curve.backend(), keccak.backend(), *(each.category.__name__ for each in seen))\n"
    )
    count, *backends = run(code).split()
    assert int(count) == 190
    assert backends[0] == "python"
    assert backends[1] in ("python", "hashlib")
    assert backends[2:] == ["SlowSigning"]


def test_what_signing_imports() -> None:
    """Signing needs neither eth-account, nor cryptography, nor anything of the network."""
    code = (
        "import sys, polyspec.clob.order_signer, polyspec.clob.l1, polyspec.clob.l2\n"
        "banned = 'eth_account eth_abi cryptography pydantic httpx aiohttp asyncio ssl socket'.split()\n"
        "print([name for name in banned if name in sys.modules])\n"
    )
    assert run(code) == "[]"
