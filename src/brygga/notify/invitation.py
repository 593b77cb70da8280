"""An invitation by mail, where it is for a mail address and mail can be sent."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from brygga import config
from brygga.errors import Sentence
from brygga.notify import mail, texts
from brygga.store.ids import new_id
from brygga.store.models import Invitation


def send(invitation: Invitation, link: str, language: str) -> bool:
    """Mail the link; False where it is for no mail address or no mail server is set. Raises Rejected and Unavailable."""
    try:
        validate_email(invitation.whom)
    except ValidationError:
        return False
    if config.mail() is None:
        return False
    facts = {"who": invitation.made_by, "company": invitation.company.name, "until": f"{invitation.expires_at:%Y-%m-%d}"}
    subject = texts.say(Sentence("{who} invites you to {company} in Brygga.", facts), language)
    once = texts.say(Sentence("The link works once, until {until}.", facts), language)
    mail.deliver(invitation.whom, subject, f"{subject}\n\n{link}\n\n{once}\n", new_id())
    return True
