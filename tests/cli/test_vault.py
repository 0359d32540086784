"""``polyspec vault`` as a person, a script and an attacker who lists processes meet it."""

from __future__ import annotations

import getpass
import io
import json
import os
import pty
import sqlite3
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from polyspec.cli import main
from polyspec.errors import ConfigError
from polyspec.managed.manager import Manager
from polyspec.vault import CredentialId, CredentialKind, EnvironmentTag, KeyFileKeys, Vault
from polyspec.vault.layout import Header, Sealed
from polyspec.vault.places import keys_at, records_at, shows_password
from polyspec.vault.records import Row
from tests.cli.terminal import CLEAN, one_sentence
from tests.postgres import HOW, Cluster, binaries
from tests.unit.vault.transit_server import TransitServer

WALLET_KEY = "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
ADDRESS = "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23"
CANARY = "canary-api-key-of-bob"


class Desk:
    """A home, and commands run in it in this process."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self.patch, self._capsys = home, patch, capsys

    def run(self, *arguments: str, stdin: object = None, **variables: str) -> tuple[int, str, str]:
        """Return the exit status and what was printed on both streams."""
        with self.patch.context() as patch:
            patch.setattr(sys, "stdin", io.StringIO("" if stdin is None else json.dumps(stdin)))
            for name, value in variables.items():
                patch.setenv(name, value)
            status = main(["vault", *arguments])
        return status, *self._capsys.readouterr()

    def printed(self) -> tuple[str, str]:
        """Return what was printed since."""
        out, err = self._capsys.readouterr()
        return out, err

    def lines(self, *arguments: str, **variables: str) -> list[dict[str, Any]]:
        """Run with --json, which must go well, and return what was printed."""
        status, out, err = self.run(*arguments, "--json", **variables)
        assert status == 0, err
        return [json.loads(line) for line in out.splitlines()]

    def add(self, kind: str, secrets: dict[str, str], *more: str, user: str = "bob") -> tuple[int, str, str]:
        """Put a credential in through standard input."""
        return self.run(
            "add", kind, "--user", user, "--environment", "sandbox", "--stdin", *more, stdin=secrets
        )


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    """Give the command a home of its own, and no variable that speaks of a vault."""
    for name in os.environ.keys() - CLEAN.keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return Desk(tmp_path, monkeypatch, capsys)


def test_from_nothing_to_a_credential_that_opens(desk: Desk) -> None:
    """Made with the defaults, filled and listed, the vault opens for a program; nothing printed is secret."""
    assert desk.lines("init")[0]["credentials"] == 0
    printed = [
        desk.add("clob_wallet", {"private_key": WALLET_KEY}, user="alice"),
        desk.add("polysim_api_key", {"api_key": CANARY}),
        desk.run("list"),
        desk.run("export-audit"),
    ]
    assert [status for status, _, _ in printed] == [0, 0, 0, 0]
    assert WALLET_KEY not in str(printed)
    assert WALLET_KEY[2:] not in str(printed)
    assert CANARY not in str(printed)
    listed = desk.lines("list")
    assert [(each["user"], each["wallet"], each["version"]) for each in listed] == [
        ("alice", ADDRESS, 1), ("bob", "", 1),
    ]  # fmt: skip
    with Vault(
        records_at("sqlite:///~/.polyspec/vault.db"), KeyFileKeys("~/.polyspec-key/vault.key")
    ) as vault:
        stored = vault.get(
            CredentialId("default", "bob", "polysimulator", "", CredentialKind.POLYSIM_API_KEY)
        )
    assert stored is not None
    assert stored.secrets["api_key"].reveal() == CANARY


def test_what_is_listed_can_be_chosen(desk: Desk) -> None:
    """An address is found in any case, another wallet's name as it is written, a user by name."""
    desk.run("init")
    desk.add("clob_wallet", {"private_key": WALLET_KEY})
    desk.add("polysim_api_key", {"api_key": CANARY}, "--wallet", "Main", user="alice")
    chosen = [
        desk.lines("list", "--wallet", ADDRESS.upper().replace("0X", "0x")),
        desk.lines("list", "--wallet", "Main"),
        desk.lines("list", "--wallet", "main"),
        desk.lines("list", "--user", "bob", "--venue", "polysimulator"),
        desk.lines("list", "--kind", "clob_wallet"),
    ]
    assert [[each["user"] for each in found] for found in chosen] == [["bob"], ["alice"], [], [], ["bob"]]


def test_init_twice_keeps_the_key(desk: Desk) -> None:
    """A key that is there stays, and so do the credentials it locks."""
    first = desk.lines("init")[0]["key"]
    desk.add("polysim_api_key", {"api_key": CANARY})
    assert desk.lines("init") == [{"key": first, "credentials": 1}]


def test_init_with_other_keys_is_refused(desk: Desk) -> None:
    """A vault that is locked with one key is not begun again with another, and none is made for it."""
    desk.run("init")
    desk.add("polysim_api_key", {"api_key": CANARY})
    other = desk.home / "other" / "vault.key"
    status, _, err = desk.run("init", "--keys", f"file:{other}")
    assert (status, one_sentence(err), "does not exist" in err, other.exists()) == (2, True, True, False)
    KeyFileKeys.create(other)
    status, _, err = desk.run("init", "--keys", f"file:{other}")
    assert (status, one_sentence(err), "locked with other keys" in err) == (2, True, True)


@pytest.mark.parametrize(
    ("secret", "says"),
    [("", "is empty"), (" \n", "is empty"), (f"{CANARY} {CANARY}", "spaces"), (f"{CANARY}\x1b[A", "show")],
)
def test_what_no_venue_would_take_is_refused(desk: Desk, secret: str, says: str) -> None:
    """A secret that is empty, or that no header can hold, is met when it is put in, and not shown."""
    desk.run("init")
    (desk.home / "secret").write_text(secret)
    told = [
        desk.add("polysim_api_key", {"api_key": secret}),
        desk.run("add", "polysim_api_key", "--user", "bob", "--environment", "prod",
                 "--file", f"api_key={desk.home}/secret"),
    ]  # fmt: skip
    for status, out, err in told:
        assert (status, out, one_sentence(err), says in err, CANARY in err) == (2, "", True, True, False)
    assert desk.lines("list") == []


def test_what_pasting_puts_around_a_secret_is_taken_off(desk: Desk) -> None:
    """Spaces and line breaks around a key, and the mark at the beginning of a file, are no part of it."""
    desk.run("init")
    (desk.home / "secret").write_bytes(b"\xef\xbb\xbf" + CANARY.encode() + b" \r\n")
    status, _, err = desk.run(
        "add", "polysim_api_key", "--user", "bob", "--environment", "prod",
        "--file", f"api_key={desk.home}/secret",
    )  # fmt: skip
    assert status == 0, err
    with Vault(
        records_at("sqlite:///~/.polyspec/vault.db"), KeyFileKeys("~/.polyspec-key/vault.key")
    ) as vault:
        stored = vault.get(
            CredentialId("default", "bob", "polysimulator", "", CredentialKind.POLYSIM_API_KEY)
        )
    assert stored is not None
    assert stored.secrets["api_key"].reveal() == CANARY


@pytest.mark.parametrize("error", ["strict", "surrogateescape"])
def test_input_that_is_no_text_is_refused(desk: Desk, error: str) -> None:
    """Bytes on standard input are an error in one sentence that shows none of them, in every locale."""
    desk.run("init")
    raw = io.BytesIO(b'{"api_key": "' + CANARY.encode() + b'\xff"}')
    with desk.patch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(raw, "utf-8", errors=error))
        status = main(["vault", "add", "polysim_api_key", "--user", "b", "--environment", "prod", "--stdin"])
    assert status == 2
    assert desk.lines("list") == []


def test_a_terminal_that_shows_what_is_typed_is_not_read(desk: Desk) -> None:
    """--stdin is for pipes: at a terminal it would echo. Without any input it is an error as well."""
    desk.run("init")
    add = ["vault", "add", "polysim_api_key", "--user", "b", "--environment", "prod", "--stdin"]
    terminal, inner = pty.openpty()
    os.write(terminal, json.dumps({"api_key": CANARY}).encode() + b"\n\x04")
    with os.fdopen(inner) as shown, desk.patch.context() as patch:
        for given, says in ((shown, "leave it out"), (None, "JSON object")):
            patch.setattr(sys, "stdin", given)
            desk.printed()
            assert main(add) == 2
            assert says in desk.printed()[1]
    os.close(terminal)
    assert desk.lines("list") == []


def test_the_key_of_another_wallet_is_refused(desk: Desk) -> None:
    """A wallet that is named is the one the key is of, whatever the case of its address."""
    desk.run("init")
    other = "0x" + "ab" * 20
    status, _, err = desk.add("clob_wallet", {"private_key": WALLET_KEY}, "--wallet", other)
    assert (status, one_sentence(err), ADDRESS in err.lower()) == (2, True, True)
    status, _, err = desk.add("clob_wallet", {"private_key": WALLET_KEY}, "--wallet", ADDRESS.upper())
    assert status == 0, err
    assert [each["wallet"] for each in desk.lines("list")] == [ADDRESS]


def _spoil(desk: Desk, user: str) -> None:
    with sqlite3.connect(desk.home / ".polyspec" / "vault.db") as file:
        file.execute("UPDATE polyspec_vault SET sealed = substr(sealed, 1, 40) WHERE user_name = ?", (user,))
    file.close()


def test_one_damaged_record_hides_no_other(desk: Desk) -> None:
    """What cannot be read is told by name and makes the command fail; all others are listed and rekeyed."""
    desk.run("init")
    for user in ("alice", "bob", "carol"):
        desk.add("polysim_api_key", {"api_key": CANARY}, user=user)
    _spoil(desk, "bob")
    status, out, err = desk.run("list", "--json")
    assert (status, [json.loads(line)["user"] for line in out.splitlines()]) == (1, ["alice", "carol"])
    assert one_sentence(err)
    assert "default/bob" in err
    assert desk.run("init")[0] == 1
    assert desk.add("polysim_session", {"access_token": "t"}, user="dora")[0] == 0
    status, out, _ = desk.run("rekey", "--to", f"file:{desk.home}/new/vault.key", "--json")
    told = json.loads(out)
    assert (status, told["moved"], [each["id"][1] for each in told["failed"]]) == (1, 3, ["bob"])
    assert list(told["keys"].values()) == [3]
    # what cannot be read can be replaced, and what is beside it too
    keys = "--keys", f"file:{desk.home}/new/vault.key"
    assert desk.add("polysim_api_key", {"api_key": CANARY}, "--wallet", "x", *keys, user="bob")[0] == 0
    assert desk.add("polysim_api_key", {"api_key": CANARY}, *keys, user="bob")[0] == 2
    assert desk.add("polysim_api_key", {"api_key": CANARY}, *keys, "--replace", user="bob")[0] == 0
    assert len(desk.lines("list")) == 5
    assert desk.add("polysim_api_key", {"api_key": CANARY}, "--wallet", "lease:x", *keys)[0] == 2


def test_numbers_and_texts_that_nothing_proves_are_listed(desk: Desk) -> None:
    """A record that was altered may tell any time and any key: it is listed, and moves no cursor."""
    records = records_at("sqlite:///~/.polyspec/vault.db")
    about = CredentialId("default", "bob", "polysimulator", "", CredentialKind.POLYSIM_API_KEY)
    header = Header(id=about, environment=EnvironmentTag.PROD, version=1, created_ms=(1 << 64) - 1, public={})
    sealed = Sealed(header=header, kek_id="\x1b[2J", wrapped=b"", nonce=bytes(12), ciphertext=b"")
    assert records.swap(None, Row(about, 1, sealed.encode()))
    status, out, _ = desk.run("list")
    assert (status, "at no time" in out, "\x1b" in out) == (0, True, False)


def test_nothing_is_done_that_cannot_be_written_down(desk: Desk) -> None:
    """Without an audit log nothing is put in or rekeyed: a change is announced in it first."""
    desk.run("init")
    desk.add("polysim_api_key", {"api_key": CANARY})
    before = desk.lines("list")
    log = desk.home / ".polyspec" / "managed" / "audit.db"
    kept = log.read_bytes()
    for name in ("audit.db-wal", "audit.db-shm"):
        (log.parent / name).unlink(missing_ok=True)
    log.write_bytes(b"no database" * 500)
    for arguments in (("rekey", "--to", "passphrase"), ("add", "polysim_session", "--user", "bob")):
        more = () if arguments[0] == "rekey" else ("--environment", "sandbox", "--stdin")
        status, _, err = desk.run(
            *arguments, *more, stdin={"access_token": "t"}, POLYSPEC_VAULT_NEW_PASSPHRASE="correct horse"
        )
        assert (status, one_sentence(err), "audit.db" in err) == (1, True, True)
    assert desk.lines("list") == before
    log.write_bytes(kept)


@pytest.mark.parametrize("verify", [False, True])
def test_an_audit_log_that_was_spoilt_is_told(desk: Desk, *, verify: bool) -> None:
    """An entry that cannot be read is named in a sentence, after those that can; later ones are to be had."""
    desk.run("init")
    for user in ("alice", "bob"):
        desk.add("polysim_api_key", {"api_key": CANARY}, user=user)
    with sqlite3.connect(desk.home / ".polyspec" / "managed" / "audit.db") as file:
        file.execute("DROP TRIGGER audit_keeps")
        file.execute("UPDATE audit SET entry = 'spoilt' WHERE seq = 3")
    file.close()
    status, out, err = desk.run("export-audit", *(["--verify"] if verify else []))
    assert (status, len(out.splitlines()), one_sentence(err)) == (1, 0 if verify else 2, True)
    assert "entry 3" in err
    assert len(desk.run("export-audit", "--after", "3")[1].splitlines()) == 1


def test_rotation_that_is_due_and_fails_is_told(desk: Desk) -> None:
    """Each credential that could not be rotated is named with the reason, and the command fails."""
    desk.run("init")
    for user in ("alice", "bob"):
        desk.add("polysim_api_key", {"api_key": CANARY}, user=user)
    _spoil(desk, "bob")
    due = ("rotate", "--venue", "polysimulator", "--host", "http://127.0.0.1:9", "--due")
    assert desk.run(*due, "30")[0] == 1
    status, out, err = desk.run(*due, "0", "--json")
    told = {each["id"][1]: each["error"] for each in map(json.loads, out.splitlines())}
    assert (status, err) == (1, "")
    assert all(told.values())
    assert set(told) == {"alice", "bob"}
    assert desk.run(*due, "0", "--wallet", "x")[0] == 2


def test_rotating_looks_up_no_orders(desk: Desk) -> None:
    """Orders that a bot left open are for the bot to be told of: rotating takes none from it."""
    desk.run("init")
    desk.add("polysim_api_key", {"api_key": CANARY})
    looked: list[object] = []
    desk.patch.setattr(Manager, "_replay", lambda _, user: looked.append(user))
    here = ("rotate", "--venue", "polysimulator", "--host", "http://127.0.0.1:9")
    assert [desk.run(*here, *more)[0] for more in (("--due", "0"), ("--user", "bob"))] == [1, 1]
    assert looked == []


@pytest.mark.parametrize(("sink", "status"), [("full", 1), ("gone", 141)])
def test_output_that_nobody_takes(desk: Desk, sink: str, status: int) -> None:
    """A full disk is a sentence, a reader that went away is none; the interpreter adds nothing to it."""
    desk.run("init")
    desk.add("polysim_api_key", {"api_key": CANARY})
    if sink == "full" and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    reader, writer = os.pipe()
    os.close(reader)
    if sink == "full":
        os.close(writer)
        writer = os.open("/dev/full", os.O_WRONLY)
    output = os.fdopen(writer, "w")
    desk.printed()
    with desk.patch.context() as patch:
        patch.setattr(sys, "stdout", output)
        found = main(["vault", "export-audit"])
    # what the interpreter does at its end
    output.close()
    _, err = desk.printed()
    assert found == status
    assert one_sentence(err) if status == 1 else err == ""


def test_what_is_there_is_replaced_on_request_only(desk: Desk) -> None:
    """The same credential twice is an error that names --replace, with which its version goes up."""
    desk.run("init")
    desk.add("polysim_api_key", {"api_key": "old"})
    status, _, err = desk.add("polysim_api_key", {"api_key": "new"})
    assert (status, "--replace" in err) == (2, True)
    assert desk.add("polysim_api_key", {"api_key": "new"}, "--replace")[0] == 0
    assert [each["version"] for each in desk.lines("list")] == [2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("clob_wallet", "--public", f"private_key={CANARY}"), "no secret"),
        (("polysim_api_key", "--public", CANARY), "NAME=VALUE"),
        (("polysim_api_key", "--vault", f"postgresql://bob:{CANARY}@db/vault"), "PGPASSWORD"),
        (("polysim_api_key", "--vault", f"postgresql://bob@db/vault?password={CANARY}"), "PGPASSWORD"),
        (("us_private_key",), "client_id"),
        (("us_private_key", "--public", "client_id=c"), "--file private_key=PATH"),
        (("clob_api", "--public", "api_key=k", "--stdin"), "standard input"),
        (("polysim_api_key",), "no terminal"),
    ],
)
def test_secrets_are_no_arguments(desk: Desk, arguments: tuple[str, ...], says: str) -> None:
    """What might be a secret in the arguments is refused in a sentence that does not repeat it."""
    desk.run("init")
    desk.patch.setattr("getpass.getpass", _no_terminal)
    status, out, err = desk.run(
        "add", *arguments, "--user", "bob", "--environment", "prod", stdin={"x": CANARY}
    )
    assert (status, out, one_sentence(err)) == (2, "", True)
    assert says in err
    assert CANARY not in err
    assert desk.lines("list") == []


@pytest.mark.parametrize(
    "arguments", [("polysim_api_key", "--api-key", CANARY), ("polysim_api_key", CANARY), (CANARY,)]
)
def test_arguments_that_nobody_knows_are_not_repeated(desk: Desk, arguments: tuple[str, ...]) -> None:
    """What was typed in the wrong place may be a secret: what is said about it does not show it."""
    with pytest.raises(SystemExit) as caught:
        desk.run("add", *arguments, "--user", "bob", "--environment", "prod")
    out, err = desk.printed()
    assert (caught.value.code, out, CANARY in err, "error: " in err) == (2, "", False, True)


def _no_terminal(prompt: str) -> str:
    warnings.warn("it would be seen", getpass.GetPassWarning, stacklevel=1)
    raise AssertionError


def test_the_end_of_input_is_no_secret(desk: Desk) -> None:
    """Ctrl-D at a prompt is nothing typed, and said so."""
    desk.run("init")
    desk.patch.setattr("getpass.getpass", _ended)
    status, _, err = desk.run("add", "polysim_api_key", "--user", "bob", "--environment", "prod")
    assert (status, one_sentence(err), "nothing was typed" in err) == (2, True, True)


def _ended(prompt: str) -> str:
    raise EOFError


def test_a_key_in_a_file_is_read(desk: Desk) -> None:
    """A PEM comes from a file, whole; one that cannot sign is refused, and not shown."""
    key = rsa.generate_private_key(65_537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    desk.run("init")
    adding = (
        "add", "us_private_key", "--user", "firm", "--environment", "preprod", "--public", "client_id=c",
        "--file", f"private_key={desk.home}/key.pem",
    )  # fmt: skip
    for broken in (pem[:-200], f"{CANARY}\n{CANARY}"):
        (desk.home / "key.pem").write_text(broken)
        status, _, err = desk.run(*adding)
        assert (status, one_sentence(err), CANARY in err) == (2, True, False)
    (desk.home / "key.pem").write_text(pem)
    status, _, err = desk.run(*adding)
    assert status == 0, err
    assert desk.lines("list")[0]["public"] == {"client_id": "c"}


def test_typing_a_secret_shows_nothing(desk: Desk) -> None:
    """At a terminal a secret is asked for, and what is typed is not echoed."""
    desk.run("init")
    arguments = ["vault", "add", "polysim_api_key", "--user", "bob", "--environment", "sandbox"]
    terminal, inner = pty.openpty()
    command = [sys.executable, "-m", "polyspec.cli", *arguments]
    child = subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, start_new_session=True)
    os.close(inner)
    shown, end = b"", time.monotonic() + 30
    while b"api_key: " not in shown and time.monotonic() < end:
        shown += os.read(terminal, 1000)
    os.write(terminal, CANARY.encode() + b"\n")
    while time.monotonic() < end:
        try:
            more = os.read(terminal, 1000)
        except OSError:
            break
        shown += more
        if not more:
            break
    assert child.wait(30) == 0, shown
    os.close(terminal)
    assert b"stored polysim_api_key" in shown
    assert CANARY.encode() not in shown
    assert len(desk.lines("list")) == 1


def test_rekey_moves_everything_and_keeps_the_versions(desk: Desk) -> None:
    """From a key file to a passphrase: all moves, the old key opens nothing, the audit log tells of each."""
    desk.run("init")
    desk.add("polysim_api_key", {"api_key": CANARY})
    desk.add("clob_wallet", {"private_key": WALLET_KEY})
    passphrase = {"POLYSPEC_VAULT_NEW_PASSPHRASE": "correct horse"}
    (told,) = desk.lines("rekey", "--to", "passphrase", **passphrase)
    assert (told["moved"], told["kept"], told["failed"]) == (2, 0, [])
    assert [each["version"] for each in desk.lines("list")] == [1, 1]
    status, _, err = desk.add("polysim_session", {"access_token": "t"})
    assert (status, "opens nothing" in err) == (1, True)
    events = [json.loads(line)["entry"]["event"] for line in desk.run("export-audit")[1].splitlines()]
    assert events == ["adding", "added"] * 2 + ["rekeying"] * 2 + ["rekeyed"] * 2 + ["adding"]


def test_rekey_with_a_wrong_old_passphrase_fails_and_changes_nothing(desk: Desk) -> None:
    """Records that no key opens are told, by name, and the command fails."""
    right = {"POLYSPEC_VAULT_PASSPHRASE": "correct horse", "POLYSPEC_VAULT_KEYS": "passphrase"}
    for name, value in right.items():
        desk.patch.setenv(name, value)
    desk.add("polysim_api_key", {"api_key": CANARY})
    before = desk.lines("list")
    assert desk.lines("init") == [{"key": before[0]["key"], "credentials": 1}]
    desk.patch.setenv("POLYSPEC_VAULT_PASSPHRASE", "wrong")
    status, out, _ = desk.run("rekey", "--to", f"file:{desk.home}/new/vault.key")
    assert status == 1
    assert "0 moved, 0 were there already, 1 failed" in out
    assert desk.lines("list") == before


def test_the_audit_log_is_verified_against_its_end(desk: Desk) -> None:
    """The end that was noted must be there; one that is not is found out."""
    desk.run("init")
    desk.add("polysim_api_key", {"api_key": CANARY})
    (end,) = desk.lines("export-audit", "--verify")
    head = f"{end['seq']}:{end['digest']}"
    desk.add("clob_wallet", {"private_key": WALLET_KEY})
    assert desk.lines("export-audit", "--verify", "--head", head)[0]["seq"] == 4
    status, _, err = desk.run("export-audit", "--verify", "--head", f"9:{end['digest']}")
    assert (status, one_sentence(err)) == (1, True)
    assert len(desk.run("export-audit", "--after", "1")[1].splitlines()) == 3


def test_rotate_says_what_it_cannot_do(desk: Desk) -> None:
    """The US exchange issues no keys, and somebody or an age must be named."""
    desk.run("init")
    for arguments, says in (
        (("--venue", "us", "--user", "x"), "onboarding"),
        (("--venue", "clob"), "--user"),
        (("--venue", "clob", "--due", "nan"), "--due"),
    ):
        status, _, err = desk.run("rotate", *arguments)
        assert (status, one_sentence(err), says in err) == (2, True, True)


@pytest.mark.parametrize(
    "place", ["file:{home}/safe/vault.bin", "file://{home}/safe/vault.bin", "sqlite:///{home}/v/v.db"]
)
def test_every_place_on_this_machine(desk: Desk, place: str) -> None:
    """The same commands work with a file and with SQLite, named in the environment."""
    desk.patch.setenv("POLYSPEC_VAULT", place.format(home=desk.home))
    desk.run("init")
    assert desk.add("polysim_api_key", {"api_key": CANARY})[0] == 0
    assert len(desk.lines("list")) == 1
    assert not (desk.home / ".polyspec" / "vault.db").exists()


def test_postgresql_and_transit(desk: Desk) -> None:
    """The same commands work with PostgreSQL and HashiCorp Vault; rekeying brings them to a key file."""
    if (folder := binaries()) is None:
        pytest.skip(HOW)
    with Cluster(folder) as cluster, TransitServer() as transit:
        desk.patch.setenv("POLYSPEC_VAULT", cluster.url)
        desk.patch.setenv("POLYSPEC_VAULT_KEYS", f"transit:{transit.address}/polyspec")
        status, _, err = desk.run("init")
        assert (status, "VAULT_TOKEN" in err) == (2, True)
        desk.patch.setenv("VAULT_TOKEN", "hvs.test")
        assert desk.lines("init")[0]["key"].startswith("transit:")
        assert desk.add("polysim_api_key", {"api_key": CANARY})[0] == 0
        (told,) = desk.lines("rekey", "--to", f"file:{desk.home}/new/vault.key")
        assert (told["moved"], len(told["keys"])) == (1, 1)


@pytest.mark.parametrize(
    "address", ["", "vault.db", "mysql://a:hunter2@b/c", "sqlite:", "file:", "file://host/x"]
)
def test_addresses_that_are_none(address: str) -> None:
    """An address that names no vault is refused in a sentence that does not repeat it."""
    with pytest.raises(ConfigError) as caught:
        records_at(address)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["", "vault.key", "transit:ftp://x/y", "transit:https://x/y?no=1", "arn:aws:s3"]
)
def test_keys_that_are_none(address: str) -> None:
    """What names no keys is refused."""
    with pytest.raises(ConfigError):
        keys_at(address, passphrase=pytest.fail, token=pytest.fail)


def test_passwords_in_addresses_are_seen() -> None:
    """Every place where an address may hold a password counts."""
    assert shows_password("postgresql://a:b@h/d")
    assert shows_password("postgresql://h/d?password=b")
    assert shows_password("postgresql://[broken")
    assert not shows_password("postgresql://a@h/d?sslmode=verify-full")
    assert not shows_password("sqlite:///vault.db")


def test_listing_needs_no_key(desk: Desk) -> None:
    """What is there can be listed where the key is not; the command is found by its name."""
    desk.run("init")
    desk.add("polysim_api_key", {"api_key": CANARY})
    (desk.home / ".polyspec-key" / "vault.key").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "polyspec.cli", "vault", "list", "--json"],
        check=False, capture_output=True, text=True, timeout=60, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["user"] == "bob"
