"""Reading 5,000 instruments: our models, those of a stock generator, and no models at all."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from polyspec_wire.us_exchange.models import ListInstrumentsResponse

from benchmarks.harness import Report, alternate
from benchmarks.payloads import instruments, page
from polyspec.core.codec import decode

_COUNT = 5000
_SPEC = Path(__file__).parents[1] / "specs" / "us_exchange.openapi.yaml"


@contextmanager
def _stock() -> Iterator[Callable[[Any], Any]]:
    """Generate the models of the same spec with the stock templates; yield the reader of a listing."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "openapi_python_client",
            "generate",
            "--path",
            str(_SPEC),
            "--meta",
            "none",
        ]
        made = subprocess.run(
            [*command, "--output-path", f"{folder}/stock_us_exchange"],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise SystemExit(f"the stock generator failed: {made.stdout}{made.stderr}")
        sys.path.insert(0, folder)
        try:
            from stock_us_exchange.models.list_instruments_response import (  # type: ignore[import-not-found]
                ListInstrumentsResponse as Stock,
            )

            yield Stock.from_dict
        finally:
            sys.path.remove(folder)


def run(report: Report) -> None:
    """Compare CPU time; the collector runs as it would in a program, and once more without it."""
    data = page(instruments(_COUNT))
    bare = msgspec.json.Decoder(ListInstrumentsResponse, strict=False)
    with _stock() as from_dict:
        assert len(from_dict(json.loads(data)).instruments) == len(
            decode(data, ListInstrumentsResponse).instruments
        )
        cases: dict[str, Callable[[], object]] = {
            "ours": lambda: decode(data, ListInstrumentsResponse),
            "bare": lambda: bare.decode(data),
            "loads": lambda: json.loads(data),
            "stock": lambda: from_dict(json.loads(data)),
        }
        for collector in (True, False):
            _compare(report, cases, collector=collector)


def _compare(report: Report, cases: dict[str, Callable[[], object]], *, collector: bool) -> None:
    found = alternate(cases, rounds=report.rounds(15), collector=collector)
    each = {name: f"{found.median(name) / _COUNT * 1e6:.2f} us each" for name in cases}
    suffix = "" if collector else ", collector off"
    # goals hold for a program as it runs, collector and all
    faster, slower = (7.0, 1.0) if collector else (None, None)
    ratios = found.ratios("stock", "ours")
    against = f"stock from_dict {each['stock']}"
    report.ratio(
        f"decode: faster than stock{suffix}", ratios, ours=each["ours"], against=against, at_least=faster
    )
    ratios = found.ratios("loads", "ours")
    against = f"json.loads {each['loads']}"
    report.ratio(
        f"decode: faster than json.loads{suffix}", ratios, ours=each["ours"], against=against, at_least=slower
    )
    ratios = found.ratios("ours", "bare")
    report.ratio(
        f"decode: over the bare decoder{suffix}", ratios, ours=each["ours"], against=f"bare {each['bare']}"
    )
