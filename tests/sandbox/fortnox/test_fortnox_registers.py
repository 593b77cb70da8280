"""Articles, prices, suppliers, the frame of the books, plain registers and files: their rules and refusals."""

from typing import Any

import pytest


def test_accounts_and_vat_of_a_new_article_follow_the_predefined_accounts(sandbox: Any, api: Any) -> None:
    made = api.post("articles", "Article", Description="Skruv", PurchasePrice=93.5)
    assert (made["SalesAccount"], made["EUAccount"], made["ExportAccount"], made["PurchaseAccount"]) == (3001, 3108, 3105, 4011)
    assert (made["VAT"], made["ConstructionAccount"], made["DirectCost"], made["Type"]) == (25, 0, 93.5, "STOCK")
    exempt = api.post("articles", "Article", Description="Bok", SalesAccount="3004")
    assert (exempt["SalesAccount"], exempt["VAT"]) == (3004, 0)


def test_a_missing_purchase_account_is_taken_at_first_and_stops_every_change(sandbox: Any, api: Any) -> None:
    assert api.put("predefinedaccounts/PURCASE", "PreDefinedAccount", Account=4000)["Account"] == 4000
    with sandbox.lock:
        for year in (1, 2):
            sandbox.company.table("accounts").delete((year, 4000))
        sandbox.company.commit()
    assert api.post("articles", "Article", Description="Skruv")["PurchaseAccount"] == 4000
    text = 'Inköpskonto inte uppdaterat. Kontot "4000" existerar inte. (PurchaseAccount)'
    api.refused("PUT", "articles/1", 400, 2000588, text, json={"Article": {"Note": "x"}})
    assert api.put("articles/1", "Article", PurchaseAccount=4010)["PurchaseAccount"] == 4010


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Description": "A", "SalesPrice": 10}, 2000321),
        ({"Description": "A", "SalesAccount": 9998}, 2001304),
        ({"Description": "A", "SalesAccount": 12}, 2000108),
        ({"Description": "A", "VAT": 13}, 2000588),
        ({"Description": "A", "Unit": "tunna"}, 2000588),
        ({"Description": "A", "HouseworkType": "COOKING"}, 2003157),
        ({"Description": "A", "HouseworkType": "NONE"}, 2000588),
        ({"Description": "A", "Weight": 1.5}, 2000108),
        ({"Description": "A", "ArticleNumber": "a b"}, 2000106),
        ({"Description": "A" * 201}, 2000107),
        ({"Description": "A", "SupplierNumber": "9"}, 2000588),
        ({"Unit": "st"}, 2000699),
    ],
)
def test_an_article_that_breaks_a_rule(api: Any, fields: dict[str, Any], code: int) -> None:
    api.refused("POST", "articles", 400, code, json={"Article": fields})


def test_article_numbers(sandbox: Any, api: Any) -> None:
    api.post("articles", "Article", Description="A", ArticleNumber="X-1/2+.$_")
    body = {"Article": {"Description": "B", "ArticleNumber": "X-1/2+.$_"}}
    api.refused("POST", "articles", 400, 2000013, 'Artikelnummer "X-1/2+.$_" används redan.', json=body)
    assert api.post("articles", "Article", Description="B")["ArticleNumber"] == "1"


def test_a_used_article_cannot_be_deleted_and_stock_is_the_warehouse_modules(sandbox: Any, api: Any) -> None:
    api.post("articles", "Article", Description="A")
    with sandbox.lock:
        sandbox.company.table("orders").put("1", {"OrderRows": [{"ArticleNumber": "1"}]}, 0)
        sandbox.company.commit()
    api.refused("DELETE", "articles/1", 400, 2000588)
    assert api.put("articles/1", "Article", Active=False)["Active"] is False
    sandbox.company.set("warehouse", True)
    api.refused("PUT", "articles/1", 400, 2003127, json={"Article": {"QuantityInStock": 5}})


def test_a_first_step_brings_the_base_price(api: Any) -> None:
    api.post("articles", "Article", Description="A")
    assert api.get("articles/1")["Article"]["SalesPrice"] is None
    for quantity in (5, 10, 20, 50, 100):
        api.post("prices", "Price", ArticleNumber="1", PriceList="A", FromQuantity=quantity, Price=100 - quantity / 10)
    steps = api.get("prices/sublist/A/1")
    assert [step["FromQuantity"] for step in steps["Prices"]] == [0, 5, 10, 20, 50, 100]
    assert api.get("prices/A/1")["Price"]["FromQuantity"] == 0
    api.put("prices/A/1", "Price", Price=110.5)
    assert api.get("articles/1")["Article"]["SalesPrice"] == 110.5
    assert api.get("articles")["Articles"][0]["SalesPrice"] == "110.5"
    assert api.get("prices/A/1/10")["Price"]["Price"] == 99
    assert api.call("DELETE", "prices/A/1/10").status_code == 204
    api.refused("GET", "prices/A/1/10", 404, 2000430)


def test_prices_that_are_refused(api: Any) -> None:
    api.post("articles", "Article", Description="A")
    price = {"ArticleNumber": "1", "PriceList": "A", "FromQuantity": 0, "Price": 1}
    api.post("prices", "Price", **price)
    api.refused("POST", "prices", 400, 2000762, json={"Price": price})
    api.refused("POST", "prices", 400, 2000342, json={"Price": {**price, "PriceList": "Z"}})
    api.refused("POST", "prices", 400, 2000513, json={"Price": {**price, "ArticleNumber": "9"}})
    api.refused("PUT", "prices/A/9", 400, 2000762, json={"Price": {"Price": 1}})
    api.refused("GET", "prices/A/1/x", 400, 2000108)
    api.refused("GET", "prices/Z/1", 404, 2000431)


def test_one_price_list_is_preselected(api: Any) -> None:
    made = api.post("pricelists", "PriceList", Code="B", Description="Återförsäljare", PreSelected=True)
    assert made["PreSelected"] is True
    assert [row["PreSelected"] for row in api.get("pricelists")["PriceLists"]] == [False, True]
    api.refused("PUT", "pricelists/B", 400, 2000588, json={"PriceList": {"PreSelected": False}})
    api.refused("DELETE", "pricelists/B", 404, 2000764)


def test_a_markup_follows_the_base_price(api: Any) -> None:
    api.post("articles", "Article", Description="A")
    api.post("pricelists", "PriceList", Code="B", Description="B")
    api.post("prices", "Price", ArticleNumber="1", PriceList="A", Price=200)
    assert api.post("prices", "Price", ArticleNumber="1", PriceList="B", Percent=10)["Price"] == 220


def test_suppliers(api: Any) -> None:
    made = api.post("suppliers", "Supplier", Name="Åkeri", BG="5050-1055", CountryCode="DE", Phone1="040")
    assert (made["SupplierNumber"], made["Country"], made["Active"]) == ("1", "Germany", True)
    assert api.get("suppliers", name="åker")["Suppliers"][0]["Phone"] == "040"
    api.refused("POST", "suppliers", 400, 2000699, json={"Supplier": {"BG": "1"}})
    article = api.post("articles", "Article", Description="A", SupplierNumber="1")
    assert article["SupplierName"] == "Åkeri"


def test_years_and_accounts_of_each_year(api: Any) -> None:
    years = api.get("financialyears")["FinancialYears"]
    assert [year["Id"] for year in years] == [1, 2]
    assert api.get("financialyears", date="1999-05-01")["FinancialYears"] == []
    assert api.get("financialyears", date=years[1]["FromDate"])["FinancialYears"] == [years[1]]
    following = str(int(years[1]["ToDate"][:4]) + 1)
    made = api.post("financialyears", "FinancialYear", FromDate=f"{following}-01-01", ToDate=f"{following}-12-31")
    assert made["Id"] == 3
    assert api.get("accounts/1930", financialyear="3")["Account"]["Year"] == 3
    overlapping = {"FinancialYear": {"FromDate": f"{following}-06-01", "ToDate": f"{following}-12-31"}}
    api.refused("POST", "financialyears", 400, 2000588, "Räkenskapsåret överlappar ett annat", json=overlapping)
    broken = {"FinancialYear": {"FromDate": "2030-02-30", "ToDate": "2030-12-31"}}
    api.refused("POST", "financialyears", 400, 2000359, json=broken)


def test_accounts(sandbox: Any, api: Any) -> None:
    made = api.post("accounts", "Account", Number=3041, Description="Tjänster", VATCode="MP1", CostCenterSettings="MANDATORY")
    assert (made["Year"], made["Active"], made["BalanceCarriedForward"]) == (2, True, 0)
    api.refused("POST", "accounts", 400, 2000588, json={"Account": {"Number": 3041, "Description": "Igen"}})
    api.refused("POST", "accounts", 400, 2000108, json={"Account": {"Number": 99999, "Description": "Fem"}})
    api.refused("GET", "accounts/3041?financialyear=1", 404, 2000423)
    assert api.put("accounts/3041", "Account", Active=False)["Active"] is False
    assert api.call("DELETE", "accounts/3041").status_code == 204
    api.refused("DELETE", "accounts/3001", 400, 2000588)
    numbers = [row["Number"] for row in api.get("accounts", limit=500)["Accounts"]]
    assert numbers == sorted(numbers)
    with sandbox.lock:
        rows = [{"Account": 1930, "Debit": 100}, {"Account": 3001, "Credit": 100}]
        sandbox.company.table("vouchers").put(("A", 1, 2), {"Year": 2, "VoucherRows": rows}, 0)
        sandbox.company.commit()
    assert api.get("accounts/1930")["Account"]["BalanceCarriedForward"] == 100


def test_predefined_accounts_and_series(sandbox: Any, api: Any) -> None:
    assert api.get("predefinedaccounts/PURCASE")["PreDefinedAccount"]["Account"] == 4011
    for number, code in ((99, 2002462), (9998, 2001265)):
        api.refused("PUT", "predefinedaccounts/SALES", 400, code, json={"PreDefinedAccount": {"Account": number}})
    api.refused("PUT", "predefinedaccounts/WRONG", 400, 2000729, json={"PreDefinedAccount": {"Account": 3001}})
    sandbox.company.set("easy_vat", True)
    api.refused("PUT", "predefinedaccounts/SALES_25_SE", 400, 2004052, json={"PreDefinedAccount": {"Account": 3002}})
    assert api.get("predefinedvoucherseries/INVOICE")["PreDefinedVoucherSeries"]["VoucherSeries"] == "B"
    wrong = {"PreDefinedVoucherSeries": {"VoucherSeries": "Q"}}
    api.refused("PUT", "predefinedvoucherseries/INVOICE", 400, 2000588, "Ogiltig verifikationsserie angiven", json=wrong)
    made = api.post("voucherseries", "VoucherSeries", Code="Q", Description="Ny", Manual=True)
    assert (made["Year"], made["NextVoucherNumber"]) == (2, 1)
    assert api.put("predefinedvoucherseries/INVOICE", "PreDefinedVoucherSeries", VoucherSeries="Q")["VoucherSeries"] == "Q"


def test_the_locked_period(sandbox: Any, api: Any) -> None:
    assert api.get("settings/lockedperiod") == {"LockedPeriod": {"EndDate": None}}
    sandbox.company.set("locked_until", "2026-06-30")
    assert api.get("settings/lockedperiod")["LockedPeriod"]["EndDate"] == "2026-06-30"


def test_settings_show_the_tenant_as_a_text(sandbox: Any, api: Any) -> None:
    settings = api.get("settings/company")["CompanySettings"]
    assert settings["DatabaseNumber"] == str(sandbox.tenant_id)
    assert api.get("companyinformation")["CompanyInformation"]["DatabaseNumber"] == sandbox.tenant_id


def test_currencies_must_be_real_ones(api: Any) -> None:
    made = api.post("currencies", "Currency", Code="SKK", Description="Slovakiska kronor", BuyRate=0.35, SellRate=0.36)
    assert made["Unit"] == 1
    text = "Kunde inte hämta/hitta valuta"
    api.refused("POST", "currencies", 400, 2000588, text, json={"Currency": {"Code": "QQQ", "Description": "x"}})
    assert api.call("DELETE", "currencies/SKK").status_code == 204
    api.refused("DELETE", "currencies/SEK", 400, 2000588)


def test_a_code_that_is_used_cannot_be_deleted_or_changed(api: Any) -> None:
    assert [row["Code"] for row in api.get("termsofpayments")["TermsOfPayments"]][:4] == ["0", "10", "14", "15"]
    api.post("termsofpayments", "TermsOfPayment", Code="45", Description="45 dagar")
    api.post("customers", "Customer", Name="A", TermsOfPayment="45")
    api.refused("DELETE", "termsofpayments/45", 400, 2000588)
    api.refused("PUT", "termsofpayments/45", 400, 2000588, json={"TermsOfPayment": {"Code": "46"}})
    api.refused("POST", "termsofpayments", 400, 2000588, json={"TermsOfPayment": {"Code": "45", "Description": "igen"}})
    api.put("customers/1", "Customer", TermsOfPayment=None)
    assert api.call("DELETE", "termsofpayments/45").status_code == 204
    api.refused("DELETE", "termsofdeliveries/FVL", 404, 2000764)


def test_units_with_swedish_letters_have_encoded_addresses(api: Any) -> None:
    assert api.get("units/f%C3%B6rp")["Unit"]["@url"].endswith("/3/units/f%C3%B6rp")


def test_projects_and_cost_centres(api: Any) -> None:
    assert api.post("projects", "Project", Description="Bro")["Status"] == "NOTSTARTED"
    wrong = {"Project": {"Description": "A", "StartDate": "2026-05-01", "EndDate": "2026-04-01"}}
    api.refused("POST", "projects", 400, 2000588, json=wrong)
    api.refused("POST", "projects", 400, 2000588, json={"Project": {"Description": "A", "Status": "DONE"}})
    api.refused("POST", "costcenters", 400, 2000107, json={"CostCenter": {"Code": "1234567", "Description": "A"}})
    assert api.post("costcenters", "CostCenter", Code="NORR", Description="Norr")["Active"] is True


def test_labels_may_have_the_same_text(api: Any) -> None:
    assert [api.post("labels", "Label", Description="A")["Id"] for _ in range(2)] == [1, 2]
    assert api.put("labels/1", "Label", Description="B") == {"Id": 1, "Description": "B"}
    assert api.call("DELETE", "labels/1").status_code == 204
    assert api.post("labels", "Label", Description="C")["Id"] == 3
    api.refused("GET", "labels/2", 404, 2000764)


def test_templates_and_senders(api: Any) -> None:
    assert [row["Template"] for row in api.get("printtemplates", type="order")["PrintTemplates"]] == ["oc"]
    made = api.call("POST", "emailsenders/trusted", json={"TrustedSender": {"Email": "faktura@exempel.se"}})
    assert made.json() == {"TrustedSender": {"Id": 1, "Email": "faktura@exempel.se"}}
    assert api.get("emailsenders")["EmailSenders"]["TrustedSenders"] == [{"Id": 1, "Email": "faktura@exempel.se"}]
    api.call("DELETE", "emailsenders/trusted/1")
    assert api.get("emailsenders")["EmailSenders"]["TrustedSenders"] == []


def test_files_of_the_inbox_and_the_archive_and_their_two_ids(api: Any) -> None:
    made = api.call("POST", "inbox?path=Inbox_v", files={"file": ("kvitto.pdf", b"%PDF-1.4 x", "application/pdf")})
    assert made.status_code == 201, made.text
    file = made.json()["File"]
    assert (file["Name"], file["Size"], file["Path"]) == ("kvitto.pdf", 10, "Verifikationer")
    assert api.call("GET", f"inbox/{file['Id']}").content == b"%PDF-1.4 x"
    assert api.call("GET", f"inbox/{file['ArchiveFileId']}").status_code == 200
    assert api.call("GET", f"archive/{file['Id']}").headers["content-type"] == "application/pdf"
    assert api.call("GET", f"archive/{file['ArchiveFileId']}").status_code == 404
    assert api.call("GET", f"archive?fileid={file['ArchiveFileId']}").content == b"%PDF-1.4 x"
    assert api.call("GET", f"archive?fileid={file['Id']}").status_code == 404
    assert [folder["Id"] for folder in api.get("inbox")["Folder"]["Folders"]][:2] == ["Inbox_a", "Inbox_d"]
    api.post("articles", "Article", Description="A")
    connection = api.post("articlefileconnections", "ArticleFileConnection", ArticleNumber="1", FileId=file["Id"])
    assert connection["ArticleNumber"] == "1"
    assert api.call("DELETE", f"inbox/{file['Id']}").status_code == 204
    assert api.call("GET", f"inbox/{file['Id']}").status_code == 404
    api.refused("POST", "inbox?path=Inbox_v", 400, 2001392, json={})
    assert api.call("POST", "archive?path=Avtal", files={"file": ("a.txt", b"abc")}).status_code == 201
    assert api.get("archive?path=Avtal")["Folder"]["Files"][0]["Name"] == "a.txt"


def test_attachments_speak_the_newer_dialect(sandbox: Any, api: Any) -> None:
    file = api.call("POST", "inbox?path=Inbox_kf", files={"file": ("a.pdf", b"x")}).json()["File"]
    with sandbox.lock:
        sandbox.company.table("invoices").put("5", {}, 0)
        sandbox.company.commit()
    address = "/api/fileattachments/attachments-v1"
    wish = {"entityId": 5, "entityType": "F", "fileId": file["ArchiveFileId"], "includeOnSend": True}
    made = api.http.post(address, json=[wish])
    assert made.status_code == 201, made.text
    number = made.json()[0]["id"]
    assert api.http.get(address, params={"entityid": 5, "entitytype": "F"}).json() == [{**wish, "id": number}]
    counted = api.http.get(f"{address}/numberofattachments", params={"entityids": [5, 6], "entitytype": "F"}).json()
    assert [one["numberOfAttachments"] for one in counted] == [1, 0]
    refused = api.http.post(address, json=[{**wish, "entityId": 9}])
    assert (refused.status_code, refused.json()["errorcode"]) == (404, "document_not_found")
    assert api.http.put(f"{address}/{number}", json={"includeOnSend": False}).json()["includeOnSend"] is False
    assert api.http.delete(f"{address}/{number}").status_code == 204
