//! The story of a connection: what is kept of it segment by segment, and what a story says. Decided here for all languages;
//! [`Ladder`](super::Ladder) lays it out for a terminal.

use super::evidence::Evidence;
use crate::tcp::{
    ClosingKind, Connection, End, Outcome, PerEnd, Phase, Segment, Side, Span, Standing, Step, Timestamp,
};

/// A segment that opens or closes.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    /// What its header says.
    pub segment: Segment,
    /// What it is.
    pub standing: Standing,
    /// What else is known of it.
    pub evidence: Evidence,
    /// How many segments behind it were left out, for they do the same.
    pub more: u64,
}

/// The data that one end sent.
#[derive(Clone, Copy, Debug, Default)]
struct SentData {
    /// Segments with payload.
    segments: u64,
    /// Bytes of payload in them, those that were sent again counted again.
    bytes: u64,
    /// How many of the segments were retransmissions.
    again: u64,
}

/// What is kept of a connection, segment by segment, to print its story in the end.
#[derive(Clone, Debug)]
pub struct Story {
    begun: Timestamp,
    acts: Vec<Act>,
    /// By the end that sent it.
    traffic: PerEnd<SentData>,
}

/// How many segments in a row that do the same have a line each: as many as Linux sends a SYN again (6), and then some.
pub(super) const IN_A_ROW: usize = 8;

impl Story {
    /// The story of a connection whose first segment was captured at that time.
    pub fn new(begun: Timestamp) -> Story {
        Story { begun, acts: Vec::new(), traffic: PerEnd::default() }
    }

    /// Takes in the next segment.
    pub fn note(&mut self, segment: &Segment, standing: &Standing, evidence: Evidence) {
        if standing.step == Step::CapturedAgain {
            return; // it was sent once
        }
        if segment.len > 0 {
            let traffic = &mut self.traffic[segment.from];
            traffic.segments += 1;
            traffic.bytes += u64::from(segment.len);
            traffic.again += u64::from(standing.step == Step::DataRetransmission);
        }
        if !opens_or_closes(standing) {
            return;
        }
        let same = |act: &&Act| (act.standing.step, act.standing.sender) == (standing.step, standing.sender);
        if self.acts.iter().rev().take_while(same).count() < IN_A_ROW {
            self.acts.push(Act { segment: *segment, standing: *standing, evidence, more: 0 });
        } else if let Some(last) = self.acts.last_mut() {
            last.more += 1;
        }
    }

    /// When its first segment was captured.
    pub(super) fn begun(&self) -> Timestamp {
        self.begun
    }

    /// The segments that open the connection, and those that come after them.
    pub(super) fn opening_and_rest(&self) -> (&[Act], &[Act]) {
        let opening = self.acts.iter().take_while(|act| act.standing.phase == Phase::Opening).count();
        self.acts.split_at(opening)
    }

    /// The remark on the data that an end sent; `None` if it sent none.
    pub(super) fn sent(&self, end: End) -> Option<Remark> {
        let SentData { segments, bytes, again } = self.traffic[end];
        (segments > 0).then_some(Remark::Sent { segments, bytes, again: (again > 0).then_some(again) })
    }
}

/// Whether a segment has a line of its own: it opens or closes, or comes where only such do.
pub fn opens_or_closes(standing: &Standing) -> bool {
    match standing.phase {
        Phase::Opening | Phase::Closed => true,
        Phase::Data => {
            matches!(standing.step, Step::UnexpectedSyn | Step::ChallengeAck | Step::StrayReset | Step::ImpossibleFlags)
        }
        Phase::Closing => !matches!(
            standing.step,
            Step::Data
                | Step::DataRetransmission
                | Step::OutOfOrderData
                | Step::HalfClosedData
                | Step::Ack
                | Step::DuplicateAck
                | Step::WindowUpdate
                | Step::KeepAlive
                | Step::KeepAliveAck
                | Step::ZeroWindowProbe
                | Step::ZeroWindowProbeAck
        ),
    }
}

/// A line that a story has besides those of its segments, with all that it prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// So many more segments of the same kind followed.
    More { segments: u64 },
    /// The data that one end sent, and how many of the segments again, if any.
    Sent { segments: u64, bytes: u64, again: Option<u64> },
    /// How long the opening took: in all, from SYN to SYN-ACK, from SYN-ACK to ACK.
    OpeningTook { all: Span, to_syn_ack: Option<Span>, to_ack: Option<Span> },
    /// So many more connections have a story, which the report on the terminal prints.
    MoreStories { stories: u64 },
    /// How long the closing took.
    ClosingTook { all: Span },
    /// How it ended, and who closed first, as far as that is known.
    Ended { outcome: Outcome, closing: Option<ClosingKind>, first: Option<Side> },
}

/// What stands where there is no story to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// No packet of a connection is selected.
    Selection,
    /// No connection failed.
    Failure,
    /// There is no connection.
    Connection,
}

/// A title of the window that shows stories, or what is on one of its buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caption {
    /// The title over one story.
    Story,
    /// The title over several.
    Stories,
    /// Filters the packet list.
    ShowOnly,
    /// Selects the frame that shows best what became of the connection.
    GoTo,
    /// Shows the next connection that failed.
    NextFailed,
    /// Shows the first of them, alone.
    FirstFailed,
}

/// A word at the edge of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Over the frames' numbers.
    Frame,
    /// Over the times.
    Seconds,
    /// On the arrow of the data.
    Data,
}

/// The remarks at the end of a story: times, and how it ended.
/// `until` is when the capture ends.
pub fn summary(connection: &Connection, until: Timestamp) -> impl Iterator<Item = Remark> {
    let (opening, closing) = (connection.opening(), connection.closing());
    let (to_syn_ack, to_ack) = (opening.syn_to_syn_ack().span(), opening.syn_ack_to_ack().span());
    let opened = opening.duration().span().map(|all| Remark::OpeningTook { all, to_syn_ack, to_ack });
    let closed = closing.duration().span().map(|all| Remark::ClosingTook { all });
    let (outcome, kind) = (connection.outcome(Some(until)), connection.closing_kind());
    let ended = Remark::Ended { outcome, closing: kind, first: connection.closed_first() };
    opened.into_iter().chain(closed).chain([ended])
}
