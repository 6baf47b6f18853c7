//! The words in English.

use super::story::{Words, span};
use super::{Scene, Size};
use crate::tcp::{Completeness, Flags, Phase, Side, Span, State, Step};

fn name(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

/// `1 byte`, `2 bytes`.
fn bytes(count: u32) -> String {
    if count == 1 { "1 byte".into() } else { format!("{count} bytes") }
}

/// What happens here and why.
pub fn narration(s: &Scene) -> String {
    let me = name(s.verdict.sender);
    let you = name(s.verdict.sender.peer());
    let (seq, next, ack) = (s.seq(), s.next(), s.ack());
    let (rel_seq, rel_next, rel_ack) = (s.rel_seq(), s.rel_next(), s.rel_ack());
    let len = s.segment.len;
    match s.verdict.step {
        Step::Syn => format!(
            "The {me} (port {}) asks the {you} (port {}) for a connection. It picks {seq} at random as its initial sequence number. The SYN takes one number, so the next is {next} although there is no payload.",
            s.segment.source_port, s.segment.destination_port
        ),
        Step::SynRetransmission if s.verdict.phase != Phase::Opening => format!(
            "A copy of the {me}'s SYN, number {seq}, arrives although the connection is open: an old duplicate. The {you} answers it with a challenge ACK."
        ),
        Step::SynRetransmission => format!(
            "The {me} asks again with the same number {seq}: it has had no answer that it could use. Either the SYN or the answer to it was lost, or nobody answers."
        ),
        Step::SimultaneousSyn => format!(
            "The {me} sends a SYN of its own, number {seq}, before it has seen the {you}'s: both open at once. No end waits for the other's request; each acknowledges the other's SYN."
        ),
        Step::SynWithData => format!(
            "The {me} asks for a connection with the number {seq} and brings {} along before the handshake is done (TCP Fast Open). The SYN takes one number and the data {len}, so the next is {next}.",
            bytes(len)
        ),
        Step::SynAck => syn_ack(s, me, you),
        Step::SynAckRetransmission => {
            format!("The {me} sends its SYN-ACK again, with the same number {seq}: the {you}'s ACK has not reached it.")
        }
        Step::HandshakeAck => handshake_ack(s, me, you),
        Step::Refused if s.receiver().isn().is_none() => format!(
            "The {me} answers the probe with a RST: it accepts no connection on port {}, or a firewall refuses in its name.",
            s.segment.source_port
        ),
        Step::Refused => format!(
            "The {me} refuses: it accepts no connection on port {}, or a firewall refuses in its name. The RST ends the attempt; its ACK number {ack} shows which SYN it answers.",
            s.segment.source_port
        ),
        Step::WrongAck => format!(
            "The {me} acknowledges {ack}, a number that the {you} has not sent in this handshake: an old or a forged segment. The answer to it is a RST with the number {ack}."
        ),
        Step::ConflictingSynAck => format!(
            "The {me} answers a second time, now with another initial sequence number, {seq}. That is no repetition: an old duplicate, or two machines that both answer."
        ),
        Step::UnexpectedSyn => format!(
            "The {me} sends a SYN with the number {seq} although the connection is open. The {you} must not take it at its word: it answers with a challenge ACK."
        ),
        Step::Data => format!("{} {}", data(s, me, "sends"), so_far(s, me, you)),
        Step::DataRetransmission => format!(
            "The {me} sends {} again, relative numbers {} to {}: it takes them to be lost, since no ACK has come for them.",
            bytes(len),
            rel_seq,
            s.rel_last()
        ),
        Step::OutOfOrderData => format!(
            "The {me}'s relative numbers {} to {} ({}) were captured behind later ones: they were overtaken on the way.",
            rel_seq,
            s.rel_last(),
            bytes(len)
        ),
        Step::HalfClosedData => format!(
            "{} The {you} has closed its own direction, but this one is still open: the connection is half-closed.",
            data(s, me, "still sends")
        ),
        Step::Ack => so_far(s, me, you),
        Step::DuplicateAck => format!(
            "The {me} says again that it expects the relative number {rel_ack}. As a rule this means that later bytes have arrived, but this one has not."
        ),
        Step::KeepAlive => format!(
            "The {me} has nothing to send and asks whether the {you} is still there. It does so with a number that is already acknowledged (relative {rel_seq}), so that the {you} must answer."
        ),
        Step::KeepAliveAck => format!("The {me} is still there, and still expects the relative number {rel_ack}."),
        Step::ZeroWindowProbe => format!(
            "The {you} has no room left (window 0). The {me} sends {} (relative {rel_seq}) to learn whether it has room again.",
            bytes(len)
        ),
        Step::ZeroWindowProbeAck => format!(
            "The {me} answers the probe: its window is {}, and it expects the relative number {rel_ack}.",
            bytes(s.window())
        ),
        Step::WindowUpdate => format!(
            "The {me} has room for {} from the relative number {rel_ack} on. Nothing new is acknowledged.",
            bytes(s.window())
        ),
        Step::FirstFin => format!(
            "The {me} has nothing more to send and is the first to close (either end may be). {}The FIN takes one number (relative {}), so the next is {rel_next}{}. The {you} may still send.",
            carried(s),
            rel_next.wrapping_sub(1),
            no_payload(len)
        ),
        Step::SecondFin => second_fin(s, me, you),
        Step::FinRetransmission => {
            format!("The {me} sends its FIN again (relative {}): it has seen no ACK for it.", rel_next.wrapping_sub(1))
        }
        Step::FirstFinAck if s.states().0 == State::Closing => format!(
            "The {me} acknowledges the {you}'s FIN: ACK {rel_ack} is the FIN's number plus one. Its own FIN, which crossed with that one, is still to be acknowledged."
        ),
        Step::FirstFinAck => format!(
            "The {me} acknowledges the {you}'s FIN: ACK {rel_ack} is the FIN's number plus one. One direction is closed; the {me} may still send."
        ),
        Step::LastAck => last_ack(s, me, you),
        Step::Abort => abort(s, me, you),
        Step::StrayReset => format!(
            "The {me} sends a RST with the number {seq}{}. The {you} does not accept it: {}. It changes nothing.",
            if s.segment.has(Flags::ACK) { format!(" and ACK {ack}") } else { String::new() },
            stray_reason(s)
        ),
        Step::ChallengeAck => format!(
            "The {me} does not believe the SYN or RST that came. It only says where its connection stands: it is at {seq} and expects {ack} (a challenge ACK). A sender who means it can answer that with an exact RST."
        ),
        Step::AfterClose => format!(
            "The connection is already over: both ends have closed it, or it was aborted. This segment of the {me}{} comes after that.",
            if len > 0 { format!(" with {}", bytes(len)) } else { String::new() }
        ),
        Step::ImpossibleFlags => format!(
            "The {me} sends {}: no TCP combines its flags so. It is a probe, as port scanners send, or damaged. The connection is not changed by it.",
            flags(s.segment.flags)
        ),
    }
}

fn syn_ack(s: &Scene, me: &str, you: &str) -> String {
    let (seq, next, ack) = (s.seq(), s.next(), s.ack());
    let acknowledged = match s.bytes_acked() {
        Some(0) => format!("ACK {ack} = {} + 1: the {you}'s SYN has arrived.", ack.wrapping_sub(1)),
        Some(count) => format!("ACK {ack}: the {you}'s SYN and the {} it brought have arrived.", bytes(count)),
        None => format!("ACK {ack}: it expects that number next."),
    };
    if s.connection.opening().is_simultaneous() {
        return format!(
            "The {me} answers the {you}'s SYN and repeats its own. {acknowledged} SYN: its own number is still {seq}, its next {next}."
        );
    }
    let takes = match s.segment.len {
        0 => format!("the SYN takes one number, so its next is {next}"),
        len => {
            format!("the SYN takes one number and the {} that come along the rest, so its next is {next}", bytes(len))
        }
    };
    format!(
        "The {me} accepts, with two messages in one segment. {acknowledged} SYN: its own initial sequence number is {seq}, random too; {takes}."
    )
}

fn handshake_ack(s: &Scene, me: &str, you: &str) -> String {
    let ack = s.ack();
    let what = match s.bytes_acked() {
        Some(0) => format!("ACK {ack} = {} + 1", ack.wrapping_sub(1)),
        Some(count) => format!("ACK {ack}, with the {} that came along", bytes(count)),
        None => format!("ACK {ack}"),
    };
    let rest = if s.segment.len > 0 {
        format!("It brings {} of data along.", bytes(s.segment.len))
    } else {
        format!("An ACK takes no number of its own: the {me}'s next is still {} (relative {}).", s.next(), s.rel_next())
    };
    format!(
        "The {me} acknowledges the {you}'s SYN: {what}. Both ends now know each other's numbers, and the connection is open. {rest}"
    )
}

/// What a segment with payload carries.
fn data(s: &Scene, me: &str, sends: &str) -> String {
    let (first, last, len) = (s.rel_seq(), s.rel_last(), s.segment.len);
    let size = match s.size() {
        Size::Part => String::new(),
        Size::Full(mss) => {
            let options = u32::from(mss).saturating_sub(len);
            let with =
                if options > 0 { format!(", with {options} bytes of options in the header") } else { String::new() };
            format!(
                " A full segment{with}: the sender cuts its data to the MSS of {mss} (this is not IP fragmentation), so the number steps by the length while the ACK number stays."
            )
        }
        Size::Over(mss) => format!(
            " More than the MSS of {mss}: it was captured before the network card cut it up, or after it was put together."
        ),
    };
    format!(
        "The {me} {sends} {}: relative numbers {first} to {last}, so its next is {}.{size}",
        bytes(len),
        s.rel_next()
    )
}

/// What the sender has of the receiver's bytes.
fn so_far(s: &Scene, me: &str, you: &str) -> String {
    let rel_ack = s.rel_ack();
    match s.bytes_acked() {
        Some(0) => format!("ACK {rel_ack}: it has none of the {you}'s bytes yet and expects number {rel_ack} next."),
        Some(count) if s.segment.len == 0 => {
            format!("The {me} has the {you}'s first {}: ACK {rel_ack} names the next number it expects.", bytes(count))
        }
        Some(count) => format!("ACK {rel_ack}: it has the {you}'s first {}.", bytes(count)),
        None => format!("ACK {rel_ack}: the next number the {me} expects of the {you}."),
    }
}

fn carried(s: &Scene) -> String {
    if s.segment.len == 0 { String::new() } else { format!("Its last {} come with the FIN. ", bytes(s.segment.len)) }
}

fn no_payload(len: u32) -> &'static str {
    if len == 0 { " although there is no payload" } else { "" }
}

fn second_fin(s: &Scene, me: &str, you: &str) -> String {
    let next = s.rel_next();
    let both = if s.acks_fin() && s.is_first_fin_ack() {
        format!(
            " Its ACK {} acknowledges the {you}'s FIN in the same segment: the close takes three segments, not four.",
            s.rel_ack()
        )
    } else if s.acks_fin() {
        String::new()
    } else {
        format!(" It does not acknowledge the {you}'s FIN: the two crossed on the way (a simultaneous close).")
    };
    format!(
        "The {me} has nothing more to send either. {}Its FIN takes one number (relative {}), so the next is {next}{}.{both}",
        carried(s),
        next.wrapping_sub(1),
        no_payload(s.segment.len)
    )
}

fn last_ack(s: &Scene, me: &str, you: &str) -> String {
    let wait = match s.states() {
        (State::TimeWait, State::TimeWait) => {
            " Both ends closed at the same time, and both wait in TIME-WAIT until old segments have died out.".into()
        }
        (State::TimeWait, _) => {
            format!(" The {me} closed first and waits in TIME-WAIT until old segments have died out.")
        }
        _ => String::new(),
    };
    format!(
        "The {me} acknowledges the {you}'s FIN: ACK {} is the FIN's number plus one. Both directions are closed, the connection is over.{wait}",
        s.rel_ack()
    )
}

fn abort(s: &Scene, me: &str, you: &str) -> String {
    let seq = s.seq();
    if s.verdict.phase == Phase::Opening && s.resets_another_connection() {
        return format!(
            "The {me} sends a RST with the number {seq}, which the {you} has just said it expects. The connection that the {you} has in mind does not exist, and the {you} gives it up."
        );
    }
    let judged = match s.verdict.reset_acceptable {
        Some(true) => format!(" Its number {seq} is what the {you} expects, so the {you} accepts it."),
        _ => String::new(),
    };
    if s.verdict.phase == Phase::Opening {
        return format!("The {me} gives up the opening with a RST: there will be no connection.{judged}");
    }
    format!(
        "The {me} aborts the connection with a RST. That is no close by FIN and ACK: what was still on the way is lost.{judged}"
    )
}

fn stray_reason(s: &Scene) -> String {
    match s.states().1 {
        State::Closed => "for it there is no connection any more".into(),
        State::SynSent => "it does not acknowledge the SYN".into(),
        _ => "this is not the number it expects".into(),
    }
}

/// The flags by name: `SYN, FIN`.
fn flags(flags: Flags) -> String {
    let names: Vec<&str> = flags.iter_names().map(|(name, _)| name).collect();
    if names.is_empty() { "no flags at all".into() } else { names.join(", ") }
}

/// What the sender would say.
pub fn speech(s: &Scene) -> String {
    let (seq, ack) = (s.seq(), s.ack());
    let (rel_seq, rel_ack) = (s.rel_seq(), s.rel_ack());
    let len = s.segment.len;
    match s.verdict.step {
        Step::Syn => format!("May I connect? Please synchronise with my number {seq}."),
        Step::SynRetransmission => format!("Hello? May I connect? My number is still {seq}."),
        Step::SimultaneousSyn => format!("I want to connect to you as well. Please synchronise with my number {seq}."),
        Step::SynWithData => {
            format!("May I connect? Please synchronise with my number {seq}. Here are my first {} already.", bytes(len))
        }
        Step::SynAck => match s.bytes_acked() {
            Some(count @ 1..) => format!(
                "Yes. I have your SYN and your first {}, go on at {ack}. Please synchronise with my number {seq}.",
                bytes(count)
            ),
            _ => format!(
                "Yes. I have your {}, go on at {ack}. Please synchronise with my number {seq}.",
                ack.wrapping_sub(1)
            ),
        },
        Step::SynAckRetransmission => {
            format!("Did you get my answer? Go on at {ack}. Please synchronise with my number {seq}.")
        }
        Step::HandshakeAck if len > 0 => format!(
            "I have your {}, go on at {ack}. We are connected, and here are {} for you.",
            ack.wrapping_sub(1),
            bytes(len)
        ),
        Step::HandshakeAck => {
            format!("I have your {}, go on at {ack}. We are connected.", ack.wrapping_sub(1))
        }
        Step::Refused => format!("No. Nobody takes calls on port {} here.", s.segment.source_port),
        Step::WrongAck => format!("I have everything of yours before {ack}."),
        Step::ConflictingSynAck => format!("Yes, go on at {ack}. Please synchronise with my number {seq}."),
        Step::UnexpectedSyn => format!("May I connect? Please synchronise with my number {seq}."),
        Step::Data => format!("Here are bytes {rel_seq} to {}. I expect your {rel_ack} next.", s.rel_last()),
        Step::DataRetransmission => format!("Once more: bytes {rel_seq} to {}.", s.rel_last()),
        Step::OutOfOrderData => format!("Here are bytes {rel_seq} to {}, late.", s.rel_last()),
        Step::HalfClosedData => format!("You are done, I am not: bytes {rel_seq} to {}.", s.rel_last()),
        Step::Ack => match s.bytes_acked() {
            Some(count @ 1..) => format!("I have your first {}. Go on at {rel_ack}.", bytes(count)),
            _ => format!("I am waiting for your {rel_ack}."),
        },
        Step::DuplicateAck => format!("I am still waiting for your {rel_ack}."),
        Step::KeepAlive => "Are you still there?".into(),
        Step::KeepAliveAck => format!("Yes, and waiting for your {rel_ack}."),
        Step::ZeroWindowProbe => "Do you have room again?".into(),
        Step::ZeroWindowProbeAck if s.window() == 0 => "No, not yet.".into(),
        Step::ZeroWindowProbeAck => format!("Yes, {}. Go on at {rel_ack}.", bytes(s.window())),
        Step::WindowUpdate => format!("I have room for {} from your {rel_ack} on.", bytes(s.window())),
        Step::FirstFin => format!("I have nothing more to send. My FIN is number {}.", s.rel_next().wrapping_sub(1)),
        Step::SecondFin if s.acks_fin() && s.is_first_fin_ack() => {
            format!("I noted that you are done. So am I: my FIN is number {}.", s.rel_next().wrapping_sub(1))
        }
        Step::SecondFin => {
            format!("I have nothing more to send either. My FIN is number {}.", s.rel_next().wrapping_sub(1))
        }
        Step::FinRetransmission => format!("I said I am done. My FIN is number {}.", s.rel_next().wrapping_sub(1)),
        Step::FirstFinAck => format!("I noted that you are done (your {}).", rel_ack.wrapping_sub(1)),
        Step::LastAck => format!("I noted that you are done too (your {}). Goodbye.", rel_ack.wrapping_sub(1)),
        Step::Abort if s.verdict.phase == Phase::Opening && s.resets_another_connection() => {
            "That old connection of ours is over.".into()
        }
        Step::Abort if s.verdict.phase == Phase::Opening => "Forget it, I do not want to connect.".into(),
        Step::Abort => "This is over, at once.".into(),
        Step::StrayReset => format!("This is over, at {seq}."),
        Step::ChallengeAck => format!("Really? I am at {seq} and expect {ack} of you."),
        Step::AfterClose => "(speaks after the end)".into(),
        Step::ImpossibleFlags => format!("({})", flags(s.segment.flags)),
    }
}

/// A line for each item of the header.
pub fn explain(s: &Scene) -> Vec<String> {
    let mut lines = vec![ports(s), stream(s), completeness(s), length(s), sequence(s), next(s)];
    lines.extend(acknowledgment(s));
    lines.push(flag_meanings(s));
    lines.extend(window(s));
    lines.extend(options(s));
    lines
}

fn ports(s: &Scene) -> String {
    let (from, to) = (s.segment.source_port, s.segment.destination_port);
    let (client, server) = if s.verdict.sender == Side::Client { (from, to) } else { (to, from) };
    let picked = if s.verdict.sender_assumed {
        format!("{client} is taken as the client's, {server} as the service's, since no SYN was captured")
    } else if client < 1024 {
        format!("The client uses {client}, a well-known port itself, {server} is the service's")
    } else {
        format!("The client picked {client} for this connection (an ephemeral port), {server} is the service's")
    };
    format!("Ports: {from} → {to}. {picked}; both together with the two addresses name the connection.")
}

fn stream(s: &Scene) -> String {
    format!(
        "Stream index: {}. Wireshark numbers the connections of a capture from 0; it is not in the header.",
        s.stream.0
    )
}

fn completeness(s: &Scene) -> String {
    const PARTS: [(Completeness, &str); 6] = [
        (Completeness::SYN, "SYN"),
        (Completeness::SYN_ACK, "SYN-ACK"),
        (Completeness::ACK, "ACK"),
        (Completeness::DATA, "data"),
        (Completeness::FIN, "FIN"),
        (Completeness::RST, "RST"),
    ];
    let so_far = s.verdict.so_far;
    let parts: Vec<String> = PARTS
        .iter()
        .filter(|(part, _)| so_far.contains(*part))
        .map(|(part, name)| format!("{} {name}", part.bits()))
        .collect();
    let fin = if so_far.contains(Completeness::FIN) {
        " There is one bit for both FINs: tcpshake.closing tells them apart."
    } else {
        ""
    };
    let sum = if parts.is_empty() { "nothing that counts".into() } else { parts.join(" + ") };
    format!("Completeness so far: {} = {sum}.{fin}", so_far.bits())
}

fn length(s: &Scene) -> String {
    match s.segment.len {
        0 => "Segment length: 0. It carries no payload, only the header.".into(),
        len => format!("Segment length: {} of payload.", bytes(len)),
    }
}

fn sequence(s: &Scene) -> String {
    let (seq, relative) = (s.seq(), s.rel_seq());
    if s.segment.has(Flags::SYN) {
        return format!(
            "Sequence number: {seq}, relative {relative}. This is the initial sequence number (ISN), random so that old duplicates do not fit and nobody can guess it. Relative numbers are raw numbers minus the ISN."
        );
    }
    match s.sender().base() {
        Some(base) => format!("Sequence number: {seq}, relative {relative} = {seq} − {}.", { base.0 }),
        None => format!("Sequence number: {seq}."),
    }
}

fn next(s: &Scene) -> String {
    let (next, relative) = (s.next(), s.rel_next());
    let why = match (s.segment.has(Flags::SYN), s.segment.has(Flags::FIN), s.segment.len) {
        (true, _, 0) => "one more: a SYN takes a number although it carries nothing",
        (_, true, 0) => "one more: a FIN takes a number although it carries nothing",
        (true, _, _) | (_, true, _) => "the payload's length more, and one for the SYN or FIN",
        (_, _, 0) if s.segment.has(Flags::RST) => "the same: a RST takes no number",
        (_, _, 0) => "the same: an ACK by itself takes no number",
        _ => "the payload's length more",
    };
    format!("Next sequence number: {next}, relative {relative}: {why}.")
}

fn acknowledgment(s: &Scene) -> Option<String> {
    if !s.segment.has(Flags::ACK) {
        return Some("Acknowledgment number: none, the ACK flag is not set.".into());
    }
    let (ack, relative) = (s.ack(), s.rel_ack());
    let what = if s.acks_fin() {
        "everything up to the FIN, which counts as one"
    } else if s.acks_just_the_syn() {
        "the SYN, which counts as one"
    } else {
        "every byte before it"
    };
    Some(format!(
        "Acknowledgment number: {ack}, relative {relative}. It is the next number expected; it acknowledges {what}."
    ))
}

fn flag_meanings(s: &Scene) -> String {
    const MEANINGS: [(Flags, &str); 8] = [
        (Flags::SYN, "SYN: synchronise numbers"),
        (Flags::ACK, "ACK: the acknowledgment number counts"),
        (Flags::PSH, "PSH: hand the data over at once"),
        (Flags::FIN, "FIN: no more data from me"),
        (Flags::RST, "RST: the connection is void"),
        (Flags::URG, "URG: the urgent pointer counts"),
        (Flags::ECE, "ECE: congestion seen; with SYN: ECN offered or accepted"),
        (Flags::CWR, "CWR: I slowed down; with SYN: ECN offered"),
    ];
    let set: Vec<&str> =
        MEANINGS.iter().filter(|(flag, _)| s.segment.has(*flag)).map(|(_, meaning)| *meaning).collect();
    if set.is_empty() { "Flags: none.".into() } else { format!("Flags: {}.", set.join("; ")) }
}

fn window(s: &Scene) -> Option<String> {
    let (raw, scaled) = (u32::from(s.segment.window), s.window());
    if s.segment.has(Flags::RST) {
        return None; // its sender takes nothing any more
    }
    Some(if s.segment.has(Flags::SYN) {
        format!("Window: {}. So much may be sent before an ACK; in a SYN it is never scaled.", bytes(raw))
    } else if raw == scaled {
        format!("Window: {}. So much may be sent beyond the acknowledgment number.", bytes(raw))
    } else {
        format!(
            "Window: {raw} × {} = {}. So much may be sent beyond the acknowledgment number.",
            scaled / raw.max(1),
            bytes(scaled)
        )
    })
}

fn options(s: &Scene) -> Option<String> {
    let options = &s.segment.options;
    let mut said = Vec::new();
    if let Some(mss) = options.mss {
        said.push(format!("MSS {mss}: send me no more payload than that in a segment"));
    }
    if let Some(shift) = options.window_scale {
        said.push(format!("window scale {shift}: my later windows count {} times", 1u32 << shift));
    }
    if options.sack_permitted {
        said.push("SACK permitted: tell me which later parts have arrived".into());
    }
    if let Some((value, echo)) = options.timestamps {
        said.push(format!("timestamps {value}, echo {echo}: to measure the round trip and tell old segments"));
    }
    match options.fast_open {
        Some(0) => said.push("Fast Open: asks for a cookie".into()),
        Some(length) => said.push(format!("Fast Open: a cookie of {}", bytes(length.into()))),
        None => {}
    }
    (!said.is_empty()).then(|| format!("Options: {}.", said.join("; ")))
}

/// The words of a story.
pub(super) const STORY: Words = Words {
    client: "client",
    server: "server",
    frame: "frame",
    seconds: "seconds",
    data: "data",
    flow: |flow| {
        let again = if flow.again > 0 { format!(", {} of them sent again", flow.again) } else { String::new() };
        let segments = if flow.segments == 1 { "1 segment".into() } else { format!("{} segments", flow.segments) };
        let bytes = if flow.bytes == 1 { "1 byte".into() } else { format!("{} bytes", flow.bytes) };
        format!("{bytes} in {segments}{again}")
    },
    more: |count| format!("{count} more like this"),
    opening: |all, there, back| {
        let part =
            |name: &str, time: Option<Span>| time.map_or(String::new(), |time| format!(", {name} {}", span(time)));
        format!("Opening took {}{}{}", span(all), part("SYN to SYN-ACK", there), part("SYN-ACK to ACK", back))
    },
    closing: |all| format!("Closing took {}", span(all)),
    end: |outcome, kind, initiator| {
        let first = initiator.map_or(String::new(), |side| format!(", first by the {}", name(side)));
        format!("Ended: {outcome}. Closing: {kind}{first}")
    },
};
