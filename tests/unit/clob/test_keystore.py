"""Keys kept in encrypted keystore files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_account import Account

from polyspec.clob.keystore import open_keystore
from polyspec.errors import ConfigError

KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
PASSWORD = "correct horse"


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    """Return a keystore file another library wrote."""
    path = tmp_path / "key.json"
    path.write_text(json.dumps(Account.encrypt(KEY, PASSWORD, kdf="pbkdf2", iterations=2)))
    return path


def test_a_keystore_opens_to_the_signer_of_its_key(keystore: Path) -> None:
    """What another library encrypted is the same account here."""
    assert open_keystore(keystore, PASSWORD).address == Account.from_key(KEY).address


@pytest.mark.parametrize("password", ["", "wrong", None])
def test_a_wrong_password_is_told_and_shown_nowhere(keystore: Path, password: str) -> None:
    """The error names the file; neither password nor key is in it, or in its traceback."""
    with pytest.raises(ConfigError, match="not its password") as caught:
        open_keystore(keystore, password)
    held = [str(each) for entry in caught.traceback for each in entry.frame.f_locals.values()]
    assert KEY[2:] not in "".join(held)
    assert not password or repr(password) not in str(caught.value)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "no json", '{"version": 3}', '{"crypto": {}, "version": 9}']
)
def test_what_is_no_keystore_is_told(tmp_path: Path, content: str) -> None:
    """A file that is none is a ConfigError, whatever is in it."""
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match="no keystore"):
        open_keystore(path, PASSWORD)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A path that leads nowhere is named."""
    with pytest.raises(ConfigError, match="cannot be read"):
        open_keystore(tmp_path / "nowhere.json", PASSWORD)
