//! Everything that touches libwireshark, and all the unsafe code of this crate.
//!
//! Wireshark's exceptions are `longjmp`s. What can throw is called from C (`plugin/*.c`), at moments when no Rust frame is
//! on the stack; the functions that the shim calls are in [`entry`], and none lets a panic out ([`guard`]).

mod bindings;
mod chunks;
mod copy;
mod entry;
mod experts;
mod fields;
mod guard;
mod preferences;
mod read;
mod register;
mod session;
mod show;
mod statistics;
mod story;
mod tapped;
