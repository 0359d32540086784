"""API keys of the venue: what requests are signed with once a wallet has one."""

from __future__ import annotations

import re
from typing import Any, Final, NoReturn

from attrs import field, frozen

from polyspec.clob.mac import Seal, decode_secret, new_seal
from polyspec.clob.typed_data import is_uint256
from polyspec.core.secret import Secret
from polyspec.errors import ConfigError

__all__ = ["ApiCreds", "BuilderCreds"]

# what a header carries without being folded, split or quoted
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")


class _Sealed:
    """Keeps credentials out of pickles, and single."""

    __slots__ = ()

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: dict[int, Any], /) -> Any:
        return self

    def __reduce_ex__(self, protocol: Any, /) -> NoReturn:
        raise TypeError("credentials cannot be pickled: store what reveal() gives")

    def __getstate__(self) -> NoReturn:
        raise TypeError("credentials cannot be pickled: store what reveal() gives")


@frozen(init=False, hash=False, getstate_setstate=False)
class ApiCreds(_Sealed):
    """An API key of a wallet. The secret and the passphrase show nowhere; `reveal` gives them."""

    api_key: str
    """Also the ``owner`` of orders."""
    api_secret: Secret
    api_passphrase: Secret
    nonce: int | None
    """What the key was derived with, if that is known."""
    seal: Seal = field(repr=False, eq=False)
    """Signs messages with the secret."""

    def __init__(
        self,
        api_key: str,
        api_secret: str | Secret,
        api_passphrase: str | Secret,
        *,
        nonce: int | None = None,
    ) -> None:
        # the names of raw values are taken off them, or an error would carry both in its traceback
        secret, api_secret = _hide(api_secret), ""
        passphrase, api_passphrase = _hide(api_passphrase), ""
        # before anything is refused: what an error's traceback shows must have all its fields
        _set(self, api_key=api_key, api_secret=secret, api_passphrase=passphrase, nonce=nonce)
        _check(api_key, "api_key")
        _check(passphrase, "api_passphrase")
        if nonce is not None and not is_uint256(nonce):
            raise ConfigError("the nonce of an API key is a whole number below 2**256")
        _set(self, seal=new_seal(decode_secret(secret)))

    def reveal(self) -> dict[str, str | int]:
        """Return everything in the open, for storing; ``ApiCreds(**stored)`` reads it back."""
        found: dict[str, str | int] = {
            "api_key": self.api_key,
            "api_secret": self.api_secret.reveal(),
            "api_passphrase": self.api_passphrase.reveal(),
        }
        return found if self.nonce is None else found | {"nonce": self.nonce}


@frozen(init=False, hash=False, getstate_setstate=False)
class BuilderCreds(_Sealed):
    """An API key of a builder. The secret and the passphrase show nowhere; `reveal` gives them."""

    key: str
    secret: Secret
    passphrase: Secret
    seal: Seal = field(repr=False, eq=False)
    """Signs messages with the secret."""

    def __init__(self, key: str, secret: str | Secret, passphrase: str | Secret) -> None:
        hidden, secret = _hide(secret), ""
        phrase, passphrase = _hide(passphrase), ""
        _set(self, key=key, secret=hidden, passphrase=phrase)
        _check(key, "key")
        _check(phrase, "passphrase")
        _set(self, seal=new_seal(decode_secret(hidden)))

    def reveal(self) -> dict[str, str]:
        """Return everything in the open, for storing; ``BuilderCreds(**stored)`` reads it back."""
        return {"key": self.key, "secret": self.secret.reveal(), "passphrase": self.passphrase.reveal()}


def _set(creds: object, **values: object) -> None:
    for name, value in values.items():
        object.__setattr__(creds, name, value)


def _hide(value: object) -> Secret:
    if isinstance(value, Secret):
        return value
    # what is no text is refused as an empty one is, without being shown
    return Secret(value if isinstance(value, str) else "")


def _check(value: object, name: str) -> None:
    text = value.reveal() if isinstance(value, Secret) else value
    fits = isinstance(text, str) and _VISIBLE.fullmatch(text)
    text = value = None
    if not fits:
        raise ConfigError(f"{name} must be a text of visible ASCII characters without spaces")
