"""A facility with laptops: an approved image, a laptop in the store, a visitor at the desk."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hardware.models import Command
from scif.facilities.models import Locker, LockerPurpose
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from terminals.models import Attestation, BootImage, EngagementTerms, Session, Terminal
from terminals.rules.checklist import CHECKLIST
from terminals.services.attestation import attestation_answer, attestation_ask
from terminals.services.custody import terminal_issue, terminal_return
from terminals.services.enrolment import (
    terminal_confirm,
    terminal_enrol,
    terminal_locker_set,
    terminal_seal,
)
from terminals.services.image import boot_image_approve, boot_image_propose
from terminals.services.inspection import terminal_inspect, terminal_store
from terminals.services.locker import terminal_locker_open
from terminals.services.session import terminal_session_open
from tests.flows.desk_world import World, actor_named
from tests.flows.test_visit_desk import STROKES, check_in
from tests.quotes import GOLDEN, Tpm
from tests.roles import as_control

SEALS = ["S-1001", "S-1002"]
YES = {item.code: True for item in CHECKLIST}
DIGESTS = {number: value.hex() for number, value in GOLDEN.items()}


@contextmanager
def ticking(*, early: timedelta = timedelta()) -> Iterator[None]:
    """Noon today, and later at every look: what follows another thing is later than that.

    ``early``: so long before noon, for what is there before a test begins.
    """
    today = datetime.now(ZoneInfo("Europe/London"))
    noon = today.replace(hour=12, minute=0, second=0, microsecond=0).astimezone(UTC)
    looks = count()
    with clock_set(lambda: noon - early + timedelta(milliseconds=next(looks))):
        yield


@dataclass
class Store:
    """Laptops of the world's facility, and the two officers who answer for them."""

    world: World
    first: Actor = field(default_factory=lambda: actor_named("p.ngata"))
    second: Actor = field(default_factory=lambda: actor_named("h.marsh"))
    colleague: Actor = field(default_factory=lambda: actor_named("s.bianchi"))
    tpms: dict[UUID, Tpm] = field(default_factory=dict)

    @property
    def guard(self) -> Actor:
        """Who stands at the desk."""
        return self.world.guard

    def image(
        self,
        version: str = "1",
        *,
        approved: bool = True,
        pcrs: Mapping[int, str] = MappingProxyType(DIGESTS),
    ) -> BootImage:
        """A boot image whose PCR values are those of the tests' TPMs."""
        image = boot_image_propose(
            facility_id=self.world.facility.pk,
            name="Kiosk",
            version=version,
            image_sha256="ab" * 32,
            pcrs=pcrs,
            actor=self.first,
        )
        for actor in (self.first, self.second) if approved else ():
            image = boot_image_approve(image_id=image.pk, actor=actor)
        return image

    def registered(self, tag: str = "LT-01", image: BootImage | None = None) -> Terminal:
        """A laptop that one officer has enrolled and sealed."""
        tpm = Tpm(endorsement_area=f"endorsement of {tag}".encode())
        terminal = terminal_enrol(
            facility_id=self.world.facility.pk,
            asset_tag=tag,
            serial=f"SN-{tag}",
            image_id=(image or self.image(tag)).pk,
            attestation_public=tpm.public,
            endorsement_public=tpm.endorsement_public,
            actor=self.first,
        )
        self.tpms[terminal.pk] = tpm
        for place, number in zip(("lid", "base"), SEALS, strict=True):
            terminal_seal(
                terminal_id=terminal.pk, place=place, number=f"{number}-{tag}", reason="",
                actor=self.first,
            )  # fmt: skip
        return terminal

    def stored(self, tag: str = "LT-01", *, locker: bool = False) -> Terminal:
        """A laptop that two officers have enrolled."""
        terminal = self.registered(tag)
        if locker:
            kept = Locker.objects.filter(bank__facility=self.world.facility).latest("lock")
            kept.purpose = LockerPurpose.TERMINAL
            kept.save(update_fields=["purpose"])
            terminal_locker_set(terminal_id=terminal.pk, locker_id=kept.pk, actor=self.first)
        return terminal_confirm(
            terminal_id=terminal.pk,
            endorsement_sha256=terminal.endorsement_sha256,
            actor=self.second,
        )

    def seals(self, terminal: Terminal) -> list[str]:
        """The numbers as they are on the laptop."""
        return [f"{number}-{terminal.asset_tag}" for number in SEALS]

    def attested(self, terminal: Terminal, golden: dict[int, bytes] | None = None) -> Attestation:
        """Ask its TPM and hand in what that says."""
        asked = attestation_ask(terminal_id=terminal.pk, actor=self.guard)
        quote = self.tpms[terminal.pk].quote(bytes.fromhex(asked.nonce), golden)
        return attestation_answer(
            attestation_id=asked.pk,
            quote=quote.attest,
            signature=quote.signature,
            actor=self.guard,
        )

    def opened(self, terminal: Terminal) -> Command:
        """Its locker opens by order, as the board says."""
        command = terminal_locker_open(terminal_id=terminal.pk, actor=self.guard)
        kept = Locker.objects.select_related("bank").get(terminal=terminal)
        self.world.answer(command, "locker.opened", bank=kept.bank.code, lock=kept.lock)
        return command

    def issued(self, terminal: Terminal, **otherwise: Any) -> Terminal:
        """Over the counter to the visitor, who is checked in."""
        if self.world.again().state == "expected":
            check_in(self.world)
        self.attested(terminal)
        terminal_issue(
            **{
                "visit_id": self.world.visit.pk,
                "terminal_id": terminal.pk,
                "seals": self.seals(terminal),
                "strokes": STROKES,
                "actor": self.guard,
                **otherwise,
            }
        )
        return self.again(terminal)

    def requested(self, terminal: Terminal) -> Session:
        """A session of its holder on record, as the control process writes it."""
        visit = self.world.again()
        booking, proposer = visit.booking, self.colleague.person_id
        assert proposer is not None
        terms, _ = EngagementTerms.objects.get_or_create(
            engagement=booking.engagement,
            defaults={
                "harness_host": "192.0.2.7", "harness_port": 443, "rate_bytes": 1_000,
                "burst_bytes": 1_000, "channels": 1, "proposed_at": now(),
                "proposed_by_id": proposer,
            },
        )  # fmt: skip
        with as_control():
            return Session.objects.create(
                grant_id=secrets.token_hex(12), person=visit.person, visit=visit,
                engagement=booking.engagement, area=booking.area, terminal=terminal, terms=terms,
                source="192.0.2.8", granted_at=now(), ends_at=booking.ends_at, policy_version="1",
            )  # fmt: skip

    def in_session(self, terminal: Terminal) -> Terminal:
        """Its holder's session has begun, without what he is asked at the laptop."""
        session = self.requested(terminal)
        with as_control():
            return terminal_session_open(
                terminal_id=terminal.pk, person_id=session.person_id, actor=Actor.system("control")
            )

    def returned(self, terminal: Terminal, seals: list[str] | None = None) -> Terminal:
        """Back over the counter."""
        terminal_return(
            terminal_id=terminal.pk,
            seals=self.seals(terminal) if seals is None else seals,
            strokes=STROKES,
            actor=self.guard,
        )
        return self.again(terminal)

    def put_away(self, terminal: Terminal) -> Terminal:
        """Inspected without a fault, and back in the store."""
        terminal_inspect(
            terminal_id=terminal.pk,
            answers=YES,
            seals=self.seals(terminal),
            remarks="",
            actor=self.guard,
        )
        return terminal_store(terminal_id=terminal.pk, actor=self.guard)

    def unsigned(self, terminal: Terminal) -> None:
        """Whoever holds it holds it from now on without having signed for that."""
        held = terminal.custodies.get(ended_at=None)
        terminal.custodies.filter(pk=held.pk).update(ended_at=now(), ended_how="returned")
        held.pk, held._state.adding = uuid4(), True
        held.save(force_insert=True)

    def again(self, terminal: Terminal) -> Terminal:
        """The laptop as it stands now."""
        return Terminal.objects.get(pk=terminal.pk)
