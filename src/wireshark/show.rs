//! From a verdict to tree items: which fields, in which order, in which groups.

use super::bindings as ws;
use super::experts::Expert;
use super::fields::{Field, SPECS};
use super::preferences;
use super::register::{self, Tree};
use super::session::Stream;
use crate::narrate::{self, Scene};
use crate::tcp::{Completeness, Connection, FrameNumber, Reason, Segment, Side, Span, Standing, StreamNumber};
use libc::c_int;
use std::ffi::{CString, c_char};
use std::ptr::null;

/// Which fields someone will see: a bit for each, in the order of [`Field`].
#[derive(Clone, Copy)]
pub struct Wanted(u64);

const _: () = assert!(SPECS.len() <= 64);

impl Wanted {
    /// All of them: the tree is made for someone to look at.
    pub const EVERYTHING: Wanted = Wanted(u64::MAX);

    /// What is asked for in a tree that nobody looks at.
    pub fn referenced() -> Wanted {
        let bits = Field::referenced().enumerate().map(|(bit, referenced)| u64::from(referenced) << bit);
        Wanted(bits.fold(0, |all, bit| all | bit))
    }

    /// Whether the tree is made for someone to look at.
    fn visible(self) -> bool {
        self.0 == u64::MAX
    }

    fn has(self, field: Field) -> bool {
        self.0 & (1 << (field as u32)) != 0
    }
}

impl Default for Wanted {
    fn default() -> Wanted {
        Wanted::EVERYTHING
    }
}

/// A segment, and all that is to be shown of it.
pub struct Shown<'a> {
    pub number: StreamNumber,
    pub verdict: &'a Standing,
    pub segment: &'a Segment,
    pub connection: &'a Connection,
    pub stream: &'a Stream,
    /// A later pass: the capture has been seen to its end.
    pub revisited: bool,
    /// Someone may read the protocol's line.
    pub line: bool,
    /// Wireshark's value for the same segments, if it has one.
    pub wiresharks_completeness: Option<Completeness>,
}

impl<'a> Shown<'a> {
    fn scene(&self) -> Scene<'a> {
        Scene { stream: self.number, verdict: self.verdict, segment: self.segment, connection: self.connection }
    }

    /// Which connection it is, for a list of many: `192.0.2.1:40000 ---> 192.0.2.2:80 (tcp.stream 3)`.
    fn which(&self) -> String {
        let [client, server] =
            [Side::Client, Side::Server].map(|side| self.stream.address(self.connection.end_of(side)));
        format!("{client} ---> {server} (tcp.stream {})", self.number.0)
    }
}

/// A list of items for the shim, and their texts.
///
/// Fields that nobody asks for are left out. Wireshark would not keep them either, but finds that out one by one, and only
/// after their values and texts have been made.
#[derive(Default)]
pub struct Sheet {
    items: Vec<ws::tcpshake_item_t>,
    texts: Vec<CString>,
    wanted: Wanted,
}

impl Sheet {
    /// Empties it, and takes what is wanted from now on: of a tree that nobody looks at without its groups.
    pub fn begin(&mut self, wanted: Wanted) {
        self.items.clear();
        self.texts.clear();
        self.wanted = wanted;
    }

    /// The items. Their texts are valid until the sheet is begun anew or dropped.
    pub fn items(&self) -> &[ws::tcpshake_item_t] {
        &self.items
    }

    fn text(&mut self, text: String) -> *const c_char {
        // No text of ours holds a zero byte; should one, it is cut there.
        let text = CString::new(text).unwrap_or_else(|error| {
            let end = error.nul_position();
            CString::new(&error.into_vec()[..end]).unwrap_or_default()
        });
        let start = text.as_ptr();
        self.texts.push(text);
        start
    }

    fn push(&mut self, kind: u32, field: c_int, tree: c_int, number: i64, text: *const c_char) {
        self.items.push(ws::tcpshake_item_t { kind, field, tree, number, text, label: null(), expert: 0 });
    }

    fn value(&mut self, kind: u32, field: Field, value: i64) {
        if self.wanted.has(field) {
            self.push(kind, field.id(), 0, value, null());
        }
    }

    fn number(&mut self, field: Field, number: u32) {
        self.value(ws::TCPSHAKE_NUMBER, field, number.into());
    }

    fn boolean(&mut self, field: Field, value: bool) {
        self.value(ws::TCPSHAKE_BOOLEAN, field, value.into());
    }

    fn string(&mut self, field: Field, text: impl FnOnce() -> String) {
        if self.wanted.has(field) {
            let text = self.text(text());
            self.push(ws::TCPSHAKE_TEXT, field.id(), 0, 0, text);
        }
    }

    /// A text that may be too long for one line of the window, in a visible tree: the field has all of it, its line and
    /// those after it show one piece each.
    fn lines(&mut self, field: Field, name: &str, text: String) {
        let pieces: Vec<String> = pieces(&text, LINE - name.len()).map(str::to_owned).collect();
        self.string(field, || text);
        let [first, rest @ ..] = &pieces[..] else { return };
        if rest.is_empty() {
            return;
        }
        self.label_last(format!("{name}: {first}"));
        for piece in rest {
            self.string(Field::Line, || piece.clone());
            self.label_last(format!("    {piece}"));
        }
    }

    /// Gives the last item a line of its own.
    fn label_last(&mut self, label: String) {
        let label = self.text(label);
        if let Some(item) = self.items.last_mut() {
            item.label = label;
        }
    }

    fn frame(&mut self, field: Field, frame: Option<FrameNumber>) {
        if let Some(frame) = frame {
            self.number(field, frame.get());
        }
    }

    fn span(&mut self, field: Field, span: Option<Span>) {
        if let Some(Span(nanoseconds)) = span {
            self.value(ws::TCPSHAKE_TIME, field, nanoseconds);
        }
    }

    fn group(&mut self, tree: Tree, title: &str) {
        if self.wanted.visible() {
            let title = self.text(title.to_owned());
            self.push(ws::TCPSHAKE_GROUP, -1, tree.id(), 0, title);
        }
    }

    fn end(&mut self) {
        if self.wanted.visible() {
            self.push(ws::TCPSHAKE_END, 0, 0, 0, null());
        }
    }

    fn expert(&mut self, expert: Expert, text: String) {
        let text = self.text(text);
        self.items.push(ws::tcpshake_item_t {
            kind: ws::TCPSHAKE_EXPERT,
            field: 0,
            tree: 0,
            number: 0,
            text,
            label: null(),
            expert: expert as usize,
        });
    }
}

/// Bytes of our lines there: so many letters can be read in a window 1100 pixels wide without scrolling.
const LINE: usize = 124;

/// Cuts a text into pieces of at most `limit` bytes: at the end of a sentence if there is one, else at a space.
fn pieces(mut text: &str, limit: usize) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        text = text.trim_start();
        if text.is_empty() {
            return None;
        }
        let mut end = text.len();
        if end > limit {
            let boundary = (0..=limit).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            let fits = &text[..boundary];
            let sentence = fits.rfind(". ").map(|at| at + 1);
            end = sentence.or_else(|| fits.rfind(' ')).unwrap_or(fits.len()).max(1);
        }
        let (piece, rest) = text.split_at(end);
        text = rest;
        Some(piece)
    })
}

/// Fills the sheet with all that shows the segment, as far as the tree asks for it.
pub fn fill(sheet: &mut Sheet, shown: &Shown) {
    let verdict = shown.verdict;
    if preferences::info_column() {
        let narration = sheet.text(narrate::narration(preferences::language(), &shown.scene()));
        sheet.push(ws::TCPSHAKE_INFO, 0, 0, 0, narration);
    }
    let title = if shown.line { sheet.text(title(verdict)) } else { null() };
    sheet.push(ws::TCPSHAKE_TREE, register::protocol(), Tree::Protocol.id(), 0, title);
    sheet.number(Field::Phase, verdict.phase.number().into());
    sheet.number(Field::Step, verdict.step.number().into());
    sheet.number(Field::Sender, verdict.sender.number().into());
    sheet.boolean(Field::SenderAssumed, verdict.sender_assumed);
    words(sheet, shown);
    expert(sheet, shown);
    sheet.number(Field::ClientState, verdict.client.number().into());
    sheet.number(Field::ServerState, verdict.server.number().into());
    if let Some(acceptable) = verdict.reset_acceptable {
        sheet.boolean(Field::ResetAcceptable, acceptable);
    }
    outcome(sheet, shown);
    completeness(sheet, shown);
    opening(sheet, shown.connection);
    closing(sheet, shown.connection);
}

/// The line of the protocol: `TCP Handshake: Opening, SYN, client → server`.
fn title(verdict: &Standing) -> String {
    let direction = match verdict.sender {
        Side::Client => "client → server",
        Side::Server => "server → client",
    };
    ["TCP Handshake: ", verdict.phase.name(), ", ", verdict.step.name(), ", ", direction].concat()
}

fn words(sheet: &mut Sheet, shown: &Shown) {
    let [narration, dialogue, explain] =
        [Field::Narration, Field::Dialogue, Field::Explain].map(|field| sheet.wanted.has(field));
    if !(narration || dialogue || explain) {
        return;
    }
    let language = preferences::language();
    let scene = shown.scene();
    let mut say = |field: Field, name: &str, text: String| {
        if sheet.wanted.visible() { sheet.lines(field, name, text) } else { sheet.string(field, || text) }
    };
    if narration {
        say(Field::Narration, "Narration", narrate::narration(language, &scene));
    }
    if dialogue {
        say(Field::Dialogue, "Dialogue", narrate::dialogue(language, &scene));
    }
    if explain && preferences::explain() {
        for line in narrate::explain(language, &scene) {
            say(Field::Explain, "Explanation", line);
        }
    }
}

fn expert(sheet: &mut Sheet, shown: &Shown) {
    if let Some(expert) = Expert::of(shown.verdict, shown.connection.outcome(shown.revisited)) {
        sheet.expert(expert, format!("{}, {}", expert.summary(), shown.which()));
    }
}

fn completeness(sheet: &mut Sheet, shown: &Shown) {
    const BITS: [(Completeness, Field); 6] = [
        (Completeness::SYN, Field::CompletenessSyn),
        (Completeness::SYN_ACK, Field::CompletenessSynAck),
        (Completeness::ACK, Field::CompletenessAck),
        (Completeness::DATA, Field::CompletenessData),
        (Completeness::FIN, Field::CompletenessFin),
        (Completeness::RST, Field::CompletenessRst),
    ];
    let ours = shown.connection.completeness();
    sheet.number(Field::SoFar, shown.verdict.so_far.bits().into());
    if sheet.wanted.visible() {
        let letters = sheet.text(format!("{} ({})", ours.letters(), ours.bits()));
        let (field, tree) = (Field::Completeness.id(), Tree::Completeness.id());
        sheet.push(ws::TCPSHAKE_NUMBER_TREE, field, tree, ours.bits().into(), letters);
    } else {
        sheet.number(Field::Completeness, ours.bits().into());
    }
    for (part, field) in BITS {
        sheet.boolean(field, ours.contains(part));
    }
    sheet.string(Field::CompletenessStr, || ours.letters());
    if let Some(wiresharks) = shown.wiresharks_completeness {
        sheet.boolean(Field::Agrees, ours == wiresharks);
        sheet.number(Field::Diff, (ours ^ wiresharks).bits().into());
        differences(sheet, shown, ours, wiresharks);
    }
    sheet.end();
}

fn differences(sheet: &mut Sheet, shown: &Shown, ours: Completeness, wiresharks: Completeness) {
    if ours == wiresharks {
        return;
    }
    let reasons = shown.connection.differences(wiresharks);
    for reason in &reasons {
        sheet.string(Field::Reason, || reason.name().to_owned());
    }
    let expert = if reasons.contains(&Reason::Unexplained) {
        Expert::UnexplainedDifference
    } else if preferences::expert_differences() {
        Expert::Difference
    } else {
        return;
    };
    let names: Vec<&str> = reasons.iter().map(|reason| reason.name()).collect();
    let counts = format!("Completeness {} here, {} in Wireshark", ours.bits(), wiresharks.bits());
    sheet.expert(expert, format!("{counts} ({}), {}", names.join("; "), shown.which()));
}

fn outcome(sheet: &mut Sheet, shown: &Shown) {
    sheet.number(Field::Outcome, shown.connection.outcome(shown.revisited).number().into());
    sheet.string(Field::ConnState, || shown.connection.zeek().conn_state().to_owned());
    sheet.string(Field::History, || shown.connection.zeek().history());
}

fn opening(sheet: &mut Sheet, connection: &Connection) {
    let opening = connection.opening();
    sheet.group(Tree::Opening, "Opening handshake");
    sheet.frame(Field::SynFrame, opening.first_syn());
    sheet.frame(Field::SynAckFrame, opening.syn_ack());
    sheet.frame(Field::AckFrame, opening.ack());
    sheet.frame(Field::UnreachableFrame, connection.unreachable_frame());
    sheet.span(Field::SynToSynAck, opening.syn_to_syn_ack().span());
    sheet.span(Field::SynAckToAck, opening.syn_ack_to_ack().span());
    sheet.span(Field::OpeningDuration, opening.duration().span());
    sheet.number(Field::SynCount, opening.syn_count().into());
    sheet.number(Field::SynAckCount, opening.syn_ack_count().into());
    for (side, field) in [(Side::Client, Field::ClientIsn), (Side::Server, Field::ServerIsn)] {
        if let Some(isn) = connection.by_side(side).isn() {
            sheet.number(field, isn.0);
        }
    }
    sheet.end();
}

fn closing(sheet: &mut Sheet, connection: &Connection) {
    let closing = connection.closing();
    sheet.group(Tree::Closing, "Closing handshake");
    sheet.number(Field::ClosingKind, connection.closing_kind().number().into());
    if let Some(side) = closing.initiator() {
        sheet.number(Field::ClosingInitiator, side.number().into());
    }
    sheet.frame(Field::FirstFinFrame, closing.first_fin());
    sheet.frame(Field::SecondFinFrame, closing.second_fin());
    sheet.frame(Field::LastAckFrame, closing.last_ack());
    sheet.span(Field::ClosingDuration, closing.duration().span());
    sheet.end();
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::ffi::CStr;

    /// The texts of items stay where they are while more are added, whatever is in them.
    #[test]
    fn items_point_to_their_texts() {
        let mut sheet = Sheet::default();
        for round in 0..3 {
            sheet.begin(Wanted::EVERYTHING);
            let texts: Vec<String> =
                (0..500).map(|index| format!("{round} {index} 가나다").repeat(index % 40)).collect();
            texts.iter().for_each(|text| sheet.lines(Field::Narration, "Narration", text.clone()));
            sheet.string(Field::Narration, || "before\0behind".into());
            // SAFETY: the sheet has not been begun anew since.
            let told = |item: &ws::tcpshake_item_t| unsafe { CStr::from_ptr(item.text) }.to_str().unwrap().to_owned();
            let whole: Vec<String> =
                sheet.items().iter().filter(|item| item.label.is_null() || !is_continued(item)).map(told).collect();
            assert_eq!(whole.len(), texts.len() + 1);
            assert!(whole.iter().zip(&texts).all(|(told, text)| told == text));
            assert_eq!(whole.last().unwrap(), "before");
        }
    }

    /// Whether it is a further line of the text above it.
    fn is_continued(item: &ws::tcpshake_item_t) -> bool {
        // SAFETY: the label is the sheet's own text.
        unsafe { CStr::from_ptr(item.label) }.to_bytes().starts_with(b"    ")
    }

    #[test]
    fn lines_end_with_a_sentence_where_they_can() {
        let text = "One sentence. Another one. And a third that is long";
        assert_eq!(pieces(text, 30).collect::<Vec<_>>(), ["One sentence. Another one.", "And a third that is long"]);
        assert_eq!(pieces("한국어 문장", 11).collect::<Vec<_>>(), ["한국어", "문장"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_but_spaces(text in "[a-z가-힣. ]{0,300}", limit in 8usize..100) {
            let all: Vec<&str> = pieces(&text, limit).collect();
            prop_assert!(all.iter().all(|piece| piece.len() <= limit));
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&all.concat()), letters(&text));
        }
    }
}
