"""The fixtures of the engine's tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from traces import workers

__all__ = ["workers"]
