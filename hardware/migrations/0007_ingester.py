"""The inbox is the ingester's: nobody else says what was applied, and what is said stays."""

from django.db import migrations

INBOX = """
REVOKE UPDATE ON hardware_inboxevent FROM scif_web;
REVOKE UPDATE (applied_at, forged, quarantine) ON hardware_inboxevent FROM scif_web;
GRANT UPDATE (applied_at, forged, quarantine) ON hardware_inboxevent TO scif_ingester;

-- INVARIANT: an event arrives unapplied, and once it is applied nothing about it changes.
CREATE FUNCTION hardware_inbox_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the inbox refuses % of event %/%/%', TG_OP, NEW.gateway, NEW.epoch, NEW.seq
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER hardware_inbox_arrives BEFORE INSERT ON hardware_inboxevent
    FOR EACH ROW WHEN (NEW.applied_at IS NOT NULL OR NEW.forged OR NEW.quarantine <> '')
    EXECUTE FUNCTION hardware_inbox_once();
CREATE TRIGGER hardware_inbox_once BEFORE UPDATE ON hardware_inboxevent
    FOR EACH ROW WHEN (OLD.applied_at IS NOT NULL)
    EXECUTE FUNCTION hardware_inbox_once();
ALTER TABLE hardware_inboxevent ENABLE ALWAYS TRIGGER hardware_inbox_arrives;
ALTER TABLE hardware_inboxevent ENABLE ALWAYS TRIGGER hardware_inbox_once;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("hardware", "0006_retirement"),
        ("journal", "0004_ingester_and_erasure"),
    ]
    operations = [migrations.RunSQL(INBOX, migrations.RunSQL.noop)]
