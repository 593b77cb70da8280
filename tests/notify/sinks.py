"""A mail server and a receiver of webhooks on ports of this machine, which keep what they got and refuse what they are told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class MailServer:
    """What came, and how the next mails are answered."""

    port: int = 0
    mails: list[Message] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    refuse_recipient: str = ""
    refuse_data: list[str] = field(default_factory=list)
    """Answers to the next mails instead of taking them, such as "451 later"."""


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Take mail as RFC 5321 has it: EHLO, MAIL, RCPT, DATA with dots doubled, QUIT."""
    kept = MailServer()

    class Talk(StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 sink")
            while line := self.rfile.readline():
                word = line.decode().strip().upper()
                if word.startswith("DATA"):
                    self.say("354 go on")
                    self.data()
                elif word.startswith("RCPT") and kept.refuse_recipient:
                    self.say(kept.refuse_recipient)
                elif word.startswith("QUIT"):
                    self.say("221 bye")
                    return
                else:
                    if word.startswith("RCPT"):
                        kept.to.append(line.decode().partition("<")[2].partition(">")[0])
                    self.say("250 sink")

        def data(self) -> None:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            if kept.refuse_data:
                self.say(kept.refuse_data.pop(0))
                return
            kept.mails.append(message_from_bytes(b"".join(lines), policy=default))
            self.say("250 taken")

        def say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Talk) as server:
        kept.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


@dataclass
class Receiver:
    """What came, and the statuses of the next answers (200 when none is left)."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Take webhooks."""
    kept = Receiver()

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(kept.statuses.pop(0) if kept.statuses else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Take) as server:
        kept.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield kept
        server.shutdown()
        thread.join()
