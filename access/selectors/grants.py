"""Who asked for what two officers granted: the record itself names who confirmed it."""

from datetime import timedelta

from django.db.models import F, OuterRef, QuerySet, Subquery, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from access.models import Sanitisation
from hardware.models import Rewiring, RewiringKind
from hardware.rules.rewiring import RewiringState

# Both are done in one transaction, each with a look of its own at the clock.
AT_ONCE = timedelta(minutes=1)


def sanitisations_asked(recorded: QuerySet[Sanitisation]) -> QuerySet[Sanitisation]:
    """With ``asked_by``, the name of who asked for each; None where nobody had to confirm it."""
    agreed = Rewiring.objects.annotate(area_named=KeyTextTransform("area_id", "after")).filter(
        kind=RewiringKind.GRANT,
        place_model="area_sanitise",
        state=RewiringState.CONFIRMED,
        decided_by=OuterRef("recorded_by"),
        decided_at__gt=OuterRef("recorded_at") - AT_ONCE,
        decided_at__lt=OuterRef("recorded_at") + AT_ONCE,
        area_named=Cast(OuterRef("area_id"), TextField()),
    )
    asked = agreed.order_by(F("decided_at").desc()).values("requested_by__name")[:1]
    return recorded.annotate(asked_by=Subquery(asked))
