"""A customer's bundle of protos, in whichever form, instead of our own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from official_protos import bundle, protoc

from polyspec.cli import main
from polyspec.errors import ConfigError
from polyspec.us import proto_bundle
from polyspec.us.protos import VARIABLE, chosen, forget, load, ours, remember, remembered

PARTNERS = {
    "no service polymarket.us.cashmovement.v1.CashMovementService",
    "no service polymarket.us.kyc.v1.KYCAPI",
    "no service polymarket.us.orderfunding.v1.OrderFundingService",
}


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as the venue's zip unpacks to."""
    return bundle(tmp_path_factory.mktemp("official") / "polymarket-protos")


@pytest.fixture(scope="module")
def forms(official: Path) -> dict[str, Path]:
    """Return the bundle in every form somebody may have it in."""
    around = official.parent
    archive = around / "polymarket-protos.zip"
    with ZipFile(archive, "w") as file:
        for path in official.rglob("*.proto"):
            file.write(path, path.relative_to(official))
    described = around / "set.binpb"
    protoc(official / "api", around / "x", f"--descriptor_set_out={described}", "--include_imports")
    # as the venue's page compiles it, with modules of google.api and of the gateway beside
    modules = protoc(official / "api", around / "modules")
    return {
        "unpacked": official,
        "api": official / "api",
        "above": around / "polymarket-protos",
        "zip": archive,
        "modules": modules,
        "set": described,
    }


@pytest.fixture
def bundled(official: Path, tmp_path: Path) -> Path:
    """Return a copy of the bundle, to be damaged."""
    return shutil.copytree(official, tmp_path / "bundle")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Remember nothing outside of this test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("POLYSPEC_SANDBOX", raising=False)
    return tmp_path / "data"


@pytest.mark.parametrize("form", ["unpacked", "api", "zip", "modules", "set"])
def test_every_form_of_a_bundle_has_its_numbers(forms: dict[str, Path], form: str) -> None:
    """Folder, zip, modules and descriptor set are the same protos: the bundle's numbers and not ours."""
    protos = load(forms[form])
    insert = protos.rpc("OrderEntryAPI", "InsertOrder")
    request = insert.request(type="ORDER_TYPE_LIMIT", side="SIDE_BUY", order_qty=3, symbol="x", price=52)
    assert request.SerializeToString() == bytes([8, 2, 16, 1, 24, 3, 34, 1]) + b"x" + bytes([40, 52])
    assert insert.certain
    assert insert.path == "/polymarket.v1.OrderEntryAPI/InsertOrder"
    assert set(protos.gaps()) == PARTNERS
    assert protos.source == str(forms[form])


def test_confirmed_numbers_are_the_same_in_both(forms: dict[str, Path]) -> None:
    """Market data written with one is read with the other, and what we merely assigned is not."""
    theirs = load(forms["api"])
    ack = ours().message("SubscriptionAck")(symbols_added=["x"], active_symbol_count=3)
    assert theirs.message("SubscriptionAck").FromString(ack.SerializeToString()).active_symbol_count == 3
    assert (
        ack.SerializeToString()
        == theirs.message("SubscriptionAck")(symbols_added=["x"], active_symbol_count=3).SerializeToString()
    )
    order = ours().message("Order")(id="1", symbol="x", fractional_quantity_scale=100)
    read = theirs.message("Order").FromString(order.SerializeToString())
    assert (read.id, read.symbol, read.fractional_quantity_scale) == ("", "", 100)


def test_bundles_and_our_own_do_not_meet(forms: dict[str, Path]) -> None:
    """Every set of protos has classes of its own, and nothing of a bundle can be imported by chance."""
    one, other = load(forms["api"]), load(forms["set"])
    classes = {protos.message("Order") for protos in (one, other, ours())}
    assert len(classes) == 3
    assert not any(name.partition(".")[0] == "polymarket" for name in sys.modules)
    trading = one.module("polymarket.v1.trading_pb2")
    assert trading is one.module("trading_pb2")
    assert trading.InsertOrderRequest is one.rpc("OrderEntryAPI", "InsertOrder").request
    assert one.module("enums").SIDE_SELL == 2
    assert one.module("enums").Side.Name(1) == "SIDE_BUY"


def test_modules_are_read_and_never_run(bundled: Path, tmp_path: Path) -> None:
    """Code in a folder of modules does not run: descriptors are read out of its text."""
    modules = protoc(bundled / "api", tmp_path / "modules")
    path = modules / "polymarket/v1/trading_pb2.py"
    path.write_text(path.read_text() + f"\nopen({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit\n")
    assert load(modules).rpc("OrderEntryAPI", "InsertOrder").certain
    assert not (tmp_path / "ran").exists()


def test_packages_of_partners_come_on_top(forms: dict[str, Path], tmp_path: Path) -> None:
    """What arrives at onboarding as a folder of its own is spoken together with the bundle."""
    name = "polymarket/us/cashmovement/v1/cash_movement.proto"
    (tmp_path / "partner" / name).parent.mkdir(parents=True)
    shutil.copy(Path(__file__).resolve().parents[2] / "specs/proto" / name, tmp_path / "partner" / name)
    protos = load(forms["unpacked"], tmp_path / "partner")
    assert set(protos.gaps()) == PARTNERS - {"no service polymarket.us.cashmovement.v1.CashMovementService"}
    assert protos.rpc("polymarket.us.cashmovement.v1.CashMovementService", "GetCashMovement")


def _without(folder: Path, name: str) -> None:
    (folder / "api" / name).unlink()


def _changed(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "api/polymarket/v1" / name
        text = path.read_text()
        assert re.search(old, text), f"{old} is not in {name}"
        path.write_text(re.sub(old, new, text, count=1))

    return change


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        (_changed("rfq.proto", r"rpc GetRFQTrades\(", "rpc X("), "no call polymarket.v1.RFQAPI.GetRFQTrades"),
        (_changed("health.proto", "HealthAPI", "HealthService"), "no service polymarket.v1.HealthAPI"),
        (_changed("trading.proto", " clord_id", " x"), "no field polymarket.v1.InsertOrderRequest.clord_id"),
        (
            _changed("trading.proto", "string clord_id", "int64 clord_id"),
            "polymarket.v1.InsertOrderRequest.clord_id is of type integer, not of type string",
        ),
        (
            _changed("positions.proto", "bytes data", "string data"),
            "polymarket.v1.DownloadPositionLedgerResponse.data is of type string, not of type bytes",
        ),
        (
            _changed("orders.proto", "repeated LegPrice", "LegPrice"),
            "polymarket.v1.Execution.leg_prices is of type message, not a list of message",
        ),
        (_changed("enums.proto", "SIDE_BUY", "SIDE_BID"), "no member SIDE_BUY in polymarket.v1.Side"),
        (
            _changed("dropcopy.proto", "stream CreateDropCopy", "CreateDropCopy"),
            "polymarket.v1.DropCopyAPI.CreateDropCopySubscription streams in another way",
        ),
    ],
    ids=["call", "service", "field", "type", "bytes", "list", "member", "stream"],
)
def test_what_a_bundle_lacks_or_has_otherwise_is_told(
    bundled: Path, change: Callable[[Path], None], gap: str
) -> None:
    """Each difference that polyspec would stumble over is named, once, and nothing else is."""
    change(bundled)
    gaps = load(bundled).gaps()
    assert gaps.count(gap) == 1
    assert set(gaps) - PARTNERS == {gap}


def test_names_of_ours_alone_are_no_gap(bundled: Path) -> None:
    """Another name of a message or of a zero member is not on the wire, and nothing to complain of."""
    _changed("trading.proto", "OrderSnapshot snapshot", "Opening snapshot")(bundled)
    _changed("trading.proto", "message OrderSnapshot", "message Opening")(bundled)
    _changed("enums.proto", "ORDER_TYPE_UNDEFINED", "ORDER_TYPE_INVALID")(bundled)
    protos = load(bundled)
    assert set(protos.gaps()) == PARTNERS
    answer = protos.rpc("OrderEntryAPI", "CreateOrderSubscription").response()
    answer.snapshot.orders.add(id="1")
    assert answer.WhichOneof("event") == "snapshot"


def test_a_call_the_bundle_lacks_cannot_be_made(bundled: Path) -> None:
    """Using what is not there is an error that says whose protos lack what."""
    _changed("rfq.proto", r"rpc GetRFQTrades\(", "rpc GetRFQFills(")(bundled)
    protos = load(bundled)
    with pytest.raises(ConfigError, match=rf"{bundled} have no call /polymarket.v1.RFQAPI/GetRFQTrades"):
        protos.rpc("RFQAPI", "GetRFQTrades")


def test_files_that_are_missing_are_all_named(bundled: Path) -> None:
    """An incomplete bundle is an error that names every missing file and who wants it."""
    _without(bundled, "google/api/annotations.proto")
    _without(bundled, "polymarket/v1/enums.proto")
    with pytest.raises(ConfigError) as refused:
        load(bundled)
    assert "lacks google/api/annotations.proto (imported by polymarket/" in str(refused.value)
    assert "polymarket/v1/enums.proto (imported by polymarket/v1/" in str(refused.value)
    assert "types.proto" not in str(refused.value)


def test_modules_that_are_missing_are_named(bundled: Path, tmp_path: Path) -> None:
    """An incomplete folder of modules is told as well."""
    modules = protoc(bundled / "api", tmp_path / "modules")
    (modules / "polymarket/v1/types_pb2.py").unlink()
    with pytest.raises(ConfigError, match=r"lacks polymarket/v1/types.proto \(imported by polymarket/v1/"):
        load(modules)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda at: at / "nowhere", "does not exist"),
        (lambda at: at, "no folder in it has polymarket"),
        (lambda at: _written(at / "x.zip", b"nonsense"), "no usable set of protos"),
        (lambda at: _written(at / "x.binpb", b""), "nothing of the package polymarket.v1"),
        (lambda at: _written(at / "polymarket/v1/a.proto", b"mess age X {"), "protoc refuses .*a.proto:1:1"),
        (lambda at: _written(at / "polymarket/v1/a_pb2.py", b"x = 1"), "a_pb2.py is not what protoc makes"),
        (lambda at: _written(at / "polymarket/v1/a_pb2.py", b"x = ("), "a_pb2.py is not what protoc makes"),
        (
            lambda at: _written(at / "polymarket/v2/a.proto", b'syntax = "proto3";\npackage polymarket.v2;'),
            "nothing of the package polymarket.v1",
        ),
        (
            lambda at: [_written(at / name / "polymarket/x.proto", b"") for name in "ab"].pop(),
            "several bundles: give one of a, b",
        ),
    ],
    ids=["absent", "empty", "garbage", "nothing", "broken", "no-module", "no-python", "other", "several"],
)
def test_what_is_no_bundle_is_refused(tmp_path: Path, make: Callable[[Path], Path], said: str) -> None:
    """A path that is no bundle is an error in words, whatever is there."""
    place = make(tmp_path)
    place = tmp_path if place.suffix in {".proto", ".py"} else place
    with pytest.raises(ConfigError, match=said):
        load(place)


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_bundle_within_a_zip_cannot_write_elsewhere(tmp_path: Path) -> None:
    """Names in a zip that lead out of it stay in it."""
    with ZipFile(tmp_path / "x.zip", "w") as file:
        file.writestr("../../escaped.proto", "")
        file.writestr("polymarket/v1/a.proto", 'syntax = "proto3";\npackage polymarket.v1;\n')
    assert load(tmp_path / "x.zip").files == ("polymarket/v1/a.proto",)
    assert not list(tmp_path.parent.rglob("escaped.proto"))


def test_without_grpcio_tools_protos_name_the_extra(
    forms: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiling says which extra it needs; what is compiled already needs none."""
    monkeypatch.setattr(proto_bundle, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'polyspec\[protos\]'"):
        load(forms["api"])
    assert load(forms["modules"]).rpc("OrderEntryAPI", "InsertOrder").certain
    assert load(forms["set"]).rpc("OrderEntryAPI", "InsertOrder").certain


def test_without_protobuf_the_extra_is_named() -> None:
    """Asking for protos where protobuf is not installed says what to install."""
    script = (
        "import sys; sys.modules['google.protobuf'] = None\n"
        "from polyspec.errors import ConfigError\n"
        "from polyspec.us.protos import ours, load\n"
        "for ask in (ours, lambda: load('anywhere')):\n"
        "    try: ask()\n"
        "    except ConfigError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "gRPC needs protobuf: pip install 'polyspec[grpc]'\n" * 2


# ------------------------------------------------------------------ which protos are spoken


def test_our_own_are_spoken_unless_told_otherwise(home: Path) -> None:
    """Nothing handed in, set or remembered means our own protos, and asking leaves nothing behind."""
    assert chosen() is ours()
    assert remembered() == home / "polyspec/us_protos.binpb"
    assert not home.exists()
    assert not forget()


def test_what_is_remembered_is_spoken_from_then_on(forms: dict[str, Path], bundled: Path) -> None:
    """A remembered bundle needs neither its folder nor a compiler, until it is forgotten."""
    remember(load(bundled))
    shutil.rmtree(bundled)
    again = chosen()
    assert again.rpc("OrderEntryAPI", "InsertOrder").certain
    assert again.source == str(remembered())
    assert set(again.files) == set(load(forms["api"]).files)
    assert forget()
    assert chosen() is ours()


def test_the_variable_goes_before_what_is_remembered(forms: dict[str, Path]) -> None:
    """Handed in, then the variable, then what is remembered: the first that is there."""
    remember(load(forms["set"]))
    handed = load(forms["set"])
    assert chosen(handed, {VARIABLE: "ours"}) is handed
    assert chosen(forms["zip"], {VARIABLE: "ours"}).source == str(forms["zip"])
    assert chosen(None, {VARIABLE: str(forms["set"])}).source == str(forms["set"])
    assert chosen(None, {VARIABLE: "ours"}) is ours()
    assert chosen("ours") is ours()
    assert chosen(None, {}).source == str(remembered())


def test_a_sandbox_is_spoken_to_in_our_own_protos(forms: dict[str, Path]) -> None:
    """Where the sandbox is named it wins over what is meant for the venue, but not over what is handed in."""
    remember(load(forms["set"]))
    sandbox = {"POLYSPEC_SANDBOX": "{}", VARIABLE: str(forms["set"])}
    assert chosen(None, sandbox) is ours()
    assert chosen(forms["set"], sandbox).source == str(forms["set"])


def test_a_relative_data_home_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the bundle is kept does not depend on the folder one happens to be in."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "relative/data"):
        monkeypatch.setenv("XDG_DATA_HOME", value)
        assert remembered() == tmp_path / ".local/share/polyspec/us_protos.binpb"


def test_a_damaged_memory_is_told(forms: dict[str, Path]) -> None:
    """A remembered file that cannot be read is an error with its path, never silently our own numbers."""
    path = remember(load(forms["set"]))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ConfigError, match=r"us_protos\.binpb is no usable set of protos"):
        chosen()


# ------------------------------------------------------------------ the command


def test_the_command_remembers_shows_and_forgets(
    forms: dict[str, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`use` says what is missing and where it is kept, `show` what is spoken, `forget` goes back."""
    assert main(["protos", "use", str(forms["unpacked"])]) == 0
    said = capsys.readouterr().out
    assert "no service polymarket.us.kyc.v1.KYCAPI" in said
    assert f"remembered in {remembered()}" in said
    assert "numbers are polyspec's" not in said
    monkeypatch.setenv(VARIABLE, "ours")
    assert main(["protos", "show"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^polyspec: 22 files\n\d{3} numbers are polyspec's, not the venue's", said)
    assert "everything polyspec speaks is there" in said
    assert main(["protos", "use", str(forms["set"])]) == 0
    assert f"{VARIABLE} is set, and goes before it" in capsys.readouterr().out
    assert main(["protos", "forget"]) == 0
    assert not remembered().exists()
    assert main(["protos", "forget"]) == 0
    assert "nothing is remembered" in capsys.readouterr().out


def test_the_command_refuses_in_one_sentence(bundled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bundle that cannot be used leaves what was remembered, and is told in a line."""
    before = remember(load(bundled)).read_bytes()
    _changed("trading.proto", "string clord_id", "strange clord_id")(bundled)
    assert main(["protos", "use", str(bundled)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("polyspec: protoc refuses ")
    assert said.count(os.linesep) == 1
    assert remembered().read_bytes() == before
