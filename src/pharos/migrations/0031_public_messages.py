"""Messages that anyone can read, and those that came by themselves."""

from django.db import migrations, models

SORTS = [
    ("request", "Request"),
    ("words", "Words"),
    ("reply", "Reply"),
    ("note", "Note"),
    ("acknowledgement", "Acknowledgement"),
    ("promise_moved", "Promise Moved"),
    ("summary", "Summary"),
    ("code", "Code"),
    ("check_in", "Check In"),
    ("automatic", "Automatic"),
]


class Migration(migrations.Migration):
    dependencies = [("pharos", "0030_message_entry")]

    operations = [
        migrations.AddField(
            model_name="message", name="is_public", field=models.BooleanField(db_default=False, default=False)
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="message", name="sort", field=models.CharField(choices=SORTS, max_length=16)
                ),
            ]
        ),
    ]
