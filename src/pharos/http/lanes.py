"""Which threads a request is worked on: passwords and pictures, which take long, hold none of those for pages."""

from typing import IO, Final

from asgiref.typing import HTTPScope

from pharos.http.threads import Threads

AT_ONCE: Final = 2  # of passwords, and of files: each thread holds a connection, and a picture much memory
PASSWORDS: Final = (
    "/account/login/",
    "/account/reauthenticate/",
    "/account/password/",
    "/invitation/",
    "/set-up/",
)
LOOKED_AT: Final = 64 * 1024  # no form of words alone is longer


class Lanes:
    """The threads of one process: some for pages and words, few for passwords, few for files."""

    def __init__(self, *, pages: int) -> None:
        self.pages = Threads(pages, name="page")
        self.passwords = Threads(AT_ONCE, name="password")
        self.files = Threads(AT_ONCE, name="file")

    def of(self, scope: HTTPScope, body: IO[bytes]) -> Threads:
        """Those for a request whose whole body is here; it is read from its begin afterwards."""
        if scope["method"].upper() != "POST":
            return self.pages
        if scope["path"].startswith(PASSWORDS):
            return self.passwords
        return self.files if _may_bring_files(scope, body) else self.pages

    def close(self) -> None:
        """End them all, with their database connections."""
        for threads in (self.pages, self.passwords, self.files):
            threads.close()


def _may_bring_files(scope: HTTPScope, body: IO[bytes]) -> bool:
    """Only a multipart form brings any; where nothing was chosen, browsers send an empty name."""
    if not any(name == b"content-type" and b"multipart/" in value.lower() for name, value in scope["headers"]):
        return False
    begin = body.read(LOOKED_AT + 1).lower()
    body.seek(0)
    return len(begin) > LOOKED_AT or begin.count(b"filename") != begin.count(b'filename=""\r\n')
