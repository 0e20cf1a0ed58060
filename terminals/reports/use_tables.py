"""The tables of both reports: sessions, items, verdicts, appeals, terms."""

from collections.abc import Iterator

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.reports.cells import named_text
from access.reports.times import DASH
from access.reports.told import Told
from scif.reporting.kit.sheet import Sheet
from scif.reporting.kit.table import Cell, Column, Row, Status
from scif.reporting.kit.words import Style
from terminals.models import Ground, Side
from terminals.reports.use_record import (
    UseRecord,
    count_text,
    entry_text,
    hash_text,
    lasting_text,
    table,
)
from terminals.reports.use_told import ToldItem
from terminals.reports.wording import ITEM_STATES
from terminals.rules.session_endings import cut_early, ending_words

_VERDICTS = {
    "approved": ("ok", gettext_lazy("Approved")),
    "changes_asked": ("warn", gettext_lazy("Changes asked")),
    "rejected": ("stop", gettext_lazy("Rejected")),
}
_APPEAL = {
    "appealed": ("wait", gettext_lazy("Lodged")),
    "appeal_upheld": ("ok", gettext_lazy("Decided: upheld")),
    "appeal_dismissed": ("stop", gettext_lazy("Decided: dismissed")),
}
_DECISIONS = frozenset({"appeal_upheld", "appeal_dismissed"})


def draw_sessions(sheet: Sheet, record: UseRecord) -> None:
    """Every session: who, when, how long, bytes each way, why it ended."""
    table(
        sheet,
        _("Sessions"),
        _("bytes are payload, as the bastion counted it"),
        [
            Column(_("Who"), 17, Style.STRONG),
            Column(_("Laptop"), 8, name=True),
            Column(_("From"), 20, Style.FIGURES),
            Column(_("Long"), 6, Style.FIGURES, "right"),
            Column(_("To laptop"), 11, Style.FIGURES, "right"),
            Column(_("To harness"), 11, Style.FIGURES, "right"),
            Column(_("Ended because"), 20),
            Column(_("Entry"), 7, Style.FIGURES, "right"),
        ],
        _session_rows(record),
        empty=_("No session."),
    )


def _session_rows(record: UseRecord) -> Iterator[Row]:
    for session in record.told.sessions:
        ended = session.ended
        if ended is None:
            end: str | Status = Status("wait", _("running"))
        elif cut_early(session.why, ordered=session.cut):
            end = Status("warn", _(ending_words(session.why)))
        else:
            end = _(ending_words(session.why)) if session.why else _("text erased")
        yield Row(
            record.mark,
            [
                named_text(session.person),
                session.laptop or DASH,
                record.when(session.began.at),
                lasting_text(session.lasted),
                count_text(session.down),
                count_text(session.up),
                end,
                entry_text(ended or session.began),
            ],
        )


def draw_items(sheet: Sheet, record: UseRecord, *, out_only: bool = False) -> None:
    """What was to go out or come in: bytes, hash, how it stands."""
    table(
        sheet,
        _("Exports") if out_only else _("Out and in"),
        _("of every item its last sealed version"),
        [
            Column(_("Item"), 12, Style.STRONG, name=True),
            Column(_("Way"), 7),
            Column(_("Title, author"), 23),
            Column(_("Bytes"), 9, Style.FIGURES, "right"),
            Column(_("SHA-256"), 27, Style.MONO),
            Column(_("State"), 14),
            Column(_("Entry"), 8, Style.FIGURES, "right"),
        ],
        _item_rows(record, out_only=out_only),
        empty=_("Nothing was sealed."),
    )


def _item_rows(record: UseRecord, *, out_only: bool) -> Iterator[Row]:
    words = {each.value: said for each, said in ITEM_STATES.items()}
    # The PDF has six shapes; what is neither done nor waits is open.
    shapes = {"ok": "ok", "warn": "warn", "stop": "stop", "wait": "wait"}
    for item in record.told.items:
        if out_only and not item.out:
            continue
        shape, said = words.get(item.state, ("todo", item.state or _("text erased")))
        yield Row(
            record.mark,
            [
                item.reference or DASH,
                _("out") if item.out else _("in"),
                f"{item.title}, {named_text(item.author)}" if item.title else DASH,
                count_text(item.bytes),
                hash_text(item.sha256),
                Status(shapes.get(shape, "todo"), str(said)),
                entry_text(item.entries[-1]),
            ],
        )
        for voided in item.steps("voided"):
            yield Row(record.mark, _voided(item, voided, record))


def _voided(item: ToldItem, voided: Told, record: UseRecord) -> list[Cell]:
    """The line of bytes that were found to be others than those that were sealed."""
    return [
        item.reference or DASH,
        _("out") if item.out else _("in"),
        _("Bytes of version %(version)s were changed after they were sealed")
        % {"version": voided.data.get("version", DASH)},
        count_text(voided.data.get("bytes")),
        _("sealed as %(hash)s") % {"hash": hash_text(voided.text("sha256"))},
        Status(
            "stop",
            _("Found %(when)s; every approval void") % {"when": record.when(voided.at)},
        ),
        entry_text(voided),
    ]


def draw_verdicts(sheet: Sheet, record: UseRecord, *, refused_only: bool = False) -> None:
    """What lab and facility said of it, on which ground, and how long it took."""
    table(
        sheet,
        _("What was refused, and on which ground") if refused_only else _("Verdicts"),
        _("time from the sealing of the version that was judged"),
        [
            Column(_("Item"), 13, Style.STRONG, name=True),
            Column(_("Version"), 8, Style.FIGURES, "right"),
            Column(_("Verdict"), 14),
            Column(_("Of"), 8),
            Column(_("By"), 20),
            Column(_("Ground and place"), 24),
            Column(_("After"), 6, Style.FIGURES, "right"),
            Column(_("Entry"), 7, Style.FIGURES, "right"),
        ],
        _verdict_rows(record, refused_only=refused_only),
        empty=_("Nothing was refused.") if refused_only else _("None."),
    )


def _verdict_rows(record: UseRecord, *, refused_only: bool) -> Iterator[Row]:
    sides = {each.value: each.label for each in Side}
    for item in record.told.items:
        for verdict in item.verdicts:
            what = verdict.kind.partition(".")[2]
            if refused_only and what == "approved":
                continue
            shape, said = _VERDICTS[what]
            yield Row(
                record.mark,
                [
                    item.reference or DASH,
                    str(verdict.data.get("version", DASH)),
                    Status(shape, str(said)),
                    str(sides.get(verdict.text("side"), DASH)),
                    named_text(verdict.who),
                    _ground(verdict),
                    lasting_text(item.answered(verdict)),
                    entry_text(verdict),
                ],
            )


def _ground(verdict: Told) -> str:
    if verdict.erased:
        return _("text erased")
    grounds = {each.value: each.label for each in Ground}
    ground = str(grounds.get(verdict.text("ground"), ""))
    return (
        f"{capfirst(ground)}. {verdict.text('reason')}"
        if ground
        else verdict.text("inspection") or DASH
    )


def draw_appeals(sheet: Sheet, record: UseRecord) -> None:
    """Disputes: lodged, votes, outcome."""
    table(
        sheet,
        _("Appeals"),
        _("two votes of the appeal body that agree decide"),
        [
            Column(_("Item"), 13, Style.STRONG, name=True),
            Column(_("Step"), 16),
            Column(_("By"), 20),
            Column(_("Said"), 26),
            Column(_("When"), 21, Style.FIGURES),
            Column(_("Entry"), 7, Style.FIGURES, "right"),
        ],
        (row for item in record.told.items for row in _appeal_rows(record, item)),
        empty=_("No appeal."),
    )


def _appeal_rows(record: UseRecord, item: ToldItem) -> Iterator[Row]:
    for step in item.appeal:
        what = step.kind.partition(".")[2]
        by, words = named_text(step.who), step.text("statement") or step.text("reason")
        if what == "appeal_voted":
            upholds = step.data.get("upholds")
            shape, said = ("ok", _("Vote: uphold")) if upholds else ("stop", _("Vote: dismiss"))
        else:
            shape, said = _APPEAL[what][0], str(_APPEAL[what][1])
        if what in _DECISIONS:
            # It follows from the votes: whoever cast the last one did not decide it alone.
            by, words = _("the appeal body"), _("by the votes above")
        yield Row(
            record.mark,
            [
                item.reference or DASH,
                Status(shape, said),
                by,
                words or DASH,
                record.when(step.at),
                entry_text(step),
            ],
        )


def draw_terms(sheet: Sheet, record: UseRecord) -> None:
    """The terms that were in force, one after the other."""
    table(
        sheet,
        _("Terms of the laptops"),
        _("in force from the second approval on, until the next are"),
        [
            Column(_("In force from"), 17, Style.FIGURES),
            Column(_("Harness"), 19, Style.MONO, name=True),
            Column(_("Own budget"), 13, Style.FIGURES, "right"),
            Column(_("A second"), 10, Style.FIGURES, "right"),
            Column(_("At once"), 10, Style.FIGURES, "right"),
            Column(_("And"), 23),
            Column(_("Entry"), 8, Style.FIGURES, "right"),
        ],
        _term_rows(record),
        empty=_("No terms were in force."),
    )


def _term_rows(record: UseRecord) -> Iterator[Row]:
    for entry in record.told.terms:
        if entry.data.get("in_force") is not True:
            continue
        own = entry.data.get("egress_bytes")
        yield Row(
            record.mark,
            [
                record.when(entry.at),
                entry.text("harness") or DASH,
                count_text(own) if isinstance(own, int) else _("policy's share"),
                count_text(int(entry.data.get("rate_bytes", 0))),
                count_text(int(entry.data.get("burst_bytes", 0))),
                _term_words(entry),
                entry_text(entry),
            ],
        )


def _term_words(entry: Told) -> str:
    """What else they ask for, and what they leave open."""
    data = entry.data
    policy = data.get("harness_policy")
    asked = [
        (data.get("two_persons"), _("two people in the room")),
        (data.get("moderated"), _("a moderator beside")),
        (data.get("offsite"), _("use at registered places")),
        (not policy, _("no policy at the harness")),
    ]
    words = [word for holds, word in asked if holds]
    if isinstance(policy, dict):
        caps = {name: count_text(int(most)) for name, most in policy["caps"].items()}
        words.append(_("at most %(queries)s\u00a0questions, %(bits)s\u00a0bits") % caps)
    return capfirst("; ".join(words))
