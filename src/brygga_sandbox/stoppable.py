"""The HTTP server of a sandbox, which stops at once: a test starts and stops several, and uvicorn looks ten times a second only."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import uvicorn

_TICK = 0.1
"""Seconds between two ticks of uvicorn, which counts them to renew its Date header."""
_LOOK = 0.002
"""Seconds between two looks whether the last answer has been sent."""


class StoppableServer(uvicorn.Server):
    """A server that `stop` wakes, and that waits for the answers under way but not for a whole tick."""

    _loop: asyncio.AbstractEventLoop
    _stopping: asyncio.Event

    def stop(self) -> None:
        """Let it stop, from another thread; what is being answered is answered."""
        self.should_exit = True
        # A loop that has ended needs no waking.
        with contextlib.suppress(AttributeError, RuntimeError):
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def main_loop(self) -> None:
        """Tick until it is to stop."""
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        ticks = 0
        while not await self.on_tick(ticks):
            ticks = (ticks + 1) % 864_000
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and wait until those there are have ended, as long as the configuration allows."""
        for server in self.servers:
            server.close()
        for one in sockets or []:
            one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        end = asyncio.get_running_loop().time() + (self.config.timeout_graceful_shutdown or 0)
        while (self.server_state.connections or self.server_state.tasks) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(_LOOK)
        for task in self.server_state.tasks:
            task.cancel(msg="the sandbox stops")
