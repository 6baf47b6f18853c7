# SPDX-License-Identifier: GPL-2.0-or-later
"""What scenarios are made of: connections, and what is true of them at each point."""

import contextlib
import dataclasses
import socket
import struct
import time

from network import POINTS, V4, V6
from segments import ACK, FIN, PSH, RST, SYN, URG, forge

TCP_REPAIR = 19
PORTS = (22, 25, 80, 110, 443, 993, 1433, 3306, 5432, 6379, 8080, 8443, 9092)

# The verdicts, by the names of their list.
REFUSED, REJECTED, UNREACHABLE, NO_ANSWER = "Refused", "Rejected by a firewall", "Unreachable", "No answer"
NOT_RECEIVED, CLIENT_SILENT = "Answer not received", "Client silent"
ACK_NOT_TAKEN, DISTURBED, PROBE = "Handshake ACK not taken", "Handshake disturbed", "Probe"
FORGOTTEN, THIRD_PARTY, LARGE_LOST = "Forgotten", "Reset by a third party", "Large segments lost"
WENT_SILENT, BY_CLIENT, BY_SERVER = "Went silent", "Reset by client", "Reset by server"
STALLED, HALF_CLOSED, SLOW, FINE = "Stalled", "Left half-closed", "Slow opening", "Fine"
UNDECIDED, NOT_ALL = "Undecided", "Not all captured"
CLIENT, SERVER, NETWORK, CAPTURE, UNKNOWN, NOWHERE = "Client", "Server", "Network", "Capture", "Unknown", None


@dataclasses.dataclass
class Truth:
    """The best verdict that one capture allows."""

    verdict: str
    where: str | None
    provable: bool  # this capture proves it: a certain verdict is allowed
    also: tuple = ()  # other (verdict, where) that are right too

    def or_else(self, *also):
        return dataclasses.replace(self, also=(*self.also, *also))


def proven(verdict, where):
    return Truth(verdict, where, True)


def likely(verdict, where):
    return Truth(verdict, where, False)


IN_ORDER = proven(FINE, NOWHERE)
# Something broke where this capture cannot see it: what it has is in order, and it proves nothing about the rest.
LOOKS_FINE = likely(FINE, NOWHERE).or_else((UNDECIDED, CAPTURE))


def everywhere(truth):
    return dict.fromkeys(POINTS, truth)


def at(client=None, router=None, server=None):
    """What is true at each point; None where no segment of the connection is captured."""
    truths = {"client": client, "router": router, "server": server}
    return {point: truth for point, truth in truths.items() if truth}


@dataclasses.dataclass
class Case:
    """A connection of a scenario, and what is true of it."""

    client: tuple
    server: tuple
    truths: dict


class Talk:
    """A connection, or the attempt of one: its two ends, and their sockets."""

    def __init__(self, net, family, sport=None, cport=None):
        self.net, self.family = net, family
        self.cport = cport or net.new_port()
        self.sport = sport or net.free_server_port(family, PORTS)
        self.client = self.server = None
        self.server_address = net.addresses[family]["server"]
        net.kept.append(self)  # a socket that is forgotten would be closed

    def ends(self):
        return (self.net.addresses[self.family]["client"], self.cport), (self.server_address, self.sport)

    def case(self, truths):
        return Case(*self.ends(), truths)

    def fine(self):
        return self.case(everywhere(IN_ORDER))

    # The kernel's own TCP.

    def listen(self, backlog=16, options=()):
        listener = self.net.new_socket("server", self.family, self.sport)
        for level, name, value in options:
            listener.setsockopt(level, name, value)
        listener.listen(backlog)
        self.net.kept.append(listener)
        return listener

    def attempt(self, seconds=30.0, options=()):
        """Connect, or give up after so long; the socket stays open, so that nothing more is sent."""
        self.client = self.net.new_socket("client", self.family, self.cport)
        for level, name, value in options:
            self.client.setsockopt(level, name, value)
        self.client.settimeout(seconds)
        with contextlib.suppress(OSError):
            self.client.connect((self.server_address, self.sport))
        self.client.settimeout(60)
        return self

    def open(self, listener=None, server_options=(), client_options=()):
        listener = listener or self.listen(options=server_options)
        self.attempt(options=client_options)
        self.server, _ = listener.accept()
        self.server.settimeout(60)
        return self

    def say(self, sender, receiver, size):
        sender.sendall(text(size))
        receive(receiver, size)

    def greet(self):
        """A request and its answer, so that the connection is not empty."""
        self.say(self.client, self.server, self.net.rng.randint(20, 400))
        self.say(self.server, self.client, self.net.rng.randint(20, 900))
        self.settle()

    def settle(self):
        """Until what was sent has arrived and was acknowledged."""
        pause(self.net.rtt + 0.08)

    def close(self, first="client"):
        """One end closes, and the other when it has noticed."""
        ends = (self.client, self.server) if first == "client" else (self.server, self.client)
        ends[0].close()
        while ends[1].recv(65536):
            pass
        ends[1].close()
        self.settle()

    # Segments that no kernel sends.

    def latest(self, sender):
        client, server = self.ends()
        return self.net.wire.latest.get((client, server) if sender == "client" else (server, client))

    def wait_for(self, sender, flags, seconds=5):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            segment = self.latest(sender)
            if segment and segment.flags & flags == flags:
                return segment
            time.sleep(0.002)
        raise TimeoutError("an expected segment did not come")

    def raw(self, flags, seq, ack=0):
        """The client's host sends a segment of its own making."""
        macs = self.net.mac_header("client", "eth0")
        client, server = self.ends()
        frame = forge(macs, client, server, flags, seq, ack, self.net.ttls["client"], self.net.rng.randint(1, 65535))
        self.net.inject("client", "eth0", frame)

    def forged(self, router, receiver, flags, seq, ack=0, ip_id=None):
        """A router sends a segment in the other end's name."""
        interface = "left" if receiver == "client" else "right"
        sender, target = reversed(self.ends()) if receiver == "client" else self.ends()
        ip_id = self.net.rng.randint(1, 65535) if ip_id is None else ip_id
        frame = forge(self.net.mac_header(router, interface), sender, target, flags, seq, ack, self.net.ttls[router], ip_id)
        self.net.inject(router, interface, frame)

    def mute_kernel(self):
        """The client's kernel knows nothing of what `raw` sends, and must not reset it."""
        version = "ipv4" if self.family == V4 else "ipv6"
        rule = f"meta nfproto {version} tcp sport {self.cport} tcp flags & rst == rst drop"
        self.net.filter("client", "output", rule)


def innocent(net, family, sport=None, listener=None, after=0.0):
    """An ordinary conversation with the same server, to compare with."""
    talk = Talk(net, family, sport)
    talk.open(listener)
    talk.greet()
    pause(after)
    talk.close(net.rng.choice(("client", "server")))
    return talk.fine()


def text(size):
    """So many bytes of numbered lines."""
    return "".join(f"This is line {number}.\n" for number in range(size // 15 + 1))[:size].encode()


def receive(end, size):
    while size:
        got = end.recv(min(size, 65536))
        if not got:
            raise EOFError("the connection closed too early")
        size -= len(got)


def abort(end):
    """Close with a reset instead of a FIN."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()


def forget(end):
    """Close as a crash or a restart does: without a word to the other end."""
    end.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    end.close()


def pause(seconds):
    time.sleep(seconds)


# What a link or a firewall can want of segments.


def flagged(flags, without=0):
    return lambda segment: segment.flags & flags == flags and not segment.flags & without


def with_data(segment):
    return segment.size > 0


def between(*ports):
    return lambda segment: segment.sport in ports or segment.dport in ports


SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__.replace("_", "-")] = function
    return function


__all__ = [name for name in globals() if not name.startswith("__")]
