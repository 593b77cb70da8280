"""The benches: what Brygga does, measured beside the smallest correct client and beside other programs. See docs/benchmarks.md."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
