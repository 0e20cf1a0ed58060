"""The airlock in words: states, what bytes hide, and how two versions differ."""

from collections.abc import Iterable, Iterator
from difflib import unified_diff
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scif.kernel.clock import now
from terminals.models import AirlockCheck, AirlockItem, Verdict
from terminals.reports.wording import ITEM_STATES
from terminals.rules.airlock_states import AirlockState
from terminals.rules.content import Findings, Piece, pieces
from terminals.selectors.airlock import approval_void, upheld

# A page of text, and the longest two versions that are compared line by line: for the browser.
PART = 40_000
MOST_LINES = 4_000


def state_words(item: AirlockItem) -> dict[str, Any]:
    """Shape and words of an item's state; what is overdue says so."""
    shape, words = ITEM_STATES[AirlockState(item.state)]
    if item.due_at is not None and item.due_at <= now():
        return {"shape": "warn", "words": _("%(state)s, overdue") % {"state": words}}
    return {"shape": shape, "words": words}


def verdict_words(item: AirlockItem, check: AirlockCheck) -> dict[str, Any]:
    """A verdict with its shape and its tone; one that counts no more says so, uncoloured."""
    said = str(check.get_verdict_display())
    if approval_void(item, check):
        words = _("Void: %(verdict)s, for bytes that are not sealed any more") % {"verdict": said}
        return {"check": check, "shape": "off", "tone": "", "words": words}
    if check.verdict == Verdict.REJECT and upheld(item) and check.version_id == item.version_id:
        words = _("Set aside by the appeal body: %(verdict)s") % {"verdict": said}
        return {"check": check, "shape": "off", "tone": "", "words": words}
    shape = "ok" if check.verdict == Verdict.APPROVE else "stop"
    return {"check": check, "shape": shape, "tone": shape, "words": said[:1].upper() + said[1:]}


def findings_words(found: Findings) -> list[dict[str, str]]:
    """What a reader would not see, each as a sentence with its shape."""
    said = [_density(found)]
    if found.kind != "text":
        said.append(("warn", _("Its bytes are not shown. Take it along and look at it with care.")))
        return [{"shape": shape, "words": words} for shape, words in said]
    counted = (
        (
            found.turns,
            "stop",
            ngettext(
                "%(n)d sign turns the reading direction: a text may not be what it looks like.",
                "%(n)d signs turn the reading direction: a text may not be what it looks like.",
                found.turns,
            ),
        ),
        (
            found.no_width,
            "stop",
            ngettext(
                "%(n)d sign takes no room: whole messages can hide in such signs.",
                "%(n)d signs take no room: whole messages can hide in such signs.",
                found.no_width,
            ),
        ),
        (
            found.control,
            "stop",
            ngettext(
                "%(n)d control character or sign without a shape.",
                "%(n)d control characters or signs without a shape.",
                found.control,
            ),
        ),
        (
            found.blank,
            "warn",
            ngettext("%(n)d unusual blank.", "%(n)d unusual blanks.", found.blank),
        ),
        (
            found.mixed_words,
            "stop",
            ngettext(
                "%(n)d word mixes Latin letters with others that look like them.",
                "%(n)d words mix Latin letters with others that look like them.",
                found.mixed_words,
            ),
        ),
        (
            found.foreign,
            "info",
            ngettext("%(n)d letter beyond ASCII.", "%(n)d letters beyond ASCII.", found.foreign),
        ),
        (
            found.blank_ends,
            "warn",
            ngettext(
                "%(n)d line ends in blanks, which can carry bits.",
                "%(n)d lines end in blanks, which can carry bits.",
                found.blank_ends,
            ),
        ),
        (
            found.encoded,
            "warn",
            ngettext(
                "%(n)d letter stands in long runs without a blank, as encoded data does.",
                "%(n)d letters stand in long runs without a blank, as encoded data does.",
                found.encoded,
            ),
        ),
    )
    said += [(shape, words % {"n": n}) for n, shape, words in counted if n]
    if not found.hidden:
        said.append(("ok", _("Every sign can be seen.")))
    return [{"shape": shape, "words": str(words)} for shape, words in said]


def _density(found: Findings) -> tuple[str, str]:
    """How dense the bytes are, in a plain sentence; thresholds are those of everyday files."""
    measured = {"bits": f"{found.entropy:.1f}", "percent": found.squeezed}
    if found.entropy >= 7.2:
        return "warn", _(
            "%(bits)s bits a byte, squeezed to %(percent)s%%: as dense as what is compressed or "
            "encrypted; nobody can judge it by reading."
        ) % measured  # fmt: skip
    if found.entropy >= 5.6 and found.squeezed > 60:
        return "warn", _(
            "%(bits)s bits a byte, squeezed to %(percent)s%%: denser than prose, as encodings are."
        ) % measured  # fmt: skip
    if found.squeezed >= 100:
        return "info", _(
            "%(bits)s bits a byte, and too short to be squeezed: its density tells little."
        ) % measured
    return "info", _(
        "%(bits)s bits a byte, squeezed to %(percent)s%%: as prose, code or tables are."
    ) % measured  # fmt: skip


def shown(text: str, part: int) -> dict[str, Any]:
    """One page of a text, with what cannot be seen made visible."""
    parts = max(1, -(-len(text) // PART))
    part = min(max(part, 1), parts)
    return {
        "pieces": list(pieces(text[(part - 1) * PART : part * PART])),
        "number": part,
        "total": parts,
        "before": part - 1 if part > 1 else None,
        "after": part + 1 if part < parts else None,
    }


def difference(before: str, after: str) -> list[dict[str, Any]] | None:
    """Lines that are gone or new, each with what cannot be seen; None where it is too long."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MOST_LINES or max(len(before), len(after)) > 10 * PART:
        return None
    return list(_lines(unified_diff(old, new, n=2, lineterm="")))


def _lines(found: Iterable[str]) -> Iterator[dict[str, Any]]:
    signs = {"+": "new", "-": "gone", "@": "place"}
    for number, line in enumerate(found):
        if number < 2:
            continue  # the two head lines, which name files
        kind = signs.get(line[:1], "same")
        words: list[Piece] = list(pieces(line[1:] if kind != "place" else line))
        yield {"kind": kind, "sign": line[:1] if kind in {"new", "gone"} else " ", "pieces": words}
