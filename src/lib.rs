//! A Wireshark postdissector that explains how TCP connections open and close.
//!
//! The data goes one way: what Wireshark's TCP dissector worked out → a [`tcp::Segment`] → its [`tcp::Connection`] → a
//! [`tcp::Verdict`], kept for the frame → words → tree items.
//!
//! - [`tcp`] is what TCP means. It knows nothing of Wireshark and makes no text.
//! - [`narrate`] is the text: what to say is decided once, and a folder per language phrases it.
//! - `wireshark` is everything that touches libwireshark, and all the unsafe code.

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod narrate;
pub mod tcp;
#[allow(unsafe_code)]
mod wireshark;
