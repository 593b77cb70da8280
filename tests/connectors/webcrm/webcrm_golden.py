"""Write the expected records of the samples anew: python tests/connectors/webcrm/webcrm_golden.py; look at the difference after."""

from __future__ import annotations

import json
from pathlib import Path

from brygga.clients.webcrm.fields_metadata import Field, field_of
from brygga.connectors.webcrm import settings
from brygga.connectors.webcrm.layout import Layout, layout_of
from brygga.connectors.webcrm.map import customer_from_organisation
from brygga.core.record import present

SAMPLES = Path(__file__).parents[2] / "samples" / "webcrm"
GOLDEN = SAMPLES / "organisation_200.customer.json"


def fields() -> tuple[Field, ...]:
    return tuple(field_of(raw, "Organisation") for raw in json.loads((SAMPLES / "fields_metadata_200.json").read_text()))


def layout(**given: object) -> Layout:
    return layout_of(settings.read(given), fields())


def expected() -> str:
    raw = json.loads((SAMPLES / "organisation_200.json").read_text())
    record = dict(present(customer_from_organisation(raw, layout())))
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(expected())
