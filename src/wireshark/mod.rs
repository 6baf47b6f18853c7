//! Everything that touches libwireshark, and all the unsafe code of this crate.
//!
//! Wireshark's exceptions are `longjmp`s. What can throw is called from C (`plugin/shim`), at moments when no Rust frame is
//! on the stack; so an exception passes through C alone, and is caught by Wireshark. The functions that the
//! shim calls are in [`abi`], those that Wireshark's tap calls in [`reports`]; none lets a panic out ([`guard`]).
//!
//! | | |
//! | --- | --- |
//! | registration | [`register`], with [`fields`], [`experts`], [`subtrees`], [`preferences`], [`locale`]; [`second_copy`] keeps a second copy out |
//! | first pass | [`read`] makes a segment of a header's bytes, [`intake`] takes it in, [`session`] keeps what it is, in [`records`] |
//! | showing | [`session`] recalls a segment, [`show`] chooses its items and writes them on a [`sheet`] |
//! | reports | [`reports`]: statistics, tables, stories, rows, flow graphs |

mod abi;
mod acks;
mod bindings;
mod chunks;
mod experts;
mod fields;
mod firsts;
mod guard;
mod intake;
mod locale;
mod packed;
mod place;
mod preferences;
mod printed;
mod read;
mod records;
mod register;
mod repeats;
mod reports;
mod second_copy;
mod session;
mod sheet;
mod show;
mod subtrees;
