"""What people are told of a document of Fortnox that a system without VAT cannot hold as it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from brygga.core.document import Document
from brygga.core.net_rows import head_amounts
from brygga.core.plan import Hold, Remark
from brygga.errors import Sentence


def waits_for_net(document: Document, rule: str) -> Hold:
    """Hold a document with prices including VAT whose rows do not make its net to the öre."""
    facts = {"number": str(document.number or "")}
    return Hold(
        Sentence(
            "Document {number} has prices with VAT in Fortnox, and without it its rows do not make its sum to the öre.", facts
        ),
        rule,
        Sentence("Make the document without “Priser inkl. moms” in Fortnox.", facts),
    )


def head_told(document: Document, articles: Mapping[str, str], system: str, rule: str) -> Remark | None:
    """Tell of freight and fee in a document's head that no row stands for; None where there is nothing to tell."""
    left = {name: amount for name, amount in head_amounts(document).items() if not articles.get(name)}
    if not left:
        return None
    sums = {"freight": "0", "fee": "0"} | {name: str(amount) for name, amount in left.items()}
    facts = {**sums, "number": str(document.number or ""), "system": system}
    return Remark(
        Sentence(
            "Document {number} has freight {freight} and fee {fee} in its head in Fortnox, without VAT, which did not come to {system}: choose "
            "the articles that stand for them in the settings.",
            facts,
        ),
        rule,
    )
