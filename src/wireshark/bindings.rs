//! Wireshark's declarations, as bindgen reads them from `wireshark-headers/tcpshake.h` when the plugin is built.

#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals, dead_code, missing_docs)]
#![allow(clippy::all)]

include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
