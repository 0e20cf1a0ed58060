"""The table of anomalies: what was seen, what followed, what somebody found."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from access.reports.times import DASH
from scif.reporting.kit.sheet import Sheet
from scif.reporting.kit.table import Column, Row, Status
from scif.reporting.kit.words import Style
from terminals.models import AnomalyAct, AnomalyVerdict
from terminals.reports.anomaly_words import anomaly_shape, seen_words
from terminals.reports.use_record import UseRecord, entry_text, table


def draw_anomalies(sheet: Sheet, record: UseRecord) -> None:
    """Every anomaly, the oldest first."""
    table(
        sheet,
        _("Anomalies"),
        _("alone it proves nothing against anybody"),
        [
            Column(_("Raised"), 20, Style.FIGURES),
            Column(_("Laptop"), 9, name=True),
            Column(_("What was seen"), 34),
            Column(_("Followed"), 10),
            Column(_("Review"), 20),
            Column(_("Entry"), 7, Style.FIGURES, "right"),
        ],
        _rows(record),
        empty=_("No anomaly."),
    )


def _rows(record: UseRecord) -> Iterator[Row]:
    acts = {each.value: each.label for each in AnomalyAct}
    verdicts = {each.value: each.label for each in AnomalyVerdict}
    for anomaly in record.told.anomalies:
        reviewed = anomaly.reviewed
        said = Status("wait", _("waits"))
        if reviewed is not None:
            verdict = verdicts.get(reviewed.text("verdict"), DASH)
            said = Status(anomaly_shape(anomaly), f"{verdict}. {reviewed.text('reason')}")
        yield Row(
            record.mark,
            [
                record.when(anomaly.raised.at),
                anomaly.raised.text("terminal") or DASH,
                seen_words(anomaly),
                str(acts.get(anomaly.consequence, DASH)),
                said,
                entry_text(anomaly.entries[-1]),
            ],
        )
