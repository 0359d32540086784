"""Run the benchmarks: ``python -m benchmarks [NAME ...] [--quick] [--no-peers] [--json FILE]``.

Each line says: what, ours, what it is compared with, the ratio (with its quartiles over the rounds), the
goal and whether it is met. A missed goal is no failure: the exit status is 0 unless a benchmark breaks.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from importlib import import_module
from pathlib import Path

from benchmarks.harness import Report

NAMES = (
    "decode", "place", "concurrency", "lean", "tokens", "imports", "iterate", "sandbox",
    "clob_sign", "clob_auth", "clob_post", "clob_many", "clob_threads",
    "polysim_place", "polysim_read", "book", "ws_decode", "grpc_stream", "limiter",
)  # fmt: skip


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="few rounds: shows that it runs, no more")
    parser.add_argument("--no-peers", action="store_true", help="leave out the clients of others")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    report = Report(quick=options.quick, peers=not options.no_peers)
    machine = f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores"
    print(f"# {machine}, load {os.getloadavg()[0]:.1f}", flush=True)
    start = time.monotonic()
    for name in options.names or NAMES:
        import_module(f"benchmarks.bench_{name}").run(report)
    missed = ", ".join(report.missed) or "nothing"
    print(f"# {time.monotonic() - start:.0f} s, load {os.getloadavg()[0]:.1f}; missed: {missed}")
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "results": report.plain()}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
