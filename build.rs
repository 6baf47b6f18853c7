//! Finds Wireshark's headers, makes Rust bindings of what `wireshark-headers/tcpshake.h` names, and compiles the C shim.
//!
//! The headers are looked for in this order:
//! 1. `TCPSHAKE_WIRESHARK_HEADERS`: a folder that holds `epan/` and `ws_version.h`, as `/usr/include/wireshark` does;
//! 2. pkg-config's `wireshark`.
//!
//! On Windows the linker needs import libraries as well: `TCPSHAKE_WIRESHARK_LIB` names the folders that hold them.
//!
//! The plugin serves the minor version of Wireshark whose headers it was built with. A version that it was never run with is
//! refused, unless `TCPSHAKE_UNTESTED_WIRESHARK` is 1.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::exit;

const HEADERS_VARIABLE: &str = "TCPSHAKE_WIRESHARK_HEADERS";
const LIBRARIES_VARIABLE: &str = "TCPSHAKE_WIRESHARK_LIB";
/// The C part of the plugin.
const SHIM: [&str; 9] = [
    "plugin/shim/shim.c",
    "plugin/shim/read.c",
    "plugin/shim/ip.c",
    "plugin/shim/conversation.c",
    "plugin/shim/flow.c",
    "plugin/shim/follow.c",
    "plugin/shim/reports.c",
    "plugin/shim/tables.c",
    "plugin/shim/window.c",
];
const UNTESTED_VARIABLE: &str = "TCPSHAKE_UNTESTED_WIRESHARK";
const SUPPORTED: [(u32, u32); 4] = [(4, 0), (4, 2), (4, 4), (4, 6)];

fn main() {
    for path in ["plugin/shim", "wireshark-headers", "build.rs"] {
        println!("cargo::rerun-if-changed={path}");
    }
    for variable in [HEADERS_VARIABLE, LIBRARIES_VARIABLE, UNTESTED_VARIABLE] {
        println!("cargo::rerun-if-env-changed={variable}");
    }

    let wireshark = wireshark_headers();
    let version = version_of(&wireshark);
    let (major, minor, micro) = version;
    println!(
        "cargo::warning=building for Wireshark {major}.{minor} (headers of {major}.{minor}.{micro} in {})",
        wireshark.display()
    );
    if !SUPPORTED.contains(&(major, minor)) {
        refuse_untested(major, minor);
    }

    let mut includes = vec![wireshark];
    includes.extend(glib_headers());
    make_bindings(&includes);
    compile_shim(&includes);
    leave_symbols_to_the_host();
}

/// Structures and functions change between minor versions, so a build that compiles can still end its Wireshark: whoever
/// wants to try has to say so.
fn refuse_untested(major: u32, minor: u32) {
    let supported = SUPPORTED.map(|(major, minor)| format!("{major}.{minor}")).join(", ");
    let what = format!("Wireshark {major}.{minor} is not among the versions this plugin is tested with ({supported})");
    if env::var_os(UNTESTED_VARIABLE).is_some_and(|value| value == "1") {
        println!("cargo::warning={what}");
    } else {
        println!("cargo::error={what}; set {UNTESTED_VARIABLE}=1 to build it all the same");
        exit(1);
    }
}

/// Ends the build with one line that says what is missing.
fn missing(what: &str, package: &str) -> ! {
    if for_windows() {
        println!("cargo::error={what} not found: see docs/windows.md, which builds the plugin for Windows on Debian");
    } else {
        println!(
            "cargo::error={what} not found: install {package} (Debian, Ubuntu: apt-get install {package}), or see README.md, \"Build\""
        );
    }
    exit(1);
}

fn for_windows() -> bool {
    env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "windows")
}

fn wireshark_headers() -> PathBuf {
    if let Some(folder) = env::var_os(HEADERS_VARIABLE).filter(|value| !value.is_empty()) {
        let folder = PathBuf::from(folder);
        if !folder.join("ws_version.h").is_file() {
            println!("cargo::error={HEADERS_VARIABLE} is {}, which holds no ws_version.h", folder.display());
            exit(1);
        }
        return folder;
    }
    let package = "libwireshark-dev";
    let found = pkg_config::Config::new().cargo_metadata(false).print_system_cflags(true).probe("wireshark");
    let folders = found.map(|library| library.include_paths).unwrap_or_default();
    match folders.into_iter().find(|folder| folder.join("ws_version.h").is_file()) {
        Some(folder) => folder,
        None => missing("Wireshark's headers", package),
    }
}

fn glib_headers() -> Vec<PathBuf> {
    match pkg_config::Config::new().cargo_metadata(false).probe("glib-2.0") {
        Ok(glib) => glib.include_paths,
        Err(_) => missing("glib's headers", "libglib2.0-dev"),
    }
}

fn version_of(headers: &Path) -> (u32, u32, u32) {
    let path = headers.join("ws_version.h");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let number = |part: &str| {
        let name = format!("WIRESHARK_VERSION_{part}");
        let mut words = text.split_whitespace().skip_while(|word| *word != name);
        words.nth(1).and_then(|word| word.parse().ok())
    };
    match (number("MAJOR"), number("MINOR"), number("MICRO")) {
        (Some(major), Some(minor), Some(micro)) => (major, minor, micro),
        _ => {
            println!("cargo::error={} does not say which version of Wireshark it belongs to", path.display());
            exit(1);
        }
    }
}

fn make_bindings(includes: &[PathBuf]) {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("bindings.rs");
    let bindings = bindgen::Builder::default()
        .header("wireshark-headers/tcpshake.h")
        .header("plugin/shim/shim.h")
        .clang_args(includes.iter().map(|folder| format!("-I{}", folder.display())))
        .allowlist_file("(.*/)?wireshark-headers/.*")
        .allowlist_file("(.*/)?plugin/shim/shim.h")
        .allowlist_type("header_field_info|hf_register_info|ei_register_info|expert_field|proto_plugin|enum_val_t|value_string|ftenum|field_display_e|ft_framenum_type")
        .allowlist_function("proto_register_.*|proto_get_protocol_filter_name")
        .allowlist_function("expert_register_.*|prefs_register_.*|g_string_free|g_quark_(from_static|to)_string|g_dataset_id_.*")
        .allowlist_function("register_tap_listener|stats_tree_.*")
        .allowlist_type("tap_packet_status|manip_node_mode|stat_node_datatype")
        .allowlist_var("WIRESHARK_VERSION_.*|PI_.*|BASE_.*|FT_.*|HF_REF_TYPE_.*|EI_INIT_.*")
        .allowlist_var("TL_REQUIRES_NOTHING|ST_.*")
        .opaque_type("_?packet_info|epan_.*|_?GArray|tvbuff|tvb.*|wmem.*|frame_data")
        .default_enum_style(bindgen::EnumVariation::Consts)
        .prepend_enum_name(false)
        .layout_tests(false)
        .derive_default(true)
        .generate_comments(false)
        .generate();
    match bindings {
        Ok(bindings) => bindings.write_to_file(out).expect("OUT_DIR can be written"),
        Err(error) => {
            println!(
                "cargo::error=bindgen could not read Wireshark's headers ({error}); it needs libclang: install libclang-dev"
            );
            exit(1);
        }
    }
}

fn compile_shim(includes: &[PathBuf]) {
    let mut compiler = cc::Build::new();
    for folder in includes {
        // What is given away names no folder of the machine that made it.
        compiler.flag_if_supported(format!("-ffile-prefix-map={}=include", folder.display()));
    }
    // A type or function that differs in this version of Wireshark must not compile: it would crash when it is called.
    for mistake in ["incompatible-pointer-types", "implicit-function-declaration", "int-conversion"] {
        compiler.flag_if_supported(format!("-Werror={mistake}"));
    }
    compiler
        .files(SHIM)
        .includes(includes)
        .warnings(true)
        .extra_warnings(true)
        .flag_if_supported("-Wno-unused-parameter") // Wireshark's headers have some
        .opt_level(2)
        .compile("tcpshake_shim");
}

/// Wireshark itself holds the functions that a plugin calls, so they are looked up in it when the plugin is loaded, and
/// the file needs no particular libwireshark. All are looked up then (`-z now`, and Wireshark opens plugins without
/// `G_MODULE_BIND_LAZY`, wsutil/plugins.c); so a Wireshark that lacks one refuses the file with a message, and none is missed
/// later. Test programs of this crate, where some are linked in but none is called, look them up when they are called.
fn leave_symbols_to_the_host() {
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => println!("cargo::rustc-link-arg=-Wl,-undefined,dynamic_lookup"),
        Ok("windows") => link_import_libraries(),
        _ => {
            println!("cargo::rustc-link-arg=-Wl,--unresolved-symbols=ignore-all,-z,lazy");
            println!("cargo::rustc-link-arg-cdylib=-Wl,-z,now");
        }
    }
}

/// On Windows a file says which library has each function that it calls.
fn link_import_libraries() {
    let Some(folders) = env::var_os(LIBRARIES_VARIABLE).filter(|value| !value.is_empty()) else {
        println!(
            "cargo::error={LIBRARIES_VARIABLE} has to name the folders of the import libraries of wireshark, wsutil and glib-2.0: see docs/windows.md"
        );
        exit(1);
    };
    for folder in env::split_paths(&folders) {
        println!("cargo::rustc-link-search=native={}", folder.display());
    }
    for library in ["wireshark", "wsutil", "glib-2.0"] {
        println!("cargo::rustc-link-lib=dylib={library}");
    }
}
