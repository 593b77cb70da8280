"""Start the Fortnox sandbox alone: `python -m brygga_sandbox.fortnox --port N --state DIR --json`."""

import sys

from brygga_sandbox.__main__ import SYSTEMS, main

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:], {"fortnox": SYSTEMS["fortnox"]}))
