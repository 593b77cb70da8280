"""The currency of a delivery: what it says itself, else the installation's own, which the list of the field names (WEB-23)."""

from __future__ import annotations

import pytest

from brygga.clients.webcrm.fields_metadata import field_of
from brygga.connectors.webcrm import settings
from brygga.connectors.webcrm.delivery_map import currency_of, delivery_layout

FIELD = "DeliveryCurrencyName"


@pytest.mark.parametrize("own", ["SEK", "DKK"])
@pytest.mark.parametrize(
    ("held", "said"), [("00", None), ("", None), ("00: NOK", "NOK"), ("EUR", "EUR"), ("03: eur", "EUR"), ("-- vælg --", None)]
)
def test_the_installations_own_currency_is_what_its_list_says_and_not_kronor(own: str, held: str, said: str | None) -> None:
    entries = [{"Text": own, "Value": "00"}, {"Text": "EUR", "Value": "EUR"}]
    found = field_of({"FieldMetadataFriendlyFieldName": "CurrencyName", "FieldMetadataDropdownListData": entries}, "Delivery")
    known = [
        field_of({"FieldMetadataFriendlyFieldName": name, "FieldMetadataLabel": label}, "Delivery")
        for name, label in (("Custom2", "Ordernummer"), ("Custom3", "Fakturanummer"))
    ]
    layout = delivery_layout(settings.read({"delivery_fields": {"number": "DeliveryCustom2"}}), [found, *known])
    assert currency_of({FIELD: held}, layout) == (said or own)


def test_an_installation_that_does_not_name_its_own_currency_has_kronor() -> None:
    """The premise of the other systems, where nothing says it (OPT-06)."""
    assert (
        currency_of({FIELD: "00"}, delivery_layout(settings.read({"delivery_fields": {"number": "DeliveryCustom2"}}), [])) == "SEK"
    )
