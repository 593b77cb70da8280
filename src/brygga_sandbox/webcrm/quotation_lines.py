"""The rows of a delivery, and the register that they take their articles from (linked data).

A row's `OpportunityId` is the number of its delivery (systems.md 7.1, shapes). What Data1 to Data9 mean is set in the
installation; those in use may not be empty on a row or in the register: who has nothing to say sends "-".
"""

from typing import Any

from brygga_sandbox.webcrm.deliveries import refuse_if_locked
from brygga_sandbox.webcrm.errors import invalid, not_switched_on
from brygga_sandbox.webcrm.records import Kind, kept_fields, must_exist
from brygga_sandbox.webcrm.state import Record, State
from brygga_sandbox.webcrm.values import Given

ITEM = "QuotationLineLinkedDataItem"


def _need_data(state: State, prefix: str, given: Given, record: Record | None) -> None:
    if not state.installation.quirks.dash_for_empty_data:
        return
    before = record.values if record else {}
    for number, label in state.installation.data_labels.items():
        name = f"{prefix}Data{number}"
        if given.get(name, before.get(name)) is None:
            raise invalid(name, f"The field {name} ({label}) may not be empty.")


def line_rule(state: State, given: Given, record: Record | None) -> None:
    """A row stands on a delivery, has all its Data fields, and copies from the register what it does not say itself."""
    delivery_field = "QuotationLineOpportunityId"
    if record is None or delivery_field in given:
        refuse_if_locked(state, must_exist(state, "Delivery", given, delivery_field))
    else:
        refuse_line_of_locked(state, record)
    link = "QuotationLineLinkedDataId"
    item_number = given.pop(link, None)
    if item_number is not None:
        if not state.installation.linked_data:
            raise not_switched_on("QuotationLine", on=False)
        _copy_item(state, given, must_exist(state, ITEM, {link: item_number}, link))
    _need_data(state, "QuotationLine", given, record)


def _copy_item(state: State, given: Given, item: Record) -> None:
    copied = {f"{ITEM}Data{n}": f"QuotationLineData{n}" for n in range(1, 10)}
    copied[f"{ITEM}DataMemo"] = "QuotationLineMemo"
    copied[f"{ITEM}CostPrice"] = "QuotationLineCostPrice"
    copied[f"{ITEM}Price"] = "QuotationLineListPrice"
    for source, target in copied.items():
        if given.get(target) is None:
            given[target] = item.values.get(source)
    if given.get("QuotationLinePrice") is None:
        given["QuotationLinePrice"] = item.values.get(f"{ITEM}Price")


def item_rule(state: State, given: Given, record: Record | None) -> None:
    """An article of the register has all its Data fields, and where the set-up asks for it a Data1 of its own [guess]."""
    _need_data(state, ITEM, given, record)
    first = given.get(f"{ITEM}Data1")
    if first is None or not state.installation.unique_items:
        return
    others = [other for other in state[ITEM].having(f"{ITEM}Data1", first) if other is not record]
    if others:
        raise invalid(f"{ITEM}Data1", f"The value '{first}' is already used by linked data item {others[0].number}.")


LINES = Kind("QuotationLine", "QuotationLines", line_rule, kept_fields("QuotationLine"), can_delete=True)
ITEMS = Kind(ITEM, "QuotationLines", item_rule, frozenset({f"{ITEM}Id"}), can_delete=True)


def refuse_line_of_locked(state: State, line: Record) -> None:
    """Refuse to touch a row whose delivery is locked [guess]."""
    delivery = state["Delivery"].records.get(int(str(line.values.get("QuotationLineOpportunityId", 0))))
    if delivery is not None:
        refuse_if_locked(state, delivery)


def need_linked_data(state: State, path: str) -> None:
    """Refuse linked data calls of an entity that has it switched off; only rows can have it here (a gap, see README)."""
    if path != "QuotationLines" or not state.installation.linked_data:
        raise not_switched_on(path, on=False)


def touch_deliveries(state: State, first_change: int) -> None:
    """Let rows changed from change number *first_change* on show on their deliveries (quirk `lines_touch_delivery`)."""
    if not state.installation.quirks.lines_touch_delivery:
        return
    touched: dict[int, str] = {}
    for change in state.changes[first_change:]:
        if change.entity == "QuotationLine":
            line = state["QuotationLine"].records.get(change.number)
            both = change.fields.get("QuotationLineOpportunityId", ())
            numbers = (*both, line.values.get("QuotationLineOpportunityId") if line is not None else None)
            touched |= {number: change.by for number in numbers if isinstance(number, int)}
    for number, by in touched.items():
        if number in state["Delivery"].records:
            state.update(state["Delivery"].records[number], {}, by, whole=False)


def linked_setup(state: State) -> dict[str, Any]:
    """Return which labels and fields the rows use (QuotationLineLinkedSetupDto)."""
    used = state.installation.data_labels
    setup: dict[str, Any] = {
        "Id": 1,
        "EntityType": "Product",
        "CostPriceLabel": "Självkostnad",
        "ListPriceLabel": "Listpris",
        "PriceLabel": "Pris",
        "QuantityLabel": "Antal",
        "FontSize": 10,
        "FontFamily": "Arial",
        "CostPriceConditionField": "",
        "CostPriceConditionValue": "",
        "CostPriceEditMode": "Always",
        "ImageUrl": "",
        "ImageWidth": 0,
        "ImageHeight": 0,
        "CreateDateField": "",
        "UpdateDateField": "",
        "LinkMode": "Regular",
        "LookupMode": "FreeTextSearch",
        "MemoField": 1,
        "UseItemGroup": True,
        "IsUniqueValueRequired": state.installation.unique_items,
    }
    on = ("CostPrice", "CustomMemo", "ListPrice", "Quantity", "Discount", "PriceLine", "PriceTotal", "Vat", "VatPerLine")
    off = ("TotalDiscount", "IntegerPrice", "IntegerQuantity", "IntegerDiscount", "Revenue", "LineNumber", "Spacer")
    setup.update({f"Use{name}": True for name in on} | {f"Use{name}": False for name in off})
    setup.update({"HighlightVat": False, "PastAsCostPrice": False, "IsImageEnabled": False})
    for number in range(1, 10):
        setup[f"UseLinkedField{number}"] = number in used
        setup[f"Field{number}"] = number if number in used else 0
    return {"QuotationLineLinkedSetup" + name: value for name, value in setup.items()}
