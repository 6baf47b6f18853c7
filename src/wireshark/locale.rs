//! The language that the user reads, as far as this machine says.

use crate::narrate::Language;
use std::sync::OnceLock;

/// Korean where the user's locale for messages says `ko`, English otherwise. It is looked up once, as each segment's words ask
/// for it several times. The order of the variables is POSIX's; where none is set, as on Windows, the system's own setting counts.
pub fn language() -> Language {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    *LANGUAGE.get_or_init(|| match ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set) {
        Some(name) if name.as_encoded_bytes().starts_with(b"ko") => Language::Korean,
        Some(_) => Language::English,
        None => of_the_system(),
    })
}

#[cfg(not(windows))]
fn of_the_system() -> Language {
    Language::English
}

/// The language of Windows' own menus and messages.
#[cfg(windows)]
fn of_the_system() -> Language {
    const PRIMARY: u16 = 0x3ff; // PRIMARYLANGID() of winnt.h
    const KOREAN: u16 = 0x12; // LANG_KOREAN
    #[link(name = "kernel32")]
    unsafe extern "system" {
        safe fn GetUserDefaultUILanguage() -> u16;
    }
    if GetUserDefaultUILanguage() & PRIMARY == KOREAN { Language::Korean } else { Language::English }
}
