"""Access tokens that are always fresh, for all threads and processes, with one refresh at a time.

Fortnox' refresh tokens are single-use: each refresh spends one and brings the next (Fortnox API, section 3). So:

1. Who finds the access token about to run out takes the lease `token:<connection>` and looks again: perhaps it is done.
2. It writes down that this refresh token is being spent (its SHA-256), and commits.
3. It asks the system.
4. It stores the new tokens and clears the note, in one update; then it lets go of the lease and uses the token.

What can go wrong, and what follows:

- The system was surely not reached (Unavailable): the note is cleared; it is tried again later with the same token.
- The system refuses (Unauthorised): the note stays as "refused". Nobody asks again with this token; a person connects again.
- The answer is lost, or the process dies between 2 and 4: the note stays as "begun". Whether the token is spent cannot be
  known, and it must never be sent twice, so nobody sends it. The access token at hand is used until it runs out; then it is
  Unauthorised, and the person connects again. New credentials have another digest and make the note void.

Credentials that may be used again and again (client credentials, a key) have no such note: `spends=None`.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.db import Error as DatabaseTrouble
from django.db import connection as database
from django.utils import timezone

from brygga.errors import BadData, BryggaError, OutcomeUnknown, Rejected, SettingsError, Unauthorised, Unavailable
from brygga.store import health, leases, secrets
from brygga.store.models import Connection

Refresh = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Gets the secrets, asks the system for an access token, returns `access_token`, `expires_in` (seconds), and what else is to
be kept, such as the next `refresh_token`. Raises Unauthorised, Unavailable (surely not carried out) or OutcomeUnknown."""

MARGIN = 300.0
"""Seconds before its end at which a token is refreshed (Fortnox API, section 4: at 55 minutes of 60)."""

LEASE_SECONDS = 30.0
_PATIENCE = 90.0
_MOMENT = 5.0


class AccessTokens:
    """The access token of one connection: call it to get one that is valid.

        tokens = AccessTokens(connection.pk, refresh, spends="refresh_token")
        headers = {"Authorization": f"Bearer {tokens()}"}

    spends  the name of the secret that a refresh uses up; None when nothing is
    margin  seconds before its end at which a token is refreshed; at most half of its life
    """

    def __init__(
        self,
        connection_id: int,
        refresh: Refresh,
        *,
        spends: str | None = "refresh_token",
        margin: float = MARGIN,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.connection_id = connection_id
        self._refresh = refresh
        self._spends = spends
        self._margin = margin
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"AccessTokens(connection {self.connection_id})"

    def __call__(self) -> str:
        """Return a valid access token. Raises Unauthorised, Unavailable, and SettingsError when there are no credentials."""
        with self._lock:
            if not self._fresh(self._known):
                self._known = self._up_to_date(refused="")
            return str(self._known["access_token"])

    def renew(self, refused: str = "") -> str:
        """Return another token than *refused*, which the system would not take although its time was not up.

        Without an argument: than the one that was given last. When another process has renewed it already, that one is returned.
        """
        with self._lock:
            refused = refused or str(self._known.get("access_token", ""))
            if not self._fresh(self._known, refused):
                self._known = self._up_to_date(refused)
            return str(self._known["access_token"])

    def _fresh(self, values: Mapping[str, Any], refused: str = "") -> bool:
        if not values.get("access_token") or values["access_token"] == refused:
            return False
        margin = min(self._margin, float(values.get("expires_in", 0)) / 2)
        return self._clock() < float(values.get("expires_at", 0)) - margin

    def _usable(self, values: Mapping[str, Any], refused: str) -> bool:
        """Say whether the token would still do for a moment, though it is time to refresh it."""
        token = values.get("access_token")
        return bool(token) and token != refused and self._clock() < float(values.get("expires_at", 0)) - _MOMENT

    def _up_to_date(self, refused: str) -> dict[str, Any]:
        """Return secrets with a valid access token, as another process stored them or as refreshed now."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            connection = Connection.objects.get(pk=self.connection_id)
            values = secrets.read(connection)
            if self._fresh(values, refused):
                return values
            lease = leases.take(f"token:{self.connection_id}", LEASE_SECONDS)
            if lease is None:
                time.sleep(0.05)
                continue
            with leases.kept(lease):
                stored = self._refreshed(refused)
            if stored is not None:
                return stored
        raise Unavailable(
            "Another process has been refreshing the sign-in to {connection} for {seconds} seconds.",
            connection=connection,
            seconds=round(_PATIENCE),
            repair="It is tried again later.",
        )

    def _refreshed(self, refused: str) -> dict[str, Any] | None:
        """Refresh, store and return the secrets; None when they changed under our hands and must be read again."""
        connection = Connection.objects.get(pk=self.connection_id)
        values = secrets.read(connection)
        if self._fresh(values, refused):
            return values
        if not values or (self._spends and not values.get(self._spends)):
            raise SettingsError(
                "{connection} has no credentials.", connection=connection, repair="Connect {connection} under Connections."
            )
        spent = hashlib.sha256(str(values[self._spends]).encode()).hexdigest() if self._spends else ""
        if spent and spent == connection.refresh_spent:
            if self._usable(values, refused):
                return values
            raise self._must_connect_again(connection)
        if spent and not self._begin(connection, spent):
            return None
        try:
            answer = self._refresh(dict(values))
        except (Unavailable, SettingsError):
            self._note(connection, spent, "", state="")
            raise
        except (Unauthorised, Rejected) as error:
            self._note(connection, spent, spent, state="refused")
            health.keep(connection.pk, health.Health.LOGIN, error.sentence)
            raise
        except (OutcomeUnknown, BadData) as error:
            if not spent or self._usable(values, refused):
                return self._as_it_was(values, refused, error)
            raise self._must_connect_again(connection) from error
        return self._stored(connection, values, answer)

    def _as_it_was(self, values: dict[str, Any], refused: str, error: BryggaError) -> dict[str, Any]:
        if self._usable(values, refused):
            return values
        raise error

    def _begin(self, connection: Connection, spent: str) -> bool:
        """Write down that this refresh token is being spent. False when somebody else was quicker."""
        return bool(
            Connection.objects.filter(
                pk=connection.pk, secrets_version=connection.secrets_version, refresh_spent=connection.refresh_spent
            ).update(refresh_spent=spent, refresh_state="begun", refresh_at=timezone.now())
        )

    def _note(self, connection: Connection, spent: str, now: str, state: str) -> None:
        if spent:
            Connection.objects.filter(pk=connection.pk, refresh_spent=spent).update(refresh_spent=now, refresh_state=state)

    def _stored(self, connection: Connection, values: dict[str, Any], answer: Mapping[str, Any]) -> dict[str, Any] | None:
        new = {**values, **answer, "expires_at": self._clock() + float(answer["expires_in"])}
        pause = 0.1
        while True:
            try:
                # Not stored when a person has connected again meanwhile: theirs is newer.
                stored = secrets.replace(connection, new)
                break
            except DatabaseTrouble:
                # These tokens exist nowhere else. A database that restarts is waited for.
                if pause > 30:
                    raise
                database.close()
                time.sleep(pause)
                pause *= 2
        if not stored:
            return None
        if Connection.objects.filter(pk=connection.pk, health=health.Health.LOGIN).exists():
            health.keep(connection.pk, health.Health.OK)
        return new

    def _must_connect_again(self, connection: Connection) -> Unauthorised:
        if connection.refresh_state == "refused":
            template = "{connection} no longer accepts our sign-in."
        else:
            template = "The answer to our last sign-in to {connection} was lost, and such a sign-in cannot be used twice."
        error = Unauthorised(template, connection=connection, repair="Connect {connection} again under Connections.")
        health.keep(connection.pk, health.Health.LOGIN, error.sentence)
        return error
