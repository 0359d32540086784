"""Read the environment of the process for mistakes; values are compared, and never shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from polyspec.core.checkup import Check, Found
from polyspec.core.effects import Flow, Now
from polyspec.core.findings import Fact, Finding, error, info, ok, said, warning
from polyspec.doctor.variables import COMMON, FOREIGN, LINE, NEEDED, OLDER, OWN, PREFIXES
from polyspec.errors import ConfigError

if TYPE_CHECKING:
    from polyspec.clob.config import ClobSurroundings

__all__ = ["checks", "no_client"]

_QUOTES: Final = "\"'"
_OTHER: Final = re.compile(r"POLYSPEC_(?!SANDBOX\b)\w+|POLYSIM_\w+")


def checks(venue: str, variables: Mapping[str, str]) -> list[Check]:
    """Return what to look at before there is a client."""
    look = _Environment(venue, variables)
    return [
        Check("environment", look.names),
        *([Check("key file", look.key_file)] if venue == "us" else []),
        Check("settings", look.settings, ("environment",)),
    ]


def no_client(problem: ConfigError, variables: Mapping[str, str]) -> Finding:
    """Say why the environment makes no client."""
    fix = "correct it there"
    if "pip install" in str(problem):
        fix = "install what is named"
    elif variables.get(LINE, "").strip() and not _OTHER.search(str(problem)):
        fix = f"begin `polyspec sandbox` anew, and set {LINE} to the line that it prints now"
    return error("env.invalid", f"the environment makes no client: {said(problem)}", fix)


class _Environment:
    """The variables of one venue."""

    def __init__(self, venue: str, variables: Mapping[str, str]) -> None:
        self._venue = venue
        self._variables = variables
        self._sandboxed = bool(variables.get(LINE, "").strip())

    def _set(self, name: str) -> bool:
        return bool(self._variables.get(name, "").strip())

    def names(self, found: Found) -> Flow[None]:
        """Look for names that are missing, misspelt, or there twice."""
        yield Now()
        own = [name for name in OWN[self._venue] if self._set(name)]
        self._unknown(found)
        self._venue_named(found)
        self._blank(found)
        self._twice(found)
        if self._sandboxed:
            told = f"; {', '.join(own)} are not looked at" if own else ""
            found.append(
                info("env.sandbox", f"{LINE} is set, and goes before everything else{told}", names=own)
            )
            return
        missing = [name for name in NEEDED[self._venue] if not self._set(name)]
        if missing:
            are, them = ("is", "it") if len(missing) == 1 else ("are", "them")
            found.append(
                error(
                    "env.missing",
                    f"{', '.join(missing)} {are} not set",
                    f"set {them}, or {LINE} to the line of `polyspec sandbox`",
                    names=missing,
                )
            )
        self._foreign(found)
        if not found:
            found.append(ok("env.ok", f"set: {', '.join(own) or 'nothing, which is no need'}", names=own))

    def _unknown(self, found: Found) -> None:
        known = {*COMMON, *(name for names in OWN.values() for name in names)}
        mine = [*OWN[self._venue], *COMMON]
        for name in sorted(self._variables):
            if not name.startswith(PREFIXES) or name in known or name.startswith("POLYSPEC_VAULT"):
                continue
            begun = [each for each in sorted(known) if each.startswith(name) or name.startswith(f"{each}_")]
            near = begun or get_close_matches(name, known, n=1, cutoff=0.6)
            if near and near[0] not in mine:
                # it was meant for another venue, which says so
                continue
            found.append(
                warning(
                    "env.unknown",
                    f"{name} is set, and nothing reads it",
                    f"is {near[0]} meant" if near else "look for its spelling in the documentation",
                    name=name,
                    near=near[0] if near else None,
                )
            )

    def _venue_named(self, found: Found) -> None:
        named = self._variables.get("POLYSPEC_VENUE", "").strip()
        if named and named.removeprefix("sandbox:") not in OWN:
            found.append(
                warning(
                    "env.venue",
                    "POLYSPEC_VENUE names nothing that connect() knows",
                    f"set it to one of {', '.join(OWN)}, with sandbox: in front for a sandbox of one's own",
                )
            )

    def _blank(self, found: Found) -> None:
        for name in (*OWN[self._venue], *COMMON):
            value = self._variables.get(name)
            if value is None or name == LINE:
                continue
            if not value.strip():
                found.append(info("env.blank", f"{name} is set and empty, as good as not set", name=name))
            elif value.strip()[0] in _QUOTES:
                found.append(
                    warning(
                        "env.quoted",
                        f"the value of {name} begins with a quotation mark, which counts as part of it",
                        "take the quotation marks away: files for containers and services keep them",
                        name=name,
                    )
                )

    def _twice(self, found: Found) -> None:
        for older, newer in OLDER.items():
            if newer not in OWN[self._venue] or not (self._set(older) and self._set(newer)):
                continue
            facts: dict[str, Fact] = {"used": newer, "ignored": older}
            if self._variables[older].strip() == self._variables[newer].strip():
                found.append(info("env.both", f"{older} and {newer} are both set, to the same", **facts))
            else:
                found.append(
                    warning(
                        "env.both",
                        f"{older} and {newer} are both set, to different values; {newer} counts",
                        f"unset {older}, or set both to the same",
                        **facts,
                    )
                )

    def _foreign(self, found: Found) -> None:
        for name, ours in FOREIGN.items():
            if ours in OWN[self._venue] and self._set(name) and not self._set(ours):
                found.append(
                    info(
                        "env.foreign",
                        f"{name} is set, as examples of other clients have it, and is not read here",
                        f"set {ours} if it is meant for this",
                        name=name,
                        ours=ours,
                    )
                )

    # -- what they say --

    def key_file(self, found: Found) -> Flow[None]:
        """Look at the file of the private key."""
        yield Now()
        path = self._variables.get("POLYSPEC_US_PRIVATE_KEY_PATH", "").strip()
        if not self._sandboxed and path:
            from polyspec.doctor.key_file import examine_key_file

            examine_key_file(found, path)

    def settings(self, found: Found) -> Flow[None]:
        """Read the variables as a client would."""
        yield Now()
        try:
            {"us": _us, "clob": _clob, "polysimulator": _polysimulator}[self._venue](found, self._variables)
        except ConfigError as problem:
            found.append(no_client(problem, self._variables))
        self._limiter(found)

    def _limiter(self, found: Found) -> None:
        place = self._variables.get("POLYSPEC_LIMITER", "").strip()
        if place.startswith("redis") and find_spec("redis") is None:
            found.append(
                warning(
                    "extras.missing",
                    "POLYSPEC_LIMITER names Redis, and redis is not installed",
                    "pip install 'polyspec[redis]'",
                    module="redis",
                    extra="redis",
                )
            )


def _us(found: Found, variables: Mapping[str, str]) -> None:
    from polyspec.us.config import Surroundings

    read = Surroundings.read(variables)
    found.append(
        ok("settings.ok", f"the environment is {read.environment.name}", environment=read.environment.name)
    )


def _clob(found: Found, variables: Mapping[str, str]) -> None:
    from polyspec.clob.config import ClobSurroundings
    from polyspec.clob.contracts import check_chain
    from polyspec.clob.signers import as_signer
    from polyspec.clob.wallets import choose_wallet

    read = ClobSurroundings.read(variables)
    check_chain(read.chain_id)
    if read.private_key is None:
        _clob_without_key(found, read)
        return
    try:
        signer = as_signer(read.private_key)
    except ConfigError as problem:
        found.append(
            error(
                "wallet.key", f"the wallet key cannot be used: {said(problem)}", "copy the private key again"
            )
        )
        return
    assert signer is not None
    try:
        chosen = choose_wallet(signer.address, read.chain_id, read.signature_type, read.funder)
    except ConfigError as problem:
        found.append(
            error(
                "wallet.mismatch",
                f"key, signature type and funder do not fit: {said(problem, 1000)}",
                "leave POLYSPEC_CLOB_SIGNATURE_TYPE and POLYSPEC_CLOB_FUNDER out, or take a pair named above",
                key=signer.address,
            )
        )
        return
    found.append(
        ok(
            "settings.ok",
            f"the key {chosen.address} trades from {chosen.maker} (signature type {chosen.signature_type})",
            key=chosen.address,
            maker=chosen.maker,
            signature_type=chosen.signature_type,
        )
    )


def _clob_without_key(found: Found, read: ClobSurroundings) -> None:
    if not (read.signature_type is None and read.funder is None):
        raise ConfigError(
            "POLYSPEC_CLOB_SIGNATURE_TYPE and POLYSPEC_CLOB_FUNDER say how a key trades: set "
            "POLYSPEC_CLOB_PRIVATE_KEY too"
        )
    if read.creds is not None:
        found.append(
            warning(
                "wallet.no_key",
                "there are API credentials and no wallet key, without which they are not used",
                "set POLYSPEC_CLOB_PRIVATE_KEY: requests name the wallet, and orders are signed by its key",
            )
        )
        return
    found.append(
        info(
            "wallet.no_key",
            "there is no wallet key, so only what is public can be read",
            "set POLYSPEC_CLOB_PRIVATE_KEY",
        )
    )


def _polysimulator(found: Found, variables: Mapping[str, str]) -> None:
    from polyspec.polysimulator.config import PolySimulatorSurroundings
    from polyspec.polysimulator.credentials import Credentials

    read = PolySimulatorSurroundings.read(variables)
    Credentials(read.api_key, read.access_token)
    held = [
        name
        for name, there in (("an API key", read.api_key), ("an access token", read.access_token))
        if there is not None
    ]
    found.append(ok("settings.ok", f"there is {' and '.join(held) or 'neither key nor token'}"))
