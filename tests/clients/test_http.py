"""The send loop: what is repeated, what is not, and what is never shown."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial

import httpx2
import pytest

from brygga.clients.http import Answer, Call, Http, InProcess, retry_after
from brygga.clients.limits import SlidingWindow
from brygga.errors import BadData, BryggaError, OutcomeUnknown, SettingsError, Unavailable

ADDRESS = "https://api.example.test/3/invoices"
READ = Call("GET", ADDRESS, repeatable=True)
WRITE = Call("POST", ADDRESS, repeatable=False, content=b'{"Invoice":{}}')
MAIL = Call("GET", f"{ADDRESS}/7/email", repeatable=False)

Responder = Callable[[httpx2.Request], httpx2.Response]


class Service:
    """A service that gives prepared answers in turn and keeps what it was asked; an error in the list is raised."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []
        self.slept: list[float] = []
        self.logged: list[tuple[str, str, int | None]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def http(self, **settings: object) -> Http:
        return Http(
            "Fortnox",
            transport=httpx2.MockTransport(self),
            sleep=self.slept.append,
            log=lambda method, path, status, seconds: self.logged.append((method, path, status)),
            **settings,  # type: ignore[arg-type]
        )


def answer(status: int, body: str = "{}", **headers: str) -> httpx2.Response:
    return httpx2.Response(status, text=body, headers=headers)


@pytest.mark.parametrize(
    "trouble",
    [answer(429), answer(500), answer(503), httpx2.ConnectError("no route"), httpx2.ReadTimeout("slow")],
    ids=["429", "500", "503", "no connection", "time-out"],
)
def test_a_read_is_tried_again_and_gets_its_answer(trouble: httpx2.Response | Exception) -> None:
    service = Service(trouble, answer(200, '{"a":1}'))
    assert service.http().send(READ).json() == {"a": 1}
    assert len(service.requests) == 2


def test_a_read_that_a_person_waits_for_is_tried_once() -> None:
    service = Service(answer(502), answer(200))
    with pytest.raises(Unavailable):
        service.http(hurried=True).send(READ)
    assert (len(service.requests), service.slept) == (1, [])


def test_a_read_is_tried_three_times_and_then_unavailable() -> None:
    service = Service(*[answer(502, **{"x-uid": "f5eedac5"})] * 3)
    with pytest.raises(Unavailable, match=r"GET /3/invoices with status 502 \(request f5eedac5\)"):
        service.http(request_id_header="x-uid").send(READ)
    assert len(service.requests) == 3


@pytest.mark.parametrize("refusal", [answer(429), httpx2.ConnectError("refused"), httpx2.ConnectTimeout("slow")])
def test_a_write_that_was_surely_not_carried_out_is_tried_again(refusal: httpx2.Response | Exception) -> None:
    service = Service(refusal, answer(201, '{"Invoice":{"DocumentNumber":"7"}}'))
    assert service.http().send(WRITE).status == 201
    assert [request.content for request in service.requests] == [b'{"Invoice":{}}'] * 2


@pytest.mark.parametrize("call", [WRITE, MAIL], ids=["POST", "GET that sends a mail"])
@pytest.mark.parametrize(
    "doubt",
    [answer(500), answer(503), httpx2.ReadTimeout("slow"), httpx2.ReadError("reset"), httpx2.RemoteProtocolError("cut")],
    ids=["500", "503", "time-out", "reset", "cut"],
)
def test_a_write_that_may_have_been_carried_out_is_sent_once(call: Call, doubt: httpx2.Response | Exception) -> None:
    service = Service(doubt)
    with pytest.raises(OutcomeUnknown, match="Look before repeating it"):
        service.http().send(call)
    assert len(service.requests) == 1


def test_the_wait_that_the_service_asks_for_is_kept() -> None:
    service = Service(answer(503, **{"retry-after": "7"}), answer(200))
    service.http().send(READ)
    assert service.slept == [7.0]


def test_a_wait_longer_than_a_call_may_take_is_given_back_with_its_length() -> None:
    service = Service(answer(429, **{"retry-after": "900"}))
    with pytest.raises(Unavailable) as raised:
        service.http().send(READ)
    assert raised.value.retry_after == 900
    assert len(service.requests) == 1


def test_a_429_closes_the_window_for_all_who_share_it() -> None:
    now = [1000.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    window = SlidingWindow(clock=lambda: now[0], sleep=sleep)
    Service(answer(429, **{"retry-after": "4"}), answer(200)).http(limiter=window).send(READ)
    assert slept == [4.0]


def test_a_sender_can_be_had_for_each_lane() -> None:
    asked: list[str] = []

    class Window:
        def acquire(self, lane: str) -> None:
            asked.append(lane)

        def answered(self, permit: object) -> None:
            asked.append("answered")

        def closed(self, seconds: float) -> None:
            raise AssertionError("nobody said stop")

    http = Service(answer(200), answer(200)).http(limiter=Window(), lane="back-fill")
    http.send(READ)
    partial(http.send, lane="person")(READ)
    assert asked == ["back-fill", "answered", "person", "answered"]


def test_each_try_is_logged_with_its_path_and_without_its_query() -> None:
    service = Service(answer(500), httpx2.ReadError("reset"), answer(200))
    call = Call("GET", ADDRESS, repeatable=True, params=(("token", "s3cret"),))
    service.http().send(call)
    assert service.logged == [("GET", "/3/invoices", 500), ("GET", "/3/invoices", None), ("GET", "/3/invoices", 200)]


def test_a_fresh_token_is_asked_for_at_every_try() -> None:
    tokens = iter(["one", "two"])
    call = Call("GET", ADDRESS, repeatable=True, authorise=lambda: {"Authorization": f"Bearer {next(tokens)}"})
    service = Service(answer(500), answer(200))
    service.http().send(call)
    assert [request.headers["authorization"] for request in service.requests] == ["Bearer one", "Bearer two"]


@pytest.mark.parametrize("trouble", [answer(500), httpx2.ReadTimeout("s3cret"), answer(301, location="https://x.test/?t=s3cret")])
def test_no_error_and_no_repr_shows_a_secret(trouble: httpx2.Response | Exception) -> None:
    call = Call(
        "POST",
        ADDRESS,
        repeatable=False,
        params=(("token", "s3cret"),),
        headers={"X-Key": "s3cret"},
        content=b"s3cret",
        authorise=lambda: {"Authorization": "Bearer s3cret"},
    )
    with pytest.raises(BryggaError) as raised:
        Service(trouble).http().send(call)
    seen: BaseException | None = raised.value
    shown = repr(call) + str(call) + repr(Answer(200, {"set-cookie": "s3cret"}, b"s3cret", call))
    while seen is not None:
        shown += str(seen) + repr(seen)
        seen = seen.__cause__ or seen.__context__
    assert "s3cret" not in shown


def test_a_page_of_html_is_bad_data_and_the_page_is_not_shown() -> None:
    got = Service(answer(200, "<html>Kund 1042</html>", **{"content-type": "text/html"})).http().send(READ)
    with pytest.raises(BadData, match=r"GET /3/invoices is not JSON \(status 200, text/html, 22 bytes\)") as raised:
        got.json()
    assert "1042" not in f"{raised.value!r}{raised.value.__context__!r}"


def test_a_cut_body_is_bad_data_for_a_read_and_doubt_for_a_write() -> None:
    for call, kind in ((READ, BadData), (WRITE, OutcomeUnknown)):
        got = Service(answer(200, '{"Invoice":{"Docum')).http().send(call)
        with pytest.raises(kind):
            got.json()


def test_a_redirect_is_a_wrong_address_and_is_not_followed() -> None:
    service = Service(answer(301, location="https://api.fortnox.se/3/invoices"))
    with pytest.raises(SettingsError, match=r"\(api.fortnox.se\)"):
        service.http().send(READ)
    assert len(service.requests) == 1


@pytest.mark.parametrize("address", ["api.fortnox.se/3/invoices", "ftp://api.fortnox.se/3/invoices", "http://[::1/3/invoices", ""])
def test_an_address_that_is_none_is_a_wrong_setting(address: str) -> None:
    with Http("Fortnox") as http, pytest.raises(SettingsError, match="Correct base_url"):
        http.send(Call("POST", address, repeatable=False))


@pytest.mark.parametrize("token", ["s3cret\n", "s3crét", "s3cret\x00"])
def test_a_token_that_cannot_be_sent_is_a_wrong_setting_and_is_not_shown(token: str, hangs_up: tuple[str, list[bytes]]) -> None:
    address, heard = hangs_up
    call = Call("POST", address, repeatable=False, authorise=lambda: {"Authorization": f"Bearer {token}"})
    with Http("Fortnox") as http, pytest.raises(SettingsError) as raised:
        http.send(call)
    assert "s3cr" not in f"{raised.value!r}{raised.value.__context__!r}{raised.value.__cause__!r}"
    assert b"".join(heard) == b""


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    def hint(value: str) -> float | None:
        return retry_after(Answer(429, {"retry-after": value}, b"", READ))

    assert hint("2.5") == 2.5
    assert hint("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert hint("soon") is None


def test_an_asgi_application_fits_the_seam() -> None:
    async def app(scope: dict, receive: Callable, send: Callable) -> None:
        body = (await receive())["body"]
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b'{"path":"%s","got":%s}' % (scope["path"].encode(), body)})

    with Http("Fortnox", transport=InProcess(app)) as http:
        got = http.send(Call("POST", ADDRESS, repeatable=False, content=b'{"a":1.10}')).json()
    assert got["path"] == "/3/invoices"
    assert str(got["got"]["a"]) == "1.10"


@pytest.fixture
def hangs_up() -> Iterator[tuple[str, list[bytes]]]:
    """A server on a real port that reads each request and closes the connection without an answer."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                heard.append(connection.recv(65536))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/3/invoices", heard
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_a_connection_that_breaks_after_the_post_leaves_doubt_and_one_request(hangs_up: tuple[str, list[bytes]]) -> None:
    address, heard = hangs_up
    with Http("Fortnox") as http, pytest.raises(OutcomeUnknown, match="the connection broke"):
        http.send(Call("POST", address, repeatable=False, content=b"{}"))
    assert len(heard) == 1


def test_a_connection_that_breaks_at_a_read_is_tried_three_times(hangs_up: tuple[str, list[bytes]]) -> None:
    address, heard = hangs_up
    with Http("Fortnox", sleep=lambda seconds: None) as http, pytest.raises(Unavailable):
        http.send(Call("GET", address, repeatable=True))
    assert len(heard) == 3


def test_a_port_where_nobody_listens_leaves_no_doubt_even_for_a_write() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Http("Fortnox", sleep=lambda seconds: None) as http, pytest.raises(Unavailable, match="no connection"):
        http.send(Call("POST", f"http://127.0.0.1:{port}/3/invoices", repeatable=False))


@pytest.mark.parametrize(
    ("method", "repeatable", "writes"),
    [
        ("GET", True, False),
        ("POST", True, False),  # a question
        ("POST", False, True),
        ("GET", False, True),  # Fortnox sends an invoice by mail with GET
        ("PUT", True, True),  # twice comes to the same, and changes something all the same
        ("DELETE", True, True),
    ],
)
def test_what_may_be_sent_twice_may_still_change_something(method: str, repeatable: bool, writes: bool) -> None:
    assert Call(method, "https://far.example/x", repeatable).writes is writes
