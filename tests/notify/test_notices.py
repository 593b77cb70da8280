"""Who is told what: at once, once a day, after a silence; by mail and by webhook; each once, over real SMTP and HTTP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from hub import Hub, organisation
from notify.sinks import MailServer, Receiver, mail_server, receiver

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with mail_server() as server:
        monkeypatch.setenv("BRYGGA_SMTP_URL", f"smtp+plain://127.0.0.1:{server.port}")
        monkeypatch.setenv("BRYGGA_MAIL_FROM", "hub@example.se")
        yield server


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiver() as server:
        monkeypatch.setenv("BRYGGA_PRIVATE_WEBHOOKS", "yes")
        yield server


def tell(to: str, *, language: str = "en", urgent: bool = True, digest: bool = False, slug: str = "acme") -> tuple[Any, str]:
    from brygga.notify import targets
    from brygga.store.models import Company

    return targets.add(Company.objects.get(slug=slug), to, language, urgent=urgent, digest=digest, who="test")


def lose_the_connection() -> None:
    from brygga.errors import Sentence
    from brygga.store.models import Connection

    why = Sentence("Fortnox refused the sign-in.")
    Connection.objects.filter(system="fortnox").update(health="login", health_sentence=why.as_json())


def turn(now: datetime | None = None) -> int:
    from brygga import notify

    return notify.turn(now)


def bear_silence() -> None:
    from brygga.notify import targets
    from brygga.store.models import Company

    targets.set_rules(Company.objects.get(), time(7, 0), targets.LONGEST_SILENCE, "test")


def text(mail: Any) -> str:
    return str(mail.get_content())


def test_lost_connection_is_told_at_once_and_once(hub: Hub, mails: MailServer) -> None:
    tell("anna@example.com")
    assert turn() == 0
    lose_the_connection()
    assert [turn(), turn(), turn()] == [1, 0, 0]
    (mail,) = mails.mails
    assert (mail["to"], mail["subject"]) == ("anna@example.com", "The connection acme/fortnox is lost.")
    assert "Fortnox refused the sign-in." in text(mail)
    assert "http://127.0.0.1:8100/c/acme/connections/" in text(mail)
    assert mail["auto-submitted"] == "auto-generated"


def test_connection_that_is_well_again_is_told_to_those_who_heard(hub: Hub, mails: MailServer) -> None:
    from brygga.store.models import Connection

    tell("anna@example.com")
    lose_the_connection()
    turn()
    tell("late@example.com")
    Connection.objects.update(health="ok")
    assert [turn(), turn()] == [1, 0]
    assert (mails.mails[1]["to"], mails.mails[1]["subject"]) == ("anna@example.com", "acme/fortnox is well again.")
    # The next loss is another one.
    lose_the_connection()
    assert turn() == 2


def test_only_the_company_itself_is_told(hub: Hub, mails: MailServer) -> None:
    from brygga.store.models import Company

    Company.objects.create(slug="other", name="Other AB")
    tell("anna@example.com", digest=True)
    tell("stranger@example.com", slug="other", digest=True)
    lose_the_connection()
    turn()
    assert mails.to == ["anna@example.com"]


def test_run_stopped_by_the_brake_is_told_until_a_later_run_has_ended(hub: Hub, mails: MailServer) -> None:
    from brygga.errors import UnsafePlan
    from brygga.store.models import Alarm, Run

    tell("anna@example.com")
    result = hub.sync()
    Run.objects.filter(pk=result["run"]).update(status="stopped", exit_status=UnsafePlan.exit_status)
    assert [turn(), turn()] == [1, 0]
    assert mails.mails[0]["subject"] == "A run of acme/webcrm.customers was stopped: it would have changed too much."
    hub.sync()
    turn()
    assert Alarm.objects.get(sort="brake").closed_at is not None


def test_integration_that_goes_silent_raises_the_alarm_and_its_next_success_ends_it(hub: Hub, mails: MailServer) -> None:
    from brygga.notify import targets
    from brygga.store.models import Company, StreamState

    tell("anna@example.com")
    targets.set_rules(Company.objects.get(), time(7, 0), 5, "test")
    hub.sync()
    now = timezone.now()
    assert turn(now + timedelta(hours=4, minutes=59)) == 0
    assert turn(now + timedelta(hours=5, minutes=1)) == 1
    assert mails.mails[0]["subject"] == "No run of acme/webcrm has succeeded for 5 hours."
    StreamState.objects.update(last_success_at=now + timedelta(hours=6))
    assert turn(now + timedelta(hours=6, minutes=1)) == 1
    assert mails.mails[1]["subject"] == "acme/webcrm is well again."
    # What no clock runs is not silent.
    StreamState.objects.update(schedule={"mode": "manual"})
    assert turn(now + timedelta(days=9)) == 0


def test_digest_comes_every_day_at_its_time_also_when_all_is_well(hub: Hub, mails: MailServer) -> None:
    from brygga.store.models import NoticeTarget

    hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680")])
    hub.sync()
    bear_silence()
    row, _ = tell("anna@example.com", urgent=False, digest=True)
    # Added after today's digest: it begins with tomorrow's.
    NoticeTarget.objects.update(made_at=datetime.combine(timezone.localdate(), time(8, 0), STOCKHOLM))
    assert turn(datetime.combine(timezone.localdate(), time(23, 59), STOCKHOLM)) == 0
    day = timezone.localdate() + timedelta(days=1)
    assert turn(datetime.combine(day, time(6, 59), STOCKHOLM)) == 0
    assert [turn(datetime.combine(day, time(7, 0), STOCKHOLM)), turn(datetime.combine(day, time(7, 1), STOCKHOLM))] == [1, 0]
    (mail,) = mails.mails
    assert mail["subject"] == "Acme AB: everything is in step."
    assert "acme/webcrm.customers: 1 in step, 0 waiting, 0 to choose, 0 failed, 0 skipped." in text(mail)
    assert turn(datetime.combine(day + timedelta(days=1), time(9, 30), STOCKHOLM)) == 1
    assert len(mails.mails) == 2
    assert row.messages.count() == 2


def test_digest_names_what_waits_and_what_is_wrong(hub: Hub, mails: MailServer) -> None:
    hub.webcrm.load("Organisation", [organisation(OrganisationName="")])
    hub.sync()
    bear_silence()
    tell("anna@example.com", urgent=False, digest=True)
    lose_the_connection()
    turn(datetime.combine(timezone.localdate() + timedelta(days=1), time(7, 0), STOCKHOLM))
    (mail,) = mails.mails
    counts = hub.problems("hold", "failed")
    assert mail["subject"] == f"Acme AB: {len(counts)} records wait for somebody, 1 alarms."
    assert "The connection acme/fortnox is lost." in text(mail)


def test_webhook_is_signed_as_standard_webhooks_has_it(hub: Hub, hooks: Receiver) -> None:
    _row, key = tell(hooks.url)
    lose_the_connection()
    assert turn() == 1
    headers, body = hooks.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.digest(base64.b64decode(key.removeprefix("whsec_")), signed, hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    said = json.loads(body)
    assert (said["type"], said["data"]["company"]) == ("brygga.alarm.connection.opened", "acme")
    assert said["data"]["sentences"][0]["facts"] == {"connection": "acme/fortnox"}
    assert "The connection acme/fortnox is lost." in said["text"]


def test_webhook_that_fails_is_tried_again_with_the_same_id_and_then_given_up(hub: Hub, hooks: Receiver) -> None:
    from brygga.notify.deliver import PAUSES, send_waiting
    from brygga.store.models import Message

    tell(hooks.url)
    lose_the_connection()
    hooks.statuses += [503, 404, 200]
    now = timezone.now()
    assert turn(now) == 0
    assert turn(now + timedelta(seconds=50)) == 0
    assert len(hooks.got) == 1
    assert turn(now + timedelta(minutes=1, seconds=1)) == 0
    assert turn(now + timedelta(minutes=7)) == 1
    assert len({headers["webhook-id"] for headers, _ in hooks.got}) == 1
    assert len({body for _, body in hooks.got}) == 1
    # Another one, which never gets through.
    hooks.got.clear()
    Message.objects.update(state="waiting", attempts=0, not_before=now)
    hooks.statuses += [500] * 20
    at = now
    for pause in (*PAUSES, timedelta(days=9)):
        send_waiting(at)
        at += pause + timedelta(seconds=1)
    send_waiting(at)
    row = Message.objects.get()
    assert (row.state, len(hooks.got), row.trouble is not None) == ("given up", len(PAUSES) + 1, True)


def test_webhook_that_is_gone_is_not_tried_again(hub: Hub, hooks: Receiver) -> None:
    from brygga.store.models import Message

    tell(hooks.url)
    lose_the_connection()
    hooks.statuses.append(410)
    assert [turn(), turn(timezone.now() + timedelta(days=1))] == [0, 0]
    assert (len(hooks.got), Message.objects.filter(state="given up").count()) == (1, 1)


def test_webhook_does_not_lead_inside_nor_without_tls(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from brygga.errors import SettingsError
    from brygga.store.models import Message

    for wrong in ("http://example.com/", "https://user:secret@example.com/", "ftp://example.com/", "https://", "https://[::1"):
        with pytest.raises(SettingsError):
            tell(wrong)
    with receiver() as inside:
        monkeypatch.delenv("BRYGGA_PRIVATE_WEBHOOKS", raising=False)
        tell(f"https://127.0.0.1:{inside.url.split(':')[2].split('/')[0]}/hook")
        tell("https://localhost/hook")
        lose_the_connection()
        turn()
        assert inside.got == []
    assert [row.trouble["template"] for row in Message.objects.all() if row.trouble] == [
        "{host} lies inside the network of the hub."
    ] * 2


def test_mail_the_server_puts_off_comes_later_and_one_it_refuses_is_given_up(hub: Hub, mails: MailServer) -> None:
    from brygga.store.models import Message

    tell("anna@example.com")
    lose_the_connection()
    mails.refuse_data.append("451 try later")
    now = timezone.now()
    assert turn(now) == 0
    assert "mail server" in Message.objects.get().trouble["template"]
    assert turn(now + timedelta(minutes=2)) == 1
    assert mails.mails[0]["message-id"] == f"<{Message.objects.get().pk}@example.se>"
    mails.refuse_recipient = "550 no such user here"
    Message.objects.update(state="waiting", attempts=0, not_before=now)
    turn(now)
    row = Message.objects.get()
    assert (row.state, row.trouble["facts"]["code"]) == ("given up", "550")


def test_two_processes_send_one_message_once(hub: Hub, mails: MailServer) -> None:
    from brygga.notify import alarms, deliver
    from brygga.store.models import Message

    tell("anna@example.com")
    lose_the_connection()
    now = timezone.now()
    alarms.look(now)
    mine, theirs = Message.objects.get(), Message.objects.get()
    assert (deliver.send(mine, now), deliver.send(theirs, now)) == (True, False)
    assert len(mails.mails) == 1


def test_what_a_dead_process_was_sending_is_taken_over_with_the_same_id(hub: Hub, mails: MailServer) -> None:
    from brygga.notify import alarms
    from brygga.notify.deliver import MOMENT
    from brygga.store.models import Message

    tell("anna@example.com")
    lose_the_connection()
    now = datetime.now(UTC)
    alarms.look(now)
    Message.objects.update(state="sending", attempts=1, not_before=now + MOMENT)
    assert turn(now + MOMENT - timedelta(seconds=1)) == 0
    assert turn(now + MOMENT) == 1
    assert len(mails.mails) == 1


def test_messages_are_said_in_the_language_of_who_reads_them(hub: Hub, mails: MailServer) -> None:
    from brygga.notify.texts import said
    from brygga.store.models import Message

    tell("anna@example.com", language="nb")
    lose_the_connection()
    turn()
    subject, lines, _address = said(Message.objects.get().body, "nb")
    assert mails.mails[0]["subject"] == subject
    assert all(line in text(mails.mails[0]) for line in lines)


def test_owner_adds_tries_and_removes_on_the_page(hub: Hub, mails: MailServer, hooks: Receiver) -> None:
    from brygga.store import users
    from brygga.store.models import AuditEntry, NoticeTarget

    users.add("owner", "en-ganska-lang-mening", company="acme", role="owner")
    users.add("viewer", "en-ganska-lang-mening", company="acme", role="viewer")
    owner, viewer = Client(headers={"accept-language": "en"}), Client(headers={"accept-language": "en"})
    owner.force_login(User.objects.get(username="owner"))
    viewer.force_login(User.objects.get(username="viewer"))
    page = "/c/acme/company/notices/"
    wrong = owner.post(page, {"what": "add", "to": "not an address", "language": "sv", "urgent": "on"}).content.decode()
    assert 'value="not an address"' in wrong
    assert "neither a mail address" in wrong
    owner.post(page, {"what": "add", "to": "anna@example.com", "language": "sv", "digest": "on"})
    made = owner.post(page, {"what": "add", "to": hooks.url, "language": "sv", "urgent": "on"}).content.decode()
    assert "whsec_" in made
    assert "whsec_" not in owner.get(page).content.decode()
    # The path of a webhook may be its secret: only owners see it.
    assert "/hook" in owner.get(page).content.decode()
    assert "/hook" not in viewer.get(page).content.decode()
    mail, hook = NoticeTarget.objects.get(sort="mail"), NoticeTarget.objects.get(sort="webhook")
    assert (mail.urgent, mail.digest, hook.urgent, hook.digest) == (False, True, True, False)
    tried = owner.post(f"{page}{hook.pk}/", {"what": "test"}, follow=True).content.decode()
    assert "A test was sent to 127.0.0.1." in tried
    assert json.loads(hooks.got[0][1])["type"] == "brygga.test"
    mails.refuse_recipient = "450 not now"
    tried = owner.post(f"{page}{mail.pk}/", {"what": "test"}, follow=True).content.decode()
    assert "The test did not arrive" in tried
    owner.post(f"{page}{hook.pk}/", {"digest": "1"})
    hook.refresh_from_db()
    assert (hook.urgent, hook.digest) == (False, True)
    owner.post(f"{page}{hook.pk}/", {"what": "remove"})
    owner.post(page, {"what": "rules", "digest_at": "06:30", "silence_hours": "12"})
    assert "06:30" in viewer.get(page).content.decode()
    assert list(NoticeTarget.objects.values_list("sort", flat=True)) == ["mail"]
    log = AuditEntry.objects.filter(who="owner", what__startswith="notice").order_by("pk").values_list("what", "subject")
    assert list(log) == [
        ("notice added", "anna@example.com"),
        ("notice added", "127.0.0.1"),
        ("notice tested", "127.0.0.1"),
        ("notice tested", "anna@example.com"),
        ("notice changed", "127.0.0.1"),
        ("notice removed", "127.0.0.1"),
        ("notice rules changed", "acme"),
    ]


def test_invitation_for_a_mail_address_is_mailed_and_its_link_is_shown_when_that_fails(hub: Hub, mails: MailServer) -> None:
    from brygga.store.models import Company, Membership

    user = User.objects.create(username="owner")
    Membership.objects.create(user=user, company=Company.objects.get(), role="owner")
    owner = Client(headers={"accept-language": "en"})
    owner.force_login(user)
    form = {"whom": "bo@example.com", "role": "viewer"}
    page = owner.post("/c/acme/company/invite/", form).content.decode()
    (mail,) = mails.mails
    assert (mail["to"], mail["subject"]) == ("bo@example.com", "owner invites you to Acme AB in Brygga.")
    link = next(line for line in text(mail).splitlines() if "/invitation/" in line)
    assert link in page
    assert Client().get(link.partition("8100")[2]).status_code == 200
    mails.refuse_recipient = "550 no"
    refused = owner.post("/c/acme/company/invite/", form).content.decode()
    assert "does not take mail for this address" in refused
    assert "/invitation/" in refused
    # For a name alone nothing is mailed.
    owner.post("/c/acme/company/invite/", {"whom": "Bo", "role": "viewer"})
    assert len(mails.mails) == 1


def test_mail_address_is_refused_where_no_mail_server_is_set(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from brygga.errors import SettingsError

    monkeypatch.delenv("BRYGGA_SMTP_URL", raising=False)
    with pytest.raises(SettingsError, match="No mail server is set"):
        tell("anna@example.com")


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("smtp://anna:hemlig@mail.example:2525", ("mail.example", 2525, "starttls", "anna", "hemlig")),
        ("smtps://a%40b:p%3Aq@mail.example", ("mail.example", 465, "tls", "a@b", "p:q")),
        ("smtp+plain://127.0.0.1:25", ("127.0.0.1", 25, "none", "", "")),
    ],
)
def test_mail_server_is_read_from_its_address(address: str, wanted: tuple[Any, ...]) -> None:
    from brygga import config

    found = config.mail({"BRYGGA_SMTP_URL": address, "BRYGGA_URL": "https://hub.example.se"})
    assert found is not None
    assert (found.host, found.port, found.security, found.user, found.password) == wanted
    assert found.sender == "brygga@hub.example.se"
    assert "hemlig" not in repr(found)


@pytest.mark.parametrize("address", ["http://mail.example", "smtp://", "mail.example:25", "smtp://mail.example:port"])
def test_wrong_address_of_a_mail_server_is_refused_without_repeating_it(address: str) -> None:
    from brygga import config
    from brygga.errors import SettingsError

    with pytest.raises(SettingsError) as caught:
        config.mail({"BRYGGA_SMTP_URL": address})
    assert "mail.example" not in str(caught.value).replace("smtp://user:password@host", "")
