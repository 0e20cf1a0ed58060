"""What every record of the system shares."""

import uuid
from typing import ClassVar

from django.db import models


class Record(models.Model):
    """A row with a random identifier, so that no identifier tells an order or a count.

    ``facility_path`` is the lookup from this model to its facility, which the one access function
    (:mod:`scif.people.access`) uses to scope every query. A record that lies in no facility
    but is of a person (a clearance) names the way to him in ``person_path`` and is where he is.
    With neither the record belongs to all (a scheme) and is scoped by permission alone.
    ``own_path`` leads to the person who may see the record as his own, for users without a role at
    the facility; a tuple names several.
    """

    facility_path: ClassVar[str] = ""
    person_path: ClassVar[str] = ""
    own_path: ClassVar[str | tuple[str, ...]] = ""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True

    @property
    def waits(self) -> str:
        """What must yet happen before what was asked for with it is so, in words; else empty."""
        return ""
