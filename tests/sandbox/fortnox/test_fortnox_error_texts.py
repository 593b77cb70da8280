"""Every refusal of the published table that the sandbox knows has its status and, where the table knows it, its text."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from brygga_sandbox.fortnox.errors import TEXTS

# Codes of the table whose text and cause nobody could read, or that only one old program knew.
NOT_KNOWN = {2000015, 2000166, 2000517, 2000798, 2001322, 2001889, 2002951}


def test_codes_statuses_and_texts_are_those_of_the_table(shared_facts: Path) -> None:
    with (shared_facts / "fortnox" / "errors.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) > 90
    assert {int(line["code"]) for line in table} - set(TEXTS) == NOT_KNOWN
    for line in table:
        code, written = int(line["code"]), line["message_sv"]
        if code in NOT_KNOWN:
            continue
        status, text = TEXTS[code]
        assert str(status) == line["http"], code
        pattern = ".+".join(re.escape(part) for part in text.split("{}"))
        if "..." in written:
            # The table quotes parts of these; the one with a slash names two texts for one code.
            assert all(part.strip(" .") in text for part in written.rpartition("/")[2].split("...")), (code, text, written)
        elif written:
            assert re.fullmatch(pattern, written), (code, text, written)
