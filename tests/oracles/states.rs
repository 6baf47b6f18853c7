//! What is said of a connection is consistent, and agrees with an independent observer. Both relations are tried on every
//! connection of the recorded captures, and of those in the folder `TCPSHAKE_CAPTURES`. Only the engine runs, without
//! Wireshark.
//!
//! - A state, once shown, is never contradicted by a later one without a segment that explains it: each change is an arrow
//!   of RFC 9293, Figure 5, or one of the exceptions named in `corrects`.
//! - The outcome goes with Zeek's `conn_state`, which Zeek's own rules give, or with the reasons named in `agree`.

#[path = "../support/engine.rs"]
mod engine;

use engine::{Packet, for_each_connection, see_all};
use std::collections::BTreeMap;
use tcpshake::tcp::State::{
    CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, Listen, SynReceived, SynSent, TimeWait,
};
use tcpshake::tcp::{
    ClosingKind, Connection, End, Flags, Outcome, PerEnd, Segment, SeqNumber, Side, Standing, State, Step, Timestamp,
};

/// What was captured of an end, and where it stood.
#[derive(Clone, Copy)]
struct Life {
    state: State,
    /// Where it stood before a RST closed it.
    before_reset: Option<State>,
    /// The number behind its last FIN.
    fin: Option<SeqNumber>,
}

impl Default for Life {
    fn default() -> Life {
        Life { state: Closed, before_reset: None, fin: None }
    }
}

/// A segment as one end sees it: what it sends, or what it receives.
#[derive(Clone, Copy)]
struct Event<'a> {
    segment: &'a Segment,
    own: bool,
    life: Life,
    peer: Life,
}

impl Event<'_> {
    fn sends(&self, flags: Flags) -> bool {
        self.own && self.segment.has(flags)
    }

    fn receives(&self, flags: Flags) -> bool {
        !self.own && self.segment.has(flags)
    }

    fn resets(&self) -> bool {
        self.segment.has(Flags::RST)
    }

    /// Neither SYN nor RST, with ACK.
    fn is_later(&self) -> bool {
        self.segment.has(Flags::ACK) && !self.segment.flags.intersects(Flags::SYN | Flags::RST)
    }

    fn covers(&self, fin: Option<SeqNumber>) -> bool {
        fin.is_some_and(|fin| self.is_later() && !self.segment.ack.is_before(fin))
    }

    /// It sends an ACK of the peer's FIN.
    fn acks_fin(&self) -> bool {
        self.own && self.covers(self.peer.fin)
    }

    /// It receives an ACK of its own FIN.
    fn has_fin_acked(&self) -> bool {
        !self.own && self.covers(self.life.fin)
    }

    /// Whether the segment leads from one state to the other (RFC 9293, Figure 5), with those between that passed without
    /// being captured.
    fn leads(&self, from: State, to: State) -> bool {
        let new = matches!(from, Listen | SynSent | SynReceived) || from == Closed && self.life.before_reset.is_none();
        match to {
            _ if from == to => true,
            SynSent => matches!(from, Closed | Listen | TimeWait) && self.sends(Flags::SYN),
            Listen if from == SynReceived => self.resets(),
            Listen => matches!(from, Closed | TimeWait) && self.receives(Flags::SYN),
            SynReceived => matches!(from, Closed | Listen | SynSent) && self.sends(Flags::SYN | Flags::ACK),
            Established => new && self.segment.has(Flags::ACK) && !self.resets(),
            FinWait1 => (new || from == Established) && self.sends(Flags::FIN),
            CloseWait => (new || from == Established) && self.acks_fin(),
            LastAck => (new || matches!(from, Established | CloseWait)) && self.sends(Flags::FIN),
            Closing => from == FinWait1 && (self.acks_fin() || self.has_fin_acked()),
            FinWait2 => from == FinWait1 && self.has_fin_acked(),
            TimeWait => from == FinWait2 && self.acks_fin() || from == Closing && self.has_fin_acked(),
            Closed => self.resets() || from == LastAck && self.has_fin_acked(),
        }
    }

    /// Whether the segment shows that the end was in another state than the one shown.
    fn corrects(&self, from: State, to: State) -> bool {
        let syn_ack = Flags::SYN | Flags::ACK;
        match (from, to) {
            // An answer to a SYN that was not captured.
            (Closed, SynSent) if self.life.before_reset.is_none() => self.receives(syn_ack),
            // The RST did not end the connection: it goes on from where it was.
            (Closed, _) => self.life.before_reset.is_some_and(|before| self.is_later() && self.leads(before, to)),
            // Its accept queue was full, or the ACK was lost or forged: it asks for it again.
            (Established, SynReceived) if self.sends(syn_ack) => true,
            // The ACK which alone showed that the connection was open was of another one: the server's RST says so (RFC
            // 9293, 3.5.2), or its SYN-ACK, sent again.
            (Established, SynSent | SynReceived) => {
                self.resets() && !self.segment.has(Flags::ACK) || self.receives(syn_ack)
            }
            // FINs that crossed: the peer's ACK was captured ahead of its own, which it had sent before.
            (Closing, TimeWait) => self.acks_fin(),
            _ => false,
        }
    }
}

/// How often something was seen, with examples.
#[derive(Default)]
struct Tally(BTreeMap<String, (u32, Vec<String>)>);

impl Tally {
    fn count(&mut self, what: String, example: String) {
        let (count, examples) = self.0.entry(what).or_default();
        *count += 1;
        examples.push(example);
    }

    fn assert_empty(&self) {
        for (what, (count, examples)) in &self.0 {
            println!("{count:5} {what}: {}", examples[..examples.len().min(4)].join("; "));
        }
        assert!(self.0.is_empty());
    }
}

/// What the segment makes of both ends' lives; complains where it does not explain that.
fn follow(lives: PerEnd<Life>, segment: &Segment, standing: &Standing, to_itself: bool) -> (PerEnd<Life>, Vec<String>) {
    let mut after = lives;
    let mut complaints = Vec::new();
    let client = if standing.sender == Side::Client { segment.from } else { segment.from.peer() };
    for end in [End::A, End::B] {
        let (life, own) = (lives[end], segment.from == end);
        let to = if end == client { standing.client } else { standing.server };
        let event = Event { segment, own, life, peer: lives[end.peer()] };
        // Where both ends are one, it sends each segment and then receives it.
        let [sends, receives] = [true, false].map(|own| Event { own, ..event });
        let leads_itself = |&between: &State| sends.leads(life.state, between) && receives.leads(between, to);
        let explained = if to_itself {
            State::ALL.iter().any(leads_itself)
        } else {
            event.leads(life.state, to) || event.corrects(life.state, to)
        };
        if !explained {
            let (from, to, does) = (life.state.name(), to.name(), if own { "sends" } else { "receives" });
            complaints.push(format!("{from} to {to}: {does} {:?}, {}", segment.flags, standing.step.name()));
        }
        if to != Closed {
            after[end].before_reset = None;
        } else if life.state != Closed && segment.has(Flags::RST) {
            after[end].before_reset = Some(life.state);
        }
        after[end].state = to;
        if (own || to_itself) && segment.has(Flags::FIN) && !segment.flags.are_impossible() {
            after[end].fin = Some(segment.next_seq());
        }
    }
    (after, complaints)
}

#[test]
fn a_state_is_contradicted_only_by_a_segment_that_explains_it() {
    let mut unexplained = Tally::default();
    for_each_connection(|label, packets, _| {
        let mut lives = PerEnd::default();
        let (connection, standings) = see_all(packets);
        let to_itself = connection.opening().is_to_itself();
        for (packet, standing) in packets.iter().zip(standings) {
            let (after, complaints) = follow(lives, &packet.segment, &standing, to_itself);
            lives = after;
            for complaint in complaints {
                unexplained.count(complaint, format!("{label}, frame {}", packet.segment.frame.get()));
            }
        }
    });
    unexplained.assert_empty();
}

/// Whether what the engine says of a connection can be true beside Zeek's word. Zeek checks no number: it believes every FIN
/// and RST, and takes the first segment that answers a SYN for the SYN-ACK.
fn agree(packets: &[Packet], connection: &Connection, standings: &[Standing], outcome: Outcome, zeek: &str) -> bool {
    let any = |rule: &dyn Fn(&Segment, &Standing) -> bool| {
        packets.iter().zip(standings).any(|(packet, standing)| rule(&packet.segment, standing))
    };
    let has_step = |steps: &[Step]| any(&|_, standing| steps.contains(&standing.step));
    let hidden_fin = [Side::Client, Side::Server].into_iter().any(|side| connection.has_hidden_fin(side));
    let without_syn = !any(&|segment, _| segment.has(Flags::SYN));
    let probed = has_step(&[Step::ImpossibleFlags]);
    let speaks = |end| any(&|segment, _| segment.from == end);
    let first_reset = packets.iter().position(|packet| packet.segment.has(Flags::RST)).unwrap_or(packets.len());
    match (outcome, zeek) {
        (Outcome::ClosedNormally, "SF") => true,
        // It takes a second end for one that says nothing.
        (Outcome::ClosedNormally, "SH") => connection.opening().is_to_itself(),
        (Outcome::ClosedNormally, "S1" | "S2" | "S3") => hidden_fin,
        (Outcome::ClosedNormally, "RSTO" | "RSTR") => {
            probed
                || hidden_fin
                || has_step(&[Step::StrayReset, Step::ResetAfterClose])
                || connection.opening().syn_count() > 1
        }
        (Outcome::AbortedByClient, "RSTO") | (Outcome::AbortedByServer, "RSTR") => true,
        // Zeek takes the first sender for the originator.
        (Outcome::AbortedByClient | Outcome::AbortedByServer, "OTH" | "RSTRH") => {
            without_syn || connection.opening().first_syn().is_none()
        }
        // A FIN that comes behind the RST had crossed with it.
        (Outcome::AbortedByClient | Outcome::AbortedByServer, "SF") => {
            packets[first_reset..].iter().any(|packet| packet.segment.has(Flags::FIN))
        }
        (Outcome::AbortedByClient, "RSTOS0") => true,
        (Outcome::Refused, "REJ") => true,
        (Outcome::Refused, "RSTR" | "RSTRH") => probed || without_syn,
        (Outcome::NoAnswer, "S0") => true,
        (Outcome::NoAnswer, "OTH" | "SH") => probed,
        (Outcome::OpeningNotCaptured, "SH") if probed => true,
        // RFC 9293, Figure 9: the RST ends an older connection, and the SYN is sent again.
        (Outcome::NoAnswer, "RSTOS0") => has_step(&[Step::ChallengeAck]),
        (Outcome::HalfOpen, "S1") => true,
        (Outcome::HalfClosed, "S2" | "S3") => true,
        (Outcome::InProgress, "S0" | "S1") => true,
        // It has seen nothing that opens the connection, or a RST after that which may not have counted.
        (Outcome::InProgress, _) => any(&|segment, _| segment.has(Flags::RST)),
        (Outcome::Established, "S1" | "S2" | "S3" | "RSTO" | "RSTR") => true,
        (Outcome::Established, "S0" | "SH" | "SHR" | "OTH") => {
            !(speaks(End::A) && speaks(End::B)) || has_step(&[Step::CapturedAgain])
        }
        // A refusal that was undone later.
        (Outcome::Established, "REJ") => packets.len() > first_reset + 1,
        // Neither FIN is acknowledged: they may have crossed with an abort.
        (Outcome::Established, "SF") => connection.closing().first_fin_ack().is_none(),
        (Outcome::OpeningNotCaptured, "OTH" | "RSTRH" | "RSTO" | "RSTR" | "SH" | "SHR") => without_syn,
        _ => false,
    }
}

/// Whether the kind of close goes with the outcome.
fn is_of_kind(outcome: Outcome, kind: Option<ClosingKind>) -> bool {
    use ClosingKind::{HalfClosed, NotClosed, Reset};
    match (outcome, kind) {
        (Outcome::ClosedNormally, kind) => !matches!(kind, Some(HalfClosed | NotClosed | Reset)),
        (Outcome::AbortedByClient | Outcome::AbortedByServer | Outcome::Refused, kind) => kind == Some(Reset),
        (Outcome::HalfClosed, kind) => kind == Some(HalfClosed),
        (Outcome::NoAnswer | Outcome::Unreachable | Outcome::HalfOpen, kind) => kind == Some(NotClosed),
        // What is less certain may have ended in any way.
        (Outcome::InProgress | Outcome::Established | Outcome::OpeningNotCaptured, _) => true,
    }
}

#[test]
fn the_outcome_goes_with_zeeks_word_and_with_the_kind_of_close() {
    let mut disagreements = Tally::default();
    for_each_connection(|label, packets, end| {
        let (connection, standings) = see_all(packets);
        let outcome = connection.outcome(Some(Timestamp(end)));
        let zeek = connection.zeek();
        let kind = connection.closing_kind();
        if !is_of_kind(outcome, kind) {
            disagreements.count(format!("{}, {kind:?}", outcome.name()), label.to_owned());
        }
        if !agree(packets, &connection, &standings, outcome, zeek.conn_state()) {
            let what = format!("{}, Zeek: {}", outcome.name(), zeek.conn_state());
            disagreements.count(what, format!("{label} {}", zeek.history()));
        }
    });
    disagreements.assert_empty();
}
