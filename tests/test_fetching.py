"""What is fetched, and what is refused, from a server that the tests start on this machine."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from dedup import Config
from dedup.cli import main
from dedup.readers import Source, fetching

FEED = "<rss><channel>\n<item><guid>x</guid><description>Grüße</description></item></channel></rss>"
# Address → status, headers, body.
PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/feed": (200, {"Content-Type": "text/html"}, FEED.encode()),
    "/latin": (200, {"Content-Type": "application/xml; charset=windows-1252"}, FEED.encode("cp1252")),
    "/text": (200, {"Content-Type": "text/plain; charset=koi8-r"}, "Привет".encode("koi8-r")),
    "/odd": (200, {"Content-Type": "text/plain; charset=x-nonsense"}, b"text"),
    "/gzip": (200, {"Content-Encoding": "gzip"}, gzip.compress(FEED.encode())),
    "/file.xml.gz": (200, {"Content-Type": "application/gzip"}, gzip.compress(FEED.encode())),
    "/unpacked.xml.gz": (200, {}, FEED.encode()),
    "/brotli": (200, {"Content-Encoding": "br"}, b"?"),
    "/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"<rss>" + b"<a>" * (1 << 23))),
    "/moved": (301, {"Location": "/feed"}, b""),
    "/private": (302, {"Location": "http://10.0.0.1/feed"}, b""),
    "/link-local": (302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""),
    "/mapped": (302, {"Location": "http://[::ffff:10.0.0.1]/feed"}, b""),
    "/loop": (302, {"Location": "/loop"}, b""),
    "/disk": (302, {"Location": "file:///etc/passwd"}, b""),
    "/ftp": (302, {"Location": "ftp://127.0.0.1/x"}, b""),
    "/gone": (404, {}, b"no"),
    "/large": (200, {}, b"x" * 3000),
    "/cut": (200, {"Content-Length": "100"}, b"x" * 10),
    **{f"/hop{number}": (302, {"Location": f"/hop{number + 1}"}, b"") for number in range(7)},
    "/hop7": (200, {}, FEED.encode()),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/silent":
            time.sleep(1)
            return
        if self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(20):
                self.wfile.write(b"x")
                time.sleep(0.1)
            return
        status, headers, body = PAGES[self.path]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        with suppress(ConnectionError):  # whoever asked has gone
            super().handle()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.daemon_threads = True
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()


def read(address: str, config: Config | None = None) -> tuple[list[tuple[str, str]], list[str]]:
    source = Source([address], config or Config(), fetch=True)
    documents = [(document.id, document.text) for document in source]
    return documents, [str(error) for error in source.errors]


@pytest.mark.parametrize("path", ["/feed", "/latin", "/gzip", "/file.xml.gz", "/unpacked.xml.gz", "/moved", "/hop2"])
def test_a_feed_is_fetched(server: str, path: str) -> None:
    pytest.importorskip("feedparser")
    assert read(server + path) == ([("x", "Grüße")], [])


@pytest.mark.parametrize(("path", "text"), [("/text", "Привет"), ("/odd", "text")])
def test_a_text_has_the_encoding_that_the_server_names(server: str, path: str, text: str) -> None:
    assert read(server + path) == ([(server + path, text)], [])


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/gone", "the server says 404 Not Found; check the address"),
        ("/loop", "redirected more than 5 times; name the address where it is"),
        ("/hop1", "redirected more than 5 times; name the address where it is"),
        ("/ftp", "redirected to ftp://127.0.0.1/x; name an address of http or https"),
        ("/brotli", "it came packed as 'br', which was not asked for; save it to a file"),
        ("/cut", "it broke off 90 bytes before its end; try again, or save it to a file"),
        ("/silent", "the server said nothing for 0.3 seconds; try again, or save it to a file"),
        ("/slow", "not there after 0.8 seconds; try again, or save it to a file"),
    ],
)
def test_what_cannot_be_fetched_is_an_error(server: str, path: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SILENCE", 0.3)
    monkeypatch.setattr(fetching, "TOTAL", 0.8)
    assert read(server + path) == ([], [f"{server}{path}: {said}"])


def test_a_redirect_to_the_disk_is_refused(server: str) -> None:
    documents, [error] = read(f"{server}/disk")
    assert documents == []
    assert "file:///etc/passwd" in error  # urllib has words of its own for it


@pytest.mark.parametrize("path", ["/private", "/link-local", "/mapped"])
def test_a_redirect_to_another_host_that_is_not_public_is_refused(server: str, path: str) -> None:
    to = PAGES[path][1]["Location"]
    said = f"{server}{path}: redirected to {to}, which is not public; name that address if it is meant"
    assert read(server + path) == ([], [said])


def test_a_public_host_cannot_redirect_to_this_machine(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port, look_up = server.rpartition(":")[2], socket.getaddrinfo
    # What the name means: a public address at first, and from the first connection on this machine.
    meanings = iter(["8.8.8.8", "127.0.0.1", "127.0.0.1"])

    def moving(host: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as getaddrinfo
        return look_up(next(meanings) if host == "news.example" else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", moving)
    address = f"http://news.example:{port}/moved"
    to = f"http://news.example:{port}/feed"
    assert read(address) == ([], [f"{address}: redirected to {to}, which is not public; name that address if it is meant"])


def test_a_page_has_a_limit(server: str) -> None:
    said = f"{server}/large: larger than 2,000 bytes, the limit given; raise the limit with --max-bytes, or split the file"
    assert read(f"{server}/large", Config(max_bytes=2000)) == ([], [said])


def test_a_packed_bomb_is_refused(server: str) -> None:
    _, [error] = read(f"{server}/bomb")
    assert "unpacks to more than 200 times its size" in error


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "http://", "http://[", "https://127.0.0.1:x/"])
def test_an_address_where_nothing_is_is_an_error(address: str) -> None:
    documents, [error] = read(address)
    assert documents == []
    assert error.startswith(f"{address}: cannot be fetched (")


def test_the_command_fetches_only_if_asked_to(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", f"{server}/text"]) == 2
    assert "an address, and nothing is fetched unasked; give dedup check --fetch" in capsys.readouterr().err
    assert main(["check", f"{server}/text", "--fetch"]) == 0
