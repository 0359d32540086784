"""HashiCorp Vault's transit API on this machine, as its documentation tells it.

No registry offers the server itself. This one really encrypts: AES-256-GCM with the request's associated
data, one key for each version, ``vault:v<version>:<base64 of nonce and ciphertext>``. It checks tokens and
policies, makes keys that are missing for those who may ``create``, and can be sealed, slow or strange.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Answer = tuple[int, dict[str, Any]]


class Key:
    """A named key with its versions."""

    def __init__(self, kind: str = "aes256-gcm96", *, derived: bool = False) -> None:
        self.kind = kind
        self.derived = derived
        self.versions = [AESGCM.generate_key(256)]
        self.min_decryption_version = 1


class TransitServer:
    """Serves ``/v1/transit`` on a free port until the end of the block."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {"polyspec": Key()}
        self.tokens: dict[str, set[str]] = {"hvs.test": {"read", "update"}}
        self.sealed = False
        self.strange: list[tuple[int, bytes]] = []
        """Answers to give before any other."""
        self.elsewhere = ""
        """Where an answer of 307 points to."""
        self.requests: list[tuple[str, str, dict[str, str]]] = []

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # an answer in one piece
            wbufsize = 65_536

            def do_GET(self) -> None:
                outer._serve(self, None)

            def do_POST(self) -> None:
                outer._serve(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def rotate(self, name: str = "polyspec") -> None:
        """Add a version to a key."""
        self.keys[name].versions.append(AESGCM.generate_key(256))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler, body: bytes | None) -> None:
        self.requests.append(
            (handler.command, handler.path, {k.lower(): v for k, v in handler.headers.items()})
        )
        if self.strange:
            status, content = self.strange.pop(0)
        else:
            status, found = self._answer(handler, body)
            content = json.dumps(found).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        if status == 307:
            handler.send_header("Location", f"{self.elsewhere}{handler.path}")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _answer(self, handler: BaseHTTPRequestHandler, body: bytes | None) -> Answer:
        if self.sealed:
            return _errors(503, "Vault is sealed")
        allowed = self.tokens.get(handler.headers.get("X-Vault-Token", ""))
        match handler.path.split("/")[2:]:
            case ["transit", what, name] if what in ("keys", "encrypt", "decrypt"):
                pass
            case _:
                return _errors(404, "no handler for route")
        exists = name in self.keys
        needed = "read" if what == "keys" else "create" if what == "encrypt" and not exists else "update"
        if allowed is None or needed not in allowed:
            return _errors(403, "1 error occurred:\n\t* permission denied\n\n")
        if what == "keys":
            return self._read(name) if exists else (404, {"errors": []})
        if not exists:
            if what == "decrypt":
                return _errors(400, "encryption key not found")
            self.keys[name] = Key()
        return self._work(what, self.keys[name], json.loads(body or b"{}"))

    def _read(self, name: str) -> Answer:
        key = self.keys[name]
        return _data({
            "type": key.kind, "derived": key.derived, "name": name, "latest_version": len(key.versions),
            "min_decryption_version": key.min_decryption_version, "min_encryption_version": 0,
            "keys": {str(number + 1): 1_700_000_000 for number in range(len(key.versions))},
        })  # fmt: skip

    def _work(self, what: str, key: Key, body: dict[str, str]) -> Answer:
        work: Callable[[Key, dict[str, str], bytes], Answer] = _encrypt if what == "encrypt" else _decrypt
        try:
            return work(key, body, base64.b64decode(body.get("associated_data", ""), validate=True))
        except ValueError:
            return _errors(400, "illegal base64 data at input byte 0")


def _encrypt(key: Key, body: dict[str, str], proven: bytes) -> Answer:
    nonce = os.urandom(12)
    content = AESGCM(key.versions[-1]).encrypt(
        nonce, base64.b64decode(body["plaintext"], validate=True), proven
    )
    version = len(key.versions)
    text = base64.b64encode(nonce + content).decode()
    return _data({"ciphertext": f"vault:v{version}:{text}", "key_version": version})


def _decrypt(key: Key, body: dict[str, str], proven: bytes) -> Answer:
    prefix, _, rest = body["ciphertext"].partition(":v")
    version, _, text = rest.partition(":")
    if prefix != "vault" or not version.isdigit() or not 1 <= int(version) <= len(key.versions):
        return _errors(400, "invalid ciphertext: version is invalid")
    if int(version) < key.min_decryption_version:
        return _errors(400, "ciphertext or signature version is disallowed by policy (too old)")
    content = base64.b64decode(text, validate=True)
    try:
        plain = AESGCM(key.versions[int(version) - 1]).decrypt(content[:12], content[12:], proven)
    except InvalidTag:
        return _errors(400, "cipher: message authentication failed")
    return _data({"plaintext": base64.b64encode(plain).decode()})


def _data(found: dict[str, Any]) -> Answer:
    return 200, {"request_id": "0", "lease_id": "", "renewable": False, "lease_duration": 0, "data": found,
                 "wrap_info": None, "warnings": None, "auth": None}  # fmt: skip


def _errors(status: int, *texts: str) -> Answer:
    return status, {"errors": list(texts)}
