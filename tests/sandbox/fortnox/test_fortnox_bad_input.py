"""Bad input to every resource, over HTTP: Fortnox' answer each time, never a traceback, nothing written.

What is swept: broken JSON, a wrong envelope, an unknown field, wrong types, a body of 10 MB, a negative page, a page past the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from brygga_sandbox import fortnox
from brygga_sandbox.fortnox.app import all_resources
from brygga_sandbox.fortnox.documents.refused import REFUSED_TAGS
from fortnox_company import NOW, Caller, furnish

RESOURCES = {name: one for name, one in all_resources().items() if one.tag not in REFUSED_TAGS}
OTHER_BODIES = {"archive", "inbox", "fileattachments"}  # files, and the newer dialect: their own tests below
WRITES = [
    (name, verb)
    for name, resource in RESOURCES.items()
    for verb in ("POST", "PUT")
    if {"POST": "C", "PUT": "U"}[verb] in resource.verbs and name not in OTHER_BODIES
]
LISTS = [name for name, resource in RESOURCES.items() if "L" in resource.verbs]
MB = 1024 * 1024


@pytest.fixture(scope="module")
def box() -> Iterator[tuple[fortnox.Sandbox, Caller, dict[str, str]]]:
    with fortnox.running(rate_limit=False) as sandbox:
        sandbox.clock.stop_at(datetime.fromisoformat(NOW))
        ids = furnish(sandbox)
        caller = Caller(sandbox)
        with caller.http:
            yield sandbox, caller, ids


@pytest.fixture
def call(box: tuple[fortnox.Sandbox, Caller, dict[str, str]]) -> Iterator[Caller]:
    sandbox, caller, _ = box
    with sandbox.lock:
        before = held(sandbox)
    yield caller
    with sandbox.lock:
        assert held(sandbox) == before, "a refused call has written"
        assert sandbox.failures == []


def held(sandbox: fortnox.Sandbox) -> dict[str, Any]:
    """Return what each register holds."""
    return {name: dict(table.records) for name, table in sandbox.company.tables.items() if len(table)}


def address(name: str, verb: str, box: Any) -> str:
    """Return the address of a write: the resource's own, or that of its first record."""
    resource = RESOURCES[name]
    if verb == "POST":
        return resource.address
    with box[0].lock:
        key = box[0].company.table(name).keys()[0]
    parts = [str(part) for part in key] if isinstance(key, tuple) else [str(key)]
    if name in ("accounts", "voucherseries"):
        return f"{resource.address}/{parts[-1]}"
    return "/".join([resource.address, *parts])


def refused(response: Any, *codes: int) -> str:
    """Assert that an answer is a refusal of Fortnox' in the spelling of 400; return the message."""
    assert response.status_code == 400, response.text
    assert list(response.json()) == ["ErrorInformation"]
    body = response.json()["ErrorInformation"]
    assert list(body) == ["error", "message", "code"], response.text
    assert not codes or body["code"] in codes, response.text
    assert "Traceback" not in response.text
    return str(body["message"])


@pytest.mark.parametrize(("name", "verb"), WRITES)
def test_a_body_that_is_no_json_or_of_another_shape_is_refused(name: str, verb: str, box: Any, call: Caller) -> None:
    resource = RESOURCES[name]
    where, wrapper = address(name, verb, box), resource.takes or resource.one
    headers = {"content-type": "application/json"}
    for broken in (b"{", b'{"' + wrapper.encode() + b'": {', b"\xff\xfe", b"{'a': 1}", b"NaN", b"{}}", b"[" * 5000):
        refused(call(verb, where, content=broken, headers=headers), 2002115)
    wrong: tuple[Any, ...] = (
        {},
        [],
        None,
        5,
        "x",
        {"Wrong": {}},
        {wrapper: []},
        {wrapper: "x"},
        {wrapper + "x": {}},
        {wrapper: {}, "B": {}},
    )
    for shape in wrong:
        refused(call(verb, where, content=json.dumps(shape), headers=headers), 2001392)
    refused(call(verb, where, headers=headers), 2001392)
    refused(call(verb, where, content=b"<Customer/>", headers={"content-type": "application/xml"}), 1000031)
    refused(call(verb, where, json={wrapper: {}}, headers={"accept": "application/pdf"}), 1000030)


@pytest.mark.parametrize(("name", "verb"), WRITES)
def test_an_unknown_field_is_named_in_the_refusal(name: str, verb: str, box: Any, call: Caller) -> None:
    resource = RESOURCES[name]
    where, wrapper = address(name, verb, box), resource.takes or resource.one
    for field in ("NoSuchField", "@url", "", "\u2603", "__class__", "a" * 1000):
        message = refused(call(verb, where, json={wrapper: {field: "x"}}), 2001399)
        assert message == f"Felaktigt fältnamn ({field})"
    field = next(name for name, known in resource.fields.items() if known.writable("C" if verb == "POST" else "U"))
    assert refused(call(verb, where, json={wrapper: {field.lower(): "x"}}), 2001399) == f"Felaktigt fältnamn ({field.lower()})"


@pytest.mark.parametrize(("name", "verb"), WRITES)
def test_a_value_of_a_wrong_type_is_refused(name: str, verb: str, box: Any, call: Caller) -> None:
    """Codes of section 7.2: 2005095 for a text, 2000108 for a number, 2000134 for a boolean, 2002649 for rows."""
    resource = RESOURCES[name]
    where, wrapper = address(name, verb, box), resource.takes or resource.one
    codes = {"str": 2005095, "int": 2000108, "num": 2000108, "bool": 2000134, "array": 2002649, "object": 2002649}
    for field, known in resource.fields.items():
        if not known.writable("C" if verb == "POST" else "U"):
            continue
        for value in ({"a": 1}, [1], [["x"]]) if known.type != "array" else ({"a": 1}, "x", 5, True):
            if known.type == "object" and isinstance(value, dict):
                continue
            code = codes.get(known.type, 2000359)
            refused(call(verb, where, json={wrapper: {field: value}}), code, *resource.quirks.bad_enum.values())


@pytest.mark.parametrize("name", [name for name, verb in WRITES if verb == "POST"])
def test_a_body_of_ten_megabytes_is_read_and_refused(name: str, box: Any, call: Caller) -> None:
    resource = RESOURCES[name]
    wrapper = resource.takes or resource.one
    field = next(
        (one for one, known in resource.fields.items() if known.type == "str" and known.writable("C") and known.max_length), None
    )
    headers = {"content-type": "application/json"}
    refused(call("POST", resource.address, content=b'{"' + b"a" * (10 * MB), headers=headers), 2002115)
    refused(call("POST", resource.address, json={"Wrong": "a" * (10 * MB)}), 2001392)
    if field is not None:
        refused(call("POST", resource.address, content=json.dumps({wrapper: {field: "a" * (10 * MB)}}), headers=headers))


@pytest.mark.parametrize("name", LISTS)
def test_pages_that_do_not_exist(name: str, call: Caller) -> None:
    """A negative page is a bad parameter (2000588); past the end there is nothing, with the true count (a guess: not recorded)."""
    resource = RESOURCES[name]
    for wrong in ("page=-1", "page=0", "page=x", "page=1.5", "offset=-1", "page=" + "9" * 30, "page=", "page=%00"):
        refused(call("GET", f"{resource.address}?{wrong}"), 2000588)
    if resource.paged:
        for wrong in ("limit=-1", "limit=0", "limit=501", "limit=all"):
            refused(call("GET", f"{resource.address}?{wrong}"), 2000588)
    refused(call("GET", f"{resource.address}?nosuchparameter=1"), 2000588)
    refused(call("GET", f"{resource.address}?sortby=nosuchfield"), 2000588)
    refused(call("GET", f"{resource.address}?sortorder=sideways"), 2000588)
    first = call("GET", resource.address).json()
    beyond = call("GET", f"{resource.address}?page=1000000")
    assert beyond.status_code == 200, beyond.text
    if not resource.paged:
        assert beyond.json() == first, "a list that is not paged comes whole"
        return
    assert beyond.json()[resource.many] == []
    if resource.meta:
        assert beyond.json()["MetaInformation"] == {**first["MetaInformation"], "@CurrentPage": 1000000}


@pytest.mark.parametrize("name", ["archive", "inbox"])
def test_an_upload_without_a_file_is_refused(name: str, call: Caller) -> None:
    refused(call("POST", f"{name}?path=Inbox_v", content=b"x", headers={"content-type": "multipart/form-data"}), 2001392)
    broken = {"content-type": "multipart/form-data; boundary=b"}
    refused(call("POST", f"{name}?path=Inbox_v", content=b"--b\r\nnothing", headers=broken), 2001392)
    refused(call("POST", f"{name}?path=Inbox_v", json={"File": {}}), 2001392)
    big = {"file": ("stor.pdf", b"x" * (21 * MB), "application/pdf")}
    assert refused(call("POST", f"{name}?path=Inbox_v", files=big)) == "Filen är för stor."


def test_attachments_refuse_in_the_words_of_the_newer_service(box: Any, call: Caller) -> None:
    where = box[0].base_url + "/api/fileattachments/attachments-v1"
    headers = {"content-type": "application/json"}
    for body in (
        b"{",
        b"5",
        b"{}",
        b"[]",
        b"[5]",
        b'[{"entityId": "x"}]',
        b'[{"entityType": []}, {"entityType": {}}]',
        b'[{"nosuch": 1}]',
        b"[" * 5000,
        b'["' + b"a" * (10 * MB),
    ):
        for path in ("", "/validateincludedonsend"):
            response = call.http.post(where + path, content=body, headers=headers)
            assert response.status_code == 400, response.text
            assert set(response.json()) == {"message", "errorcode"}, response.text
    for query in (
        "",
        "?entityid=x&entitytype=F",
        "?entityid=1&entitytype=Q",
        "?entityid=-1",
        "?entityid=%C2%B2&entitytype=F",
        "?entityid=" + "9" * 40 + "&entitytype=F",
    ):
        for path in ("", "/numberofattachments"):
            response = call.http.get(where + path + query.replace("entityid=", "entityids=" if path else "entityid="))
            assert response.status_code == 400 or response.json() == [] or "9999" in query, response.text


@pytest.mark.parametrize("name", [name for name, one in RESOURCES.items() if one.actions])
def test_actions_on_what_is_not_there_and_with_wrong_verbs(name: str, call: Caller) -> None:
    resource = RESOURCES[name]
    for action, known in resource.actions.items():
        for key in ("99999", "x", "-1", "9" * 40, "%00", "1%2F2"):
            more = {"json": {}} if known.method == "PUT" else {}
            response = call(known.method, f"{resource.address}/{key}/{action}", **more)
            assert response.status_code == 404, (action, key, response.text)
            assert list(response.json()["ErrorInformation"]) == ["Error", "Message", "Code"]
        for verb in {"GET", "PUT", "POST", "DELETE"} - {known.method}:
            response = call(verb, f"{resource.address}/1/{action}")
            assert response.status_code in (400, 404), response.text


@pytest.mark.parametrize("name", list(RESOURCES))
def test_no_address_below_a_resource_stumbles(name: str, call: Caller) -> None:
    resource = RESOURCES[name]
    for rest in ("/%00", "/" + "9" * 400, "/-1", "/a/b/c/d/e", "//", "/%E9", "/..%2f..", "/;drop", "/1/nosuchaction"):
        for verb in ("GET", "DELETE", "PUT", "PATCH", "POST"):
            response = call.http.request(verb, f"/{resource.prefix}/{resource.address}{rest}")
            assert response.status_code in (200, 400, 404), (verb, rest, response.text)
            assert "Traceback" not in response.text
