"""Another version of a policy profile for a test, whatever its values: also what no officer can."""

from collections.abc import Iterable
from typing import Any

from scif.facilities.models import Facility, PolicyProfile
from scif.kernel.clock import now


def policy_with(facility: Facility, *, without: Iterable[str] = (), **values: Any) -> PolicyProfile:
    """Put the facility under the next version: without some keys, with other values."""
    last = PolicyProfile.objects.filter(code=facility.policy.code).latest("version")
    entries = {key: entry for key, entry in facility.policy.values.items() if key not in without}
    entries |= {key: {**entries.get(key, {}), "value": value} for key, value in values.items()}
    facility.policy = PolicyProfile.objects.create(
        code=last.code,
        version=last.version + 1,
        title=last.title,
        values=entries,
        published_at=now(),
    )
    facility.save(update_fields=["policy"])
    return facility.policy
