"""Nobody with a role at the facility, and nobody who names judges, judges its exports.

The service asks the same (``terminals/services/reviewer.py``, ``terminals/selectors/airlock.py``);
here it holds for whoever writes past it, when a judge is named, when he is confirmed, and when he
votes.
"""

from django.db import migrations

WORKS = """
CREATE FUNCTION terminals_works_there(engagement uuid, person uuid) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM people_facilityrole AS role
        JOIN people_user AS account ON account.id = role.user_id AND account.person_id = person
        JOIN facilities_area AS area ON area.facility_id = role.facility_id
        JOIN access_engagement_areas AS room
            ON room.area_id = area.id AND room.engagement_id = engagement
        WHERE role.valid_until IS NULL OR role.valid_until > statement_timestamp())
$$;
"""

REVIEWER = """
CREATE OR REPLACE FUNCTION terminals_airlock_reviewer() RETURNS trigger LANGUAGE plpgsql AS $$
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
            WHERE engagement_id = NEW.engagement_id AND person_id = NEW.person_id)
        OR (NEW.part = 'appeal' AND (NEW.person_id IN (NEW.named_by_id, NEW.confirmed_by_id)
            OR terminals_works_there(NEW.engagement_id, NEW.person_id))) THEN
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
"""

VOTE = """
CREATE OR REPLACE FUNCTION terminals_appeal_vote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM terminals_appeal AS appeal
        JOIN terminals_airlockitem AS item ON item.id = appeal.item_id
            AND item.state = 'appealed'
        JOIN terminals_airlockreviewer AS named ON named.engagement_id = item.engagement_id
            AND named.person_id = NEW.person_id AND named.part = 'appeal'
            AND named.confirmed_by_id IS NOT NULL
        WHERE appeal.id = NEW.appeal_id AND appeal.outcome = '' AND item.author_id <> NEW.person_id
            -- He may have come to work there since he was confirmed.
            AND NOT terminals_works_there(item.engagement_id, NEW.person_id)
            AND NOT EXISTS (SELECT FROM terminals_airlockcheck AS looked
                JOIN terminals_airlockversion AS version ON version.id = looked.version_id
                WHERE version.item_id = item.id AND looked.person_id = NEW.person_id)) THEN
        RAISE EXCEPTION 'person % does not decide appeal %', NEW.person_id, NEW.appeal_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_constraint_words"),
        ("facilities", "0010_constraint_words"),
        ("people", "0002_constraint_words"),
        ("terminals", "0010_constraint_words"),
    ]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (WORKS, REVIEWER, VOTE)]
