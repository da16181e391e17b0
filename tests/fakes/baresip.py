"""baresip as a desk phone: its own configuration folder, steered over its ctrl_tcp module."""

import json
import socket
import subprocess
import wave
from pathlib import Path

from lane import free_port, phone_rtp_ports
from running_box import wait_for

CONFIG = """
poll_method epoll
sip_listen {near}:{sip}
audio_player aufile,{heard}
audio_source aufile,{says}
audio_alert aufile,{heard}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports {rtp}-{rtp_last}
net_interface {interface}
{more}
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


TRIES = 3


class Baresip:
    """One phone. Events as they come; `is_registered`, `ringing`, `calls` derived from them."""

    def __init__(
        self, folder: Path, box_port: int, number: str, secret: str, *,
        codecs="pcma,pcmu", answer="manual", transport="udp", says=None, ptime=20,
        host="127.0.0.1", config="", account="", has_message_lamp=False,
    ):  # fmt: skip
        """`host`: the box's, as it stands in a URI; `config`: more lines of baresip's; `account`:
        more parameters of the account, each with its semicolon."""
        self.number = number
        self.host, self.config, self.box_port = host, config, box_port
        self.folder = folder / f"baresip-{number}"
        self.folder.mkdir(exist_ok=True)
        self.heard = self.folder / "heard.wav"
        account = (
            f"<sip:{number}@{host}:{box_port};transport={transport}>;auth_user={number}"
            f";auth_pass={secret};answermode={answer};audio_codecs={codecs}"
            f";regint=60;ptime={ptime}{account}"
        )
        if has_message_lamp:
            self.config += "module_app mwi.so\n"
        (self.folder / "accounts").write_text("" if has_message_lamp else account + "\n")
        (self.folder / "contacts").write_text("")
        self._socket = None
        for _ in range(TRIES):
            self._start(says or self._silence())
            if self._socket is not None:
                break
        assert self._socket is not None, (self.folder / "output").read_text(errors="replace")
        self._rest = b""
        self.events = []
        if has_message_lamp:
            # Only now: mwi.so of baresip 1.0 subscribes for ever in one loop where a phone is
            # registered before its first timer, one millisecond after the start.
            self.say("uanew", f"{account};mwi=yes")

    def _start(self, says):
        """Start it; on ports that were free a moment ago and may be taken by now."""
        self.control_port, self.sip_port = free_port(), free_port()
        self.rtp_ports = phone_rtp_ports()
        (self.folder / "config").write_text(
            CONFIG.format(
                sip=self.sip_port,
                near=self.host,
                interface=self.host.strip("[]"),
                more=self.config,
                heard=self.heard,
                says=says,
                rtp=self.rtp_ports[0],
                rtp_last=self.rtp_ports[-1],
                control=self.control_port,
            )
        )
        self.output = (self.folder / "output").open("wb")
        self.process = subprocess.Popen(
            ["baresip", "-f", str(self.folder)],
            stdout=self.output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
        )
        wait_for(self._is_decided, 15, "baresip to listen or to give up")

    def _is_decided(self):
        self._socket = self._connected()
        return self._socket is not None or self.process.poll() is not None

    def _silence(self):
        file = self.folder / "silence.wav"
        with wave.open(str(file), "wb") as out:
            out.setparams((1, 2, 8000, 0, "NONE", ""))
            # At its end baresip hangs up: no test is to last as long.
            out.writeframes(bytes(16000 * 120))
        return file

    def _connected(self):
        try:
            link = socket.create_connection(("127.0.0.1", self.control_port), timeout=1)
        except OSError:
            return None
        link.setblocking(False)
        return link

    def say(self, command, params=""):
        message = json.dumps({"command": command, "params": params, "token": command}).encode()
        self._socket.setblocking(True)
        self._socket.sendall(str(len(message)).encode() + b":" + message + b",")
        self._socket.setblocking(False)

    def read(self):
        """Take what baresip has said meanwhile."""
        try:
            while data := self._socket.recv(65536):
                self._rest += data
        except BlockingIOError:
            pass
        while b":" in self._rest:
            length, _, rest = self._rest.partition(b":")
            size = int(length)
            if len(rest) < size + 1:
                break
            self.events.append(json.loads(rest[:size]))
            self._rest = rest[size + 1 :]
        return self.events

    def has(self, kind):
        return [one for one in self.read() if one.get("type") == kind]

    def wait(self, kind, seconds=20, count=1):
        return wait_for(
            lambda: len(self.has(kind)) >= count and self.has(kind)[-1],
            seconds,
            f"baresip {self.number}: {kind}, saw {[one.get('type') for one in self.events]}",
        )

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
