# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults of an open connection, and of its close. Each scenario says at its end what is true at which point, and why."""

import os
import signal

from conversation import *
from openings import lost_before_router


# --- Resets by one end ------------------------------------------------------


@scenario
def reset_by_client(net, family):
    """SO_LINGER 0 at the client."""
    talk = Talk(net, family).open()
    talk.greet()
    abort(talk.client)
    talk.settle()
    return [talk.case(everywhere(proven(BY_CLIENT, CLIENT)))]


@scenario
def reset_without_a_byte(net, family):
    """A connection without a byte of payload that the client resets after more than a second."""
    talk = Talk(net, family).open()
    pause(net.rng.uniform(1.5, 2.5))
    abort(talk.client)
    talk.settle()
    return [talk.case(everywhere(proven(BY_CLIENT, CLIENT)))]


@scenario
def reset_by_server(net, family):
    """SO_LINGER 0 at the server."""
    talk = Talk(net, family).open()
    talk.greet()
    abort(talk.server)
    talk.settle()
    return [talk.case(everywhere(proven(BY_SERVER, SERVER)))]


@scenario
def reset_by_server_ttl_255(net, family):
    """A RST with a TTL of 255 from the host that sends 64 else: the same distance."""
    net.set("server", "net/ipv4/ip_default_ttl", 64)
    for name in ("all", "eth0"):
        net.set("server", f"net/ipv6/conf/{name}/hop_limit", 64)
    net.filter("server", "output", f"tcp flags & rst == rst {'ip ttl' if family == V4 else 'ip6 hoplimit'} set 255")
    talk = Talk(net, family).open()
    talk.greet()
    abort(talk.server)
    talk.settle()
    # Over IPv4 its IP ID is the next of the connection's own; a hop limit alone is no proof.
    return [talk.case(everywhere((proven if family == V4 else likely)(BY_SERVER, SERVER)))]


@scenario
def reset_after_handshake(net, family):
    """The server accepts and resets at once."""
    talk = Talk(net, family).open()
    abort(talk.server)
    talk.settle()
    return [talk.case(everywhere(proven(BY_SERVER, SERVER)))]


@scenario
def unread_data(net, family):
    """The server closes with a request unread."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.client.sendall(text(200))
    talk.settle()
    talk.server.close()
    talk.settle()
    return [talk.case(everywhere(proven(BY_SERVER, SERVER)))]


@scenario
def killed(net, family):
    """The server's process is killed with data unread."""
    talk = Talk(net, family).open()
    talk.greet()
    child = os.fork()
    if child == 0:
        kept = talk.server.fileno()
        os.closerange(3, kept)
        os.closerange(kept + 1, 4096)
        signal.pause()
    talk.server.close()  # the child has it still
    talk.client.sendall(text(200))
    talk.settle()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    talk.settle()
    return [talk.case(everywhere(proven(BY_SERVER, SERVER)))]


@scenario
def client_left_early(net, family):
    """The client closes while the server goes on sending, and answers what comes with RST."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.client.close()
    talk.settle()
    talk.server.sendall(text(300))
    talk.settle()
    return [talk.case(everywhere(proven(BY_CLIENT, CLIENT)))]


@scenario
def reset_after_half_close(net, family):
    """The client closes its direction; a little later the server resets."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.client.shutdown(socket.SHUT_WR)
    talk.settle()
    abort(talk.server)
    talk.settle()
    return [talk.case(everywhere(proven(BY_SERVER, SERVER)))]


@scenario
def server_restarted(net, family):
    """The server's host forgets the connection; a few seconds later the client's data is reset."""
    talk = Talk(net, family).open()
    talk.greet()
    forget(talk.server)
    pause(net.rng.uniform(2, 6))
    talk.client.sendall(text(60))
    talk.settle()
    return [talk.case(everywhere(proven(BY_SERVER, SERVER)))]


# --- Forgotten --------------------------------------------------------------


@scenario
def forgotten_by_server(net, family):
    """The same after a long silence."""
    talk = Talk(net, family).open()
    talk.greet()
    forget(talk.server)
    pause(net.rng.uniform(31, 40))
    talk.client.sendall(text(60))
    talk.settle()
    return [talk.case(everywhere(proven(FORGOTTEN, SERVER)))]


@scenario
def forgotten_by_client(net, family):
    """The client's host forgets the connection; after a long silence the server's data is reset."""
    talk = Talk(net, family).open()
    talk.greet()
    forget(talk.client)
    pause(net.rng.uniform(31, 40))
    talk.server.sendall(text(60))
    talk.settle()
    return [talk.case(everywhere(proven(FORGOTTEN, CLIENT)))]


def track(net, then):
    """A router keeps track of connections, forgets silent ones after 12 seconds, and takes nothing of unknown ones."""
    net.filter(net.fault, "forward", f"ct state invalid {then}")
    net.set(net.fault, "net/netfilter/nf_conntrack_tcp_timeout_established", 12)
    net.set(net.fault, "net/netfilter/nf_conntrack_tcp_loose", 0)


@scenario
def forgotten_on_the_way(net, family):
    """A router forgets the silent connection, and resets the client's next data in the server's name."""
    track(net, "reject with tcp reset")
    talk = Talk(net, family).open()
    talk.greet()
    pause(net.rng.uniform(31, 40))
    talk.client.sendall(text(60))
    talk.settle()
    # Only its TTL tells the RST from the server's own. Behind the router nothing is seen of it.
    seen = likely(FORGOTTEN, NETWORK)
    return [talk.case(at(seen, seen if net.fault == "r2" else LOOKS_FINE, LOOKS_FINE))]


@scenario
def forgotten_silently(net, family):
    """A router forgets the silent connection, and drops what comes."""
    track(net, "drop")
    talk = Talk(net, family).open()
    talk.greet()
    pause(net.rng.uniform(31, 35))
    talk.client.sendall(text(60))
    pause(6)
    seen = proven(WENT_SILENT, UNKNOWN)
    return [talk.case(at(seen, seen if net.fault == "r2" else LOOKS_FINE, LOOKS_FINE))]


# --- Resets by a third party ------------------------------------------------


@scenario
def third_party_and_on(net, family):
    """A router sends the client a RST in the server's name; the server knows nothing of it and goes on."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.forged(net.fault, "client", RST, talk.latest("server").next_seq, ip_id=0)
    pause(0.4)
    talk.server.sendall(text(200))
    talk.settle()
    # Where the forged RST was captured, the server's data behind it proves that it was none of the server's.
    # Elsewhere only the client's answer to that data is seen: the client's own RST, and nothing tells what made it.
    seen = proven(THIRD_PARTY, NETWORK)
    unseen = likely(BY_CLIENT, CLIENT).or_else((THIRD_PARTY, NETWORK))
    return [talk.case(at(seen, seen if net.fault == "r2" else unseen, unseen))]


@scenario
def third_party_both(net, family):
    """A router sends both ends a RST in the other's name, with an IP ID of its own."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.say(talk.server, talk.client, 3000)
    talk.settle()
    from_client, from_server = talk.latest("client"), talk.latest("server")
    talk.forged(net.fault, "client", RST, from_server.next_seq)
    talk.forged(net.fault, "server", RST, from_client.next_seq)
    talk.settle()
    # The IP ID proves it; IPv6 has none, and a hop limit alone is no proof.
    truth = (proven if family == V4 else likely)(THIRD_PARTY, NETWORK)
    return [talk.case(everywhere(truth))]


@scenario
def third_party_in_vain(net, family):
    """A router sends the server a RST with a number that is far outside the window; both ends go on."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.forged(net.fault, "server", RST, talk.latest("client").next_seq - 1_000_000)
    pause(0.2)
    talk.greet()
    talk.close()
    # Nothing came of it. It is not said which of the two the verdict names: both are right.
    seen = proven(FINE, NOWHERE).or_else((THIRD_PARTY, NETWORK))
    return [talk.case(at(IN_ORDER, seen if net.fault == "r1" else IN_ORDER, seen))]


# --- The path ---------------------------------------------------------------


# Behind the black hole: a gap in the numbers, and nothing of it is ever repeated there.
LARGE_ONES_MISSING = likely(NOT_ALL, CAPTURE).or_else(
    (FINE, NOWHERE), (UNDECIDED, CAPTURE), (LARGE_LOST, NETWORK), (WENT_SILENT, UNKNOWN))


@scenario
def large_lost(net, family):
    """A link takes smaller packets only, and what the router says of it is dropped; the client sends much."""
    net.ip("r2", ["link set right mtu 1400"])
    net.filter("r2", "output", "icmp type destination-unreachable drop", "icmpv6 type packet-too-big drop")
    talk = Talk(net, family).open()
    talk.greet()
    talk.client.sendall(text(4 * 1440 + 300))
    pause(8)
    seen = proven(LARGE_LOST, NETWORK)
    return [talk.case(at(seen, seen, LARGE_ONES_MISSING))]


@scenario
def large_lost_down(net, family):
    """The same in the other direction: the server's answer is too large for a link."""
    net.ip("r1", ["link set left mtu 1400"])
    net.filter("r1", "output", "icmp type destination-unreachable drop", "icmpv6 type packet-too-big drop")
    talk = Talk(net, family).open()
    talk.greet()
    talk.server.sendall(text(4 * 1440 + 300))
    pause(8)
    seen = proven(LARGE_LOST, NETWORK)
    return [talk.case(at(LARGE_ONES_MISSING, seen, seen))]


@scenario
def large_found_out(net, family):
    """A link takes smaller packets only, the router says so, and the client sends smaller ones."""
    net.ip("r2", ["link set right mtu 1400"])
    talk = Talk(net, family).open()
    talk.greet()
    talk.say(talk.client, talk.server, 4 * 1440 + 300)
    talk.greet()
    talk.close()
    return [talk.fine()]


@scenario
def went_silent(net, family):
    """The path breaks in the middle of a conversation; the client's data is unanswered."""
    talk = Talk(net, family).open()
    talk.greet()
    for sender in ("client", "server"):
        net.wire.lose(net.place, sender, family)
    talk.client.sendall(text(120))
    pause(6)
    # Behind the break an open connection is silent.
    seen = proven(WENT_SILENT, UNKNOWN)
    return [talk.case(at(seen, LOOKS_FINE if lost_before_router(net, "client") else seen, LOOKS_FINE))]


@scenario
def went_silent_server(net, family):
    """The path breaks in the middle of a conversation; the server's data is unanswered."""
    talk = Talk(net, family).open()
    talk.greet()
    for sender in ("client", "server"):
        net.wire.lose(net.place, sender, family)
    talk.server.sendall(text(2000))
    pause(6)
    seen = proven(WENT_SILENT, UNKNOWN)
    return [talk.case(at(LOOKS_FINE, LOOKS_FINE if lost_before_router(net, "server") else seen, seen))]


@scenario
def went_silent_fin(net, family):
    """The path breaks, and the client's FIN is unanswered."""
    talk = Talk(net, family).open()
    talk.greet()
    for sender in ("client", "server"):
        net.wire.lose(net.place, sender, family)
    talk.client.close()
    pause(6)
    seen = proven(WENT_SILENT, UNKNOWN)
    return [talk.case(at(seen, LOOKS_FINE if lost_before_router(net, "client") else seen, LOOKS_FINE))]


@scenario
def went_silent_keep_alive(net, family):
    """The path breaks; the client's keep-alives are unanswered, and it resets in the end."""
    talk = Talk(net, family).open()
    keep_alive(talk.client)
    talk.greet()
    for sender in ("client", "server"):
        net.wire.lose(net.place, sender, family)
    pause(6.5)
    seen = proven(WENT_SILENT, UNKNOWN)
    return [talk.case(at(seen, LOOKS_FINE if lost_before_router(net, "client") else seen, LOOKS_FINE))]


@scenario
def silent_for_now(net, family):
    """The capture ends when the client's data was repeated once or twice."""
    talk = Talk(net, family).open()
    talk.greet()
    for sender in ("client", "server"):
        net.wire.lose("a", sender, family)
    talk.client.sendall(text(120))
    pause(net.rtt + 0.55)
    return [talk.case(at(proven(UNDECIDED, CAPTURE), LOOKS_FINE, LOOKS_FINE))]


def keep_alive(end):
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 3)):
        end.setsockopt(socket.IPPROTO_TCP, option, value)


# --- Readers, and ends that do not close ------------------------------------


SMALL_BUFFER = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)]


@scenario
def stalled(net, family):
    """The server does not read for a while."""
    talk = Talk(net, family).open(server_options=SMALL_BUFFER)
    talk.greet()
    talk.client.sendall(text(9000))
    pause(net.rng.uniform(2.5, 4))
    receive(talk.server, 9000)
    talk.settle()
    talk.close()
    return [talk.case(everywhere(proven(STALLED, SERVER)))]


@scenario
def stalled_client(net, family):
    """The client does not read, to the end of the capture."""
    talk = Talk(net, family).open(client_options=SMALL_BUFFER)
    talk.greet()
    talk.server.sendall(text(9000))
    pause(5)
    return [talk.case(everywhere(proven(STALLED, CLIENT)))]


@scenario
def half_closed(net, family):
    """The client has closed its direction, and the server neither sends nor closes."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.client.shutdown(socket.SHUT_WR)
    pause(net.rng.uniform(11.5, 14))
    later = innocent(net, family)  # it shows how long the capture goes on
    return [talk.case(everywhere(proven(HALF_CLOSED, SERVER))), later]


@scenario
def half_closed_client(net, family):
    """The server has closed its direction, and the client neither sends nor closes."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.server.shutdown(socket.SHUT_WR)
    pause(net.rng.uniform(11.5, 14))
    later = innocent(net, family)  # it shows how long the capture goes on
    return [talk.case(everywhere(proven(HALF_CLOSED, CLIENT))), later]


@scenario
def half_closed_reset(net, family):
    """The client has closed its direction; after a long while the server resets."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.client.shutdown(socket.SHUT_WR)
    pause(net.rng.uniform(11.5, 14))
    abort(talk.server)
    talk.settle()
    # Of the verdicts that hold the reset comes first in the list; such a RST may end a half-closed one too.
    return [talk.case(everywhere(proven(BY_SERVER, SERVER).or_else((HALF_CLOSED, SERVER))))]


@scenario
def half_closed_for_now(net, family):
    """The client has closed its direction; the capture ends a few seconds later."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.client.shutdown(socket.SHUT_WR)
    pause(net.rng.uniform(2, 5))
    later = innocent(net, family)  # it shows how long the capture goes on
    return [talk.case(everywhere(proven(UNDECIDED, CAPTURE))), later]

