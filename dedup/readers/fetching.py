"""One page or feed from the network, within limits of time and size. Nothing else in the program opens a connection."""

from __future__ import annotations

import codecs
import http.client
import ipaddress
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import IO, Final

from dedup.config import Config, is_address
from dedup.errors import InputError
from dedup.readers.limits import WHOLE, too_large

SILENCE: Final = 10.0  # seconds that a server may say nothing, also while it is connected to
TOTAL: Final = 30.0  # seconds that all of it may take, with redirects and looking up the server
REDIRECTS: Final = 5
CHUNK: Final = 1 << 16  # bytes
LATER: Final = "try again, or save it to a file"


@dataclass(frozen=True)
class Page:
    """What a server sent, perhaps packed with gzip; and what it says that is, None if it does not or names what is unknown."""

    body: bytes
    media_type: str | None
    charset: str | None


def fetch(address: str, config: Config) -> Page:
    """Fetch a page by http or https. Raises InputError."""
    outcome: list[Page | InputError] = []
    # In a thread, since neither looking up a server nor headers that come byte by byte end with SILENCE.
    fetching = threading.Thread(target=lambda: outcome.append(_outcome(address, config)), daemon=True)
    fetching.start()
    fetching.join(TOTAL)
    result = outcome[0] if outcome else _overdue(address)
    if isinstance(result, InputError):
        raise result
    return result


def _outcome(address: str, config: Config) -> Page | InputError:
    """Give back what goes wrong, too: it has to come out of the thread."""
    try:
        return _page(address, config)
    except InputError as error:
        return error
    except urllib.error.HTTPError as error:
        with error:
            return InputError(address, f"the server says {error.code} {error.reason}".rstrip(), "check the address")
    except urllib.error.URLError as error:
        return InputError(address, f"cannot be fetched ({error.reason})", "check the address and the network")
    except TimeoutError:
        return InputError(address, f"the server said nothing for {SILENCE:g} seconds", LATER)
    except (OSError, http.client.HTTPException, ValueError) as error:  # a ValueError for an address that is none
        said = str(error) or type(error).__name__
        return InputError(address, f"cannot be fetched ({said})", "check the address and the network")


def _page(address: str, config: Config) -> Page:
    ends = time.monotonic() + TOTAL
    limit = WHOLE if config.max_bytes is None else config.max_bytes
    headers = {"User-Agent": "dedup", "Accept-Encoding": "gzip", "Accept": "*/*"}
    with _opener(address).open(urllib.request.Request(address, headers=headers), timeout=SILENCE) as response:
        packing = response.headers.get("Content-Encoding", "identity").strip().lower()
        if packing not in ("identity", "gzip", "x-gzip", ""):
            raise InputError(address, f"it came packed as {packing!r}, which was not asked for", "save it to a file")
        body = bytearray()
        while part := response.read1(CHUNK):
            body += part
            if len(body) > limit:
                raise too_large(address, config.max_bytes)
            if time.monotonic() > ends:
                raise _overdue(address)
        if response.length:  # what was announced and did not come
            raise InputError(address, f"it broke off {response.length:,} bytes before its end", LATER)
        kind = response.headers.get_content_type() if "Content-Type" in response.headers else None
        return Page(bytes(body), kind, _known(response.headers.get_content_charset()))


def _overdue(address: str) -> InputError:
    return InputError(address, f"not there after {TOTAL:g} seconds", LATER)


def _known(charset: str | None) -> str | None:
    try:
        return charset and codecs.lookup(charset).name
    except LookupError:
        return None


def _opener(address: str) -> urllib.request.OpenerDirector:
    """What opens http and https, and knows neither files nor ftp."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(address),
    ):
        opener.add_handler(handler)
    return opener


def _host(address: str) -> str | None:
    return urllib.parse.urlsplit(address).hostname


def _is_internal(host: str | None) -> bool:
    """Whether a host has an address that is not public: of this machine, its network, or reserved."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False  # it is not reached from here at all, unless a proxy knows it
    return not all(_public(ipaddress.ip_address(str(place[0]).partition("%")[0])) for *_, place in found)


def _public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (inner or address).is_global


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects, to http and https only, and into a network that is not public only on the host that was named.

    A page in the open must not make this program ask a server that only this machine can reach.
    """

    max_repeats = max_redirections = REDIRECTS + 1  # this one counts before that

    def __init__(self, address: str) -> None:
        self._address = address
        self._named = _host(address) if _is_internal(_host(address)) else None
        self._count = 0

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        """Make the request that a redirect asks for. Raises InputError."""
        self._count += 1
        if self._count > REDIRECTS:
            fp.close()
            raise InputError(self._address, f"redirected more than {REDIRECTS} times", "name the address where it is")
        if not is_address(newurl):
            fp.close()
            raise InputError(self._address, f"redirected to {newurl}", "name an address of http or https")
        if _is_internal(host := _host(newurl)) and host != self._named:
            fp.close()
            raise InputError(self._address, f"redirected to {newurl}, which is not public", "name that address if it is meant")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
