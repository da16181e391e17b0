"""linphonec as a desk phone without a sound card: speaks a file, writes what it hears to one."""

import os
import subprocess

from lane import free_port

CONFIG = """[sip]
sip_port={udp}
sip_tcp_port={tcp}
sip_tls_port={tls}
root_ca={trusts}
verify_server_certs=1
verify_server_cn=1
default_proxy=0
guess_hostname=0
contact=sip:{number}@127.0.0.1
use_ipv6=0
ipv6_migration_done=1
bind_address=127.0.0.1
register_only_when_network_is_up=0
media_encryption=none

[rtp]
audio_rtp_port={rtp}
bind_address=127.0.0.1

[sound]
echocancellation=0

[proxy_0]
reg_proxy=<sip:127.0.0.1:{box};transport={transport}>
reg_identity=sip:{number}@127.0.0.1
reg_expires=60
reg_sendregister=1

[auth_info_0]
username={number}
passwd={secret}
"""


class Linphone:
    """One phone that answers by itself."""

    def __init__(self, folder, box_port, number, secret, *, says, transport="udp", trusts="",
                 answers=True):  # fmt: skip
        """`trusts` (TLS): file of the authority that must vouch for the box; `answers`: by
        itself."""
        self.folder = folder / f"linphone-{number}"
        # it does not register without the folder of its database
        (self.folder / ".local" / "share" / "linphone").mkdir(parents=True)
        self.heard = self.folder / "heard.wav"
        self.log = self.folder / "log"
        config = self.folder / "config"
        config.write_text(
            CONFIG.format(
                number=number,
                secret=secret,
                box=box_port,
                transport=transport,
                udp=free_port() if transport == "udp" else 0,
                tcp=free_port() if transport == "tcp" else 0,
                tls=free_port() if transport == "tls" else 0,
                trusts=trusts,
                rtp=free_port(),
            )
        )
        self.output = (self.folder / "output").open("wb")
        by_itself = ["-a"] if answers else []
        self.process = subprocess.Popen(
            ["linphonec", "-c", str(config), *by_itself, "-d", "6", "-l", str(self.log)],
            stdin=subprocess.PIPE,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HOME": str(self.folder)},
            cwd=self.folder,
        )
        self.say("soundcard use files")
        self.say(f"play {says}")
        self.say(f"record {self.heard}")

    def say(self, command):
        self.process.stdin.write(f"{command}\n".encode())
        self.process.stdin.flush()

    def told(self):
        return (self.folder / "output").read_text(errors="replace")

    def wire(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
