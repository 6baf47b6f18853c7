//! Speech in English.

use super::{First, Stretch, bytes as count};
use crate::narrate::arrow::Arrow;
use crate::narrate::clause::Room;
use crate::narrate::speech::Speech;
use crate::narrate::text::FlagNames;
use std::fmt::{self, Write};

/// Behind what is said with the first relative numbers.
pub const RELATIVE_FROM_HERE: &str = " (Relative numbers from here on.)";

/// Writes what a sender says.
pub fn write(out: &mut String, speech: &Speech) -> fmt::Result {
    match *speech {
        Speech::MayI { seq } => write!(out, "May I connect? Please synchronise with my number {seq}."),
        Speech::MayIStill { seq } => write!(out, "Hello? May I connect? My number is still {seq}."),
        Speech::MeToo { seq } => {
            write!(out, "I want to connect to you as well. Please synchronise with my number {seq}.")
        }
        Speech::MayIWithData { seq, bytes } => write!(
            out,
            "May I connect? Please synchronise with my number {seq}. I send my {} along already.",
            First(bytes)
        ),
        Speech::Yes { syn, ack, seq } => {
            write!(out, "Yes. I have your {syn}, go on at {ack}. Please synchronise with my number {seq}.")
        }
        Speech::YesWithData { bytes, ack, seq } => write!(
            out,
            "Yes. I have your SYN and your {}, go on at {ack}. Please synchronise with my number {seq}.",
            First(bytes)
        ),
        Speech::YesAgain { ack, seq } => {
            write!(out, "Did you get my answer? Go on at {ack}. Please synchronise with my number {seq}.")
        }
        Speech::YesOtherwise { ack, seq } => {
            write!(out, "Yes, go on at {ack}. Please synchronise with my number {seq}.")
        }
        Speech::Connected { syn, ack } => write!(out, "I have your {syn}, go on at {ack}. We are connected."),
        Speech::ConnectedHaving { bytes, ack } => {
            write!(out, "I have your SYN and your {}, go on at {ack}. We are connected.", First(bytes))
        }
        Speech::ConnectedWithData { syn, ack, bytes } => {
            write!(out, "I have your {syn}, go on at {ack}. We are connected, and here are {} for you.", count(bytes))
        }
        Speech::No { port } => write!(out, "No, not on port {port}."),
        Speech::HaveAllBefore { ack } => write!(out, "I have everything of yours before {ack}."),
        Speech::Here { rel_first, rel_last, rel_ack } => {
            write!(out, "Here: {}. I expect your {rel_ack} next.", bytes(rel_first, rel_last))
        }
        Speech::Back { rel_first, rel_last } => write!(out, "Back to {}.", bytes(rel_first, rel_last)),
        Speech::OnceMore { rel_first, rel_last } => write!(out, "Once more: {}.", bytes(rel_first, rel_last)),
        Speech::Late { rel_first, rel_last } => write!(out, "Late, but here: {}.", bytes(rel_first, rel_last)),
        Speech::IAmNotDone { rel_first, rel_last } => {
            write!(out, "You are done, I am not: {}.", bytes(rel_first, rel_last))
        }
        Speech::Have { bytes, rel_ack } => write!(out, "I have your {}. Go on at {rel_ack}.", First(bytes)),
        Speech::HaveAndFull { bytes } => write!(out, "I have your {}, and no room for more.", First(bytes)),
        Speech::Waiting { rel_ack } => write!(out, "I am waiting for your {rel_ack}."),
        Speech::StillWaiting { rel_ack } => write!(out, "I still expect your {rel_ack} next."),
        Speech::AreYouThere => write!(out, "Are you still there?"),
        Speech::IAmThere { rel_ack } => write!(out, "Yes, and waiting for your {rel_ack}."),
        Speech::DoYouHaveRoom => write!(out, "Do you have room again?"),
        Speech::NoRoom => write!(out, "No, not yet."),
        Speech::YesRoom { room: Room::Bytes(window), rel_ack } => {
            write!(out, "Yes, {}. Go on at {rel_ack}.", count(window))
        }
        Speech::YesRoom { room: Room::Unscaled(window), rel_ack } => {
            write!(out, "Yes, {window} by my scale. Go on at {rel_ack}.")
        }
        Speech::HasRoom { room: Room::Bytes(window), rel_ack } => {
            write!(out, "I have room for {} from your {rel_ack} on.", count(window))
        }
        Speech::HasRoom { room: Room::Unscaled(window), rel_ack } => {
            write!(out, "I have room for {window} by my scale, from your {rel_ack} on.")
        }
        Speech::Done { rel_fin } => write!(out, "I have nothing more to send. My FIN is number {rel_fin}."),
        Speech::DoneToo { rel_fin } => {
            write!(out, "I have nothing more to send either. My FIN is number {rel_fin}.")
        }
        Speech::NotedAndDone { rel_fin } => {
            write!(out, "I noted that you are done. So am I: my FIN is number {rel_fin}.")
        }
        Speech::DoneAgain { rel_fin } => write!(out, "I said I am done. My FIN is number {rel_fin}."),
        Speech::Noted { rel_fin } => write!(out, "I noted that you are done (your {rel_fin})."),
        Speech::Goodbye { rel_fin } => write!(out, "I noted that you are done too (your {rel_fin}). Goodbye."),
        Speech::NotedAgain { rel_fin } => write!(out, "As I said, I noted that you are done (your {rel_fin})."),
        Speech::InOlder { seq, ack } => write!(out, "In our older connection I am at {seq} and expect your {ack}."),
        Speech::At { seq, ack } => write!(out, "I am at {seq} and expect your {ack}."),
        Speech::NotMine => write!(out, "I have no such connection."),
        Speech::OldOneIsOver => write!(out, "That old connection of ours is over."),
        Speech::Forget => write!(out, "Forget it, there is no connection for me here."),
        Speech::Over => write!(out, "This is over, at once."),
        Speech::OverAt { seq } => write!(out, "This is over, at {seq}."),
        Speech::Really { seq, ack } => write!(out, "Really? I am at {seq} and expect {ack} of you."),
        Speech::OldSyn { seq } => write!(out, "(an old SYN with the number {seq}, captured once more)"),
        Speech::AfterTheEnd { reset } => write!(out, "(captured after {})", if reset { "a RST" } else { "the end" }),
        Speech::SeenBefore => write!(out, "(the same packet, captured again)"),
        Speech::Flags(flags) => write!(out, "({})", FlagNames(flags)),
        Speech::NoFlags => write!(out, "(no flags at all)"),
    }
}

/// `byte 5`, `bytes 1 to 5`.
fn bytes(first: u32, last: u32) -> Stretch {
    Stretch("byte", first, last)
}

/// Writes what stands on an arrow.
pub fn arrow(out: &mut String, &Arrow { kind, seq, ack }: &Arrow) -> fmt::Result {
    out.write_str(kind)?;
    if let Some(seq) = seq {
        write!(out, " {seq}")?;
    }
    match ack {
        Some(ack) => write!(out, ", go on at {ack}"),
        None => Ok(()),
    }
}
