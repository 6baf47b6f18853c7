//! The story of a connection as a ladder, for a terminal: the dialogue of the opening and the closing with arrows, the data
//! in one line a direction, the times, and how it ended.

use super::evidence::Marks;
use super::language::Language;
use super::scene::Scene;
use super::story::{self, Act, Label, Remark, Story};
use super::write_speech;
use crate::tcp::{Capture, Connection, Side, Span, StreamNumber};
use textwrap::core::display_width;
use textwrap::{Options, WordSplitter};

/// A connection, and all that is printed of it. Lines have at most 110 columns, wide characters counted as two.
pub struct Ladder<'a> {
    /// The index Wireshark gives the connection.
    pub stream: StreamNumber,
    /// The connection, as far as it was seen.
    pub connection: &'a Connection,
    /// What was kept of it.
    pub story: &'a Story,
    /// The capture that it is from.
    pub capture: Capture<'a>,
    /// The client's address and port.
    pub client: &'a str,
    /// The server's.
    pub server: &'a str,
}

/// Columns of a terminal that the ladder takes.
const WIDTH: usize = 110;
/// Columns of an arrow with a step on it: the longest step, and something to see of the arrow.
const ARROW: usize = 32;
/// Columns of a time in seconds.
const SECONDS: usize = 11;
/// Columns in front of the arrow: the frame's number and the time.
const MARGIN: usize = 23;

impl Ladder<'_> {
    /// Writes it, each line with its end.
    pub fn write(&self, out: &mut String, language: Language) {
        let page = &mut Page { out, language };
        let (opening, rest) = self.story.opening_and_rest();
        self.head(page);
        self.acts(page, opening);
        self.traffic(page);
        self.acts(page, rest);
        self.summary(page);
    }

    fn head(&self, page: &mut Page) {
        let Ladder { stream, client, server, .. } = self;
        let [client_name, server_name] = [Side::Client, Side::Server].map(|side| page.language.side(side));
        let [frame, seconds] = [Label::Frame, Label::Seconds].map(|label| page.language.label(label));
        page.line(&format!("tcp.stream {}: {client} ({client_name}) ---> {server} ({server_name})", stream.0));
        let between = ARROW.saturating_sub(display_width(client_name) + display_width(server_name));
        let ends = [client_name, &" ".repeat(between), server_name].concat();
        page.line(&format!("{}  {}  {ends}", right(frame, 8), right(seconds, 11)));
    }

    fn acts(&self, page: &mut Page, acts: &[Act]) {
        let mut announced = false;
        for &Act { segment, standing, mut evidence, more } in acts {
            let scene = Scene { stream: self.stream, standing, segment, connection: self.connection, evidence };
            // The data between has no lines here.
            let relative = scene.speaks_relative() && !scene.is(Marks::BEFORE_FIRST);
            evidence.marks.set(Marks::FIRST_RELATIVE, relative && !announced);
            announced |= relative;
            let scene = Scene { evidence, ..scene };
            let time = seconds(segment.time - self.story.begun());
            let margin = format!("{:>8}  {time:>11}", segment.frame.get());
            let mut said = String::from("\"");
            write_speech(&mut said, page.language, &scene);
            said.push('"');
            page.arrow(&margin, standing.sender, standing.step.name(), &said);
            if more > 0 {
                page.remark(standing.sender, "...", &Remark::More { segments: more });
            }
        }
    }

    fn traffic(&self, page: &mut Page) {
        for side in [Side::Client, Side::Server] {
            if let Some(sent) = self.story.sent(self.connection.end_of(side)) {
                page.remark(side, page.language.label(Label::Data), &sent);
            }
        }
    }

    fn summary(&self, page: &mut Page) {
        for remark in story::summary(self.connection, self.capture.until) {
            let mut text = String::from("  ");
            page.language.remark(&mut text, &remark);
            page.line(&text);
        }
        let (zeek, completeness) = (self.connection.zeek(), self.connection.completeness());
        page.line(&format!(
            "  conn_state {}, history {}, completeness {} ({})",
            zeek.conn_state(),
            zeek.history(),
            completeness.bits(),
            completeness.letters()
        ));
        let mut verdict = String::new();
        page.language.verdict(&mut verdict, &self.connection.verdict(self.capture));
        page.paragraph(&verdict);
    }
}

/// What is being written.
struct Page<'a> {
    out: &'a mut String,
    language: Language,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// A text over as many lines as it needs.
    fn paragraph(&mut self, text: &str) {
        let options = Options::new(WIDTH)
            .initial_indent("  ")
            .subsequent_indent("    ")
            .word_splitter(WordSplitter::NoHyphenation)
            .break_words(false);
        for line in textwrap::wrap(text, options) {
            self.line(&line);
        }
    }

    /// An arrow without a frame of its own, and a remark on it.
    fn remark(&mut self, sender: Side, name: &str, remark: &Remark) {
        let mut said = String::new();
        self.language.remark(&mut said, remark);
        self.arrow("", sender, name, &said);
    }

    /// One arrow, and what is said behind it, over as many lines as it needs.
    fn arrow(&mut self, margin: &str, sender: Side, name: &str, said: &str) {
        let front = format!("{}  {}  ", left(margin, MARGIN - 2), arrow(sender, name));
        let blank = " ".repeat(MARGIN + ARROW + 2);
        // Hyphens are no places to break: SYN-ACK is one word.
        let options = Options::new(WIDTH)
            .initial_indent(&front)
            .subsequent_indent(&blank)
            .word_splitter(WordSplitter::NoHyphenation)
            .break_words(false);
        for line in textwrap::wrap(said, options) {
            self.line(&line);
        }
    }
}

/// `-- SYN ----------------------->`
fn arrow(sender: Side, name: &str) -> String {
    let shaft = "-".repeat(ARROW.saturating_sub(display_width(name) + 5));
    match sender {
        Side::Client => format!("-- {name} {shaft}>"),
        Side::Server => format!("<{shaft} {name} --"),
    }
}

/// A stretch of time as seconds with six digits: `0.031000`.
fn seconds(Span(nanoseconds): Span) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let microseconds = nanoseconds.unsigned_abs() / 1000;
    let mut text = format!("{sign}{}.{:06}", microseconds / 1_000_000, microseconds % 1_000_000);
    // After hours the last digits give way, so that the columns stay straight.
    text.truncate(SECONDS);
    text
}

fn left(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(display_width(text))))
}

fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(display_width(text))))
}
