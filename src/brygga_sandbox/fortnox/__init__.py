"""Fortnox in a box: `with fortnox.running() as sandbox:` gives a server on 127.0.0.1 and its state.

How a resource is added: see `resource`. What a company starts with: `seed`. Addresses and credentials: `app`.
"""

from brygga_sandbox.fortnox.app import Sandbox, running
from brygga_sandbox.fortnox.state import Company

__all__ = ["Company", "Sandbox", "running"]
