"""The airlock, and what the database itself refuses in it, whoever writes.

INVARIANT: the steps are those of ``terminals/rules/airlock_states.py``; a test compares them. What
is released was approved by two people other than its author, one of them of the lab, or by two of
the appeal body, for exactly these bytes; and an export's bytes stand in the ledger.
"""

import uuid

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

STEPS = """
CREATE TRIGGER terminals_steps BEFORE INSERT OR UPDATE OR DELETE ON terminals_airlockitem
    FOR EACH ROW EXECUTE FUNCTION terminals_steps('draft',
        'appealed>checked appealed>rejected changes>draft changes>withdrawn checked>changes checked>draft checked>rejected checked>released checked>withdrawn draft>sealed draft>withdrawn rejected>appealed sealed>changes sealed>checked sealed>draft sealed>rejected sealed>withdrawn');
ALTER TABLE terminals_airlockitem ENABLE ALWAYS TRIGGER terminals_steps;
"""

# Runs after terminals_steps: triggers of a table fire in the order of their names.
ITEMS = """
CREATE FUNCTION terminals_airlock_upheld(item uuid, version uuid) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM terminals_appeal AS appeal
        WHERE appeal.item_id = item AND appeal.version_id = version AND appeal.outcome = 'upheld'
            AND (SELECT count(*) FROM terminals_appealvote AS vote
                 WHERE vote.appeal_id = appeal.id AND vote.upholds) >= 2)
$$;
CREATE FUNCTION terminals_airlock_approved(version uuid, author uuid) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT count(DISTINCT person_id) >= 2 AND bool_or(side = 'lab')
        AND bool_and(verdict = 'approve' AND person_id <> author)
    FROM terminals_airlockcheck WHERE version_id = version
$$;
CREATE FUNCTION terminals_airlock_grounds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    grounds boolean := true;
BEGIN
    IF (NEW.reference, NEW.direction, NEW.facility_id, NEW.engagement_id, NEW.author_id)
        IS DISTINCT FROM
        (OLD.reference, OLD.direction, OLD.facility_id, OLD.engagement_id, OLD.author_id)
        OR (OLD.state = 'released' AND NEW IS DISTINCT FROM OLD) THEN
        RAISE EXCEPTION 'airlock item % is what it is', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.version_id IS DISTINCT FROM OLD.version_id
        AND NOT (OLD.state = 'draft' AND NEW.state = 'draft') THEN
        RAISE EXCEPTION 'airlock item % is sealed: its bytes change only in a draft', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF NEW.state = 'sealed' THEN
        -- A version that was sealed before was sealed for other eyes: take it up anew.
        grounds := EXISTS (SELECT FROM terminals_airlockversion AS version
            WHERE version.id = NEW.version_id AND version.item_id = NEW.id
                AND version.sealed_at IS NOT NULL
                AND NOT EXISTS (SELECT FROM terminals_airlockcheck
                    WHERE version_id = version.id));
    ELSIF NEW.state IN ('checked', 'released') THEN
        grounds := terminals_airlock_upheld(NEW.id, NEW.version_id)
            OR terminals_airlock_approved(NEW.version_id, NEW.author_id);
        IF grounds AND NEW.state = 'released' AND NEW.direction = 'export' THEN
            grounds := EXISTS (SELECT FROM terminals_egressledger AS debit
                JOIN terminals_airlockversion AS version ON version.id = NEW.version_id
                WHERE debit.kind = 'export' AND debit.reference = NEW.reference
                    AND debit.engagement_id = NEW.engagement_id
                    AND debit.bytes = version.bytes);
        END IF;
    ELSIF NEW.state IN ('changes', 'rejected') AND OLD.state <> 'appealed' THEN
        grounds := EXISTS (SELECT FROM terminals_airlockcheck
            WHERE version_id = NEW.version_id AND person_id <> NEW.author_id
                AND (verdict, NEW.state) IN (('changes', 'changes'), ('reject', 'rejected')))
            AND NOT terminals_airlock_upheld(NEW.id, NEW.version_id);
    ELSIF NEW.state = 'rejected' THEN
        grounds := EXISTS (SELECT FROM terminals_appeal
            WHERE item_id = NEW.id AND outcome = 'dismissed');
    ELSIF NEW.state = 'appealed' THEN
        grounds := EXISTS (SELECT FROM terminals_appeal
            WHERE item_id = NEW.id AND version_id = NEW.version_id AND outcome = '');
    END IF;
    IF NOT coalesce(grounds, false) THEN
        RAISE EXCEPTION 'airlock item % has no record that lets it be %', NEW.id, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_steps_grounds BEFORE UPDATE ON terminals_airlockitem
    FOR EACH ROW EXECUTE FUNCTION terminals_airlock_grounds();
ALTER TABLE terminals_airlockitem ENABLE ALWAYS TRIGGER terminals_steps_grounds;
"""

VERSIONS = """
CREATE FUNCTION terminals_airlock_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.sealed_at IS NOT NULL OR NOT EXISTS (SELECT FROM terminals_airlockitem
                WHERE id = NEW.item_id AND state = 'draft') THEN
            RAISE EXCEPTION 'a version is made in a draft' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF TG_OP = 'DELETE' OR OLD.sealed_at IS NOT NULL
        OR (NEW.item_id, NEW.number, NEW.name, NEW.sha256, NEW.bytes, NEW.kind, NEW.made_at)
            IS DISTINCT FROM
            (OLD.item_id, OLD.number, OLD.name, OLD.sha256, OLD.bytes, OLD.kind, OLD.made_at) THEN
        RAISE EXCEPTION 'version % refuses %: other bytes are another version', OLD.id, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_airlock_version BEFORE INSERT OR UPDATE OR DELETE
    ON terminals_airlockversion FOR EACH ROW EXECUTE FUNCTION terminals_airlock_version();
ALTER TABLE terminals_airlockversion ENABLE ALWAYS TRIGGER terminals_airlock_version;
REVOKE DELETE ON terminals_airlockversion FROM scif_web;
"""

CHECKS = """
CREATE FUNCTION terminals_airlock_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    -- Locked, so that it is not taken back or released while somebody looks at it.
    SELECT airlock.*, sponsor.officer_id, sponsor.organisation_id INTO item
        FROM terminals_airlockversion AS version
        JOIN terminals_airlockitem AS airlock ON airlock.id = version.item_id
            AND airlock.version_id = version.id
        JOIN access_engagement AS mandate ON mandate.id = airlock.engagement_id
        JOIN access_sponsor AS sponsor ON sponsor.id = mandate.sponsor_id
        WHERE version.id = NEW.version_id AND version.sealed_at IS NOT NULL
        FOR NO KEY UPDATE OF airlock;
    IF item IS NULL OR item.state NOT IN ('sealed', 'checked') THEN
        RAISE EXCEPTION 'version % is not there to be checked', NEW.version_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.person_id = item.author_id OR EXISTS (SELECT FROM access_engagementmember
            WHERE engagement_id = item.engagement_id AND person_id = NEW.person_id) THEN
        RAISE EXCEPTION 'nobody checks what he or his team wrote'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF item.direction = 'intake' AND NEW.verdict = 'approve' AND NEW.inspection = '' THEN
        RAISE EXCEPTION 'what comes in is approved on an inspection'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.side = 'lab' THEN
        IF NOT EXISTS (SELECT FROM people_person WHERE id = NEW.person_id
                AND organisation_id = item.organisation_id)
            OR NOT (NEW.person_id = item.officer_id
                OR EXISTS (SELECT FROM terminals_airlockreviewer
                    WHERE engagement_id = item.engagement_id AND person_id = NEW.person_id
                        AND part = 'lab')) THEN
            RAISE EXCEPTION 'person % does not check for the lab', NEW.person_id
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NOT EXISTS (SELECT FROM people_facilityrole AS held
            JOIN people_user AS account ON account.id = held.user_id
            WHERE account.person_id = NEW.person_id AND account.is_active
                AND held.facility_id = item.facility_id AND held.role = 'officer'
                AND held.valid_from <= NEW.at
                AND (held.valid_until IS NULL OR held.valid_until > NEW.at)) THEN
        RAISE EXCEPTION 'person % does not check for the facility', NEW.person_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_airlock_check BEFORE INSERT ON terminals_airlockcheck
    FOR EACH ROW EXECUTE FUNCTION terminals_airlock_check();
CREATE TRIGGER terminals_stays BEFORE UPDATE OR DELETE ON terminals_airlockcheck
    FOR EACH ROW EXECUTE FUNCTION terminals_stays();
ALTER TABLE terminals_airlockcheck ENABLE ALWAYS TRIGGER terminals_airlock_check;
ALTER TABLE terminals_airlockcheck ENABLE ALWAYS TRIGGER terminals_stays;
REVOKE UPDATE, DELETE ON terminals_airlockcheck FROM scif_web;
"""

APPEALS = """
CREATE FUNCTION terminals_airlock_reviewer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own uuid := (SELECT organisation_id FROM people_person WHERE id = NEW.person_id);
    sides record;
BEGIN
    SELECT sponsor.organisation_id AS lab, mandate.organisation_id AS auditor INTO sides
        FROM access_engagement AS mandate
        JOIN access_sponsor AS sponsor ON sponsor.id = mandate.sponsor_id
        WHERE mandate.id = NEW.engagement_id;
    IF (NEW.part = 'lab' AND own <> sides.lab)
        OR (NEW.part = 'appeal' AND own IN (sides.lab, sides.auditor))
        OR EXISTS (SELECT FROM access_engagementmember
            WHERE engagement_id = NEW.engagement_id AND person_id = NEW.person_id) THEN
        RAISE EXCEPTION 'person % cannot be named for that', NEW.person_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.confirmed_by_id IS NOT NULL
        OR (NEW.engagement_id, NEW.person_id, NEW.part, NEW.named_by_id) IS DISTINCT FROM
            (OLD.engagement_id, OLD.person_id, OLD.part, OLD.named_by_id)) THEN
        RAISE EXCEPTION 'reviewer % stays as named', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_airlock_reviewer BEFORE INSERT OR UPDATE ON terminals_airlockreviewer
    FOR EACH ROW EXECUTE FUNCTION terminals_airlock_reviewer();
ALTER TABLE terminals_airlockreviewer ENABLE ALWAYS TRIGGER terminals_airlock_reviewer;

CREATE FUNCTION terminals_appeal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.outcome <> '' OR NOT EXISTS (SELECT FROM terminals_airlockitem
                WHERE id = NEW.item_id AND version_id = NEW.version_id AND state = 'rejected') THEN
            RAISE EXCEPTION 'an appeal is against a rejection'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF TG_OP = 'DELETE' OR OLD.outcome <> ''
        OR (NEW.item_id, NEW.version_id, NEW.lodged_by_id, NEW.lodged_at, NEW.statement)
            IS DISTINCT FROM
            (OLD.item_id, OLD.version_id, OLD.lodged_by_id, OLD.lodged_at, OLD.statement) THEN
        RAISE EXCEPTION 'appeal % refuses %', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
    ELSIF (SELECT count(*) FROM terminals_appealvote
            WHERE appeal_id = NEW.id AND upholds = (NEW.outcome = 'upheld')) < 2 THEN
        RAISE EXCEPTION 'appeal % is decided by two who agree', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_appeal BEFORE INSERT OR UPDATE OR DELETE ON terminals_appeal
    FOR EACH ROW EXECUTE FUNCTION terminals_appeal();
ALTER TABLE terminals_appeal ENABLE ALWAYS TRIGGER terminals_appeal;

CREATE FUNCTION terminals_appeal_vote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM terminals_appeal AS appeal
        JOIN terminals_airlockitem AS item ON item.id = appeal.item_id
            AND item.state = 'appealed'
        JOIN terminals_airlockreviewer AS named ON named.engagement_id = item.engagement_id
            AND named.person_id = NEW.person_id AND named.part = 'appeal'
            AND named.confirmed_by_id IS NOT NULL
        WHERE appeal.id = NEW.appeal_id AND appeal.outcome = '' AND item.author_id <> NEW.person_id
            AND NOT EXISTS (SELECT FROM terminals_airlockcheck AS looked
                JOIN terminals_airlockversion AS version ON version.id = looked.version_id
                WHERE version.item_id = item.id AND looked.person_id = NEW.person_id)) THEN
        RAISE EXCEPTION 'person % does not decide appeal %', NEW.person_id, NEW.appeal_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_appeal_vote BEFORE INSERT ON terminals_appealvote
    FOR EACH ROW EXECUTE FUNCTION terminals_appeal_vote();
CREATE TRIGGER terminals_stays BEFORE UPDATE OR DELETE ON terminals_appealvote
    FOR EACH ROW EXECUTE FUNCTION terminals_stays();
ALTER TABLE terminals_appealvote ENABLE ALWAYS TRIGGER terminals_appeal_vote;
ALTER TABLE terminals_appealvote ENABLE ALWAYS TRIGGER terminals_stays;
REVOKE DELETE ON terminals_appeal FROM scif_web;
REVOKE UPDATE, DELETE ON terminals_appealvote FROM scif_web;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_badge_found"),
        ("facilities", "0008_locker_purpose"),
        ("people", "0001_initial"),
        ("terminals", "0003_sessions"),
    ]

    operations = [
        migrations.CreateModel(
            name="AirlockItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "reference",
                    models.CharField(max_length=20, unique=True, verbose_name="reference"),
                ),
                (
                    "direction",
                    models.CharField(
                        choices=[("export", "export"), ("intake", "intake")],
                        max_length=8,
                        verbose_name="way",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("state", models.CharField(default="draft", max_length=10, verbose_name="state")),
                ("state_since", models.DateTimeField(verbose_name="since")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="answer due")),
                ("overdue", models.BooleanField(default=False, verbose_name="answer overdue")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="airlock_items",
                        to="people.person",
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="airlock_items",
                        to="access.engagement",
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="airlock_items",
                        to="facilities.facility",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "airlock item",
                "verbose_name_plural": "airlock items",
                "ordering": ["-state_since"],
            },
        ),
        migrations.CreateModel(
            name="AirlockVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("name", models.CharField(max_length=120, verbose_name="name of the file")),
                (
                    "sha256",
                    models.CharField(
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9a-f]{64}$", "64 hexadecimal digits, small letters."
                            )
                        ],
                        verbose_name="SHA-256",
                    ),
                ),
                ("bytes", models.PositiveBigIntegerField(verbose_name="bytes")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "text"),
                            ("image", "image"),
                            ("document", "document (PDF)"),
                            ("archive", "archive, not opened"),
                            ("program", "program"),
                            ("other", "other bytes"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "context",
                    models.TextField(blank=True, max_length=2000, verbose_name="stated context"),
                ),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "sealed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="sealed at"),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="terminals.airlockitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of an airlock item",
                "verbose_name_plural": "versions of airlock items",
                "ordering": ["item", "-number"],
            },
        ),
        migrations.AddField(
            model_name="airlockitem",
            name="version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="terminals.airlockversion",
            ),
        ),
        migrations.CreateModel(
            name="AirlockCheck",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("lab", "lab"), ("facility", "facility")],
                        max_length=8,
                        verbose_name="for",
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("approve", "approved"),
                            ("changes", "changes asked"),
                            ("reject", "rejected"),
                        ],
                        max_length=8,
                        verbose_name="verdict",
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("weights", "weights, or what they could be rebuilt from"),
                            (
                                "internals",
                                "how the model is built or trained, beyond what is public",
                            ),
                            ("uplift", "knowledge that helps to do grave harm"),
                            (
                                "weakness",
                                "an open weakness of the lab's or the facility's security",
                            ),
                            ("classified", "marked or compartmented matter"),
                            ("personal", "data about people who are no part of the audit"),
                            ("hidden", "content that is hidden or cannot be judged"),
                            ("malicious", "code that does harm or more than it says"),
                        ],
                        max_length=12,
                        verbose_name="ground",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=1000, verbose_name="reason")),
                (
                    "inspection",
                    models.CharField(blank=True, max_length=300, verbose_name="inspection"),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="terminals.airlockversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "check in the airlock",
                "verbose_name_plural": "checks in the airlock",
                "ordering": ["at"],
            },
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("lodged_at", models.DateTimeField(verbose_name="lodged at")),
                ("statement", models.CharField(max_length=1000, verbose_name="statement")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("upheld", "upheld: it is released"),
                            ("dismissed", "dismissed: it stays rejected"),
                        ],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeal",
                        to="terminals.airlockitem",
                    ),
                ),
                (
                    "lodged_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="terminals.airlockversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "appeal",
                "verbose_name_plural": "appeals",
                "ordering": ["-lodged_at"],
            },
        ),
        migrations.CreateModel(
            name="AppealVote",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("upholds", models.BooleanField(verbose_name="upholds the appeal")),
                ("reason", models.CharField(max_length=1000, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "appeal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="terminals.appeal",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "vote on an appeal",
                "verbose_name_plural": "votes on appeals",
                "ordering": ["at"],
            },
        ),
        migrations.CreateModel(
            name="AirlockReviewer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        choices=[("lab", "checks for the lab"), ("appeal", "appeal body")],
                        max_length=8,
                        verbose_name="part",
                    ),
                ),
                ("named_at", models.DateTimeField(verbose_name="named at")),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="confirmed at"),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="airlock_reviewers",
                        to="access.engagement",
                    ),
                ),
                (
                    "named_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "reviewer of an airlock",
                "verbose_name_plural": "reviewers of airlocks",
                "ordering": ["engagement", "part", "named_at"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("engagement", "person"), name="airlock_reviewer_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("part__in", ["lab", "appeal"])),
                        name="airlock_reviewer_part",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("named_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="airlock_reviewer_confirmed_by_another",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="airlockversion",
            constraint=models.UniqueConstraint(
                fields=("item", "number"), name="airlock_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="airlockversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("bytes__gt", 0)), name="airlock_version_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="airlockversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="airlock_version_hash"
            ),
        ),
        migrations.AddConstraint(
            model_name="airlockversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["text", "image", "document", "archive", "program", "other"])
                ),
                name="airlock_version_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="airlockversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sealed_at", None), models.Q(("context", ""), _negated=True), _connector="OR"
                ),
                name="airlock_sealed_with_context",
            ),
        ),
        migrations.AddIndex(
            model_name="airlockitem",
            index=models.Index(fields=["engagement", "state"], name="airlock_of_engagement"),
        ),
        migrations.AddConstraint(
            model_name="airlockitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("direction__in", ["export", "intake"])),
                name="airlock_direction",
            ),
        ),
        migrations.AddConstraint(
            model_name="airlockitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("draft", "withdrawn")),
                    ("version__isnull", False),
                    _connector="OR",
                ),
                name="airlock_sealed_with_a_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="airlockitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("released_by", None),
                    models.Q(("released_by", models.F("author")), _negated=True),
                    _connector="OR",
                ),
                name="airlock_released_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="airlockcheck",
            constraint=models.UniqueConstraint(
                fields=("version", "person"), name="airlock_check_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="airlockcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("side__in", ["lab", "facility"]),
                    ("verdict__in", ["approve", "changes", "reject"]),
                ),
                name="airlock_check_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="airlockcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ground", ""), ("verdict", "approve")),
                    models.Q(
                        (
                            "ground__in",
                            [
                                "weights",
                                "internals",
                                "uplift",
                                "weakness",
                                "classified",
                                "personal",
                                "hidden",
                                "malicious",
                            ],
                        ),
                        ("verdict__in", ("changes", "reject")),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="airlock_check_on_a_ground",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("outcome", "")),
                    models.Q(
                        ("decided_at__isnull", False), ("outcome__in", ["upheld", "dismissed"])
                    ),
                    _connector="OR",
                ),
                name="appeal_decided_with_an_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="appealvote",
            constraint=models.UniqueConstraint(
                fields=("appeal", "person"), name="appeal_vote_once"
            ),
        ),
        *(
            migrations.RunSQL(sql, migrations.RunSQL.noop)
            for sql in (STEPS, ITEMS, VERSIONS, CHECKS, APPEALS)
        ),
    ]
