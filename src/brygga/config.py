"""Where this installation keeps its data, and the key that its secrets are encrypted with: read from the environment.

BRYGGA_HOME          the data directory; default ~/.local/share/brygga
BRYGGA_DATABASE_URL  postgresql://user:password@host:port/name, or sqlite:///path; default SQLite in the data directory
BRYGGA_SECRET_KEY    one or more keys, separated by spaces or commas, newest first; default the file `secret.key` in the home
BRYGGA_FORTNOX_EVENTS   on: workers listen to Fortnox' events; default off
BRYGGA_URL           the address at which people reach the hub
BRYGGA_SMTP_URL      the mail server: smtp://user:password@host:587 (STARTTLS), smtps://… (TLS at once), smtp+plain://… (neither)
BRYGGA_MAIL_FROM     the sender of mail; default brygga@ the host of BRYGGA_URL
BRYGGA_METRICS_TOKEN the token that /metrics wants; without it the page is not there
BRYGGA_PROXIES       addresses or networks of the proxies in front, separated by spaces: only they are believed who asks
BRYGGA_PRIVATE_WEBHOOKS  yes: webhooks may go to addresses inside, and without TLS
"""

from __future__ import annotations

import base64
import ipaddress
import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import scrypt
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from brygga.errors import SettingsError

DEFAULT_URL = "http://127.0.0.1:8100"
SHORTEST_KEY = 16

# Locks and shared memory of SQLite's write-ahead log do not hold between machines (SQLite, "Write-Ahead Logging").
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "ceph", "lustre", "gpfs", "beegfs", "glusterfs", "davfs", "9p"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.davfs2"}
)


@dataclass(frozen=True, slots=True)
class Database:
    """Which database, taken apart. `path` for SQLite; `options` are PostgreSQL's connection parameters."""

    vendor: str
    path: Path | None = None
    name: str = ""
    user: str = ""
    password: str = ""
    host: str = ""
    port: str = ""
    options: Mapping[str, str] | None = None

    def __repr__(self) -> str:
        return f"Database({self.vendor}, {self.path or self.name})"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one installation."""

    home: Path
    database_url: str
    url: str

    def __repr__(self) -> str:
        return f"Config(home={str(self.home)!r}, database={self.database!r}, url={self.url!r})"

    @property
    def database(self) -> Database:
        """The database taken apart. Raises SettingsError when the address is not one that we know."""
        return read_database_url(self.database_url)

    @property
    def is_sqlite(self) -> bool:
        return self.database.vendor == "sqlite"

    @property
    def engine_path(self) -> Path:
        """The engine's own SQLite file, beside the hub's: writers of one do not wait for the other."""
        path = self.database.path
        if path is None:
            raise ValueError("on PostgreSQL the engine has a schema and no file")
        return path.with_name("engine.db")

    @property
    def key_file(self) -> Path:
        return self.home / "secret.key"


def current(environment: Mapping[str, str] | None = None) -> Config:
    """Read the settings of this installation from the environment, afresh at each call."""
    env = os.environ if environment is None else environment
    home = Path(env.get("BRYGGA_HOME") or Path.home() / ".local" / "share" / "brygga").expanduser().absolute()
    url = env.get("BRYGGA_URL") or DEFAULT_URL
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(
            "BRYGGA_URL is {url}, which is not a web address.", url=url, repair="Give it as https://host or http://host:port."
        )
    return Config(home, env.get("BRYGGA_DATABASE_URL") or f"sqlite:///{home / 'brygga.db'}", url.rstrip("/"))


@dataclass(frozen=True, slots=True)
class Mail:
    """How mail is sent."""

    host: str
    port: int
    security: str
    """"starttls", "tls" or "none"."""
    user: str
    password: str
    sender: str

    def __repr__(self) -> str:
        return f"Mail({self.host}:{self.port}, {self.security})"


_MAIL_SCHEMES = {"smtp": ("starttls", 587), "smtps": ("tls", 465), "smtp+plain": ("none", 25)}


def mail(environment: Mapping[str, str] | None = None) -> Mail | None:
    """Read how mail is sent, None where no mail server is set. Raises SettingsError, which never repeats the address."""
    env = os.environ if environment is None else environment
    given = env.get("BRYGGA_SMTP_URL", "")
    if not given:
        return None
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _MAIL_SCHEMES or not parts.hostname:
        raise SettingsError(
            "BRYGGA_SMTP_URL is not the address of a mail server.",
            repair="Give it as smtp://user:password@host:587, or smtps://user:password@host:465.",
        )
    security, usual = _MAIL_SCHEMES[parts.scheme]
    ours = urlsplit(env.get("BRYGGA_URL") or DEFAULT_URL).hostname or "localhost"
    sender = env.get("BRYGGA_MAIL_FROM") or f"brygga@{ours}"
    return Mail(parts.hostname, port or usual, security, unquote(parts.username or ""), unquote(parts.password or ""), sender)


def hears_events() -> bool:
    """Say whether workers listen to Fortnox' events (BRYGGA_FORTNOX_EVENTS=on). Off by default: the real service has not been met yet."""
    return os.environ.get("BRYGGA_FORTNOX_EVENTS", "").strip().lower() in ("on", "1", "true")


def metrics_token() -> str:
    """Return the token that /metrics wants, empty where the page is switched off."""
    return os.environ.get("BRYGGA_METRICS_TOKEN", "").strip()


def who_asks(remote: str, forwarded: str) -> str:
    """Return the network address that asks.

    remote     the other end of the connection
    forwarded  the header X-Forwarded-For, in which every proxy adds whom it heard from at the end. Anybody can write it, so it
               is read from its end and only as far as the proxies go that BRYGGA_PROXIES names.

    Raises SettingsError when BRYGGA_PROXIES cannot be read.
    """
    known = _proxies(os.environ.get("BRYGGA_PROXIES", ""))
    asks = remote
    for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_among(asks, known):
            break
        asks = hop
    return asks


@lru_cache(maxsize=4)
def _proxies(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part, strict=False) for part in re.split(r"[\s,]+", text) if part)
    except ValueError:
        raise SettingsError(
            "BRYGGA_PROXIES holds something that is no network address.", repair="Give it as 10.0.0.5 or 10.0.0.0/24, with spaces."
        ) from None


def _is_among(text: str, known: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in known)


def private_webhooks() -> bool:
    """Say whether webhooks may go to addresses inside the network."""
    return os.environ.get("BRYGGA_PRIVATE_WEBHOOKS", "").strip().lower() in ("yes", "1", "true")


def read_database_url(url: str) -> Database:
    """Take a database's address apart. Raises SettingsError, which never repeats the address: it may hold a password."""
    try:
        parts = urlsplit(url)
        port = str(parts.port or "")
    except ValueError as error:
        raise _bad_database_url() from error
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        return Database("sqlite", Path(unquote(parts.path)).absolute())
    if parts.scheme in ("postgresql", "postgres") and len(parts.path) > 1:
        return Database(
            "postgresql",
            name=unquote(parts.path[1:]),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            host=parts.hostname or "",
            port=port,
            options=dict(parse_qsl(parts.query)),
        )
    raise _bad_database_url()


def _bad_database_url() -> SettingsError:
    return SettingsError(
        "BRYGGA_DATABASE_URL is not an address of a database.",
        repair="Give it as postgresql://user:password@host:port/name or sqlite:////absolute/path/brygga.db.",
    )


def secret_keys(config: Config) -> list[bytes]:
    """Return the keys for secrets, the newest first: 32 bytes in URL-safe base64 each. Makes the key file at the first start.

    BRYGGA_SECRET_KEY wins over the file. A key that is not 32 bytes in base64 is stretched, and refused when it is short.
    Raises SettingsError when a key is short or others may read the key file.
    """
    if key_is_given():
        return _keys(os.environ["BRYGGA_SECRET_KEY"], "BRYGGA_SECRET_KEY")
    return _keys(_key_file_text(config), str(config.key_file))


def key_is_given() -> bool:
    """Say whether the environment gives the key, and no file does."""
    return bool(os.environ.get("BRYGGA_SECRET_KEY", "").strip())


def _key_file_text(config: Config) -> str:
    path = config.key_file
    if not path.exists():
        _make_key_file(path)
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SettingsError("Others on this machine may read the key file {path}.", path=path, repair="Run: chmod 600 {path}")
    return path.read_text()


def _make_key_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written aside and linked in place, so that two first starts agree on one whole key.
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        aside.unlink()


def write_key_file(config: Config, keys: list[bytes]) -> None:
    """Replace the key file by these keys, the newest first; readers see the old file or the new one."""
    aside = config.key_file.with_name(f".{config.key_file.name}.{os.getpid()}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(b"\n".join(keys) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(config.key_file)


def new_key() -> bytes:
    return base64.urlsafe_b64encode(secrets.token_bytes(32))


def _keys(text: str, place: str) -> list[bytes]:
    words = [word for word in re.split(r"[\s,]+", text) if word]
    if not words:
        raise SettingsError(
            "There is no key in {place}.",
            place=place,
            repair="Put the key back from your copy of it: without it the credentials in the database cannot be read.",
        )
    return [_key(word, place) for word in words]


@lru_cache(maxsize=16)
def _key(word: str, place: str) -> bytes:
    try:
        if len(base64.b64decode(word.encode(), altchars=b"-_", validate=True)) == 32:
            return word.encode()
    except ValueError:
        pass  # not base64: a passphrase, stretched below
    if len(word) < SHORTEST_KEY:
        raise SettingsError(
            "A key in {place} has fewer than {least} characters.",
            place=place,
            least=SHORTEST_KEY,
            repair="Make one that cannot be guessed, for example with: openssl rand -hex 32",
        )
    stretched = scrypt(word.encode(), salt=b"brygga secret key", n=2**14, r=8, p=1, dklen=32)
    return base64.urlsafe_b64encode(stretched)


def refuse_network_file_system(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> None:
    """Raise SettingsError when *path* lies on a file system shared over the network, where SQLite loses data.

    Knows what the kernel tells (Linux); elsewhere it cannot be seen and nothing is refused.
    """
    if not mounts.exists():
        return
    target = path.absolute()
    while not target.exists():
        target = target.parent
    target = target.resolve()
    best = (0, "")
    for line in mounts.read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        point = Path(fields.split()[4].encode().decode("unicode_escape"))
        # Later lines are mounted over earlier ones: `>=`.
        if target.is_relative_to(point) and len(point.parts) >= best[0]:
            best = (len(point.parts), rest.split()[0])
    if best[1] in NETWORK_FILE_SYSTEMS:
        raise SettingsError(
            "{path} lies on a network file system ({type}), where SQLite can lose data.",
            path=path,
            type=best[1],
            repair="Put BRYGGA_HOME on a local disk, or use PostgreSQL with BRYGGA_DATABASE_URL.",
        )
