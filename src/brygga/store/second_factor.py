"""The second step at sign-in: time-based codes (RFC 6238: six digits, thirty seconds, SHA-1, as every app knows them), and
recovery codes for the day the telephone is lost. Each code is good once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets as chance
import time

import pyotp
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from brygga.errors import Rejected
from brygga.store import secrets
from brygga.store.models import AuditEntry, SecondFactor

STEP = 30
SLACK = 1
"""Steps by which a telephone's clock may be off, either way (RFC 6238, section 5.2)."""

RECOVERY_CODES = 10


def is_on(user: User) -> bool:
    """Say whether sign-in asks this user for a code."""
    return SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).exists()


def begin(user: User) -> str:
    """Return the secret that the user's app is to hold, in base 32; sign-in asks for nothing yet. The same until it is confirmed.

    Raises Rejected when the second step is on already.
    """
    row = SecondFactor.objects.filter(user=user).first()
    if row is not None and row.confirmed_at is not None:
        raise Rejected("The second step is on already.", repair="Switch it off first to use another telephone.")
    if row is None:
        row = SecondFactor.objects.create(user=user, secret=secrets.seal({"totp": pyotp.random_base32()}))
    return _secret(row)


def address_for_app(user: User, secret: str) -> str:
    """Return the address that an app reads from the square picture."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=user.get_username(), issuer_name="Brygga")


def confirm(user: User, code: str) -> list[str]:
    """Switch the second step on once the app gives the right code; return the recovery codes, which are kept nowhere.

    Raises Rejected for a wrong code.
    """
    row = SecondFactor.objects.filter(user=user, confirmed_at=None).first()
    step = _step_of(_secret(row), code, time.time()) if row else None
    if row is None or step is None:
        raise Rejected("The code is wrong or too old.", repair="Wait for the next one and type it.")
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    row.confirmed_at, row.last_step, row.recovery = timezone.now(), step, [_digest(one) for one in codes]
    with transaction.atomic():
        row.save(update_fields=["confirmed_at", "last_step", "recovery"])
        _audit(user, "second factor on")
    return codes


def accepts(user: User, code: str, now: float | None = None) -> bool:
    """Say whether a code lets the user in, and use it up: one of the app's, newer than the last, or a recovery code."""
    row = SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).first()
    if row is None:
        return False
    step = _step_of(_secret(row), code, time.time() if now is None else now)
    if step is not None:
        # Of two who send one code, one gets in.
        return bool(SecondFactor.objects.filter(pk=row.pk, last_step__lt=step).update(last_step=step))
    with transaction.atomic():
        held = SecondFactor.objects.select_for_update().get(pk=row.pk)
        left = [one for one in held.recovery if not hmac.compare_digest(one, _digest(code))]
        if len(left) == len(held.recovery):
            return False
        held.recovery = left
        held.save(update_fields=["recovery"])
        _audit(user, "recovery code used", left=len(left))
    return True


def switch_off(user: User, who: str = "") -> None:
    """Let sign-in ask for the password alone. *who* did it, where it was not the user."""
    with transaction.atomic():
        if SecondFactor.objects.filter(user=user).delete()[0]:
            name = user.get_username()
            AuditEntry.objects.create(company=None, who=who or name, what="second factor off", subject=name)


def codes_left(user: User) -> int:
    """Return how many recovery codes have not been used."""
    row = SecondFactor.objects.filter(user=user).first()
    return len(row.recovery) if row else 0


def _step_of(secret: str, code: str, now: float) -> int | None:
    """Return the time step whose code this is, None when it is of none near now."""
    digits = code.replace(" ", "")
    generator, current = pyotp.TOTP(secret, interval=STEP), int(now) // STEP
    found = None
    for step in range(current - SLACK, current + SLACK + 1):
        if hmac.compare_digest(generator.generate_otp(step).encode(), digits.encode(errors="replace")):
            found = step
    return found


def _secret(row: SecondFactor) -> str:
    return str(secrets.unseal(bytes(row.secret), f"the second factor of user {row.user_id}")["totp"])


def _recovery_code() -> str:
    """Return 80 random bits as people can type them: too many to guess even from their digest."""
    text = base64.b32encode(chance.token_bytes(10)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def _digest(code: str) -> str:
    plain = code.strip().lower().replace(" ", "").replace("-", "")
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()


def _audit(user: User, what: str, **detail: int) -> None:
    AuditEntry.objects.create(company=None, who=user.get_username(), what=what, subject=user.get_username(), detail=detail)
