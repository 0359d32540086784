"""What `deploy/` starts: reachable from this machine alone, and without a secret in the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed; run: pip install pyyaml")

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy" / "compose.yaml"
OPERATIONS = ROOT / "docs" / "operations.md"


def test_services_listen_on_this_machine_alone() -> None:
    """Every port that is published is published on 127.0.0.1."""
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    ports = [port for service in services.values() for port in service["ports"]]
    assert len(ports) == len(services) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_secrets_are_files_that_are_not_committed() -> None:
    """No password is written in the file: all come from a folder that git passes over."""
    plain = yaml.safe_load(COMPOSE.read_text())
    assert {name: each["file"] for name, each in plain["secrets"].items()} == {
        name: f"./secrets/{name}" for name in ("postgres_password", "redis_users")
    }
    named = [key for service in plain["services"].values() for key in service.get("environment", {})]
    assert all(key.endswith("_FILE") for key in named if "PASSWORD" in key or "TOKEN" in key)
    assert "secrets/" in (ROOT / "deploy" / ".gitignore").read_text().split()


def test_the_rights_in_redis_are_those_of_the_limits() -> None:
    """The commands the limiter needs are the same on both pages: with fewer it would not count."""

    def rights(page: Path) -> list[str]:
        found = re.search(r"-@all((?:\s+\+[a-z]+)+)", page.read_text())
        assert found is not None
        return sorted(found[1].split())

    assert rights(OPERATIONS) == rights(ROOT / "docs" / "limits.md")
