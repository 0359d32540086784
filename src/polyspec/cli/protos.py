"""``polyspec protos use DIR``: speak the venue's own bundle over gRPC."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from polyspec.us.protos import VARIABLE, Protos, Rpc, chosen, forget, load, remember, remembered

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
        print("polyspec's own protos from now on" if forget() else f"nothing is remembered in {remembered()}")
    return 0


def _tell(protos: Protos) -> None:
    print(f"{protos.source}: {len(protos.files)} files")
    if assigned := {name for call in _calls(protos) for name in call.assigned}:
        print(
            f"{len(assigned)} numbers are polyspec's, not the venue's: those calls work on the sandbox only"
        )
    if gaps := protos.gaps():
        print(f"{len(gaps)} things polyspec speaks are not there, or are otherwise:")
        print("\n".join(f"  {gap}" for gap in gaps))
    else:
        print("everything polyspec speaks is there")


def _calls(protos: Protos) -> Iterator[Rpc]:
    for name in protos.files:
        for service in protos.pool.FindFileByName(name).services_by_name.values():
            for method in service.methods:
                yield protos.rpc(service.full_name, method.name)
