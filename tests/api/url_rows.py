"""Who may open which address: the table that tests/api/test_every_url.py walks.

A new address needs one row here, by its name (or, where it has none, by its route). A new list in
the admin needs its model in ``ADMIN_LISTS``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.factories import Place

ANONYMOUS, AUDITOR, GUARD, SWEEPER = "anonymous", "auditor", "guard", "sweeper"
OFFICER, COMPLIANCE = "officer", "compliance"
EVERYBODY = frozenset({AUDITOR, GUARD, SWEEPER, OFFICER, COMPLIANCE})
OFFICE = frozenset({OFFICER, COMPLIANCE})
OFFICERS = frozenset({OFFICER})
GUARDS = frozenset({GUARD})
DESK = GUARDS | OFFICERS

Arguments = Callable[[Place], Mapping[str, Any]]


@dataclass(frozen=True)
class Row:
    """What an address answers.

    ``roles`` get ``answer``; others get ``denied``. ``arguments`` name the place's own record; with
    ``scoped`` the same address with another facility's record is a 404 for every role.
    """

    roles: frozenset[str] = OFFICE
    answer: int = 200
    denied: int = 302
    method: str = "get"
    arguments: Arguments | None = None
    scoped: bool = False
    anonymous: int = 302


def pk(label: str, name: str = "pk", **more: Any) -> Arguments:
    """The record of a model as the argument ``name``."""
    return lambda place: {name: place.records[label].pk, **more}


ROWS: dict[str, Row] = {
    "start": Row(EVERYBODY, 302),
    "login": Row(EVERYBODY, 200, anonymous=200),
    # Signing out is a POST, so that no link does it.
    "logout": Row(EVERYBODY, 405, anonymous=405),
    "account_password": Row(EVERYBODY),
    "account_done": Row(EVERYBODY, anonymous=200),
    # What is no link of an account says where to ask for one, whoever opens it.
    "account_set": Row(
        EVERYBODY, anonymous=200, arguments=lambda place: {"uidb64": "none", "token": "none"}
    ),
    "route:admin/login/": Row(EVERYBODY, 302),
    "route:admin/(?P<url>.*)$": Row(OFFICE, 404, arguments=lambda place: {"url": "nothing/here"}),
    "admin:index": Row(),
    "admin:login": Row(EVERYBODY, 302),
    # Django's own way to sign out; the head of every page uses ours.
    "admin:logout": Row(EVERYBODY, 405),
    "admin:jsi18n": Row(),
    "admin:app_list": Row(arguments=lambda place: {"app_label": "access"}),
    "admin:hardware": Row(),
    "admin:approvals": Row(),
    "admin:approval": Row(arguments=pk("access.booking"), scoped=True),
    # Compliance staff look on: for them there is no such request to decide.
    "admin:approval_approve": Row(
        OFFICERS, 409, method="post", arguments=pk("access.booking"), scoped=True
    ),
    "admin:approval_refuse": Row(
        OFFICERS, 409, method="post", arguments=pk("access.booking"), scoped=True
    ),
    # Compliance staff enter nobody: for them there is no such page.
    "admin:people_import": Row(OFFICERS, denied=404),
    "admin:why": Row(),
    "admin:why_answer": Row(
        arguments=lambda place: {
            "person": place.records["people.person"].pk,
            "portal": place.records["facilities.portal"].pk,
        },
        scoped=True,
    ),
    "admin:why_outside": Row(
        arguments=lambda place: {
            "person": place.records["people.person"].pk,
            "place": place.records["terminals.registeredplace"].pk,
        },
        scoped=True,
    ),
    # Who has one facility goes on to it.
    "admin:cost_places": Row(answer=302),
    "admin:cost_place": Row(arguments=pk("facilities.facility"), scoped=True),
    "admin:cost": Row(arguments=pk("access.costscenario"), scoped=True),
    # A scenario on the list shows on the page of its reckoning.
    "admin:access_costscenario_change": Row(
        answer=302, arguments=pk("access.costscenario", "object_id"), scoped=True
    ),
    "admin:act": Row(OFFICERS, arguments=pk("access.badge", name_="badge-lost"), scoped=True),
    # A profile belongs to no facility: whoever is an officer anywhere may see that it is there.
    "admin:policy_publish": Row(OFFICERS, arguments=pk("facilities.policyprofile")),
    "admin:history": Row(arguments=pk("access.booking", label_="access.booking"), scoped=True),
}


def desk(label: str = "", name: str = "pk", attribute: str = "pk", answer: int = 200) -> Row:
    """A page of a guard's desk; a desk that is not one's own is not there."""

    def arguments(place: Place) -> Mapping[str, Any]:
        more = {name: getattr(place.records[label], attribute)} if label else {}
        return {"code": place.world.facility.code} | more

    return Row(DESK, answer, denied=404, arguments=arguments, scoped=True)


def bench(answer: int = 200, method: str = "get") -> Row:
    """The virtual devices of a facility: seen by whoever may see its devices, played by who works
    there.
    """
    return Row(
        OFFICE | GUARDS if method == "get" else OFFICERS | GUARDS,
        answer,
        denied=404,
        method=method,
        arguments=lambda place: {"facility": place.world.facility.code},
        scoped=True,
    )


def booking(
    answer: int,
    roles: frozenset[str] = OFFICE | {AUDITOR},
    *,
    method: str = "get",
    api: bool = False,
) -> Row:
    """A page about a booking, for its people and the office."""
    return Row(
        roles,
        answer,
        denied=404,
        method=method,
        arguments=pk("access.booking"),
        scoped=True,
        anonymous=403 if api else 302,
    )


def item(
    roles: frozenset[str],
    answer: int = 200,
    *,
    method: str = "get",
    version: bool = False,
    anonymous: int = 302,
) -> Row:
    """A page about an item of the airlock, for its team, its checkers and the office."""

    def arguments(place: Place) -> Mapping[str, Any]:
        more = {"version": place.records["terminals.airlockversion"].pk} if version else {}
        return {"pk": place.records["terminals.airlockitem"].pk} | more

    return Row(
        roles,
        answer,
        denied=404,
        method=method,
        arguments=arguments,
        scoped=True,
        anonymous=anonymous,
    )


ROWS |= {
    "desk:home": Row(DESK, 302, denied=404),
    "desk:of": desk(answer=302),
    "desk:arrivals": desk(),
    "desk:inside": desk(),
    "desk:exit": desk(),
    "desk:muster": desk(),
    "desk:badges": desk(),
    "desk:pins": desk(),
    "desk:shift": desk(),
    "desk:emergency": desk(),
    "desk:lockdown": desk(),
    "desk:alarms": desk(),
    "desk:alarm": desk("alarms.alarm"),
    "desk:sweep": desk("inspections.sweep"),
    "desk:laptops": desk(),
    "desk:sessions": desk(),
    "desk:called": desk(),
    "desk:laptop": desk("terminals.terminal"),
    "desk:laptop_stop": desk("terminals.terminal"),
    "desk:laptop_outside": desk("terminals.terminal"),
    "desk:unlock": desk("facilities.portal", "portal", "code"),
    "desk:standing": desk("facilities.portal", "portal", "code"),
    "desk:zone": desk("facilities.zone", "zone", "code"),
    "desk:visit": desk("access.visit"),
    "desk:visit_pin": desk("access.visit"),
    "desk:pin": desk("access.visit"),
    "desk:second_pin": desk("access.visit"),
    "desk:new_pin": desk("access.visit", answer=302),  # the visit has no PIN that could be voided
    "desk:leaves": desk("access.visit"),
    "desk:turn_away": desk("access.visit"),
    "desk:suspend": desk("access.visit"),
    "desk:resume": desk("access.visit"),
    # For agents of laptops: signed by a TPM, and otherwise alike for everybody.
    "terminal-heartbeat": Row(
        EVERYBODY, 403, method="post", anonymous=403, arguments=pk("terminals.terminal")
    ),
    "bench-first": Row(OFFICE | GUARDS, 302, denied=404),
    "bench": bench(),
    "bench-state": bench(),
    "bench-act": bench(404, "post"),
    "bench-machines": bench(),
    "bench-machines-act": bench(302, "post"),
    "portal:visits": Row(EVERYBODY),
    "portal:slots": Row(EVERYBODY),
    "portal:engagements": Row(EVERYBODY),
    "portal:rooms": Row(EVERYBODY),
    "portal:me": Row(EVERYBODY),
    "portal:visit": booking(200),
    "portal:visit-cancel": booking(200, OFFICERS | {AUDITOR}, method="post"),
    "portal:slot-ask": Row(EVERYBODY, 302, method="post"),
    "portal:engagement": Row(
        OFFICE | {AUDITOR}, denied=404, arguments=pk("access.engagement"), scoped=True
    ),
    # Only the sponsor's officer discloses, and he is none of these.
    "portal:need-to-know": Row(
        frozenset(), denied=404, arguments=pk("access.engagement"), scoped=True
    ),
    "laptops:engagement": Row(
        frozenset(), denied=404, arguments=pk("access.engagement"), scoped=True
    ),
    # The office and the lab; who is neither is shown an empty list, and no engagement.
    "use:uses": Row(EVERYBODY),
    "use:use": Row(denied=404, arguments=pk("access.engagement"), scoped=True),
    "use:report": Row(
        answer=302, denied=404, method="post", arguments=pk("access.engagement"), scoped=True
    ),
    # Numbered entries are in tests/flows/test_use_entry.py; here there is none.
    "use:entry": Row(
        answer=404, denied=404, arguments=pk("access.engagement", position=1), scoped=True
    ),
    "laptops:places": Row(EVERYBODY),
    "airlock:items": Row(EVERYBODY),
    "airlock:new": Row(EVERYBODY, arguments=lambda place: {"direction": "export"}),
    "airlock:item": item(OFFICE | {AUDITOR}),
    # Its author alone gives it up.
    "airlock:withdraw": item(frozenset({AUDITOR})),
    # The bytes are for checkers; compliance reads hash and reason, the author what is released.
    "airlock:review": item(OFFICERS),
    "airlock:take": item(OFFICERS, 302, version=True),
    "airlock:reviewers": Row(
        OFFICE | {AUDITOR}, denied=404, arguments=pk("access.engagement"), scoped=True
    ),
    "reports:list": Row(OFFICE, denied=403),
    "reports:visits": Row(OFFICE, denied=403),
    "reports:make": Row(OFFICE, 422, denied=403, method="post"),
    "reports:download": Row(OFFICE, 409, denied=404, arguments=pk("reporting.report"), scoped=True),
    "reports:retry": Row(
        OFFICE, 302, denied=404, method="post", arguments=pk("reporting.report"), scoped=True
    ),
    "reports:verify": Row(EVERYBODY),
    "api-airlock": Row(EVERYBODY, anonymous=403),
    "api-airlock-item": item(OFFICE | {AUDITOR}, anonymous=403),
    "api-airlock-approve": item(OFFICE | {AUDITOR}, 400, method="post", anonymous=403),
    "api-airlock-refuse": item(OFFICE | {AUDITOR}, 400, method="post", anonymous=403),
    "api-airlock-release": item(OFFICE | {AUDITOR}, 409, method="post", anonymous=403),
    "api-airlock-appeal": item(OFFICE | {AUDITOR}, 400, method="post", anonymous=403),
    "api-bookings": Row(EVERYBODY, anonymous=403),
    "api-booking": booking(200, api=True),
    "api-booking-approve": booking(409, OFFICERS, method="post", api=True),
    "api-booking-refuse": booking(409, OFFICERS, method="post", api=True),
    "api-booking-cancel": booking(200, OFFICERS | {AUDITOR}, method="post", api=True),
    # Entries get their positions from the sequencer, so there is none here to open.
    "admin:journal_entry_changelist": Row(),
    "admin:journal_entry_add": Row(frozenset(), denied=403),
    "admin:journal_entry_change": Row(answer=302, arguments=lambda place: {"object_id": "1"}),
    "admin:journal_entry_history": Row(answer=302, arguments=lambda place: {"object_id": "1"}),
    "admin:journal_entry_delete": Row(
        frozenset(), denied=403, arguments=lambda place: {"object_id": "1"}
    ),
    "route:admin/journal/entry/<path:object_id>/": Row(
        answer=302, arguments=lambda place: {"object_id": "1"}
    ),
}

READ, EDIT, EDIT_ONLY = "read", "edit", "edit without adding"
# Lists of the admin: who may change, and whether the records belong to a facility.
ADMIN_LISTS: dict[str, tuple[str, bool]] = {
    "access.accessdecision": (READ, True),
    "access.badge": (READ, True),
    "access.badgeassignment": (READ, True),
    "access.booking": (READ, True),
    "access.conflictwall": (READ, True),
    "access.costscenario": (READ, True),
    "access.custodyitem": (READ, True),
    "access.duty": (READ, True),
    "access.eligibility": (READ, True),
    "access.emergency": (READ, True),
    "access.engagement": (READ, True),
    "access.indoctrination": (READ, True),
    "access.lockdown": (READ, True),
    "access.lockdownpass": (READ, True),
    "access.lockerassignment": (READ, True),
    "access.modelasset": (READ, False),
    "access.nda": (READ, True),
    "access.needtoknow": (READ, True),
    "access.pin": (READ, True),
    "access.presence": (READ, True),
    "access.presenceevent": (READ, True),
    "access.responder": (READ, True),
    "access.response": (READ, True),
    "access.rosterentry": (READ, True),
    "access.sanitisation": (READ, True),
    "access.signature": (READ, True),
    "access.sponsor": (READ, False),
    "access.threatlevelchange": (READ, True),
    "access.visit": (READ, True),
    "alarms.alarm": (READ, True),
    "facilities.area": (EDIT, True),
    "facilities.caveat": (READ, False),
    "facilities.closedday": (EDIT, True),
    "facilities.compartment": (READ, False),
    "facilities.equivalence": (READ, False),
    "facilities.facility": (EDIT_ONLY, True),
    "facilities.idsstate": (READ, True),
    "facilities.level": (READ, False),
    "facilities.locker": (EDIT, True),
    "facilities.lockerbank": (EDIT, True),
    "facilities.policyprofile": (READ, False),
    "facilities.portal": (EDIT, True),
    "facilities.securityscheme": (READ, False),
    "facilities.zone": (EDIT, True),
    "hardware.bus": (READ, True),
    "hardware.command": (READ, True),
    "hardware.device": (READ, True),
    "hardware.devicestate": (READ, True),
    "hardware.doorstate": (READ, True),
    "hardware.feedbackpattern": (EDIT, True),
    "hardware.gateway": (READ, True),
    "hardware.rewiring": (READ, True),
    "inspections.accreditation": (READ, True),
    "inspections.sweep": (READ, True),
    "people.citizenship": (READ, True),
    "people.facilityrole": (EDIT, True),
    "people.organisation": (EDIT, False),
    "people.person": (EDIT, True),
    "people.user": (READ, True),
    "terminals.airlockcheck": (READ, True),
    "terminals.airlockitem": (READ, True),
    "terminals.airlockreviewer": (READ, True),
    "terminals.airlockversion": (READ, True),
    "terminals.anomaly": (READ, True),
    "terminals.appeal": (READ, True),
    "terminals.attestation": (READ, True),
    "terminals.bootimage": (READ, True),
    "terminals.egressledger": (READ, True),
    "terminals.engagementterms": (READ, True),
    "terminals.harnesspolicy": (READ, True),
    "terminals.lossreport": (READ, True),
    "terminals.quarantine": (READ, True),
    "terminals.registeredplace": (READ, True),
    "terminals.seal": (READ, True),
    "terminals.session": (READ, True),
    "terminals.sessionrequest": (READ, True),
    "terminals.terminal": (READ, True),
    "terminals.terminalcustody": (READ, True),
    "terminals.terminalinspection": (READ, True),
    "terminals.terminallock": (READ, True),
    "terminals.terminalsignature": (READ, True),
}
