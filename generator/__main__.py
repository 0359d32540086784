"""Write `generated/`, or check that it is what the specs say."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from generator import protos, rest, trees
from generator.document import SpecError

_ROOT = Path(__file__).resolve().parent.parent


def main(argv: list[str] | None = None) -> int:
    """Run the generator; 0 if all is well, 1 if a spec is wrong or a file is stale."""
    parser = argparse.ArgumentParser(prog="python -m generator", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing; show a diff")
    parser.add_argument("--specs", type=Path, default=_ROOT / "specs")
    parser.add_argument("--output", type=Path, default=_ROOT / "generated")
    options = parser.parse_args(argv)
    try:
        fresh = generate(options.specs)
    except SpecError as error:
        print(error, file=sys.stderr)
        return 1
    return check(options.output, fresh) if options.check else write(options.output, fresh)


def generate(specs: Path) -> dict[str, bytes]:
    """Build everything aside and return it as files by relative path."""
    found = list(specs.glob("*.openapi.yaml"))
    if not found:
        raise SpecError(f"{specs}: there is no *.openapi.yaml")
    with TemporaryDirectory() as folder:
        rest.build(found, Path(folder))
        trees.format_tree(Path(folder))
        # protoc's own text stays as it is: an import nobody uses there is what loads a file before another
        protos.build(specs, Path(folder), rest.environment())
        return trees.read(Path(folder)) | {"SOURCES": sources(specs, [*found, *protos.found(specs)])}


def sources(root: Path, specs: Iterable[Path]) -> bytes:
    """List what the output came from by its hashes, so that an edit without effect on it is told as well."""
    here = Path(__file__).parent
    named = {f"specs/{path.relative_to(root).as_posix()}": path for path in specs}
    named |= {f"generator/templates/{path.name}": path for path in (here / "templates").glob("*.jinja")}
    named["generator/requirements.txt"] = here / "requirements.txt"
    lines = (f"{sha256(path.read_bytes()).hexdigest()}  {name}\n" for name, path in sorted(named.items()))
    return "".join(lines).encode()


def check(output: Path, fresh: dict[str, bytes]) -> int:
    """Tell what in `output` is stale, changed by hand or orphaned."""
    stale = []
    for name, diff in trees.differences(trees.read(output), fresh):
        stale.append(name)
        sys.stdout.write(diff)
    if stale:
        print(f"{output.name}/ is stale, run `python -m generator`: {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


def write(output: Path, fresh: dict[str, bytes]) -> int:
    """Make `output` what the specs say, and tell what changed."""
    for name in trees.replace(output, fresh):
        print(f"{output.name}/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
