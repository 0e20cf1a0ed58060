"""The booking's values of a facility's policy."""

from django.utils.translation import gettext as _

from access.rules.booking_policy import BookingPolicy
from access.rules.facts import PolicyFacts, PolicyIncomplete
from scif.facilities.models import Facility
from scif.kernel.errors import Refused


def booking_policy(facility: Facility) -> BookingPolicy:
    """The values that shape a slot; refuses (``policy_missing``) where the profile lacks one."""
    try:
        policy = facility.policy
        return BookingPolicy.of(PolicyFacts(policy.label, policy.values))
    except PolicyIncomplete as missing:
        raise Refused(
            "policy_missing",
            _("This facility's policy lacks a value that bookings need: %(key)s.")
            % {"key": missing},
            _("The facility officer publishes a complete policy profile."),
        ) from missing
