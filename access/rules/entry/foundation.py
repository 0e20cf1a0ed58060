"""What must be known before any rule can look: policy, badge, person, basis, area."""

from access.rules.case import Case
from access.rules.facts import Facts, Stage
from access.rules.objection import Objection
from access.rules.rule import ground, rule
from access.rules.states import CredentialState


@ground("design: numbers are data")
def policy_known(facts: Facts) -> Objection | None:
    """A policy profile is known; without its numbers nothing can be decided."""
    return Objection("policy_missing") if facts.policy is None else None


@ground("R22", stages=[Stage.DOOR])
def badge_known(facts: Facts) -> Objection | None:
    """The badge is known, or a signed order names who enters."""
    if facts.credential is not None:
        return None
    if facts.factors.commanded_by is None:
        return Objection("unknown_badge")
    return Objection("order_names_nobody") if facts.person is None else None


@ground("R27", stages=[Stage.DOOR])
def badge_active(facts: Facts) -> Objection | None:
    """The badge is issued: not returned, revoked, lost or blank."""
    credential = facts.credential
    if credential is None or credential.state is CredentialState.ISSUED:
        return None
    return Objection("badge_not_active", {"state": credential.state})


@ground("scif-domain §8")
def person_known(facts: Facts) -> Objection | None:
    """The person is known."""
    if facts.person is not None:
        return None
    # A read without a known badge, or an order without a name, already says why.
    silent = facts.credential is None and facts.portal is not None
    return None if silent else Objection("person_unknown")


@ground("scif-domain §8, basis of entry")
def basis_known(facts: Facts) -> Objection | None:
    """The person has a basis of entry here."""
    if facts.basis is not None or facts.person is None:
        return None
    return Objection("no_basis")


@ground("R1")
def area_known(facts: Facts) -> Objection | None:
    """The area that is entered is known."""
    return Objection("area_unknown") if facts.area is None and facts.basis is not None else None


@rule("scif-domain §8, basis of entry")
def basis_is_the_persons_own(case: Case) -> Objection | None:
    """The basis is the person's own."""
    return Objection("not_the_holder") if case.basis.person_id != case.person.person_id else None
