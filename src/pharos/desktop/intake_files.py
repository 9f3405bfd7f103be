"""The files that the intake page needs while there is no connection, and the worker that keeps them."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse

WORKER: Final = "js/intake/worker.js"
FILES: Final = (
    *("css/pharos.css", "css/staff.css", "css/intake.css", "css/paper.css", "img/favicon.svg"),
    *("js/intake/page.js", "js/intake/form.js", "js/intake/list.js", "js/intake/sync.js", "js/intake/vault.js"),
)


@cache
def worker() -> str:
    """The worker with its version and the files that it keeps: a new version of any of them makes it another worker."""
    pages = [reverse("desk_paper", args=[language]) for language, _name in settings.LANGUAGES]
    told = {"version": version(), "files": [static(name) for name in FILES], "pages": pages}
    return f"self.PHAROS = {json.dumps(told)};\nimportScripts({json.dumps(static(WORKER))});\n"


@cache
def version() -> str:
    """A digest of all that the device keeps."""
    digest = hashlib.sha256()
    for name in (WORKER, *FILES):
        found = finders.find(name)
        digest.update(Path(found).read_bytes() if isinstance(found, str) else b"")
    return digest.hexdigest()[:16]
