"""Write the expected records of the samples anew: python tests/connectors/fortnox/fortnox_golden.py; look at the difference after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from brygga.connectors.fortnox.map import customer_from_detail
from brygga.core.record import present

SAMPLES = Path(__file__).parents[2] / "samples" / "fortnox"
GOLDEN = SAMPLES / "customer_whole_200.customer.json"


def detail() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / "customer_whole_200.json").read_text())["body"]["Customer"]
    return found


def expected() -> str:
    return json.dumps(dict(present(customer_from_detail(detail()))), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(expected())
