//! What a segment changes in an end.

use super::{EndMarks, Endpoint, Offer, Progress, Tail};
use crate::tcp::connection::numbers::Number;
use crate::tcp::number::SeqNumber;
use crate::tcp::options::Options;
use crate::tcp::segment::{Flags, Segment};
use std::num::NonZeroU16;

/// What a segment changes in it. Each of these is one event in the life of an end.
impl Endpoint {
    /// Takes in the numbers of a segment that it sent.
    pub(in crate::tcp::connection) fn note_sent(&mut self, segment: &Segment) {
        self.numbers.get_or_set(Number::Base, segment.seq - u32::from(!segment.has(Flags::SYN)));
        self.window = segment.window;
        self.marks.set(EndMarks::PLAIN_WINDOW, segment.has(Flags::SYN));
        if segment.takes() == 0 {
            self.skip_to(segment.seq);
        } else {
            self.note_taken(segment.seq, segment.next_seq());
        }
        if segment.has(Flags::SYN) && self.offer.is_none() {
            let Options { window_scale, mss, .. } = segment.options;
            self.offer = Some(Offer { window_scale, mss: mss.and_then(NonZeroU16::new) });
            self.marks.set(EndMarks::OFFERS_IN_ANSWER, segment.is_syn_ack());
        }
        if segment.has(Flags::ACK) {
            self.numbers.set(Number::Acked, Some(self.acked_after(segment)));
        }
    }

    /// The numbers from `first` to before `next` were captured.
    fn note_taken(&mut self, first: SeqNumber, next: SeqNumber) {
        match self.next() {
            Some(highest) if next.is_before(highest) => return,
            Some(highest) if first.is_after(highest) => self.marks.insert(EndMarks::HOLES),
            _ => {}
        }
        self.numbers.set(Number::Next, Some(next));
        self.tail = Tail::Captured;
    }

    /// It has used all numbers before `next`, since it goes on there or the peer acknowledges them.
    pub(in crate::tcp::connection) fn skip_to(&mut self, next: SeqNumber) {
        match self.next() {
            None => self.tail = Tail::Unknown,
            Some(highest) if !next.is_after(highest) => return,
            Some(highest) => {
                let one = self.tail == Tail::Captured && self.fin().is_none() && next == highest + 1;
                self.tail = if one { Tail::OneMissing } else { Tail::Unknown };
                self.marks.insert(EndMarks::HOLES);
            }
        }
        self.numbers.set(Number::Next, Some(next));
    }

    /// It sends a SYN that begins an attempt. With another number than before, its numbers begin anew.
    pub(in crate::tcp::connection) fn call(&mut self, isn: SeqNumber, again: bool) {
        if self.isn().is_some() && !again {
            self.numbers.set(Number::Next, None);
        }
        self.numbers.set(Number::Isn, Some(isn));
        self.progress = Progress::Calling;
        self.marks.remove(EndMarks::GONE);
    }

    /// The peer sends it such a SYN.
    pub(in crate::tcp::connection) fn hear_call(&mut self) {
        if matches!(self.progress, Progress::Unseen | Progress::Mistaken) || self.is_gone() {
            self.progress = Progress::Called;
        }
        self.marks.remove(EndMarks::GONE);
    }

    /// Its SYN comes to light: captured behind what answers it, or answered without having been captured.
    pub(in crate::tcp::connection) fn reveal_syn(&mut self, isn: SeqNumber) {
        self.numbers.set(Number::Isn, Some(isn));
        self.numbers.get_or_set(Number::Base, isn);
        if self.next().is_none() {
            self.numbers.set(Number::Next, Some(isn + 1));
            self.tail = Tail::Captured;
        }
        if self.progress == Progress::Unseen {
            self.progress = Progress::Calling;
        }
    }

    /// It sends a SYN-ACK with this number. `false` if it had another initial sequence number before, which it keeps.
    pub(in crate::tcp::connection) fn answer(&mut self, isn: SeqNumber) -> bool {
        if self.progress != Progress::Open {
            self.progress = Progress::Answered;
        }
        self.marks.remove(EndMarks::GONE);
        self.numbers.get_or_set(Number::Isn, isn) == isn
    }

    /// The peer's ACK says which initial sequence number counts: the connection is this one, whatever it held before.
    pub(in crate::tcp::connection) fn settle_isn(&mut self, isn: SeqNumber) {
        if self.isn() != Some(isn) || self.next().is_none() {
            self.numbers.set(Number::Next, Some(isn + 1));
            self.tail = Tail::Captured;
        }
        self.numbers.set(Number::Isn, Some(isn));
        self.numbers.get_or_set(Number::Base, isn);
    }

    /// What it has acknowledged was of another connection.
    pub(in crate::tcp::connection) fn forget_acked(&mut self) {
        self.numbers.set(Number::Acked, None);
    }

    /// It was open before the capture shows anything of it: the peer's ACK says where its relative numbers begin.
    pub(in crate::tcp::connection) fn assume_base(&mut self, base: SeqNumber) {
        self.numbers.get_or_set(Number::Base, base);
    }

    /// It answers a SYN that it has not been sent here, with a SYN-ACK that acknowledges it.
    pub(in crate::tcp::connection) fn mistake(&mut self, segment: &Segment) {
        self.numbers.set(Number::Acked, Some(segment.ack));
        if matches!(self.progress, Progress::Unseen | Progress::Called) {
            self.progress = Progress::Mistaken;
        }
    }

    /// It holds another connection to be open, whose next number is what this segment acknowledges.
    pub(in crate::tcp::connection) fn believe(&mut self, segment: &Segment) {
        self.numbers.set(Number::Acked, Some(segment.ack));
    }

    /// The handshake is complete, or happened before the capture began.
    pub(in crate::tcp::connection) fn open(&mut self) {
        self.progress = Progress::Open;
    }

    /// It repeats its SYN-ACK although it was acknowledged: it does not hold the connection to be open yet.
    pub(in crate::tcp::connection) fn wait_on(&mut self) {
        self.progress = Progress::Answered;
        self.numbers.set(Number::Next, self.isn().map(|isn| isn + 1));
        self.tail = Tail::Captured;
    }

    /// What seemed to complete the handshake has not done so.
    pub(in crate::tcp::connection) fn call_on(&mut self) {
        self.progress = Progress::Calling;
        self.numbers.set(Number::Acked, None);
    }

    /// It sends its first FIN.
    pub(in crate::tcp::connection) fn close(&mut self, segment: &Segment, peer: &Endpoint) {
        self.note_sent(segment);
        self.numbers.set(Number::Fin, Some(segment.seq + segment.len));
        self.marks.set(EndMarks::CLOSES_SECOND, self.has_acked_fin_of(peer));
    }

    /// The FIN that was taken for its own was not.
    pub(in crate::tcp::connection) fn take_back_fin(&mut self) {
        self.numbers.set(Number::Fin, None);
    }

    /// The connection has ended for it with a RST, its own or the peer's.
    pub(in crate::tcp::connection) fn give_up(&mut self) {
        self.marks.insert(EndMarks::GONE);
        self.marks.remove(EndMarks::SPOKE_SINCE);
    }

    /// What was taken for its numbers was not.
    pub(in crate::tcp::connection) fn forget(&mut self) {
        *self = Endpoint { progress: Progress::Called, ..Endpoint::default() };
    }

    /// A RST ends its answer to a SYN: it goes on listening (RFC 9293, 3.10.7.4).
    pub(in crate::tcp::connection) fn listen_on(&mut self) {
        self.progress = Progress::Called;
        self.tail = Tail::Unknown;
        self.marks = EndMarks::default();
        for number in [Number::Next, Number::Acked, Number::Fin] {
            self.numbers.set(number, None);
        }
    }

    /// What ended it has not ended it after all.
    pub(in crate::tcp::connection) fn revive(&mut self) {
        self.marks.remove(EndMarks::GONE | EndMarks::SPOKE_SINCE);
    }

    /// It speaks although a RST had ended the connection for it.
    pub(in crate::tcp::connection) fn speak_since_reset(&mut self) {
        self.marks.insert(EndMarks::SPOKE_SINCE);
    }

    /// The peer has sent a SYN or RST; does it call for a challenge ACK?
    pub(in crate::tcp::connection) fn owe_challenge(&mut self, owes: bool) {
        self.marks.set(EndMarks::OWES_CHALLENGE, owes);
    }

    /// Whether this segment of its repeats its last ACK number, just after it was challenged.
    pub(in crate::tcp::connection) fn meets_challenge(&mut self, segment: &Segment) -> bool {
        let owed = self.marks.contains(EndMarks::OWES_CHALLENGE);
        self.marks.remove(EndMarks::OWES_CHALLENGE);
        owed && self.acked() == Some(segment.ack)
    }
}
