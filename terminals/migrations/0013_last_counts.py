"""A session's last count may come late; a lock is confirmed by the control process alone.

INVARIANT: of a session that has ended nothing changes but its bytes, and they only grow.
"""

from django.db import migrations

COUNTS = """
CREATE OR REPLACE FUNCTION terminals_session_grounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT (CASE WHEN NEW.place_id IS NULL THEN terminals_session_inside(NEW)
                ELSE terminals_session_outside(NEW) END) THEN
            RAISE EXCEPTION 'laptop % is not issued to this person', NEW.terminal_id
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF (OLD.state = 'ended' AND to_jsonb(NEW) - '{bytes_up,bytes_down}'::text[]
            IS DISTINCT FROM to_jsonb(OLD) - '{bytes_up,bytes_down}'::text[])
        OR (NEW.grant_id, NEW.person_id, NEW.visit_id, NEW.engagement_id,
            NEW.area_id, NEW.place_id, NEW.terminal_id, NEW.terms_id, NEW.source, NEW.granted_at,
            NEW.ends_at, NEW.policy_version) IS DISTINCT FROM (OLD.grant_id, OLD.person_id,
            OLD.visit_id, OLD.engagement_id, OLD.area_id, OLD.place_id, OLD.terminal_id,
            OLD.terms_id, OLD.source, OLD.granted_at, OLD.ends_at, OLD.policy_version)
        OR NEW.bytes_up < OLD.bytes_up OR NEW.bytes_down < OLD.bytes_down THEN
        RAISE EXCEPTION 'session % stands as it was granted', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

# Who asks for a lock, lifts it or ends it with a finding neither confirms it nor makes it go.
LOCKS = """
REVOKE UPDATE, DELETE ON terminals_terminallock FROM scif_web;
GRANT UPDATE (ended_at, lifted_by_id, alarmed) ON terminals_terminallock TO scif_web;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("terminals", "0012_appeal_words"),
    ]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (COUNTS, LOCKS)]
