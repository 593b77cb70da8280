"""What this sandbox refuses on purpose: contracts, their templates, and accruals of documents.

None of the integrations use them. The company is one without these modules, so every call gets the refusal of a missing
licence, 2001101, whatever its scopes: a client learns the truth at once instead of meeting half a contract.
"""

from brygga_sandbox.fortnox.errors import refusal
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.server import Response


class _Refused(Resource):
    """A resource of a module that no company of the sandbox owns."""

    verbs = ""
    key_field = "DocumentNumber"
    scopes = ("invoice",)

    def respond(self, call: Call, rest: list[str]) -> Response:
        """Refuse every call."""
        raise refusal(2001101)


class Contracts(_Refused):
    """Contracts."""

    name, tag, one, many = "contracts", "Contracts", "Contract", "Contracts"


class ContractTemplates(_Refused):
    """Templates of contracts."""

    name, tag, one, many = "contracttemplates", "ContractTemplates", "ContractTemplate", "ContractTemplates"


class ContractAccruals(_Refused):
    """Accruals of contracts."""

    name, tag, one, many = "contractaccruals", "ContractAccruals", "ContractAccrual", "ContractAccruals"


class InvoiceAccruals(_Refused):
    """Accruals of invoices."""

    name, tag, one, many = "invoiceaccruals", "InvoiceAccruals", "InvoiceAccrual", "InvoiceAccruals"


class SupplierInvoiceAccruals(_Refused):
    """Accruals of supplier invoices."""

    name, tag, one = "supplierinvoiceaccruals", "SupplierInvoiceAccruals", "SupplierInvoiceAccrual"
    many = "SupplierInvoiceAccruals"
    scopes = ("supplierinvoice",)


# Tags of the definition whose operations are refused on purpose, for the coverage page.
REFUSED_TAGS = frozenset(
    resource.tag for resource in (Contracts, ContractTemplates, ContractAccruals, InvoiceAccruals, SupplierInvoiceAccruals)
)
