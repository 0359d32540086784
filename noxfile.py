"""Sessions for working on polyspec: ``nox -s tests``, ``nox -s generate``, ``nox -l`` for all."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["lint", "types", "generate", "mirror", "tests"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_external_run = True

ROOT = Path(__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# what the generator's output depends on, the formatter included
GENERATOR = ("-r", "generator/requirements.txt")
# tests wait for a good part of their time; neighbours share what a module sets up, nobody idles at the end
WORKERS = ("-n", str(2 * (os.cpu_count() or 1)), "--dist", "worksteal", "-p", "no:schemathesis")
"""Schemathesis works in processes of its own, where it is loaded."""


def _pytest(session: nox.Session, *arguments: str) -> None:
    """Run tests; what every process of them would compile anew is compiled once and kept."""
    compiled = Path(session.virtualenv.location, "compiled").resolve()
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(compiled)}
    session.run("python", "-m", "pytest", *arguments, env=kept)


def _group(name: str) -> list[str]:
    """Return the requirements of a dependency group, those it includes too."""
    found: list[str] = []
    for entry in PROJECT["dependency-groups"][name]:
        found.extend([entry] if isinstance(entry, str) else _group(entry["include-group"]))
    return found


@nox.session
def generate(session: nox.Session) -> None:
    """Write generated/ from specs/; ``-- --check`` fails if it is not what the specs say."""
    session.install(*GENERATOR)
    session.run("python", "-m", "generator", *session.posargs)


@nox.session
def mirror(session: nox.Session) -> None:
    """Write the blocking twins of the asynchronous shells; ``-- --check`` fails if one is stale."""
    session.install(*GENERATOR)
    session.run("python", "-m", "generator.mirror", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests, two processes for each core."""
    session.install("-e", ".[all]", *_group("test"))
    _pytest(session, *(session.posargs or WORKERS))


@nox.session
def contract(session: nox.Session) -> None:
    """Hold the sandbox, the client and the specs to each other."""
    session.install("-e", ".[all]", *_group("test"))
    _pytest(session, "tests/contract", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, and who imports whom."""
    session.install("-e", ".[all]", *_group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy and pyright."""
    session.install("-e", ".[all]", *_group("test"), *_group("lint"))
    session.run("mypy")
    session.run("pyright")


@nox.session
def minimums(session: nox.Session) -> None:
    """Run the tests on the oldest direct dependencies that are promised to work."""
    session.install("uv")
    resolved = Path(session.create_tmp()) / "minimums.txt"
    session.run(
        "uv", "pip", "compile", "--quiet", "--resolution", "lowest-direct", "--all-extras",
        "--output-file", str(resolved), "pyproject.toml",
    )  # fmt: skip
    # the test tools of other sessions would ask for newer versions than we do
    session.install("-r", str(resolved), "-e", ".", *_group("unit"))
    _pytest(session, *WORKERS, "tests/unit", "tests/client", *session.posargs)


@nox.session
def runtimes(session: nox.Session) -> None:
    """Run what the old compiler of protos wrote on the newest grpcio and protobuf."""
    # without the generator, whose pinned compiler holds protobuf back
    session.install("-e", ".[all]", *_group("unit"))
    _pytest(session, "tests/unit", "-k", "protos", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure side by side and print ratios."""
    session.install("-e", ".[all]", "-r", "benchmarks/requirements.txt", *_group("generate"))
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def quickstart(session: nox.Session) -> None:
    """Place, find and cancel a first order on the embedded sandbox."""
    session.install("-e", ".[all]")
    session.run("polyspec", "quickstart", *session.posargs)
