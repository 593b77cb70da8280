"""Rows that the tests of documents send."""

from typing import Any


def row(price: Any = "100", quantity: str = "1", **more: Any) -> dict[str, Any]:
    """Return a row of article A1."""
    return {"ArticleNumber": "A1", "DeliveredQuantity": quantity, "Price": price, **more}
