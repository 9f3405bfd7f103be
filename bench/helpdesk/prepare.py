"""Make the compared site's tables, and a queue that the public may write to."""

import django
from django.core.management import call_command

django.setup()
call_command("migrate", verbosity=0)

from helpdesk.models import Queue  # noqa: E402 - after Django is set up

Queue.objects.create(title="General", slug="general", allow_public_submission=True)
