//! The fields users filter on: name, type and blurb of each.

use super::bindings as ws;
use libc::c_int;
use std::ffi::CStr;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering::Relaxed};

/// What values a field has, and how they are shown.
#[derive(Clone, Copy)]
pub enum FieldKind {
    /// A number with named values.
    Named(&'static dyn Names),
    /// A number of eight bits.
    Small,
    /// A number of 32 bits.
    Number,
    /// True or false.
    Boolean,
    /// Text.
    Text,
    /// A stretch of time.
    Span,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A frame's number: a link to that frame, with what the frame is to this one.
    Frame(Role),
}

/// What a linked frame is to the frame that links to it; Wireshark marks it in the packet list.
#[derive(Clone, Copy)]
pub enum Role {
    Request,
    Response,
    Ack,
    /// What the frame sends again.
    Original,
    Copy,
}

/// Names for numbers, as Wireshark's `value_string`.
pub trait Names: Sync {
    fn list(&self) -> Vec<(u32, &'static CStr)>;
}

/// The names of an enumeration of [`crate::tcp`].
pub struct NamesOf<T: 'static>(pub &'static [T], pub fn(T) -> (u8, &'static CStr));

impl<T: Copy + Sync> Names for NamesOf<T> {
    fn list(&self) -> Vec<(u32, &'static CStr)> {
        self.0.iter().map(|&value| (self.1)(value)).map(|(number, name)| (number.into(), name)).collect()
    }
}

macro_rules! names_of {
    ($kind:ty) => {
        &NamesOf(<$kind>::ALL, |value: $kind| (value.number(), value.c_name()))
    };
}

/// A field as it is registered.
pub struct FieldSpec {
    pub name: &'static CStr,
    pub filter: &'static CStr,
    pub kind: FieldKind,
    pub blurb: &'static CStr,
}

macro_rules! fields {
    ($($field:ident $filter:literal $name:literal $kind:expr, $blurb:literal;)+) => {
        /// A field of the plugin.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Field { $($field,)+ }

        /// All fields, in the order of [`Field`].
        pub static FIELDS: &[FieldSpec] = &[$(FieldSpec { name: $name, filter: $filter, kind: $kind, blurb: $blurb },)+];

        /// Wireshark's number for each field, written when it is registered.
        static IDS: [AtomicI32; FIELDS.len()] = [const { AtomicI32::new(-1) }; FIELDS.len()];
    };
}

use crate::tcp::{CapturePoint, ClosingKind, Origin, Outcome, Phase, Side, State, Step, Suspect, Verdict};
use FieldKind::{Boolean, Frame, Ipv4, Ipv6, Named, Number, Small, Span, Text};

fields! {
    Phase c"tcpshake.phase" c"Phase" Named(names_of!(Phase)),
        c"The part of the connection's life: opening handshake, data, closing handshake, or after the close";
    Step c"tcpshake.step" c"Step" Named(names_of!(Step)),
        c"What this segment does in its phase";
    Sender c"tcpshake.sender" c"Sender" Named(names_of!(Side)),
        c"Who sent this segment: the client opened the connection, the server was called";
    SenderAssumed c"tcpshake.sender.assumed" c"Sender assumed" Boolean,
        c"True where no SYN or SYN-ACK was captured: the end with the lower port is taken as the server";
    Narration c"tcpshake.narration" c"Narration" Text,
        c"What happens here and why, with this segment's own numbers";
    Dialogue c"tcpshake.dialogue" c"Dialogue" Text,
        c"The same as a line of conversation between the two ends";
    Explain c"tcpshake.explain" c"Explanation" Text,
        c"On segments of the two handshakes: what one item of the TCP header says here";
    Verdict c"tcpshake.verdict" c"Verdict" Named(names_of!(Verdict)),
        c"The main finding about the connection: why it failed, or that it is fine";
    Where c"tcpshake.verdict.where" c"Where to look" Named(names_of!(Suspect)),
        c"Where to look: client, server, network, the capture itself, or unknown; absent where nothing is wrong";
    Certain c"tcpshake.verdict.certain" c"Certain" Boolean,
        c"Whether the capture proves the verdict; otherwise it is the likeliest reading of what was captured";
    Why c"tcpshake.verdict.why" c"Why" Text,
        c"The evidence for the verdict, with its frames, times and numbers";
    VerdictFrame c"tcpshake.verdict.frame" c"Best shown in frame" Frame(Role::Copy),
        c"The segment or ICMP error that shows the verdict best";
    CapturePoint c"tcpshake.capture_point" c"Captured" Named(names_of!(CapturePoint)),
        c"Where on the way the packets were captured, by whose packets nobody has forwarded yet and how the round trip of the opening divides";
    IcmpSender c"tcpshake.icmp.sender" c"ICMP error from" Ipv4,
        c"Who sent the ICMP error about a segment of this connection";
    IcmpSender6 c"tcpshake.icmp.sender6" c"ICMP error from" Ipv6,
        c"Who sent the ICMPv6 error about a segment of this connection";
    IcmpType c"tcpshake.icmp.type" c"ICMP type" Small,
        c"The type of that ICMP error";
    IcmpCode c"tcpshake.icmp.code" c"ICMP code" Small,
        c"The code of that ICMP error";
    IcmpMeaning c"tcpshake.icmp.meaning" c"ICMP error" Text,
        c"What that ICMP error says";
    ClientState c"tcpshake.client.state" c"Client's state" Named(names_of!(State)),
        c"The client's state (RFC 9293) after this segment, as far as the capture shows";
    ServerState c"tcpshake.server.state" c"Server's state" Named(names_of!(State)),
        c"The server's state (RFC 9293) after this segment, as far as the capture shows";
    Repeats c"tcpshake.repeats" c"Repeats frame" Frame(Role::Original),
        c"On a retransmission: the latest frame in which its sender sent the same number";
    After c"tcpshake.after" c"Repeats after" Span,
        c"On a retransmission: how long after that frame, which is how long its sender waited";
    ResetAcceptable c"tcpshake.reset.acceptable" c"RST acceptable" Boolean,
        c"On a RST: whether its receiver would accept it (RFC 9293, 3.5.3); absent where the capture does not show enough";
    ResetAnswers c"tcpshake.reset.answers" c"RST answers frame" Frame(Role::Response),
        c"On a RST: the segment that it answers, by its numbers (RFC 9293, 3.10.7.1)";
    ResetOrigin c"tcpshake.reset.origin" c"RST sent by" Named(names_of!(Origin)),
        c"On a RST: who sent it, by its TTL or hop limit, its identification, and whether that end goes on as if it had sent none";
    DuplicateOf c"tcpshake.duplicate_of" c"Captured first in frame" Frame(Role::Copy),
        c"The frame in which this very packet was captured before: it was sent once and counts once";
    SoFar c"tcpshake.completeness.so_far" c"Completeness so far" Small,
        c"The parts of the connection captured up to and including this segment";
    Completeness c"tcpshake.completeness" c"Completeness" Small,
        c"The parts of the connection that were captured: 1 SYN, 2 SYN-ACK, 4 ACK, 8 data, 16 FIN, 32 RST";
    CompletenessSyn c"tcpshake.completeness.syn" c"SYN" Boolean,
        c"A SYN was captured";
    CompletenessSynAck c"tcpshake.completeness.syn_ack" c"SYN-ACK" Boolean,
        c"A SYN-ACK was captured";
    CompletenessAck c"tcpshake.completeness.ack" c"ACK" Boolean,
        c"An ACK of the SYN-ACK was captured";
    CompletenessData c"tcpshake.completeness.data" c"Data" Boolean,
        c"Payload was captured";
    CompletenessFin c"tcpshake.completeness.fin" c"FIN" Boolean,
        c"A FIN was captured, from either end: one bit for both FINs";
    CompletenessRst c"tcpshake.completeness.rst" c"RST" Boolean,
        c"A RST was captured";
    CompletenessStr c"tcpshake.completeness.str" c"Completeness letters" Text,
        c"The parts as letters, in the manner of Wireshark 4.4";
    Agrees c"tcpshake.completeness.agrees" c"Agrees with Wireshark" Boolean,
        c"Whether Wireshark's tcp.completeness has the same value for the same segments";
    Diff c"tcpshake.completeness.diff" c"Difference from Wireshark" Small,
        c"The parts that differ from Wireshark's tcp.completeness: ours XOR Wireshark's";
    Reason c"tcpshake.completeness.reason" c"Reason" Text,
        c"Why a part differs from Wireshark's tcp.completeness";
    SynFrame c"tcpshake.opening.syn_frame" c"SYN in frame" Frame(Role::Request),
        c"The frame of the first SYN";
    SynAckFrame c"tcpshake.opening.syn_ack_frame" c"SYN-ACK in frame" Frame(Role::Response),
        c"The frame of the SYN-ACK";
    AckFrame c"tcpshake.opening.ack_frame" c"ACK in frame" Frame(Role::Ack),
        c"The frame of the ACK that completes the handshake";
    SynToSynAck c"tcpshake.opening.syn_to_syn_ack" c"SYN to SYN-ACK" Span,
        c"Time from the SYN that was answered to the SYN-ACK";
    SynAckToAck c"tcpshake.opening.syn_ack_to_ack" c"SYN-ACK to ACK" Span,
        c"Time from the SYN-ACK to the ACK";
    OpeningDuration c"tcpshake.opening.duration" c"Opening took" Span,
        c"Time from the first SYN to the ACK";
    SynCount c"tcpshake.opening.syn_count" c"SYNs sent" Number,
        c"How often a SYN was sent: more than one means retries";
    SynAckCount c"tcpshake.opening.syn_ack_count" c"SYN-ACKs sent" Number,
        c"How often a SYN-ACK was sent: more than one means retries";
    ClientIsn c"tcpshake.client.isn" c"Client's ISN" Number,
        c"The client's initial sequence number, which its relative numbers count from";
    ServerIsn c"tcpshake.server.isn" c"Server's ISN" Number,
        c"The server's initial sequence number, which its relative numbers count from";
    UnreachableFrame c"tcpshake.opening.unreachable_frame" c"ICMP error in frame" Frame(Role::Response),
        c"The frame of the ICMP error that answered a SYN";
    Outcome c"tcpshake.outcome" c"Outcome" Named(names_of!(Outcome)),
        c"What became of the connection, as far as is known";
    ConnState c"tcpshake.conn_state" c"Zeek conn_state" Text,
        c"The same in Zeek's word for it (conn_state of its conn.log)";
    History c"tcpshake.history" c"Zeek history" Text,
        c"What was seen, in Zeek's letters (history of its conn.log): upper case from the originator, as a rule the client";
    ClosingKind c"tcpshake.closing.kind" c"Closing" Named(names_of!(ClosingKind)),
        c"How the connection was closed";
    ClosingInitiator c"tcpshake.closing.initiator" c"Closed first by" Named(names_of!(Side)),
        c"Who sent the first FIN, or where there was none the RST";
    FirstFinFrame c"tcpshake.closing.first_fin_frame" c"First FIN in frame" Frame(Role::Request),
        c"The frame of the first FIN";
    SecondFinFrame c"tcpshake.closing.second_fin_frame" c"Second FIN in frame" Frame(Role::Response),
        c"The frame of the other end's FIN";
    LastAckFrame c"tcpshake.closing.last_ack_frame" c"Last ACK in frame" Frame(Role::Ack),
        c"The frame of the ACK of the second FIN";
    ClosingDuration c"tcpshake.closing.duration" c"Closing took" Span,
        c"Time from the first FIN to the ACK of the second";
}

/// The records of the fields, in which Wireshark notes whether they are asked for; null before they are registered.
static RECORDS: AtomicPtr<ws::hf_register_info> = AtomicPtr::new(std::ptr::null_mut());

impl Field {
    /// Wireshark's number for it (its `hf`); −1 before it is registered.
    pub fn id(self) -> c_int {
        IDS[self as usize].load(Relaxed)
    }
}

/// Some fields: a bit for each, in the order of [`Field`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields(u64);

impl Fields {
    /// None of them.
    pub const NONE: Fields = Fields(0);

    /// These.
    pub const fn of(fields: &[Field]) -> Fields {
        let (mut bits, mut index) = (0, 0);
        while index < fields.len() {
            bits |= 1 << fields[index] as u32;
            index += 1;
        }
        Fields(bits)
    }

    /// The field of this name, such as `tcpshake.step`.
    pub fn named(filter: &str) -> Option<Fields> {
        let place = FIELDS.iter().position(|field| field.filter.to_bytes() == filter.as_bytes())?;
        Some(Fields(1 << place))
    }

    /// These and those.
    pub const fn with(self, others: Fields) -> Fields {
        Fields(self.0 | others.0)
    }

    /// Whether any of those is among these.
    pub const fn any_of(self, others: Fields) -> bool {
        self.0 & others.0 != 0
    }
}

/// Which fields a filter, a column or an export asks for. None before they are registered.
///
/// The same as `proto_field_is_referenced` says of them in a tree that nobody looks at (epan/proto.c), without a call for each.
pub fn referenced() -> Fields {
    let first = RECORDS.load(Relaxed);
    if first.is_null() {
        return Fields::NONE;
    }
    // This runs for every packet that is filtered. Few fields are asked for, so to note one is the cold path.
    let mut bits = 0;
    for index in 0..FIELDS.len() {
        // SAFETY: as many records, which live as long as the program; Wireshark writes them on this thread.
        let kind = unsafe { (&raw const (*first.add(index)).hfinfo.ref_type).read() };
        if kind != ws::HF_REF_TYPE_NONE {
            bits |= bit(index);
        }
    }
    Fields(bits)
}

#[cold]
fn bit(index: usize) -> u64 {
    1 << index
}

const _: () = assert!(FIELDS.len() <= 64);

/// Remembers the records with which the fields are registered, one for each of [`FIELDS`]. They have to live as long as the program.
pub fn remember(records: &'static mut [ws::hf_register_info]) {
    assert_eq!(records.len(), FIELDS.len());
    RECORDS.store(records.as_mut_ptr(), Relaxed);
}

/// Where Wireshark writes the number of the field at this place of [`FIELDS`].
pub fn id_slot(index: usize) -> *mut c_int {
    IDS[index].as_ptr()
}

impl FieldKind {
    /// Wireshark's type, display and `strings` for it. The strings are kept for as long as the program runs.
    pub fn registered(self) -> (ws::ftenum, c_int, *const libc::c_void) {
        let none = std::ptr::null();
        let decimal = ws::BASE_DEC as c_int;
        let plain = ws::BASE_NONE as c_int;
        match self {
            Named(names) => (ws::FT_UINT8, decimal, value_strings(names).cast()),
            Small => (ws::FT_UINT8, decimal, none),
            Number => (ws::FT_UINT32, decimal, none),
            Boolean => (ws::FT_BOOLEAN, plain, none),
            Text => (ws::FT_STRING, plain, none),
            Ipv4 => (ws::FT_IPv4, plain, none),
            Ipv6 => (ws::FT_IPv6, plain, none),
            Span => (ws::FT_RELATIVE_TIME, plain, none),
            // FRAMENUM_TYPE() of epan/proto.h: the role, passed as a pointer.
            Frame(role) => (ws::FT_FRAMENUM, plain, role.number() as usize as *const libc::c_void),
        }
    }
}

impl Role {
    fn number(self) -> ws::ft_framenum_type {
        match self {
            Role::Request => ws::FT_FRAMENUM_REQUEST,
            Role::Response => ws::FT_FRAMENUM_RESPONSE,
            Role::Ack => ws::FT_FRAMENUM_ACK,
            Role::Original => ws::FT_FRAMENUM_RETRANS_PREV,
            Role::Copy => ws::FT_FRAMENUM_NONE,
        }
    }
}

/// A `value_string` array with its end mark, kept for as long as the program runs.
fn value_strings(names: &dyn Names) -> *const ws::value_string {
    let mut list: Vec<ws::value_string> =
        names.list().into_iter().map(|(value, name)| ws::value_string { value, strptr: name.as_ptr() }).collect();
    list.push(ws::value_string { value: 0, strptr: std::ptr::null() });
    Box::leak(list.into_boxed_slice()).as_ptr()
}
