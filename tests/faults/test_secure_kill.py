"""kill -9 of the media worker in encrypted calls: the far ends' ciphers go on undisturbed."""

import base64
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import test_media_kill
from msgspec import structs
from rtp_far_end import MediaLink, RtpFarEnd
from rtp_packet import Packet, parse
from test_media_kill import IN_FLIGHT_SECONDS, folder  # noqa: F401 - a fixture

from appliance.protocols.rtp.srtp import Cipher, index_of
from appliance.vocabulary.audio import FarEnd, SrtpKeys
from appliance.vocabulary.srtp_suites import SUITES
from appliance.wire.media import FiguresAsked, WorkerFigures

SUITE = SUITES["AES_CM_128_HMAC_SHA1_80"]


class SecureEnd(RtpFarEnd):
    """A phone that speaks and hears SRTP only. Its numbers roll over in the middle of the test."""

    def __init__(self, *, ssrc: int) -> None:
        super().__init__(ssrc=ssrc)
        self.sequence = 65_450
        self._sent, self._heard_index = self.sequence, None
        ours, theirs = bytes([ssrc & 0xFF] * 30), bytes([ssrc & 0x7F, 1] * 15)
        self.sealing, self.opening = Cipher(SUITE, theirs), Cipher(SUITE, ours)
        self.keys = SrtpKeys(
            suite=SUITE.name,
            ours=base64.b64encode(ours).decode(),
            theirs=base64.b64encode(theirs).decode(),
        )
        self.unreadable = 0

    def far(self, **words: object) -> FarEnd:
        return structs.replace(super().far(), keys=self.keys)

    def say(self, port: int, payload: bytes | None = None, **words: object) -> bytes:
        packet = self.packet(payload)
        self.socket.sendto(self.sealing.seal(packet, self._sent), ("127.0.0.1", port))
        self._sent += 1
        return packet

    def listen(self) -> list[Packet]:
        while True:
            try:
                packet = self.socket.recv(2048)
            except BlockingIOError:
                return self.heard
            index = index_of(int.from_bytes(packet[2:4], "big"), self._heard_index)
            plain = self.opening.open(packet, index)
            if plain is None:
                self.unreadable += 1
                continue
            self._heard_index = max(index, self._heard_index or 0)
            self.heard.append(parse(plain))


@pytest.mark.alone
@pytest.mark.fault
def test_encrypted_calls_go_on_when_the_media_worker_is_killed(
    folder: Path,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
    measured: Callable[[str], None],
) -> None:
    monkeypatch.setattr(test_media_kill, "RtpFarEnd", SecureEnd)
    link = MediaLink(folder / "run/media-0.sock", within=20)
    calls = test_media_kill.Calls(link)
    link.say(FiguresAsked())
    link.wait_for(lambda event: isinstance(event, WorkerFigures))
    link.close()
    killed = calls.talk(3.5, [0.5, 1.5, 2.5], folder / "run/media-0.pid")
    until = time.monotonic() + 2.0
    while sum(map(len, calls.heard_at)) < len(calls.sent_at) and time.monotonic() < until:
        calls.listen()
        time.sleep(0.01)
    heard = {content for leg in calls.heard_at for _, content, _ in leg}
    lost = [content for content in calls.sent_at if content not in heard]
    unreadable = sum(end.unreadable for end in calls.ends if isinstance(end, SecureEnd))
    measured(
        f"{len(killed)} kills of encrypted calls: {len(lost)} of {len(calls.sent_at)} "
        f"packets lost, {unreadable} that the phones could not open"
    )
    assert len(killed) == 3
    assert unreadable == 0
    assert len(calls.sent_at) > 2000
    assert all(
        any(0 <= kill - calls.sent_at[content] <= IN_FLIGHT_SECONDS for kill in killed)
        for content in lost
    ), "more was lost than what was in the worker's hand"
