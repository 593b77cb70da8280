"""The small registers: terms, ways, modes, units, labels, currencies, projects, cost centres, price lists, print templates.

Their codes cannot be changed; those that are in use cannot be removed (Fortnox API, section 9.14).
"""

from __future__ import annotations

from brygga.clients.fortnox.resource import Creatable, Deletable, Listed, Register, Tracked, Updatable


class TermsOfPayments(Register, Deletable):
    """The code of a plain term is its days: "30"; others such as "AG" and "K" exist."""

    path, one, many, number = "/3/termsofpayments", "TermsOfPayment", "TermsOfPayments", "Code"


class TermsOfDeliveries(Register):
    path, one, many, number = "/3/termsofdeliveries", "TermsOfDelivery", "TermsOfDeliveries", "Code"
    paged = False


class WayOfDeliveries(Register, Deletable):
    path, one, many, number = "/3/wayofdeliveries", "WayOfDelivery", "WayOfDeliveries", "Code"


class ModesOfPayments(Register, Deletable):
    path, one, many, number = "/3/modesofpayments", "ModeOfPayment", "ModesOfPayments", "Code"


class Units(Register, Deletable):
    """Codes hold å, ä and ö: "förp"."""

    path, one, many, number = "/3/units", "Unit", "Units", "Code"
    paged = False


class Currencies(Register, Deletable):
    """BuyRate and SellRate are SEK for Unit units."""

    path, one, many, number = "/3/currencies", "Currency", "Currencies", "Code"


class Labels(Listed, Creatable, Updatable, Deletable):
    """There is no single read; two labels may have the same text."""

    path, one, many, number = "/3/labels", "Label", "Labels", "Id"
    paged = False


class Projects(Tracked, Register, Deletable):
    path, one, many, number = "/3/projects", "Project", "Projects", "ProjectNumber"


class CostCenters(Tracked, Register, Deletable):
    path, one, many, number = "/3/costcenters", "CostCenter", "CostCenters", "Code"


class PriceLists(Register):
    """One list is PreSelected, usually A."""

    path, one, many, number = "/3/pricelists", "PriceList", "PriceLists", "Code"


class PrintTemplates(Listed):
    """Which templates there are; `list(type="invoice")` narrows."""

    path, one, many = "/3/printtemplates", "PrintTemplate", "PrintTemplates"
    paged = False
