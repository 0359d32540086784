"""``polyspec vault``: set a vault up, and look after what is in it."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from polyspec.cli.vault_asking import ask, checked, from_file, from_stdin, passphrase_from, token_from
from polyspec.cli.vault_rotating import rotate
from polyspec.cli.vault_showing import credentials, dated, listed, say, shown
from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, DamagedRecord
from polyspec.managed.audit import AuditLog, Head
from polyspec.managed.directory import FOLDER, folder_of
from polyspec.managed.lease import LEASE
from polyspec.vault.ids import CredentialId, CredentialKind, EnvironmentTag, Filter, filed_wallet
from polyspec.vault.keys import DataKey, KeyProvider, KeyRing
from polyspec.vault.places import keys_at, made_keys_at, records_at, shows_password
from polyspec.vault.records import RecordStore
from polyspec.vault.values import Credential
from polyspec.vault.vault import Vault

__all__ = ["add_arguments", "run"]

_PLACE: Final = "sqlite:///~/.polyspec/vault.db"
_KEYS: Final = "file:~/.polyspec-key/vault.key"
_VARIABLES: Final = "POLYSPEC_VAULT", "POLYSPEC_VAULT_KEYS"
_PASSPHRASE: Final = "POLYSPEC_VAULT_PASSPHRASE"  # noqa: S105 - the name of a variable
_NEW_PASSPHRASE: Final = "POLYSPEC_VAULT_NEW_PASSPHRASE"  # noqa: S105
_EPILOG: Final = f"""\
--vault is sqlite:///PATH, file:PATH, postgresql://user@host/database?sslmode=verify-full or keyring:NAME.
--keys is file:PATH, passphrase, keyring:NAME, transit:https://host:8200/KEY or the ARN of a key of AWS KMS.
Secrets are no arguments: they are asked for and not shown, or come from the environment ({_PASSPHRASE},
VAULT_TOKEN, PGPASSWORD, an address with a password in {_VARIABLES[0]}), from files or standard input.
"""

# what each kind holds: secrets that are asked for, and public values it cannot do without
_CONTENT: Final[dict[CredentialKind, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    CredentialKind.US_PRIVATE_KEY: (("private_key",), ("client_id",)),
    CredentialKind.US_ACCESS_TOKEN: (("access_token",), ()),
    CredentialKind.CLOB_WALLET: (("private_key",), ()),
    CredentialKind.CLOB_API: (("api_secret", "api_passphrase"), ("api_key",)),
    CredentialKind.POLYSIM_API_KEY: (("api_key",), ()),
    CredentialKind.POLYSIM_SESSION: (("access_token",), ()),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, purpose: str) -> argparse.ArgumentParser:
        made = actions.add_parser(
            name, help=purpose, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        made.add_argument(
            "--vault", metavar="URL", help=f"where it is (default: {_VARIABLES[0]}, or {_PLACE})"
        )
        made.add_argument("--keys", metavar="KEYS", help=f"its keys (default: {_VARIABLES[1]}, or {_KEYS})")
        made.add_argument("--folder", default=FOLDER, help=f"where the audit log is (default: {FOLDER})")
        made.add_argument("--json", action="store_true", help="print JSON")
        return made

    action("init", "make the key if there is none, and see whether the vault can be used")
    _add_add(action("add", "put a credential in, or another in its place"))
    listing = action("list", "show what is in it, without a key and without secrets")
    _add_names(listing, required=False)
    listing.add_argument("--kind", choices=[each.value for each in CredentialKind])
    listing.add_argument("--venue", choices=("us", "clob", "polysimulator"))
    rotating = action("rotate", "have the venue make other credentials, and put them in")
    _add_names(rotating, required=False)
    rotating.add_argument("--venue", choices=("us", "clob", "polysimulator"), required=True)
    rotating.add_argument(
        "--due", type=float, metavar="DAYS", help="all that are older, instead of one user's"
    )
    rotating.add_argument("--host", help="address of the venue (default: as the environment says)")
    rotating.add_argument("--trusted", action="append", default=[], metavar="HOST", help="a host of your own")
    rotating.add_argument("--why", default="asked for", help="for the audit log")
    rekeying = action("rekey", "lock everything with another key, while others use the vault")
    rekeying.add_argument("--to", required=True, metavar="KEYS", help="the other key; made if there is none")
    exporting = action("export-audit", "print the audit log as JSON lines")
    exporting.add_argument("--after", type=int, default=0, metavar="N", help="entries after this number only")
    exporting.add_argument("--verify", action="store_true", help="check the chain instead; prints its end")
    exporting.add_argument("--head", metavar="SEQ:DIGEST", help="an end that was noted: it must be there")


def _add_names(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--tenant", default="default" if required else None)
    parser.add_argument("--user", required=required)
    parser.add_argument("--wallet", default="" if required else None, help="address of the wallet")


def _add_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", type=_kind, help=", ".join(CredentialKind))
    _add_names(parser, required=True)
    parser.add_argument("--environment", required=True, choices=[each.value for each in EnvironmentTag])
    parser.add_argument("--public", action="append", default=[], metavar="NAME=VALUE",
                        help="what may be read without a key: client_id, funder, ...")  # fmt: skip
    parser.add_argument("--file", action="append", default=[], metavar="NAME=PATH",
                        help="read this secret from a file, a PEM for example")  # fmt: skip
    parser.add_argument("--stdin", action="store_true", help="read a JSON object of the secrets, by name")
    parser.add_argument("--replace", action="store_true", help="put it in the place of the one that is there")


def _kind(given: str) -> CredentialKind:
    if given not in [each.value for each in CredentialKind]:
        # not shown: it may be a secret in the wrong place
        raise argparse.ArgumentTypeError(f"it is one of {', '.join(CredentialKind)}")
    return CredentialKind(given)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "init": _init,
        "add": _add,
        "list": _list,
        "rotate": lambda given: rotate(given, _opened(given)),
        "rekey": _rekey,
        "export-audit": _export_audit,
    }
    return actions[arguments.action](arguments)


# -- where --


def _place(arguments: argparse.Namespace) -> Secret:
    if arguments.vault is not None and shows_password(arguments.vault):
        raise ConfigError(
            "others see arguments in the list of processes: leave the password out of --vault, and put it "
            f"into PGPASSWORD or ~/.pgpass, or the whole address into {_VARIABLES[0]}"
        )
    return Secret(arguments.vault or os.environ.get(_VARIABLES[0]) or _PLACE)


def _keys_url(arguments: argparse.Namespace) -> str:
    return str(arguments.keys or os.environ.get(_VARIABLES[1]) or _KEYS)


def _keys(arguments: argparse.Namespace, records: RecordStore, *, make: bool = False) -> KeyProvider:
    # a passphrase that nothing is locked with yet could be mistyped unnoticed
    asked = passphrase_from(_PASSPHRASE, "passphrase", twice=lambda: _is_empty(records))
    return (made_keys_at if make else keys_at)(
        _keys_url(arguments), passphrase=asked, token=token_from(os.environ)
    )


def _is_empty(records: RecordStore) -> bool:
    return next(iter(records.scan(Filter())), None) is None


def _opened(arguments: argparse.Namespace) -> Vault:
    records = records_at(_place(arguments))
    return Vault(records, _keys(arguments, records))


@contextmanager
def _audit(arguments: argparse.Namespace) -> Iterator[Callable[..., Head]]:
    audit = AuditLog(folder_of(arguments.folder) / "audit.db")
    try:
        yield audit.write
    finally:
        audit.close()


# -- actions --


def _init(arguments: argparse.Namespace) -> int:
    records = records_at(_place(arguments))
    # a key that nothing is locked with would only stand in the place of the right one
    keys = _keys(arguments, records, make=_is_empty(records))
    with Vault(records, keys) as vault:
        entries, status = listed(vault, Filter())
        used = {each.kek_id for each in entries}
        if used and not any(keys.opens(kek_id) for kek_id in used):
            raise ConfigError(
                "there is a vault, locked with other keys (or a passphrase was mistyped): "
                f"{', '.join(map(shown, sorted(used)))}"
            )
        # what cannot be locked and unlocked now would be lost later
        current, binding, probe = keys.current(), bytes(32), DataKey.fresh()
        if keys.unwrap(keys.wrap(probe, binding), binding).reveal() != probe.reveal():
            raise DamagedRecord("the key does not open what it locks: nothing was stored with it")
    say(
        arguments,
        {"key": current, "credentials": len(entries)},
        f"the vault can be used: {len(entries)} credentials; locks with {current}",
    )
    return status


def _add(arguments: argparse.Namespace) -> int:
    kind: CredentialKind = arguments.kind
    public = _public(arguments.public, kind)
    if arguments.stdin and arguments.file:
        raise ConfigError("secrets come from --stdin or from --file, not from both")
    # a mistake in the names is met before anybody types a secret
    CredentialId(arguments.tenant, arguments.user, kind.venue, arguments.wallet, kind)
    if arguments.wallet.startswith(LEASE):
        raise ConfigError(f"wallets that begin with {LEASE} are not for credentials")
    records = records_at(_place(arguments))
    with Vault(records, _keys(arguments, records)) as vault:
        lines = kind is CredentialKind.US_PRIVATE_KEY
        secrets = {name: checked(name, text, lines=lines) for name, text in _secrets(arguments, kind).items()}
        wallet = _wallet_of(arguments.wallet, kind, secrets)
        about = CredentialId(arguments.tenant, arguments.user, kind.venue, wallet, kind)
        row, damaged = records.load(about), dict[CredentialId, DamagedRecord]()
        there = 0 if row is None or row.sealed is None else row.version
        vault.list(_only(about), damaged=damaged.__setitem__)
        if there and not arguments.replace:
            raise ConfigError(f"{about} is there already (version {there}); --replace puts this in its place")
        new = Credential(environment=arguments.environment, secrets=secrets, public=public)
        with _audit(arguments) as note:
            # first: nothing is done that could not be written down
            note("replacing" if there else "adding", about, version=there, why="by command")
            if about in damaged:
                # nothing can be put in the place of what cannot be read
                vault.delete(about, there)
            stored = vault.put(about, new, 0 if about in damaged else there)
            note("replaced" if there else "added", about, version=stored.version, why="by command")
    told = {"id": list(about.parts), "version": stored.version, "environment": stored.environment.value}
    say(arguments, told, f"stored {about}, version {stored.version}, for {stored.environment}")
    return 0


def _public(given: list[str], kind: CredentialKind) -> dict[str, str]:
    secrets, needed = _CONTENT[kind]
    public = {}
    for text in given:
        name, mark, value = text.partition("=")
        if not mark or name in secrets:
            # not shown: it may be a secret in the wrong place
            raise ConfigError(
                f"--public is NAME=VALUE, and for what is no secret: {', '.join(secrets)} must be no argument"
            )
        public[name] = value
    if missing := [name for name in needed if not public.get(name)]:
        raise ConfigError(f"a {kind} needs --public {missing[0]}=...")
    return public


def _secrets(arguments: argparse.Namespace, kind: CredentialKind) -> dict[str, Secret]:
    names = _CONTENT[kind][0]
    if arguments.stdin:
        return from_stdin(names)
    files = dict(text.partition("=")[::2] for text in arguments.file)
    if files.keys() - set(names):
        raise ConfigError(f"--file is NAME=PATH, where a {kind} has the names {', '.join(names)}")
    if kind is CredentialKind.US_PRIVATE_KEY and not files:
        raise ConfigError("a key in PEM has many lines: give --file private_key=PATH, or --stdin")
    return {name: from_file(files[name]) if name in files else ask(f"{kind} {name}") for name in names}


def _wallet_of(given: str, kind: CredentialKind, secrets: dict[str, Secret]) -> str:
    if kind is CredentialKind.CLOB_API and not given:
        raise ConfigError("say which wallet the API key belongs to: --wallet 0x...")
    if kind is CredentialKind.US_PRIVATE_KEY:
        from polyspec.us.keys import parse_key

        # what cannot sign is met here, not when a bot starts
        parse_key(secrets["private_key"], None)
    if kind is not CredentialKind.CLOB_WALLET:
        return given
    from polyspec.clob.signers import LocalSigner

    address = LocalSigner.from_key(secrets["private_key"]).address
    if given and filed_wallet(given) != filed_wallet(address):
        raise ConfigError(f"this is the key of wallet {address}, and --wallet names another")
    return address


def _only(about: CredentialId) -> Filter:
    return Filter(tenant=about.tenant, user=about.user, venue=about.venue, kind=about.kind.value)


class _NoKeys:
    """Keys for what needs none."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"listing asked for {name}")

    def close(self) -> None:
        """Do nothing."""


def _list(arguments: argparse.Namespace) -> int:
    wanted = Filter(
        tenant=arguments.tenant,
        user=arguments.user,
        venue=arguments.venue,
        wallet=None if arguments.wallet is None else filed_wallet(arguments.wallet),
        kind=arguments.kind,
    )
    keyless: Any = _NoKeys()
    with Vault(records_at(_place(arguments)), keyless) as vault:
        entries, status = listed(vault, wanted)
    for each in entries:
        told = {
            **dict(zip(("tenant", "user", "venue", "wallet", "kind"), each.id.parts, strict=True)),
            "version": each.version,
            "environment": each.environment.value,
            "created_at": each.created_at,
            "public": dict(each.public),
            "key": each.kek_id,
        }
        about = f"version {each.version}, {each.environment}, {dated(each.created_at)}"
        say(arguments, told, f"{each.id}: {about}, {shown(each.kek_id)}")
    if not entries and not status and not arguments.json:
        print("nothing", flush=True)
    return status


def _rekey(arguments: argparse.Namespace) -> int:
    records = records_at(_place(arguments))
    old = _keys(arguments, records)
    asked = passphrase_from(_NEW_PASSPHRASE, "new passphrase", twice=lambda: True)
    new = made_keys_at(arguments.to, passphrase=asked, token=token_from(os.environ))
    with Vault(records, KeyRing(new, old)) as vault, _audit(arguments) as note:
        found = vault.list(damaged=_passed)
        for kek_id in {each.kek_id for each in found}:
            # a passphrase goes on with the salt of a run that was cut off
            new.opens(kek_id)
        current = new.current()
        before = {each.id: each for each in found if each.kek_id != current}
        for each in credentials(before.values()):
            # first: who is killed in between leaves nothing untold
            note("rekeying", each.id, version=each.version, why=f"to {current}")
        done = vault.rewrap()
        after = vault.list(damaged=_passed)
        for each in credentials(after):
            if each.id in before and each.kek_id != before[each.id].kek_id:
                note("rekeyed", each.id, version=each.version, why=f"locked with {each.kek_id}")
    left = Counter(each.kek_id for each in after)
    failed = [{"id": list(about.parts), "error": str(error)} for about, error in done.failed]
    told = {"moved": done.moved, "kept": done.kept, "failed": failed, "keys": left}
    lines = [f"{done.moved} moved, {done.kept} were there already, {len(failed)} failed"]
    lines += [f"{about}: {error}" for about, error in done.failed]
    lines += [f"{count} locked with {shown(kek_id)}" for kek_id, count in left.items()]
    say(arguments, told, "\n".join(lines))
    return 1 if failed else 0


def _passed(about: CredentialId, error: DamagedRecord) -> None:
    """Say nothing: rewrapping tells of what it could not read."""


def _export_audit(arguments: argparse.Namespace) -> int:
    path = folder_of(arguments.folder) / "audit.db"
    if not path.exists():
        raise ConfigError(f"there is no audit log in {arguments.folder}: name its --folder")
    if arguments.head is not None and not arguments.verify:
        raise ConfigError("--head goes with --verify")
    audit = AuditLog(path)
    try:
        if arguments.verify:
            end = audit.verify(_head(arguments.head))
            told = {"seq": end.seq, "digest": end.digest}
            say(arguments, told, f"unbroken; keep its end elsewhere: {end.seq}:{end.digest}")
            return 0
        for line in audit.export(arguments.after):
            print(line)
    finally:
        audit.close()
    return 0


def _head(text: str | None) -> Head | None:
    if text is None:
        return None
    seq, _, digest = text.partition(":")
    if not seq.isdecimal() or not digest:
        raise ConfigError("--head is SEQ:DIGEST, as --verify prints it")
    return Head(int(seq), digest)
