"""Files that people sent us, as downloads."""

import logging

from django.conf import settings
from django.http import FileResponse, Http404

from pharos.models import Attachment

logger = logging.getLogger(__name__)


def download(attachment: Attachment) -> FileResponse:
    """A file as a download that no browser opens in our name; 404 when it is gone from the disk."""
    try:
        opened = (settings.UPLOADS_DIR / attachment.path).open("rb")
    except FileNotFoundError:
        logger.warning("the file of attachment %d is gone", attachment.pk)
        raise Http404 from None
    response = FileResponse(opened, as_attachment=True, filename=attachment.name, content_type=attachment.media_type)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
