"""What a connection to the service is like, below HTTP."""

import asyncio
import socket

import pytest
from fastapi import FastAPI

from etl_monitor.service.events.tail import EventTail
from etl_monitor.service.server import Server, listen
from etl_monitor.service.storage.database import Database

PROXIES_LET_GO_AFTER = 60  # seconds; nginx's and most load balancers' default


async def _delays_small_replies(host: str) -> bool:
    """By the accepted socket, which asyncio sets up."""
    accepted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found = writer.get_extra_info("socket")
        accepted.set_result(not found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = listen(host, 0)
    async with await asyncio.start_server(look, sock=listener):
        _, writer = await asyncio.open_connection(host, listener.getsockname()[1])
        async with asyncio.timeout(20):
            delays = await accepted
        writer.close()
        await writer.wait_closed()
    return delays


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_replies_go_out_at_once(host: str) -> None:
    """Else each one on a connection that stays open waits for the other side, for 40 ms."""
    assert asyncio.run(_delays_small_replies(host)) is False


def test_an_idle_connection_outlives_a_proxys(db: Database) -> None:
    server = Server(FastAPI(), EventTail(db), on_ready=lambda: None)
    assert server.config.timeout_keep_alive > PROXIES_LET_GO_AFTER
