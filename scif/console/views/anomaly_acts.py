"""What an officer says of an anomaly at a laptop."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from scif.console.views.officer_act import Act
from scif.kernel.actor import Actor
from terminals.models import Anomaly, AnomalyVerdict
from terminals.services.anomaly_review import REVIEW, anomaly_review


def _says(verdict: AnomalyVerdict) -> Callable[[Anomaly, Mapping[str, Any], Actor], object]:
    return lambda record, data, actor: anomaly_review(
        anomaly_id=record.pk, verdict=verdict, reason=data["reason"], actor=actor
    )


def _waits(record: Anomaly) -> bool:
    return not record.verdict


ANOMALY_ACTS: Sequence[Act] = (
    Act(
        "anomaly-false",
        Anomaly,
        REVIEW,
        _("It was a false alarm…"),
        _(
            "The session is no longer slowed or held, unless something else of his waits. The "
            "detector learns from it. A laptop that was locked stays so until its lock is lifted."
        ),
        _says(AnomalyVerdict.FALSE_ALARM),
        _waits,
        danger=False,
    ),
    Act(
        "anomaly-uphold",
        Anomaly,
        REVIEW,
        _("Uphold it…"),
        _(
            "His session ends, and none begins in this visit. Whether he comes back is another "
            "decision: suspend the visit or his need to know."
        ),
        _says(AnomalyVerdict.UPHELD),
        _waits,
    ),
)
