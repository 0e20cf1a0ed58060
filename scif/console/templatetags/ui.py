"""The parts that every page shares, as template tags: ``{% load ui %}``.

Rows, steps, links and the like may be mappings or objects; the names that are read stand in each
docstring. A ``shape`` is a key of `scif.console.shapes.SHAPES`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from scif.console import plots
from scif.console.marking import marking_of
from scif.console.plan import plan_svg
from scif.console.plan_facts import plan_facts
from scif.console.shapes import SHAPES, TONES
from scif.console.signatures import signature_view

register = template.Library()
Given = Mapping[str, Any]


@register.simple_tag
def icon(shape: str, tone: str = "", label: str = "") -> SafeString:
    """A shape of the status vocabulary; silent beside a word, spoken with a label."""
    said = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="i c-{}" viewBox="0 0 24 24" {}>{}</svg>',
        tone or TONES[shape],
        mark_safe(said),  # noqa: S308  a constant, or escaped by format_html just above
        mark_safe(SHAPES[shape]),  # noqa: S308  a constant of our own
    )


@register.simple_tag
def chip(shape: str, words: str, tone: str = "") -> SafeString:
    """A status chip: shape, one to four words, tint. Never a button."""
    tone = tone or TONES[shape]
    drawn = icon(shape, tone)
    return format_html('<span class="chip {}">{}{}</span>', tone, drawn, words)


@register.inclusion_tag("components/marking.html", takes_context=True)
def marking_banner(
    context: Context, label: str = "", note: str = "", tone: str = "u", *, last: bool = False
) -> Given:
    """The marking banner, of the context's ``marking`` or as given.

    A page without either says that it has none, and how to treat it.
    """
    given = {"label": label, "note": note, "tone": tone} if label else context.get("marking")
    unmarked = {
        "label": _("NOT MARKED"),
        "note": _("Treat this page as the highest label of this installation"),
    }
    return {"marking": marking_of(given) or marking_of(unmarked), "last": last}


@register.inclusion_tag("components/reasons.html")
def reasons(items: Iterable[Any], met: Sequence[str] = ()) -> Given:
    """Objections, then obligations, then the checks that are met, folded.

    An item has ``what``, ``mend`` (what mends it, who can) and ``shape`` ("stop" by default).
    """
    return {"items": list(items), "met": met}


@register.inclusion_tag("components/steps.html")
def step_rail(steps: Iterable[Any], label: str = "") -> Given:
    """Steps with their outcome in words: ``label``, ``outcome``, ``url`` of a step to reopen.

    ``state`` is "ok", "warn", "stop", "now" or "todo".
    """
    return {"steps": list(steps), "label": label or _("Steps")}


@register.inclusion_tag("components/action.html")
def big_action(
    label: str,
    *,
    name: str = "",
    value: str = "",
    url: str = "",
    reason: str = "",
    tone: str = "go",
    size: str = "big",
    command: bool = False,
) -> Given:
    """A button (or a link with `url`), verb first. With a `reason` it is stopped and says why.

    ``tone``: "go" once a screen, "" outline, "danger", "danger-solid". ``command``: it stops while
    the live link is down.
    """
    return {
        "label": label,
        "name": name,
        "value": value,
        "url": url,
        "reason": reason,
        "tone": "" if reason else tone,
        "size": size,
        "command": command,
    }


@register.inclusion_tag("components/table.html")
def data_table(
    columns: Sequence[Any], rows: Iterable[Any], *, caption: str = "", empty: Any = None
) -> Given:
    """A table: columns are words or (words, class), rows are sequences of cells.

    A row may be a mapping with ``cells`` and ``tone``. ``empty``: mapping of `empty_state`.
    """
    heads = [(c, "") if isinstance(c, str) else (c[0], c[1]) for c in columns]
    body = []
    for row in rows:
        cells = row["cells"] if isinstance(row, Mapping) else row
        tone = row.get("tone", "") if isinstance(row, Mapping) else ""
        pairs = zip(cells, heads, strict=True)
        body.append((tone, [(cell, class_, words) for cell, (words, class_) in pairs]))
    return {"heads": heads, "rows": body, "caption": caption, "empty": empty}


@register.inclusion_tag("components/empty.html")
def empty_state(title: str, text: str = "", url: str = "", link: str = "") -> Given:
    """One sentence why a list is empty, one way on."""
    return {"empty": {"title": title, "text": text, "url": url, "link": link}}


@register.inclusion_tag("components/filters.html")
def filters(items: Iterable[Any], label: str = "") -> Given:
    """Filters as links with counts: ``label``, ``count``, ``url``, ``current``."""
    return {"items": list(items), "label": label or _("Filters")}


@register.inclusion_tag("components/search.html")
def search_box(label: str, value: str = "", name: str = "q") -> Given:
    """A search of this list, by GET."""
    return {"label": label, "value": value, "name": name}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: Page[Any], name: str = "page") -> Given:
    """Earlier and later pages of a list; keeps the rest of the query."""
    request = context.get("request")

    def link(number: int) -> str:
        query = request.GET.copy() if request else None
        if query is None:
            return f"?{name}={number}"
        query[name] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "before": link(page.previous_page_number()) if page.has_previous() else "",
        "after": link(page.next_page_number()) if page.has_next() else "",
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm) -> Given:
    """What is to be mended in a form, each with a link to its field."""
    return {"form": form}


@register.inclusion_tag("components/fresh.html")
def freshness() -> Given:
    """The freshness badge; live.js writes the age. One on a page, whose body names a live link."""
    return {}


@register.inclusion_tag("components/offline.html")
def offline_banner(
    still_works: str, sheets_from: str = "", url: str = "", link: str = "", opens: str = ""
) -> Given:
    """What still works and what to do while the link is down; hidden until then.

    ``opens`` is the id of a dialog of the same page, which needs no link to be read.
    """
    return {
        "still_works": still_works,
        "sheets_from": sheets_from,
        "url": url,
        "link": link,
        "opens": opens,
    }


@register.inclusion_tag("components/signature.html")
def signature_pad(
    name: str, who: str, *, value: str = "", signed_at: datetime | None = None, turn: bool = True
) -> Given:
    """A pad that writes strokes into the field `name`; with a `value`, the signature itself.

    Several pads stand side by side in an element of class ``sigs``.
    """
    return {
        "name": name,
        "who": who,
        "signature": signature_view(value) if value else None,
        "signed_at": signed_at,
        "turn": turn,
    }


@register.inclusion_tag("components/command_facts.html")
def command_facts(facts: Iterable[Any]) -> Given:
    """Requested, sent, confirmed: ``shape``, ``words``, ``detail`` (a time or why)."""
    return {"facts": list(facts)}


@register.inclusion_tag("components/chain.html")
def chain(links: Iterable[Any]) -> Given:
    """The ten links of a visit: ``label``, ``when``, ``state`` ("ok", "now", "stop", "todo")."""
    return {"links": list(links)}


@register.inclusion_tag("components/proof.html")
def proof_box(proof: Any, qr: str = "") -> Given:
    """What proves a record: ``entries``, ``checkpoint``, ``root``, ``signer``, ``code``.

    ``qr`` is a drawing of our own (segno), not of a user.
    """
    return {"proof": proof, "qr": qr}


@register.inclusion_tag("components/alarm.html")
def alarm_card(alarm: Any, acts: Iterable[Any] = ()) -> Given:
    """An alarm: ``gravity`` (RESPOND, ACT, CHECK, NOTE), ``since``, ``title``, ``context``.

    ``acts`` are mappings of `big_action`'s arguments; at most two.
    """
    gravity = str(alarm["gravity"] if isinstance(alarm, Mapping) else alarm.gravity).upper()
    shape = {"RESPOND": "stop", "ACT": "warn", "CHECK": "info", "NOTE": "note"}[gravity]
    return {
        "alarm": alarm,
        "gravity": gravity,
        "shape": shape,
        "class": gravity.lower(),
        "acts": list(acts),
    }


@register.inclusion_tag("components/response_clock.html")
def response_clock(
    since: datetime, limit: float, task: str, marks: Iterable[tuple[float, str]] = ()
) -> Given:
    """Elapsed large, limit (seconds) in words, a bar with marks at (seconds, word)."""
    elapsed = max(0.0, (timezone.now() - since).total_seconds())
    words = _("Response clock: %(elapsed)s of %(limit)s") % {
        "elapsed": minutes(elapsed),
        "limit": minutes(limit),
    }
    bar = plots.clock_bar(since, elapsed, limit, [plots.Mark(*m) for m in marks], words=words)
    return {"since": since, "elapsed": elapsed, "limit": limit, "task": task, "bar": bar}


@register.filter
def minutes(seconds: float) -> str:
    """Seconds as minutes and seconds: 3:42."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


@register.simple_tag
def plan(geometry: Given, state: Given, focus: str = "", *, compact: bool = False) -> SafeString:
    """The floor plan, followed by the same facts as a list for the screen reader.

    A facility whose plan nobody has recorded yet says so, and who can.
    """
    if not geometry.get("rooms"):
        missing = empty_state(
            _("No floor plan is recorded for this facility."),
            _("A facility officer records it with the facility."),
        )
        return render_to_string("components/empty.html", missing)
    drawn = plan_svg(geometry, state, focus=focus or None, compact=compact)
    listed = render_to_string("components/plan_facts.html", {"facts": plan_facts(geometry, state)})
    return format_html("{}{}", drawn, listed)


@register.simple_tag
def bar_plot(
    bars: Iterable[tuple[str, float | None]],
    words: str,
    low: float,
    high: float,
    limit: float | None = None,
) -> SafeString:
    """Bars of (mark, value) against a limit; `words` say what the plot shows."""
    return plots.bar_plot(
        [plots.Bar(*bar) for bar in bars], low=low, high=high, limit=limit, words=words
    )


@register.simple_tag
def line_plot(
    lines: Iterable[tuple[str, Sequence[float | None]]],
    marks: Sequence[str],
    words: str,
    low: float,
    high: float,
) -> SafeString:
    """Lines of (name, values) over the marks."""
    return plots.line_plot(
        [plots.Line(*line) for line in lines], marks, low=low, high=high, words=words
    )


@register.simple_tag
def strip(stretches: Iterable[tuple[float, float, str]], words: str, days: int = 90) -> SafeString:
    """The next days of a room; stretches of (first day, day after the last, state)."""
    return plots.strip([plots.Stretch(*part) for part in stretches], days=days, words=words)


@register.simple_tag
def strip_scale(days: int = 90) -> SafeString:
    """The scale above a column of strips."""
    return plots.strip_scale(days=days, today=_("today"), unit=_("days"))
