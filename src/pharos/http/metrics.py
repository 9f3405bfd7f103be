"""What the web process counts about its own requests. Names of views only: never a path, an address or a word."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("pharos_requests", "Requests answered.", ["view", "method", "status"])
SECONDS = Histogram(
    "pharos_request_seconds",
    "Time from a whole request to its answer.",
    ["view"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
LIVE_PAGES = Gauge("pharos_live_pages", "Pages that are open and follow the live log.", multiprocess_mode="livesum")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def answered(request: HttpRequest | None, response: HttpResponseBase, *, seconds: float) -> None:
    """Count one answer."""
    match = request.resolver_match if request else None
    view = (match.view_name or "unnamed") if match else "none"
    method = request.method if request and request.method in METHODS else "other"
    REQUESTS.labels(view, method, f"{response.status_code // 100}xx").inc()
    SECONDS.labels(view).observe(seconds)
