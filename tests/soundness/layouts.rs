//! Wireshark's records are laid out on Windows and macOS as the plugin's build takes them to be, as far as clang can tell on
//! Linux; and the shim compiles for both.
//!
//! The build for Windows is MinGW's, and the official Wireshark there is MSVC's: the two have to agree on every record. macOS has
//! two processors, on which records have to be as on Linux. MinGW's headers stand in for Microsoft's, and musl's for Apple's;
//! what glib and they declare themselves is not compared. Wireshark's headers are those of this machine, and of every version
//! that `wireshark-headers/get` has brought.

#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Records by their names, each with its members' offsets and its size; those without a name by where they stand.
type Layouts = BTreeMap<String, Vec<String>>;

/// The records that Windows may lay out otherwise than Linux, and does: bit-fields of different types share no unit there (in
/// `frame_data`, and in what wiretap says of a packet), and `long` has 32 bits (in a log message's time and a capture file's).
/// The plugin is compiled for each, so that it finds their members all the same.
const OTHERWISE_ON_WINDOWS: [&str; 6] = ["_frame_data", "_phdr", "ieee_802_11", "wtap", "wslog.h", "_capture_file"];

#[test]
fn records_are_laid_out_alike() {
    let Some(tools) = Tools::find() else {
        return support::skip("no clang, mingw-w64-x86-64-dev and musl-dev to compare record layouts with");
    };
    let compilers =
        [tools.linux(), tools.macos("aarch64"), tools.macos("x86_64"), tools.windows("gnu"), tools.windows("msvc")];
    for headers in all_headers() {
        let [on_linux, on_arm, on_intel, on_gnu, on_msvc] = std::thread::scope(|scope| {
            let (tools, headers) = (&tools, &headers);
            let started = compilers.each_ref().map(|compiler| scope.spawn(|| tools.layouts(compiler, headers)));
            started.map(|one| one.join().expect("clang compiles it"))
        });
        let name = headers.display();
        assert!(on_linux.len() > 100, "{name}: only {} records were found", on_linux.len());
        assert_eq!(different(&on_gnu, &on_msvc), [""; 0], "{name}: MinGW's and MSVC's");
        assert_eq!(different(&on_linux, &on_arm), [""; 0], "{name}: Linux's and Apple's processors'");
        assert_eq!(different(&on_linux, &on_intel), [""; 0], "{name}: Linux's and Intel's Macs'");
        let mut otherwise = different(&on_linux, &on_msvc);
        assert!(otherwise.contains(&"struct _frame_data"), "{name}: the comparison finds nothing any more");
        otherwise.retain(|record| !OTHERWISE_ON_WINDOWS.iter().any(|known| record.contains(known)));
        assert_eq!(otherwise, [""; 0], "{name}: Linux's and Windows'");
        println!("{name}: {} records on Linux, {} on Windows", on_linux.len(), on_msvc.len());
    }
}

/// The records of both that differ, or that one of them lacks.
fn different<'a>(one: &'a Layouts, other: &'a Layouts) -> Vec<&'a str> {
    let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
    names.filter(|name| one.get(*name) != other.get(*name)).map(String::as_str).collect()
}

/// What declares Wireshark's records for the plugin: for Rust, and for the shim.
fn sources() -> Vec<PathBuf> {
    let shim = fs::read_dir(support::project().join("plugin/shim")).unwrap().map(|file| file.unwrap().path());
    let c = shim.filter(|file| file.extension().is_some_and(|ending| ending == "c"));
    c.chain([support::project().join("wireshark-headers/tcpshake.h")]).collect()
}

/// Wireshark's headers of this machine, and of every version that was brought.
fn all_headers() -> Vec<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| support::project().join("target"), PathBuf::from);
    let own = std::env::var_os("TCPSHAKE_WIRESHARK_HEADERS").unwrap_or_else(|| "/usr/include/wireshark".into());
    let brought =
        ["4.0", "4.4", "4.6"].map(|version| target.join(format!("wireshark-{version}/usr/include/wireshark")));
    let all = std::iter::once(own.into()).chain(brought);
    all.filter(|folder: &PathBuf| folder.join("ws_version.h").is_file()).collect()
}

/// clang, and what it compiles with.
struct Tools {
    /// clang's own headers.
    own: PathBuf,
    /// Where this test may write.
    scratch: PathBuf,
}

/// Arguments to clang that make it compile for a system.
type Compiler = Vec<String>;

impl Tools {
    fn find() -> Option<Tools> {
        let own = Command::new("clang").arg("-print-resource-dir").output().ok()?;
        let own = Path::new(String::from_utf8(own.stdout).ok()?.trim()).join("include");
        let there = |path| Path::new(path).is_dir();
        if !there("/usr/x86_64-w64-mingw32/include") || !there("/usr/include/x86_64-linux-musl") {
            return None;
        }
        let scratch = support::home().join("layouts");
        fs::create_dir_all(&scratch).unwrap();
        // MinGW's headers write these two behind a declaration, where MSVC's form of them is not understood.
        let words = ["NORETURN", "DEPRECATED"];
        let unset = words.map(|word| format!("#undef __MINGW_ATTRIB_{word}\n#define __MINGW_ATTRIB_{word}\n")).concat();
        fs::write(scratch.join("BaseTsd.h"), "#include <basetsd.h>\n").unwrap(); // Windows' files have no case
        fs::write(scratch.join("mingw.h"), format!("#include <_mingw.h>\n{unset}")).unwrap();
        let libraries =
            ["stdio.h", "stdlib.h", "string.h", "time.h", "glib.h"].map(|header| format!("#include <{header}>\n"));
        fs::write(scratch.join("libraries.c"), libraries.concat()).unwrap();
        let glib = Command::new(support::project().join("plugin/windows/glib")).arg(scratch.join("glib")).output();
        let glib = glib.expect("plugin/windows/glib runs");
        assert!(glib.status.success(), "{}", String::from_utf8_lossy(&glib.stderr));
        Some(Tools { own, scratch })
    }

    fn linux(&self) -> Compiler {
        debian_glib()
    }

    fn macos(&self, processor: &str) -> Compiler {
        let target = format!("--target={processor}-apple-darwin");
        [vec![target], self.headers("/usr/include/x86_64-linux-musl"), debian_glib()].concat()
    }

    fn windows(&self, maker: &str) -> Compiler {
        let mut compiler = vec![format!("--target=x86_64-pc-windows-{maker}")];
        compiler.extend(self.headers("/usr/x86_64-w64-mingw32/include"));
        compiler.extend(["-isystem".into(), self.scratch.display().to_string()]);
        compiler.extend(["-include".into(), self.scratch.join("mingw.h").display().to_string()]);
        compiler.push(format!("-I{}", self.scratch.join("glib/glib-2.0").display()));
        compiler
    }

    /// The headers of a C library, instead of this machine's.
    fn headers(&self, library: &str) -> Compiler {
        let own = self.own.display().to_string();
        ["-nostdinc", "-isystem", &own, "-isystem", library].map(String::from).to_vec()
    }

    /// The layouts of Wireshark's own records, as the compiler has them.
    fn layouts(&self, compiler: &Compiler, wireshark: &Path) -> Layouts {
        let dump = |source: &Path| {
            let mut clang = Command::new("clang");
            clang.args(["-fsyntax-only", "-Xclang", "-fdump-record-layouts-complete"]).args(compiler);
            clang.args(["-Werror=incompatible-pointer-types", "-Werror=int-conversion"]);
            let output = clang.arg("-I").arg(wireshark).arg(source).output().expect("clang runs");
            assert!(output.status.success(), "{compiler:?} {}", String::from_utf8_lossy(&output.stderr));
            layouts_of(&String::from_utf8_lossy(&output.stdout))
        };
        let mut found = Layouts::new();
        for source in sources() {
            found.append(&mut dump(&source));
        }
        for name in dump(&self.scratch.join("libraries.c")).keys() {
            found.remove(name);
        }
        let folder = format!(" at {}", wireshark.display());
        found.retain(|name, _| !name.contains(" at ") || name.contains(&folder));
        found
    }
}

/// glib's headers of this machine.
fn debian_glib() -> Compiler {
    let output = Command::new("pkg-config").args(["--cflags-only-I", "glib-2.0"]).output().expect("pkg-config runs");
    String::from_utf8_lossy(&output.stdout).split_whitespace().map(String::from).collect()
}

/// Reads clang's dump: of each line the offset and the member's name. A type may have another name on each system.
fn layouts_of(dump: &str) -> Layouts {
    let mut found = Layouts::new();
    for record in dump.split("*** Dumping AST Record Layout").skip(1) {
        let mut lines = record.lines().filter_map(|line| line.split_once('|'));
        let Some((_, name)) = lines.next() else { continue };
        let member = |(offset, what): (&str, &str)| {
            let what = what.trim();
            let what = if what.starts_with('[') { what } else { what.rsplit(' ').next().unwrap_or(what) };
            format!("{} {what}", offset.trim())
        };
        found.insert(name.trim().to_owned(), lines.map(member).collect());
    }
    found
}
