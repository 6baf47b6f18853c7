//! Registration: the symbols Wireshark looks for in a plugin, the protocol, its fields, trees and expert items.

use super::bindings as ws;
use super::experts::{self, EXPERTS, Expert};
use super::fields::{self, FIELDS, FieldKind};
use super::guard;
use super::preferences;
use super::reports::{statistics, tables};
use super::second_copy;
use super::subtrees::{Subtree, note_protocol, protocol};
use libc::{c_char, c_int};
use std::ptr::{null, null_mut};

/// This crate's version, with a zero byte at its end.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// The same as the array that C expects.
const VERSION_BYTES: [u8; VERSION.len()] = *VERSION.as_bytes().first_chunk().unwrap();

/// What Wireshark shows as the plugin's version (`tshark -G plugins`).
#[unsafe(no_mangle)]
pub static plugin_version: [u8; VERSION.len()] = VERSION_BYTES;

/// The major version of Wireshark that this build serves.
#[unsafe(no_mangle)]
pub static plugin_want_major: c_int = ws::WIRESHARK_VERSION_MAJOR as c_int;

/// The minor version of Wireshark that this build serves.
#[unsafe(no_mangle)]
pub static plugin_want_minor: c_int = ws::WIRESHARK_VERSION_MINOR as c_int;

/// Registers everything with Wireshark. Called once, when the plugin is loaded.
///
/// A second copy of the plugin, under another file name, stays out: two protocols of one name would end Wireshark.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_register() {
    static PLUGIN: PluginFunctions =
        PluginFunctions(ws::proto_plugin { register_protoinfo: Some(register), register_handoff: Some(hand_off) });
    guard::print_first_panic_only();
    guard::at_start(|| {
        guard::panic_if_asked(format_args!("load"));
        if let Err(in_use) = second_copy::claim() {
            guard::print(&format!("tcpshake: {in_use} is in use; this second copy stays out"));
            return;
        }
        // SAFETY: Wireshark keeps the pointer; the record lives as long as the program.
        unsafe { ws::proto_register_plugin(&PLUGIN.0) }
    });
}

/// From 4.4 on: what the plugin adds (`tshark -G plugins`).
#[unsafe(no_mangle)]
pub extern "C" fn plugin_describe() -> u32 {
    // WS_PLUGIN_DESC_… of wsutil/plugins.h
    const DISSECTOR: u32 = 1;
    const EPAN: u32 = 1 << 3; // the statistics
    DISSECTOR | EPAN
}

struct PluginFunctions(ws::proto_plugin);
// SAFETY: two pointers to functions, never written.
unsafe impl Sync for PluginFunctions {}

extern "C" fn register() {
    guard::at_start(|| {
        guard::panic_if_asked(format_args!("register"));
        // SAFETY: called by Wireshark's registration.
        unsafe { register_all() };
    });
}

/// # Safety
/// To be called by Wireshark's registration, once.
unsafe fn register_all() {
    // SAFETY: the strings are constants. Everything handed to Wireshark here lives as long as the program, as it demands.
    unsafe {
        let name = c"TCP Handshake".as_ptr();
        let protocol = ws::proto_register_protocol(name, name, c"tcpshake".as_ptr());
        if !note_protocol(protocol) {
            return;
        }
        register_fields(protocol);
        let trees: &[*mut c_int] = Subtree::id_slots().collect::<Vec<_>>().leak();
        ws::proto_register_subtree_array(trees.as_ptr(), trees.len() as c_int);
        let experts = register_experts(protocol);
        preferences::register(protocol);
        ws::tcpshake_shim_register(protocol, experts.cast(), Expert::InternalError as usize);
    }
}

extern "C" fn hand_off() {
    guard::at_start(|| {
        guard::panic_if_asked(format_args!("hand-off"));
        if protocol() < 0 {
            return; // the registration failed
        }
        // SAFETY: called by Wireshark once all protocols are registered.
        unsafe {
            statistics::register();
            tables::register();
            ws::tcpshake_shim_handoff();
        }
    });
}

/// # Safety
/// To be called by Wireshark's registration, once.
unsafe fn register_fields(protocol: c_int) {
    let list: Vec<ws::hf_register_info> = FIELDS
        .iter()
        .enumerate()
        .map(|(index, spec)| ws::hf_register_info {
            p_id: fields::id_slot(index),
            hfinfo: field_info(spec.name.as_ptr(), spec.filter.as_ptr(), spec.kind, spec.blurb.as_ptr()),
        })
        .collect();
    let list = list.leak();
    // SAFETY: the list is never freed, as Wireshark demands.
    unsafe { ws::proto_register_field_array(protocol, list.as_mut_ptr(), FIELDS.len() as c_int) }
    fields::remember(list);
}

/// # Safety
/// To be called by Wireshark's registration, once. Returns where Wireshark put the items' numbers.
unsafe fn register_experts(protocol: c_int) -> *mut ws::expert_field {
    let unset = ws::expert_field { ei: ws::EI_INIT_EI as c_int, hf: ws::EI_INIT_HF as c_int };
    let numbers: &'static mut [ws::expert_field] = vec![unset; EXPERTS.len()].leak();
    let first = numbers.as_mut_ptr();
    let mut list: Vec<ws::ei_register_info> = Vec::new();
    for (index, spec) in EXPERTS.iter().enumerate() {
        list.push(ws::ei_register_info {
            // SAFETY: within `numbers`, which has as many items as EXPERTS.
            ids: unsafe { first.add(index) },
            eiinfo: ws::expert_field_info {
                name: spec.filter.as_ptr(),
                group: ws::PI_SEQUENCE as c_int,
                severity: spec.severity as c_int,
                summary: spec.summary.as_ptr(),
                id: 0,
                protocol: null(),
                orig_severity: 0,
                hf_info: ws::hf_register_info {
                    p_id: null_mut(),
                    hfinfo: ws::header_field_info {
                        type_: ws::FT_NONE,
                        ..field_info(null(), null(), FieldKind::Text, null())
                    },
                },
            },
        });
    }
    // SAFETY: neither list is ever freed.
    unsafe {
        let module = ws::expert_register_protocol(protocol);
        let list = list.leak();
        ws::expert_register_field_array(module, list.as_mut_ptr(), EXPERTS.len() as c_int);
        experts::remember(list);
    }
    first
}

/// A field's record as the macro HFILL of epan/proto.h completes it.
fn field_info(
    name: *const c_char,
    filter: *const c_char,
    kind: FieldKind,
    blurb: *const c_char,
) -> ws::header_field_info {
    let (field_type, display, strings) = kind.registered();
    ws::header_field_info {
        name,
        abbrev: filter,
        type_: field_type,
        display,
        strings,
        bitmask: 0,
        blurb,
        id: -1,
        parent: 0,
        ref_type: ws::HF_REF_TYPE_NONE,
        same_name_prev_id: -1,
        same_name_next: null_mut(),
    }
}
