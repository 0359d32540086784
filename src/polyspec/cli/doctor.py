"""``polyspec doctor``: say what is wrong, and what to do about it, before it costs an order."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Callable
from typing import Final, NoReturn

from attrs import evolve

from polyspec.core.checkup import DEADLINE, LONGEST
from polyspec.core.findings import Diagnosis, Finding, Severity, on_a_line
from polyspec.doctor import configured, diagnose
from polyspec.doctor.diagnosing import VENUES
from polyspec.doctor.variables import PREFIXES
from polyspec.errors import ConfigError

__all__ = ["add_arguments", "run"]

_MARKS: Final = {
    Severity.OK: "[green]✔[/]",
    Severity.INFO: "[blue]·[/]",
    Severity.WARNING: "[yellow]![/]",
    Severity.ERROR: "[red]✘[/]",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = "Exits 0 if all is well or only worth knowing, 1 after warnings, 2 after errors."
    parser.add_argument(
        "--venue",
        action="append",
        choices=VENUES,
        help="whom to look at (default: those the environment speaks of); may be repeated",
    )
    parser.add_argument("--live", action="store_true", help="ask the venue itself, not only a sandbox")
    parser.add_argument("--json", action="store_true", help="print one JSON object per finding")
    parser.add_argument(
        "--market",
        action="append",
        default=[],
        metavar="ID",
        help="look at this market too: a symbol of the US exchange, a token id of the CLOB, a condition id "
        "of PolySimulator; goes with --venue, may be repeated",
    )
    parser.add_argument(
        "--timeout", type=float, default=DEADLINE, metavar="SECONDS", help="for each check (default: 10)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Examine, print findings as they come, and return the exit status."""
    if arguments.live and os.environ.get("POLYSPEC_SANDBOX"):
        raise ConfigError("--live, but POLYSPEC_SANDBOX is set; unset one of the two")
    named = list(dict.fromkeys(arguments.venue or ()))
    if arguments.market and len(named) != 1:
        raise ConfigError("--market goes with one --venue, whose ids these are")
    if not (math.isfinite(arguments.timeout) and 0 < arguments.timeout <= LONGEST):
        raise ConfigError(f"--timeout must be a number of seconds above 0, {LONGEST:g} at most")
    venues = named or configured() or _none()
    shown = _Shown(as_json=arguments.json)
    found: list[Diagnosis] = []
    for venue in venues:
        found.append(
            diagnose(
                venue,
                live=arguments.live,
                markets=arguments.market,
                deadline=arguments.timeout,
                tell=shown.tell,
            )
        )
        shown.end()
    return Diagnosis.joined(found).exit_status


def _none() -> NoReturn:
    strange = [name for name in sorted(os.environ) if name.startswith(PREFIXES)]
    told = f" ({', '.join(strange)}: nothing of one)" if strange else ""
    if any(name.startswith("POLYSPEC_VAULT") for name in strange):
        told += ", and users of a vault are looked at with for_user(...).doctor()"
    raise ConfigError(
        f"the environment speaks of no venue{told}: set its variables, or POLYSPEC_SANDBOX to the line that "
        "`polyspec sandbox` prints, or name one with --venue"
    )


class _Shown:
    """Findings as they come: as JSON, in colour on a terminal, plain in a pipe.

    To people what was skipped is told in one line at the end; programs get every finding.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._print = _printer()
        self._skipped: list[Finding] = []

    def tell(self, finding: Finding) -> None:
        """Show a finding."""
        if self._as_json:
            # plain ASCII: whatever the output is encoded in, it can be read
            print(json.dumps(finding.as_dict()), flush=True)
        elif finding.code == "check.skipped":
            self._skipped.append(finding)
        else:
            self._print(finding)

    def end(self) -> None:
        """Show what was kept back of a venue."""
        if self._skipped:
            names = ", ".join(each.check for each in self._skipped)
            what, fix = f"not looked at: {names}", "put the errors above right first"
            self._print(evolve(self._skipped[0], what=what, fix=fix))
        self._skipped.clear()


def _printer() -> Callable[[Finding], None]:
    if sys.stdout is None:
        # closed by whoever wants the exit status alone
        return lambda finding: None
    # what marks a finding in colour is beyond ASCII
    if sys.stdout.isatty() and "utf" in (sys.stdout.encoding or "").lower():
        try:
            from rich.console import Console
            from rich.markup import escape
        except ModuleNotFoundError:
            pass
        else:
            console = Console(highlight=False, soft_wrap=True)
            return lambda finding: console.print(_coloured(finding, escape))
    return lambda finding: print(_printable(str(finding)), flush=True)


def _printable(text: str) -> str:
    """Replace what the output has no letters for."""
    encoding = sys.stdout.encoding or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _coloured(finding: Finding, escape: Callable[[str], str]) -> str:
    what, fix = (escape(_printable(on_a_line(text))) for text in (finding.what, finding.fix))
    where = f"{finding.venue} {finding.code}"
    return f"{_MARKS[finding.severity]} [dim]{where}[/] {what}" + (f"; [bold]{fix}[/]" if fix else "")
