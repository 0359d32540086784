"""How contract tests are spread over processes."""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep generated requests in one process: the last test judges what all others saw.

    A module's own mark does not reach the tests that schemathesis makes.
    """
    for item in items:
        if item.path.name == "test_sandbox_schemathesis.py":
            item.add_marker(pytest.mark.xdist_group("schemathesis"))
