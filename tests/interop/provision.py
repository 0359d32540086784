"""Environments of the peers: made when first needed from exact versions, then kept."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

__all__ = ["DRIVERS", "PEERS", "NotInstalled", "Peer"]

HERE: Final = Path(__file__).parent
DRIVERS: Final = HERE / "drivers"
CACHE: Final = Path(os.environ.get("POLYSPEC_PEERS_DIR") or HERE.parent.parent / ".nox" / "peers")
_READY: Final = "ready"
_FAILED: Final[dict[str, str]] = {}
_PATIENCE: Final = 240.0
"""Seconds a peer's packages may take to arrive: less than a test may take."""


class NotInstalled(Exception):  # noqa: N818 - reads as what happened
    """A peer cannot be had on this machine; says why."""


@dataclass(frozen=True)
class Peer:
    """A published client, and the driver that makes it trade."""

    name: str
    driver: str
    python: tuple[str, ...] = ()
    node: tuple[tuple[str, str], ...] = ()

    @cached_property
    def folder(self) -> Path:
        """Where its environment is, or is to be; another one for other versions."""
        pins = json.dumps([self.python, self.node, sys.version_info[:2] if self.python else ()])
        slug = self.name.rpartition("/")[2]
        return CACHE / f"{slug}-{hashlib.sha256(pins.encode()).hexdigest()[:12]}"

    def command(self) -> list[str]:
        """Return the command that runs its driver, from its folder; raises NotInstalled."""
        self._install()
        runner = self._interpreter if self.python else Path(_node())
        return [str(runner), str(DRIVERS / self.driver)]

    @property
    def _interpreter(self) -> Path:
        bin_ = "Scripts" if os.name == "nt" else "bin"
        return self.folder / "venv" / bin_ / "python"

    def _install(self) -> None:
        """Make the environment unless it is there; what failed once is not tried again."""
        if self.name in _FAILED:
            raise NotInstalled(_FAILED[self.name])
        try:
            self._install_once()
        except NotInstalled as reason:
            _FAILED[self.name] = str(reason)
            raise

    def _install_once(self) -> None:
        """Make the environment; of several processes one does."""
        CACHE.mkdir(parents=True, exist_ok=True)
        with (CACHE / f"{self.folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (self.folder / _READY).exists():
                return
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir()
            if self.python:
                self._install_python()
            else:
                self._install_node()
            (self.folder / _READY).touch()

    def _install_python(self) -> None:
        pins = self.folder / "requirements.txt"
        pins.write_text("\n".join(self.python) + "\n")
        uv = (sys.executable, "-m", "uv", "--quiet")
        _run(*uv, "venv", "--python", sys.executable, str(self.folder / "venv"))
        # everything is named, so nothing else is looked for
        _run(*uv, "pip", "install", "--python", str(self._interpreter), "--no-deps", "-r", str(pins))

    def _install_node(self) -> None:
        _node()
        (self.folder / "package.json").write_text(json.dumps(_package(dict(self.node)), indent=2))
        npm = shutil.which("npm")
        if npm is None:
            raise NotInstalled("npm is not installed")
        quiet = ("--legacy-peer-deps", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
        # no package of this list has a step of its own that it needs
        _run(npm, "install", "--ignore-scripts", *quiet, cwd=self.folder)


def _package(pins: dict[str, str]) -> dict[str, Any]:
    """Return the manifest under which npm installs these versions and no others."""
    overrides: dict[str, Any] = {}
    for name, version in pins.items():
        parent, nested, child = name.partition(">")
        if nested:
            overrides[parent] = {child: version}
    plain = {name: version for name, version in pins.items() if ">" not in name}
    return {"private": True, "dependencies": plain, "overrides": overrides}


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise NotInstalled("node is not installed")
    return node


def _run(*command: str, cwd: Path | None = None) -> None:
    """Run a step of an installation; raises NotInstalled with the last of what it said."""
    try:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise NotInstalled(f"{command[0]} took longer than {_PATIENCE:.0f} s") from late
    if done.returncode != 0:
        raise NotInstalled("\n".join((done.stderr or done.stdout).splitlines()[-6:]))


def _read() -> dict[str, Peer]:
    told = tomllib.loads((HERE / "peers.toml").read_text())
    return {
        name: Peer(
            name,
            each["driver"],
            tuple(each.get("python", ())),
            tuple(each.get("node", {}).items()),
        )
        for name, each in told.items()
    }


PEERS: Final = _read()
