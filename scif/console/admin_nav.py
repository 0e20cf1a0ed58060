"""The admin's navigation: groups of lists as officers speak of them, with what waits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Lists by group, each as the label of its model; what stands in no group comes under "More".
GROUPS: Sequence[tuple[str | Promise, Sequence[str]]] = (
    (
        _("Access"),
        (
            "access.booking",
            "access.visit",
            "access.engagement",
            "access.accessdecision",
            "access.rosterentry",
            "access.duty",
            "access.sanitisation",
            "access.badge",
            "access.conflictwall",
            "access.emergency",
            "access.responder",
            "access.lockdown",
            "access.lockdownpass",
            "access.presence",
        ),
    ),
    (
        _("People"),
        (
            "people.person",
            "access.eligibility",
            "access.indoctrination",
            "access.needtoknow",
            "access.nda",
            "people.organisation",
            "people.user",
            "people.facilityrole",
        ),
    ),
    (
        _("Laptops"),
        (
            "terminals.session",
            "terminals.anomaly",
            "terminals.terminal",
            "terminals.bootimage",
            "terminals.attestation",
            "terminals.terminalcustody",
            "terminals.registeredplace",
            "terminals.quarantine",
            "terminals.terminallock",
            "terminals.lossreport",
            "terminals.engagementterms",
            "terminals.harnesspolicy",
            "terminals.egressledger",
            "terminals.sessionrequest",
        ),
    ),
    (
        _("Airlock"),
        ("terminals.airlockitem", "terminals.appeal", "terminals.airlockreviewer"),
    ),
    (_("Inspections"), ("inspections.accreditation", "inspections.sweep")),
    (
        _("Facilities"),
        (
            "facilities.facility",
            "facilities.area",
            "facilities.closedday",
            "facilities.idsstate",
            "access.threatlevelchange",
            "facilities.zone",
            "facilities.portal",
            "facilities.lockerbank",
            "facilities.locker",
            "facilities.policyprofile",
            "access.costscenario",
        ),
    ),
    (
        _("Hardware"),
        (
            "hardware.gateway",
            "hardware.bus",
            "hardware.device",
            "hardware.rewiring",
            "hardware.feedbackpattern",
            "hardware.command",
        ),
    ),
)
LAST = (
    (
        _("Custody"),
        (
            "access.lockerassignment",
            "access.custodyitem",
            "access.signature",
            "access.badgeassignment",
            "access.pin",
            "terminals.seal",
            "terminals.terminalsignature",
            "terminals.terminalinspection",
            "terminals.airlockversion",
            "terminals.airlockcheck",
        ),
    ),
    (
        _("Schemes"),
        (
            "facilities.securityscheme",
            "facilities.level",
            "facilities.compartment",
            "facilities.caveat",
            "facilities.equivalence",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the navigation; ``count`` is what waits there, 0 for none."""

    label: str | Promise
    url: str
    count: int = 0
    add_url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A heading and its lines."""

    label: str | Promise
    links: Sequence[Link]


def navigation(
    apps: Iterable[Mapping[str, Any]],
    first: Sequence[Link],
    proofs: Sequence[Link],
    *,
    evidence_first: bool = False,
) -> list[Group]:
    """The groups that a user may see, from Django's own list of apps.

    ``first`` stands on top, ``proofs`` beside the journal; ``evidence_first`` brings those two
    right under the top, for whoever comes for nothing else.
    """
    links: dict[str, Link] = {}
    for app in apps:
        for model in app["models"]:
            if model.get("admin_url"):
                add = str(model.get("add_url") or "")
                name = str(model["name"])
                label = name[:1].upper() + name[1:]
                key = model["model"]._meta.label_lower
                links[key] = Link(label, str(model["admin_url"]), add_url=add)
    groups = [Group("", first)]
    listed = [name for _label, names in (*GROUPS, *LAST) for name in names]
    evidence = [link for key, link in links.items() if key.startswith("journal.")]
    for heading, names in GROUPS:
        groups.append(Group(heading, [links[name] for name in names if name in links]))
    shown = Group(_("Evidence"), [*proofs, *evidence])
    groups.insert(1 if evidence_first else len(groups), shown)
    for heading, names in LAST:
        groups.append(Group(heading, [links[name] for name in names if name in links]))
    rest = [
        link for key, link in links.items() if key not in listed and not key.startswith("journal.")
    ]
    groups.append(Group(_("More"), rest))
    return [group for group in groups if group.links]
