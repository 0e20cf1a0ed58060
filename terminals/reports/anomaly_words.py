"""An anomaly of the journal in words, for whatever is drawn of it; nothing is drawn here."""

from django.utils.translation import gettext as _

from terminals.anomaly.policy import Part
from terminals.anomaly.wording import WORDINGS
from terminals.reports.use_told import ToldAnomaly

_SHAPES = {"upheld": "stop", "false_alarm": "ok"}


def anomaly_shape(anomaly: ToldAnomaly) -> str:
    """The shape of what its reviewer found."""
    reviewed = anomaly.reviewed
    return _SHAPES.get(reviewed.text("verdict"), "note") if reviewed else "wait"


def seen_words(anomaly: ToldAnomaly) -> str:
    """What was seen at last, in words."""
    figures = anomaly.seen.data.get("figures")
    if not isinstance(figures, dict):
        return _("text erased")
    wording = WORDINGS[Part(anomaly.seen.text("kind"))]
    return _(wording.message).format_map(figures)
