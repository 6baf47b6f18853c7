//! The groups of the tree, which a reader opens to look further.

use super::{Heading, Subject, View, in_full, named};
use crate::narrate::{self, Name, Scene};
use crate::tcp::{Completeness, Connection, Reason, Side, Standing};
use crate::wireshark::experts::Expert;
use crate::wireshark::fields::{Field, Fields};
use crate::wireshark::preferences;
use crate::wireshark::session::Stream;
use crate::wireshark::sheet::Sheet;
use crate::wireshark::subtrees::Subtree;

fn group(sheet: &mut Sheet, tree: Subtree, heading: Heading) {
    if sheet.is_visible() {
        sheet.group(tree, &in_full(Name::Heading(heading)));
    }
}

/// On segments of the two handshakes: each item of the header, explained, with its bytes.
pub fn header(sheet: &mut Sheet, scene: &Scene) {
    if !sheet.wants(Field::Explain) || !preferences::explain() {
        return;
    }
    let lines = narrate::explain(preferences::language(), scene);
    if lines.len() == 0 {
        return;
    }
    group(sheet, Subtree::Header, Heading::Header);
    for (write, bytes) in lines {
        sheet.pieces_about(Field::Explain, bytes, write);
    }
    sheet.end();
}

/// What the segment is, and where both ends stand after it.
pub fn states(sheet: &mut Sheet, standing: &Standing) {
    group(sheet, Subtree::States, Heading::States);
    named(sheet, Field::Phase, standing.phase.number(), Name::Phase(standing.phase));
    named(sheet, Field::Step, standing.step.number(), Name::Step(standing.step));
    named(sheet, Field::Sender, standing.sender.number(), Name::Side(standing.sender));
    if standing.sender_assumed {
        sheet.boolean(Field::SenderAssumed, true);
    } else {
        sheet.off_screen(|sheet| sheet.boolean(Field::SenderAssumed, false));
    }
    sheet.number(Field::ClientState, standing.client.number().into());
    sheet.number(Field::ServerState, standing.server.number().into());
    sheet.end();
}

/// The connection as a whole: what became of it, how it opened and closed, Zeek's words for it. Without groups inside: `-T ek`
/// prints the titles of all groups at all depths, but each depth under the same name once more, which JSON does not allow.
pub fn connection(sheet: &mut Sheet, scene: &Scene, view: &View) {
    const FIELDS: Fields = Fields::of(&[
        Field::Outcome,
        Field::SynFrame,
        Field::SynAckFrame,
        Field::AckFrame,
        Field::UnreachableFrame,
        Field::SynToSynAck,
        Field::SynAckToAck,
        Field::OpeningDuration,
        Field::SynCount,
        Field::SynAckCount,
        Field::ClientIsn,
        Field::ServerIsn,
        Field::ClosingKind,
        Field::ClosingInitiator,
        Field::FirstFinFrame,
        Field::SecondFinFrame,
        Field::LastAckFrame,
        Field::ClosingDuration,
        Field::CapturePoint,
        Field::ConnState,
        Field::History,
    ]);
    if !sheet.wants_any(FIELDS) {
        return;
    }
    let connection = scene.connection;
    let (outcome, point) = (connection.outcome(view.until), connection.capture_point());
    group(sheet, Subtree::Connection, Heading::Connection);
    named(sheet, Field::Outcome, outcome.number(), Name::Outcome(outcome));
    opening(sheet, connection);
    closing(sheet, connection);
    named(sheet, Field::CapturePoint, point.number(), Name::CapturePoint(point));
    sheet.string(Field::ConnState, |out| out.push_str(connection.zeek().conn_state()));
    sheet.string(Field::History, |out| out.push_str(&connection.zeek().history()));
    sheet.end();
}

fn opening(sheet: &mut Sheet, connection: &Connection) {
    let opening = connection.opening();
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
}

fn closing(sheet: &mut Sheet, connection: &Connection) {
    let closing = connection.closing();
    if let Some(kind) = connection.closing_kind() {
        named(sheet, Field::ClosingKind, kind.number(), Name::ClosingKind(kind));
    }
    if let Some(side) = connection.closed_first() {
        named(sheet, Field::ClosingInitiator, side.number(), Name::Side(side));
    }
    sheet.frame(Field::FirstFinFrame, closing.first_fin());
    sheet.frame(Field::SecondFinFrame, closing.second_fin());
    sheet.frame(Field::LastAckFrame, closing.last_ack());
    sheet.span(Field::ClosingDuration, closing.duration().span());
}

/// The completeness, its parts, and how it differs from Wireshark's.
pub fn completeness(sheet: &mut Sheet, scene: &Scene, stream: &Stream, view: &View) {
    const BITS: [(Completeness, Field); 6] = [
        (Completeness::SYN, Field::CompletenessSyn),
        (Completeness::SYN_ACK, Field::CompletenessSynAck),
        (Completeness::ACK, Field::CompletenessAck),
        (Completeness::DATA, Field::CompletenessData),
        (Completeness::FIN, Field::CompletenessFin),
        (Completeness::RST, Field::CompletenessRst),
    ];
    const OTHERS: Fields = Fields::of(&[
        Field::Completeness,
        Field::SoFar,
        Field::CompletenessStr,
        Field::Agrees,
        Field::Diff,
        Field::Reason,
    ]);
    let wanted = sheet.wants_any(OTHERS) || BITS.iter().any(|(_, field)| sheet.wants(*field));
    if !wanted && !view.looks.experts {
        return;
    }
    let ours = scene.connection.completeness();
    let letters = || Some(format!("{} ({})", ours.letters(), ours.bits()).into());
    sheet.number_tree(Field::Completeness, Subtree::Completeness, ours.bits().into(), letters);
    sheet.number(Field::SoFar, scene.standing.so_far.bits().into());
    for (part, field) in BITS {
        sheet.boolean(field, ours.contains(part));
    }
    sheet.off_screen(|sheet| sheet.string(Field::CompletenessStr, |out| out.push_str(&ours.letters())));
    if let Some(wiresharks) = view.completeness.or_else(|| stream.wiresharks_completeness(scene.stream)) {
        sheet.boolean(Field::Agrees, ours == wiresharks);
        let diff = (ours ^ wiresharks).bits();
        if diff == 0 {
            sheet.off_screen(|sheet| sheet.number(Field::Diff, diff.into()));
        } else {
            sheet.number(Field::Diff, diff.into());
            differences(sheet, scene, stream, wiresharks);
        }
    }
    sheet.end();
}

/// The reasons for a difference, and on the connection's first segment an expert item.
fn differences(sheet: &mut Sheet, scene: &Scene, stream: &Stream, wiresharks: Completeness) {
    let ours = scene.connection.completeness();
    let reasons = scene.connection.differences(wiresharks);
    for reason in &reasons {
        sheet.string(Field::Reason, |out| out.push_str(reason.name()));
    }
    let item = if reasons.contains(&Reason::Unexplained) {
        Expert::UnexplainedDifference
    } else if preferences::expert_differences() {
        Expert::Difference
    } else {
        return;
    };
    if scene.evidence.is_first {
        let names: Vec<&str> = reasons.iter().map(|reason| reason.name()).collect();
        let counts = format!("Completeness {} here, {} in Wireshark", ours.bits(), wiresharks.bits());
        let about = Subject { number: scene.stream, stream, connection: scene.connection }.ends();
        sheet.expert(item, format!("{counts} ({}), {about}", names.join("; ")));
    }
}
