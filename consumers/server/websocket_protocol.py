"""Daphne's WebSocket connection with bounds on unsent data and on the work per turn of the event loop.

Autobahn handles all frames of a read at once, copies the rest of the read for each of them, and writes without checking
whether the client reads: one connection blocked a server for 10 s, or filled its memory (measured). Here a client that
does not read delays only its own messages, and one that sends many small frames is read slowly.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketProtocol

from consumers.rate_limits import CONTROL_FRAMES, FRAMES, TokenBucket

READ_BYTES = 262_144 + 12 + 14
"""A full chunk, its header and its frame header. A read that ends at a frame boundary leaves no rest to copy (about 6 %
less CPU per byte than 256 KiB: measured)."""
SMALL_READ_BYTES = 4_096
"""Bytes per read where no chunk is expected; also the unsent bytes at which a sender has to wait."""
STEPS_PER_TURN = 4
"""Parser steps, about two per frame, before other connections get their turn. Forty flooding connections then take 3 ms
per turn."""
SLOW_SECONDS = 0.25
"""How long reading pauses after a connection has sent too many frames."""
CLOSING_SECONDS = 0.05
"""Pause between two reads of a refused connection, whose upload in progress is read until the client answers the
close."""
SEND_SECONDS = 30.0
"""A client that reads nothing for this long is treated as gone, even if it still sends."""
DATA_OPCODES = (0, 1, 2)


class BoundedWebSocket(WebSocketProtocol):  # type: ignore[misc]  # Daphne is published without types
    """See the module. It registers as the transport's producer to learn when the write buffer is full or empty."""

    maxMessagePayloadSize: int  # noqa: N815 - Autobahn's name
    closeHandshakeTimeoutCall: Any  # noqa: N815

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Take over the transport and watch its write buffer."""
        self._drained = asyncio.Event()
        self._drained.set()
        self._frames = TokenBucket(time.monotonic(), FRAMES)
        self._control_frames = TokenBucket(time.monotonic(), CONTROL_FRAMES)
        self._resting = self._too_many = False
        super().connectionMade()
        self.transport.bufferSize = SMALL_READ_BYTES
        # Until the upgrade Daphne's HTTP side was the producer, and it ignores these calls.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """Cancel Autobahn's close timer, which would keep the lost connection in memory until it fires."""
        super().connectionLost(reason)
        if self.closeHandshakeTimeoutCall is not None:
            self.closeHandshakeTimeoutCall.cancel()
            self.closeHandshakeTimeoutCall = None

    # --- Sending

    def pauseProducing(self) -> None:  # noqa: N802
        """Make senders wait: the write buffer is full."""
        self._drained.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        """Release waiting senders: everything has been sent."""
        self._drained.set()

    def stopProducing(self) -> None:  # noqa: N802
        """Release waiting senders: the connection is gone."""
        self._drained.set()

    async def drained(self) -> None:
        """Wait until the client has read what was sent; drop the connection if it takes too long."""
        if self._drained.is_set():
            return
        try:
            await asyncio.wait_for(self._drained.wait(), SEND_SECONDS)
        except TimeoutError:
            self.wasClean, self.wasNotCleanReason = False, "the client does not read"
            self.dropConnection(abort=True)

    def sendMessage(self, payload: bytes, isBinary: bool = False, **options: Any) -> None:  # noqa: N802, N803
        """Send a message of any size. Autobahn applies the receive limit to sends too, and a snapshot may be larger."""
        limit, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
        try:
            super().sendMessage(payload, isBinary, **options)
        finally:
            self.maxMessagePayloadSize = limit

    # --- Receiving

    def onConnect(self, request: Any) -> Any:  # noqa: N802
        """Refuse a subprotocol that is not ASCII, on which Daphne would fail with a traceback."""
        if not request.headers.get("sec-websocket-protocol", "").isascii():
            raise ConnectionDeny(ConnectionDeny.BAD_REQUEST, "Invalid subprotocol")  # type: ignore[no-untyped-call]
        return super().onConnect(request)

    def onOpen(self) -> None:  # noqa: N802
        """Resume reading after the handshake."""
        super().onOpen()
        self.transport.resumeProducing()

    def consumeData(self) -> None:  # noqa: N802
        """Handle some of the frames that were read, and the rest after the other connections had their turn."""
        if self.state == self.STATE_CONNECTING and hasattr(self, "handshake_deferred"):
            # The handshake is answered soon; what arrives before that waits in the kernel.
            self.transport.pauseProducing()
        elif self.state not in (self.STATE_OPEN, self.STATE_CLOSING):
            super().consumeData()
        elif not self._resting:
            self._take_turn()
            if self.state == self.STATE_CLOSING and not self._resting:
                self._rest(CLOSING_SECONDS)

    def _take_turn(self) -> None:
        more = self._handle_some()
        if self._too_many:
            self._too_many = False
            self._rest(SLOW_SECONDS)
        elif more:
            self._rest(CLOSING_SECONDS if self.state == self.STATE_CLOSING else 0)

    def _handle_some(self) -> bool:
        """Handle up to `STEPS_PER_TURN` steps; return whether there may be more frames."""
        for _ in range(STEPS_PER_TURN):
            if not self.processData() or self.state == self.STATE_CLOSED:
                return False
            if self._too_many:
                return True
        return True

    def _rest(self, seconds: float) -> None:
        self._resting = True
        self.transport.pauseProducing()
        asyncio.get_running_loop().call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        self._resting = False
        self._take_turn()
        if not self._resting:
            self.transport.resumeProducing()

    def onFrameBegin(self) -> None:  # noqa: N802
        """Count small frames (large ones are limited by their bytes), and adjust the read size to the frame size."""
        large = self.current_frame.length > SMALL_READ_BYTES
        is_data = self.current_frame.opcode in DATA_OPCODES
        if is_data:
            self.transport.bufferSize = READ_BYTES if large else SMALL_READ_BYTES
        bucket = self._frames if is_data else self._control_frames
        if not large and not bucket.take(time.monotonic()):
            self._too_many = True
        super().onFrameBegin()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # noqa: N802, N803
        """Notify the application, unless the handshake failed and there is none."""
        if hasattr(self, "server"):
            super().onClose(wasClean, code, reason)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        """Pass a message on, unless we have closed: nobody would read it, and Daphne's queue is unbounded."""
        if self.state == self.STATE_OPEN:
            super().onMessage(payload, isBinary)
