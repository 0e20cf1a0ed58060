"""The facts of a visit as its journal entries tell them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from access.reports.concerns import concerns_told
from access.reports.facts import (
    BadgeFact,
    BookingFact,
    Facts,
    ItemFact,
    LockerFact,
    MandateFact,
    PassageFact,
    ReadFact,
    SignatureFact,
    StepFact,
    SweepFact,
    VisitFact,
)
from access.reports.laptop import laptop_signatures
from access.reports.told import Named, Told, gone, moment_of, of_kind, who_of
from access.rules.states import STEP_OF_KIND, VisitAction

# What every step's body says beside the details of the step.
_COMMON = frozenset({"visit", "state", "by", "visitor"})
ESCORT_CHANGED = "booking.escort_changed"
_OF_BADGES = ("badge.issued", "badge.lost", "badge.returned", "badge.revoked")
_BADGED = tuple(kind for kind, step in STEP_OF_KIND.items() if step == VisitAction.ISSUE_BADGE)
_DECIDED = ("booking.approved", "booking.refused")


def journaled(entries: Sequence[Told]) -> Facts:
    """Fold the entries of a visit, in the journal's order, into its facts."""
    about: dict[str, list[Told]] = {}
    for entry in entries:
        about.setdefault(entry.subject_type, []).append(entry)
    visit = _visit(about.get("access.visit", []))
    custody = about.get("access.lockerassignment", [])
    return Facts(
        visit=visit,
        booking=_booking(about.get("access.booking", []), visit.visitor),
        mandate=mandate_told(about.get("access.engagement", [])),
        steps=_steps(about.get("access.visit", [])),
        items=_items(about.get("access.custodyitem", []), custody),
        lockers=_lockers(custody),
        signatures=_signatures(custody),
        reads=_reads(about.get("gateway", [])),
        passages=_passages(about.get("gateway", [])),
        sweeps=_sweeps(about.get("inspections.sweep", []), visit.reference),
        concerns=concerns_told(entries),
        badges=_badges(about.get("access.badge", []), about.get("access.visit", [])),
        laptop_signatures=laptop_signatures(entries),
    )


def _last(entries: Iterable[Told], key: str) -> str:
    found = ""
    for entry in entries:
        found = entry.text(key) or found
    return found


def _thing(entries: Iterable[Told], key: str, name: str) -> Named | None:
    entries = list(entries)
    found = _last(entries, key)
    return Named(found, _last(entries, name)) if found else None


def _visit(entries: Sequence[Told]) -> VisitFact:
    visitor = None
    for entry in entries:
        visitor = who_of(entry.data.get("visitor")) or visitor
    return VisitFact(
        told=entries[-1] if entries else None,
        gone=gone(entries),
        reference=_last(entries, "reference") or _last(entries, "visit"),
        visitor=visitor,
        state=_last(entries, "state"),
    )


def _booking(entries: Sequence[Told], visitor: Named | None) -> BookingFact:
    escorts = _escorts(entries, visitor.key if visitor else "")
    erased = gone(entries)
    # Its reason is why the escort changed, and not the booking's.
    entries = [each for each in entries if each.kind != ESCORT_CHANGED]
    asked = next(iter(of_kind(entries, "booking.requested")), None)
    decided = next(reversed(of_kind(entries, *_DECIDED)), None)
    return BookingFact(
        told=decided or asked,
        gone=erased,
        reference=_last(entries, "reference"),
        area=_thing(entries, "area", "area_name"),
        starts_at=asked.moment("starts_at") if asked else None,
        ends_at=asked.moment("ends_at") if asked else None,
        requester=asked.who if asked else None,
        requested_at=asked.at if asked else None,
        decided_by=decided.who if decided else None,
        decided_at=decided.at if decided else None,
        state=_last(entries, "state"),
        reason=_last(entries, "reason"),
        escort=escorts[-1] if escorts else None,
        escorts=escorts,
    )


def _escorts(entries: Sequence[Told], person: str) -> tuple[Named, ...]:
    """Who has escorted a person under the booking: named at the request, and since.

    Nobody can be told once the text of one of these entries was erased.
    """
    found: list[Named | None] = []
    for entry in of_kind(entries, "booking.requested", ESCORT_CHANGED):
        if entry.erased:
            return ()
        if entry.kind != ESCORT_CHANGED:
            named = entry.data.get("escorts")
            found = [who_of(named.get(person))] if isinstance(named, Mapping) else []
        elif entry.text("person") == person:
            found.append(who_of(entry.data.get("escort")))
    return tuple(each for each in found if each is not None)


def mandate_told(entries: Sequence[Told]) -> MandateFact:
    """The mandate, as the entries about it tell it."""
    drafted = next(iter(of_kind(entries, "engagement.drafted")), None)
    lab = mandate_approval(entries, "lab")
    facility = mandate_approval(entries, "facility")
    return MandateFact(
        told=drafted or (entries[-1] if entries else None),
        gone=gone(entries),
        reference=_last(entries, "reference"),
        title=_last(entries, "title"),
        sponsor=_thing(entries, "sponsor_id", "sponsor"),
        access=_last(entries, "access"),
        asset=_thing(entries, "asset_id", "asset"),
        level=_last(entries, "level"),
        compartments=tuple(drafted.texts("compartments")) if drafted else (),
        valid_from=moment_of(_last(entries, "valid_from")),
        valid_until=moment_of(_last(entries, "valid_until")),
        lab_approval=lab.who if lab else None,
        facility_approval=facility.who if facility else None,
        state=_last(entries, "state"),
    )


def mandate_approval(entries: Iterable[Told], side: str) -> Told | None:
    """The last approval of the mandate for ``lab`` or ``facility``."""
    return next(reversed(of_kind(entries, f"engagement.approved_by_{side}")), None)


def _steps(entries: Sequence[Told]) -> dict[tuple[str, int], StepFact]:
    steps: dict[tuple[str, int], StepFact] = {}
    counts: dict[str, int] = {}
    for entry in sorted(of_kind(entries, *STEP_OF_KIND), key=lambda each: each.at):
        kind = STEP_OF_KIND[entry.kind].value
        counts[kind] = counts.get(kind, 0) + 1
        steps[kind, counts[kind]] = StepFact(
            told=entry,
            gone=gone([entry]),
            kind=kind,
            at=entry.at,
            by=entry.who,
            details={key: value for key, value in entry.data.items() if key not in _COMMON},
        )
    return steps


def _badges(badges: Sequence[Told], visit: Iterable[Told]) -> tuple[BadgeFact, ...]:
    """What became of the visit's badges, but for what a step tells of a badge already."""
    given = [badge for entry in of_kind(visit, *_BADGED) if (badge := entry.text("badge"))]
    found: list[BadgeFact] = []
    for entry in of_kind(badges, *_OF_BADGES):
        badge = entry.text("badge")
        if entry.kind == "badge.issued":
            if badge in given:
                continue
            given.append(badge)
        found.append(
            BadgeFact(
                told=entry,
                gone=gone([entry]),
                badge=badge,
                kind=entry.kind,
                another=entry.kind == "badge.issued" and len(given) > 1,
                at=entry.at,
                by=entry.who,
                reason=entry.text("reason"),
            )
        )
    return tuple(found)


def _lockers(entries: Sequence[Told]) -> dict[str, LockerFact]:
    lockers: dict[str, LockerFact] = {}
    for entry in entries:
        known = lockers.get(entry.subject_id) or LockerFact(told=entry, locker="", released=False)
        number = entry.text("locker") or known.locker
        released = known.released or entry.kind == "locker.released"
        lockers[entry.subject_id] = replace(
            known, locker=number, released=released, gone=(*known.gone, *gone([entry]))
        )
    for key in _returned(entries):
        lockers[key] = replace(lockers[key], released=True)
    return lockers


def _returned(entries: Iterable[Told]) -> dict[str, Told]:
    """When both had signed that everything was given back, by assignment."""
    signed: dict[str, list[Told]] = {}
    for entry in of_kind(entries, "return.signed"):
        signed.setdefault(entry.subject_id, []).append(entry)
    return {key: both[-1] for key, both in signed.items() if len(both) > 1}


def _items(things: Sequence[Told], custody: Sequence[Told]) -> dict[str, ItemFact]:
    removed = {entry.subject_id for entry in of_kind(things, "custody_item.removed")}
    returned = _returned(custody)
    items: dict[str, ItemFact] = {}
    for entry in of_kind(things, "custody_item.added"):
        if entry.subject_id in removed:
            continue
        back = returned.get(entry.text("assignment"))
        items[entry.subject_id] = ItemFact(
            told=entry,
            gone=gone([entry]),
            item=entry.text("kind"),
            mark=entry.text("mark"),
            approval=entry.text("approval"),
            stays=entry.data.get("stays") is True,
            locker=entry.text("assignment"),
            returned_at=back.at if back else None,
        )
    return items


def _signatures(entries: Sequence[Told]) -> dict[tuple[str, str, str], SignatureFact]:
    """Signatures that stand: an opened locker voids those of its deposit."""
    signatures: dict[tuple[str, str, str], SignatureFact] = {}
    for entry in entries:
        if entry.kind == "deposit.voided":
            for key in [k for k in signatures if k[:2] == (entry.subject_id, "deposit")]:
                del signatures[key]
        if entry.kind not in {"deposit.signed", "return.signed"}:
            continue
        purpose = entry.kind.partition(".")[0]
        party = entry.text("party") or f"erased-{entry.position}"
        signer = entry.text("signer")
        signatures[entry.subject_id, purpose, party] = SignatureFact(
            told=entry,
            gone=gone([entry]),
            locker=entry.subject_id,
            purpose=purpose,
            party=party,
            signer=Named(signer, entry.text("name")) if signer else None,
            at=entry.at,
            digest=entry.text("strokes_sha256"),
        )
    return signatures


def _reads(entries: Sequence[Told]) -> dict[str, ReadFact]:
    moments: dict[tuple[str, str], Told] = {}
    for entry in of_kind(entries, "door.opened", "door.relocked"):
        # Two who enter together stand on a read each; what came first of a read stays.
        for read in _items_of(entry.data.get("read_ids")) or (entry.text("read_id"),):
            moments.setdefault((entry.kind, str(read)), entry)
    reads: dict[str, ReadFact] = {}
    for entry in sorted(of_kind(entries, "door.read"), key=lambda each: each.at):
        read_id = entry.text("read_id") or f"erased-{entry.position}"
        opened, relocked = (
            moments.get((kind, read_id)) for kind in ("door.opened", "door.relocked")
        )
        reads[read_id] = ReadFact(
            told=entry,
            gone=gone([entry]),
            at=entry.at,
            door=entry.text("portal"),
            direction=entry.text("direction"),
            outcome=entry.text("outcome"),
            objections=_items_of(entry.data.get("objections")),
            obligations=_items_of(entry.data.get("obligations")),
            badge=entry.text("badge"),
            basis=entry.text("basis"),
            policy_version=entry.text("policy_version"),
            opened_at=opened.at if opened else None,
            relocked_at=relocked.at if relocked else None,
        )
    return reads


def _items_of(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()


def _passages(entries: Sequence[Told]) -> dict[tuple[str, int], PassageFact]:
    passages: dict[tuple[str, int], PassageFact] = {}
    counts: dict[str, int] = {}
    kinds = {"presence.entered": "in", "presence.left": "out"}
    for entry in sorted(of_kind(entries, *kinds), key=lambda each: each.at):
        way = kinds[entry.kind]
        counts[way] = counts.get(way, 0) + 1
        passages[way, counts[way]] = PassageFact(
            told=entry,
            gone=gone([entry]),
            at=entry.at,
            zone=entry.text("zone"),
            direction=way,
            basis=entry.text("basis"),
        )
    return passages


def _sweeps(entries: Sequence[Told], reference: str) -> dict[str, SweepFact]:
    """The sweeps that this visit made due; one that a later visit made due again is that one's."""
    about: dict[str, list[Told]] = {}
    for entry in entries:
        about.setdefault(entry.subject_id, []).append(entry)
    return {
        key: _sweep(own)
        for key, own in about.items()
        if gone(own) or _last(own, "cause") == reference[:40]
    }


def _sweep(entries: Sequence[Told]) -> SweepFact:
    begun = next(reversed(of_kind(entries, "sweep.started")), None)
    ended = next(reversed(of_kind(entries, "sweep.passed", "sweep.failed")), None)
    second = begun.text("second") if begun else ""
    return SweepFact(
        told=next((entry for entry in (ended, begun) if entry), entries[-1]),
        gone=gone(entries),
        area=_thing(entries, "area", "area_name"),
        sweeper=begun.who if begun else None,
        second=Named(second, begun.text("second_name")) if begun and second else None,
        started_at=begun.at if begun else None,
        ended_at=ended.at if ended else None,
        items=tuple(ended.texts("items")) if ended else (),
        seals=tuple(ended.texts("seals")) if ended else (),
        state=_last(entries, "state"),
    )
