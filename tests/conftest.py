"""What all tests share: where the published definitions lie."""

import os
from pathlib import Path

import pytest

pytest_plugins = [
    "databases",
    "hub",
    "mobigo_hub",
    "opter_hub",
    "opter_payments",
    "textalk_hub",
    "upsales_hub",
    "wizard_walk",
    "browser",
    "performed",
]


LONGEST = (
    "test_first_import_of_ten_thousand",
    "web/test_wizard_in_a_browser",
    "web/test_every_page",
    "web/test_in_a_browser",
    "journeys/test_opter_pdf",
    "engine/test_serve",
    "engine/test_outage",
    "store/test_backup",
    "proof/test_crash_points",
    "proof/test_simulation",
    "journeys/test_textalk_orders",
)
"""What takes or waits longest begins first, so that no worker has the last minute to itself."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not any(name in item.nodeid for name in LONGEST))


@pytest.fixture(scope="session")
def shared_facts() -> Path:
    """Return the folder with the published definitions, `BRYGGA_SHARED` or `../shared` beside the project.

    A clone that stands alone has no such folder: the test is then left out with a plain line, but never where CI=true.
    """
    folder = Path(os.environ.get("BRYGGA_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI=true and the shared definitions are missing: {folder}")
        pytest.skip(f"left out: the published definitions are not at {folder}")
    return folder
