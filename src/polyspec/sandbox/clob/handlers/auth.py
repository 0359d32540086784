"""API credentials, read-only keys and builder keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from polyspec.sandbox.clob.keys import ApiKey, BuilderKey
from polyspec.sandbox.clob.refusals import bad_request, missing
from polyspec.sandbox.clob.registry import Asked, handles

__all__: list[str] = []


class _Deletion(msgspec.Struct):
    key: str


def _credentials(asked: Asked, key: ApiKey) -> dict[str, str]:
    keys = asked.world.keys
    return {"apiKey": key.id, "secret": keys.secret(key.id), "passphrase": keys.passphrase(key.id)}


@handles("Auth_CreateApiKey")
def create(asked: Asked) -> dict[str, str]:
    """Make the credentials of an address and a nonce."""
    caller = asked.caller
    return _credentials(asked, asked.world.keys.create(caller.address, caller.nonce))


@handles("Auth_DeriveApiKey")
def derive(asked: Asked) -> dict[str, str]:
    """Tell the credentials of an address and a nonce again."""
    caller = asked.caller
    return _credentials(asked, asked.world.keys.derive(caller.address, caller.nonce))


@handles("Auth_GetApiKeys")
def list_keys(asked: Asked) -> dict[str, list[str]]:
    """List the keys of an address."""
    return {"apiKeys": [each.id for each in asked.world.keys.of(asked.caller.address)]}


@handles("Auth_DeleteApiKey")
def delete(asked: Asked) -> str:
    """Delete the key the request was signed with."""
    assert asked.caller.key is not None
    asked.world.keys.delete(asked.caller.key)
    return "OK"


@handles("Auth_GetClosedOnlyMode")
def closed_only(asked: Asked) -> dict[str, bool]:
    """Tell whether an address may only close positions."""
    return {"closed_only": asked.caller.address in asked.world.modes.closed_only}


@handles("Auth_CreateReadonlyApiKey")
def create_readonly(asked: Asked) -> dict[str, str]:
    """Make a key for reading."""
    assert asked.caller.key is not None
    return {"apiKey": asked.world.keys.create_readonly(asked.caller.key).id}


@handles("Auth_GetReadonlyApiKeys")
def list_readonly(asked: Asked) -> list[str]:
    """List the keys for reading."""
    return [each.id for each in asked.world.keys.readonly_of(asked.caller.address)]


@handles("Auth_DeleteReadonlyApiKey")
def delete_readonly(asked: Asked) -> bool:
    """Delete a key for reading."""
    asked.world.keys.delete_readonly(asked.caller.address, asked.body(_Deletion, "Invalid payload").key)
    return True


@handles("Auth_ValidateReadonlyApiKey")
def validate_readonly(asked: Asked) -> str:
    """Tell whether a key for reading is of an address."""
    keys = asked.world.keys.readonly_of(asked.text("address").lower())
    if asked.text("key") not in {each.id for each in keys}:
        raise missing("not found")
    return "OK"


@handles("Auth_CreateBuilderApiKey")
def create_builder(asked: Asked) -> dict[str, str]:
    """Make builder credentials."""
    keys = asked.world.keys
    made = keys.create_builder(asked.caller.address)
    return {"key": made.id, "secret": keys.secret(made.id), "passphrase": keys.passphrase(made.id)}


@handles("Auth_GetBuilderApiKeys")
def list_builders(asked: Asked) -> list[dict[str, Any]]:
    """List the builder keys, the revoked ones too."""
    return [_builder(each) for each in asked.world.keys.builders_of(asked.caller.address)]


@handles("Auth_RevokeBuilderApiKey")
def revoke_builder(asked: Asked) -> str:
    """Revoke the builder key the request was signed with, or, with level-2 credentials, the only one."""
    keys, caller = asked.world.keys, asked.caller
    key = caller.builder
    if key is None:
        holding = [each for each in keys.builders_of(caller.address) if not each.revoked]
        if len(holding) != 1:
            raise bad_request("Invalid revoke builder api key body")
        key = holding[0]
    keys.revoke_builder(key)
    return "OK"


def _builder(key: BuilderKey) -> dict[str, Any]:
    shown = {"key": key.id, "createdAt": _moment(key.created)}
    return {**shown, "revokedAt": _moment(key.revoked)} if key.revoked else shown


def _moment(moment_ns: int) -> str:
    return datetime.fromtimestamp(moment_ns // 10**9, UTC).isoformat().replace("+00:00", "Z")
