"""Terms in words: what of them counts, and what they would change of those in force."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from access.rules.policy_milder import Bearing
from access.rules.wording.base import gettext_noop
from scif.kernel.figures import grouped, measured
from terminals.models import EngagementTerms
from terminals.selectors.harness_policy import harness_known
from terminals.selectors.ledger import Bound, budget_bound, budget_counts
from terminals.selectors.terms import terms_in_force
from terminals.views.policy_words import Asked, policy_drawn, policy_table

Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, as ``templates/components/changes.html`` shows it, line by line. ``bearing``
    says whether more may pass or leave than before, or less.
    """

    meaning: str
    old: str
    new: str
    bearing: Bearing = Bearing.NEITHER


@dataclass(frozen=True, slots=True)
class Block:
    """Differences under one head. ``replaces``: there is something that they take the place of."""

    title: str
    changes: Sequence[Change]
    replaces: bool


def budget_words(terms: EngagementTerms, bound: Bound | None) -> str:
    """An engagement's own budget, and which counts where the policy leaves less."""
    own = terms.egress_bytes
    if bound is None:
        return measured(own) if own else _("none: nothing may leave")
    if own is None:
        told = _("the policy's share of the weights, %(most)s")
    elif own <= bound.most:
        return measured(own)
    else:
        told = _("%(own)s; the policy leaves %(most)s, and that counts")
    return told % {"own": measured(own or 0), "most": measured(bound.most)}


def terms_changes(terms: EngagementTerms) -> Mapping[str, Any]:
    """What proposed terms would change of those in force: the blocks of the page of approval.

    ``whole`` is the policy at the harness where there is none that it changes.
    """
    before = terms_in_force(terms.engagement_id)
    replaces = before is not None
    known = before.harness_policy if before else None
    blocks = (
        Block(_("Terms"), [*_own(terms, before)], replaces),
        Block(_("At the harness"), [*_policy(terms, before)], replaces),
    )
    found = [block for block in blocks if block.changes]
    if found and replaces:
        told = [_("Whatever is not listed stays as it is. Sessions on the terms before end.")]
    elif found:
        told = [_("No terms are in force: these are the first.")]
    else:
        told = [_("Nothing changes: they say what those in force say. Sessions on those end.")]
    new = terms.harness_policy is not None and known is None
    return {
        "blocks": found,
        "whole": policy_drawn(terms.harness_policy) if new else "",
        "warned": [*_warned(terms)],
        "told": told,
    }


def _warned(terms: EngagementTerms) -> Iterator[str]:
    """What the terms leave to others, and whoever approves them should know."""
    if terms.offsite and (terms.two_persons or terms.moderated):
        yield _(
            "Use at registered places is permitted, and somebody beside is asked for: nothing "
            "outside can tell who is there, so that nobody works outside by these terms."
        )
    known, host = harness_known(terms.harness_host), terms.harness_host
    if terms.harness_policy is None and known:
        yield _(
            "An adapter stands before %(host)s and is told nothing by these terms: it answers "
            "nothing. Propose terms with the lab's document."
        ) % {"host": host}
    elif terms.harness_policy is None:
        yield _(
            "Nobody limits what is asked at %(host)s: these terms count bytes alone, and what the "
            "harness gives away in them is the lab's to see to."
        ) % {"host": host}
    elif not known:
        yield _(
            "No adapter at %(host)s has ever confirmed a policy. Until one does, no session "
            "begins: have whoever runs the installation connect it first."
        ) % {"host": host}


def _own(terms: EngagementTerms, before: EngagementTerms | None) -> Iterator[Change]:
    bound = budget_bound(terms.engagement)
    for row in _ROWS:
        new = row.words(terms, bound)
        if before is None:
            yield Change(_(row.meaning), "", new)
        elif (old := row.words(before, bound)) != new:
            bearing = Bearing.NEITHER
            if row.more is not None:
                bearing = _bearing(row.more(before, bound), row.more(terms, bound))
            yield Change(_(row.meaning), old, new, bearing)


def room_words(terms: EngagementTerms) -> str:
    """How many must be in the room."""
    if terms.two_persons:
        return _("two people")
    return _("one person, where the room does not ask for two")


def moderator_words(terms: EngagementTerms) -> str:
    """Who sits beside."""
    return _("one of the sponsor's people beside") if terms.moderated else _("none")


def outside_words(terms: EngagementTerms) -> str:
    """Whether laptops may go out."""
    return _("at registered places") if terms.offsite else _("not permitted")


def _policy(terms: EngagementTerms, before: EngagementTerms | None) -> Iterator[Change]:
    """What may be asked: a line for each number and operation that is not as it was."""
    part, known = terms.harness_policy, before.harness_policy if before else None
    none = _("none: no adapter stands before it")
    if part is not None and known is not None:
        yield from _lines(part, known)
        yield from _operations(part, known)
    elif part is not None:
        old, bearing = (none, Bearing.STRICTER) if before else ("", Bearing.NEITHER)
        new = _("the adapter answers by the policy that follows")
        yield Change(_("Policy at the harness"), old, new, bearing)
    elif known is not None:
        old = _("the adapter answers by a policy")
        yield Change(_("Policy at the harness"), old, none, Bearing.MILDER)
    elif before is None:
        yield Change(_("Policy at the harness"), "", none)


def _lines(part: Part, known: Part) -> Iterator[Change]:
    was = {line.name: line for line in policy_table(known).lines}
    for line in policy_table(part).lines:
        new = f"{grouped(line.value)} {line.unit}"
        old = was.pop(line.name, None)
        if old is None:
            yield Change(line.words, "", new)
        elif old.value != line.value:
            told = f"{grouped(old.value)} {old.unit}"
            yield Change(line.words, told, new, _bearing(old.value, line.value))
    for line in was.values():
        yield Change(line.words, f"{grouped(line.value)} {line.unit}", _("no limit is named"))


def _operations(part: Part, known: Part) -> Iterator[Change]:
    was = {one.name: one for one in policy_table(known).operations}
    for one in policy_table(part).operations:
        old = was.pop(one.name, None)
        if old is None:
            yield Change(one.words, _("not allowed"), "\n".join(_asked(one)), Bearing.MILDER)
        elif part["operations"][one.name] != known["operations"][one.name]:
            yield Change(one.words, *_differ(_asked(old), _asked(one)))
    for one in was.values():
        yield Change(one.words, _("allowed"), _("not allowed"), Bearing.STRICTER)


def _asked(one: Asked) -> list[str]:
    gives = f"{one.gives}, {_('line by line')}" if one.stream else one.gives
    return [
        _("gives %(what)s") % {"what": gives},
        _("request of at most %(most)s bytes") % {"most": grouped(one.most_request)},
        _("answer of at most %(most)s bytes") % {"most": grouped(one.most_answer)},
        _("within %(most)s seconds") % {"most": grouped(one.seconds)},
        _("asked with %(what)s") % {"what": one.takes},
        _("answered with %(what)s") % {"what": one.answers},
    ]


def _differ(old: list[str], new: list[str]) -> tuple[str, str]:
    """What of an operation is not as it was; at least that it is another."""
    pairs = [(was, now) for was, now in zip(old, new, strict=True) if was != now]
    if not pairs:  # of what a choice is between, and of what lies deep, words tell no more
        return _("in its details as before"), _("in its details otherwise")
    return "\n".join(was for was, _now in pairs), "\n".join(now for _was, now in pairs)


def _bearing(old: int, new: int) -> Bearing:
    """More of it is milder."""
    if old == new:
        return Bearing.NEITHER
    return Bearing.MILDER if new > old else Bearing.STRICTER


@dataclass(frozen=True, slots=True)
class _Row:
    """A fact of the terms: in words, and how much of it lets more pass; None where neither does."""

    meaning: str
    words: Callable[[EngagementTerms, Bound | None], str]
    more: Callable[[EngagementTerms, Bound | None], int] | None = None


_ROWS = (
    _Row(gettext_noop("Harness"), lambda each, _b: f"{each.harness_host}:{each.harness_port}"),
    _Row(gettext_noop("Own budget"), budget_words, budget_counts),
    _Row(
        gettext_noop("Most a second"),
        lambda each, _b: measured(each.rate_bytes),
        lambda each, _b: each.rate_bytes,
    ),
    _Row(
        gettext_noop("Most at once"),
        lambda each, _b: measured(each.burst_bytes),
        lambda each, _b: each.burst_bytes,
    ),
    _Row(
        gettext_noop("Channels at once"),
        lambda each, _b: grouped(each.channels),
        lambda each, _b: each.channels,
    ),
    _Row(
        gettext_noop("In the room"),
        lambda each, _b: room_words(each),
        lambda each, _b: not each.two_persons,
    ),
    _Row(
        gettext_noop("Moderator"),
        lambda each, _b: moderator_words(each),
        lambda each, _b: not each.moderated,
    ),
    _Row(
        gettext_noop("Outside the rooms"),
        lambda each, _b: outside_words(each),
        lambda each, _b: int(each.offsite),
    ),
)
