//! Each verdict by the packets that make it, and by those that leave it open.

use super::{
    Around, Capture, CapturePoint, Close, Disturbance, Finding, Hosts, IcmpError, Misfit, Origin, Suspect, Verdict, Why,
};
use crate::tcp::completeness::{CountingRule, Sighting};
use crate::tcp::connection::Connection;
use crate::tcp::copies::Network;
use crate::tcp::end::End::{self, A, B};
use crate::tcp::frames::Earlier;
use crate::tcp::number::{FrameNumber, SeqNumber, Span, Timestamp};
use crate::tcp::segment::{Analysis, Flags, Segment};
use crate::tcp::testing::segment;
use std::net::{IpAddr, Ipv4Addr};

const MS: i64 = 1_000_000;
const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

/// A connection that is being captured. The client's packets have 64 hops left, the server's 60.
struct Lab {
    connection: Connection,
    hosts: Hosts,
    frame: u32,
    time: i64,
    hops: [u8; 2],
    last: [Option<FrameNumber>; 2],
    acks: [Option<SeqNumber>; 2],
    sent: Vec<(End, SeqNumber, FrameNumber, i64)>,
}

impl Lab {
    fn new() -> Lab {
        Lab {
            connection: Connection::new(CountingRule::V4_2),
            hosts: Hosts::new(),
            frame: 0,
            time: 1_000_000 * MS,
            hops: [64, 60],
            last: [None; 2],
            acks: [None; 2],
            sent: Vec::new(),
        }
    }

    fn take(&mut self, wait: i64, segment: Segment) -> &mut Lab {
        self.time += wait * MS;
        self.frame += 1;
        let frame = FrameNumber::new(self.frame).unwrap();
        let segment = Segment { frame, time: Timestamp(self.time), ..segment };
        let (own, peer) = if segment.from == A { (0, 1) } else { (1, 0) };
        let before = self.sent.iter().rev().find(|(from, seq, ..)| (*from, *seq) == (segment.from, segment.seq));
        let around = Around {
            network: Some(Network { id: 0, hops: self.hops[own] }),
            to_itself: false,
            repeats: before.map(|&(_, _, frame, time)| Earlier { frame, before: Span(self.time - time) }),
            peers_ack: self.acks[peer],
            before: self.last[peer].filter(|frame| self.last[own] < Some(*frame)),
            host: (segment.from == B).then_some(SERVER),
        };
        let sighting = Sighting::of(&segment, self.frame == 1, false);
        self.connection.see_in(&segment, &sighting, &around);
        if segment.takes() > 0 {
            self.sent.push((segment.from, segment.seq, frame, self.time));
        }
        self.last[own] = Some(frame);
        self.acks[own] = segment.has(Flags::ACK).then_some(segment.ack);
        self
    }

    fn send(&mut self, wait: i64, from: End, flags: Flags, seq: u32, ack: u32, len: u32) -> &mut Lab {
        self.take(wait, segment(from, flags, seq, ack, len))
    }

    fn again(&mut self, wait: i64, from: End, flags: Flags, seq: u32, ack: u32, len: u32) -> &mut Lab {
        self.take(wait, Segment { analysis: Analysis::RETRANSMISSION, ..segment(from, flags, seq, ack, len) })
    }

    fn opened() -> Lab {
        let mut lab = Lab::new();
        lab.send(0, A, Flags::SYN, 100, 0, 0);
        lab.send(20, B, Flags::SYN | Flags::ACK, 500, 101, 0);
        lab.send(0, A, Flags::ACK, 101, 501, 0);
        lab
    }

    /// With a request and its answer.
    fn talking() -> Lab {
        let mut lab = Lab::opened();
        lab.send(1, A, Flags::ACK, 101, 501, 10);
        lab.send(20, B, Flags::ACK, 501, 111, 20);
        lab.send(1, A, Flags::ACK, 111, 521, 0);
        lab
    }

    /// The finding if the capture goes on for so many milliseconds.
    fn after(&self, wait: i64) -> Finding {
        self.connection.verdict(Capture { until: Timestamp(self.time + wait * MS), hosts: &self.hosts })
    }

    fn is(&self, wait: i64) -> (Verdict, Option<Suspect>, bool) {
        let finding = self.after(wait);
        (finding.verdict, finding.suspect, finding.certain)
    }
}

#[test]
fn a_rst_to_the_syn_is_the_hosts_or_a_firewalls_by_its_hops() {
    let mut lab = Lab::new();
    lab.send(0, A, Flags::SYN, 100, 0, 0).send(20, B, Flags::RST | Flags::ACK, 0, 101, 0);
    assert_eq!(lab.is(0), (Verdict::Refused, Some(Suspect::Server), false), "nothing to compare with");
    lab.hosts.note(SERVER, 60);
    assert_eq!(lab.is(0), (Verdict::Refused, Some(Suspect::Server), true));
    lab.hosts = Hosts::new();
    lab.hosts.note(SERVER, 52);
    assert_eq!(lab.is(0), (Verdict::RejectedByFirewall, Some(Suspect::Network), false));
    lab.hosts = Hosts::new();
    lab.hosts.note(SERVER, 255 - 4);
    assert_eq!(lab.is(0), (Verdict::Refused, Some(Suspect::Server), false), "as far from another beginning");
}

#[test]
fn an_icmp_error_says_who_rejects() {
    let error = |code, is_receiver| IcmpError {
        frame: FrameNumber::new(2).unwrap(),
        from: A,
        seq: SeqNumber(100),
        sender: None,
        is_receiver,
        v6: false,
        kind: 3,
        code,
        mtu: None,
    };
    for (code, is_receiver, verdict, suspect) in [
        (13, false, Verdict::RejectedByFirewall, Suspect::Network),
        (10, true, Verdict::RejectedByFirewall, Suspect::Server),
        (1, false, Verdict::Unreachable, Suspect::Network),
        (3, true, Verdict::Unreachable, Suspect::Server),
    ] {
        let mut lab = Lab::new();
        lab.send(0, A, Flags::SYN, 100, 0, 0);
        lab.connection.quoted(error(code, is_receiver));
        assert_eq!(lab.is(0), (verdict, Some(suspect), true), "code {code}");
    }
    let mut lab = Lab::opened();
    lab.connection.quoted(error(1, false));
    assert_eq!(lab.after(0).verdict, Verdict::Fine, "it opened all the same");
}

#[test]
fn silence_has_to_last() {
    let mut lab = Lab::new();
    lab.send(0, A, Flags::SYN, 100, 0, 0);
    assert_eq!(lab.is(40), (Verdict::Undecided, Some(Suspect::Capture), false));
    assert_eq!(lab.after(1000).verdict, Verdict::Undecided, "the capture may end just before the SYN is sent again");
    assert_eq!(lab.after(2999).verdict, Verdict::Undecided);
    assert_eq!(lab.is(3000), (Verdict::NoAnswer, Some(Suspect::Unknown), false));
    lab.send(1000, A, Flags::SYN, 100, 0, 0);
    assert_eq!(lab.is(0), (Verdict::NoAnswer, Some(Suspect::Unknown), false));
    lab.send(20, B, Flags::SYN | Flags::ACK, 500, 101, 0);
    assert_eq!(lab.after(0).verdict, Verdict::Undecided);
    lab.send(0, A, Flags::ACK, 101, 501, 0);
    assert_eq!(lab.is(0), (Verdict::SlowOpening, Some(Suspect::Network), false));
}

#[test]
fn a_handshake_that_goes_on_says_who_misses_what() {
    let syn_ack = Flags::SYN | Flags::ACK;
    let mut lab = Lab::new();
    lab.send(0, A, Flags::SYN, 100, 0, 0).send(5, B, syn_ack, 500, 101, 0).send(1000, A, Flags::SYN, 100, 0, 0);
    lab.send(5, B, syn_ack, 500, 101, 0).send(2000, A, Flags::SYN, 100, 0, 0);
    assert_eq!(lab.is(0), (Verdict::AnswerNotReceived, Some(Suspect::Network), false));

    let mut lab = Lab::new();
    lab.send(0, A, Flags::SYN, 100, 0, 0).send(5, B, syn_ack, 500, 101, 0).send(1000, B, syn_ack, 500, 101, 0);
    assert_eq!(lab.is(0), (Verdict::ClientSilent, Some(Suspect::Client), false));

    let mut lab = Lab::opened();
    lab.send(1000, B, syn_ack, 500, 101, 0).send(0, A, Flags::ACK, 101, 501, 0).send(2000, B, syn_ack, 500, 101, 0);
    assert_eq!(lab.after(0).verdict, Verdict::HandshakeAckNotTaken);
}

#[test]
fn what_got_in_the_way_is_shown_with_its_numbers() {
    let why = |lab: &Lab| lab.after(0).why;
    let frame = |number| FrameNumber::new(number).unwrap();
    let misfit = |ack| Some(Misfit::Ack { ack: SeqNumber(ack), expected: SeqNumber(101) });
    let mut lab = Lab::new();
    lab.send(0, A, Flags::SYN, 100, 0, 0).send(5, B, Flags::SYN | Flags::ACK, 300, 91, 0);
    assert_eq!(why(&lab), Why::Disturbance(Disturbance { frame: frame(2), misfit: misfit(91) }));
    let mut lab = Lab::new();
    lab.send(0, A, Flags::SYN, 100, 0, 0).send(5, B, Flags::ACK, 300, 50, 0).send(0, A, Flags::RST, 50, 0, 0);
    assert_eq!(why(&lab), Why::Disturbance(Disturbance { frame: frame(2), misfit: misfit(50) }));
    let mut lab = Lab::new();
    let syn_ack = Flags::SYN | Flags::ACK;
    lab.send(0, A, Flags::SYN, 100, 0, 0).send(5, B, syn_ack, 300, 101, 0).send(1, B, syn_ack, 900, 101, 0);
    let misfit = Some(Misfit::Isn { isn: SeqNumber(900), first: SeqNumber(300) });
    assert_eq!(why(&lab), Why::Disturbance(Disturbance { frame: frame(3), misfit }));
}

#[test]
fn a_slow_opening_counts_the_syn_acks_that_answer_another_syn() {
    let syn_ack = Flags::SYN | Flags::ACK;
    let mut lab = Lab::new();
    lab.send(0, A, Flags::SYN, 100, 0, 0).send(5, B, syn_ack, 500, 101, 0);
    lab.send(1000, B, syn_ack, 500, 101, 0).send(1, A, Flags::SYN, 100, 0, 0).send(1, B, syn_ack, 500, 101, 0);
    lab.send(1, B, syn_ack, 500, 101, 0).send(5, A, Flags::ACK, 101, 501, 0);
    let Why::Slow { syns, syn_acks, .. } = lab.after(0).why else { panic!("{:?}", lab.after(0)) };
    assert_eq!((syns, syn_acks), (2, 3), "the last one follows too soon: a copy");
}

#[test]
fn a_reset_is_the_ends_or_someone_elses() {
    let mut lab = Lab::talking();
    lab.send(5, B, Flags::RST | Flags::ACK, 521, 111, 0);
    assert_eq!(lab.is(0), (Verdict::ResetByServer, Some(Suspect::Server), false), "hops alone prove nothing");
    let mut lab = Lab::talking();
    lab.hops[1] = 63;
    lab.send(5, B, Flags::RST | Flags::ACK, 521, 111, 0);
    assert_eq!(lab.is(0), (Verdict::ResetByThirdParty, Some(Suspect::Network), false));
    let frame = FrameNumber::new(lab.frame).unwrap();
    let capture = Capture { until: Timestamp(lab.time), hosts: &lab.hosts };
    assert_eq!(lab.connection.reset_origin(frame, capture).map(|(origin, _)| origin), Some(Origin::SomeoneElse));
    lab.hops[1] = 60;
    lab.send(50, B, Flags::ACK, 521, 111, 30);
    assert_eq!(lab.is(0), (Verdict::ResetByThirdParty, Some(Suspect::Network), false), "the server goes on");
    lab.send(0, A, Flags::RST, 111, 0, 0);
    assert_eq!(lab.is(0), (Verdict::ResetByThirdParty, Some(Suspect::Network), true), "the client has taken it");
}

#[test]
fn only_numbers_that_fit_show_that_an_end_goes_on() {
    // The kernel of a host with a raw socket resets what the socket's program has opened, and the program goes on.
    let raw = |seq, ack| {
        let mut lab = Lab::new();
        lab.send(0, A, Flags::SYN, 100, 0, 0).send(12, B, Flags::SYN | Flags::ACK, 500, 101, 0);
        lab.send(0, A, Flags::RST, 101, 0, 0).send(23, A, Flags::ACK, seq, ack, 30);
        let finding = lab.after(0);
        (finding.verdict, finding.suspect)
    };
    assert_eq!(raw(101, 501), (Verdict::ResetByThirdParty, Some(Suspect::Network)));
    let itself = (Verdict::ResetByClient, Some(Suspect::Client));
    assert_eq!(raw(100, 101), itself, "neither number fits");
    assert_eq!(raw(100, 501), itself, "a number from before the RST");
    assert_eq!(raw(101, 601), itself, "it acknowledges what was never sent");
    assert_eq!(raw(101, 501_u32.wrapping_sub((1 << 30) + 2)), itself, "an older ACK than any window allows");

    let origin = |lab: &Lab, frame| {
        let capture = Capture { until: Timestamp(lab.time), hosts: &lab.hosts };
        lab.connection.reset_origin(FrameNumber::new(frame).unwrap(), capture).map(|(origin, _)| origin)
    };
    let mut lab = Lab::talking();
    lab.send(5, B, Flags::RST, 521, 0, 0).send(5, A, Flags::ACK, 111, 521, 10).send(20, B, Flags::ACK, 521, 121, 30);
    assert_eq!(origin(&lab, 7), Some(Origin::SomeoneElse), "what was sent since the RST is acknowledged");
    let mut lab = Lab::talking();
    lab.send(5, B, Flags::RST, 5_000_521, 0, 0).send(20, B, Flags::ACK, 521, 111, 30);
    assert_eq!(origin(&lab, 7), Some(Origin::SomeoneElse), "it goes on where it stands, not at a wrong number");
}

#[test]
fn a_scan_is_a_probe_and_a_long_silence_may_be_forgotten() {
    let mut lab = Lab::new();
    lab.send(0, A, Flags::SYN, 100, 0, 0).send(20, B, Flags::SYN | Flags::ACK, 500, 101, 0);
    lab.send(0, A, Flags::RST, 101, 0, 0);
    assert_eq!(lab.is(0), (Verdict::Probe, Some(Suspect::Client), false));

    let mut lab = Lab::new();
    lab.send(0, A, Flags::SYN, 100, 0, 0).send(20, B, Flags::SYN | Flags::ACK, 500, 101, 0);
    lab.send(0, A, Flags::RST | Flags::ACK, 111, 521, 0);
    assert_eq!(lab.after(0).verdict, Verdict::NotAllCaptured, "its numbers show payload that was not captured");

    let mut lab = Lab::talking();
    lab.send(31_000, A, Flags::ACK, 111, 521, 10).send(20, B, Flags::RST, 521, 0, 0);
    assert_eq!(lab.is(0), (Verdict::Forgotten, Some(Suspect::Server), false));
    let mut lab = Lab::talking();
    lab.send(29_000, A, Flags::ACK, 111, 521, 10).send(20, B, Flags::RST, 521, 0, 0);
    assert_eq!(lab.after(0).verdict, Verdict::ResetByServer);
}

#[test]
fn what_is_repeated_without_an_answer_went_silent() {
    let mut lab = Lab::talking();
    lab.send(1, A, Flags::ACK, 111, 521, 10).again(200, A, Flags::ACK, 111, 521, 10);
    assert_eq!(lab.is(0), (Verdict::Undecided, Some(Suspect::Capture), false));
    lab.again(400, A, Flags::ACK, 111, 521, 10).again(800, A, Flags::ACK, 111, 521, 10);
    assert_eq!(lab.is(0), (Verdict::WentSilent, Some(Suspect::Unknown), false));
    lab.send(20, B, Flags::ACK, 521, 121, 0);
    assert_eq!(lab.after(0).verdict, Verdict::Fine, "it was answered in the end");
}

#[test]
fn a_fin_that_is_repeated_without_an_answer_went_silent_though_both_have_closed() {
    let closing = || {
        let mut lab = Lab::talking();
        lab.send(1, A, Flags::FIN | Flags::ACK, 111, 521, 0).send(20, B, Flags::ACK, 521, 112, 0);
        lab.send(5, B, Flags::FIN | Flags::ACK, 521, 112, 0).send(400, B, Flags::FIN | Flags::ACK, 521, 112, 0);
        lab
    };
    let mut lab = closing();
    assert_eq!(lab.is(0), (Verdict::Undecided, Some(Suspect::Capture), false));
    lab.send(800, B, Flags::FIN | Flags::ACK, 521, 112, 0).send(1600, B, Flags::FIN | Flags::ACK, 521, 112, 0);
    assert_eq!(lab.is(0), (Verdict::WentSilent, Some(Suspect::Unknown), false));
    lab.send(5, A, Flags::ACK, 112, 522, 0);
    assert_eq!(lab.is(0), (Verdict::Fine, None, true), "it was acknowledged in the end");
    lab.send(400, B, Flags::FIN | Flags::ACK, 521, 112, 0).send(9000, B, Flags::FIN | Flags::ACK, 521, 112, 0);
    assert_eq!(lab.after(0).verdict, Verdict::Fine, "its ACK was captured");
    let mut lab = closing();
    lab.send(5, A, Flags::RST, 112, 0, 0);
    assert_eq!(lab.after(0).verdict, Verdict::Fine, "a RST after both FINs is an answer");
}

#[test]
fn large_segments_are_lost_where_smaller_ones_are_answered() {
    let large = |lab: &mut Lab| {
        lab.send(1, A, Flags::ACK, 111, 521, 1400).send(0, A, Flags::ACK, 1511, 521, 1400);
        lab.send(0, A, Flags::ACK, 2911, 521, 200);
    };
    let again = |lab: &mut Lab| {
        for wait in [200, 400, 800] {
            lab.again(wait, A, Flags::ACK, 111, 521, 1400);
            if let Some(before) = lab.connection.asks_for_sizes(&segment(A, Flags::ACK, 111, 521, 1400)) {
                assert_eq!(before.get(), 7, "where it was sent first");
                lab.connection.note_sizes(A, Some(false));
            }
            lab.again(0, A, Flags::ACK, 1511, 521, 1400);
        }
    };
    let mut lab = Lab::talking();
    large(&mut lab);
    lab.take(20, Segment { analysis: Analysis::DUPLICATE_ACK, ..segment(B, Flags::ACK, 521, 111, 0) });
    again(&mut lab);
    assert_eq!(lab.is(0), (Verdict::LargeSegmentsLost, Some(Suspect::Network), false));

    let mut lab = Lab::talking();
    large(&mut lab);
    again(&mut lab);
    assert_eq!(lab.after(0).verdict, Verdict::WentSilent, "nothing shows that the smaller one has arrived");
}

#[test]
fn a_window_of_zero_stalls_and_an_open_end_is_left_half_closed() {
    let mut lab = Lab::talking();
    lab.take(1, Segment { window: 0, ..segment(B, Flags::ACK, 521, 111, 0) });
    assert_eq!(lab.after(900).verdict, Verdict::Fine);
    assert_eq!(lab.is(1000), (Verdict::Stalled, Some(Suspect::Server), false));
    lab.take(1200, Segment { window: 0, ..segment(B, Flags::ACK, 521, 111, 0) });
    assert_eq!(lab.is(0), (Verdict::Stalled, Some(Suspect::Server), false));
    lab.send(0, B, Flags::FIN | Flags::ACK, 521, 111, 0).send(0, A, Flags::FIN | Flags::ACK, 111, 522, 0);
    lab.send(0, B, Flags::ACK, 522, 112, 0);
    assert_eq!(lab.is(0), (Verdict::Stalled, Some(Suspect::Server), true));

    let mut lab = Lab::talking();
    lab.send(1, A, Flags::FIN | Flags::ACK, 111, 521, 0).send(20, B, Flags::ACK, 521, 112, 0);
    assert_eq!(lab.is(9000), (Verdict::Undecided, Some(Suspect::Capture), false));
    assert_eq!(lab.is(10_000), (Verdict::LeftHalfClosed, Some(Suspect::Server), false));
    lab.send(1, B, Flags::FIN | Flags::ACK, 521, 112, 0).send(0, A, Flags::ACK, 112, 522, 0);
    assert_eq!(lab.is(0), (Verdict::Fine, None, true));
    assert_eq!(lab.connection.capture_point(), CapturePoint::NearClient);
}

#[test]
fn a_close_that_has_only_begun_is_not_called_open() {
    let mut lab = Lab::talking();
    lab.send(1, A, Flags::FIN | Flags::ACK, 111, 521, 0);
    assert_eq!(lab.is(9000), (Verdict::Undecided, Some(Suspect::Capture), false));
    let begun = Why::InOrder { opening: true, close: Close::Begun };
    assert_eq!((lab.after(10_000).verdict, lab.after(10_000).why), (Verdict::Fine, begun));
    lab.send(1, B, Flags::FIN | Flags::ACK, 521, 111, 0);
    assert_eq!(lab.is(0), (Verdict::Undecided, Some(Suspect::Capture), false), "the FINs crossed, unanswered so far");
    lab.send(1, A, Flags::ACK, 112, 522, 0).send(0, B, Flags::ACK, 522, 112, 0);
    assert_eq!(lab.after(0).why, Why::InOrder { opening: true, close: Close::Done });
}

#[test]
fn a_rst_is_named_though_little_else_was_captured() {
    let mut lab = Lab::new();
    // Neither port tells which end is the server.
    let (source_port, destination_port) = (2443, 1212);
    lab.take(0, Segment { source_port, destination_port, ..segment(A, Flags::ACK, 101, 501, 6) });
    lab.take(1, Segment { source_port: 1212, destination_port: 2443, ..segment(B, Flags::RST, 501, 0, 0) });
    let rst = FrameNumber::new(2).unwrap();
    let finding = lab.after(0);
    assert_eq!((finding.verdict, finding.frame), (Verdict::NotAllCaptured, Some(rst)));
    let by = lab.connection.side_of(B);
    assert_eq!(finding.why, Why::LittleButReset { by, rst });
}

#[test]
fn a_wrong_ack_disturbs_the_handshake_though_it_begins_with_the_number_of_the_syn() {
    let mut lab = Lab::new();
    lab.send(0, A, Flags::SYN, 100, 0, 9).send(1, B, Flags::SYN, 500, 0, 0);
    lab.send(1, A, Flags::ACK, 100, 500, 9);
    let misfit = Some(Misfit::Ack { ack: SeqNumber(500), expected: SeqNumber(501) });
    let finding = lab.after(0);
    assert_eq!(finding.verdict, Verdict::HandshakeDisturbed);
    assert_eq!(finding.why, Why::Disturbance(Disturbance { frame: FrameNumber::new(3).unwrap(), misfit }));
}

#[test]
fn whoever_sends_impossible_flags_is_suspected() {
    let mut lab = Lab::new();
    // The lower port is taken for the server's.
    let ports = |from, source_port, port| Segment {
        source_port,
        destination_port: port,
        ..segment(from, Flags::empty(), 1, 0, 0)
    };
    lab.take(0, ports(A, 80, 40_000));
    assert_eq!(lab.is(0), (Verdict::Probe, Some(Suspect::Server), false));
}

#[test]
fn where_the_clock_jumps_the_times_do_not_tell_the_point_of_capture() {
    let mut lab = Lab::new();
    lab.hops = [60, 60];
    lab.send(0, A, Flags::SYN, 100, 0, 0).send(-500, B, Flags::SYN | Flags::ACK, 500, 101, 0);
    lab.send(20, A, Flags::ACK, 101, 501, 0);
    assert_ne!(lab.connection.capture_point(), CapturePoint::NearServer);
}
