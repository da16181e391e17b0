"""Everything that control's SIP needs of the machine: sockets, routes, names, certificates."""

import asyncio
import logging
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from appliance.daemons import certificates, notify
from appliance.daemons.control.core import ControlCore
from appliance.daemons.control.listeners import own_sockets
from appliance.daemons.control.names import Dns, Names, Place
from appliance.daemons.control.network import ANY, Network
from appliance.daemons.control.sip_sockets import Packet, SipSockets
from appliance.daemons.control.tls import Security
from appliance.daemons.interfaces import own_addresses, own_addresses_6
from appliance.daemons.paths import Environment
from appliance.protocols.sip.flow import Outgoing
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.settings import Site, Trunk

logger = logging.getLogger(__name__)


class SipRoom:
    """Made at once, opened when everybody is ready to hear."""

    def __init__(self, environment: Environment, loop: asyncio.AbstractEventLoop) -> None:
        self._environment = environment
        self._loop = loop
        self._security = Security()
        self._sockets: SipSockets | None = None
        self._served: tuple[str, ...] = ()
        """The names in the certificate that we listen with."""
        self.network = Network(environment.bind)
        self.names = Names(Dns(environment.dns, self.network.can_reach))

    def open(
        self,
        core: ControlCore,
        *,
        on_packets: Callable[[list[Packet]], None],
        on_gone: Callable[..., None],
    ) -> None:
        """Take the sockets, and the connections that outlived the process before us.

        `on_gone` is told what of the core is to hear that a flow is gone, the flow, and perhaps
        why.
        """
        self.certify()
        self._sockets = SipSockets(
            listeners=own_sockets(self._environment),
            security=self._security,
            loop=self._loop,
            on_packets=on_packets,
            on_lost=partial(on_gone, core.user_agent.connection_lost),
            on_unreachable=partial(on_gone, core.unreachable),
            connections_in_use=core.user_agent.connections_in_use,
        )
        for name in notify.inherited():
            kept_open = notify.inherited_socket(name) if name.startswith("sip-in") else None
            if kept_open is not None:
                self._sockets.adopt(name, kept_open)

    def start(self) -> None:
        """Begin to listen."""
        if self._sockets is not None:
            self._sockets.start()

    def send(self, outgoing: Outgoing) -> None:
        """Send one message."""
        if self._sockets is not None:
            self._sockets.send(outgoing)

    @property
    def port(self) -> int:
        """SIP's port, UDP and TCP; 0 while closed."""
        return 0 if self._sockets is None else self._sockets.port

    @property
    def sips_port(self) -> int:
        """The port of SIP over TLS; 0 without a certificate."""
        return self._environment.sips_port if self._security.is_ready else 0

    def configure(self, site: Site) -> None:
        """Take up a site: whose names are to be known, and which certificates to be believed."""
        trunks = [one for one in site.trunk if one.kind == "sip"]
        self.names.want(_place(one) for one in trunks)
        pins: dict[str, str] = {}
        for one in trunks:
            if one.certificate:
                host = _place(one).host
                pins[host] = f"{pins.get(host, '')}{one.certificate.strip()}\n"
        self._security.pin(pins)

    def forget_routes(self) -> None:
        """Our addresses may have changed (DHCP); then the certificate names other ones too."""
        self.network.forget_routes()
        if self._served and self._served != self._own_names():
            self.certify()

    def certify(self) -> None:
        """Take up the certificate that is to be listened with; make it where there is none.

        Without one there is no TLS, and everything else goes on.
        """
        names = self._own_names()
        try:
            ready = certificates.made_ready(self._environment.paths, names, datetime.now(UTC))
            self._security.load(Path(ready.certificate), Path(ready.key))
        except EquipmentError as error:
            logger.error("no SIP over TLS: %s", error)
        self._served = names

    def _own_names(self) -> tuple[str, ...]:
        """What phones may call this box: its host name, and each address that it listens at."""
        bind = self._environment.bind
        addresses = [bind]
        if bind in ANY:
            addresses = own_addresses() + (own_addresses_6() if bind == "::" else [])
        name = socket.gethostname()
        own = [name] if name and name.isascii() and len(name) <= 64 else []
        return tuple(dict.fromkeys([*own, *addresses, "localhost"]))


def _place(trunk: Trunk) -> Place:
    transport = "" if trunk.transport == "auto" else trunk.transport
    return Place(host=trunk.host.strip("[]"), port=trunk.port, transport=transport)
