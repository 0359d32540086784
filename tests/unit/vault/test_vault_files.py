"""Files of the vault: private, whole, and refused with the reason if they are not."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from polyspec.errors import ConfigError, DamagedRecord, VaultUnavailable
from polyspec.vault import FileRecords, KeyFileKeys, SqliteRecords, Vault, private_files
from tests.unit.vault.vault_rig import CANARY, ROOT, environment, key, text_of, vault, wallet_of

Open = Callable[[Path], Vault]
OPEN: dict[str, Open] = {
    "file": lambda path: vault(FileRecords(path, patience=0.2)),
    "sqlite": lambda path: vault(SqliteRecords(path, patience=0.2)),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a place in a directory that is not there yet."""
    return tmp_path / "own" / "vault"


@pytest.fixture(params=list(OPEN))
def opened(request: pytest.FixtureRequest) -> Open:
    """Open each kind of file."""
    return OPEN[request.param]


def mode(path: Path) -> int:
    """Return the permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_files_are_made_private(opened: Open, path: Path, umask: int) -> None:
    """Whatever the umask, files are 0600 and the directory is 0700 at most."""
    path.parent.mkdir(mode=0o700)
    before = os.umask(umask)
    try:
        opened(path).put(wallet_of(), key())
    finally:
        os.umask(before)
    assert mode(path.parent) == 0o700
    assert {mode(found) | 0o600 for found in path.parent.iterdir()} == {0o600}
    assert mode(path) == 0o600


def test_a_directory_is_made_private(opened: Open, path: Path) -> None:
    """A directory that is missing is made, for its owner only."""
    before = os.umask(0)
    try:
        opened(path).put(wallet_of(), key())
    finally:
        os.umask(before)
    assert mode(path.parent) == 0o700


def test_files_hold_no_secret_in_the_open(opened: Open, path: Path) -> None:
    """What lies on the disk has no trace of what was stored."""
    opened(path).put(wallet_of(), key())
    assert all(CANARY.encode() not in found.read_bytes() for found in path.parent.iterdir())


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o620, 0o601, 0o777])
def test_a_file_open_to_others_is_refused(opened: Open, path: Path, bits: int) -> None:
    """A file that others can read is neither read nor written, and its mode is left alone."""
    store = opened(path)
    store.put(wallet_of(), key())
    path.chmod(bits)
    for attempt in (lambda: store.get(wallet_of()), lambda: store.put(wallet_of("bob"), key())):
        with pytest.raises(ConfigError, match=r"open to other users .*run: chmod 600 "):
            attempt()
    assert mode(path) == bits


@pytest.mark.parametrize("bits", [0o750, 0o705, 0o711, 0o722])
def test_a_directory_open_to_others_is_refused(opened: Open, path: Path, bits: int) -> None:
    """A directory in which others may read or write is refused."""
    store = opened(path)
    store.put(wallet_of(), key())
    path.parent.chmod(bits)
    for attempt in (lambda: store.get(wallet_of()), lambda: store.put(wallet_of("bob"), key())):
        with pytest.raises(ConfigError, match=r"open to other users .*run: chmod 700 "):
            attempt()


def test_a_symbolic_link_is_refused(opened: Open, path: Path, tmp_path: Path) -> None:
    """A link in the place of the file, or of its directory, is not followed."""
    real = tmp_path / "real" / "vault"
    opened(real).put(wallet_of(), key())
    path.parent.mkdir(mode=0o700)
    path.symlink_to(real)
    linked = tmp_path / "linked"
    linked.symlink_to(real.parent)
    before = real.read_bytes()
    for store in (opened(path), opened(linked / "vault")):
        with pytest.raises(ConfigError, match="symbolic link"):
            store.get(wallet_of())
        with pytest.raises(ConfigError, match="symbolic link"):
            store.put(wallet_of("bob"), key())
    assert real.read_bytes() == before


def test_a_dangling_link_is_refused(opened: Open, path: Path, tmp_path: Path) -> None:
    """Nothing is made where a link points to."""
    path.parent.mkdir(mode=0o700)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="symbolic link"):
        opened(path).put(wallet_of(), key())
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_no_file_is_refused(opened: Open, path: Path) -> None:
    """A directory or a pipe in the place of the file is refused, without waiting for it."""
    path.parent.mkdir(mode=0o700)
    for make in (lambda: path.mkdir(mode=0o700), lambda: os.mkfifo(path, 0o600)):
        make()
        with pytest.raises((ConfigError, VaultUnavailable)):
            opened(path).get(wallet_of())
        with pytest.raises((ConfigError, VaultUnavailable)):
            opened(path).put(wallet_of(), key())
        (path.rmdir if path.is_dir() else path.unlink)()


def test_a_file_of_another_user_is_refused(opened: Open, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file or directory that belongs to somebody else is not used."""
    store = opened(path)
    store.put(wallet_of(), key())
    monkeypatch.setattr(private_files.os, "geteuid", lambda: os.getuid() + 1)
    for attempt in (lambda: store.get(wallet_of()), lambda: store.put(wallet_of("bob"), key())):
        with pytest.raises(ConfigError, match="belongs to another user"):
            attempt()


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give files away; the same is shown with a false user id"
)
def test_a_file_given_away_is_refused(opened: Open, path: Path) -> None:
    """A file that belongs to another user in earnest is not used, even by root."""
    store = opened(path)
    store.put(wallet_of(), key())
    os.chown(path, 65_534, 65_534)
    with pytest.raises(ConfigError, match=r"belongs to another user \(uid 65534\)"):
        store.get(wallet_of())


def test_a_full_disk_leaves_what_was_there(opened: Open, path: Path) -> None:
    """When the file cannot grow, the error says so, the old content is intact, and later saving works."""
    store = opened(path)
    store.put(wallet_of(), key("old"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, limits[1]))
    try:
        with pytest.raises(VaultUnavailable) as raised:
            store.put(wallet_of(), key("x" * 60_000), 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(path) in str(raised.value)
    assert text_of(opened(path).get(wallet_of())) == "old"
    assert store.put(wallet_of(), key("new"), 1).version == 2
    assert not [found for found in path.parent.iterdir() if found.suffix == ".new"]


READ_ONLY = """
import os, sqlite3, sys
from pathlib import Path
from polyspec.errors import VaultUnavailable
from tests.unit.vault.test_vault_files import OPEN
from tests.unit.vault.vault_rig import key, text_of, wallet_of
os.setuid(65534) if os.geteuid() == 0 else None
path = Path(sys.argv[1]) / "own" / "vault"
store = OPEN[sys.argv[2]](path)
store.put(wallet_of(), key("old"))
path.chmod(0o400)
path.parent.chmod(0o500)
assert text_of(OPEN[sys.argv[2]](path).get(wallet_of())) == "old"
try:
    OPEN[sys.argv[2]](path).put(wallet_of(), key("new"), 1)
except VaultUnavailable as error:
    print(error)
assert text_of(OPEN[sys.argv[2]](path).get(wallet_of())) == "old"
path.parent.chmod(0o700)
"""


@pytest.mark.parametrize("kind", list(OPEN))
def test_a_read_only_vault_is_read(kind: str) -> None:
    """What cannot be written can be read; trying to write says why not and changes nothing."""
    # root writes wherever it likes: another user tries, in a place it can reach
    with private_place() as place:
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(place), kind],
            cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "cannot be used" in done.stdout


@contextmanager
def private_place() -> Iterator[Path]:
    """Make a folder that another user may write in: those of pytest cannot be entered."""
    with tempfile.TemporaryDirectory(prefix="polyspec-vault-") as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def test_a_damaged_file_says_so(path: Path) -> None:
    """Every bit and every length of a file counts, outside of the records too."""
    store = vault(FileRecords(path))
    store.put(wallet_of(), key())
    store.put(wallet_of("bob"), key())
    store.delete(wallet_of("bob"), 1)
    whole = path.read_bytes()
    records = FileRecords(path)
    for content in (
        *(flipped(whole, bit) for bit in range(8 * len(whole))),
        *(whole[:length] for length in range(len(whole))),
        whole + b"\0",
    ):
        with pytest.raises(DamagedRecord):
            records._decoded(content)
    path.write_bytes(flipped(whole, 999))
    for attempt in (lambda: store.get(wallet_of()), lambda: store.put(wallet_of("carol"), key())):
        with pytest.raises(DamagedRecord, match="backup"):
            attempt()


def flipped(content: bytes, bit: int) -> bytes:
    """Flip one bit."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_a_database_that_is_none_says_so(path: Path) -> None:
    """Something else in the place of the database is called damage."""
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"no database at all" * 300)
    path.chmod(0o600)
    with pytest.raises(DamagedRecord, match="no database"):
        vault(SqliteRecords(path)).get(wallet_of())


def test_an_old_file_put_back_is_noticed(path: Path) -> None:
    """Whoever saw a later generation, here or elsewhere, refuses an earlier one, and a file taken away."""
    records = FileRecords(path)
    store = vault(records)
    store.put(wallet_of(), key("1"))
    old = path.read_bytes()
    store.put(wallet_of(), key("2"), 1)
    assert records.generation == 2
    path.write_bytes(old)
    assert text_of(vault(FileRecords(path, at_least=1)).get(wallet_of())) == "1"
    for stale in (store, vault(FileRecords(path, at_least=2))):
        with pytest.raises(DamagedRecord, match="an old file was put back") as raised:
            stale.get(wallet_of())
        assert raised.value.reason == "rolled_back"
        with pytest.raises(DamagedRecord, match="an old file was put back"):
            stale.put(wallet_of(), key("3"), 1)
    path.unlink()
    with pytest.raises(DamagedRecord) as raised:
        store.get(wallet_of())
    assert raised.value.reason == "rolled_back"


def test_a_change_that_may_not_last_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the directory cannot be flushed the file is replaced, and nobody calls that stored for good."""
    store = vault(FileRecords(path))
    store.put(wallet_of(), key("1"))
    real = os.fsync

    def failing(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(5, "Input/output error")
        real(handle)

    monkeypatch.setattr(private_files.os, "fsync", failing)
    with pytest.raises(VaultUnavailable, match="power cut") as raised:
        store.put(wallet_of(), key("2"), 1)
    assert raised.value.maybe_executed
    assert text_of(store.get(wallet_of())) == "2"


def test_what_was_written_is_read_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that keeps something else than it was given is noticed before the old file is replaced."""
    store = vault(FileRecords(path))
    store.put(wallet_of(), key("1"))
    real = os.fsync

    def lying(handle: int) -> None:
        real(handle)
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            os.pwrite(handle, b"\0", 40)

    monkeypatch.setattr(private_files.os, "fsync", lying)
    with pytest.raises(VaultUnavailable, match="read back"):
        store.put(wallet_of(), key("2"), 1)
    monkeypatch.undo()
    assert text_of(store.get(wallet_of())) == "1"
    assert sorted(found.name for found in path.parent.iterdir()) == ["vault", "vault.lock"]


def test_whoever_waits_too_long_is_told(path: Path) -> None:
    """A lock that another holds is waited for, and not for ever; reading needs none."""
    store = OPEN["file"](path)
    store.put(wallet_of(), key())
    with private_files.PrivateDirectory(path.parent) as directory, directory.locked(path.name, 1):
        begun = time.monotonic()
        with pytest.raises(VaultUnavailable, match="locked by another process"):
            store.put(wallet_of("bob"), key())
        assert 0.2 <= time.monotonic() - begun < 2
        assert store.get(wallet_of()) is not None
    assert store.put(wallet_of("bob"), key()).version == 1


def test_whoever_waits_goes_on(path: Path) -> None:
    """As soon as the other lets go, the waiting one saves."""
    vault(FileRecords(path)).put(wallet_of(), key())
    store, saved = vault(FileRecords(path)), threading.Event()

    def save() -> None:
        store.put(wallet_of("bob"), key())
        saved.set()

    with private_files.PrivateDirectory(path.parent) as directory:
        with directory.locked(path.name, 1):
            thread = threading.Thread(target=save)
            thread.start()
            assert not saved.wait(0.1)
        assert saved.wait(5)
    thread.join()


def test_key_files_are_held_to_the_same(path: Path) -> None:
    """A key file is private, made once, and never replaced."""
    made = KeyFileKeys.create(path)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert KeyFileKeys(path).current() == made.current()
    with pytest.raises(ConfigError, match="there already"):
        KeyFileKeys.create(path)
    assert KeyFileKeys(path).current() == made.current()
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="open to other users"):
        KeyFileKeys(path)
    path.unlink()
    with pytest.raises(ConfigError, match="does not exist"):
        KeyFileKeys(path)
    with pytest.raises(ConfigError, match="does not exist"):
        KeyFileKeys(path.parent / "no" / "such")
    path.symlink_to(path.parent / "other")
    with pytest.raises(ConfigError, match="symbolic link"):
        KeyFileKeys.create(path)


@pytest.mark.parametrize(
    "content", ["", "polyspec-vault-key-1", "polyspec-vault-key-1 short", "x" * 60, "\0\xff" * 40]
)
def test_what_is_no_key_is_refused(path: Path, content: str) -> None:
    """Something else in a key file is called what it is, and not shown."""
    path.parent.mkdir(mode=0o700)
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="holds no key") as raised:
        KeyFileKeys(path)
    assert "short" not in str(raised.value)


@pytest.mark.parametrize("records", [FileRecords, SqliteRecords, KeyFileKeys])
def test_no_path_is_refused(records: Callable[[str], object]) -> None:
    """An empty path is a mistake, not the working directory."""
    with pytest.raises(ConfigError):
        records("")


def test_a_vault_that_is_not_there_is_empty(opened: Open, path: Path) -> None:
    """Reading a vault that nobody made finds nothing."""
    store = opened(path)
    assert store.get(wallet_of()) is None
    assert store.list() == ()
    assert store.kek_ids() == {}
