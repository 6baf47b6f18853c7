//! Which copy of the plugin is in use. Wireshark loads every file in its plugins folder; each copy has its own variables, so
//! the first leaves its file's name where the next one finds it: in glib, which all of them share with Wireshark.

use super::bindings as ws;
use std::ffi::{CStr, CString};

/// Claims the name for this copy; the file of the copy that has it, if another has.
pub fn claim() -> Result<(), String> {
    const NAME: &CStr = c"tcpshake";
    // SAFETY: glib copies nothing but the pointers; the file's name is never freed.
    unsafe {
        let name = ws::g_quark_from_static_string(NAME.as_ptr());
        // The place in glib's datasets: an address that every copy finds the same. One of Wireshark's functions would not be,
        // since on Windows each library reaches them by its own jumps.
        let place = ws::g_quark_to_string(name).cast();
        let in_use = ws::g_dataset_id_get_data(place, name);
        if !in_use.is_null() {
            return Err(CStr::from_ptr(in_use.cast()).to_string_lossy().into_owned());
        }
        ws::g_dataset_id_set_data_full(place, name, own_file().into_raw().cast(), None);
    }
    Ok(())
}

/// The file that this copy was loaded from.
#[cfg(unix)]
fn own_file() -> CString {
    let mut found = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: an address in this library, and room for the answer; the name lives as long as the library is loaded.
    let name = unsafe {
        let known = libc::dladdr(own_file as *const libc::c_void, found.as_mut_ptr()) != 0;
        let name = found.assume_init().dli_fname;
        (known && !name.is_null()).then(|| CStr::from_ptr(name).to_owned())
    };
    name.unwrap_or_else(|| c"another file".to_owned())
}

/// The file that this copy was loaded from.
#[cfg(windows)]
fn own_file() -> CString {
    use libc::{c_int, c_void};
    // GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS and …_UNCHANGED_REFCOUNT of libloaderapi.h
    const BY_ADDRESS: u32 = 0x4 | 0x2;
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> c_int;
        fn GetModuleFileNameW(module: *mut c_void, name: *mut u16, size: u32) -> u32;
    }
    let mut name = [0; 1024];
    let mut module = std::ptr::null_mut();
    // SAFETY: an address in this library, and room for the answers, of which no more is written than there is.
    let length = unsafe {
        if GetModuleHandleExW(BY_ADDRESS, own_file as *const c_void, &raw mut module) == 0 {
            0
        } else {
            GetModuleFileNameW(module, name.as_mut_ptr(), name.len() as u32)
        }
    };
    let name = String::from_utf16_lossy(&name[..length as usize]);
    CString::new(name).ok().filter(|name| !name.is_empty()).unwrap_or_else(|| c"another file".to_owned())
}
