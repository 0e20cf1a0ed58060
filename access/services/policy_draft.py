"""A new policy profile: a copy of an existing one under a code of its own, as a draft."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.selectors.policy import CHANGE
from scif.facilities.models import PolicyProfile
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import require
from scif.kernel.text import text_of
from scif.people.access import visible


@transaction.atomic
def policy_copy(
    *, profile_id: UUID, code: str, title: str, reason: str, actor: Actor
) -> PolicyProfile:
    """Make version 1 of a new profile, a draft with every value of an existing version.

    It governs nothing: it is published like any version (``policy_publish``), and then given to a
    facility. Refuses a code that is in use; raises ``ValidationError`` for one that is no code.
    """
    source = visible(PolicyProfile.objects.all(), actor, CHANGE).get(pk=profile_id)
    why = text_of(reason, "reason", missing=_("Say what the new profile is for."))
    title = text_of(title, "title", most=120, missing=_("Give it a title."), lines=False)
    require(
        not PolicyProfile.objects.filter(code__iexact=code).exists(),
        "code_taken",
        _("There is a profile of this code: %(code)s.") % {"code": code},
        _("Choose another code."),
    )
    draft = PolicyProfile(code=code, version=1, title=title, values=source.values)
    draft.full_clean()
    draft.save(force_insert=True)
    append(
        kind="policy.drafted",
        actor=actor,
        subject=draft,
        body={"from": source.label, "code": code, "title": title, "reason": why},
    )
    return draft
