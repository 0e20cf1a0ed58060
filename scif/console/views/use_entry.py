"""One entry of the journal about the use of an engagement, for those who read its page."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import capfirst
from django.views.decorators.http import require_GET

from access.models import Engagement
from access.reports.cells import position_text
from access.views.portal.page import page, portal_actor
from scif.journal.kinds import journal_kind_words
from scif.journal.selectors import checkpoint_over
from terminals.selectors.use import engagements_used, facilities_used, use_of
from terminals.selectors.use_entry import entry_used


@login_required
@require_GET
def use_entry(request: HttpRequest, pk: UUID, position: int) -> HttpResponse:
    """What it tells, when, its hash, and the checkpoint that proves it. Its text stays inside: a
    signed report attaches what of it is the reader's.
    """
    actor = portal_actor(request)
    engagement = get_object_or_404(engagements_used(actor), pk=pk)
    seen = use_of(engagement, actor)
    found = entry_used(seen, position)
    if found is None:
        raise Http404
    facility = facilities_used(seen).first()
    checkpoint = checkpoint_over(position)
    context = {
        "engagement": engagement,
        "entry": found.entry,
        "number": position_text(position),
        "told": journal_kind_words(found.entry.kind),
        "about": found.subject,
        "sort": capfirst(str(found.subject._meta.verbose_name)),
        "hash": bytes(found.entry.leaf_hash).hex(),
        "text_hash": bytes(found.entry.body_hash).hex(),
        "checkpoint": checkpoint,
        "size": position_text(checkpoint.size) if checkpoint else "",
        "root": bytes(checkpoint.root).hex() if checkpoint else "",
        "zone": facility.time_zone if facility else "UTC",
    }
    mandates = Engagement.objects.filter(pk=pk)
    return page(request, "use_proof.html", "uses", context, mandates=mandates)
