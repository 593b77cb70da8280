"""Messages by webhook: a signed POST as Standard Webhooks 1.0 describes it (standardwebhooks.com).

`webhook-id` is the same at every attempt, `webhook-timestamp` is that of the attempt, and `webhook-signature` is
"v1," with HMAC-SHA256 over `id.timestamp.body` in base 64, keyed with the bytes of the secret after "whsec_".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import secrets as chance
import socket
import time
from urllib.parse import urlsplit

import httpx2

from brygga import config
from brygga.clients.http import Call, Http
from brygga.errors import Rejected, SettingsError, Unavailable
from brygga.notify import texts
from brygga.store import secrets
from brygga.store.models import Message

TIMEOUT = httpx2.Timeout(connect=5.0, read=15.0, write=10.0, pool=5.0)
PREFIX = "whsec_"


def new_secret() -> str:
    """Return a key to sign with, as the receiver pastes it."""
    return PREFIX + base64.b64encode(chance.token_bytes(32)).decode()


def check_address(url: str) -> str:
    """Return the address of a webhook. Raises SettingsError when it is none, is not safe, or leads inside without leave."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        _port = parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    schemes = ("https", "http") if config.private_webhooks() else ("https",)
    if parts.scheme not in schemes or not host or parts.username or parts.password or parts.fragment:
        raise SettingsError("This is no address for a webhook.", repair="Give one that begins with https:// and holds no password.")
    return url.strip()


def send(message: Message) -> None:
    """Send a message. Raises Rejected when the receiver is gone for good (410), Unavailable, OutcomeUnknown, SettingsError."""
    target = message.target
    url = check_address(target.to)
    host = urlsplit(url).hostname or ""
    _refuse_inside(host)
    key = str(secrets.unseal(bytes(target.secret), "a webhook")["key"])
    body = _body(message)
    at = str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "user-agent": "Brygga",
        "webhook-id": message.pk,
        "webhook-timestamp": at,
        "webhook-signature": signature(key, message.pk, at, body),
    }
    # It is tried again by its row, later and for longer; here only once.
    with Http(host, timeout=TIMEOUT, sleep=lambda seconds: None) as http:
        answer = http.send(Call("POST", url, repeatable=False, headers=headers, content=body))
    if answer.status == 410:
        raise Rejected("{host} says that the webhook is gone (410).", repair="Remove it, or set another address.", host=host)
    if not answer.ok:
        raise Unavailable("{host} did not take the webhook (status {status}).", host=host, status=answer.status)


def signature(key: str, id: str, at: str, body: bytes) -> str:
    """Return the value of the header webhook-signature."""
    secret = base64.b64decode(key.removeprefix(PREFIX))
    digest = hmac.digest(secret, f"{id}.{at}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def _body(message: Message) -> bytes:
    """Return what is sent: facts for programs, and `text`, which the chat programs that take webhooks show."""
    target = message.target
    subject, lines, address = texts.said(message.body, target.language)
    return json.dumps(
        {
            "type": f"brygga.{message.body['type']}",
            "timestamp": message.made_at.isoformat(),
            "text": "\n".join([*lines, address]),
            "data": {
                "company": target.company.slug,
                "subject": subject,
                "lines": lines,
                "sentences": message.body["lines"],
                "url": address,
            },
        },
        ensure_ascii=False,
    ).encode()


def _refuse_inside(host: str) -> None:
    """Raise SettingsError for a host inside the network: who may set a webhook must not reach what the hub alone can reach."""
    if config.private_webhooks():
        return
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise Unavailable("{host} cannot be found.", host=host) from None
    if not all(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_global for entry in found):
        raise SettingsError(
            "{host} lies inside the network of the hub.",
            repair="Whoever runs the hub can allow it with BRYGGA_PRIVATE_WEBHOOKS.",
            host=host,
        )
