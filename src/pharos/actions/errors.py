"""What an action says when it cannot be done. Nothing has changed then."""

from django.utils.functional import Promise as LazyText


class Refused(Exception):
    """An action that the present state does not allow. `code` for machines, `message` in the reader's language."""

    def __init__(self, code: str, message: "str | LazyText") -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class KeyReused(Refused):
    """The same key came again with another body."""
