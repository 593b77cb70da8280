"""Companies and products between Upsales and Fortnox: rows UPS-13, UPS-16 to UPS-22; ruling D3."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from upsales_hub import Shop, UpsalesHub


@pytest.fixture
def shop(upsales_hub: UpsalesHub) -> Shop:
    return Shop(upsales_hub)


def test_a_company_goes_to_fortnox_with_its_first_sale(shop: Shop) -> None:
    """UPS-18: without a sale at 100 % nothing; with it the customer first, then the document; the number comes back."""
    hub = shop.hub
    id = hub.company("Björk Bygg AB", orgNo="556036-0793", phone="0470-100 20")
    sale = hub.sale(id, *shop.rows(), stage="Förhandling")
    hub.sync_all()
    assert hub.posts() == []
    [problem] = [one for one in hub.problems("customers", "skip") if one["left"] == str(id)]
    assert problem["rule"] == "UPS-18"
    hub.upsales.order(sale).update(stage={"id": hub.upsales.stage("Order")})
    hub.sync_all()
    assert hub.posts() == ["/3/customers", "/3/invoices"]
    number = hub.links("customers")[str(id)]
    customer = hub.held("customers", number)
    assert (customer["Name"], customer["Phone1"], customer["Type"]) == ("Björk Bygg AB", "0470-100 20", "COMPANY")
    assert hub.upsales.account(id)["FORTNOX_CUSTOMER_ID"] == number
    assert shop.document(sale)["CustomerNumber"] == number
    hub.sync_all()
    hub.quiet()


def test_answer_lost_at_the_creation_of_a_customer_makes_one(shop: Shop) -> None:
    """UPS-18: looked for by our key; the document follows as usual."""
    hub = shop.hub
    id = hub.company("Björk Bygg AB")
    hub.sale(id, *shop.rows())
    hub.fortnox.faults.arm("lost_answer", method="POST", path="/3/customers")
    hub.sync_all()
    hub.sync_all()
    assert [one["Name"] for one in hub.all("customers")].count("Björk Bygg AB") == 1
    assert str(id) in hub.links("customers")
    assert len(hub.all("invoices")) == 1


def test_a_customer_made_in_fortnox_becomes_a_company(shop: Shop) -> None:
    """UPS-19: automatically, with number and addresses; an inactive one stays in Fortnox."""
    hub = shop.hub
    hub.put("customers", "500", CustomerNumber="500", Name="Ny AB", Active=True, Address1="Box 1", ZipCode="352 30", City="Växjö")
    hub.put("customers", "501", CustomerNumber="501", Name="Vilande AB", Active=False)
    hub.sync_all()
    made = {one["name"]: one for one in hub.upsales.all("accounts")}
    assert "Vilande AB" not in made
    company = hub.upsales.account(made["Ny AB"]["id"])
    assert company["FORTNOX_CUSTOMER_ID"] == "500"
    assert [(one["type"], one["address"], one["city"]) for one in company["addresses"]] == [("Mail", "Box 1", "Växjö")]
    hub.sync_all()
    hub.quiet()


MAIL = {"type": "Mail", "address": "Box 12", "zipcode": "352 30", "city": "Växjö", "country": "SE"}
VISIT = {"type": "Visit", "address": "Storgatan 1", "zipcode": "352 31", "city": "Alvesta", "country": "NO"}
FIELDS: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"name": "Fjorden AB"}, {"Name": "Fjorden AB"}),
    ({"orgNo": "556036-0793"}, {"OrganisationNumber": "556036-0793"}),
    ({"phone": "0470-100 21"}, {"Phone1": "0470-100 21"}),
    ({"webpage": "www.fjord.example"}, {"WWW": "www.fjord.example"}),
    ({"EMAIL": "info@fjord.example"}, {"Email": "info@fjord.example"}),
    ({"VAT_NO": "SE556016068001"}, {"VATNumber": "SE556016068001"}),
    ({"addresses": [MAIL]}, {"Address1": "Box 12", "ZipCode": "352 30", "City": "Växjö", "CountryCode": "SE"}),
    (
        {"addresses": [MAIL, VISIT]},
        {"VisitingAddress": "Storgatan 1", "VisitingZipCode": "352 31", "VisitingCity": "Alvesta", "VisitingCountryCode": "NO"},
    ),
]


def test_what_changes_on_a_numbered_company_is_all_that_fortnox_gets(shop: Shop) -> None:
    """UPS-20: a company with a customer number: for each field one PUT with what changed and nothing else."""
    hub = shop.hub
    for there, here in FIELDS:
        hub.upsales.account(shop.client).update(there)
        hub.age()
        hub.clear()
        hub.sync("customers")
        assert hub.fortnox_writes() == [("PUT", "/3/customers/101", {"Customer": here})]
    hub.quiet()


def test_what_changes_on_a_customer_reaches_the_company_and_leaves_the_rest(shop: Shop) -> None:
    """UPS-20: other custom values and addresses of the company stay though lists are replaced."""
    hub = shop.hub
    own = hub.upsales.add_custom_field("account", name="Bransch", alias="BRANCH")
    other = {"type": "Other", "address": "Lagret", "zipcode": "", "city": "Lessebo", "country": "SE"}
    hub.upsales.account(shop.client).update(addresses=[other], custom=[{"fieldId": own, "value": "Möbler"}])
    hub.sync_all()
    hub.put("customers", "101", Address1="Box 9", City="Lund", Email="ny@fjord.example")
    hub.sync_all()
    company = hub.upsales.account(shop.client)
    assert [(one["type"], one["city"]) for one in company["addresses"]] == [("Other", "Lessebo"), ("Mail", "Lund")]
    assert (company["EMAIL"], company["BRANCH"], company["FORTNOX_CUSTOMER_ID"]) == ("ny@fjord.example", "Möbler", "101")
    hub.quiet()


TERMS = ["0 dagar", "10 dagar", "30 dagar", "Kontant"]
VAT = ["SE", "SE omvänd skatteskyldighet", "EU omvänd skatteskyldighet", "EU momspliktig", "Export"]


def with_the_vendors_fields(hub: UpsalesHub) -> None:
    """Let the account have the custom fields of companies that the vendor's own Fortnox app made, and a name for where things are sent."""
    for alias, choices in (("TERMS_OF_PAYMENT", TERMS), ("VAT_TYPE", VAT), ("DELIVERY_NAME", None)):
        extra: dict[str, Any] = {"datatype": "Select", "default": choices} if choices else {}
        hub.upsales.add_custom_field("account", name=alias, alias=alias, **extra)


def test_terms_currency_kind_of_vat_and_delivery_address_go_both_ways_where_the_account_has_them(upsales_hub: UpsalesHub) -> None:
    """UPS-20: in the words of each; what Upsales has no choice for is shown as none and stays in Fortnox; an emptied kind of VAT is put back."""
    hub = upsales_hub
    with_the_vendors_fields(hub)
    shop = Shop(hub, delivery_address="Other")
    company = hub.upsales.account(shop.client)
    company.update(currency="SEK")
    hub.sync_all()
    assert company["VAT_TYPE"] == "SE"
    sent = {
        "DeliveryName": "Lagret",
        "DeliveryAddress1": "Hamnen 1",
        "DeliveryZipCode": "972 31",
        "DeliveryCity": "Luleå",
        "DeliveryCountryCode": "SE",
    }
    hub.fortnox_call(
        "PUT", "/3/customers/101", {"Customer": {**sent, "TermsOfPayment": "10", "Currency": "EUR", "VATType": "EXPORT"}}
    )
    hub.sync_all()
    assert [company[name] for name in ("TERMS_OF_PAYMENT", "VAT_TYPE", "currency", "DELIVERY_NAME")] == [
        "10 dagar",
        "Export",
        "EUR",
        "Lagret",
    ]
    [other] = [one for one in company["addresses"] if one["type"] == "Other"]
    assert [other[name] for name in ("address", "zipcode", "city", "country")] == ["Hamnen 1", "972 31", "Luleå", "SE"]
    hub.quiet()
    addresses = [{**one, "city": "Boden"} if one["type"] == "Other" else one for one in company["addresses"]]
    company.update(
        TERMS_OF_PAYMENT="30 dagar",
        VAT_TYPE="EU omvänd skatteskyldighet",
        currency="SEK",
        DELIVERY_NAME="Bygget",
        addresses=addresses,
    )
    hub.age()
    hub.clear()
    hub.sync("customers")
    changed = {
        "TermsOfPayment": "30",
        "VATType": "EUREVERSEDVAT",
        "Currency": "SEK",
        "DeliveryName": "Bygget",
        "DeliveryCity": "Boden",
    }
    assert hub.fortnox_writes() == [("PUT", "/3/customers/101", {"Customer": changed})]
    hub.quiet()
    hub.put("customers", "101", TermsOfPayment="PF", Phone1="0470-77")
    company.update(VAT_TYPE="")
    hub.sync_all()
    assert [company[name] for name in ("TERMS_OF_PAYMENT", "VAT_TYPE", "phone")] == [None, "EU omvänd skatteskyldighet", "0470-77"]
    assert [hub.held("customers", "101")[name] for name in ("TermsOfPayment", "VATType")] == ["PF", "EUREVERSEDVAT"]
    hub.quiet()


def test_a_company_that_becomes_a_customer_brings_its_terms_currency_and_kind_of_vat(upsales_hub: UpsalesHub) -> None:
    """UPS-18, UPS-20: what a salesperson has set on the company is on the new card, and a currency that nobody set is kronor."""
    hub = upsales_hub
    with_the_vendors_fields(hub)
    shop = Shop(hub)
    said = {"TERMS_OF_PAYMENT": "10 dagar", "VAT_TYPE": "Export", "DELIVERY_NAME": "Lageret"}
    custom = [{"fieldId": hub.upsales.field_id("account", alias), "value": value} for alias, value in said.items()]
    first = hub.company(
        "Fjord AS", currency="EUR", custom=custom, addresses=[{**MAIL, "zipcode": "0150", "city": "Oslo", "country": "NO"}]
    )
    second = hub.company("Tyst AB")
    for company in (first, second):
        hub.sale(company, *shop.rows())
    hub.sync_all()
    cards = [hub.held("customers", hub.links("customers")[str(company)]) for company in (first, second)]
    assert [[card[name] for name in ("TermsOfPayment", "VATType", "Currency")] for card in cards] == [
        ["10", "EXPORT", "EUR"],
        [cards[1]["TermsOfPayment"], "SEVAT", "SEK"],
    ]
    assert cards[0]["DeliveryName"] == "Lageret"
    hub.quiet()


def test_the_same_field_changed_on_both_sides_goes_to_its_owner(shop: Shop) -> None:
    """UPS-20, ruling D3: contact data is Upsales', numbers are Fortnox'."""
    hub = shop.hub
    hub.upsales.account(shop.client).update(phone="1111", orgNo="556036-0793")
    hub.put("customers", "101", Phone1="2222", OrganisationNumber="556012-5790")
    hub.sync_all()
    assert (hub.held("customers", "101")["Phone1"], hub.upsales.account(shop.client)["phone"]) == ("1111", "1111")
    assert hub.upsales.account(shop.client)["orgNo"] == hub.held("customers", "101")["OrganisationNumber"] == "556012-5790"


def test_a_customer_deleted_in_fortnox_leaves_the_company_without_its_number(shop: Shop) -> None:
    """UPS-16: found once a night; the number goes, all else stays; a later sale makes a new customer."""
    hub = shop.hub
    before = hub.upsales.account(shop.client).raw()
    hub.fortnox_call("DELETE", "/3/customers/101")
    hub.age(days=2)
    hub.clear()
    hub.sync("customers")
    after = hub.upsales.account(shop.client)
    assert after["FORTNOX_CUSTOMER_ID"] is None
    kept = {name: value for name, value in after.raw().items() if name not in ("custom", "modDate")}
    assert kept == {name: value for name, value in before.items() if name not in ("custom", "modDate")}
    assert hub.links("customers") == {}
    hub.sync_all()
    assert hub.posts() == []
    shop.sell()
    hub.sync_all()
    assert hub.posts() == ["/3/customers", "/3/invoices"]
    assert hub.upsales.account(shop.client)["FORTNOX_CUSTOMER_ID"] == hub.links("customers")[str(shop.client)]


def test_the_number_goes_at_the_next_run_where_the_deletion_is_heard_or_the_company_buys(shop: Shop) -> None:
    """UPS-16: by the clock too, at once, and with no reading of the register; the sale then makes a new customer."""
    from brygga.connectors.fortnox.events import Event
    from brygga.sync.listen import handle, listeners

    hub = shop.hub
    other = hub.company("Björk AB")
    hub.sale(other, *shop.rows())
    hub.sync_all()
    hub.fortnox_call("DELETE", "/3/customers/101")
    [listener] = listeners()
    [connection] = listener.connections
    woken: list[str] = []
    event = Event("customers", "o1", "customer-deleted-v1", 7, "101", datetime.now(UTC))
    handle(listener, {7: connection}, event, lambda integration, stream: woken.append(stream))
    assert woken == ["customers"]
    hub.clear()
    hub.sync("customers")
    assert hub.upsales.account(shop.client)["FORTNOX_CUSTOMER_ID"] is None
    assert str(shop.client) not in hub.links("customers")
    asked = [seen.path for seen in hub.fortnox.requests if seen.method == "GET"]
    assert asked.count("/3/customers") == 1, "what changed, and no more"
    shop.sell()
    hub.sync_all()
    number = hub.links("customers")[str(shop.client)]
    assert number != "101"
    assert hub.upsales.account(shop.client)["FORTNOX_CUSTOMER_ID"] == number


def test_the_number_goes_with_the_next_sale_of_a_company_whose_customer_is_gone(shop: Shop) -> None:
    """UPS-16: where no event was heard, the company's own next change or sale shows it, long before the night."""
    hub = shop.hub
    hub.fortnox_call("DELETE", "/3/customers/101")
    sale = shop.sell()
    for _ in range(4):
        hub.sync_all()
    number = hub.links("customers")[str(shop.client)]
    assert (number != "101", hub.upsales.account(shop.client)["FORTNOX_CUSTOMER_ID"]) == (True, number)
    assert shop.document(sale)["CustomerNumber"] == number


def test_nothing_is_ever_deleted(shop: Shop) -> None:
    """UPS-17: a company, a sale and a customer deleted by hand stay in the other system; no DELETE leaves us."""
    hub = shop.hub
    sale = shop.sell()
    hub.sync_all()
    number = shop.number_of(sale)
    hub.upsales.order(sale).delete()
    hub.upsales.account(shop.client).delete()
    hub.put("customers", "101", Phone1="1")
    hub.sync_all()
    hub.age(days=2)
    hub.sync_all()
    assert hub.held("customers", "101")["Name"] == "Fjord AB"
    # Nor is what somebody deleted made anew: the customer waits until a person says what becomes of it.
    hub.put("customers", "101", Phone1="2")
    hub.sync_all()
    assert hub.upsales.all("accounts") == []
    [problem] = hub.problems("customers", "question")
    assert "Upsales no longer has" in problem["text"]
    assert hub.held("invoices", number)["DocumentNumber"]
    seen = [*hub.fortnox.requests, *hub.upsales.requests]
    assert [one for one in seen if one.method == "DELETE"] == []


def test_an_unknown_country_holds_the_company_with_its_sentence(shop: Shop) -> None:
    """UPS-20: held until it is corrected."""
    hub = shop.hub
    hub.upsales.account(shop.client).update(addresses=[{**MAIL, "country": "QQ"}])
    hub.sync_all()
    [problem] = hub.problems("customers", "hold")
    assert "“QQ”" in problem["text"]
    assert problem["repair"]
    hub.upsales.account(shop.client).update(addresses=[MAIL])
    hub.sync_all()
    assert hub.held("customers", "101")["CountryCode"] == "SE"


def test_a_company_without_a_name_is_held_and_goes_on_when_it_has_one(shop: Shop) -> None:
    """UPS-18, UPS-20: Fortnox' name is not emptied; the person is told which company it is and what to do."""
    hub = shop.hub
    with hub.upsales.lock:
        record = hub.upsales.state["accounts"][shop.client]
        hub.upsales.state.update(record, {"name": "", "phone": "0470-1"}, hub.upsales.person)
    hub.sync_all()
    [problem] = hub.problems("customers", "hold")
    assert problem["text"] == f"Company {shop.client} has no name."
    assert problem["repair"] == "Give it a name in Upsales."
    # The name alone waits: the telephone arrives at once.
    assert hub.held("customers", "101")["Name"] == "Fjord AB"
    assert hub.fortnox_writes() == [("PUT", "/3/customers/101", {"Customer": {"Phone1": "0470-1"}})]
    hub.upsales.account(shop.client).update(name="Fjorden AB")
    hub.sync_all()
    assert (hub.held("customers", "101")["Name"], hub.held("customers", "101")["Phone1"]) == ("Fjorden AB", "0470-1")


# Products -----------------------------------------------------------------------------------------------------------------


def test_products_go_from_fortnox_only(shop: Shop) -> None:
    """UPS-21: a new article arrives; what was changed or made in Upsales never reaches Fortnox and is put back."""
    hub = shop.hub
    hub.article("A3", "Lampa", 49.5, PurchasePrice=20)
    hub.upsales.product(shop.table).update(name="Egen text", listPrice=1)
    hub.upsales.add("products", name="Egen produkt", articleNo="X1", listPrice=5)
    hub.sync_all()
    hub.age(minutes=10)
    hub.sync("products", trigger="person")
    lamp = hub.upsales.product(hub.product("A3"))
    assert (lamp["name"], lamp["listPrice"], lamp["purchaseCost"], lamp["FORTNOX_ID"]) == ("Lampa", 49.5, 20, "A3")
    assert (hub.upsales.product(shop.table)["name"], hub.upsales.product(shop.table)["listPrice"]) == ("Bord", 100)
    assert hub.fortnox_writes() == []
    assert [one["rule"] for one in hub.problems("products", "skip")] == ["UPS-21"]


def test_an_article_put_away_makes_its_product_inactive(shop: Shop) -> None:
    """UPS-21: products are never deleted, only set inactive."""
    shop.hub.put("articles", "A1", Active=False)
    shop.hub.sync_all()
    assert shop.hub.upsales.product(shop.table)["active"] == 0


def test_prices_are_those_of_the_one_chosen_list_and_follow_another_choice(shop: Shop) -> None:
    """UPS-13, UPS-22: another price list re-prices all products at the next run; two lists cannot be chosen."""
    from brygga.errors import SettingsError

    hub = shop.hub
    hub.put("pricelists", "B", Code="B", Description="Återförsäljare", PreSelected=False)
    hub.put("prices", ("B", "A1", "0"), PriceList="B", ArticleNumber="A1", FromQuantity=0, Price=80)
    assert hub.upsales.product(shop.table)["listPrice"] == 100
    hub.declare(price_list="B")
    hub.sync("products")
    assert hub.upsales.product(shop.table)["listPrice"] == 80
    assert hub.upsales.product(shop.chair)["listPrice"] == 125.5
    with pytest.raises(SettingsError, match="Prislista"):
        hub.declare(price_list=["A", "B"])
    hub.declare(price_list="Z")
    assert "no price list Z" in str(hub.sync("products")["message"])


def test_a_price_that_alone_was_changed_in_another_list_arrives_once_a_night(shop: Shop) -> None:
    """UPS-13, UPS-22: Fortnox tells no change of such a price, so the list is read through, and nothing is lost beside it."""
    hub = shop.hub
    hub.put("pricelists", "B", Code="B", Description="Återförsäljare", PreSelected=False)
    for number, price in (("A1", 80), ("A2", 90)):
        hub.put("prices", ("B", number, "0"), PriceList="B", ArticleNumber=number, FromQuantity=0, Price=price)
        hub.put("prices", ("B", number, "10"), PriceList="B", ArticleNumber=number, FromQuantity=10, Price=price - 20)
    hub.declare(price_list="B")
    hub.sync("products")
    assert (hub.upsales.product(shop.table)["listPrice"], hub.upsales.product(shop.chair)["listPrice"]) == (80, 90)
    hub.put("prices", ("B", "A1", "0"), PriceList="B", ArticleNumber="A1", FromQuantity=0, Price=75)
    hub.age(days=2)
    hub.put("articles", "A2", Active=False)
    hub.clear()
    hub.sync("products")
    assert hub.upsales.product(shop.table)["listPrice"] == 75
    assert hub.upsales.product(shop.chair)["active"] == 0
    assert len([one for one in hub.fortnox.requests if one.path == "/3/prices"]) == 1
    hub.quiet()


def test_prices_of_other_lists_in_upsales_survive_a_new_price(shop: Shop) -> None:
    """UPS-13, systems.md 4.3: a PUT without them would wipe them."""
    hub = shop.hub
    hub.upsales.load("pricelists", [{"name": "Butik", "code": "B"}])
    prices = [
        {"currency": "SEK", "price": 100, "purchaseCost": 0, "priceListId": 1},
        {"currency": "EUR", "price": 9, "purchaseCost": 0, "priceListId": 1},
        {"currency": "SEK", "price": 70, "purchaseCost": 0, "priceListId": 2},
    ]
    hub.upsales.product(shop.table).update(currencies=prices)
    hub.article("A1", "Bord", 110)
    hub.sync_all()
    kept = hub.upsales.product(shop.table)
    assert kept["listPrice"] == 110
    assert [(one["currency"], one["priceListId"], one["price"]) for one in kept["currencies"]] == [
        ("SEK", 1, 110),
        ("EUR", 1, 9),
        ("SEK", 2, 70),
    ]


# How much it takes --------------------------------------------------------------------------------------------------------


def test_many_companies_cost_their_pages_and_a_quiet_run_two_requests(upsales_hub: UpsalesHub) -> None:
    """UPS-14: 2,100 linked companies: two pages of Upsales and five of Fortnox; without changes one request a register."""
    from brygga.store.models import LinkRow

    hub = upsales_hub
    field = hub.upsales.add_custom_field("account", name="Kundnummer", alias="FORTNOX_CUSTOMER_ID")
    for alias in ("VAT_NO", "EMAIL"):
        hub.upsales.add_custom_field("account", name=alias, alias=alias)
    numbers = [str(n) for n in range(10001, 12101)]
    past = datetime.now(UTC) - timedelta(hours=1)
    hub.fortnox.company.load("customers", [{"CustomerNumber": n, "Name": f"Bolag {n} AB"} for n in numbers], modified=past)
    old = {"regDate": past.isoformat(), "modDate": past.isoformat()}
    hub.upsales.load("accounts", [{"name": f"Bolag {n} AB", "custom": [{"fieldId": field, "value": n}], **old} for n in numbers])
    hub.declare()
    hub.clear()
    hub.sync("customers")
    assert len(hub.links("customers")) == 2100
    assert hub.upsales.writes() == []
    seen = [one for one in hub.upsales.requests if one.path == "/api/v2/accounts"]
    lists = [one for one in hub.fortnox.requests if one.path == "/3/customers"]
    assert (len(seen), len(lists)) == (2, 6)
    # The details of the first import are read by the runs to come, a few hundred each; here they count as read.
    LinkRow.objects.update(look_again_at=None, thin=False)
    hub.clear()
    hub.sync("customers")
    quiet = [one.path for one in hub.upsales.requests]
    assert quiet == ["/api/v2/customfields/account", "/api/v2/orders", "/api/v2/accounts"]
    assert len([one for one in hub.fortnox.requests if one.path.startswith("/3/customers")]) == 1
