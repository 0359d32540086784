"""Records of the vault written and read a second time, straight from docs/vault-format.md.

Uses nothing of polyspec, so that an error in the library does not cancel itself out. Run as a program it
writes the test vectors: `python -m tests.unit.vault.reference > tests/vectors/vault/records.json`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
import sys
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

Record = dict[str, Any]


def field(content: bytes | str) -> bytes:
    """Write a length and the content."""
    content = content.encode() if isinstance(content, str) else content
    return struct.pack(">I", len(content)) + content


def pairs(values: dict[str, str]) -> bytes:
    """Write texts by name."""
    return struct.pack(">I", len(values)) + b"".join(field(k) + field(v) for k, v in sorted(values.items()))


def header(of: Record) -> bytes:
    """Write the readable part."""
    names = ("tenant", "user", "venue", "wallet", "kind", "environment")
    return (
        b"".join(field(of[name]) for name in names)
        + struct.pack(">QQ", of["version"], of["created_ms"])
        + pairs(of["public"])
    )


def expand(key: bytes, purpose: bytes) -> bytes:
    """Derive 32 bytes: one block of HKDF-Expand with SHA-256."""
    return hmac.new(key, purpose + b"\x01", hashlib.sha256).digest()


def passphrase_key(passphrase: str, kek_id: str) -> bytes:
    """Make the key that an id tells how to make."""
    match = re.fullmatch(r"argon2id:m=(\d+),t=(\d+),p=(\d+):([0-9a-f]{32}):[0-9a-f]{32}", kek_id)
    assert match is not None
    memory, passes, lanes = map(int, match.groups()[:3])
    kdf = Argon2id(
        salt=bytes.fromhex(match[4]), length=32, iterations=passes, lanes=lanes, memory_cost=memory
    )
    return kdf.derive(passphrase.encode())


def kek_of(given: Record, kek_id: str) -> bytes:
    """Return the key itself: made of a passphrase, or read from the text of a key file."""
    if "passphrase" in given:
        return passphrase_key(given["passphrase"], kek_id)
    word, text = given["key_file"].split()
    assert word == "polyspec-vault-key-1"
    return base64.urlsafe_b64decode(text + "=")


def check_of(kek: bytes) -> str:
    """Return what an id says of its key."""
    return expand(kek, b"polyspec vault key check 1")[:16].hex()


def write(of: Record, kek: bytes, kek_id: str, data_key: bytes, nonce: bytes, wrap_nonce: bytes) -> bytes:
    """Write a record."""
    proven = b"PSVR\x01" + header(of)
    bound = b"PSVW\x01" + hashlib.sha256(proven).digest() + kek_id.encode()
    lock = AESGCM(expand(kek, b"polyspec vault key wrap 1"))
    wrapped = wrap_nonce + lock.encrypt(wrap_nonce, data_key, bound)
    ciphertext = AESGCM(data_key).encrypt(nonce, pairs(of["secrets"]), proven)
    return b"PSVR\x01" + field(header(of)) + field(kek_id) + field(wrapped) + nonce + field(ciphertext)


def read(record: bytes, given: Record) -> Record:
    """Read and decrypt a record."""
    assert record[:5] == b"PSVR\x01"
    top, at = _fields(record, 5, 3)
    nonce = record[at : at + 12]
    (ciphertext,), end = _fields(record, at + 12, 1)
    assert end == len(record)
    names, at = _fields(top[0], 0, 6)
    version, created_ms = struct.unpack(">QQ", top[0][at : at + 16])
    kek_id, proven = top[1].decode(), b"PSVR\x01" + top[0]
    kek = kek_of(given, kek_id)
    assert kek_id.endswith(":" + check_of(kek))
    bound = b"PSVW\x01" + hashlib.sha256(proven).digest() + top[1]
    data_key = AESGCM(expand(kek, b"polyspec vault key wrap 1")).decrypt(top[2][:12], top[2][12:], bound)
    secrets = _pairs(AESGCM(data_key).decrypt(nonce, ciphertext, proven))
    found = dict(
        zip(
            ("tenant", "user", "venue", "wallet", "kind", "environment"),
            map(bytes.decode, names),
            strict=True,
        )
    )
    return found | {
        "version": version, "created_ms": created_ms, "public": _pairs(top[0][at + 16 :]), "secrets": secrets,
    }  # fmt: skip


def _fields(content: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    found = []
    for _ in range(count):
        (size,) = struct.unpack(">I", content[at : at + 4])
        found.append(content[at + 4 : at + 4 + size])
        at += 4 + size
    return found, at


def _pairs(content: bytes) -> dict[str, str]:
    (count,) = struct.unpack(">I", content[:4])
    texts, end = _fields(content, 4, 2 * count)
    assert end == len(content)
    return {texts[i].decode(): texts[i + 1].decode() for i in range(0, len(texts), 2)}


def _inputs() -> list[tuple[str, str | None, Record, Record, str]]:
    wallet: Record = {
        "tenant": "acme", "user": "alice", "venue": "clob", "wallet": "0x" + "ab" * 20, "kind": "clob_wallet",
        "environment": "prod", "version": 1, "created_ms": 1_700_000_000_250, "public": {},
        "secrets": {"private_key": "0x" + "11" * 32},
    }  # fmt: skip
    api = wallet | {
        "kind": "clob_api", "version": 7, "public": {"api_key": "0b7e-vector", "nonce": "3"},
        "secrets": {"api_passphrase": "vector-passphrase", "api_secret": "dmVjdG9yLXNlY3JldA=="},
    }  # fmt: skip
    other: Record = {
        "tenant": "Straße", "user": "名前 o'neil", "venue": "polysimulator", "wallet": "",
        "kind": "polysim_api_key", "environment": "sandbox", "version": 2**40, "created_ms": 0,
        "public": {"note": "é ✓\nline"},
        "secrets": {"api_key": "ps_test_" + "x" * 700},
    }  # fmt: skip
    text = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
    file = {"key_file": f"polyspec-vault-key-1 {text}"}
    words = {"passphrase": "correct horse battery staple"}
    salt = "000102030405060708090a0b0c0d0e0f"
    return [
        ("wallet-key-file", None, wallet, file, "file"),
        ("api-passphrase", "the default cost", api, words, f"argon2id:m=65536,t=3,p=4:{salt}"),
        ("api-passphrase-cheap", "a cost for tests only", api, words, f"argon2id:m=8,t=1,p=1:{salt}"),
        ("unicode-sandbox", "an empty wallet, texts of many languages", other, file, "file"),
    ]


def vectors() -> Record:
    """Make the test vectors; all that is random in earnest is fixed."""
    made = []
    for number, (name, note, of, given, source) in enumerate(_inputs(), 1):
        kek = kek_of(given, f"{source}:{'0' * 32}")
        kek_id = f"{source}:{check_of(kek)}"
        fixed = {
            "data_key": bytes([number] * 32),
            "nonce": bytes([number] * 12),
            "wrap_nonce": bytes([255 - number] * 12),
        }
        record = write(of, kek, kek_id, **fixed)
        inputs = {"record": of, "key": given} | {name: value.hex() for name, value in fixed.items()}
        expected = {"kek_id": kek_id, "sealed": record.hex()}
        made.append(
            {"id": name, "note": note, "inputs": inputs, "expected": expected, "agree": [], "differ": []}
        )
    return {
        "about": "Records of the vault as docs/vault-format.md lays them out. `record` is what is stored, "
        "`key` what it is locked with; data_key, nonce and wrap_nonce are random in earnest. "
        "Never use these keys.",
        "kind": "vault_records", "format": 1, "count": len(made),
        "generators": [{"package": "tests/unit/vault/reference.py", "version": "1", "language": "python"}],
        "vectors": made,
    }  # fmt: skip


if __name__ == "__main__":
    json.dump(vectors(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
