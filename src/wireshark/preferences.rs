//! The user's preferences (Edit > Preferences > Protocols > TCPSHAKE; `tshark -o tcpshake.language:ko`).

use super::bindings as ws;
use crate::narrate::Language;
use libc::c_int;
use std::ffi::CStr;
use std::ptr::null;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

/// Automatic, English, Korean: as registered below.
static LANGUAGE: AtomicI32 = AtomicI32::new(AUTOMATIC);

const AUTOMATIC: c_int = 0;
const ENGLISH: c_int = 1;
const KOREAN: c_int = 2;

/// The language to narrate in.
pub fn language() -> Language {
    match LANGUAGE.load(Relaxed) {
        ENGLISH => Language::English,
        KOREAN => Language::Korean,
        _ => of_the_locale(),
    }
}

/// Whether to add the explanations of header items.
pub fn explain() -> bool {
    // SAFETY: a plain variable of the shim; Wireshark writes it between dissections, on the same thread.
    unsafe { ws::tcpshake_explain != Default::default() }
}

/// Whether the narration is to stand in the Info column too.
pub fn info_column() -> bool {
    // SAFETY: as above.
    unsafe { ws::tcpshake_info_column != Default::default() }
}

/// Whether an explained difference from Wireshark's completeness is worth an expert note.
pub fn expert_differences() -> bool {
    // SAFETY: as above.
    unsafe { ws::tcpshake_expert_differences != Default::default() }
}

/// Korean where the user's locale for messages says `ko`, English otherwise. The order of the variables is POSIX's.
fn of_the_locale() -> Language {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    match locale {
        Some(name) if name.as_encoded_bytes().starts_with(b"ko") => Language::Korean,
        _ => Language::English,
    }
}

/// Registers them.
///
/// # Safety
/// To be called by Wireshark's registration, once.
pub unsafe fn register(protocol: c_int) {
    let choice = |name: &'static CStr, description: &'static CStr, value| ws::enum_val_t {
        name: name.as_ptr(),
        description: description.as_ptr(),
        value,
    };
    let languages = vec![
        choice(c"auto", c"Automatic (from the locale)", AUTOMATIC),
        choice(c"en", c"English", ENGLISH),
        choice(c"ko", c"한국어", KOREAN),
        ws::enum_val_t { name: null(), description: null(), value: 0 },
    ];
    #[allow(clippy::useless_conversion)] // a number in 4.0, a bool from 4.4 on
    let as_radio_buttons = false.into();
    // SAFETY: the strings, the list and the variables live as long as the program.
    unsafe {
        let module = ws::prefs_register_protocol(protocol, None);
        ws::prefs_register_enum_preference(
            module,
            c"language".as_ptr(),
            c"Language".as_ptr(),
            c"The language of the narration, the dialogue and the explanations. Names of phases, steps and states are the same in every language.".as_ptr(),
            LANGUAGE.as_ptr(),
            languages.leak().as_ptr(),
            as_radio_buttons,
        );
        ws::prefs_register_bool_preference(
            module,
            c"explain".as_ptr(),
            c"Explain the header on handshake segments".as_ptr(),
            c"Adds a line for each item of the TCP header that a learner asks about, on segments of the opening and closing handshake.".as_ptr(),
            &raw mut ws::tcpshake_explain,
        );
        ws::prefs_register_bool_preference(
            module,
            c"info_column".as_ptr(),
            c"Narration in the Info column".as_ptr(),
            c"Appends the narration to the Info column of the packet list.".as_ptr(),
            &raw mut ws::tcpshake_info_column,
        );
        ws::prefs_register_bool_preference(
            module,
            c"expert_differences".as_ptr(),
            c"Expert notes for explained differences".as_ptr(),
            c"Adds an expert note where the completeness differs from Wireshark's for a known reason. An unexplained difference always gets a warning.".as_ptr(),
            &raw mut ws::tcpshake_expert_differences,
        );
    }
}
