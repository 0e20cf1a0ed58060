"""Versions of policy profiles: which published one is the newest, whom it governs."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from access.rules.policy_keys import KEYS
from access.rules.policy_values import Fault, fault_of
from scif.facilities.models import Facility, PolicyProfile
from scif.kernel.actor import Actor
from scif.people.access import facilities_with

CHANGE = "facilities.change_facility"


def policies_newest() -> QuerySet[PolicyProfile]:
    """The newest version of each profile; what a facility may be given."""
    published = PolicyProfile.objects.filter(published_at__isnull=False)
    newest = published.order_by("code", "-version").distinct("code")
    return PolicyProfile.objects.filter(pk__in=newest.values("pk"))


def newer_than(profile: PolicyProfile) -> PolicyProfile | None:
    """The newest version above this one, or None."""
    later = PolicyProfile.objects.filter(code=profile.code, version__gt=profile.version)
    return later.order_by("-version").first()


def governs_beyond(profile: PolicyProfile, actor: Actor) -> bool:
    """Whether a facility works by this version at which the actor may not change that."""
    held = facilities_with(actor, CHANGE).values("pk")
    return Facility.objects.filter(policy=profile.pk).exclude(pk__in=held).exists()


def policy_lacks(profile: PolicyProfile) -> list[str]:
    """The keys that this version lacks, or holds in a form that nothing can read."""
    values = profile.values
    return [
        key
        for key in KEYS
        if key not in values or fault_of(key, values[key].get("value")) is not None
    ]


def fault_words(fault: Fault) -> str:
    """A fault in the reader's language."""
    return _(fault.text).format(**{name: _(str(each)) for name, each in fault.values.items()})
