"""A name server on 127.0.0.x over UDP, whose zone is a list of lines, changed as a test goes on."""

import socket
import threading

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """`zone`: lines like "carrier.test 60 SRV 10 0 5080 a.carrier.test."."""

    def __init__(self, *zone, address="127.0.0.53"):
        self.zone = list(zone)
        self.asked = []
        """(type, name) of each question."""
        self.is_dead = False
        """Deaf from now on: questions are taken and not answered."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self.address, self.port = self._socket.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def place(self):
        return f"{self.address}:{self.port}"

    def _serve(self):
        while True:
            try:
                data, source = self._socket.recvfrom(4096)
            except OSError:
                return
            question = dns.message.from_wire(data)
            if not self.is_dead:
                self._socket.sendto(self._answer(question).to_wire(), source)

    def _answer(self, question):
        (asked,) = question.question
        kind = dns.rdatatype.to_text(asked.rdtype)
        self.asked.append((kind, asked.name.to_text(omit_final_dot=True)))
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.AA
        rows, is_known = {}, False
        for line in self.zone:
            name, ttl, row_kind, value = line.split(None, 3)
            if dns.name.from_text(name) != asked.name:
                continue
            is_known = True
            if row_kind == kind:
                rows.setdefault(int(ttl), []).append(value)
        for ttl, values in rows.items():
            answer.answer.append(dns.rrset.from_text(asked.name, ttl, "IN", kind, *values))
        if not is_known:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer

    def stop(self):
        self._socket.close()
