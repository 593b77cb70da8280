"""Messages by mail: plain text, in the target's language, over the mail server of the installation."""

from __future__ import annotations

import smtplib
from email.utils import formataddr

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from brygga import config
from brygga.errors import Rejected, SettingsError, Unavailable
from brygga.notify import texts
from brygga.store.models import Message

TIMEOUT = 30


def send(message: Message) -> None:
    """Send a message. Raises SettingsError without a mail server, Rejected when the address is refused, Unavailable else."""
    target = message.target
    subject, lines, address = texts.said(message.body, target.language)
    text = "\n\n".join([*lines, address, "-- \n" + texts.say(texts.GREETING, target.language)])
    deliver(target.to, subject, text + "\n", message.pk)


def deliver(to: str, subject: str, text: str, id: str) -> None:
    """Send a mail with this id in its Message-ID: the same id again is the same mail to whoever reads it."""
    server = config.mail()
    if server is None:
        raise SettingsError("No mail server is set.", repair="Set BRYGGA_SMTP_URL and start the hub again.")
    host = server.sender.rpartition("@")[2]
    mail = EmailMessage(
        subject=" ".join(subject.split()),
        body=text,
        from_email=formataddr(("Brygga", server.sender)),
        to=[to],
        headers={"Message-ID": f"<{id}@{host}>", "Auto-Submitted": "auto-generated"},
        connection=EmailBackend(
            host=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.security == "starttls",
            use_ssl=server.security == "tls",
            timeout=TIMEOUT,
        ),
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code = min((code for code, _ in error.recipients.values()), default=0)
        if code >= 500:
            # Without the server's own words: they may repeat the address.
            raise Rejected("The mail server does not take mail for this address ({code}).", code=str(code)) from None
        raise Unavailable("The mail server does not take the mail just now ({kind}).", kind=type(error).__name__) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable("The mail server does not take the mail just now ({kind}).", kind=type(error).__name__) from None
