//! From a segment in its connection, or an ICMP error about one, to tree items: which fields, in which order, in which groups.
//!
//! The answer first: the line of the protocol, the narration, the dialogue, the verdict and its evidence, and what else is to
//! be known of this segment. Then, in groups ([`groups`]), what a reader opens to look further.

mod groups;

use super::bindings as ws;
use super::experts::Expert;
use super::fields::{Field, Fields};
use super::preferences;
use super::session::Stream;
use super::sheet::Sheet;
use super::subtrees::{Subtree, protocol};
use crate::narrate::{self, Heading, Name, Scene};
use crate::tcp::{
    Capture, Completeness, Connection, Finding, FrameNumber, IcmpError, Side, Standing, Step, StreamNumber, Timestamp,
};
use std::borrow::Cow;

/// The fields that rest on more than a segment and its connection.
pub const WORDS: Fields = Fields::of(&[Field::Narration, Field::Dialogue, Field::Repeats, Field::After]);

/// What is looked at beside fields.
#[derive(Clone, Copy)]
pub struct Looks {
    /// Someone may read the protocol's line.
    pub line: bool,
    /// Someone may see expert items.
    pub experts: bool,
}

/// How the segment is looked at.
pub struct View<'a> {
    /// In a later pass: when the capture ends, which has been seen to its end.
    pub until: Option<Timestamp>,
    /// What the capture says as far as it was read.
    pub capture: Capture<'a>,
    /// The frame in which the packet was captured first, if it was captured before.
    pub duplicate_of: Option<FrameNumber>,
    /// What is looked at beside fields.
    pub looks: Looks,
    /// Wireshark's completeness as the user sees it beside our items, if it is there.
    pub completeness: Option<Completeness>,
}

/// Which connection something is about.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub number: StreamNumber,
    pub stream: &'a Stream,
    pub connection: &'a Connection,
}

impl Subject<'_> {
    /// For a list of many: `192.0.2.1:40000 ---> 192.0.2.2:80 (tcp.stream 3)`.
    fn ends(&self) -> String {
        let address = |side| self.stream.address(self.connection.end_of(side));
        format!("{} ---> {} (tcp.stream {})", address(Side::Client), address(Side::Server), self.number.0)
    }
}

/// Fills the sheet with all that shows the segment, as far as the tree asks for it.
pub fn fill(sheet: &mut Sheet, scene: &Scene, stream: &Stream, view: &View) {
    let standing = &scene.standing;
    if preferences::info_column() {
        let narration = sheet.text(|out| narrate::write_narration(out, preferences::language(), scene));
        sheet.push(ws::TCPSHAKE_INFO, 0, 0, 0, Some(narration));
    }
    let finding = wants_verdict(sheet, view.looks).then(|| scene.connection.verdict(view.capture));
    protocol_line(sheet, view.looks, |out| write_title(out, standing, finding.as_ref()));
    words(sheet, scene);
    if let Some(finding) = &finding {
        verdict(sheet, finding);
    }
    icmp(sheet, scene.connection.icmp());
    this_segment(sheet, scene, view);
    if let (Some(finding), true) = (&finding, view.looks.experts) {
        experts(sheet, scene, stream, finding);
    }
    groups::header(sheet, scene);
    groups::states(sheet, standing);
    groups::connection(sheet, scene, view);
    groups::completeness(sheet, scene, stream, view);
}

/// Fills the sheet with what shows an ICMP error about a segment of the connection.
pub fn fill_error(sheet: &mut Sheet, error: &IcmpError, about: Subject, capture: Capture, looks: Looks) {
    let finding = about.connection.verdict(capture);
    protocol_line(sheet, looks, |out| {
        out.extend(["TCP Handshake: ICMP error, ", &narrate::icmp_meaning(error)]);
        write_problem(out, &finding);
    });
    say(sheet, Field::Narration, Heading::Narration, |out| {
        narrate::write_icmp(out, preferences::language(), error, about.connection);
    });
    verdict(sheet, &finding);
    icmp(sheet, Some(error));
    if looks.experts {
        verdict_expert(sheet, &finding, error.frame, about);
    }
}

/// Whether someone may see the verdict, or something of it.
fn wants_verdict(sheet: &Sheet, looks: Looks) -> bool {
    use Field::{Certain, Verdict, VerdictFrame, Where, Why};
    const FIELDS: Fields = Fields::of(&[Verdict, Where, Certain, Why, VerdictFrame]);
    looks.line || looks.experts || sheet.wants_any(FIELDS)
}

/// The line of the protocol, which nobody may read: without it the fields would stand among the frame's protocols, where Wireshark
/// counts those.
fn protocol_line(sheet: &mut Sheet, looks: Looks, write: impl FnOnce(&mut String)) {
    let title = looks.line.then(|| sheet.text(write));
    sheet.push(ws::TCPSHAKE_TREE, protocol(), Subtree::Protocol.id(), 0, title);
}

/// The line of the protocol: `TCP Handshake: Opening, SYN, client → server — No answer`.
fn write_title(out: &mut String, standing: &Standing, finding: Option<&Finding>) {
    let direction = match standing.sender {
        Side::Client => "client → server",
        Side::Server => "server → client",
    };
    let [phase, step] = [in_full(Name::Phase(standing.phase)), in_full(Name::Step(standing.step))];
    out.extend(["TCP Handshake: ", &phase, ", ", &step, ", ", direction]);
    if let Some(finding) = finding {
        write_problem(out, finding);
    }
}

/// What is wrong, behind a dash; nothing where nothing is.
fn write_problem(out: &mut String, finding: &Finding) {
    if finding.verdict.is_problem() {
        out.extend([" — ", &in_full(Name::Verdict(finding.verdict))]);
    }
}

/// A name as the user reads it.
fn in_full(name: Name) -> Cow<'static, str> {
    preferences::language().in_full(name)
}

/// A value with a name, which in a tree that someone looks at is followed by that of the user's language.
fn named(sheet: &mut Sheet, field: Field, number: u8, name: Name) {
    sheet.number_as(field, number.into(), || own_name(name));
}

/// The value's line, where the user's language has a name of its own.
fn own_name(name: Name) -> Option<Cow<'static, str>> {
    Some(in_full(name)).filter(|full| matches!(full, Cow::Owned(_)))
}

fn words(sheet: &mut Sheet, scene: &Scene) {
    let language = preferences::language();
    say(sheet, Field::Narration, Heading::Narration, |out| narrate::write_narration(out, language, scene));
    say(sheet, Field::Dialogue, Heading::Dialogue, |out| narrate::write_dialogue(out, language, scene));
}

/// A text that someone asks for, which in a tree that someone looks at may take several lines.
fn say(sheet: &mut Sheet, field: Field, heading: Heading, write: impl FnOnce(&mut String)) {
    if sheet.is_visible() {
        sheet.lines(field, &in_full(Name::Heading(heading)), write);
    } else {
        sheet.string(field, write);
    }
}

fn verdict(sheet: &mut Sheet, finding: &Finding) {
    let (number, name) = (finding.verdict.number().into(), Name::Verdict(finding.verdict));
    sheet.number_tree(Field::Verdict, Subtree::Verdict, number, || own_name(name));
    if let Some(suspect) = finding.suspect {
        named(sheet, Field::Where, suspect.number(), Name::Suspect(suspect));
    }
    sheet.boolean(Field::Certain, finding.certain);
    sheet.frame(Field::VerdictFrame, finding.frame);
    sheet.end();
    say(sheet, Field::Why, Heading::Why, |out| narrate::write_why(out, preferences::language(), finding));
}

/// An ICMP error about one of the connection's segments.
fn icmp(sheet: &mut Sheet, error: Option<&IcmpError>) {
    let Some(error) = error else { return };
    if let Some(sender) = error.sender {
        sheet.address(Field::IcmpSender, Field::IcmpSender6, sender);
    }
    sheet.number(Field::IcmpType, error.kind.into());
    sheet.number(Field::IcmpCode, error.code.into());
    sheet.string(Field::IcmpMeaning, |out| out.push_str(&narrate::icmp_meaning(error)));
}

/// What only some segments have: what they repeat or answer, and who sent a RST.
fn this_segment(sheet: &mut Sheet, scene: &Scene, view: &View) {
    use Field::{After, DuplicateOf, Repeats, ResetAcceptable, ResetAnswers, ResetOrigin};
    const FIELDS: Fields = Fields::of(&[After, DuplicateOf, Repeats, ResetAcceptable, ResetAnswers, ResetOrigin]);
    if !sheet.wants_any(FIELDS) {
        return;
    }
    repeats(sheet, scene);
    sheet.frame(Field::DuplicateOf, view.duplicate_of);
    if let Some(acceptable) = scene.standing.reset_acceptable {
        sheet.boolean(Field::ResetAcceptable, acceptable);
    }
    if let Some((origin, reset)) = scene.connection.reset_origin(scene.segment.frame, view.capture) {
        sheet.frame(Field::ResetAnswers, reset.answers);
        named(sheet, Field::ResetOrigin, origin.number(), Name::Origin(origin));
    }
}

/// What a retransmission repeats; data out of order repeats some too.
fn repeats(sheet: &mut Sheet, scene: &Scene) {
    use Step::{DataRetransmission, FinRetransmission, OutOfOrderData, SynAckRetransmission, SynRetransmission};
    let is_one = matches!(
        scene.standing.step,
        SynRetransmission | SynAckRetransmission | DataRetransmission | OutOfOrderData | FinRetransmission
    );
    if let Some(repeated) = scene.evidence.repeats.filter(|_| is_one) {
        sheet.frame(Field::Repeats, Some(repeated.earlier.frame));
        sheet.span(Field::After, Some(repeated.earlier.before));
    }
}

/// One expert item for each finding about the connection, on the frame that shows it best.
fn experts(sheet: &mut Sheet, scene: &Scene, stream: &Stream, finding: &Finding) {
    let Scene { stream: number, connection, ref segment, .. } = *scene;
    let about = Subject { number, stream, connection };
    verdict_expert(sheet, finding, segment.frame, about);
    for oddity in connection.oddities_of(segment.frame) {
        expert(sheet, Expert::of_oddity(oddity), about);
    }
}

fn verdict_expert(sheet: &mut Sheet, finding: &Finding, frame: FrameNumber, about: Subject) {
    if let Some(item) = Expert::of_verdict(finding.verdict).filter(|_| finding.frame == Some(frame)) {
        expert(sheet, item, about);
    }
}

fn expert(sheet: &mut Sheet, item: Expert, about: Subject) {
    sheet.expert(item, format!("{}, {}", item.summary(), about.ends()));
}
