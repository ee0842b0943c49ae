"""The address of an index in Redis → a connection, and what the server says went wrong → an error in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from dedup.errors import ConfigError, DedupError, InputError, OutputError

try:
    import redis
    from redis.exceptions import AuthenticationError, NoPermissionError, OutOfMemoryError, ReadOnlyError, RedisError
except ImportError as error:
    raise ConfigError("redis: redis is not installed; python -m pip install 'dedup[redis]'") from error

FORM: Final = "give redis://HOST:PORT/DB?name=NAME"
ENCODE: Final = "percent-encode / ? # @ [ ] and commas in the password (%2F %3F %23 %40 %5B %5D %2C)"
NAME: Final = "dedup"  # of an index whose address gives none
PATIENCE: Final = 120.0  # seconds that a writer waits for others
TIMEOUTS: Final = {"socket_connect_timeout": 5.0, "socket_timeout": 30.0}  # seconds, unless the address says others
OPTIONS: Final = (*TIMEOUTS, "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname")

_NAME: Final = re.compile(r"[\w.-]+", re.ASCII)  # nothing that a pattern of keys would read in another way


class Server(NamedTuple):
    """pool: connections, which client uses. name: what the keys of the index begin with. location: the address, no password."""

    pool: redis.ConnectionPool
    client: Any
    name: str
    location: str


def connect(address: str) -> Server:
    """The server of `redis://user:password@host:port/db?name=…`, or of rediss:// through TLS; nothing is sent yet.

    Raises ConfigError for what is no such address.
    """
    parts = _parts(address)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    name = asked.pop("name", NAME)
    location = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, urlencode({"name": name}), ""))
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{location}: no name of an index in Redis; give letters, digits, dots and dashes after name=")
    if unknown := sorted(set(asked) - set(OPTIONS)):
        raise ConfigError(f"{location}: {unknown[0]} is nothing that an address has; known are name, {', '.join(OPTIONS)}")
    given = urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode({**TIMEOUTS, **asked}), ""))
    try:
        pool = redis.ConnectionPool.from_url(given)
        client = redis.Redis(connection_pool=pool)
        pool.make_connection()  # which looks at the options
    except (ValueError, TypeError, RedisError) as error:
        raise ConfigError(f"{location}: no address of Redis ({error}); {FORM}") from error
    return Server(pool, client, name, location)


def _parts(address: str) -> SplitResult:
    """The address, if it can be understood: else nothing of it is said but its scheme, as it may be the password."""
    scheme, _, rest = address.partition("://")
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _refused(scheme, "its host or port is none") from None  # it says what it has not understood
    if "#" in rest or "@" in parts.path + parts.query:
        raise _refused(scheme, "a # in it, or an @ after a / or ?")
    if not host:
        raise _refused(scheme, "it has no host")
    if not re.fullmatch(r"/?\d*", parts.path):
        raise _refused(scheme, "what stands after the host is no number of a database")
    return parts


def _refused(scheme: str, what: str) -> ConfigError:
    return ConfigError(f"INDEX: {scheme}://…: no address of Redis ({what}); {FORM}, and {ENCODE}")


@contextmanager
def errors(location: str) -> Iterator[None]:
    """Tell in a line what went wrong."""
    try:
        yield
    except DedupError:
        raise
    except (RedisError, OSError) as error:
        raise _told(location, error) from error
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:  # rows may be anything
        raise damaged(location, str(error)) from error


@contextmanager
def connected(address: str) -> Iterator[Server]:
    """The server for a while, see `connect` and `errors`."""
    server = connect(address)
    try:
        with errors(server.location):
            yield server
    finally:
        server.pool.disconnect()


def refuse_forgetting(server: Server) -> None:
    """Raise InputError if the server drops keys that have no end when its memory is full: repeats would be missed unseen."""
    with suppress(NoPermissionError):
        policy = server.client.info("memory").get("maxmemory_policy", "")
        if policy.startswith("allkeys"):
            what = f"the server forgets what it keeps when its memory is full (maxmemory-policy {policy})"
            raise InputError(server.location, what, "set maxmemory-policy noeviction there")


def damaged(location: str, what: str) -> InputError:
    """What is to be said of an index that is not as it was written."""
    return InputError(location, f"a damaged index ({what})", "make it anew with dedup index add under another name")


def _told(location: str, error: Exception) -> DedupError:
    said = " ".join(str(error).split())
    if isinstance(error, OutOfMemoryError):
        return OutputError(location, "nothing changed: the server is out of memory", "raise its maxmemory, and run it again")
    if isinstance(error, AuthenticationError | NoPermissionError):
        return InputError(location, f"the server refuses it ({said})", "check user, password and their rights")
    if isinstance(error, ReadOnlyError):
        return OutputError(location, "the server is a replica that is only read", "name the one that is written to")
    if isinstance(error, redis.ConnectionError | redis.TimeoutError | OSError):
        return InputError(location, f"the server does not answer ({said})", "check the address, and that it runs")
    if isinstance(error, redis.WatchError | redis.exceptions.LockError):
        return OutputError(location, f"others wrote to it meanwhile ({said})", "run this again")
    return InputError(location, f"no index of dedup, or the server cannot keep one ({said})", "name another database or name")
