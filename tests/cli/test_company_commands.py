"""What the pages of the company do, on the command line: users, invitations, tokens, notices, audit log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from typer.testing import CliRunner

from databases import DatabaseUnderTest
from notify.sinks import Receiver, receiver


@pytest.fixture
def acme(sqlite_database: DatabaseUnderTest) -> Any:
    from brygga.store.models import Company, Membership

    company = Company.objects.create(slug="acme", name="Acme AB")
    for name, role in (("anna", "owner"), ("bo", "bookkeeper")):
        Membership.objects.create(user=User.objects.create(username=name), company=company, role=role)
    return company


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiver() as server:
        monkeypatch.setenv("BRYGGA_PRIVATE_WEBHOOKS", "yes")
        yield server


def brygga(*arguments: str, exit_status: int = 0) -> str:
    from brygga.cli.main import build

    result = CliRunner().invoke(build(), list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == exit_status, result.output
    return result.stdout


def test_users_get_other_roles_and_the_last_owner_stays(acme: Any) -> None:
    from brygga.errors import Rejected
    from brygga.store.models import Membership

    with pytest.raises(Rejected, match="anna is the last owner of Acme AB"):
        brygga("user", "remove", "anna", "--company", "acme")
    brygga("user", "role", "bo", "owner", "--company", "acme")
    brygga("user", "remove", "anna", "--company", "acme")
    assert list(Membership.objects.values_list("user__username", "role")) == [("bo", "owner")]


def test_invitation_made_here_is_good_on_the_page(acme: Any) -> None:
    from brygga.store import members

    made = json.loads(brygga("user", "invite", "Eva", "--company", "acme", "--role", "viewer", "--json"))
    found = members.open_invitation(made["link"].rstrip("/").rpartition("/")[2])
    assert found is not None
    assert (found.whom, found.role, found.company.slug) == ("Eva", "viewer", "acme")


def test_who_lost_the_telephone_gets_in_again(acme: Any) -> None:
    import pyotp

    from brygga.store import second_factor
    from brygga.store.models import AuditEntry

    anna = User.objects.get(username="anna")
    second_factor.confirm(anna, pyotp.TOTP(second_factor.begin(anna)).now())
    assert second_factor.is_on(anna)
    brygga("user", "second-step-off", "anna")
    assert not second_factor.is_on(anna)
    assert "command line" in AuditEntry.objects.get(what="second factor off").who


def test_token_made_here_opens_the_api_until_it_is_revoked(acme: Any) -> None:
    from brygga.store import api_tokens

    made = json.loads(brygga("token", "make", "acme", "kassan", "--role", "viewer", "--json"))
    found = api_tokens.find(made["key"])
    assert found is not None
    assert (found.company.slug, found.role) == ("acme", "viewer")
    listed = brygga("token", "list", "acme", "--json")
    assert [row["name"] for row in json.loads(listed)] == ["kassan"]
    assert made["key"] not in listed
    brygga("token", "revoke", "acme", str(made["id"]))
    assert api_tokens.find(made["key"]) is None


def test_notices_are_added_tried_and_removed_and_all_of_it_is_in_the_log(acme: Any, hooks: Receiver) -> None:
    made = json.loads(brygga("notice", "add", "acme", hooks.url, "--no-digest", "--json"))
    assert made["key"].startswith("whsec_")
    assert brygga("notice", "test", "acme", str(made["id"])) == "A test was sent.\n"
    assert len(hooks.got) == 1
    hooks.statuses.append(500)
    brygga("notice", "test", "acme", str(made["id"]), exit_status=1)
    (row,) = json.loads(brygga("notice", "list", "acme", "--json"))
    assert (row["urgent"], row["digest"], row["latest"]) == (True, False, "waiting")
    brygga("notice", "rules", "acme", "--digest-at", "06:15", "--silence", "8")
    brygga("notice", "remove", "acme", str(made["id"]))
    log = json.loads(brygga("audit", "acme", "--json"))
    assert [line["what"] for line in log] == [
        *("notice removed", "notice rules changed", "notice tested", "notice tested", "notice added"),
    ]
    assert log[1]["detail"] == {"digest": "06:15", "silence": 8}
