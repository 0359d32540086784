"""A key that HashiCorp Vault keeps: its transit engine wraps and unwraps."""

from __future__ import annotations

import base64
import re
import ssl
import time
from collections.abc import Callable
from typing import Any, Final

import httpx
import msgspec
from attrs import field, frozen

from polyspec.core.address import is_safe_address
from polyspec.core.secret import Secret
from polyspec.core.typed import decoder
from polyspec.errors import ConfigError, DamagedRecord, VaultUnavailable, WrongKey
from polyspec.vault.forking import PerProcess
from polyspec.vault.keys import DataKey, Wrapped

__all__ = ["TransitKeys"]

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", re.ASCII)
_CIPHERTEXT: Final = re.compile(r"vault:v([1-9]\d{0,8}):([A-Za-z0-9+/]+={0,2})", re.ASCII)
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
_KINDS: Final = ("aes128-gcm96", "aes256-gcm96", "chacha20-poly1305")
# standby, sealed, restarting, or told to go easy: all of it passes
_PASSING: Final = (412, 429, 472, 473, 500, 502, 503, 504)
_PAUSES: Final = (0.1, 0.4)
_LARGEST: Final = 65_536


@frozen
class _Answer:
    """What came back, or why nothing did; what it holds is not shown."""

    status: int
    data: dict[str, Any] = field(factory=dict, repr=False)
    problem: str = ""


class TransitKeys:
    """Locks with a key of HashiCorp Vault's transit engine; the key never leaves it.

    `token` is a text, a Secret, or a function that returns the one to use now (an agent renews it). The
    token's policy needs ``update`` on ``<mount>/encrypt/<key>`` and ``<mount>/decrypt/<key>`` and ``read`` on
    ``<mount>/keys/<key>``; leave ``create`` out, or a misspelt name makes a new key. The key must be of an
    AEAD type and not derived. Raises ConfigError for an address that credentials must not be sent to.
    """

    def __init__(
        self,
        address: str,
        token: str | Secret | Callable[[], str | Secret],
        key: str = "polyspec",
        *,
        mount: str = "transit",
        namespace: str | None = None,
        verify: ssl.SSLContext | bool = True,
        timeout: float = 5.0,
        transport: Callable[[], httpx.BaseTransport] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        token = Secret(token) if isinstance(token, str) else token
        # before anything is refused: what an error's traceback shows must have it
        self._path = (mount, key)
        if not is_safe_address(address):
            # an address that is refused may have a password in it
            address = ""
            raise ConfigError("the address of HashiCorp Vault must be https, without credentials in it")
        if not _NAME.fullmatch(key) or "/" in key or not _NAME.fullmatch(mount) or ".." in mount + key:
            raise ConfigError("the key and the mount of the transit engine are names as Vault has them")
        self._token = token
        self._base = f"{address.rstrip('/')}/v1/{mount}"
        self._namespace = namespace
        self._verify = verify
        self._timeout = timeout
        self._transport = transport
        self._sleep = sleep
        self._clients: PerProcess[httpx.Client] = PerProcess()
        self._sound = False

    def current(self) -> str:
        """Return the id of the key with its latest version, which is asked for."""
        answer = self._call("GET", f"keys/{self._path[1]}")
        if answer.status == 404:
            raise ConfigError(
                f"HashiCorp Vault has no key {self._path[1]!r} in {self._path[0]!r}: create it there"
            )
        self._check(answer)
        data = answer.data
        version = data.get("latest_version")
        if data.get("type") not in _KINDS or data.get("derived") or type(version) is not int:
            raise ConfigError(
                f"the transit key {self._path[1]!r} must be one of {', '.join(_KINDS)} and not derived"
            )
        self._sound = True
        return self._id(version)

    def opens(self, kek_id: str) -> bool:
        """Tell whether it is a version of this key."""
        return self._version(kek_id) is not None

    def wrap(self, key: DataKey, binding: bytes) -> Wrapped:
        """Have a data key locked with the latest version."""
        if not self._sound:
            # encrypting with a name that does not exist may create a key of that name
            self.current()
        answer = self._call("POST", f"encrypt/{self._path[1]}", _body(binding, plaintext=key))
        self._check(answer)
        match = _CIPHERTEXT.fullmatch(str(answer.data.get("ciphertext")))
        content = None if match is None else _decoded(match[2])
        if match is None or content is None:
            raise VaultUnavailable("what HashiCorp Vault answered to encrypt is not its ciphertext")
        return Wrapped(self._id(int(match[1])), content)

    def unwrap(self, wrapped: Wrapped, binding: bytes) -> DataKey:
        """Have a data key unlocked; raises WrongKey, DamagedRecord or VaultUnavailable."""
        version = self._version(wrapped.kek_id)
        if version is None:
            raise WrongKey(f"the record needs {wrapped.kek_id}, and this is the key {'/'.join(self._path)}")
        text = f"vault:v{version}:{base64.b64encode(wrapped.content).decode()}"
        answer = self._call("POST", f"decrypt/{self._path[1]}", _body(binding, ciphertext=text))
        if answer.status == 400:
            raise DamagedRecord(
                "HashiCorp Vault does not open the data key: the record was altered or moved here from "
                f"another, or version {version} of the key is not allowed any more",
                reason="altered",
            )
        self._check(answer)
        found = _plaintext(answer)
        if found is None:
            raise VaultUnavailable("what HashiCorp Vault answered to decrypt is no data key")
        return found

    def close(self) -> None:
        """Close the connections of this process."""
        if (client := self._clients.take()) is not None:
            client.close()

    def __repr__(self) -> str:
        return f"<TransitKeys {'/'.join(self._path)}>"

    def _id(self, version: int) -> str:
        return f"transit:{'/'.join(self._path)}:v{version}"

    def _version(self, kek_id: str) -> int | None:
        head, _, version = kek_id.rpartition(":v")
        same = head == f"transit:{'/'.join(self._path)}" and re.fullmatch(r"[1-9][0-9]{0,8}", version)
        return int(version) if same else None

    def _check(self, answer: _Answer) -> None:
        """Raise for what is not an answer to the question."""
        if answer.status == 403:
            raise WrongKey(
                f"HashiCorp Vault denies the use of {'/'.join(self._path)}: is the token expired, or its "
                "policy too narrow?"
            )
        if answer.status != 200:
            raise VaultUnavailable(f"HashiCorp Vault cannot be used now ({answer.problem})")

    def _call(self, method: str, path: str, body: Secret | None = None) -> _Answer:
        token = self._current_token()
        if token is None:
            raise ConfigError("the token of HashiCorp Vault must be a text without spaces or line ends")
        answer = self._sent(method, path, token, body)
        for pause in _PAUSES:
            if answer.status and answer.status not in _PASSING:
                break
            # both operations may be repeated: they change nothing
            self._sleep(pause)
            answer = self._sent(method, path, token, body)
        return answer

    def _current_token(self) -> Secret | None:
        given = self._token() if callable(self._token) else self._token
        hidden, given = Secret(given) if isinstance(given, str) else given, ""
        return hidden if isinstance(hidden, Secret) and _TOKEN.fullmatch(hidden.reveal()) else None

    def _sent(self, method: str, path: str, token: Secret, body: Secret | None) -> _Answer:
        """Send one request; its errors end here, for their frames hold the token and the body."""
        headers = {"X-Vault-Request": "true", "X-Vault-Token": token.reveal()}
        if self._namespace is not None:
            headers["X-Vault-Namespace"] = self._namespace
        content = None if body is None else body.reveal().encode()
        try:
            with self._client().stream(
                method, f"{self._base}/{path}", headers=headers, content=content
            ) as response:
                return _read(response)
        except httpx.HTTPError as error:
            return _Answer(0, problem=type(error).__name__)

    def _client(self) -> httpx.Client:
        if (client := self._clients.get()) is not None:
            return client
        return self._clients.keep(
            httpx.Client(
                verify=self._verify,
                timeout=self._timeout,
                # credentials travel this way: no proxy by the environment, and no other host
                trust_env=False,
                follow_redirects=False,
                transport=None if self._transport is None else self._transport(),
            )
        )


def _read(response: httpx.Response) -> _Answer:
    content = b""
    for piece in response.iter_bytes():
        content += piece
        if len(content) > _LARGEST:
            return _Answer(0, problem="an answer of more than 64 KiB")
    if response.status_code != 200:
        # its text may echo what was sent
        return _Answer(response.status_code, problem=f"status {response.status_code}")
    try:
        return _Answer(200, decoder(_Reply).decode(content).data)
    except msgspec.DecodeError:
        return _Answer(0, problem="an answer that is not Vault's")


class _Reply(msgspec.Struct):
    data: dict[str, Any]


def _body(binding: bytes, *, plaintext: DataKey | None = None, ciphertext: str | None = None) -> Secret:
    body = {"associated_data": base64.b64encode(binding).decode()}
    if plaintext is not None:
        body["plaintext"] = base64.b64encode(plaintext.reveal()).decode()
    if ciphertext is not None:
        body["ciphertext"] = ciphertext
    return Secret(msgspec.json.encode(body).decode())


def _decoded(text: str) -> bytes | None:
    """Read base64 that has one form only."""
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return found if base64.b64encode(found).decode() == text else None


def _plaintext(answer: _Answer) -> DataKey | None:
    content = _decoded(str(answer.data.get("plaintext")))
    key = None if content is None else DataKey(content)
    return key if key is not None and key.usable else None
