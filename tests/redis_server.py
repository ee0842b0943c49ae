"""A Redis of the tests' own, on loopback, on a port that is free."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest


class RedisServer:
    """A server that keeps what it is told in a folder, and can be killed and started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        redis = pytest.importorskip("redis", reason="redis is not installed: pip install 'dedup[redis]'")
        if shutil.which("redis-server") is None:
            pytest.skip("no redis-server on the PATH")
        self.folder = folder
        self.options = options
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.client = redis.Redis(port=self.port)
        self.process = self.start()

    def address(self, name: str = "published", **options: str) -> str:
        return f"redis://127.0.0.1:{self.port}/0?name={name}" + "".join(f"&{key}={value}" for key, value in options.items())

    def start(self) -> subprocess.Popen[bytes]:
        place = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)]
        kept = ["--appendonly", "yes", "--appendfsync", "no"]  # else it waits for a slow disk before it even writes
        command = ["redis-server", *place, *kept, "--save", "", *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        for _ in range(200):
            try:
                if self.client.ping():
                    return self.process
            except Exception as error:  # it is on its way, or asks for a password
                if "auth" in str(error).lower():
                    return self.process
            time.sleep(0.02)
        raise TimeoutError("redis-server does not answer")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        self.client.close()
        self.kill()
