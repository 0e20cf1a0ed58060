"""Which role may do what. To change who may approve a booking, change it here.

A permission is ``<app>.<verb>_<noun>``. OWN permissions hold for one's own records without a role.
"""

from enum import StrEnum


class Role(StrEnum):
    """Roles at a facility (scif-domain §1). An auditor needs none: he acts on what is his own."""

    OFFICER = "officer"
    GUARD = "guard"
    COMPLIANCE = "compliance"
    SWEEPER = "sweeper"


VIEW = frozenset(
    {
        "alarms.view_alarm",
        "console.use_admin",
        "facilities.view_facility",
        "facilities.view_area",
        "hardware.view_device",
        "journal.view_entry",
        "people.view_person",
        "access.view_booking",
        "access.view_cost",
        "access.view_visit",
        "access.view_decision",
        "access.view_engagement",
        "access.view_wall",
        "inspections.view_sweep",
        "inspections.view_accreditation",
        "terminals.view_airlock",
        "terminals.view_anomaly",
        "terminals.view_terminal",
        "terminals.view_use",
    }
)

ROLE_PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.OFFICER: VIEW
    | {
        "access.approve_booking",
        "access.refuse_booking",
        "access.request_booking",
        "access.cancel_booking",
        "access.change_engagement",
        "access.change_clearance",
        "access.change_cost",
        "access.change_roster",
        "access.change_wall",
        "access.set_threat_level",
        "access.declare_emergency",
        "access.debrief_responder",
        "access.declare_lockdown",
        "access.lift_lockdown",
        "access.lift_lockdown_alone",
        "access.view_clearance",
        "access.correct_zone",
        "access.issue_badge",
        "access.revoke_badge",
        "access.suspend_visit",
        "access.sanitise_area",
        "access.request_standing_order",
        "access.confirm_standing_order",
        "access.make_report",
        "access.use_desk",
        "alarms.handle_alarm",
        "facilities.change_facility",
        "hardware.change_device",
        "hardware.confirm_rewiring",
        "inspections.change_accreditation",
        "inspections.request_sweep",
        "people.change_person",
        "terminals.approve_image",
        "terminals.attest_terminal",
        "terminals.change_terminal",
        "terminals.check_airlock",
        "terminals.inspect_terminal",
        "terminals.issue_terminal",
        "terminals.lock_terminal",
        "terminals.release_terminal",
        "terminals.report_loss",
        "terminals.review_anomaly",
    },
    Role.GUARD: frozenset(
        {
            "facilities.view_facility",
            "facilities.view_area",
            "hardware.view_device",
            "people.view_person",
            "access.view_visit",
            "access.check_in_visit",
            "access.check_out_visit",
            "access.declare_emergency",
            "access.debrief_responder",
            "access.declare_lockdown",
            "access.lift_lockdown",
            "access.issue_badge",
            "access.correct_zone",
            "access.unlock_portal",
            "access.request_standing_order",
            "access.use_desk",
            "alarms.handle_alarm",
            "alarms.view_alarm",
            "inspections.view_sweep",
            "inspections.request_sweep",
            "inspections.perform_sweep",
            "terminals.attest_terminal",
            "terminals.inspect_terminal",
            "terminals.issue_terminal",
            "terminals.lock_terminal",
            "terminals.report_loss",
            "terminals.view_terminal",
        }
    ),
    Role.COMPLIANCE: VIEW | {"access.view_clearance", "access.make_report"},
    Role.SWEEPER: frozenset(
        {
            "facilities.view_facility",
            "facilities.view_area",
            "inspections.view_sweep",
            "inspections.perform_sweep",
        }
    ),
}

OWN_PERMISSIONS: frozenset[str] = frozenset(
    {
        "access.view_booking",
        "access.request_booking",
        "access.cancel_booking",
        "access.view_visit",
        "access.view_engagement",
        # The sponsor's officer, who alone decides for the lab (R31, R45).
        "access.disclose_engagement",
        "people.view_person",
        # What is of his engagement's airlock; who may do what there the services ask.
        "terminals.view_airlock",
    }
)


def roles_with(permission: str) -> frozenset[Role]:
    """The roles that hold a permission; empty for an unknown one: deny by default."""
    return frozenset(role for role, held in ROLE_PERMISSIONS.items() if permission in held)
