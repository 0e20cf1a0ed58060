"""A profile begins as a draft, which changes until it is published, and governs nothing till then."""

from django.db import migrations, models

# A draft is told by its missing time of publication; which profile it is of stays.
STAYS = """
CREATE OR REPLACE FUNCTION facilities_policy_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.published_at IS NULL
        AND (NEW.id, NEW.code, NEW.version) = (OLD.id, OLD.code, OLD.version) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'policy %/% is published and refuses %', OLD.code, OLD.version, TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'A change is a new version.';
END $$;
"""
# INVARIANT: no facility works by a draft.
IN_FORCE = """
CREATE FUNCTION facilities_policy_in_force() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM facilities_policyprofile
               WHERE id = NEW.policy_id AND published_at IS NULL) THEN
        RAISE EXCEPTION 'a facility works by a published policy only'
            USING ERRCODE = 'restrict_violation',
                  HINT = 'Publish the draft first.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER facilities_policy_in_force AFTER INSERT OR UPDATE OF policy_id
    ON facilities_facility FOR EACH ROW EXECUTE FUNCTION facilities_policy_in_force();
ALTER TABLE facilities_facility ENABLE ALWAYS TRIGGER facilities_policy_in_force;
"""
UNDO_IN_FORCE = """
DROP TRIGGER facilities_policy_in_force ON facilities_facility;
DROP FUNCTION facilities_policy_in_force;
"""


class Migration(migrations.Migration):
    dependencies = [("facilities", "0006_ids_never_heard")]

    operations = [
        migrations.AlterField(
            model_name="policyprofile",
            name="published_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="published at"),
        ),
        migrations.AddConstraint(
            model_name="policyprofile",
            constraint=models.CheckConstraint(
                condition=models.Q(published_at__isnull=False) | models.Q(version=1),
                name="policy_draft_is_first",
            ),
        ),
        migrations.RunSQL(STAYS, migrations.RunSQL.noop),
        migrations.RunSQL(IN_FORCE, UNDO_IN_FORCE),
    ]
