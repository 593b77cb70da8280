"""The other business systems in a world of their own, each beside a Fortnox (see `proof.world`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import time_machine

import mobigo_hub
import opter_hub
import textalk_hub
from brygga_sandbox import fortnox as fortnox_sandbox
from brygga_sandbox.mobigo import Limits as MobigoLimits
from brygga_sandbox.mobigo import Sandbox as MobigoSandbox
from brygga_sandbox.opter import Limits as OpterLimits
from brygga_sandbox.opter import Sandbox as OpterSandbox
from brygga_sandbox.server import System
from brygga_sandbox.textalk import Sandbox as TextalkSandbox
from brygga_sandbox.upsales import Sandbox as UpsalesSandbox
from brygga_sandbox.upsales import Setup
from mobigo_hub import MobigoHub
from opter_hub import OpterHub
from proof.world import BEGIN, Line, lined_up
from textalk_hub import TextalkHub
from upsales_hub import UpsalesHub


@dataclass
class UpsalesWorld(Line, UpsalesHub):
    """The hub between a Fortnox and an Upsales."""

    at: Callable[[str], None] = lambda kind: None
    clock: Any = None

    @property
    def systems(self) -> Mapping[str, System]:
        return {"fortnox.example": self.fortnox, "upsales.example": self.upsales}


@dataclass
class TextalkWorld(Line, TextalkHub):
    """The hub between a Fortnox and a shop."""

    at: Callable[[str], None] = lambda kind: None
    clock: Any = None

    @property
    def systems(self) -> Mapping[str, System]:
        return {"fortnox.example": self.fortnox, "textalk.example": self.shop}


@dataclass
class MobigoWorld(Line, MobigoHub):
    """The hub between a Fortnox and a Mobigo."""

    at: Callable[[str], None] = lambda kind: None
    clock: Any = None

    @property
    def systems(self) -> Mapping[str, System]:
        return {"fortnox.example": self.fortnox, "mobigo.example": self.mobigo}


@dataclass
class OpterWorld(Line, OpterHub):
    """The hub between a Fortnox and an Opter."""

    at: Callable[[str], None] = lambda kind: None
    clock: Any = None

    @property
    def systems(self) -> Mapping[str, System]:
        return {"fortnox.example": self.fortnox, "opter.example": self.opter}


@contextmanager
def upsales_world(home: Path) -> Iterator[UpsalesWorld]:
    """Run a world with an Upsales on the database that Django points at, declared, nothing synced yet."""
    with time_machine.travel(BEGIN, tick=False) as clock:
        upsales = UpsalesSandbox(Setup(price_lists=True, calls=0))
        world = UpsalesWorld(home, fortnox_sandbox.Sandbox(rate_limit=False), upsales, clock=clock)
        with lined_up(world, UPSALES_KEY=upsales.token):
            world.declare()
            yield world


@contextmanager
def textalk_world(home: Path) -> Iterator[TextalkWorld]:
    """Run a world with a shop, Fortnox furnished with the articles that orders need."""
    with time_machine.travel(BEGIN, tick=False) as clock:
        shop = TextalkSandbox()
        world = TextalkWorld(home, fortnox_sandbox.Sandbox(rate_limit=False), shop, clock=clock)
        with lined_up(world, TEXTALK_KEY=f"{shop.webshop}:{shop.token}"):
            world.declare()
            textalk_hub.furnish(world)
            yield world


@contextmanager
def mobigo_world(home: Path) -> Iterator[MobigoWorld]:
    """Run a world with a Mobigo, Fortnox furnished with customers and articles."""
    with time_machine.travel(BEGIN, tick=False) as clock:
        mobigo = MobigoSandbox(MobigoLimits(calls=0))
        world = MobigoWorld(home, fortnox_sandbox.Sandbox(rate_limit=False), mobigo, clock=clock)
        with lined_up(world, MOBIGO_KEY=f"{mobigo.application_id}:{mobigo.secret}"):
            world.declare()
            mobigo_hub.furnish(world)
            yield world


@contextmanager
def opter_world(home: Path) -> Iterator[OpterWorld]:
    """Run a world with an Opter that has one customer."""
    with time_machine.travel(BEGIN, tick=False) as clock:
        opter = OpterSandbox(OpterLimits(calls=0))
        world = OpterWorld(home, fortnox_sandbox.Sandbox(rate_limit=False), opter, clock=clock)
        with lined_up(world, OPTER_KEY=opter.key):
            opter.load("Customers", [opter_hub.NORD])
            world.declare()
            yield world
