"""The record of a person: ``person:UUID``."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from access.rules.facts import (
    Eligibility,
    EligibilityStatus,
    Indoctrination,
    LockdownRight,
    Nda,
    NeedToKnow,
    PersonFacts,
    Wall,
    WallKind,
)
from access.rules.snapshot.parts import (
    Payload,
    day_from,
    day_text,
    moment_from,
    moment_text,
    window_from,
    window_payload,
)


def person_payload(
    person: PersonFacts, *, entries: Iterable[str], pin: str | None, duress: str | None = None
) -> dict[str, Any]:
    """A person, the keys of his ``entry`` records here, and his PIN's verifier, if he has one."""
    return {
        "citizenships": sorted(person.citizenships),
        "eligibilities": [
            {
                "scheme": each.scheme,
                "rank": each.rank,
                "status": each.status.value,
                "review_due": day_text(each.review_due),
                "vetting_enrolled": each.vetting_enrolled,
                "accepted_on": day_text(each.accepted_on),
            }
            for each in person.eligibilities
        ],
        "indoctrinations": [
            {
                "scheme": each.scheme,
                "compartment": each.compartment,
                "briefed_on": day_text(each.briefed_on),
                "debriefed_on": day_text(each.debriefed_on),
            }
            for each in person.indoctrinations
        ],
        "needs_to_know": [
            {
                "engagement": each.engagement,
                "grantor": each.grantor,
                "grantor_organisation": each.grantor_organisation,
                "valid_from": moment_text(each.valid_from),
                "valid_until": moment_text(each.valid_until),
            }
            for each in person.needs_to_know
        ],
        "nda": person.nda
        and {"signed_on": day_text(person.nda.signed_on), "witness": person.nda.witness},
        "lockdown_rights": [
            {"areas": sorted(each.areas), "window": window_payload(each.window)}
            for each in person.lockdown_rights
        ],
        "party": person.party,
        "walls": [
            {
                "party": each.party,
                "kind": each.kind.value,
                "first": day_text(each.first),
                "last": day_text(each.last),
                "met": sorted(day.isoformat() for day in each.met),
            }
            for each in person.walls
        ],
        "entries": sorted(entries),
        "pin": pin,
        "duress": duress,
    }


def person_from(key: str, payload: Payload) -> PersonFacts:
    """The facts of a person."""
    nda = payload["nda"]
    return PersonFacts(
        key,
        frozenset(payload["citizenships"]),
        tuple(_eligibility(each) for each in payload["eligibilities"]),
        tuple(_indoctrination(each) for each in payload["indoctrinations"]),
        tuple(_need_to_know(each) for each in payload["needs_to_know"]),
        None if nda is None else Nda(_day(nda["signed_on"]), nda["witness"]),
        tuple(
            LockdownRight(frozenset(each["areas"]), window_from(each["window"]))
            for each in payload["lockdown_rights"]
        ),
        payload["party"],
        tuple(_wall(each) for each in payload["walls"]),
    )


def pins_of(payload: Payload) -> tuple[str | None, str | None]:
    """The verifiers in a person's record, hex keyed HMACs: of the PIN, of the duress PIN."""
    pin, duress = (
        verifier if isinstance(verifier, str) and verifier else None
        for verifier in (payload["pin"], payload["duress"])
    )
    return pin, duress


def _eligibility(payload: Payload) -> Eligibility:
    return Eligibility(
        payload["scheme"],
        payload["rank"],
        EligibilityStatus(payload["status"]),
        day_from(payload["review_due"]),
        payload["vetting_enrolled"] is True,
        # Unless told, no authority has decided anything.
        day_from(payload.get("accepted_on")),
    )


def _indoctrination(payload: Payload) -> Indoctrination:
    return Indoctrination(
        payload["scheme"],
        payload["compartment"],
        _day(payload["briefed_on"]),
        day_from(payload["debriefed_on"]),
    )


def _need_to_know(payload: Payload) -> NeedToKnow:
    return NeedToKnow(
        payload["engagement"],
        payload["grantor"],
        payload["grantor_organisation"],
        moment_from(payload["valid_from"]),
        moment_from(payload["valid_until"]),
    )


def _wall(payload: Payload) -> Wall:
    return Wall(
        payload["party"],
        WallKind(payload["kind"]),
        _day(payload["first"]),
        day_from(payload["last"]),
        frozenset(_day(each) for each in payload["met"]),
    )


def _day(text: str) -> date:
    day = day_from(text)
    if day is None:
        raise ValueError("a day is missing")
    return day
