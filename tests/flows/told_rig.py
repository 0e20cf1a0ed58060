"""A gateway of the rig that holds what the centre has told the reading room's own."""

from pathlib import Path
from typing import Any

from access.rules.facts import CredentialFacts
from access.rules.snapshot import credential_payload
from access.rules.states import CredentialState
from hardware.models import SnapshotDelta
from scif.facilities.models import Area
from scif.kernel.clock import now
from scif.people.models import Person
from tests.gateway_rig import Time, credential_of
from tests.zone_rig import ZoneRig

KINDS = ("area", "policy", "person", "entry")


def told(gateway: str = "ml") -> dict[tuple[str, str], dict[str, Any] | None]:
    """The newest word about each record that a door decides by; None where it was withdrawn."""
    deltas = SnapshotDelta.objects.filter(gateway=gateway, kind__in=KINDS).order_by("version")
    return {(delta.kind, delta.key): delta.payload for delta in deltas}


def told_rig(directory: Path, area: Area) -> ZoneRig:
    """A room with two doors whose gateway knows what was told so far, at this moment."""
    where = str(area.pk)
    time = Time()
    time.wall = now()
    rig = ZoneRig(
        directory,
        time=time,
        doors={code: {"area": where} for code in ("D1", "D2")},
        zone_order={"area": where},
        records={record: payload for record, payload in told().items() if payload is not None},
    ).start()
    hears(rig)
    return rig


def hears(rig: ZoneRig) -> None:
    """The gateway is told what has changed since."""
    for (kind, key), payload in told().items():
        if rig.snapshot.get(kind, key) != payload:
            rig.tell(kind, key, payload)
    rig.snapshot.heard(rig.time.clock())
    rig.run()


def badged(rig: ZoneRig, person: Person, visit: str | None = None) -> str:
    """A person has a badge, a visitor one of his visit; gives the name that he goes by."""
    name = f"card of {person.pk}"
    facts = CredentialFacts(name, CredentialState.ISSUED, str(person.pk), visit)
    rig.tell("credential", credential_of(name), credential_payload(facts))
    return name
