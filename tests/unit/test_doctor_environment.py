"""Environments with mistakes in them, key files of every wrong kind, and the table of all codes."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from polyspec.core.findings import Diagnosis, Severity
from polyspec.doctor import configured, diagnose
from polyspec.doctor.variables import COMMON, OWN
from polyspec.errors import ConfigError
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.us.config import Surroundings

ROOT = Path(__file__).parent.parent.parent
KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
US = {"POLYSPEC_US_ENVIRONMENT": "preprod", "POLYSPEC_US_CLIENT_ID": "me"}
_RSA = rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def severity(found: Diagnosis, code: str) -> Severity | None:
    """Return how bad a finding is; None if there is none."""
    finding = found.get(code)
    return None if finding is None else finding.severity


def private(key: Any, lock: Any = None, encoding: Encoding = Encoding.PEM) -> bytes:
    """Write a private key."""
    return bytes(key.private_bytes(encoding, PrivateFormat.PKCS8, lock or NoEncryption()))


# -- variables --


def test_nothing_is_asked_unless_told() -> None:
    """Without live, and without a sandbox, the environment is read and no more."""
    found = diagnose("clob", {"POLYSPEC_CLOB_PRIVATE_KEY": KEY})
    assert found.exit_status == 0
    assert severity(found, "check.offline") is Severity.INFO
    settled = found.get("settings.ok")
    assert settled is not None
    assert settled.facts["key"] == ADDRESS
    assert KEY[2:] not in str(found.findings)


def test_variables_that_are_missing() -> None:
    """Every variable that is missing is named, in one finding."""
    found = diagnose("us", {"POLYSPEC_US_CLIENT_ID": "me"})
    missing = found.get("env.missing")
    assert missing is not None
    assert missing.facts["names"] == ["POLYSPEC_US_ENVIRONMENT", "POLYSPEC_US_PRIVATE_KEY_PATH"]
    assert found.exit_status == 2


@pytest.mark.parametrize(
    ("venue", "name", "meant"),
    [
        ("clob", "POLYSPEC_CLOB_PRIVATEKEY", "POLYSPEC_CLOB_PRIVATE_KEY"),
        ("clob", "POLYSPEC_CLOB_FUNDER_ADDRESS", "POLYSPEC_CLOB_FUNDER"),
        ("us", "POLYSPEC_US_ENV", "POLYSPEC_US_ENVIRONMENT"),
        ("polysimulator", "POLYSIM_KEY", "POLYSIM_API_KEY"),
        ("us", "POLYSPEC_SANDBX", "POLYSPEC_SANDBOX"),
    ],
)
def test_spellings_that_nobody_reads(venue: str, name: str, meant: str) -> None:
    """A variable that nothing reads is a warning that names the one that was meant."""
    unknown = diagnose(venue, {name: "some-value"}).get("env.unknown")
    assert unknown is not None
    assert (unknown.severity, unknown.facts) == (Severity.WARNING, {"name": name, "near": meant})
    assert "some-value" not in str(unknown)


def test_both_spellings() -> None:
    """Both names of one thing are a warning if they differ, and a word if they do not."""
    both = {"POLYSIM_API_KEY": "ps_live_old", "POLYSPEC_POLYSIMULATOR_API_KEY": "ps_live_new"}
    found = diagnose("polysimulator", both)
    assert severity(found, "env.both") is Severity.WARNING
    assert "ps_live" not in str(found.findings)
    same = diagnose("polysimulator", dict.fromkeys(both, "ps_live_same"))
    assert severity(same, "env.both") is Severity.INFO


def test_values_with_quotes_and_without_anything() -> None:
    """A value in quotation marks is a warning, an empty one a word."""
    found = diagnose("polysimulator", {"POLYSIM_API_KEY": '"ps_live_x"', "POLYSIM_BASE_URL": " "})
    assert severity(found, "env.quoted") is Severity.WARNING
    assert severity(found, "env.blank") is Severity.INFO


def test_names_of_other_clients() -> None:
    """What examples of other clients set is not read, and that is said with our name for it."""
    foreign = diagnose("clob", {"PK": KEY}).get("env.foreign")
    assert foreign is not None
    assert foreign.facts == {"name": "PK", "ours": "POLYSPEC_CLOB_PRIVATE_KEY"}


def test_a_sandbox_goes_first() -> None:
    """With a sandbox named, what else is set is said not to count; a broken line is the one error."""
    found = diagnose("clob", {"POLYSPEC_SANDBOX": "{nonsense", "POLYSPEC_CLOB_PRIVATE_KEY": KEY})
    told = found.get("env.sandbox")
    assert told is not None
    assert told.facts["names"] == ["POLYSPEC_CLOB_PRIVATE_KEY"]
    assert [each.code for each in found.errors] == ["env.invalid"]
    assert "begin `polyspec sandbox` anew" in found.errors[0].fix
    other = diagnose("us", {"POLYSPEC_SANDBOX": "{}", "POLYSPEC_US_TRANSPORT": "soap"})
    assert [each.fix for each in other.errors] == ["correct it there"]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"POLYSPEC_CLOB_PRIVATE_KEY": ADDRESS}, "wallet.key"),
        ({"POLYSPEC_CLOB_PRIVATE_KEY": "0x1234"}, "wallet.key"),
        ({"POLYSPEC_CLOB_PRIVATE_KEY": KEY, "POLYSPEC_CLOB_FUNDER": "0x" + "d" * 40}, "wallet.mismatch"),
        (
            {
                "POLYSPEC_CLOB_PRIVATE_KEY": KEY,
                "POLYSPEC_CLOB_FUNDER": ADDRESS,
                "POLYSPEC_CLOB_SIGNATURE_TYPE": "1",
            },
            "wallet.mismatch",
        ),
        ({"POLYSPEC_CLOB_PRIVATE_KEY": KEY, "POLYSPEC_CLOB_API_KEY": "half"}, "env.invalid"),
        ({"POLYSPEC_CLOB_SIGNATURE_TYPE": "gnosis"}, "env.invalid"),
        ({"POLYSPEC_CLOB_FUNDER": ADDRESS}, "env.invalid"),
        ({"POLYSPEC_CLOB_PRIVATE_KEY": KEY, "POLYSPEC_CLOB_CHAIN_ID": "1"}, "env.invalid"),
    ],
)
def test_keys_and_wallets_that_do_not_fit(variables: dict[str, str], code: str) -> None:
    """A key that is none, a funder that is not its wallet, and half a set of credentials are one error."""
    found = diagnose("clob", variables)
    assert [each.code for each in found.errors] == [code]
    assert KEY[2:] not in str(found.findings)
    if code == "wallet.mismatch":
        # the wallets it could be are named
        assert ADDRESS in found.errors[0].what


def test_credentials_without_their_key() -> None:
    """API credentials that no key goes with are not used, which is a warning and no mere word."""
    names = ("POLYSPEC_CLOB_API_KEY", "POLYSPEC_CLOB_API_SECRET", "POLYSPEC_CLOB_API_PASSPHRASE")
    found = diagnose("clob", dict.fromkeys(names, "YWJj"))
    assert severity(found, "wallet.no_key") is Severity.WARNING
    assert severity(diagnose("clob", {}), "wallet.no_key") is Severity.INFO


def test_a_client_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the making of a client fails of is a finding, so that other venues are looked at."""

    def fails(variables: object) -> None:
        raise OSError(5, "secret words")

    monkeypatch.setattr(PolySimulatorClient, "from_env", fails)
    found = diagnose("polysimulator", {"POLYSIM_API_KEY": "ps_live_x"}, live=True)
    assert [(each.code, each.check) for each in found.errors] == [("check.broken", "client")]
    assert "secret words" not in str(found)


def test_values_that_were_edited_elsewhere(tmp_path: Path) -> None:
    """Spaces and carriage returns around values are nobody's, and neither are those inside of a key file."""
    place = tmp_path / "key.pem"
    place.write_bytes(private(_RSA).replace(b"\n", b"\r\n"))
    place.chmod(0o600)
    variables = US | {"POLYSPEC_US_PRIVATE_KEY_PATH": str(place), "POLYSPEC_US_TRANSPORT": "rest"}
    found = diagnose("us", {name: f" {value}\r" for name, value in variables.items()})
    assert {"key_file.ok", "settings.ok"} <= found.codes()
    read = Surroundings.read({name: f" {value}\r" for name, value in variables.items()})
    assert (read.client_id, read.private_key_path) == ("me", str(place))


def test_which_venues_are_meant() -> None:
    """The venues the environment speaks of are found, in a sandbox those that it serves."""
    assert configured({}) == []
    assert configured({"POLYSIM_API_KEY": "x", "POLYSPEC_US_TIER": "tier2"}) == ["us", "polysimulator"]
    assert configured({"POLYSPEC_SANDBOX": '{"clob": {}}', **US}) == ["clob"]
    assert configured({"POLYSPEC_SANDBOX": "nonsense"}) == ["us", "clob", "polysimulator"]
    # a name that is misspelt, and those of others where there is nothing else
    assert configured({"POLYSPEC_CLOB_PRIVATEKEY": KEY, "PRIVATE_KEY": KEY}) == ["clob"]
    assert configured({"CLOB_API_KEY": "x", "POLYSIMULATOR_API_KEY": "y"}) == ["clob", "polysimulator"]
    assert configured({"POLYSPEC_US_TIER": "tier1", "PK": KEY}) == ["us"]
    assert configured({"POLYSPEC_VENUE": "sandbox:clob", "PK": KEY}) == ["clob"]
    assert severity(diagnose("clob", {"POLYSPEC_VENUE": "kalshi"}), "env.venue") is Severity.WARNING
    assert severity(diagnose("clob", {"POLYSPEC_VENUE": "sandbox:us"}), "env.venue") is None
    with pytest.raises(ConfigError, match="none of us, clob"):
        diagnose("kalshi", {})


# -- key files --


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        (private(_RSA), 0o600, "key_file.ok"),
        (private(_RSA), 0o644, "key_file.mode"),
        (private(_RSA, BestAvailableEncryption(b"hunter2")), 0o600, "key_file.encrypted"),
        (private(_RSA, encoding=Encoding.DER), 0o600, "key_file.format"),
        (
            _RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            0o600,
            "key_file.public",
        ),
        (private(ec.generate_private_key(ec.SECP256R1())), 0o600, "key_file.kind"),
        (private(_RSA)[:400], 0o600, "key_file.damaged"),
        (b"", 0o600, "key_file.empty"),
        (b"hello", 0o600, "key_file.format"),
        (None, 0, "key_file.missing"),
    ],
)
def test_key_files(tmp_path: Path, content: bytes | None, mode: int, code: str) -> None:
    """Mode, format, kind, encryption and the wrong half of a key are told apart; no content is shown."""
    place = tmp_path / "key.pem"
    if content is not None:
        place.write_bytes(content)
        place.chmod(mode)
    found = diagnose("us", {**US, "POLYSPEC_US_PRIVATE_KEY_PATH": str(place)})
    finding = found.get(code)
    assert finding is not None, str(found)
    assert [each.code for each in found.errors] == ([] if code == "key_file.ok" else [code])
    assert finding.severity is Severity.OK or finding.fix
    body = (content or b"").decode("latin-1").splitlines()
    assert not any(line in str(found) for line in body if len(line) > 20 and "-----" not in line)
    if code == "key_file.mode":
        # it is a key all the same, and that is said too
        assert severity(found, "key_file.ok") is Severity.OK
        assert finding.facts["mode"] == "0644"


def test_a_key_in_place_of_its_path() -> None:
    """A key in the variable for its path is told, and not shown."""
    pem = private(_RSA).decode()
    found = diagnose("us", {**US, "POLYSPEC_US_PRIVATE_KEY_PATH": pem})
    assert severity(found, "key_file.inline") is Severity.ERROR
    assert not any(line in str(found.findings) for line in pem.splitlines()[1:-1])


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("".join(private(_RSA).decode().splitlines()[1:-1]), "key_file.inline"),
        ("".join(private(_RSA).decode().splitlines()[1:-1])[:300], "key_file."),
        (KEY, "key_file.missing"),
        ("~nobody-of-that-name/key.pem", "key_file.missing"),
        ("k" * 300, "key_file."),
    ],
)
def test_what_is_no_path(path: str, code: str) -> None:
    """What stands in place of a path is told, and is not shown if it could be a key."""
    found = diagnose("us", {**US, "POLYSPEC_US_PRIVATE_KEY_PATH": path})
    [error] = found.errors
    assert error.code.startswith(code)
    told = json.dumps([each.as_dict() for each in found.findings])
    assert not any(path[start : start + 40] in told for start in (0, 100) if len(path) > start + 60)


def test_a_path_with_spaces(tmp_path: Path) -> None:
    """What is to be run for a key file can be pasted as it stands."""
    place = tmp_path / "a key.pem"
    place.write_bytes(private(_RSA))
    place.chmod(0o644)
    mode = diagnose("us", {**US, "POLYSPEC_US_PRIVATE_KEY_PATH": str(place)}).get("key_file.mode")
    assert mode is not None
    assert shlex.split(mode.fix) == ["chmod", "600", str(place)]


def test_a_link_to_a_key(tmp_path: Path) -> None:
    """A key file that is a link is worth a word."""
    place, link = tmp_path / "key.pem", tmp_path / "link.pem"
    place.write_bytes(private(_RSA))
    place.chmod(0o600)
    link.symlink_to(place)
    found = diagnose("us", {**US, "POLYSPEC_US_PRIVATE_KEY_PATH": str(link)})
    assert severity(found, "key_file.link") is Severity.INFO
    assert not found.errors


# -- what is written --


def _sources() -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in (ROOT / "src/polyspec").rglob("*.py")}


def test_every_variable_is_known() -> None:
    """The doctor knows every variable that is read anywhere, so that none is called a mistake."""
    read = {
        name
        for text in _sources().values()
        for name in re.findall(r"[\"'`](POLYSPEC_[A-Z_]*[A-Z]|POLYSIM_(?:API_KEY|BASE_URL))[\"'`]", text)
    }
    known = {*COMMON, *(name for names in OWN.values() for name in names)}
    assert {name for name in read if not name.startswith("POLYSPEC_VAULT")} <= known


def test_every_code_is_in_the_table() -> None:
    """docs/doctor.md lists every code a check can find, and none that does not exist."""
    texts = [
        text for path, text in _sources().items() if "checkup" in path.name or path.parent.name == "doctor"
    ]
    written = set().union(*(re.findall(r"\"([a-z][a-z0-9_]*\.[a-z0-9_]+)\"", text) for text in texts))
    written |= {f"network.{stage}" for stage in ("dns", "tcp", "tls")}
    words = (
        "missing",
        "unreadable",
        "empty",
        "format",
        "public",
        "encrypted",
        "passphrase",
        "damaged",
        "kind",
    )
    written |= {f"key_file.{word}" for word in words}
    rows = [
        line for line in (ROOT / "docs/doctor.md").read_text("utf-8").splitlines() if line.startswith("| `")
    ]
    listed = {code for row in rows for code in re.findall(r"`([a-z0-9_]+\.[a-z0-9_]+)`", row.split("|")[1])}
    assert written == listed
