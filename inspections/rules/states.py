"""States of what makes a room fit for use, and what leads from one to the next."""

from enum import StrEnum

from scif.kernel.states import Machine


class AccreditationState(StrEnum):
    """Life of an accreditation, from the concept to the closed file (scif-domain §2)."""

    CONCEPT = "concept"
    CSP_APPROVED = "csp_approved"
    CONSTRUCTION = "construction"
    FFC_SUBMITTED = "ffc_submitted"
    INTERIM = "interim"
    ACCREDITED = "accredited"
    SUSPENDED = "suspended"
    DE_ACCREDITED = "de_accredited"
    CLOSED = "closed"


class AccreditationAction(StrEnum):
    """What happens to an accreditation; from GRANT_INTERIM on, only on the official's document."""

    APPROVE_CSP = "approve_csp"
    BEGIN_CONSTRUCTION = "begin_construction"
    SUBMIT_FFC = "submit_ffc"
    GRANT_INTERIM = "grant_interim"
    ACCREDIT = "accredit"
    SUSPEND = "suspend"
    DE_ACCREDIT = "de_accredit"
    CLOSE = "close"


_A, _AA = AccreditationState, AccreditationAction

ACCREDITATION: Machine[AccreditationState, AccreditationAction] = Machine(
    "accreditation",
    {
        (_A.CONCEPT, _AA.APPROVE_CSP): _A.CSP_APPROVED,
        (_A.CSP_APPROVED, _AA.BEGIN_CONSTRUCTION): _A.CONSTRUCTION,
        (_A.CONSTRUCTION, _AA.SUBMIT_FFC): _A.FFC_SUBMITTED,
        (_A.FFC_SUBMITTED, _AA.GRANT_INTERIM): _A.INTERIM,
        (_A.FFC_SUBMITTED, _AA.ACCREDIT): _A.ACCREDITED,
        (_A.INTERIM, _AA.ACCREDIT): _A.ACCREDITED,
        (_A.INTERIM, _AA.SUSPEND): _A.SUSPENDED,
        (_A.INTERIM, _AA.DE_ACCREDIT): _A.DE_ACCREDITED,
        (_A.ACCREDITED, _AA.SUSPEND): _A.SUSPENDED,
        (_A.ACCREDITED, _AA.DE_ACCREDIT): _A.DE_ACCREDITED,
        (_A.SUSPENDED, _AA.GRANT_INTERIM): _A.INTERIM,
        (_A.SUSPENDED, _AA.ACCREDIT): _A.ACCREDITED,
        (_A.SUSPENDED, _AA.DE_ACCREDIT): _A.DE_ACCREDITED,
        # R3: a space held at a lower level may be accredited again, through a new checklist.
        (_A.DE_ACCREDITED, _AA.SUBMIT_FFC): _A.FFC_SUBMITTED,
        (_A.DE_ACCREDITED, _AA.CLOSE): _A.CLOSED,
        (_A.CONCEPT, _AA.CLOSE): _A.CLOSED,
        (_A.CSP_APPROVED, _AA.CLOSE): _A.CLOSED,
        (_A.CONSTRUCTION, _AA.CLOSE): _A.CLOSED,
        (_A.FFC_SUBMITTED, _AA.CLOSE): _A.CLOSED,
    },
)

# R1: classified work happens only under an accreditation in one of these states.
IN_FORCE = frozenset({AccreditationState.INTERIM, AccreditationState.ACCREDITED})


class SweepState(StrEnum):
    """A sweep of a room for devices left behind, from becoming due to its result."""

    DUE = "due"
    IN_PROGRESS = "in_progress"
    PASSED = "passed"
    FAILED = "failed"


class SweepAction(StrEnum):
    """What happens to a sweep. A failed one is begun again; only PASS opens the room."""

    START = "start"
    PASS = "pass"  # noqa: S105  a verb, no secret
    FAIL = "fail"
    ABANDON = "abandon"


_S, _SA = SweepState, SweepAction

SWEEP: Machine[SweepState, SweepAction] = Machine(
    "sweep",
    {
        (_S.DUE, _SA.START): _S.IN_PROGRESS,
        (_S.IN_PROGRESS, _SA.PASS): _S.PASSED,
        (_S.IN_PROGRESS, _SA.FAIL): _S.FAILED,
        (_S.IN_PROGRESS, _SA.ABANDON): _S.DUE,
        (_S.FAILED, _SA.START): _S.IN_PROGRESS,
    },
)
