//! A version of Wireshark that the plugin was never run with is refused when it is built, with one line that says so.

#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::process::Command;

#[test]
fn an_untested_wireshark_is_refused() {
    let folder = support::project().join("target/refusal");
    let headers = folder.join("headers");
    fs::create_dir_all(&headers).unwrap();
    let version =
        "#define WIRESHARK_VERSION_MAJOR 4\n#define WIRESHARK_VERSION_MINOR 7\n#define WIRESHARK_VERSION_MICRO 1\n";
    fs::write(headers.join("ws_version.h"), version).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--lib", "--offline", "--manifest-path"])
        .arg(support::project().join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&folder)
        .env("TCPSHAKE_WIRESHARK_HEADERS", &headers)
        .env_remove("TCPSHAKE_UNTESTED_WIRESHARK")
        .output()
        .expect("cargo runs");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{printed}");
    let errors: Vec<_> = printed.lines().filter(|line| line.contains("error: tcpshake@")).collect();
    assert_eq!(errors.len(), 1, "{printed}");
    assert!(errors[0].contains("Wireshark 4.7 is not among the versions this plugin is tested with"), "{printed}");
}
