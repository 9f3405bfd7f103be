"""Why a mail could not be read."""


class Unreadable(Exception):
    """Bytes that are no mail, or one that nobody could read. `reason` is for staff and holds none of its words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
