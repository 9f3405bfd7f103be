"""How often in a row a mailbox, number or account failed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0047_behalf")]

    operations = [
        migrations.AddField(
            model_name="entrypoint", name="failures", field=models.PositiveIntegerField(db_default=0, default=0)
        ),
        # Which alarms there may be is no matter of the tables.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="alarm",
                    name="sort",
                    field=models.CharField(
                        choices=[
                            ("danger", "Danger"),
                            ("danger_words", "Danger Words"),
                            ("escalated", "Escalated"),
                            ("urgent_soon_unanswered", "Urgent Soon Unanswered"),
                            ("urgent_unanswered", "Urgent Unanswered"),
                            ("promise_at_risk", "Promise At Risk"),
                            ("promise_broken", "Promise Broken"),
                            ("oldest", "Oldest"),
                            ("update_overdue", "Update Overdue"),
                            ("nobody_can_serve", "Nobody Can Serve"),
                            ("delivery_failed", "Delivery Failed"),
                            ("not_reached", "Not Reached"),
                        ],
                        max_length=24,
                    ),
                ),
            ]
        ),
    ]
