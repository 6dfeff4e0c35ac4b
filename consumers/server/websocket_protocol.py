"""Daphne's WebSocket connection, bounded: what waits to be sent, and how much work one connection makes per turn.

Autobahn handles all frames of a read at once, copies the rest of the read for each of them, and writes without looking
whether the client reads: one connection stopped a server for 10 s, or filled its memory (measured). Here a client that
does not read holds up its own sends only, and one that sends many small frames is read slowly.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketProtocol

from consumers.rate_limits import CONTROL_FRAMES, FRAMES
from uploads.core.token_bucket import TokenBucket

READ_BYTES = 262_144 + 12 + 14
"""A full chunk, its header and its frame's: a read that ends where a frame does leaves nothing over to copy (about 6 %
less CPU a byte than 256 KiB: measured)."""
SMALL_READ_BYTES = 4_096
"""Where no chunk is expected. It is also how much waits unsent before a sender waits."""
STEPS_PER_TURN = 4
"""Half as many frames, roughly, before other connections have their turn: forty that flood take 3 ms of each."""
SLOW_SECONDS = 0.25
"""How long a connection that sent too many frames is not read."""
CLOSING_SECONDS = 0.05
"""Between two reads of a connection that was refused: an upload that is under way is read to the close's answer."""
SEND_SECONDS = 30.0
"""A client that takes nothing for so long is not there, whatever it sends."""
DATA_OPCODES = (0, 1, 2)


class BoundedWebSocket(WebSocketProtocol):  # type: ignore[misc]  # Daphne is published without types
    """See the module. As the transport's producer it is told when the write buffer is full, and when it is empty."""

    maxMessagePayloadSize: int  # noqa: N815 - Autobahn's name
    closeHandshakeTimeoutCall: Any  # noqa: N815

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """The connection is ours: watch what waits in its write buffer."""
        self._drained = asyncio.Event()
        self._drained.set()
        self._frames = TokenBucket(time.monotonic(), FRAMES)
        self._control_frames = TokenBucket(time.monotonic(), CONTROL_FRAMES)
        self._resting = self._too_many = False
        super().connectionMade()
        self.transport.bufferSize = SMALL_READ_BYTES
        # Daphne's HTTP side watched it until the upgrade, and does nothing with what it sees.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """The connection is gone. Autobahn's timer of a close would keep it in memory for as long as that may take."""
        super().connectionLost(reason)
        if self.closeHandshakeTimeoutCall is not None:
            self.closeHandshakeTimeoutCall.cancel()
            self.closeHandshakeTimeoutCall = None

    # --- Sending

    def pauseProducing(self) -> None:  # noqa: N802
        """More waits to be sent than fits."""
        self._drained.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        """Everything was sent."""
        self._drained.set()

    def stopProducing(self) -> None:  # noqa: N802
        """The connection is gone: nobody waits for it."""
        self._drained.set()

    async def drained(self) -> None:
        """Wait until the client has taken what was sent; end the connection of one that does not."""
        if self._drained.is_set():
            return
        try:
            await asyncio.wait_for(self._drained.wait(), SEND_SECONDS)
        except TimeoutError:
            self.wasClean, self.wasNotCleanReason = False, "the client does not read"
            self.dropConnection(abort=True)

    def sendMessage(self, payload: bytes, isBinary: bool = False, **options: Any) -> None:  # noqa: N802, N803
        """Send a message of any size. Autobahn holds to the limit of what is received, and a snapshot may be larger."""
        limit, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
        try:
            super().sendMessage(payload, isBinary, **options)
        finally:
            self.maxMessagePayloadSize = limit

    # --- Receiving

    def onConnect(self, request: Any) -> Any:  # noqa: N802
        """Refuse what names no protocol: Daphne fails over it, with a traceback for any stranger who sends one."""
        if not request.headers.get("sec-websocket-protocol", "").isascii():
            raise ConnectionDeny(ConnectionDeny.BAD_REQUEST, "Invalid subprotocol")  # type: ignore[no-untyped-call]
        return super().onConnect(request)

    def onOpen(self) -> None:  # noqa: N802
        """The handshake is answered: read on."""
        super().onOpen()
        self.transport.resumeProducing()

    def consumeData(self) -> None:  # noqa: N802
        """Handle what was read: some frames of it, and the rest after the others had their turn."""
        if self.state == self.STATE_CONNECTING and hasattr(self, "handshake_deferred"):
            # The handshake is answered soon; what comes before that waits in the kernel.
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
        """Handle frames until there are no more, or it is enough for now; whether there may be more."""
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
        """Count small frames; large ones are as slow as their bytes. Read as much at once as such frames have."""
        large = self.current_frame.length > SMALL_READ_BYTES
        is_data = self.current_frame.opcode in DATA_OPCODES
        if is_data:
            self.transport.bufferSize = READ_BYTES if large else SMALL_READ_BYTES
        bucket = self._frames if is_data else self._control_frames
        if not large and not bucket.take(time.monotonic()):
            self._too_many = True
        super().onFrameBegin()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # noqa: N802, N803
        """Tell the application, which is not there after a handshake that was none."""
        if hasattr(self, "server"):
            super().onClose(wasClean, code, reason)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        """Hand a message on. After our close nobody asks for it, and Daphne's queue has no end."""
        if self.state == self.STATE_OPEN:
            super().onMessage(payload, isBinary)
