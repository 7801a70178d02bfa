"""Connections to the service, below HTTP."""

import asyncio
import socket

import pytest
from fastapi import FastAPI

from etl_monitor.service.events.tail import EventTail
from etl_monitor.service.server import Server, listen
from etl_monitor.service.storage.database import Database

PROXY_IDLE_TIMEOUT = 60  # seconds; nginx's and most load balancers' default


async def _delays_small_replies(host: str) -> bool:
    """Return whether asyncio leaves Nagle's algorithm on for an accepted socket."""
    accepted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def inspect(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted_socket = writer.get_extra_info("socket")
        accepted.set_result(not accepted_socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = listen(host, 0)
    async with await asyncio.start_server(inspect, sock=listener):
        _, writer = await asyncio.open_connection(host, listener.getsockname()[1])
        async with asyncio.timeout(20):
            delays = await accepted
        writer.close()
        await writer.wait_closed()
    return delays


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_replies_are_sent_without_delay(host: str) -> None:
    """Otherwise each reply on a kept-alive connection waits 40 ms for the other side."""
    assert asyncio.run(_delays_small_replies(host)) is False


def test_an_idle_connection_outlives_a_proxys(db: Database) -> None:
    server = Server(FastAPI(), EventTail(db), on_ready=lambda: None)
    assert server.config.timeout_keep_alive > PROXY_IDLE_TIMEOUT
