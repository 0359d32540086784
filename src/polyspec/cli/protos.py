"""``polyspec protos use DIR``: speak the venue's own bundle over gRPC."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from polyspec.us.protos import VARIABLE, Protos, chosen, forget, load, remember, remembered

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    use = actions.add_parser("use", help="speak the bundle the venue gave you, from now on")
    use.add_argument(
        "bundles",
        nargs="+",
        type=Path,
        metavar="DIR",
        help="the venue's zip, the folder it unpacks to, modules protoc made of it, or a descriptor set; "
        "partner packages come on top",
    )
    actions.add_parser("show", help="say which protos are spoken, and what they lack")
    actions.add_parser("forget", help="go back to polyspec's own protos")


def run(arguments: argparse.Namespace) -> int:
    """Choose protos, or tell which are chosen."""
    if arguments.action == "use":
        protos = load(*arguments.bundles)
        _tell(protos)
        print(f"remembered in {remember(protos)}")
        if os.environ.get(VARIABLE):
            print(f"{VARIABLE} is set, and goes before it")
    elif arguments.action == "show":
        _tell(chosen())
    else:
        print("polyspec's own protos from now on" if forget() else f"nothing was remembered in {remembered()}")
    return 0


def _tell(protos: Protos) -> None:
    print(f"{protos.source}: {len(protos.files)} files")
    assigned = sorted({name for service, method in _calls(protos) for name in protos.rpc(service, method).assigned})
    if assigned:
        print(f"{len(assigned)} numbers are polyspec's, not the venue's: calls that need them work on the sandbox only")
    if gaps := protos.gaps():
        print(f"{len(gaps)} things polyspec speaks are not there, or are otherwise:")
        print("\n".join(f"  {gap}" for gap in gaps))
    else:
        print("everything polyspec speaks is there")


def _calls(protos: Protos) -> list[tuple[str, str]]:
    services = (s for name in protos.files for s in protos.pool.FindFileByName(name).services_by_name.values())
    return [(service.full_name, method.name) for service in services for method in service.methods]
