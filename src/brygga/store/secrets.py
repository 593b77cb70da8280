"""Credentials, encrypted in the database; the key lies outside of it (see `brygga.config`).

Secrets are a flat object of plain JSON values, such as `client_id`, `client_secret`, `api_key`, `access_token`. They are in no
log, no repr and no error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet as OneKey
from cryptography.fernet import InvalidToken, MultiFernet
from django.db.models import F, QuerySet

from brygga import config
from brygga.errors import SettingsError
from brygga.store.models import Connection, NoticeTarget, SecondFactor

_FIELDS = ["secrets", "secrets_version", "refresh_spent", "refresh_state"]


def read(connection: Connection) -> dict[str, Any]:
    """Return the secrets as they stood when *connection* was loaded; {} when it has none.

    Raises SettingsError when no key that we have fits.
    """
    return _open(bytes(connection.secrets), connection)


def write(connection: Connection, values: Mapping[str, Any]) -> None:
    """Replace the secrets, whatever another process has written meanwhile; *connection* then holds what is stored."""
    _store(Connection.objects.filter(pk=connection.pk), values)
    connection.refresh_from_db(fields=_FIELDS)


def replace(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Replace the secrets, but only when nobody has since *connection* was loaded; say whether it was done."""
    done = _store(Connection.objects.filter(pk=connection.pk, secrets_version=connection.secrets_version), values)
    if done:
        connection.refresh_from_db(fields=_FIELDS)
    return done


def _store(rows: QuerySet[Connection], values: Mapping[str, Any]) -> bool:
    version = F("secrets_version") + 1
    return bool(rows.update(secrets=_seal(values), secrets_version=version, refresh_spent="", refresh_state=""))


def seal(values: Mapping[str, Any]) -> bytes:
    """Encrypt secrets that belong to no connection: the second factor of a user, the key of a webhook."""
    return _seal(values)


def unseal(sealed: bytes, whose: str) -> dict[str, Any]:
    """Return what `seal` encrypted. Raises SettingsError, naming *whose* it is, when no key that we have fits."""
    return _open(sealed, whose)


def rotate() -> int:
    """Encrypt all secrets with the newest key; return for how many connections. Others may read and write meanwhile."""
    for factor in SecondFactor.objects.all():
        again = _seal(unseal(bytes(factor.secret), f"the second factor of user {factor.user_id}"))
        SecondFactor.objects.filter(pk=factor.pk, secret=factor.secret).update(secret=again)
    for target in NoticeTarget.objects.exclude(secret=b""):
        again = _seal(unseal(bytes(target.secret), target.to))
        NoticeTarget.objects.filter(pk=target.pk, secret=target.secret).update(secret=again)
    count = 0
    for pk in Connection.objects.order_by("pk").values_list("pk", flat=True):
        while True:
            connection = Connection.objects.get(pk=pk)
            if not connection.secrets:
                break
            sealed = _seal(read(connection))
            # No new version: what is inside has not changed, and a refresh under way must still be able to store its answer.
            if Connection.objects.filter(pk=pk, secrets=connection.secrets).update(secrets=sealed):
                count += 1
                break
    return count


def rotate_key_file() -> int:
    """Make a new key, encrypt everything with it, and forget all keys but it and the one before; return as `rotate`.

    The one before stays, since a process that read the file a moment ago may still write with it.
    Raises SettingsError when the key comes from the environment, where only a person can change it.
    """
    settings = config.current()
    keys = config.secret_keys(settings)
    if not settings.key_file.exists() or config.key_is_given():
        raise SettingsError(
            "The key comes from BRYGGA_SECRET_KEY, not from a file.",
            repair="Put a new key in front of the old one there, with a space between, start all processes again and rotate.",
        )
    config.write_key_file(settings, [config.new_key(), *keys])
    count = rotate()
    config.write_key_file(settings, config.secret_keys(settings)[:2])
    return count


def _seal(values: Mapping[str, Any]) -> bytes:
    return _cipher().encrypt(json.dumps(dict(values), ensure_ascii=False).encode())


def _open(sealed: bytes, connection: Connection | str) -> dict[str, Any]:
    if not sealed:
        return {}
    try:
        clear = _cipher().decrypt(sealed)
    except InvalidToken:
        raise SettingsError(
            "The credentials of {connection} were encrypted with a key that is not here.",
            connection=connection,
            repair="Put the old key back (BRYGGA_SECRET_KEY or the file secret.key), or connect the system again.",
        ) from None
    values: dict[str, Any] = json.loads(clear)
    return values


def _cipher() -> MultiFernet:
    return MultiFernet([OneKey(key) for key in config.secret_keys(config.current())])
