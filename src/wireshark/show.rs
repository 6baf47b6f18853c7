//! From a segment in its connection to tree items: which fields, in which order, in which groups.

use super::bindings as ws;
use super::experts::Expert;
use super::fields::Field;
use super::preferences;
use super::session::Stream;
use super::sheet::Sheet;
use super::subtrees::{Subtree, protocol};
use crate::narrate::{self, Scene};
use crate::tcp::{
    Capture, Completeness, Connection, Finding, FrameNumber, Reason, Side, Standing, Step, Timestamp, Verdict,
};
use std::ptr::null;

/// How the segment is looked at.
pub struct View<'a> {
    /// In a later pass: when the capture ends, which has been seen to its end.
    pub until: Option<Timestamp>,
    /// What the capture says as far as it was read.
    pub capture: Capture<'a>,
    /// The frame in which the packet was captured first, if it was captured before.
    pub duplicate_of: Option<FrameNumber>,
    /// Someone may read the protocol's line.
    pub line: bool,
    /// Wireshark's completeness as the user sees it beside our items, if it is there.
    pub completeness: Option<Completeness>,
}

/// Which connection it is, for a list of many: `192.0.2.1:40000 ---> 192.0.2.2:80 (tcp.stream 3)`.
fn ends(scene: &Scene, stream: &Stream) -> String {
    let [client, server] = [Side::Client, Side::Server].map(|side| stream.address(scene.connection.end_of(side)));
    format!("{client} ---> {server} (tcp.stream {})", scene.stream.0)
}

/// Fills the sheet with all that shows the segment, as far as the tree asks for it.
pub fn fill(sheet: &mut Sheet, scene: &Scene, stream: &Stream, view: &View) {
    let standing = &scene.standing;
    if preferences::info_column() {
        let narration = sheet.text(narrate::narration(preferences::language(), scene));
        sheet.push(ws::TCPSHAKE_INFO, 0, 0, 0, narration);
    }
    let finding = wants_verdict(sheet, view).then(|| scene.connection.verdict(view.capture));
    let title = if view.line { sheet.text(title(standing, finding.as_ref())) } else { null() };
    sheet.push(ws::TCPSHAKE_TREE, protocol(), Subtree::Protocol.id(), 0, title);
    sheet.number(Field::Phase, standing.phase.number().into());
    sheet.number(Field::Step, standing.step.number().into());
    sheet.number(Field::Sender, standing.sender.number().into());
    sheet.boolean(Field::SenderAssumed, standing.sender_assumed);
    words(sheet, scene);
    if let Some(finding) = &finding {
        verdict(sheet, finding);
    }
    sheet.number(Field::CapturePoint, scene.connection.capture_point().number().into());
    icmp(sheet, scene.connection);
    expert(sheet, scene, stream, view);
    sheet.number(Field::ClientState, standing.client.number().into());
    sheet.number(Field::ServerState, standing.server.number().into());
    repeats(sheet, scene);
    sheet.frame(Field::DuplicateOf, view.duplicate_of);
    if let Some(acceptable) = standing.reset_acceptable {
        sheet.boolean(Field::ResetAcceptable, acceptable);
    }
    if let Some((origin, reset)) = scene.connection.reset_origin(scene.segment.frame, view.capture) {
        sheet.frame(Field::ResetAnswers, reset.answers);
        sheet.number(Field::ResetOrigin, origin.number().into());
    }
    outcome(sheet, scene, view);
    completeness(sheet, scene, stream, view);
    opening(sheet, scene.connection);
    closing(sheet, scene.connection);
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

/// Whether someone asks for the verdict or what it rests on.
fn wants_verdict(sheet: &Sheet, view: &View) -> bool {
    use Field::{Certain, Verdict, VerdictFrame, Where, Why};
    view.line || [Verdict, Where, Certain, Why, VerdictFrame].into_iter().any(|field| sheet.wants(field))
}

fn verdict(sheet: &mut Sheet, finding: &Finding) {
    sheet.number_tree(Field::Verdict, Subtree::Verdict, finding.verdict.number().into(), None);
    if let Some(suspect) = finding.suspect {
        sheet.number(Field::Where, suspect.number().into());
    }
    sheet.boolean(Field::Certain, finding.certain);
    sheet.string(Field::Why, || narrate::why(preferences::language(), finding));
    sheet.frame(Field::VerdictFrame, finding.frame);
    sheet.end();
}

/// The ICMP error about one of the connection's segments.
fn icmp(sheet: &mut Sheet, connection: &Connection) {
    let Some(error) = connection.icmp() else { return };
    if let Some(sender) = error.sender {
        sheet.address(Field::IcmpSender, Field::IcmpSender6, sender);
    }
    sheet.number(Field::IcmpType, error.kind.into());
    sheet.number(Field::IcmpCode, error.code.into());
    sheet.string(Field::IcmpMeaning, || error.meaning());
}

/// The line of the protocol: `TCP Handshake: Opening, SYN, client → server — No answer`.
fn title(standing: &Standing, finding: Option<&Finding>) -> String {
    use Verdict::{Fine, NotAllCaptured, Undecided};
    let direction = match standing.sender {
        Side::Client => "client → server",
        Side::Server => "server → client",
    };
    let verdict =
        finding.map(|finding| finding.verdict).filter(|verdict| !matches!(verdict, Fine | Undecided | NotAllCaptured));
    let (dash, verdict) = verdict.map_or(("", ""), |verdict| (" — ", verdict.name()));
    ["TCP Handshake: ", standing.phase.name(), ", ", standing.step.name(), ", ", direction, dash, verdict].concat()
}

fn words(sheet: &mut Sheet, scene: &Scene) {
    let [narration, dialogue, explain] =
        [Field::Narration, Field::Dialogue, Field::Explain].map(|field| sheet.wants(field));
    if !(narration || dialogue || explain) {
        return;
    }
    let language = preferences::language();
    let mut say = |field: Field, name: &str, text: String| {
        if sheet.is_visible() { sheet.lines(field, name, text) } else { sheet.string(field, || text) }
    };
    if narration {
        say(Field::Narration, "Narration", narrate::narration(language, scene));
    }
    if dialogue {
        say(Field::Dialogue, "Dialogue", narrate::dialogue(language, scene));
    }
    if explain && preferences::explain() {
        for line in narrate::explain(language, scene) {
            say(Field::Explain, "Explanation", line);
        }
    }
}

fn expert(sheet: &mut Sheet, scene: &Scene, stream: &Stream, view: &View) {
    if let Some(expert) = Expert::of(&scene.standing, scene.connection.outcome(view.until)) {
        sheet.expert(expert, format!("{}, {}", expert.summary(), ends(scene, stream)));
    }
}

fn completeness(sheet: &mut Sheet, scene: &Scene, stream: &Stream, view: &View) {
    const BITS: [(Completeness, Field); 6] = [
        (Completeness::SYN, Field::CompletenessSyn),
        (Completeness::SYN_ACK, Field::CompletenessSynAck),
        (Completeness::ACK, Field::CompletenessAck),
        (Completeness::DATA, Field::CompletenessData),
        (Completeness::FIN, Field::CompletenessFin),
        (Completeness::RST, Field::CompletenessRst),
    ];
    let ours = scene.connection.completeness();
    sheet.number(Field::SoFar, scene.standing.so_far.bits().into());
    let letters = sheet.is_visible().then(|| format!("{} ({})", ours.letters(), ours.bits()));
    sheet.number_tree(Field::Completeness, Subtree::Completeness, ours.bits().into(), letters);
    for (part, field) in BITS {
        sheet.boolean(field, ours.contains(part));
    }
    sheet.string(Field::CompletenessStr, || ours.letters());
    if let Some(wiresharks) = view.completeness.or_else(|| stream.wiresharks_completeness(scene.stream)) {
        sheet.boolean(Field::Agrees, ours == wiresharks);
        sheet.number(Field::Diff, (ours ^ wiresharks).bits().into());
        differences(sheet, scene, stream, wiresharks);
    }
    sheet.end();
}

fn differences(sheet: &mut Sheet, scene: &Scene, stream: &Stream, wiresharks: Completeness) {
    let ours = scene.connection.completeness();
    if ours == wiresharks {
        return;
    }
    let reasons = scene.connection.differences(wiresharks);
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
    sheet.expert(expert, format!("{counts} ({}), {}", names.join("; "), ends(scene, stream)));
}

fn outcome(sheet: &mut Sheet, scene: &Scene, view: &View) {
    sheet.number(Field::Outcome, scene.connection.outcome(view.until).number().into());
    sheet.string(Field::ConnState, || scene.connection.zeek().conn_state().to_owned());
    sheet.string(Field::History, || scene.connection.zeek().history());
}

fn opening(sheet: &mut Sheet, connection: &Connection) {
    let opening = connection.opening();
    sheet.group(Subtree::Opening, "Opening handshake");
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
    sheet.group(Subtree::Closing, "Closing handshake");
    if let Some(kind) = connection.closing_kind() {
        sheet.number(Field::ClosingKind, kind.number().into());
    }
    if let Some(side) = connection.closed_first() {
        sheet.number(Field::ClosingInitiator, side.number().into());
    }
    sheet.frame(Field::FirstFinFrame, closing.first_fin());
    sheet.frame(Field::SecondFinFrame, closing.second_fin());
    sheet.frame(Field::LastAckFrame, closing.last_ack());
    sheet.span(Field::ClosingDuration, closing.duration().span());
    sheet.end();
}
