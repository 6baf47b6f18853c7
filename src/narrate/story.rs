//! The story of a connection, for a terminal: who talked to whom, the dialogue of the opening and the closing with arrows,
//! the data in one line a direction, the times, and how it ended.

use super::{Language, Scene, en, ko, speech};
use crate::tcp::{Connection, End, Phase, Segment, Side, Span, Standing, Step, StreamNumber, Timestamp};
use unicode_width::UnicodeWidthStr;

/// A segment that opens or closes.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    /// What its header says.
    pub segment: Segment,
    /// What it is.
    pub verdict: Standing,
    /// How many segments behind it were left out, for they do the same.
    pub more: u64,
}

/// What one end sent by way of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Segments with payload.
    pub segments: u64,
    /// Bytes of payload in them, those that were sent again counted again.
    pub bytes: u64,
    /// How many of the segments were retransmissions.
    pub again: u64,
}

/// What is noted of a connection, segment by segment, to tell its story in the end.
#[derive(Clone, Debug)]
pub struct Story {
    /// When its first segment was captured.
    begun: Timestamp,
    acts: Vec<Act>,
    /// By the end that sent it.
    flows: [Flow; 2],
}

/// How many segments in a row that do the same are told one by one: as many as a SYN is tried again by Linux (6), and then
/// some.
const IN_A_ROW: usize = 8;

impl Story {
    /// The story of a connection whose first segment was captured at that time.
    pub fn new(begun: Timestamp) -> Story {
        Story { begun, acts: Vec::new(), flows: [Flow::default(); 2] }
    }

    /// Takes in the next segment.
    pub fn note(&mut self, segment: &Segment, verdict: &Standing) {
        if segment.len > 0 {
            let flow = &mut self.flows[segment.from as usize];
            flow.segments += 1;
            flow.bytes += u64::from(segment.len);
            flow.again += u64::from(verdict.step == Step::DataRetransmission);
        }
        if !opens_or_closes(verdict) {
            return;
        }
        let same = |act: &&Act| (act.verdict.step, act.verdict.sender) == (verdict.step, verdict.sender);
        if self.acts.iter().rev().take_while(same).count() < IN_A_ROW {
            self.acts.push(Act { segment: *segment, verdict: *verdict, more: 0 });
        } else if let Some(last) = self.acts.last_mut() {
            last.more += 1;
        }
    }

    /// What an end sent by way of data.
    pub fn flow(&self, end: End) -> Flow {
        self.flows[end as usize]
    }
}

/// Whether a segment is told by itself: it opens or closes, or comes where only such do.
pub fn opens_or_closes(verdict: &Standing) -> bool {
    match verdict.phase {
        Phase::Opening | Phase::Closed => true,
        Phase::Data => {
            matches!(verdict.step, Step::UnexpectedSyn | Step::ChallengeAck | Step::StrayReset | Step::ImpossibleFlags)
        }
        Phase::Closing => !matches!(
            verdict.step,
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

/// All that a story is told from.
pub struct Told<'a> {
    /// The index Wireshark gives the connection.
    pub stream: StreamNumber,
    /// The connection, as far as it was seen.
    pub connection: &'a Connection,
    /// What was noted of it.
    pub story: &'a Story,
    /// The client's address and port.
    pub client: &'a str,
    /// The server's.
    pub server: &'a str,
}

/// Columns of a terminal that the story takes.
const WIDTH: usize = 110;
/// Columns of an arrow with a step on it: the longest step, and something to see of the arrow.
const ARROW: usize = 32;
/// Columns in front of the arrow: the frame's number and the time.
const MARGIN: usize = 23;

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &en::STORY,
        Language::Korean => &ko::STORY,
    }
}

/// Tells it: lines of at most 110 columns, wide characters counted as two.
pub fn tell(language: Language, told: &Told) -> String {
    let words = words(language);
    let mut lines = vec![
        format!(
            "tcp.stream {}: {} ({}) ---> {} ({})",
            told.stream.0, told.client, words.client, told.server, words.server
        ),
        format!("{}  {}{}", right(words.frame, 8), right(words.seconds, 11), ends(words)),
    ];
    let acts = &told.story.acts;
    let opening = acts.iter().take_while(|act| act.verdict.phase == Phase::Opening).count();
    tell_acts(&mut lines, language, told, &acts[..opening]);
    tell_flows(&mut lines, words, told);
    tell_acts(&mut lines, language, told, &acts[opening..]);
    lines.extend(summary(words, told).map(|line| format!("  {line}")));
    let mut text = String::new();
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The words of a story, in one language.
pub(super) struct Words {
    pub client: &'static str,
    pub server: &'static str,
    pub frame: &'static str,
    pub seconds: &'static str,
    pub data: &'static str,
    /// What flowed one way.
    pub flow: fn(Flow) -> String,
    /// So many more segments of the same kind followed.
    pub more: fn(u64) -> String,
    /// How long the opening took: in all, SYN to SYN-ACK, SYN-ACK to ACK.
    pub opening: fn(Span, Option<Span>, Option<Span>) -> String,
    /// How long the closing took.
    pub closing: fn(Span) -> String,
    /// How it ended: the names of outcome and closing kind, and who closed first.
    pub end: fn(&str, &str, Option<Side>) -> String,
}

/// `client          server` over the arrows.
fn ends(words: &Words) -> String {
    let room = ARROW.saturating_sub(words.client.width() + words.server.width());
    format!("  {}{}{}", words.client, " ".repeat(room), words.server)
}

fn tell_acts(lines: &mut Vec<String>, language: Language, told: &Told, acts: &[Act]) {
    for act in acts {
        let (segment, verdict) = (&act.segment, &act.verdict);
        let scene = Scene { stream: told.stream, verdict, segment, connection: told.connection };
        let time = seconds(segment.time - told.story.begun);
        let margin = format!("{:>8}  {time:>11}", segment.frame.get());
        line(lines, &margin, verdict.sender, verdict.step.name(), &format!("\"{}\"", speech(language, &scene)));
        match act.more {
            0 => {}
            count => line(lines, "", verdict.sender, "...", &(words(language).more)(count)),
        }
    }
}

fn tell_flows(lines: &mut Vec<String>, words: &Words, told: &Told) {
    for side in [Side::Client, Side::Server] {
        let flow = told.story.flow(told.connection.end_of(side));
        if flow.segments > 0 {
            line(lines, "", side, words.data, &(words.flow)(flow));
        }
    }
}

/// One arrow, and what is said behind it, over as many lines as it needs.
fn line(lines: &mut Vec<String>, margin: &str, sender: Side, name: &str, said: &str) {
    let mut front = format!("{}  {}  ", left(margin, MARGIN - 2), arrow(sender, name));
    for piece in wrap(said, WIDTH - MARGIN - ARROW - 2) {
        lines.push(format!("{front}{piece}"));
        front = " ".repeat(MARGIN + ARROW + 2);
    }
}

/// `-- SYN ----------------------->`
fn arrow(sender: Side, name: &str) -> String {
    let shaft = "-".repeat(ARROW.saturating_sub(name.width() + 5));
    match sender {
        Side::Client => format!("-- {name} {shaft}>"),
        Side::Server => format!("<{shaft} {name} --"),
    }
}

/// The last lines: times, and how it ended.
fn summary(words: &Words, told: &Told) -> impl Iterator<Item = String> {
    let connection = told.connection;
    let opening = connection.opening();
    let (there, back) = (opening.syn_to_syn_ack().span(), opening.syn_ack_to_ack().span());
    let times = opening.duration().span().map(|all| (words.opening)(all, there, back));
    let closing = connection.closing().duration().span().map(words.closing);
    let end = (words.end)(
        connection.outcome(true).name(),
        connection.closing_kind().name(),
        connection.closing().initiator(),
    );
    let zeek = connection.zeek();
    let completeness = connection.completeness();
    let marks = format!(
        "conn_state {}, history {}, completeness {} ({})",
        zeek.conn_state(),
        zeek.history(),
        completeness.bits(),
        completeness.letters()
    );
    times.into_iter().chain(closing).chain([end, marks])
}

/// A stretch of time as seconds with six digits: `0.031000`.
fn seconds(Span(nanoseconds): Span) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let microseconds = nanoseconds.unsigned_abs() / 1000;
    format!("{sign}{}.{:06}", microseconds / 1_000_000, microseconds % 1_000_000)
}

/// A stretch of time as a reader would say it: `31.02 ms`, `1.5 s`.
pub(super) fn span(Span(nanoseconds): Span) -> String {
    let milliseconds = nanoseconds as f64 / 1e6;
    if milliseconds.abs() >= 1000.0 {
        format!("{:.3} s", milliseconds / 1000.0)
    } else {
        format!("{milliseconds:.3} ms")
    }
}

fn left(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// Breaks a text at spaces into lines of at most `width` columns. A word that is longer has a line of its own.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("never empty");
        if last.is_empty() {
            last.push_str(word);
        } else if last.width() + 1 + word.width() <= width {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::testing::segment;
    use crate::tcp::{Flags, FrameNumber, Rule, Sighting};
    use proptest::prelude::*;

    #[test]
    fn many_of_a_kind_are_counted_and_not_told_one_by_one() {
        let mut connection = Connection::new(Rule::V4_4);
        let mut story = Story::new(Timestamp(0));
        for frame in 1..=20 {
            let syn = Segment { frame: FrameNumber::new(frame).unwrap(), ..segment(End::A, Flags::SYN, 100, 0, 0) };
            let verdict = connection.see(&syn, &Sighting::of(&syn, frame == 1, false));
            story.note(&syn, &verdict);
        }
        let told =
            Told { stream: StreamNumber(0), connection: &connection, story: &story, client: "a:1", server: "b:2" };
        let text = tell(Language::English, &told);
        assert_eq!(text.matches("SYN retransmission").count(), IN_A_ROW, "{text}");
        assert!(text.contains("11 more like this"), "{text}");
    }

    proptest! {
        #[test]
        fn a_wrapped_text_loses_nothing(text in "[a-z가-힣]{1,30}( [a-z가-힣]{1,30}){0,30}", width in 10usize..80) {
            let lines = wrap(&text, width);
            prop_assert_eq!(lines.join(" "), text);
            for line in &lines {
                prop_assert!(line.width() <= width || !line.contains(' '), "{}", line);
            }
        }
    }
}
