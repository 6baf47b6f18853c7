# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults of an opening. Each scenario says at its end what is true at which point, and why."""

from conversation import *


def lost_before_router(net, sender):
    """Whether what the sender's side loses at `net.place` is lost before the router's capture."""
    return net.place in ("ab" if sender == "client" else "c")


def port_rule(talk, rest):
    return f"meta nfproto {'ipv4' if talk.family == V4 else 'ipv6'} tcp dport {talk.sport} {rest}"


@scenario
def refused(net, family):
    """Nobody listens."""
    talk = Talk(net, family)
    other = innocent(net, family)
    talk.attempt()
    # The other conversation shows the host's TTL; without it (refused-alone) the RST could be anybody's.
    return [other, talk.case(everywhere(proven(REFUSED, SERVER)))]


@scenario
def refused_after_retry(net, family):
    """The first SYN is lost, the second is refused."""
    talk = Talk(net, family)
    net.wire.lose("c", "client", family, flagged(SYN), times=1)
    talk.attempt()
    return [talk.case(everywhere(likely(REFUSED, SERVER)))]


@scenario
def refused_ttl_255(net, family):
    """The host sends its RSTs with a TTL of 255, as some systems do; the distance is the same."""
    net.set("server", "net/ipv4/ip_default_ttl", 64)
    for name in ("all", "eth0"):
        net.set("server", f"net/ipv6/conf/{name}/hop_limit", 64)
    change = "ip ttl set 255" if family == V4 else "ip6 hoplimit set 255"
    net.filter("server", "output", f"tcp flags & rst == rst {change}")
    talk = Talk(net, family)
    other = innocent(net, family)
    talk.attempt()
    return [other, talk.case(everywhere(likely(REFUSED, SERVER)))]


@scenario
def refused_by_host_firewall(net, family):
    """The host's own firewall answers with a RST: nothing tells it from a closed port."""
    talk = Talk(net, family)
    talk.listen()
    net.filter("server", "input", port_rule(talk, "reject with tcp reset"))
    other = innocent(net, family)
    talk.attempt()
    return [other, talk.case(everywhere(proven(REFUSED, SERVER)))]


@scenario
def rejected_reset(net, family):
    """A router's firewall answers the SYN with a RST in the host's name."""
    talk = Talk(net, family)
    talk.listen()
    other = innocent(net, family)
    net.filter(net.fault, "forward", port_rule(talk, "reject with tcp reset"))
    talk.attempt()
    # The TTL is not the host's; a TTL alone proves nothing.
    truth = likely(REJECTED, NETWORK)
    return [other, talk.case(at(client=truth, router=truth if net.fault == "r2" else None))]


@scenario
def rejected_icmp(net, family):
    """A router's firewall answers the SYN with "administratively prohibited"."""
    talk = Talk(net, family)
    talk.listen()
    net.filter(net.fault, "forward", port_rule(talk, "reject with icmpx admin-prohibited"))
    talk.attempt()
    truth = proven(REJECTED, NETWORK)
    return [talk.case(at(client=truth, router=truth if net.fault == "r2" else None))]


@scenario
def rejected_icmp_by_host(net, family):
    """The host's own firewall answers so."""
    talk = Talk(net, family)
    talk.listen()
    net.filter("server", "input", port_rule(talk, "reject with icmpx admin-prohibited"))
    talk.attempt()
    return [talk.case(everywhere(proven(REJECTED, SERVER)))]


@scenario
def unreachable_route(net, family):
    """A router has no route to the server."""
    talk = Talk(net, family)
    net.ip(net.fault, [f"route replace unreachable {talk.server_address}"], family)
    talk.attempt(3.5)
    truth = proven(UNREACHABLE, NETWORK)
    return [talk.case(at(client=truth, router=truth if net.fault == "r2" else None))]


@scenario
def unreachable_host(net, family):
    """The server is off: the last router gets no answer when it asks for its hardware address."""
    talk = Talk(net, family)
    talk.server_address = net.addresses[family]["nobody"]
    talk.attempt(7.5)
    truth = proven(UNREACHABLE, NETWORK)
    return [talk.case(at(client=truth, router=truth))]


@scenario
def unreachable_port(net, family):
    """The host itself answers "port unreachable"."""
    talk = Talk(net, family)
    net.filter("server", "input", port_rule(talk, "reject with icmpx port-unreachable"))
    talk.attempt(3.5)
    return [talk.case(everywhere(proven(UNREACHABLE, SERVER)))]


@scenario
def no_answer(net, family):
    """A router's firewall drops the SYNs."""
    talk = Talk(net, family)
    talk.listen()
    other = innocent(net, family)
    net.filter(net.fault, "forward", port_rule(talk, "drop"))
    talk.attempt(3.5)
    # That nothing came is a fact; who drops is not seen. (The other conversation shows both directions.)
    truth = proven(NO_ANSWER, UNKNOWN)
    return [other, talk.case(at(client=truth, router=truth if net.fault == "r2" else None))]


@scenario
def no_answer_from_host(net, family):
    """The host's own firewall drops the SYNs."""
    talk = Talk(net, family)
    talk.listen()
    other = innocent(net, family)
    net.filter("server", "input", port_rule(talk, "drop"))
    talk.attempt(3.5)
    return [other, talk.case(everywhere(proven(NO_ANSWER, UNKNOWN)))]


@scenario
def no_answer_yet(net, family):
    """The capture ends before the client would send its SYN again."""
    talk = Talk(net, family)
    net.wire.lose("a", "client", family)
    talk.attempt(net.rng.uniform(0.2, 0.7))
    return [talk.case(at(client=proven(UNDECIDED, CAPTURE)))]


@scenario
def answer_not_received(net, family):
    """The SYN-ACKs are lost on the way back."""
    talk = Talk(net, family)
    talk.listen()
    net.wire.lose(net.place, "server", family)
    talk.attempt(3.5)
    # Where the SYN-ACK was captured it is proven; where it was not, it looks as if nobody had answered.
    seen, unseen = proven(NOT_RECEIVED, NETWORK), likely(NO_ANSWER, UNKNOWN)
    return [talk.case(at(unseen, unseen if lost_before_router(net, "server") else seen, seen))]


@scenario
def answer_dropped_by_client(net, family):
    """The client's own firewall drops the SYN-ACKs: the capture is in front of it."""
    talk = Talk(net, family)
    talk.listen()
    rule = f"meta nfproto {'ipv4' if family == V4 else 'ipv6'} tcp sport {talk.sport} drop"
    net.filter("client", "input", rule)
    talk.attempt(3.5)
    # It looks as if the SYN-ACK were lost behind the capture, so the place is the network's by the rules; in truth it is the client's.
    return [talk.case(everywhere(proven(NOT_RECEIVED, NETWORK).or_else((NOT_RECEIVED, CLIENT))))]


@scenario
def client_silent(net, family):
    """The client sends a SYN and never answers the SYN-ACK."""
    talk = Talk(net, family)
    talk.listen()
    talk.mute_kernel()
    talk.raw(SYN, net.rng.getrandbits(32))
    pause(4)
    # At the client it is seen that it sends nothing; elsewhere its ACK may have been lost.
    likewise = likely(CLIENT_SILENT, CLIENT)
    return [talk.case(at(proven(CLIENT_SILENT, CLIENT), likewise, likewise))]


@scenario
def handshake_ack_lost(net, family):
    """Behind its SYN all that the client sends is lost."""
    talk = Talk(net, family)
    talk.listen()
    net.wire.lose(net.place, "client", family, flagged(0, without=SYN))
    talk.attempt()
    talk.client.sendall(text(50))
    pause(4)
    # Where the ACK is seen, it looks as if the server did not take it; where it is not, as if the client were silent.
    seen = likely(ACK_NOT_TAKEN, SERVER).or_else((ACK_NOT_TAKEN, NETWORK))
    unseen = likely(CLIENT_SILENT, CLIENT)
    return [talk.case(at(seen, unseen if lost_before_router(net, "client") else seen, unseen))]


@scenario
def accept_queue_full(net, family):
    """The server's program accepts nobody, and its queue fills."""
    net.set("server", "net/ipv4/tcp_syncookies", 0)
    first = Talk(net, family)
    first.listen(backlog=2)
    talks = [Talk(net, family, first.sport) for _ in range(5)]
    for talk in talks[:2]:
        talk.attempt()
    talks[0].client.sendall(text(80))
    for talk in talks[2:]:  # their SYNs arrive together: there is still one place, and only the first ACK gets it
        talk.client = net.new_socket("client", family, talk.cport)
        talk.client.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            talk.client.connect((talk.server_address, talk.sport))
    pause(0.3)
    for talk in talks[2:]:
        talk.client.sendall(text(50))
    late = Talk(net, family, first.sport).attempt(3.4)  # its SYNs are dropped
    # In the queue: open, and acknowledged by the kernel.
    waiting = [talk.fine() for talk in talks[:3]]
    # Only at the server it is certain that the ACK arrived.
    refused_place = likely(ACK_NOT_TAKEN, SERVER)
    dropped = [talk.case(at(refused_place, refused_place, proven(ACK_NOT_TAKEN, SERVER))) for talk in talks[3:]]
    return [*waiting, *dropped, late.case(everywhere(proven(NO_ANSWER, UNKNOWN)))]


@scenario
def wrong_handshake_ack(net, family):
    """The client acknowledges a number that the server has not sent; the server resets."""
    talk = Talk(net, family)
    talk.listen()
    talk.mute_kernel()
    number = net.rng.getrandbits(32)
    talk.raw(SYN, number)
    answer = talk.wait_for("server", SYN | ACK)
    pause(net.rtt)
    talk.raw(ACK, number + 1, answer.next_seq + net.rng.choice((-5000, 70000)))
    pause(net.rtt + 0.2)
    return [talk.case(everywhere(proven(DISTURBED, UNKNOWN)))]


@scenario
def two_syn_acks(net, family):
    """Somebody answers the SYN with a number of his own, before the server does."""
    talk = Talk(net, family)
    talk.listen()
    net.wire.lose("c", "client", family, flagged(SYN), times=1, hold=net.delays["a"] + net.delays["b"])
    talk.client = net.new_socket("client", family, talk.cport)
    talk.client.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        talk.client.connect((talk.server_address, talk.sport))
    syn = talk.wait_for("client", SYN)
    pause(net.delays["a"] + net.delays["b"])
    talk.forged("r2", "client", SYN | ACK, net.rng.getrandbits(32), syn.next_seq)
    pause(0.5)
    # At the server: the ACK of a number it did not send, and its RST.
    return [talk.case(everywhere(proven(DISTURBED, UNKNOWN)))]


@scenario
def stale_connection(net, family):
    """The client has forgotten a connection and opens another from the same port; the server still has the old one."""
    talk = Talk(net, family)
    listener = talk.listen()
    talk.open(listener)
    talk.greet()
    forget(talk.client)
    old_server = talk.server
    pause(0.8)
    again = Talk(net, family, talk.sport, talk.cport).open(listener)
    again.greet()
    again.close()
    old_server.close()
    # Nothing of the old one is captured but that it was open: the client's RST belongs to the new one's opening.
    return [talk.case(everywhere(LOOKS_FINE)), again.case(everywhere(proven(DISTURBED, UNKNOWN)))]


@scenario
def probe_scan(net, family):
    """A port scan: SYN, SYN-ACK, and the RST of a kernel that knows of no connection."""
    talk = Talk(net, family)
    talk.listen()
    talk.raw(SYN, net.rng.getrandbits(32))
    pause(net.rtt + 0.4)
    return [talk.case(everywhere(proven(PROBE, CLIENT)))]


@scenario
def probe_health_check(net, family):
    """A health check: connected, and reset at once."""
    talk = Talk(net, family)
    talk.open()
    abort(talk.client)
    talk.settle()
    return [talk.case(everywhere(proven(PROBE, CLIENT)))]


@scenario
def probe_flags(net, family):
    """Segments with impossible flags, to a closed port."""
    cases = []
    for flags in (0, FIN | PSH | URG):
        talk = Talk(net, family)
        talk.mute_kernel()
        talk.raw(flags, net.rng.getrandbits(32))
        pause(net.rtt + 0.2)
        cases.append(talk.case(everywhere(proven(PROBE, CLIENT))))
    return cases


@scenario
def slow_syn_lost(net, family):
    """The first SYN is lost."""
    talk = Talk(net, family)
    net.wire.lose(net.place, "client", family, flagged(SYN), times=1)
    talk.open()
    talk.greet()
    talk.close()
    # Behind the place of the loss it was an ordinary opening.
    slow = proven(SLOW, NETWORK)
    return [talk.case(at(slow, IN_ORDER if lost_before_router(net, "client") else slow, IN_ORDER))]


@scenario
def slow_syn_ack_lost(net, family):
    """The first SYN-ACK is lost."""
    talk = Talk(net, family)
    net.wire.lose(net.place, "server", family, flagged(SYN), times=1)
    talk.open()
    talk.greet()
    talk.close("server")
    return [talk.case(everywhere(proven(SLOW, NETWORK)))]


@scenario
def slow_server(net, family):
    """The server takes no SYN before 2.2 seconds have passed, as one with a full queue."""
    talk = Talk(net, family)
    listener = talk.listen(backlog=0)
    first = Talk(net, family, talk.sport).attempt()  # takes the only place
    first.client.sendall(text(30))
    talk.client = net.new_socket("client", family, talk.cport)
    talk.client.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        talk.client.connect((talk.server_address, talk.sport))
    pause(2.2)
    first.server, _ = listener.accept()
    talk.server, _ = listener.accept()
    talk.client.setblocking(True)
    talk.greet()
    talk.close()
    first.close()
    # Unanswered SYNs look lost, so the place is the network's by the rules; in truth it is the server's.
    return [first.fine(), talk.case(everywhere(proven(SLOW, NETWORK).or_else((SLOW, SERVER))))]
