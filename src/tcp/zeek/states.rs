//! How a segment changes the states of both ends (`TCPSessionAdapter.cc`).

use super::Zeek;
use super::endpoint::EndpointState::{Closed, Established, Inactive, Partial, Reset, SynAckSent, SynSent};
use crate::tcp::segment::{Flags, Segment};

impl Zeek {
    /// `TCPSessionAdapter::UpdateStateMachine`.
    pub(super) fn change_state(&mut self, segment: &Segment, was_originator: bool) {
        let (fin, rst) = (segment.has(Flags::FIN), segment.has(Flags::RST));
        let bare_syn = segment.has(Flags::SYN) && !segment.has(Flags::ACK);
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        match sender.state() {
            Inactive => self.leave_inactive(segment, was_originator),
            SynSent | SynAckSent => sender.end_with(fin, rst),
            Established | Partial => {
                let from_the_middle = sender.state() == Partial;
                if bare_syn && from_the_middle && receiver.state() == Inactive {
                    sender.enter(SynSent);
                }
                sender.end_with(fin && !rst, rst);
                if fin && !rst {
                    receiver.forgive_reset();
                }
            }
            // After both FINs a RST changes nothing.
            Closed => sender.end_with(false, rst && receiver.state() != Closed),
            Reset => {}
        }
    }

    /// `TCPSessionAdapter::UpdateInactiveState`.
    fn leave_inactive(&mut self, segment: &Segment, was_originator: bool) {
        let syn = segment.has(Flags::SYN);
        if syn && was_originator {
            let answers = segment.has(Flags::ACK);
            self.ends.pair_mut(segment.from).0.enter(if answers { SynAckSent } else { SynSent });
        } else if syn {
            self.answer(segment);
        }
        let (sender, _) = self.ends.pair_mut(segment.from);
        sender.end_with(segment.has(Flags::FIN), segment.has(Flags::RST));
        if !segment.flags.intersects(Flags::SYN | Flags::FIN | Flags::RST) {
            self.join_midway(segment, was_originator);
        }
    }

    /// The responder's first SYN, mostly a SYN-ACK, opens the connection; nothing is asked of its ACK number.
    fn answer(&mut self, segment: &Segment) {
        let (_, receiver) = self.ends.pair_mut(segment.from);
        // Captured in the wrong order: the SYN-ACK, which made its sender the originator, and then the SYN. Zeek also
        // compares the SYN's number, but has just set what it compares with to that number.
        if receiver.state() == SynAckSent && !segment.has(Flags::ACK) {
            receiver.enter(Established);
            self.flip_roles();
            self.write(b'^');
        }
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        if receiver.state() == SynSent {
            receiver.enter(Established);
        }
        sender.enter(Established);
    }

    /// An end's first segment is data or an ACK.
    fn join_midway(&mut self, segment: &Segment, was_originator: bool) {
        let originator = self.originator().unwrap_or(segment.from);
        let awaits_answer = self.ends[originator].state() == SynSent;
        let (sender, receiver) = self.ends.pair_mut(segment.from);
        if !was_originator && segment.len == 0 && awaits_answer {
            // Some servers acknowledge a SYN before they answer it with their own.
        } else if segment.has(Flags::ACK) && receiver.state() == Established {
            // Just the SYN was missed.
            sender.enter(Established);
            self.forget_partial();
        } else {
            sender.enter(Partial);
        }
    }
}
