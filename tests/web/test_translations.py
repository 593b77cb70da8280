"""Everything that people read is there in Swedish and Norwegian."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import translation

ROOT = Path(__file__).parents[2]


def test_no_text_is_missing_fuzzy_or_has_other_places() -> None:
    done = subprocess.run([sys.executable, "scripts/messages.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", "Företag 7 har inget namn."),
        ("nb", "Firma 7 har ikke noe navn."),
        ("en", "Organisation 7 has no name."),
    ],
)
def test_stored_sentence_is_said_in_the_readers_language(language: str, said: str) -> None:
    from brygga.web.templatetags.brygga import say

    with translation.override(language):
        assert say({"template": "Organisation {id} has no name.", "facts": {"id": "7"}}) == said
