"""Deliveries, what has been bought (Products) and users: their rules and searches."""

from brygga_sandbox.webcrm.errors import Refusal, invalid, locked
from brygga_sandbox.webcrm.fields import ENTITIES
from brygga_sandbox.webcrm.records import Kind, kept_fields, must_exist
from brygga_sandbox.webcrm.state import Record, State
from brygga_sandbox.webcrm.values import Given


def refuse_if_locked(state: State, delivery: Record) -> None:
    """Refuse to touch a delivery whose number another delivery has too (quirk `double_number_locks`).

    Reading goes on as usual, and so does everything as soon as a person has given one of them another number.
    """
    number = delivery.values.get("DeliveryNumber")
    if number is None or not state.installation.quirks.double_number_locks:
        return
    if len(state["Delivery"].having("DeliveryNumber", number)) > 1:
        raise locked(str(number))


def delivery_rule(state: State, given: Given, record: Record | None) -> None:
    """A delivery belongs to an organisation that exists and, if it names a person, to one that exists.

    PUT does not move it to another organisation; /Deliveries/{id}/Move does [guess, as for persons].
    """
    if record is None:
        must_exist(state, "Organisation", given, "DeliveryOrganisationId")
    else:
        refuse_if_locked(state, record)
        given["DeliveryOrganisationId"] = record.values.get("DeliveryOrganisationId")
    if given.get("DeliveryPersonId"):
        must_exist(state, "Person", given, "DeliveryPersonId")


def product_rule(state: State, given: Given, record: Record | None) -> None:
    """What has been bought belongs to the organisation that bought it."""
    if record is None or "ProductOrganisationId" in given:
        must_exist(state, "Organisation", given, "ProductOrganisationId")


def user_rule(state: State, given: Given, record: Record | None) -> None:
    """A user has a name."""
    if record is None and not given.get("UserName"):
        raise invalid("UserName", "The UserName field is required.")


DELIVERIES = Kind("Delivery", "Deliveries", delivery_rule, kept_fields("Delivery", "History"))
PRODUCTS = Kind("Product", "Products", product_rule, kept_fields("Product", "History"), can_delete=True)
USERS = Kind("User", "Users", user_rule, kept_fields("User", "LoginCount", "LoginLog", "LastLoginDateTime"))


def status_word(text: str) -> str:
    """Return the delivery status that a path names, as a word in any capitals or as its number; 400 for another."""
    words = ENTITIES["Delivery"].fields["DeliveryStatus"].words
    if text.isascii() and text.isdigit() and int(text) < len(words):
        return words[int(text)]
    for word in words:
        if word.lower() == text.lower():
            return word
    raise invalid("status", f"The value '{text}' is not valid.")


def with_status(state: State, word: str) -> list[Record]:
    """Return the deliveries in one status; unset is the first word of the list, New."""
    default = ENTITIES["Delivery"].fields["DeliveryStatus"].words[0]
    return [record for record in state["Delivery"] if record.values.get("DeliveryStatus", default) == word]


def move(state: State, delivery: Record, body: object, by: str) -> None:
    """Carry out Move: the delivery goes to another organisation, which must exist."""
    number = body.get("NewOrganisationId") if isinstance(body, dict) else None
    if not isinstance(number, int) or number not in state["Organisation"].records:
        raise Refusal(400, f"Organisation with id {number} was not found.")
    refuse_if_locked(state, delivery)
    state.update(delivery, {"DeliveryOrganisationId": number}, by, whole=False)
