"""A key that AWS KMS keeps."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from polyspec.errors import ConfigError, DamagedRecord, VaultUnavailable, WrongKey
from polyspec.vault.forking import PerProcess
from polyspec.vault.keys import DataKey, Wrapped
from polyspec.vault.quiet import quiet

__all__ = ["KmsKeys"]

_ARN: Final = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key/[A-Za-z0-9-]+", re.ASCII)
_ALTERED: Final = ("InvalidCiphertextException", "IncorrectKeyException")
_DENIED: Final = (
    "AccessDeniedException",
    "DisabledException",
    "InvalidKeyUsageException",
    "KMSInvalidStateException",
    "NotFoundException",
)
_LIBRARIES: Final = ("botocore", "urllib3")


@frozen
class _Answer:
    """What came back, or why nothing did; what it holds is not shown."""

    problem: str = ""
    key: DataKey | None = None
    content: bytes = field(default=b"", repr=False)
    arn: str = ""


class KmsKeys:
    """Locks with a symmetric key of AWS KMS; the key never leaves it.

    Named by its ARN, not by an alias, which may point elsewhere tomorrow; `older` are ARNs of keys that still
    open records. Credentials and the proxy come from where botocore finds them; they need ``kms:Encrypt`` and
    ``kms:Decrypt``. `client` makes a client of botocore other than the default. Raises ConfigError.
    """

    def __init__(
        self,
        key_arn: str,
        *,
        older: Sequence[str] = (),
        timeout: float = 5.0,
        client: Callable[[], Any] | None = None,
    ) -> None:
        # before anything is refused: what an error's traceback shows must have it
        self._arn = key_arn
        for arn in (key_arn, *older):
            if not _ARN.fullmatch(arn):
                raise ConfigError("a key of KMS is named by its ARN: arn:aws:kms:<region>:<account>:key/<id>")
        self._known = {_id(arn): arn for arn in (key_arn, *older)}
        self._timeout = timeout
        self._client_of = client
        self._clients: PerProcess[dict[str, Any]] = PerProcess()

    def current(self) -> str:
        """Return the id of the key."""
        return _id(self._arn)

    def opens(self, kek_id: str) -> bool:
        """Tell whether it is one of the keys that were named."""
        return kek_id in self._known

    def wrap(self, key: DataKey, binding: bytes) -> Wrapped:
        """Have a data key locked."""
        answer = self._asked("encrypt", self._arn, {"EncryptionContext": _context(binding)}, key)
        self._check(answer, self._arn)
        return Wrapped(_id(self._arn), answer.content)

    def unwrap(self, wrapped: Wrapped, binding: bytes) -> DataKey:
        """Have a data key unlocked; raises WrongKey, DamagedRecord or VaultUnavailable."""
        arn = self._known.get(wrapped.kek_id)
        if arn is None:
            raise WrongKey(f"the record needs {wrapped.kek_id}, which was not named")
        request = {"EncryptionContext": _context(binding), "CiphertextBlob": wrapped.content}
        answer = self._asked("decrypt", arn, request)
        if answer.problem in _ALTERED:
            raise DamagedRecord(
                f"KMS does not open the data key ({answer.problem}): the record was altered, or is another's",
                reason="altered",
            )
        self._check(answer, arn)
        if answer.key is None:
            raise VaultUnavailable("what KMS answered is no data key")
        return answer.key

    def close(self) -> None:
        """Close the connections of this process."""
        for client in (self._clients.take() or {}).values():
            client.close()

    def __repr__(self) -> str:
        return f"<KmsKeys {self._arn}>"

    def _check(self, answer: _Answer, arn: str) -> None:
        if answer.problem in _DENIED:
            raise WrongKey(f"the key {arn} cannot be used ({answer.problem})")
        if answer.problem:
            raise VaultUnavailable(f"KMS cannot be used now ({answer.problem})")
        if answer.arn != arn:
            raise DamagedRecord("KMS used another key than the one named", reason="altered")

    def _asked(self, what: str, arn: str, request: Mapping[str, Any], key: DataKey | None = None) -> _Answer:
        """Ask once (botocore repeats); its errors end here, for their frames hold keys."""
        client = self._client(arn)
        if isinstance(client, str):
            return _Answer(client)
        from botocore.exceptions import BotoCoreError, ClientError

        plain = {} if key is None else {"Plaintext": key.reveal()}
        try:
            # at the debug level botocore writes down every request and answer whole
            with quiet(*_LIBRARIES):
                found = getattr(client, what)(KeyId=arn, **request, **plain)
        except ClientError as error:
            return _Answer(str(error.response.get("Error", {}).get("Code") or "ClientError"))
        except BotoCoreError as error:
            return _Answer(type(error).__name__)
        return _read(found)

    def _client(self, arn: str) -> Any:
        clients = self._clients.get() or self._clients.keep({})
        region = arn.split(":")[3]
        if region not in clients:
            made = self._made(region)
            if isinstance(made, str):
                return made
            clients[region] = made
        return clients[region]

    def _made(self, region: str) -> Any:
        if self._client_of is not None:
            with quiet(*_LIBRARIES):
                return self._client_of()
        try:
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError
            from botocore.session import get_session
        except ModuleNotFoundError as error:
            raise ConfigError("AWS KMS needs botocore: pip install 'polyspec[kms]'") from error
        config = Config(
            connect_timeout=self._timeout,
            read_timeout=self._timeout,
            retries={"max_attempts": 3, "mode": "standard"},
        )
        try:
            with quiet(*_LIBRARIES):
                return get_session().create_client("kms", region_name=region, config=config)
        except BotoCoreError as error:
            return type(error).__name__


def _id(arn: str) -> str:
    return f"kms:{arn}"


def _context(binding: bytes) -> dict[str, str]:
    # KMS writes it into its own log: it names nobody
    return {"polyspec:record": binding.hex()}


def _read(found: Mapping[str, Any]) -> _Answer:
    content, plain, arn = found.get("CiphertextBlob"), found.get("Plaintext"), str(found.get("KeyId"))
    if isinstance(plain, bytes):
        key = DataKey(plain)
        return _Answer(key=key if key.usable else None, arn=arn)
    return _Answer(content=content, arn=arn) if isinstance(content, bytes) else _Answer("no ciphertext")
