"""The records of areas, zones, badges and the policy.

``zone`` is written by ``hardware/services/installation.py``, which knows portals and zones.
"""

from datetime import date
from typing import Any

from access.rules.facts import (
    AccreditationFacts,
    AreaFacts,
    ClosedSpan,
    CredentialFacts,
    OfflineRule,
    Passback,
    PolicyFacts,
    ZoneOrder,
)
from access.rules.labels import Equivalence
from access.rules.snapshot.parts import (
    Payload,
    day_from,
    day_text,
    hours_from,
    hours_payload,
    label_from,
    label_payload,
    moment_from,
    moment_text,
)
from access.rules.states import CredentialState
from inspections.rules.states import AccreditationState, SweepState


def area_payload(area: AreaFacts) -> dict[str, Any]:
    """An area."""
    letter = area.accreditation
    return {
        "label": label_payload(area.label),
        "unclassified": area.unclassified,
        "accreditation": letter
        and {
            "state": letter.state.value,
            "scheme": letter.scheme,
            "rank": letter.rank,
            "expires_on": day_text(letter.expires_on),
        },
        "swept_after_use": area.swept_after_use,
        "last_sweep": area.last_sweep and area.last_sweep.value,
        "capacity": area.capacity,
        "hours": hours_payload(area.hours),
        "time_zone": area.time_zone,
        "lockdown": area.lockdown,
        "sanitised_until": area.sanitised_until and moment_text(area.sanitised_until),
        "open_storage": area.open_storage,
        "offline_rule": area.offline_rule.value,
        "two_person": area.two_person,
        "code": area.code,
        "threat": area.threat,
        "has_panel": area.has_panel,
        "closed": [
            {"first": day_text(each.first), "last": day_text(each.last), "name": each.name}
            for each in area.closed
        ],
    }


def area_from(key: str, payload: Payload) -> AreaFacts:
    """The facts of an area."""
    letter, sweep = payload["accreditation"], payload["last_sweep"]
    sanitised = payload.get("sanitised_until")
    return AreaFacts(
        area_id=key,
        label=label_from(payload["label"]),
        unclassified=payload["unclassified"] is True,
        accreditation=None
        if letter is None
        else AccreditationFacts(
            AccreditationState(letter["state"]),
            letter["scheme"],
            letter["rank"],
            day_from(letter["expires_on"]),
        ),
        swept_after_use=payload["swept_after_use"] is not False,
        last_sweep=None if sweep is None else SweepState(sweep),
        capacity=payload["capacity"],
        hours=hours_from(payload["hours"]),
        time_zone=payload["time_zone"],
        lockdown=payload["lockdown"],
        # Unless told, it is not sanitised.
        sanitised_until=None if sanitised is None else moment_from(sanitised),
        open_storage=payload["open_storage"] is not False,
        offline_rule=OfflineRule(payload["offline_rule"]),
        two_person=payload["two_person"] is not False,
        code=payload["code"],
        threat=payload["threat"],
        closed=tuple(
            ClosedSpan(
                date.fromisoformat(each["first"]), date.fromisoformat(each["last"]), each["name"]
            )
            for each in payload["closed"]
        ),
        has_panel=payload["has_panel"] is not False,
    )


def zone_order_from(payload: Payload) -> ZoneOrder:
    """The order that a zone keeps."""
    passback = payload["anti_passback"]
    return ZoneOrder(
        None if passback is None else Passback(passback),
        payload["anti_passback_minutes"],
        payload["first_person_in"] is not False,
        payload["minimum"],
    )


def credential_payload(credential: CredentialFacts) -> dict[str, Any]:
    """A badge: its printed number, its state, whose it is, and the visit that it serves."""
    return {
        "badge": credential.badge,
        "state": credential.state.value,
        "person": credential.person_id,
        "visit": credential.visit_id,
    }


def credential_from(payload: Payload) -> CredentialFacts:
    """The facts of a badge."""
    return CredentialFacts(
        payload["badge"], CredentialState(payload["state"]), payload["person"], payload["visit"]
    )


def policy_payload(policy: PolicyFacts) -> dict[str, Any]:
    """A policy profile and the equivalences in force beside it."""
    return {
        "version": policy.version,
        "values": {key: dict(value) for key, value in policy.values.items()},
        "equivalences": [
            {
                "accepted_scheme": each.accepted_scheme,
                "accepted_rank": each.accepted_rank,
                "as_scheme": each.as_scheme,
                "as_rank": each.as_rank,
                "valid_from": day_text(each.valid_from),
                "valid_until": day_text(each.valid_until),
            }
            for each in policy.equivalences
        ],
    }


def policy_from(payload: Payload) -> PolicyFacts:
    """The facts of a policy profile."""
    return PolicyFacts(
        payload["version"],
        payload["values"],
        tuple(_equivalence(each) for each in payload["equivalences"]),
    )


def _equivalence(payload: Payload) -> Equivalence:
    first = day_from(payload["valid_from"])
    if first is None:
        raise ValueError("an equivalence without a first day")
    return Equivalence(
        payload["accepted_scheme"],
        payload["accepted_rank"],
        payload["as_scheme"],
        payload["as_rank"],
        first,
        day_from(payload["valid_until"]),
    )
