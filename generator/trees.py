"""Compare and replace whole trees of generated files."""

from __future__ import annotations

import difflib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["STYLE", "differences", "format_tree", "read", "replace"]

# the project's own style, spelled out: a nearby configuration must not change what is generated
STYLE = (
    "--isolated",
    "--no-cache",
    "--quiet",
    "--target-version=py311",
    "--line-length=110",
)


def format_tree(root: Path) -> None:
    """Drop unused imports, sort the rest and format every file under `root`."""
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", *STYLE, "--select=F401,I,RUF022", "--fix", "."], cwd=root, check=True)
    subprocess.run([*ruff, "format", *STYLE, "."], cwd=root, check=True)


def read(root: Path) -> dict[str, bytes]:
    """Return every file under `root` by relative path, apart from compiled ones."""
    if not root.is_dir():
        return {}
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def differences(old: dict[str, bytes], new: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield the name of every file that differs, and a unified diff from old to new."""
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            before, after = ((tree.get(name) or b"").decode("utf-8", "replace") for tree in (old, new))
            lines = difflib.unified_diff(
                before.splitlines(keepends=True),
                after.splitlines(keepends=True),
                f"{name} ({'is' if name in old else 'missing'})",
                f"{name} ({'should be' if name in new else 'should not exist'})",
            )
            yield name, "".join(lines)


def replace(root: Path, new: dict[str, bytes]) -> list[str]:
    """Make `root` equal to `new`; return the names of what changed."""
    old = read(root)
    changed = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    for name in changed:
        path = root / name
        if name in new:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(new[name])
        else:
            path.unlink()
    return changed
