"""``polyspec sandbox``: serve the venues until told to stop."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from polyspec.errors import PolyspecError
from polyspec.sandbox.sandbox import VENUES, Sandbox

__all__ = ["add_arguments", "main", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--host", default="127.0.0.1", help="loopback address to listen on")
    parser.add_argument("--db", type=Path, help="keep everything in this file, crash-safe")
    parser.add_argument(
        "--seed", type=int, default=0, help="decides identifiers and the market maker's moves"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="no market maker: books hold only what you place"
    )
    parser.add_argument(
        "--dialect", choices=("current", "quickstart"), default="current", help="shapes of answers"
    )
    parser.add_argument(
        "--us-port", type=int, default=0, help="port of the US exchange (default: a free one)"
    )
    parser.add_argument("--clob-port", type=int, default=0, help="port of the CLOB (default: a free one)")
    parser.add_argument(
        "--polysimulator-port", type=int, default=0, help="port of PolySimulator (default: a free one)"
    )
    parser.add_argument(
        "--venues",
        type=lambda text: text.split(","),
        default=VENUES,
        help=f"which to serve, joined by commas (default: {','.join(VENUES)})",
    )
    parser.add_argument(
        "--us-grpc-port", type=int, default=0, help="port of the US exchange's gRPC (default: a free one)"
    )
    parser.add_argument("--tls", action="store_true", help="serve https with a certificate made at start")


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; one line of JSON on stdout says where.

    ``POLYSPEC_SANDBOX_KYC_BALANCE`` sets the dollars a customer starts with after an identity check.
    """
    stopped = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        return _serve(options, stopped)
    finally:
        # whoever calls this from a program of theirs goes on to hear of Ctrl-C
        for number, handler in before.items():
            signal.signal(number, handler)


def _serve(options: argparse.Namespace, stopped: threading.Event) -> int:
    try:
        with Sandbox(
            seed=options.seed,
            db=options.db,
            quiet=options.quiet,
            dialect=options.dialect,
            tls=options.tls,
            host=options.host,
            us_port=options.us_port,
            us_grpc_port=options.us_grpc_port,
            clob_port=options.clob_port,
            polysimulator_port=options.polysimulator_port,
            venues=options.venues,
            kyc_balance=os.environ.get("POLYSPEC_SANDBOX_KYC_BALANCE", "1000"),
        ) as sandbox:
            for name, secret in sandbox.secrets().items():
                print(f"{name}: x-sandbox-secret: {secret}", file=sys.stderr, flush=True)  # noqa: T201
            print(json.dumps(sandbox.describe()), flush=True)  # noqa: T201
            stopped.wait()
    except (PolyspecError, OSError) as error:
        print(f"sandbox: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command by itself."""
    parser = argparse.ArgumentParser(prog="polyspec sandbox", description="A venue on this machine.")
    add_arguments(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
