"""The ``polyspec`` command."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Final

from polyspec import __version__
from polyspec.cli.extras import needing
from polyspec.errors import ConfigError, PolyspecError

__all__ = ["main"]

# name -> (module with `add_arguments(parser)` and `run(arguments) -> int`, what it is for, extra it needs)
_COMMANDS: Final = {
    "clob": ("polyspec.cli.clob", "look at the Polymarket CLOB", "clob"),
    "doctor": ("polyspec.cli.doctor", "say what is wrong, and what to do about it", "all"),
    "protos": ("polyspec.cli.protos", "choose the protos that gRPC speaks", "protos"),
    "quickstart": ("polyspec.cli.quickstart", "place, find and cancel a first order", "sandbox"),
    "replay": ("polyspec.cli.replay", "play what watching recorded once more", "all"),
    "sandbox": ("polyspec.sandbox.command", "run an exchange on this machine", "sandbox"),
    "vault": ("polyspec.cli.vault", "keep the credentials of many users, encrypted", "vault"),
    "verify-vectors": ("polyspec.cli.verify_vectors", "check signatures and amounts against vectors", "clob"),
    "watch": ("polyspec.cli.watch", "look at books, trades and a stream's health as they happen", "all"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 done, 1 failed, 2 used wrongly."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except ConfigError as error:
        return _say(error, 2)
    except PolyspecError as error:
        return _say(error, 1)
    except KeyboardInterrupt:
        return _say("interrupted", 130)
    except BrokenPipeError:
        # the reader of our output went away, which is its good right
        _let_go()
        return 141
    except OSError as error:
        _let_go()
        return _say(f"{type(error).__name__}: {error}", 1)
    except Exception as error:
        # a person at a terminal can do nothing with a traceback; who wants it asks for it
        if os.environ.get("POLYSPEC_DEBUG"):
            raise
        return _say(f"unexpected {type(error).__name__}: {error} (POLYSPEC_DEBUG=1 shows where)", 70)


def _run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="polyspec", description="Typed clients for prediction markets.")
    parser.add_argument("--version", action="version", version=f"polyspec {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = next((word for word in arguments if not word.startswith("-")), "")
    with needing(_COMMANDS[wanted][2] if wanted in _COMMANDS else "all"):
        module = None
        for name, (path, purpose, _) in _COMMANDS.items():
            command = commands.add_parser(
                name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}."
            )
            # only the command in use is imported: each brings libraries the others do not need
            if name == wanted:
                module = import_module(path)
                module.add_arguments(command)
        parsed, unknown = parser.parse_known_args(arguments)
        if unknown:
            # not what they say: it may be a secret in the wrong place
            names = [word.partition("=")[0] for word in unknown if word.startswith("--")]
            parser.error(f"arguments that nobody knows: {', '.join(names) or len(unknown)}; see --help")
        assert module is not None
        _show_everything()
        status: int = module.run(parsed)
        if sys.stdout is not None:
            # what cannot be written fails here, where there is somebody to say so
            sys.stdout.flush()
        return status


def _show_everything() -> None:
    """Print what the terminal has no letters for as numbers, rather than fail half-way through."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _let_go() -> None:
    """Drop output that nobody takes: the interpreter would fail on it once more at its end."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(problem: object, status: int) -> int:
    print(f"polyspec: {problem}", file=sys.stderr)
    return status
