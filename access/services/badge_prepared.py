"""Badges encoded beforehand: what a desk gives while its own reader cannot encode a card.

Each serves one visit: once returned it waits for a reader that erases it.
"""

from uuid import UUID

from django.db import transaction

from access.events import BadgeChanged
from access.models import Badge, BadgeKind, Visit
from access.rules.states import CREDENTIAL, CredentialAction, CredentialState
from access.services.badge import badge_hand_over, visit_admitted_lock
from access.services.orders import desk_reader
from access.services.visit import facility_of
from hardware.models import DeviceState
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.events import publish
from scif.people.access import require_role

SHA256_HEX = 64


@transaction.atomic
def prepared_badge_record(
    *, facility: Facility, code: str, uid: str, number_sha256: str, actor: Actor
) -> Badge:
    """Record a visitor's badge that was encoded elsewhere and lies in the desk's drawer.

    Raises ``ValidationError`` for a printed number or a digest that is in use.
    """
    require_role(actor, "access.revoke_badge", facility)
    require(
        len(number_sha256) == SHA256_HEX,
        "digest_malformed",
        "The digest of a badge's number is 64 hexadecimal digits.",
    )
    badge = Badge(
        facility=facility,
        code=code,
        kind=BadgeKind.VISITOR,
        uid=uid,
        number_sha256=number_sha256,
        state=CREDENTIAL.next(CredentialState.BLANK, CredentialAction.ENCODE),
    )
    badge.full_clean()
    badge.save(force_insert=True)
    append(
        kind="badge.prepared",
        actor=actor,
        subject=badge,
        facility=facility.pk,
        body={"badge": code},
    )
    publish(BadgeChanged(badge.pk))
    return badge


@transaction.atomic
def badge_issue_prepared(*, visit_id: UUID, badge_id: UUID | None = None, actor: Actor) -> Visit:
    """Give out a badge that was encoded beforehand; the first of the drawer if none is named.

    Refuses while the desk reader answers: a number made for this visit alone is the better one.
    """
    visit = visit_admitted_lock(visit_id=visit_id, actor=actor)
    reader = desk_reader(facility_of(visit))
    require(
        not DeviceState.objects.filter(device=reader, online=True).exists(),
        "reader_answers",
        "The desk reader answers.",
        "Encode a blank card on it.",
    )
    badges = Badge.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(
        facility=facility_of(visit), kind=BadgeKind.VISITOR, state=CredentialState.ENCODED
    )
    badge = badges.filter(pk=badge_id).first() if badge_id else badges.first()
    if badge is None:
        raise Refused(
            "no_prepared_badge",
            "No badge that was encoded beforehand is left.",
            "Call the facility officer.",
        )
    badge_hand_over(badge=badge, visit=visit, at=now(), actor=actor)
    return visit
