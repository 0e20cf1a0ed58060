"""What the gateway of these faults knows: one door, one guard on duty, for a day."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from access.rules import facts as f
from access.rules.labels import Label
from access.rules.policy_keys import KEYS
from access.rules.snapshot import (
    area_payload,
    credential_payload,
    entry_payload,
    person_payload,
    policy_payload,
)
from access.rules.states import CredentialState
from inspections.rules.states import AccreditationState, SweepState
from tests.hardware.osdp_rig import NUMBER, scbk
from tests.zone_record import zone_record

AREA, DUTY, GUARD = "area", "duty", "guard"
DAY = timedelta(days=1)
LABEL = Label("us", 2, frozenset(), frozenset(), "S")
PULSE_TENTHS = 5


def records() -> dict[tuple[str, str], dict[str, Any]]:
    """Records as the centre would tell them, by kind and key."""
    now = datetime.now(UTC)
    basis = f.DutyBasis(
        DUTY, GUARD, frozenset({AREA}), f.Window(now - DAY, now + DAY), post=f.DutyPost.GUARD
    )
    person = f.PersonFacts(
        GUARD,
        frozenset({"US"}),
        (f.Eligibility("us", 3, f.EligibilityStatus.FINAL, (now + 100 * DAY).date()),),
        (),
        (),
        f.Nda((now - 100 * DAY).date(), "witness"),
    )
    letter = f.AccreditationFacts(AccreditationState.ACCREDITED, "us", 2, (now + 100 * DAY).date())
    area = f.AreaFacts(
        AREA,
        LABEL,
        accreditation=letter,
        last_sweep=SweepState.PASSED,
        capacity=10,
        lockdown=False,
        threat="normal",
    )
    badge = f.CredentialFacts("S-01", CredentialState.ISSUED, GUARD, None)
    return {
        ("policy", "current"): policy_payload(
            f.PolicyFacts("faults/1", {key: value.entry() for key, value in KEYS.items()})
        ),
        ("area", AREA): area_payload(area),
        ("person", GUARD): person_payload(person, entries=[DUTY], pin=None),
        ("entry", DUTY): entry_payload(basis),
        ("credential", hashlib.sha256(NUMBER).hexdigest()): credential_payload(badge),
        ("zone", "Z1"): zone_record(AREA),
        ("portal", "D1"): {
            "zone": "Z1",
            "area": AREA,
            "pulse_tenths": PULSE_TENTHS,
            "held_seconds": 20,
            "contact": True,
            "pin": False,
        },
        ("bus", "B1"): {"driver": "osdp", "port": "ttyBUS", "baud": 115200},
        ("device", "R1"): {
            "bus": "B1",
            "kind": "reader",
            "address": 1,
            "portal": "D1",
            "direction": "in",
            "scbk": scbk(1).hex(),
            "output": 0,
            "contact_input": 0,
            "rex_input": 1,
        },
    }
