"""``polyspec quickstart``: the whole story of a first order, step by step."""

from __future__ import annotations

import argparse
import os
from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from polyspec.cli.steps import Steps
from polyspec.errors import ConfigError

if TYPE_CHECKING:
    from polyspec.sandbox import Sandbox

__all__ = ["add_arguments", "run"]

# name -> (module with `tell` and `live`, how its client is made, how the sandbox hands one out)
_VENUES: Final = {
    "us": ("polyspec.cli.quickstart_us", "UsExchangeClient", "us_exchange"),
    "clob": ("polyspec.cli.quickstart_clob", "ClobClient", "clob"),
    "polysimulator": ("polyspec.cli.quickstart_polysimulator", "PolySimulatorClient", "polysimulator"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--venue", choices=[*_VENUES, "all"], default="all", help="whose story (default: one after the other)"
    )
    parser.add_argument(
        "--live", action="store_true", help="trade on the venue the environment names, not on a sandbox"
    )
    parser.add_argument("--yes", action="store_true", help="with --live on production: really place an order")
    parser.add_argument("--json", action="store_true", help="print one JSON object per step")


def run(arguments: argparse.Namespace) -> int:
    """Run the story; the exit status is 0 only if every step did what it says."""
    steps = Steps(as_json=arguments.json)
    names = list(_VENUES) if arguments.venue == "all" else [arguments.venue]
    if arguments.live and os.environ.get("POLYSPEC_SANDBOX"):
        raise ConfigError("--live, but POLYSPEC_SANDBOX is set; unset one of the two")
    if arguments.live and len(names) > 1:
        raise ConfigError("--live trades on one venue: name it with --venue")
    with ExitStack() as stack:
        sandbox = None
        if not arguments.live and not os.environ.get("POLYSPEC_SANDBOX"):
            sandbox = _sandbox(steps, stack, names)
        for name in names:
            story = import_module(_VENUES[name][0])
            client = stack.enter_context(_client(name, story, sandbox, arguments))
            story.tell(steps, client, live=arguments.live)
    return 0


def _sandbox(steps: Steps, stack: ExitStack, names: list[str]) -> Sandbox:
    from polyspec.sandbox import Sandbox

    with steps.step("Start an exchange on this machine") as step:
        sandbox = stack.enter_context(Sandbox(venues=names))
        described = sandbox.describe()
        step.found(**{venue: told["rest"] for venue, told in described.items()})
    return sandbox


def _client(name: str, story: Any, sandbox: Sandbox | None, arguments: argparse.Namespace) -> Any:
    _, kind, given = _VENUES[name]
    if arguments.live:
        return story.live(confirmed=arguments.yes)
    if sandbox is not None:
        return getattr(sandbox, given)()
    import polyspec

    return getattr(polyspec, kind).from_env()
