//! Wireshark's functions are left unresolved, as in the plugin: the fuzz targets never call them.

fn main() {
    println!("cargo::rustc-link-arg=-Wl,--unresolved-symbols=ignore-all");
}
