"""Ask another officer for a new version of a policy that governs places."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from access.services.policy import policy_plan, policy_publish
from access.services.rewiring_request import request
from hardware.models import Rewiring, RewiringKind
from scif.facilities.models import PolicyProfile
from scif.kernel.actor import Actor


@transaction.atomic
def policy_publish_ask(
    *, profile_id: UUID, changes: Mapping[str, Any], reason: str, actor: Actor
) -> PolicyProfile | Rewiring:
    """Publish the next version of a profile; where it governs a facility, ask for it.

    Gives the version as published, or the request that waits for another officer. Refuses at once
    what could not be published (``access.services.policy.policy_plan``).
    """
    plan = policy_plan(profile_id=profile_id, changes=changes, reason=reason, actor=actor)
    if not plan.facilities:
        return policy_publish(profile_id=profile_id, changes=changes, reason=reason, actor=actor)
    order = Rewiring(
        kind=RewiringKind.POLICY,
        place_model=plan.before._meta.label_lower,
        place_id=plan.before.pk,
        place_name=str(plan.before),
        before={key: plan.before.values.get(key, {}).get("value") for key in plan.news},
        after=dict(plan.news),
    )
    return request(order, plan.facilities[0], plan.reason, actor)
