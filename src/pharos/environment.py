"""What may be set from outside: each setting is one `PHAROS_…` environment variable, checked before anything starts."""

import base64
import binascii
import contextlib
import difflib
import os
import re
import secrets
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, IPvAnyNetwork, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "PHAROS_"
ADDRESS_FILE = "address"
NEEDS_KEYS_FILE = "needs.key"
FIRST_ADDRESS = "http://127.0.0.1:8000"
OUTSIDE_THE_PRODUCT = {"PHAROS_CHROMIUM"}


NO_KEY = "one of these is no key: 32 bytes in URL-safe base64 are needed"


class BadSetting(SystemExit):
    """A setting that cannot be used; its text is one clear line for the administrator."""


class Environment(BaseSettings):
    """The settings of one installation. Field names are the variables' names without `PHAROS_`, in lower case."""

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    data_dir: Path = Field(Path("var"), description="Folder for the SQLite file, uploads, kept mail and static copies.")
    database_url: str = Field(
        "",
        description="`postgresql://user:password@host:port/name` or `sqlite:///path`; "
        "empty: SQLite in the data folder.",
    )
    secret_key: str = Field("", description="Signs sessions and links; empty: made once and kept in the data folder.")
    needs_keys: Annotated[list[str], NoDecode] = Field(
        [],
        description="Keys that recorded needs are encrypted with: 32 bytes each in URL-safe base64, with commas, "
        "the newest first; empty: made once and kept in the data folder.",
    )
    public_url: str = Field(
        "",
        description="Address under which customers reach this installation, for every link we send; "
        "empty: where the web process of this data folder listened last.",
    )
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        ["*"], description="Host names that are answered, with commas; `*` answers all."
    )
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        [],
        description="Addresses of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, "
        "with commas.",
    )
    secure: bool = Field(
        False, description="True when customers reach us by HTTPS: cookies are sent over HTTPS only, HSTS is on."
    )
    smtp_url: str = Field(
        "",
        description="`smtp://user:password@host:587?tls=starttls` (or `tls=implicit`, `tls=none`; "
        "left out: encrypted when the server offers it); empty: mail is kept as `.eml`.",
    )
    mail_from: str = Field("help@pharos.invalid", description="Sender of mail when the organisation has set none.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    web_threads: int = Field(
        8,
        ge=1,
        le=64,
        description="Requests that one web process works on at once; sign-ins and files have four more threads.",
    )
    webhook_networks: Annotated[list[IPvAnyNetwork], NoDecode] = Field(
        [],
        description="Networks inside that webhooks may reach as well, such as `10.1.0.0/16`, with commas; "
        "empty: public addresses only.",
    )
    sweep_seconds: float = Field(
        0.05, gt=0, le=10, description="How often a worker looks whether there is somebody to offer to an agent."
    )

    @field_validator("allowed_hosts", "trusted_proxies", "webhook_networks", "needs_keys", mode="before")
    @classmethod
    def split_commas(cls, value: object) -> object:
        """Accept `a, b` as well as a list."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("needs_keys")
    @classmethod
    def whole_keys(cls, value: list[str]) -> list[str]:
        """Refuse what is no key."""
        if not all(map(is_key, value)):
            raise ValueError(NO_KEY)
        return value

    @field_validator("log_level")
    @classmethod
    def known_level(cls, value: str) -> str:
        """Refuse a level that logging does not have."""
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("use DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("database_url")
    @classmethod
    def known_database(cls, value: str) -> str:
        """Refuse a database that we do not run on."""
        if value and not value.startswith(("postgresql://", "postgres://", "sqlite:///")):
            raise ValueError("use postgresql://… or sqlite:///path")
        return value

    @field_validator("smtp_url")
    @classmethod
    def known_mail(cls, value: str) -> str:
        """Refuse an address that is no mail server."""
        parts = urlsplit(value)
        tls = parse_qs(parts.query, keep_blank_values=True).get("tls", ["none"])[-1]
        known = parts.scheme == "smtp" and parts.hostname and tls in {"starttls", "implicit", "none"}
        if value and not (known and parts.port != 0):
            raise ValueError("use smtp://user:password@host:port?tls=starttls (or tls=implicit, tls=none)")
        return value

    @field_validator("mail_from")
    @classmethod
    def plain_address(cls, value: str) -> str:
        """Refuse a sender that no mail can have."""
        if not re.fullmatch(r"[^@\s<>,;:]+@[^@\s<>,;:]+", value):
            raise ValueError("use name@example.org")
        return value

    @field_validator("public_url")
    @classmethod
    def plain_url(cls, value: str) -> str:
        """Refuse an address that cannot start a link."""
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("use http://… or https://…")
        return value.rstrip("/")


def read() -> Environment:
    """The environment's settings, or `BadSetting` with one line that names the variable and what is wrong with it."""
    _refuse_unknown()
    try:
        found = Environment()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise BadSetting(f"pharos: {name}: {first['msg'].removeprefix('Value error, ')}") from None
    try:
        found.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"pharos: {PREFIX}DATA_DIR: {found.data_dir} cannot be used: {error.strerror}") from None
    if not found.public_url:
        found.public_url = _last_address(found)
    return found


def _last_address(environment: Environment) -> str:
    try:
        return (environment.data_dir / ADDRESS_FILE).read_text().strip() or FIRST_ADDRESS
    except OSError:
        return FIRST_ADDRESS


def remember_address(environment: Environment, address: str) -> None:
    """Keep where the web process listens, for the links that other processes of this data folder make."""
    environment.data_dir.mkdir(parents=True, exist_ok=True)
    _write_whole(environment.data_dir / ADDRESS_FILE, address)


def _refuse_unknown() -> None:
    known = {PREFIX + name.upper() for name in Environment.model_fields} | OUTSIDE_THE_PRODUCT
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise BadSetting(f"pharos: {name} is not a setting{hint}")


def secret(environment: Environment) -> str:
    """The signing key: as set, else made once and kept, readable by its owner only."""
    if environment.secret_key:
        return environment.secret_key
    path = environment.data_dir / "secret.key"
    if not path.exists():
        environment.data_dir.mkdir(parents=True, exist_ok=True)
        _write_whole(path, secrets.token_urlsafe(48), keep_first=True)
    return path.read_text()


def is_key(text: str) -> bool:
    """Whether this is 32 bytes in URL-safe base64."""
    try:
        return len(base64.b64decode(text.encode(), altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def new_key() -> str:
    """A key that nobody can guess."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def needs_keys_file(environment: Environment) -> Path:
    """Where the keys of the recorded needs are, unless they are set."""
    return environment.data_dir / NEEDS_KEYS_FILE


def needs_keys(environment: Environment) -> list[str]:
    """The keys of the recorded needs, newest first: as set, else one made once and kept, readable by its owner only."""
    if environment.needs_keys:
        return environment.needs_keys
    path = needs_keys_file(environment)
    if not path.exists():
        environment.data_dir.mkdir(parents=True, exist_ok=True)
        _write_whole(path, new_key() + "\n", keep_first=True)
    try:
        keys = path.read_text().split()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"pharos: {path} cannot be read: {error}") from None
    if not keys or not all(map(is_key, keys)):
        raise BadSetting(f"pharos: {path}: {NO_KEY}; put the file back from a backup")
    return keys


def keep_needs_keys(environment: Environment, keys: list[str]) -> None:
    """Write the keys anew, whole or not at all; running processes take them up by themselves."""
    _write_whole(needs_keys_file(environment), "".join(f"{key}\n" for key in keys))


def _write_whole(path: Path, text: str, *, keep_first: bool = False) -> None:
    """Write a file that its owner alone may read, whole or not at all; of several first writers one wins."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.touch(mode=0o600)
    part.write_text(text)
    if keep_first:
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
        part.unlink()
    else:
        part.replace(path)
