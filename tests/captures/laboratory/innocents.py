# SPDX-License-Identifier: GPL-2.0-or-later
"""Conversations without a fault, some of which look like one."""

import random
import threading

from conversation import *
from endings import SMALL_BUFFER, keep_alive
from openings import port_rule


@scenario
def plain(net, family):
    """Request, answer, close."""
    return [innocent(net, family)]


@scenario
def plain_upload(net, family):
    """Some more data each way; the server closes first."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.say(talk.client, talk.server, 9000)
    talk.say(talk.server, talk.client, 9000)
    talk.settle()
    talk.close("server")
    return [talk.fine()]


@scenario
def closed_without_a_byte(net, family):
    """A health check that closes with FIN."""
    talk = Talk(net, family).open()
    talk.close()
    return [talk.fine()]


@scenario
def four_way_close(net, family):
    """The server closes a while after the client."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.client.close()
    pause(0.6)
    talk.server.close()
    talk.settle()
    return [talk.fine()]


@scenario
def simultaneous_close(net, family):
    """Both FINs are under way at once."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.client.close()
    talk.server.close()
    talk.settle()
    return [talk.fine()]


@scenario
def half_close_in_use(net, family):
    """The client closes its direction; the server goes on sending, and closes after 12 seconds."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.client.shutdown(socket.SHUT_WR)
    for _ in range(6):
        pause(2)
        talk.say(talk.server, talk.client, net.rng.randint(20, 400))
    talk.close("server")
    return [talk.fine()]


@scenario
def rst_after_both_fins(net, family):
    """The server's last data and FIN come when the client has closed altogether: its RST follows both FINs."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.client.close()
    talk.settle()
    talk.server.send(text(100), socket.MSG_MORE)
    talk.server.close()
    talk.settle()
    return [talk.fine()]


@scenario
def slow_network(net, family):
    """A round trip of 0.4 to 0.8 seconds."""
    more = net.rng.uniform(0.2, 0.4)
    for sender in ("client", "server"):
        net.wire.lose("b", sender, family, hold=more)
    talk = Talk(net, family).open()
    talk.greet()
    pause(2 * more)
    talk.close()
    pause(2 * more)
    return [talk.fine()]


@scenario
def lossy(net, family):
    """Single data segments and a FIN are lost, and sent again."""
    talk = Talk(net, family).open()
    talk.greet()
    net.wire.lose(net.rng.choice("abc"), "client", family, with_data, times=1)
    talk.say(talk.client, talk.server, 4000)
    net.wire.lose(net.rng.choice("abc"), "server", family, with_data, times=1)
    talk.say(talk.server, talk.client, 7000)
    talk.settle()
    net.wire.lose(net.rng.choice("abc"), "client", family, flagged(FIN), times=1)
    talk.close()
    return [talk.fine()]


@scenario
def handshake_ack_lost_once(net, family):
    """The handshake's ACK is lost; the data behind it opens the connection."""
    talk = Talk(net, family)
    net.wire.lose(net.place, "client", family, flagged(ACK, without=SYN | PSH), times=1)
    listener = talk.listen()
    talk.attempt()
    talk.client.sendall(text(60))
    talk.server, _ = listener.accept()
    receive(talk.server, 60)
    talk.greet()
    talk.close()
    return [talk.fine()]


@scenario
def reordered(net, family):
    """Some segments overtake others."""
    talk = Talk(net, family).open()
    talk.greet()
    for sender in ("client", "server"):
        net.wire.lose("b", sender, family, with_data, times=2, hold=0.012)
    talk.say(talk.client, talk.server, 6000)
    talk.say(talk.server, talk.client, 6000)
    talk.settle()
    talk.close()
    return [talk.fine()]


@scenario
def idle_and_on(net, family):
    """Silence for more than half a minute, and then it goes on."""
    talk = Talk(net, family).open()
    talk.greet()
    pause(net.rng.uniform(31, 38))
    talk.greet()
    talk.close()
    return [talk.fine()]


@scenario
def keep_alives(net, family):
    """Keep-alives, each acknowledged."""
    talk = Talk(net, family).open()
    keep_alive(talk.client)
    talk.greet()
    pause(4.5)
    talk.close()
    return [talk.fine()]


@scenario
def still_open(net, family):
    """The capture ends while the connection is open."""
    talk = Talk(net, family).open()
    talk.greet()
    talk.greet()
    return [talk.fine()]


@scenario
def short_stall(net, family):
    """The server's window is closed for less than a second."""
    talk = Talk(net, family).open(server_options=SMALL_BUFFER)
    talk.greet()
    talk.client.sendall(text(6000))
    pause(net.rtt + 0.3)
    receive(talk.server, 6000)
    talk.settle()
    talk.close()
    return [talk.fine()]


@scenario
def port_again(net, family):
    """The same two ports again after a close."""
    talk = Talk(net, family)
    listener = talk.listen()
    talk.open(listener)
    talk.greet()
    talk.close("server")
    again = Talk(net, family, talk.sport, talk.cport).open(listener)
    again.greet()
    again.close()
    return [talk.fine(), again.fine()]


@scenario
def crowd(net, family):
    """Twelve ordinary conversations over links that lose, hold and reorder, and some faults among them."""
    rng, cases = net.rng, []
    ports = rng.sample(PORTS, 5)
    listener = Talk(net, family, ports[0]).listen(backlog=64)
    for link in "abc":
        for sender in ("client", "server"):
            dice = random.Random(rng.random())

            def lost(segment, dice=dice):
                return ports[0] in (segment.sport, segment.dport) and with_data(segment) and dice.random() < 0.02

            def late(segment, dice=dice):
                return not segment.flags & SYN and dice.random() < 0.1

            net.wire.lose(link, sender, family, lost)
            net.wire.lose(link, sender, family, late, hold=0.01)
    opening = threading.Lock()  # the listener hands connections out in the order in which they opened

    def converse(delay, size, first):
        pause(delay)
        talk = Talk(net, family, ports[0])
        with opening:
            talk.open(listener)
        talk.greet()
        talk.say(talk.server, talk.client, size)
        talk.settle()
        talk.close(first)
        cases.append(talk.fine())

    plans = [(rng.uniform(0, 4), rng.randint(200, 8000), rng.choice(("client", "server"))) for _ in range(12)]
    threads = [threading.Thread(target=converse, args=plan) for plan in plans]
    dropped, rejected, refused, reset = (Talk(net, family, port) for port in ports[1:])
    net.filter("r2", "forward", port_rule(dropped, "drop"), port_rule(rejected, "reject with icmpx admin-prohibited"))
    for thread in threads:
        thread.start()
    pause(0.5)
    refused.attempt()
    rejected.attempt()
    reset.open()
    reset.greet()
    abort(reset.server)
    dropped.attempt(3.4)
    for thread in threads:
        thread.join()
    pause(2)
    unanswered, prohibited = proven(NO_ANSWER, UNKNOWN), proven(REJECTED, NETWORK)
    return [*cases, refused.case(everywhere(proven(REFUSED, SERVER))), reset.case(everywhere(proven(BY_SERVER, SERVER))),
            rejected.case(at(prohibited, prohibited)), dropped.case(at(unanswered, unanswered))]
