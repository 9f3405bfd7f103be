"""Signed and encrypted mail: what is only signed can be read without any key (RFC 5652, RFC 4880)."""

from typing import Final

ARMOUR: Final = "-----BEGIN PGP MESSAGE-----"
SIGNED: Final = "-----BEGIN PGP SIGNED MESSAGE-----"
SIGNATURE: Final = "-----BEGIN PGP SIGNATURE-----"
SIGNATURE_ENDS: Final = "-----END PGP SIGNATURE-----"
SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
DATA: Final = bytes.fromhex("06092a864886f70d010701")
SEQUENCE, SET, INTEGER, OCTETS, OCTETS_IN_PARTS, EXPLICIT = 0x30, 0x31, 0x02, 0x04, 0x24, 0xA0
MOST_CHUNKS: Final = 1_000_000


def unsigned(said: str) -> str:
    """Text without the armour of a clear signature; what stands around it stays."""
    before, armour, rest = said.partition(SIGNED)
    if not armour:
        return said
    signed, ends, signature = rest.partition(SIGNATURE)
    head, blank, words = signed.partition("\n\n")
    after = signature.partition(SIGNATURE_ENDS)[2] if ends else ""
    own = "\n".join(line.removeprefix("- ") for line in (words if blank else head).split("\n"))
    return "\n\n".join(part for part in (before.strip(), own.strip("\n"), after.strip()) if part)


def signed_content(raw: bytes) -> bytes | None:
    """The mail inside an opaque S/MIME signature; None when this is something else, such as encrypted."""
    try:
        within = _Reader(raw).enter(SEQUENCE)
        if within.take(0x06) != SIGNED_DATA[2:]:
            return None
        signed = within.enter(EXPLICIT).enter(SEQUENCE)
        signed.take(INTEGER)
        signed.skip()  # digest algorithms
        content = signed.enter(SEQUENCE)
        if content.take(0x06) != DATA[2:]:
            return None
        return content.enter(EXPLICIT).octets()
    except (IndexError, ValueError):
        return None


class _Reader:
    """Walks through BER, of definite and indefinite length. `ValueError` or `IndexError` when it is something else."""

    def __init__(self, raw: bytes, at: int = 0) -> None:
        self.raw = raw
        self.at = at

    def head(self) -> tuple[int, int]:
        """The tag and length of what comes next; the length is -1 when a mark ends it."""
        tag, first = self.raw[self.at], self.raw[self.at + 1]
        self.at += 2
        if first < 0x80:
            return tag, first
        if first == 0x80:
            return tag, -1
        size = first & 0x7F
        if size > 6:
            raise ValueError("too long")
        length = int.from_bytes(self.raw[self.at : self.at + size])
        self.at += size
        return tag, length

    def enter(self, tag: int) -> "_Reader":
        """Go inside; both read on from there."""
        if self.head()[0] != tag:
            raise ValueError("something else")
        return self

    def take(self, tag: int) -> bytes:
        """The content of a primitive."""
        found, length = self.head()
        if found != tag or length < 0 or self.at + length > len(self.raw):
            raise ValueError("something else")
        self.at += length
        return self.raw[self.at - length : self.at]

    def skip(self) -> None:
        """Leave out what comes next, whatever it holds."""
        open_ended = 0
        for _ in range(MOST_CHUNKS):
            if open_ended and self.raw[self.at : self.at + 2] == b"\0\0":
                self.at += 2
                open_ended -= 1
            elif self.head_and_jump():
                open_ended += 1
            if not open_ended:
                return
        raise ValueError("too many")

    def head_and_jump(self) -> bool:
        """Jump over one value; True when its end is a mark that is still to come."""
        _, length = self.head()
        if length > 0:
            self.at += length
        return length < 0

    def octets(self) -> bytes:
        """An octet string, in one piece or in several."""
        tag, length = self.head()
        if tag == OCTETS and length >= 0:
            return self.raw[self.at : self.at + length]
        if tag != OCTETS_IN_PARTS:
            raise ValueError("something else")
        end = len(self.raw) if length < 0 else self.at + length
        out = []
        while self.at < end and self.raw[self.at] == OCTETS:
            out.append(self.take(OCTETS))
        return b"".join(out)
