"""A document carries the buyer of its order, whoever used the mailbox first and whatever a card says (TXT-15; ML 17:24; kinds 4, 5, 13)."""

from __future__ import annotations

from typing import Any

import pytest

from textalk_hub import LIV, MUG, TextalkHub

PARTY = ("CustomerName", "Address1", "ZipCode", "City", "Country", "Phone1")
DELIVERY = ("DeliveryName", "DeliveryAddress1", "DeliveryZipCode", "DeliveryCity", "DeliveryCountry")


def buyer(
    first: str, last: str, street: str, postcode: str, town: str, email: str, country: str = "SE", **info: str
) -> dict[str, Any]:
    """Return a buyer as the checkout of the shop keeps him."""
    return {
        "address": {
            "firstName": first,
            "lastName": last,
            "address": street,
            "postcode": postcode,
            "town": town,
            "country": country,
            "phoneMobile": "070-174 06 05",
        },
        "info": {"email": email, **info},
    }


def shown(hub: TextalkHub, order: int, table: str = "invoices") -> dict[str, Any]:
    return hub.document(table, hub.number(order))


def party(document: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(document[name] for name in PARTY)


def waiting(hub: TextalkHub) -> list[str]:
    return [problem["text"] for problem in hub.problems("buyers", "hold", "failed", "question", "conflict")]


def test_u7_delivery_address_of_the_card_is_not_the_orders(textalk_hub: TextalkHub) -> None:
    """U7: the card delivers to Luleå; the order says no other address."""
    hub = textalk_hub
    hub.order()
    hub.sync()
    [card] = hub.records("customers")
    place = {"DeliveryName": "Lagret", "DeliveryAddress1": "Hamngatan 2", "DeliveryZipCode": "972 31", "DeliveryCity": "Luleå"}
    hub.edit("customers", card["CustomerNumber"], **place, DeliveryCountryCode="SE", DeliveryCountry="Sverige")
    second = hub.order()
    hub.sync()
    assert [shown(hub, second)[name] for name in DELIVERY] == ["", "", "", "", ""]


def test_u8_three_buyers_with_one_mailbox_get_three_documents_in_their_own_names(textalk_hub: TextalkHub) -> None:
    """U8: two private persons of one family, and the company that one of them orders for; nobody is asked."""
    hub = textalk_hub
    mailbox = "familjen@ek.example"
    anna = buyer("Anna", "Ek", "Storgatan 1", "111 22", "Stockholm", mailbox)
    bo = buyer("Bo", "Ek", "Lillgatan 9", "90328", "Umeå", mailbox.upper())
    firm = buyer("Bo", "Ek", "Fabriksvägen 3", "901 01", "Umeå", mailbox, company="Ek & Co Bygg AB", orgNumber="5560160680")
    orders = [hub.order(customer=one) for one in (anna, bo, firm)]
    hub.sync()
    assert waiting(hub) == []
    documents = [shown(hub, order) for order in orders]
    phone = "070-174 06 05"
    assert [party(one) for one in documents] == [
        ("Anna Ek", "Storgatan 1", "111 22", "Stockholm", "Sverige", phone),
        ("Bo Ek", "Lillgatan 9", "903 28", "Umeå", "Sverige", phone),
        ("Ek & Co Bygg AB", "Fabriksvägen 3", "901 01", "Umeå", "Sverige", phone),
    ]
    assert [one["EmailInformation"]["EmailAddressTo"] for one in documents] == [mailbox] * 3
    assert len({one["CustomerNumber"] for one in documents}) == 3
    assert (documents[2]["OrganisationNumber"], documents[2]["YourReference"]) == ("556016-0680", "Bo Ek")
    assert [one["OrganisationNumber"] for one in documents[:2]] == ["", ""]


def test_u9_registered_buyer_who_orders_for_a_company_is_invoiced_as_the_company(textalk_hub: TextalkHub) -> None:
    """U9: the same account of the shop, the same name, an organisation number since."""
    hub = textalk_hub
    [uid] = hub.shop.load("Customer", [buyer("Bo", "Ek", "Lillgatan 9", "903 28", "Umeå", "bo@ek.example")])
    private = hub.order(customer={"uid": uid})
    hub.sync()
    firm = {
        "uid": uid,
        **buyer("Bo", "Ek", "Fabriksvägen 3", "901 01", "Umeå", "bo@ek.example", company="Bo Ek AB", orgNumber="556016-0680"),
    }
    company, again = hub.order(customer=firm), hub.order(customer={"uid": uid})
    hub.sync()
    assert waiting(hub) == []
    documents = [shown(hub, order) for order in (private, company, again)]
    assert [one["CustomerName"] for one in documents] == ["Bo Ek", "Bo Ek AB", "Bo Ek"]
    assert [one["OrganisationNumber"] for one in documents] == ["", "556016-0680", ""]
    assert documents[0]["CustomerNumber"] == documents[2]["CustomerNumber"] != documents[1]["CustomerNumber"]


def test_buyer_who_moved_gets_the_invoice_at_the_orders_address_and_the_card_stays(textalk_hub: TextalkHub) -> None:
    """Kind 4: the order's address, and a card that nobody chose to change."""
    hub = textalk_hub
    first = hub.order(customer=buyer("Liv", "Dahl", "Storgatan 1", "111 22", "Stockholm", "liv@dahl.example"))
    hub.sync()
    second = hub.order(customer=buyer("Liv", "Dahl", "Skogsstigen 8", "972 31", "Luleå", "LIV@Dahl.example "))
    hub.sync()
    assert [shown(hub, order)["Address1"] for order in (first, second)] == ["Storgatan 1", "Skogsstigen 8"]
    [card] = hub.records("customers")
    assert (card["Address1"], card["Email"]) == ("Storgatan 1", "liv@dahl.example")


@pytest.mark.parametrize(("method", "table"), [("Swish", "orders"), ("Klarna", "offers"), ("Kort", "invoices")])
def test_every_kind_of_document_carries_the_orders_buyer(textalk_hub: TextalkHub, method: str, table: str) -> None:
    """Kind 4: offers and orders take the organisation number themselves; an invoice shows its customer's."""
    hub = textalk_hub
    hub.declare(documents={"Kort": "cash_invoice", "Swish": "order", "Klarna": "offer"})
    mailbox = "info@bygg.example"
    hub.order(customer=buyer("Anna", "Ek", "Storgatan 1", "111 22", "Stockholm", mailbox), method=method)
    firm = buyer("Bo", "Ek", "Fabriksvägen 3", "901 01", "Umeå", mailbox, company="Bygg AB", orgNumber="SE556016068001")
    order = hub.order(customer={**firm, "info": {**firm["info"], "orgNumber": "556016-0680"}}, method=method)
    hub.sync()
    made = shown(hub, order, table)
    assert party(made)[:4] == ("Bygg AB", "Fabriksvägen 3", "901 01", "Umeå")
    assert (made["OrganisationNumber"], made["EmailInformation"]["EmailAddressTo"]) == ("556016-0680", mailbox)


def test_u10_two_mailboxes_of_one_company_are_one_customer_with_two_documents(textalk_hub: TextalkHub) -> None:
    """U10: inköp and ekonomi order for the same organisation number, spelt twice."""
    hub = textalk_hub
    one = buyer(
        "Eva", "Ek", "Industrivägen 1", "111 22", "Solna", "inkop@fjord.example", company="Fjord AB", orgNumber="556016-0680"
    )
    two = buyer(
        "Per",
        "Alm",
        "Industrivägen 1",
        "111 22",
        "Solna",
        "ekonomi@fjord.example",
        company="Fjord Aktiebolag",
        orgNumber="5560160680",
    )
    first, second = hub.order(customer=one), hub.order(customer=two)
    hub.sync()
    third = hub.order(customer=two)
    hub.sync()
    documents = [shown(hub, order) for order in (first, second, third)]
    assert len(hub.records("customers")) == 1
    assert [one["CustomerName"] for one in documents] == ["Fjord AB", "Fjord Aktiebolag", "Fjord Aktiebolag"]
    assert [one["EmailInformation"]["EmailAddressTo"] for one in documents] == [
        "inkop@fjord.example",
        "ekonomi@fjord.example",
        "ekonomi@fjord.example",
    ]
    assert waiting(hub) == []


def test_u11_vat_number_of_a_known_company_makes_no_second_customer(textalk_hub: TextalkHub) -> None:
    """U11: linked by 556016-0680; the next buyer gives SE556016068001 only: the same customer, or a question that can be answered so."""
    hub = textalk_hub
    hub.order(
        customer=buyer(
            "Eva", "Ek", "Industrivägen 1", "111 22", "Solna", "a@fjord.example", company="Fjord AB", orgNumber="556016-0680"
        )
    )
    hub.sync()
    hub.order(
        customer=buyer(
            "Per", "Alm", "Industrivägen 1", "111 22", "Solna", "b@fjord.example", company="Fjord AB", vatNumber="SE556016068001"
        )
    )
    hub.sync()
    assert len(hub.records("customers")) == 1


def test_delivery_abroad_of_one_order_changes_neither_the_next_nor_the_card(textalk_hub: TextalkHub) -> None:
    """Kind 4: 0 percent to Norway needs a customer of VAT type EXPORT, and the card of Liv in Sweden is none."""
    hub = textalk_hub
    home = hub.order()
    hub.sync()
    norway = {
        "name": "Kari Dahl",
        "address": "Karl Johans gate 1",
        "postcode": "0154",
        "town": "Oslo",
        "country": "NO",
        "copyAddress": False,
    }
    gift = hub.order(customer={**LIV, "deliveryAddress": norway}, items=[{**MUG, "incVat": 158.4, "vatRate": 0}])
    after = hub.order()
    hub.sync()
    assert waiting(hub) == []
    numbers = [shown(hub, order)["CustomerNumber"] for order in (home, gift, after)]
    assert numbers[0] == numbers[2] != numbers[1]
    cards = {card["CustomerNumber"]: card for card in hub.records("customers")}
    assert [cards[number]["VATType"] for number in numbers] == ["SEVAT", "EXPORT", "SEVAT"]
    assert [cards[number]["DeliveryCity"] for number in numbers] == [None, None, None]
    document = shown(hub, gift)
    assert [document[name] for name in DELIVERY] == ["Kari Dahl", "Karl Johans gate 1", "0154", "Oslo", "Norway"]
    assert (document["CustomerName"], document["City"], document["TotalVAT"], document["InvoiceRows"][0]["AccountNumber"]) == (
        "Liv Dahl",
        "Stockholm",
        0,
        3105,
    )
    again = hub.order(customer={**LIV, "deliveryAddress": norway}, items=[{**MUG, "incVat": 158.4, "vatRate": 0}])
    hub.sync()
    assert shown(hub, again)["CustomerNumber"] == numbers[1]


def test_first_order_delivered_abroad_makes_no_card_that_is_abroad(textalk_hub: TextalkHub) -> None:
    """Kind 4: the VAT type was taken from where the first parcel went, for good."""
    hub = textalk_hub
    denmark = {
        "name": "Liv Dahl",
        "address": "Strøget 1",
        "postcode": "1160",
        "town": "København",
        "country": "DK",
        "copyAddress": False,
    }
    abroad = hub.order(customer={**LIV, "deliveryAddress": denmark})
    home = hub.order()
    hub.sync()
    assert [shown(hub, order)["CustomerNumber"] for order in (abroad, home)] == ["1", "1"]
    [card] = hub.records("customers")
    assert (card["VATType"], card["DeliveryCountryCode"], card["CountryCode"]) == ("SEVAT", None, "SE")


def test_customer_of_another_vat_type_holds_the_order_until_a_person_corrects_it(textalk_hub: TextalkHub) -> None:
    """Kind 4: no document has a VAT type of its own; an order without VAT on a taxed card would stand in the wrong box."""
    hub = textalk_hub
    hub.fortnox.company.load(
        "customers",
        [
            {
                "CustomerNumber": "70",
                "Name": "Fjell AS",
                "OrganisationNumber": "NO 974 760 673",
                "VATType": "SEVAT",
                "CountryCode": "NO",
                "Country": "Norway",
            }
        ],
    )
    fjell = buyer("Kari", "Li", "Gata 1", "0154", "Oslo", "post@fjell.example", "NO", company="Fjell AS", orgNumber="974760673")
    order = hub.order(customer=fjell, items=[{**MUG, "vatRate": 0}])
    hub.sync()
    [text] = waiting(hub)
    assert "needs a customer of VAT type EXPORT, and customer 70 (Fjell AS) has another" in text
    hub.edit("customers", "70", VATType="EXPORT")
    hub.sync()
    assert (shown(hub, order)["CustomerNumber"], waiting(hub)) == ("70", [])


def test_link_of_a_guest_from_before_buyers_had_names_still_leads_to_its_customer(textalk_hub: TextalkHub) -> None:
    """Existing installations: `guest:e-mail` stays; the same person is found there, another with the mailbox is not."""
    from brygga.store.models import LinkRow

    hub = textalk_hub
    hub.order()
    hub.sync()
    [card] = hub.records("customers")
    LinkRow.objects.filter(kind="customer").update(left_id="guest:liv@dahl.example")
    same, other = hub.order(), hub.order(customer=buyer("Nils", "Dahl", "Storgatan 1", "111 22", "Stockholm", "liv@dahl.example"))
    hub.sync()
    assert shown(hub, same)["CustomerNumber"] == card["CustomerNumber"]
    assert shown(hub, other)["CustomerName"] == "Nils Dahl"
    assert shown(hub, other)["CustomerNumber"] != card["CustomerNumber"]
    assert waiting(hub) == []


def test_capitals_in_an_address_of_e_mail_make_no_second_customer(textalk_hub: TextalkHub) -> None:
    """Kind 13: LIV@."""
    hub = textalk_hub
    for email in ("liv@dahl.example", "LIV@DAHL.EXAMPLE", " Liv@Dahl.example"):
        hub.order(customer={**LIV, "info": {"email": email}})
        hub.sync()
    assert [card["Email"] for card in hub.records("customers")] == ["liv@dahl.example"]
    assert len(hub.records("invoices")) == 3


def test_cancelled_order_of_a_new_guest_is_skipped_with_its_reason_and_waits_for_nobody(textalk_hub: TextalkHub) -> None:
    """Kind 13: it was held for ever, for a customer that nobody makes."""
    hub = textalk_hub
    order = hub.order(customer=buyer("Ny", "Gäst", "Gatan 1", "111 22", "Stockholm", "ny@gast.example"))
    hub.shop.discard(order)
    # One that could not even be reckoned.
    broken = hub.order(
        customer=buyer("Ny", "Annan", "Gatan 1", "111 22", "Stockholm", "an@gast.example"), items=[{**MUG, "articleNumber": "A B"}]
    )
    hub.shop.discard(broken)
    hub.sync()
    hub.age()
    hub.sync()
    assert (waiting(hub), hub.records("customers"), hub.records("invoices")) == ([], [], [])
    skipped = [problem["text"] for problem in hub.problems("buyers", "skipped")]
    assert all("was cancelled in the shop before it was exported" in text for text in skipped)


def test_order_whose_document_was_made_by_hand_is_left_alone_with_its_buyer(textalk_hub: TextalkHub) -> None:
    """The repair that many holds propose can be carried out: the number on the order settles it."""
    hub = textalk_hub
    order = hub.order(items=[{**MUG, "articleNumber": "A B"}])
    hub.sync()
    assert len(waiting(hub)) == 1
    hub.shop.change("Order", order, externalOrderNumber="V 17")
    hub.sync()
    assert (waiting(hub), hub.records("invoices")) == ([], [])


def test_registered_customer_that_the_shop_has_deleted_is_still_the_orders_buyer(textalk_hub: TextalkHub) -> None:
    hub = textalk_hub
    [uid] = hub.shop.load("Customer", [LIV])
    order = hub.order(customer={"uid": uid})
    with hub.shop.lock:
        hub.shop.state.remove("Customer", uid)
    hub.sync()
    assert shown(hub, order)["CustomerName"] == "Liv Dahl"


def test_orders_go_at_the_set_times_and_not_between_them(textalk_hub: TextalkHub) -> None:
    """TXT-14: “set times” did the same as “immediately”."""
    from datetime import UTC, datetime, timedelta

    from brygga.store.models import Cursor, Run
    from brygga.sync.start import begin_run, execute

    hub = textalk_hub
    now = datetime.now(UTC)
    stockholm = now.astimezone(__import__("zoneinfo").ZoneInfo("Europe/Stockholm"))
    later = (stockholm + timedelta(hours=2)).strftime("%H:%M")
    hub.declare(export_orders="set_times", export_times=[later])
    order = hub.order()

    def by_the_clock() -> None:
        run = begin_run(hub.integration(), "buyers", trigger="clock")
        Run.objects.filter(pk=run.pk).update(sides=["left", "right"])
        execute(run.pk)

    by_the_clock()
    assert hub.number(order) == ""
    # The set time has come since the last reading.
    hub.declare(export_orders="set_times", export_times=[(stockholm - timedelta(minutes=1)).strftime("%H:%M")])
    Cursor.objects.update(position=now - timedelta(hours=3))
    by_the_clock()
    assert hub.number(order) == "1"
    between = hub.order()
    by_the_clock()
    assert hub.number(between) == ""
    # What a person asks for is not kept waiting.
    hub.sync()
    assert hub.number(between) == "2"
