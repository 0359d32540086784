"""Who signs: a private key held here, or anything that can sign a digest for an address.

Functions that hold key material return a problem as text instead of raising: an exception keeps the
frames it passed through, and with them every local.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NoReturn, Protocol, final, overload

from polyspec.clob.addresses import address_of, parse_address
from polyspec.clob.curve import new_sign, public_key, recover, warn_when_slow
from polyspec.clob.pure_curve import HALF_ORDER, ORDER
from polyspec.core.secret import Secret
from polyspec.errors import ConfigError

__all__ = [
    "ExternalSigner",
    "LocalSigner",
    "Signer",
    "as_signature",
    "as_signer",
    "check_signature",
    "hidden_key",
]

_WANTED: Final = "a private key is 32 bytes: 64 hexadecimal digits, with or without 0x in front"
# how signers of other libraries call it; the second and third are eth-account's, new and old
_METHODS: Final = ("sign_hash", "unsafe_sign_hash", "signHash")
_V: Final = {0: 27, 1: 28, 27: 27, 28: 28}


class Signer(Protocol):
    """Anything that signs digests for one address."""

    @property
    def address(self) -> str:
        """The address that signatures recover to."""
        ...

    def sign_hash(self, digest: bytes, /) -> bytes:
        """Sign a 32-byte digest as it is; return r, s, v (27 or 28), 65 bytes."""
        ...


class HasAddress(Protocol):
    """An account of any library."""

    @property
    def address(self) -> object: ...


class _Sealed:
    """What a signer is in any case: without a dictionary, a pickle, or a second copy."""

    __slots__ = ("_sign", "address")

    address: str
    _sign: Callable[[bytes], bytes]

    def __init__(self, address: str, sign: Callable[[bytes], bytes]) -> None:
        object.__setattr__(self, "address", address)
        object.__setattr__(self, "_sign", sign)

    def sign_hash(self, digest: bytes, /) -> bytes:
        """Sign a 32-byte digest as it is; return r, s, v (27 or 28), 65 bytes."""
        return self._sign(digest)

    def __repr__(self) -> str:
        return f"<signer of {self.address}>"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a signer cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a signer cannot be changed")

    def __copy__(self) -> _Sealed:
        return self

    def __deepcopy__(self, memo: dict[int, Any], /) -> _Sealed:
        return self

    def __reduce_ex__(self, protocol: Any, /) -> NoReturn:
        raise TypeError("a signer cannot be pickled")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a signer cannot be pickled")


@final
class LocalSigner(_Sealed):
    """A private key held in this process; make it with `from_key`. Nothing shows the key."""

    __slots__ = ()

    @classmethod
    def from_key(cls, key: str | bytes | bytearray | Secret) -> LocalSigner:
        """Take a private key as hexadecimal text or 32 bytes; raises ConfigError saying what is wrong."""
        # the names of raw values are taken off them, or an error would carry the key in its traceback
        hidden, key = _hide(key), ""
        # warnings may be errors: before the key is in the open
        warn_when_slow()
        made = _local(hidden)
        if isinstance(made, str):
            raise ConfigError(f"private key: {made}")
        return cls(*made)


@final
class ExternalSigner(_Sealed):
    """A signer of another library, whose answers are brought into one form."""

    __slots__ = ("ask",)

    ask: Callable[[bytes], object]
    """Sign, and return what the other library does: perhaps something to await."""

    def __init__(self, address: str, ask: Callable[[bytes], object]) -> None:
        super().__init__(address, lambda digest: as_signature(ask(digest)))
        object.__setattr__(self, "ask", ask)


def _hide(key: object) -> Secret | None:
    if isinstance(key, Secret):
        return key
    if isinstance(key, bytes | bytearray | memoryview):
        # raw bytes and text never meet: a text of 32 characters is no key
        return Secret(bytes(key).hex()) if len(key) == 32 else Secret(bytes(key).decode("latin-1"))
    return Secret(key) if isinstance(key, str) else None


def hidden_key(key: object) -> Any:
    """Return what signs, or the key to sign with: raw text or bytes come back as a Secret."""
    return _hide(key) or key


def _local(hidden: Secret | None) -> tuple[str, Callable[[bytes], bytes]] | str:
    if hidden is None:
        return f"it must be text or bytes; {_WANTED}"
    text = hidden.reveal().strip()
    digits = text[2:] if text[:2] in ("0x", "0X") else text
    if not re.fullmatch(r"[0-9a-fA-F]{64}", digits):
        return _what_is(text, digits)
    number = int(digits, 16)
    if not 0 < number < ORDER:
        return "it is zero, or too large for the curve: no wallet has it; copy it from the wallet again"
    secret = number.to_bytes(32, "big")
    return address_of(public_key(secret)), new_sign(secret)


def _what_is(text: str, digits: str) -> str:
    if not text:
        return f"it is empty; {_WANTED}"
    if text[0] in "\"'" or text[-1] in "\"'":
        return f"it has quotation marks around it: remove them; {_WANTED}"
    if len(text.split()) in (12, 15, 18, 21, 24):
        return f"this is a list of words, from which a wallet derives keys: export the key; {_WANTED}"
    if text.startswith("-----"):
        return f"this is a PEM file, which belongs to another venue; {_WANTED}"
    if re.search(r"\s", text):
        return f"it has spaces or line ends inside: remove them; {_WANTED}"
    if not re.fullmatch(r"[0-9a-fA-F]*", digits):
        return f"it has characters that are no hexadecimal digits; {_WANTED}"
    if len(digits) == 40:
        return f"this is an address, which is public; {_WANTED}"
    if len(digits) in (66, 128, 130):
        return f"this has the length of a public key; {_WANTED}"
    return f"it has {len(digits)} digits; {_WANTED}"


@overload
def as_signer(signer: None) -> None: ...
@overload
def as_signer(signer: str | bytes | bytearray | memoryview | Secret | HasAddress) -> Signer: ...
def as_signer(signer: object) -> Signer | None:
    """Return a signer for a key, a signer of any library, or none; raises ConfigError.

    Taken are a private key (text or 32 bytes), accounts of eth-account, and objects with an ``address``
    and a ``sign_hash``, which may answer in bytes or hexadecimal and count v from 0 or from 27.
    """
    if signer is None or isinstance(signer, LocalSigner | ExternalSigner):
        return signer
    if isinstance(signer, str | bytes | bytearray | memoryview | Secret):
        hidden, signer = _hide(signer), None
        assert hidden is not None
        return LocalSigner.from_key(hidden)
    sign: Any = next((found for name in _METHODS if callable(found := getattr(signer, name, None))), None)
    if sign is None:
        raise ConfigError(
            f"a signer is a private key or an object with address and sign_hash(digest), not a"
            f" {type(signer).__name__}"
        )
    address = parse_address(getattr(signer, "address", None), "the address of the signer")
    return ExternalSigner(address, sign)


def as_signature(value: object) -> bytes:
    """Bring a signature of any library into the form r, s, v, with the low s and v 27 or 28.

    Raises ConfigError if it is no signature of 65 bytes.
    """
    if hasattr(value, "__await__"):
        if callable(close := getattr(value, "close", None)):
            close()
        raise ConfigError(
            "the signer is asynchronous: await the signature of the digest, then hand it to finish"
        )
    value = getattr(value, "signature", value)
    if isinstance(value, str):
        digits = value[2:] if value[:2] in ("0x", "0X") else value
        value = bytes.fromhex(digits) if re.fullmatch(r"(?:[0-9a-fA-F]{2})*", digits) else None
    if not isinstance(value, bytes | bytearray | memoryview) or len(value) != 65:
        raise ConfigError("a signer must return a signature of 65 bytes: r, s and v")
    raw = bytes(value)
    r, s, v = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:64], "big"), _V.get(raw[64])
    if v is None or not 0 < r < ORDER or not 0 < s < ORDER:
        raise ConfigError("the signer returned 65 bytes that are no signature r, s and v")
    if s > HALF_ORDER:
        # of the two values of s contracts take the low one only
        s, v = ORDER - s, 55 - v
    return raw[:32] + s.to_bytes(32, "big") + bytes((v,))


def check_signature(address: str, digest: bytes, signature: bytes) -> None:
    """Raise ConfigError unless the signature of the digest is by the key of the address."""
    public = recover(digest, signature)
    found = address_of(public) if public else "nobody"
    if found != address:
        raise ConfigError(
            f"the signer of {address} gave a signature of {found}: it must sign the 32-byte digest as it"
            " is, without a prefix or another hash, with the key of its address"
        )
