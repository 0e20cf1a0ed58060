"""Publish a new version of a policy profile: every number of every rule, set by an officer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import PolicyPublished
from access.rules.facts import PolicyFacts
from access.rules.policy_keys import KEYS
from access.rules.policy_values import fault_of, order_fault
from access.selectors.policy import CHANGE, fault_words, governs_beyond, newer_than
from access.selectors.threat import threat_choices, threat_code
from hardware.models import Rewiring, RewiringKind
from hardware.rules.rewiring import RewiringState
from scif.facilities.models import Facility, PolicyProfile
from scif.journal.services import append
from scif.kernel.actor import Actor, ActorKind
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, Refused, require
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import lock, visible


class PolicyValueRefused(Refused):
    """A value does not fit: ``key`` is its name in the profile."""

    def __init__(self, code: str, key: str, fault: str) -> None:
        meaning = _(KEYS[key].meaning) if key in KEYS else key
        super().__init__(code, f"{meaning}: {fault}")
        self.key = key


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    """What would be published: ``after``, unsaved, in the place of ``before`` at ``facilities``.

    ``news`` holds the values that differ, by key. A draft is its own ``after``.
    """

    before: PolicyProfile
    after: PolicyProfile
    news: Mapping[str, Any]
    facilities: list[Facility]
    reason: str


def policy_plan(
    *, profile_id: UUID, changes: Mapping[str, Any], reason: str, actor: Actor
) -> PolicyPlan:
    """Check what somebody wants to publish and lock what it is about; nothing is written.

    Raises :class:`PolicyValueRefused` for a value that its key does not take, and
    :class:`Refused` ``published_meanwhile`` where there is a newer version.
    """
    why = text_of(reason, "reason", missing=_("Say why the policy changes."))
    scoped = visible(PolicyProfile.objects.all(), actor, CHANGE)
    scoped.get(pk=profile_id)
    # Places before what governs them; all of them, so that none is left behind.
    governed = Facility.objects.filter(policy=profile_id).order_by("code")
    facilities = list(governed.select_for_update(of=("self",), no_key=True))
    before = lock(scoped, profile_id)
    require(
        newer_than(before) is None,
        "published_meanwhile",
        _("Somebody has published a newer version meanwhile."),
        _("Open the newest version, see what it says now, and change that."),
    )
    if governs_beyond(before, actor):
        raise NotPermitted(
            "not_permitted",
            _("A facility where you hold no such right works by this profile too."),
            _("Somebody who is an officer of every one of them publishes it."),
        )
    news = {
        key: value
        for key, value in changes.items()
        if key not in before.values or _differs(before.values[key].get("value"), value)
    }
    if before.published_at is None:
        after = _draft_with(before, news)
    else:
        after = PolicyProfile(
            code=before.code,
            version=before.version + 1,
            title=before.title,
            values={
                **before.values,
                **{key: _entry(before, key, new) for key, new in news.items()},
            },
            published_at=now(),
        )
        require(bool(news), "nothing_changed", _("Nothing would change."))
        _check(after, frozenset(news), facilities)
    return PolicyPlan(before, after, news, facilities, why)


@transaction.atomic
def policy_publish(
    *,
    profile_id: UUID,
    changes: Mapping[str, Any],
    reason: str,
    actor: Actor,
    agreed: Rewiring | None = None,
) -> PolicyProfile:
    """Publish the next version: everything as in this one, but for ``changes`` (value by key).

    Each facility that works by this version works by the next one as soon as the transaction
    ends, and its doors are told in it. A draft is published itself, with ``changes`` or without;
    it governs a facility once it is given to one. Refuses as :func:`policy_plan` does.
    INVARIANT: a published version is never changed; a trigger refuses it to everybody.
    INVARIANT: what governs a facility is changed only as two officers ``agreed``.
    """
    plan = policy_plan(profile_id=profile_id, changes=changes, reason=reason, actor=actor)
    if plan.before.published_at is None:
        return _publish_draft(plan, actor)
    _agreed_check(plan, actor, agreed)
    plan.after.save(force_insert=True)
    _put_in_force(plan, actor)
    told = {
        key: {"old": plan.before.values.get(key, {}).get("value"), "new": value}
        for key, value in plan.news.items()
    }
    append(
        kind="policy.published",
        actor=actor,
        subject=plan.after,
        # Of one place its officers read it; of several, the entry of each place names it.
        facility=plan.facilities[0].pk if len(plan.facilities) == 1 else None,
        body={
            "before": plan.before.label,
            "after": plan.after.label,
            "changes": told,
            "reason": plan.reason,
            **({"requested_by": str(agreed.requested_by_id)} if agreed else {}),
        },
    )
    return plan.after


def _agreed_check(plan: PolicyPlan, actor: Actor, agreed: Rewiring | None) -> None:
    """Every number of every rule stands in it: no single person moves those of a place."""
    if not plan.facilities or actor.kind is not ActorKind.USER:
        return
    require(
        agreed is not None
        and agreed.state == RewiringState.CONFIRMED
        and (agreed.kind, agreed.place_id) == (RewiringKind.POLICY, plan.before.pk)
        and agreed.after == plan.news,
        "two_needed",
        _("Facilities work by this profile."),
        _("One officer asks for the new version, and another one confirms."),
    )


def _draft_with(draft: PolicyProfile, news: Mapping[str, Any]) -> PolicyProfile:
    """The draft as it would be published; all of it is checked, for nothing was yet."""
    draft.values = draft.values | {key: _entry(draft, key, new) for key, new in news.items()}
    for key in KEYS:
        if key in draft.values:
            _entry(draft, key, draft.values[key].get("value"))
    _check(draft, frozenset(KEYS), [])
    return draft


def _publish_draft(plan: PolicyPlan, actor: Actor) -> PolicyProfile:
    draft = plan.after
    draft.published_at = now()
    draft.save(update_fields=["values", "published_at"])
    append(
        kind="policy.published",
        actor=actor,
        subject=draft,
        body={
            "before": None,
            "after": draft.label,
            "changes": dict(plan.news),
            "reason": plan.reason,
        },
    )
    return draft


def _differs(old: object, new: object) -> bool:
    """Whether a value is another one; yes and one are not the same."""
    return type(old) is not type(new) or old != new


def _entry(profile: PolicyProfile, key: str, value: Any) -> dict[str, Any]:
    """The value as a profile stores it; a source of the facility's own stays."""
    fault = fault_of(key, value)
    if fault is not None:
        raise PolicyValueRefused(fault.code, key, fault_words(fault))
    shipped = KEYS[key].entry()
    return {**shipped, **profile.values.get(key, {}), "unit": shipped["unit"], "value": value}


def _check(after: PolicyProfile, changed: frozenset[str], facilities: list[Facility]) -> None:
    """No value contradicts another, and no level that is in force goes."""
    found = order_fault({key: entry.get("value") for key, entry in after.values.items()}, changed)
    if found is not None:
        key, fault = found
        raise PolicyValueRefused(fault.code, key, fault_words(fault))
    if "threat_levels" not in changed:
        return
    facts = PolicyFacts(after.label, after.values)
    listed = {each.code for each in threat_choices(facts)}
    for facility in facilities:
        level = threat_code(facility, facts)
        if level not in listed:
            words = _("The level in force at %(place)s is not among them: %(level)s.")
            raise PolicyValueRefused(
                "level_in_force", "threat_levels", words % {"place": facility, "level": level}
            )


def _put_in_force(plan: PolicyPlan, actor: Actor) -> None:
    """Each facility works by the new version; its gateways are told and its journal says so."""
    before, after = plan.before.label, plan.after.label
    for facility in plan.facilities:
        facility.policy = plan.after
        facility.save(update_fields=["policy"])
        publish(PolicyPublished(facility.pk))
        append(
            kind="facility.policy_changed",
            actor=actor,
            subject=facility,
            facility=facility.pk,
            body={"before": before, "after": after, "reason": plan.reason},
        )
