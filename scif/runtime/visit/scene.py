"""What the steps share: people at browsers, cards at readers, and patience."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from access.models import AccessDecision, Visit
from hardware.simulators.client import SimulatorClient, SimulatorError
from scif.console.demo.published import PASSWORD, STAFF_PIN
from scif.kernel.clock import now
from scif.runtime.visit.session import Page, Session

T = TypeVar("T")
PATIENCE_SECONDS = 15.0
LOOK_AGAIN_SECONDS = 0.05
WALK_SECONDS = 0.7
READ_WITHIN = timedelta(minutes=5)
SECOND = "Second person, please"
Holder = tuple[str, str]  # a card and its PIN


class Unexpected(Exception):
    """A step went otherwise than it should; says what was expected and what came."""


@dataclass
class Scene:
    """One performance. ``facts`` carries from step to step what a person would remember."""

    address: str
    simulators: Path
    sessions: dict[str, Session] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    begun: datetime = field(default_factory=now)

    @classmethod
    def here(cls) -> "Scene":
        """The installation that this process belongs to."""
        return cls(os.environ["SCIF_ADDRESS"], Path(os.environ["SCIF_SIM_DIR"]))

    def person(self, login: str) -> Session:
        """A person at his own browser, signed in at first use."""
        if login not in self.sessions:
            session = Session(self.address)
            page = session.sign_in(login, PASSWORD)
            expect(page.status == 200 and "/login/" not in page.url, f"{login} signs in", page)
            self.sessions[login] = session
        return self.sessions[login]

    def devices(self, gateway: str) -> SimulatorClient:
        """The virtual devices of a gateway."""
        return SimulatorClient(self.simulators, gateway)

    def present(
        self, gateway: str, reader: str, card: str, pin: str | None = STAFF_PIN
    ) -> datetime:
        """Hold a card to a reader and type the PIN; gives when."""
        at = now()
        devices = self.devices(gateway)
        devices.ask("tap", reader=reader, card=card)
        if pin is not None:
            devices.ask("type", reader=reader, digits=f"{pin}#")
        return at

    def decided(self, portal: str, since: datetime, outcome: str) -> AccessDecision:
        """The decision that the centre was told of a read since then, with this outcome."""
        found = wait_for(
            lambda: _decisions(portal, since).exclude(outcome="pending").first(),
            f"a decision at {portal}",
        )
        reasons = ", ".join(each["code"] for each in found.objections) or "no objection"
        expect(found.outcome == outcome, f"{portal} says {outcome}", f"{found.outcome}: {reasons}")
        return found

    def enter_two(
        self, gateway: str, portal: str, reader: str, first: Holder, second: Holder
    ) -> list[AccessDecision]:
        """Two show their cards one after the other and go in together; gives both decisions."""
        at = self.present(gateway, reader, *first)
        wait_for(
            lambda: self.reader_shows(gateway, reader) == SECOND,
            f"{reader} asks for the second person",
        )
        self.present(gateway, reader, *second)
        granted = _decisions(portal, at).filter(outcome="granted")
        wait_for(lambda: granted.count() == len((first, second)), f"two are let in at {portal}")
        self.walk_through(gateway, portal)
        return list(granted.order_by("occurred_at", "pk"))

    def leave_two(self, gateway: str, portal: str, reader: str, first: str, second: str) -> None:
        """Two show their cards inside and go out together."""
        for card in (first, second):
            at = self.present(gateway, reader, card, pin=None)
            self.decided(portal, at, "granted")
        self.walk_through(gateway, portal)

    def reader_shows(self, gateway: str, reader: str) -> str:
        """The text on a reader's display."""
        state = self.devices(gateway).ask("state")["state"]
        for bus in state.values():
            if reader in bus.get("readers", {}):
                return str(bus["readers"][reader]["text"])
        raise Unexpected(f"expected: a reader {reader}; came: none")

    def walk_through(self, gateway: str, portal: str) -> None:
        """Push the door once it is unlocked, go through at a walking pace, and let it fall shut."""
        devices = self.devices(gateway)
        wait_for(lambda: _pushed(devices, portal), f"{portal} is unlocked")
        threading.Event().wait(WALK_SECONDS)
        devices.ask("close", door=portal)

    def visit(self) -> Visit:
        """The visit that is played, as it stands now."""
        return Visit.objects.select_related("booking__area", "person").get(
            pk=UUID(str(self.facts["visit"]))
        )


def _decisions(portal: str, since: datetime) -> QuerySet[AccessDecision]:
    """Of reads since then, and before what a clock that somebody set wrong dated tomorrow."""
    return AccessDecision.objects.filter(
        portal__code=portal, occurred_at__range=(since, since + READ_WITHIN)
    )


def _pushed(devices: SimulatorClient, portal: str) -> bool:
    try:
        devices.ask("push", door=portal)
    except SimulatorError:
        return False
    return True


def expect(condition: object, what: str, came: object = "") -> None:
    """Raise unless it is so."""
    if not condition:
        shown = came.words[:400] if isinstance(came, Page) else came
        raise Unexpected(f"expected: {what}; came: {shown}")


def wait_for(look: Callable[[], T | None], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Look again and again until something is there; events arrive when they arrive."""
    until = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > until:
            raise Unexpected(f"expected: {what}; came: nothing in {seconds:g} s")
        pause.wait(LOOK_AGAIN_SECONDS)
