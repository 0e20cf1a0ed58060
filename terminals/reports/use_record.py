"""What both reports about an engagement's use share: the record, its sheet, its proof."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.models import Engagement
from access.reports.cells import named_text, position_text
from access.reports.facts import MandateFact
from access.reports.journaled import mandate_told
from access.reports.portions import Portions
from access.reports.proof import bundle_proof
from access.reports.times import DASH
from access.reports.told import Told, gone, of_kind, told
from access.services.report import records_differ_tell
from scif.facilities.models import Compartment, Facility, Level
from scif.journal import verifier
from scif.journal.kinds import kind_told
from scif.journal.selectors import Bundle, bundle
from scif.kernel.actor import Actor
from scif.reporting.kit.parts import (
    draw_notice,
    draw_proof,
    draw_title,
    draw_unknown_note,
    proof_height,
)
from scif.reporting.kit.sheet import Foot, Marking, Paper, Sheet
from scif.reporting.kit.sign import Signatory
from scif.reporting.kit.table import Column, Row, draw_table
from scif.reporting.kit.words import Style
from scif.reporting.makers import Made
from scif.reporting.models import Report, ReportKind
from terminals.reports.use_entries import use_entries
from terminals.reports.use_told import UseTold, use_told

WORKER = Actor.system("worker")


@dataclass(frozen=True, slots=True)
class UseRecord:
    """An engagement's use at one facility.

    INVARIANT: ``told`` and ``mandate`` are read from ``entries`` alone, and those from the bundle
    that is attached; the ledger's sums come from the statement among them.
    """

    report: Report
    engagement: Engagement
    facility: Facility
    bundle: Bundle
    entries: list[Told]
    told: UseTold
    mandate: MandateFact
    mandate_shown: bool
    portions: Portions

    @property
    def mark(self) -> str:
        """The portion mark of facts about people, times and bytes."""
        return self.portions.plain

    @property
    def erased(self) -> bool:
        """Whether the text of some entry is gone, so that sums may lack it."""
        return bool(gone(self.entries))

    @property
    def missing(self) -> int:
        """Bytes that the ledger has and the entries have not; negative the other way round."""
        return self.told.statement.count("here") - self.told.account.total

    def when(self, at: datetime | None) -> str:
        """A day and a time in the facility's zone."""
        if at is None:
            return DASH
        local = at.astimezone(ZoneInfo(self.facility.time_zone))
        return formats.date_format(local, "j M Y, H:i")

    def clock(self, at: datetime | None) -> str:
        """A time of the day alone."""
        return f"{at.astimezone(ZoneInfo(self.facility.time_zone)):%H:%M}" if at else DASH

    def day(self, at: datetime | None) -> str:
        """A day."""
        local = at.astimezone(ZoneInfo(self.facility.time_zone)) if at else None
        return formats.date_format(local, "j M Y") if local else DASH

    def last_day(self, until: datetime | None) -> str:
        """The last day on which something holds: what ends at midnight held the day before."""
        return self.day(until - timedelta(microseconds=1) if until else None)


def use_record(report: Report, kinds: Iterable[str]) -> UseRecord:
    """Read the use of the report's engagement, up to the statement that it was asked for with."""
    engagement = Engagement.objects.select_related("level", "sponsor").get(pk=report.subject_id)
    portions = Portions(_ceiling(engagement, report))
    found = use_entries(engagement, report, portions, kinds)
    proven = bundle(found.positions)
    entries = told(proven.data)
    about = [e for e in entries if e.subject_type == Engagement._meta.label_lower]
    return UseRecord(
        report=report,
        engagement=engagement,
        facility=report.facility,
        bundle=proven,
        entries=entries,
        told=use_told(entries),
        mandate=mandate_told([e for e in about if e.kind.startswith("engagement.")]),
        mandate_shown=found.mandate_shown,
        portions=portions,
    )


def _ceiling(engagement: Engagement, report: Report) -> Level:
    """What nothing in the report lies above: the facility's marking.

    To the lab's own officer the mandate is his: a report of the use that he asks for may bear its
    label, and then nobody else at the facility is handed it (``reports_visible``). An account of
    bytes does not speak of the mandate's text.
    """
    facility, own = report.facility.marking, engagement.level
    asked = report.requested_by.person_id if report.requested_by else None
    owned = report.kind == ReportKind.ENGAGEMENT and asked == engagement.sponsor.officer_id
    higher = own.scheme_id == facility.scheme_id and own.rank > facility.rank
    return own if owned and higher else facility


Body = Callable[[Sheet, UseRecord], None]


def use_made(record: UseRecord, signatory: Signatory, title: str, body: Body) -> Made:
    """Draw the pages: title, what does not agree, the report's own body, the entries."""
    differs = bool(record.missing) and not record.erased
    if differs:
        line = {"bytes": record.missing, "ledger": record.told.statement.count("here")}
        records_differ_tell(report=record.report, lines=[line], actor=WORKER)
    return Made(
        pdf=_draw(record, signatory, title, body),
        bundle=record.bundle.data,
        code=record.bundle.code,
        checkpoint=record.bundle.checkpoint,
        checkpoint_size=verifier.read_head(record.bundle.checkpoint).size,
        entries=len(record.entries),
        marking=record.portions.highest,
    )


def _draw(record: UseRecord, signatory: Signatory, title: str, body: Body) -> bytes:
    report, portions = record.report, record.portions
    if record.mandate_shown:
        # The banner stands on the first page: it must know the mandate's label before.
        mandate_mark(record)
    note = _("Demonstration data. Nothing on this page is classified.")
    file = io.BytesIO()
    sheet = Sheet(
        file,
        Marking(portions.banner, portions.highest.colour, note if settings.SIMULATORS else ""),
        Foot(
            record=f"{report.subject_reference}, {report.reference}",
            derived=_("%(mark)s Marked by: %(facility)s")
            % {"mark": record.mark, "facility": record.facility.name},
            legend=portions.legend,
        ),
        paper=Paper(report.paper),
        title=f"{title} {report.subject_reference}",
        author=signatory.name,
    )
    sheet.portion = max(sheet.portion, sheet.text_width(record.mark) + 8)
    proof = bundle_proof(
        record.bundle,
        record.entries,
        report=report,
        mark=record.mark,
        signatory=signatory,
        said=_(
            "Check it on another machine with the attached bundle and the verifier, or type the "
            "code on the verification page. Proven: these entries are unaltered and in order. Not "
            "proven: that the bastion counted right, nor that nothing is missing; the sums are "
            "held against the ledger, as it was when the report was asked for."
        ),
    )
    draw_proof(sheet, proof, sheet.reserve(proof_height(sheet, proof)))
    heading = f"{record.mark} {title} {report.subject_reference}"
    draw_title(sheet, heading, f"{record.mark} {record.facility.name}", _beside(record))
    _notice(sheet, record)
    body(sheet, record)
    draw_table(
        sheet,
        [
            Column(_("Entry"), 12, Style.FIGURES, "right"),
            Column(_("When, UTC"), 28, Style.FIGURES),
            Column(_("What"), 34),
            Column(_("About"), 26),
        ],
        _entry_rows(record),
        empty=_("None."),
        title=_("Journal entries"),
        note=_("all of these are in the attached bundle, with their proofs"),
        size=8.4,
    )
    draw_unknown_note(sheet)
    sheet.finish()
    return file.getvalue()


def mandate_mark(record: UseRecord) -> str:
    """The portion mark of the mandate's own words."""
    level = Level.objects.filter(pk=record.mandate.level).first()
    compartments = Compartment.objects.filter(pk__in=record.mandate.compartments)
    return record.portions.mark(level, compartments)


def _notice(sheet: Sheet, record: UseRecord) -> None:
    """The box that nobody can overlook, where journal and ledger do not agree."""
    if not record.missing:
        return
    if record.erased:
        draw_notice(
            sheet,
            _("The text of some entries was erased: sums are incomplete"),
            _("The ledger has %(ledger)s\u00a0bytes, the entries that still tell have %(told)s.")
            % {
                "ledger": count_text(record.told.statement.count("here")),
                "told": count_text(record.told.account.total),
            },
        )
        return
    draw_notice(
        sheet,
        ngettext(
            "Journal and ledger differ by %(bytes)s\u00a0byte",
            "Journal and ledger differ by %(bytes)s\u00a0bytes",
            abs(record.missing),
        )
        % {"bytes": count_text(abs(record.missing))},
        _(
            "This report shows the journal. What the ledger has otherwise was changed past it: the "
            "security officer finds out which."
        ),
    )


def _beside(record: UseRecord) -> list[str]:
    report = record.report
    made = report.made_at or report.requested_at
    lines = [
        _("Report %(reference)s") % {"reference": report.reference},
        _("Made %(day)s, %(time)s UTC") % {"day": f"{made:%d %b %Y}", "time": f"{made:%H:%M:%S}"},
    ]
    asked = next(reversed(of_kind(record.entries, "report.requested")), None)
    if asked is not None and asked.who is not None:
        lines.append(_("for %(who)s") % {"who": named_text(asked.who)})
    return lines


def _entry_rows(record: UseRecord) -> Iterable[Row]:
    for entry in record.entries:
        named = ("reference", "visit", "terminal", "engagement")
        about = next(filter(None, map(entry.text, named)), "")
        about = _("text erased") if entry.erased else about or DASH
        at = f"{entry.at:%Y-%m-%d %H:%M:%S}"
        yield Row(record.mark, [position_text(entry.position), at, kind_told(entry.kind), about])


def count_text(count: int | None) -> str:
    """A count with its thousands set apart; a dash where nobody told one."""
    return DASH if count is None else position_text(count)


def lasting_text(length: timedelta | None) -> str:
    """A length of time in hours and minutes."""
    if length is None:
        return DASH
    minutes = int(length.total_seconds()) // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


def worked_text(length: timedelta) -> str:
    """How long somebody worked, in words: never nothing where there was something."""
    minutes = int(length.total_seconds()) // 60
    if not minutes:
        return _("less than a minute") if length else _("no time")
    if minutes < 60:
        return ngettext("%(n)d\u00a0minute", "%(n)d\u00a0minutes", minutes) % {"n": minutes}
    return _("%(hours)d\u00a0h %(minutes)d\u00a0min") % {
        "hours": minutes // 60,
        "minutes": minutes % 60,
    }


def hash_text(digest: str) -> str:
    """A hash in groups that a line can end after, as it is compared by eye."""
    return " ".join(digest[at : at + 16] for at in range(0, len(digest), 16)) or DASH


def entry_text(entry: Told | None) -> str:
    """The position of an entry."""
    return position_text(entry.position) if entry else DASH


def table(
    sheet: Sheet,
    title: str,
    note: str,
    columns: Sequence[Column],
    rows: Iterable[Row],
    empty: str = "",
) -> None:
    """A table under its title."""
    draw_table(sheet, columns, rows, empty=empty or _("None."), title=title, note=note, size=8.6)
