"""The terms of an engagement that are in force."""

from uuid import UUID

from terminals.models import EngagementTerms


def terms_in_force(engagement_id: UUID) -> EngagementTerms | None:
    """What lab and facility have agreed on for an engagement."""
    terms = EngagementTerms.objects.filter(engagement=engagement_id, ended_at=None)
    return terms.exclude(in_force_at=None).first()


def offsite_permitted(engagement_id: UUID) -> bool:
    """Whether terms are in force that let an engagement work outside its rooms."""
    terms = terms_in_force(engagement_id)
    return terms is not None and terms.offsite
