"""How a person's password is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HASHES = """
from brygga import store
store.setup()
from django.contrib.auth.hashers import make_password
print(make_password("en-ganska-lang-mening"))
"""


def test_password_is_hashed_so_often_that_guessing_takes_long(tmp_path: Path) -> None:
    """In a process of its own, as the tests' own hashing is quick. 600,000 rounds are what OWASP asks of PBKDF2 with SHA-256."""
    environment = {**os.environ, "BRYGGA_HOME": str(tmp_path), "BRYGGA_SECRET_KEY": "a-key-for-tests-which-protects-nothing"}
    hashed = subprocess.run([sys.executable, "-c", HASHES], env=environment, capture_output=True, text=True, check=True).stdout
    algorithm, rounds, salt, _ = hashed.split("$")
    assert (algorithm, int(rounds) >= 600_000, len(salt) >= 16) == ("pbkdf2_sha256", True, True)
