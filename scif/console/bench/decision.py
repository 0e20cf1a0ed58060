"""The latest decision at a door of the facility, with what each audience is told of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from access.models import AccessDecision
from access.rules.wording import OBLIGATION_TEXTS, OPEN_ITEM_TEXTS
from hardware.models import InboxEvent
from scif.console.bench.edge import outcome_words
from scif.console.bench.world import VIEW, World
from scif.kernel.actor import Actor
from scif.people.access import visible

_SHAPES = {"granted": "ok", "pending": "wait", "refused": "stop"}
_ACTS = {**OBLIGATION_TEXTS, **OPEN_ITEM_TEXTS}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision in words. ``whose`` is the person as the centre knows him, or the badge."""

    event: InboxEvent
    shape: str
    outcome: str
    whose: str
    reader: str
    guard: list[str]
    officer: list[str]
    after: list[str]

    @property
    def door(self) -> str:
        """The door and the way through it."""
        return f"{self.event.body['portal']} {self.event.body['direction']}"


def latest_verdict(world: World, actor: Actor) -> Verdict | None:
    """The last read that a gateway of the facility reported; None if there was none."""
    codes = [gateway.code for gateway in world.gateways]
    events = InboxEvent.objects.filter(gateway__in=codes, kind="door.read")
    event = events.order_by("-id").first()
    if event is None:
        return None
    decisions = visible(AccessDecision.objects.select_related("person"), actor, VIEW)
    return _verdict(event, decisions.filter(read_id=event.body["read_id"]).first())


def _verdict(event: InboxEvent, kept: AccessDecision | None) -> Verdict:
    body = event.body
    whose = str(kept.person) if kept and kept.person else ""
    badge = str(body.get("badge") or "")
    return Verdict(
        event=event,
        shape=_SHAPES.get(str(body["outcome"]), "stop"),
        outcome=outcome_words(body),
        whose=" ".join(filter(None, [badge, whose])) or _("unknown badge"),
        reader=str(body.get("reader_text") or ""),
        guard=_guard(body),
        officer=_officer(body),
        after=_after(kept),
    )


def _guard(body: Mapping[str, Any]) -> list[str]:
    told = said_once(_once(str(each.get("guard", "")) for each in body["objections"]))
    told += [_ACTS[code].guard for code in body["obligations"] if code in _ACTS]
    return told or [_("Nothing to do.")]


def _officer(body: Mapping[str, Any]) -> list[str]:
    told = _once(_objection(each) for each in body["objections"])
    told += [_ACTS[code].title for code in body["obligations"] if code in _ACTS]
    if body.get("awaits"):
        told.append(_("Awaits: %(what)s.") % {"what": body["awaits"]})
    if body.get("basis"):
        told.append(_("Basis: %(basis)s.") % {"basis": body["basis"]})
    if body.get("stale"):
        told.append(_("Decided from a snapshot that is too old."))
    if body.get("policy_version"):
        told.append(_("Policy %(version)s.") % {"version": body["policy_version"]})
    return told


def _objection(each: Mapping[str, Any]) -> str:
    who = f" ({each['who']})" if each.get("who") else ""
    return f"{each.get('message', '')} {each.get('remedy', '')}{who}".strip()


def _after(kept: AccessDecision | None) -> list[str]:
    if kept is None:
        return [_("not yet in the books")]
    told = [_("in the books")]
    if kept.opened_at:
        told.append(_("opened"))
    if kept.relocked_at:
        told.append(_("relocked"))
    return told


def said_once(acts: Iterable[str]) -> list[str]:
    """Acts that follow each other in one text: none begins with a sentence that was said before."""
    said: set[str] = set()
    found = []
    for act in acts:
        first, stop, rest = act.partition(". ")
        found.append(rest if stop and first in said else act)
        said.add(first)
    return found


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, texts)))
