//! The learner's capture of one HTTP request, made from its figures: every frame, in all three ways of looking.

#[path = "../support/mod.rs"]
mod support;

use std::path::PathBuf;
use support::capture::{Line, Socket, back, frame, to, write};
use support::{LANGUAGES, WAYS, Way, fields, names};

const CLIENT: Socket = ([192, 168, 0, 10], 58512);
const SERVER: Socket = ([172, 217, 31, 132], 80);
const C: u32 = 2160456513;
const S: u32 = 3210038829;
const REQUEST: usize = 78;
const FULL: u32 = 1418;
const LAST: u32 = 700;

/// The conversation: three segments open it, the GET is acknowledged, ten segments answer, four close.
fn conversation() -> Vec<Line> {
    let got = C + 1 + REQUEST as u32;
    let mut lines = vec![to("S", C, 0, 0), back("SA", S, C + 1, 0), to("A", C + 1, S + 1, 0)];
    lines.push(to("PA", C + 1, S + 1, REQUEST));
    lines.push(back("A", S + 1, got, 0));
    for i in 0..9 {
        lines.push(back("A", S + 1 + FULL * i, got, FULL as usize));
        lines.push(to("A", got, S + 1 + FULL * (i + 1), 0));
    }
    let end = S + 1 + FULL * 9 + LAST;
    lines.push(back("PA", S + 1 + FULL * 9, got, LAST as usize));
    lines.push(to("A", got, end, 0));
    lines.push(to("FA", got, end, 0));
    lines.push(back("A", end, got + 1, 0));
    lines.push(back("FA", end, got + 1, 0));
    lines.push(to("A", got + 1, end + 1, 0));
    lines
}

/// Twelve bytes of options: two to fill up, and timestamps (RFC 7323, 3.2).
fn timestamps(own: u32, echoed: u32) -> Vec<u8> {
    [&[1, 1, 8, 10][..], &own.to_be_bytes(), &echoed.to_be_bytes()].concat()
}

/// The SYNs offer timestamps, so every segment carries them (RFC 7323, 3.2): its sender's clock, which counts the
/// milliseconds between the frames from a number of its own, and the other clock as it was last heard; 0 in the first SYN.
fn capture() -> PathBuf {
    const MSS_1430: [u8; 4] = [2, 4, 5, 150];
    let (mut own, mut echoed) = (1_000_000, 0);
    let (mut forward, mut other) = (true, 5_000_000);
    let mut frames = Vec::new();
    for (millisecond, line) in (0..).zip(conversation()) {
        if line.forward != forward {
            forward = line.forward;
            echoed = own + millisecond - 1;
            std::mem::swap(&mut own, &mut other);
        }
        let mss = if line.flags.contains('S') { &MSS_1430[..] } else { &[] };
        frames.push(frame((CLIENT, SERVER), &line, &[mss, &timestamps(own + millisecond, echoed)].concat()));
    }
    write("worked-example", &frames)
}

/// docs/handshake.md walks through a copy of the capture.
#[test]
fn the_readers_copy_is_this_capture() {
    let copy = support::project().join("tests/captures/worked-example.pcap");
    let built = std::fs::read(capture()).unwrap();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&copy, &built).unwrap();
    }
    assert!(
        std::fs::read(&copy).is_ok_and(|bytes| bytes == built),
        "{} is another: set UPDATE_EXPECT=1",
        copy.display()
    );
}

/// One column of the frames, each field once.
fn column(way: Way, options: &[&str], field: &str) -> Vec<String> {
    fields(&capture(), way, options, &[field]).into_values().map(|mut row| row.remove(0).join("; ")).collect()
}

#[test]
fn phases_steps_and_states() {
    let count = conversation().len();
    for way in WAYS {
        let phases = column(way, &[], "tcpshake.phase");
        let phases: Vec<&str> = phases.iter().map(|phase| names::phase(phase)).collect();
        let expected = [vec!["Opening"; 3], vec!["Data"; count - 7], vec!["Closing"; 4]].concat();
        assert_eq!(phases, expected, "{way:?}");

        let steps = column(way, &[], "tcpshake.step");
        let steps: Vec<&str> = steps.iter().map(|step| names::step(step)).collect();
        assert_eq!(steps[..6], ["SYN", "SYN-ACK", "Handshake ACK", "Data", "ACK", "Data"], "{way:?}");
        assert_eq!(steps[count - 4..], ["First FIN", "ACK of the first FIN", "Second FIN", "Last ACK"], "{way:?}");

        let states: Vec<(String, String)> = column(way, &[], "tcpshake.client.state")
            .into_iter()
            .zip(column(way, &[], "tcpshake.server.state"))
            .collect();
        let of = |i: usize| (names::state(&states[i].0), names::state(&states[i].1));
        let opening = [("SYN-SENT", "LISTEN"), ("SYN-SENT", "SYN-RECEIVED"), ("ESTABLISHED", "ESTABLISHED")];
        assert_eq!([of(0), of(1), of(2)], opening, "{way:?}");
        let closing = [
            ("FIN-WAIT-1", "ESTABLISHED"),
            ("FIN-WAIT-2", "CLOSE-WAIT"),
            ("FIN-WAIT-2", "LAST-ACK"),
            ("TIME-WAIT", "CLOSED"),
        ];
        assert_eq!((count - 4..count).map(of).collect::<Vec<_>>(), closing, "{way:?}");
    }
}

#[test]
fn completeness_runs_in_one_pass_and_is_final_in_two() {
    let count = conversation().len();
    let so_far: Vec<String> = (0..count)
        .map(|i| match i {
            0 => "1",
            1 => "3",
            2 => "7",
            i if i < count - 4 => "15",
            _ => "31",
        })
        .map(String::from)
        .collect();
    let all_31 = vec!["31".to_string(); count];
    for way in WAYS {
        assert_eq!(column(way, &[], "tcpshake.completeness.so_far"), so_far, "{way:?}");
        let expected = if way == Way::OnePass { &so_far } else { &all_31 };
        assert_eq!(&column(way, &[], "tcpshake.completeness"), expected, "{way:?}");
        assert_eq!(column(way, &[], "tcpshake.completeness.agrees"), vec!["1"; count], "{way:?}");
    }
    assert_eq!(column(Way::TwoPasses, &[], "tcpshake.completeness.str")[0], "·FDASS");
}

#[test]
fn the_opening_is_linked_and_timed() {
    let names = [
        "tcpshake.opening.syn_frame",
        "tcpshake.opening.syn_ack_frame",
        "tcpshake.opening.ack_frame",
        "tcpshake.opening.syn_count",
        "tcpshake.opening.syn_ack_count",
        "tcpshake.client.isn",
        "tcpshake.server.isn",
    ];
    let times = ["tcpshake.opening.syn_to_syn_ack", "tcpshake.opening.syn_ack_to_ack", "tcpshake.opening.duration"];
    for way in [Way::TwoPasses, Way::Sharkd] {
        for (frame, row) in fields(&capture(), way, &[], &names) {
            let row: Vec<String> = row.into_iter().flatten().collect();
            assert_eq!(row, ["1", "2", "3", "1", "1", "2160456513", "3210038829"], "{way:?} frame {frame}");
        }
        for (frame, row) in fields(&capture(), way, &[], &times) {
            let seconds: Vec<f64> = row.iter().map(|values| values[0].parse().unwrap()).collect();
            assert_eq!(seconds, [0.001, 0.001, 0.002], "{way:?} frame {frame}");
        }
    }
    let first_pass = fields(&capture(), Way::OnePass, &[], &names);
    assert!(first_pass[&1][1].is_empty(), "the SYN-ACK is not known yet when the SYN is shown in one pass");
}

/// What learners ask, answered on the segment where they ask it.
#[test]
fn narrations_answer_with_this_segments_numbers() {
    for way in WAYS {
        let narrations = column(way, &["tcpshake.language:en"], "tcpshake.narration");
        assert!(narrations[0].contains("2160456513") && narrations[0].contains("2160456514"), "{}", narrations[0]);
        assert!(
            narrations[0].contains("takes one number") && narrations[0].contains("no payload"),
            "{}",
            narrations[0]
        );
        assert!(narrations[1].contains("two messages in one segment"), "{}", narrations[1]);
        assert!(
            narrations[1].contains("2160456514 = 2160456513 + 1") && narrations[1].contains("3210038830"),
            "{}",
            narrations[1]
        );
        assert!(narrations[2].contains("3210038830 = 3210038829 + 1"), "{}", narrations[2]);
        assert!(
            narrations[3].contains("78 bytes: relative numbers 1 to 78") && narrations[3].contains("79"),
            "{}",
            narrations[3]
        );
        for i in 0..9 {
            let first = 1 + 1418 * i;
            let part = &narrations[5 + 2 * i];
            assert!(part.contains(&format!("numbers {first} to {}", first + 1417)), "{part}");
            // Said once: what a full segment is, and what is acknowledged, which the ACK before has said.
            assert_eq!(part.contains("not IP fragmentation"), i == 0, "{part}");
            assert!(!part.contains("ACK 79") && narrations[4].contains("ACK 79"), "{part}");
            let acked = format!("acknowledges frame {}, captured 1.000 ms before", 6 + 2 * i);
            assert!(narrations[6 + 2 * i].contains(&acked), "{}", narrations[6 + 2 * i]);
        }
        let count = narrations.len();
        assert!(
            narrations[count - 4].contains("first to close") && narrations[count - 4].contains("next is 80"),
            "{}",
            narrations[count - 4]
        );
        assert!(narrations[count - 1].contains("TIME-WAIT"), "{}", narrations[count - 1]);

        let said = column(way, &["tcpshake.language:en"], "tcpshake.dialogue");
        assert_eq!(said[0], "client ---> server : \"May I connect? Please synchronise with my number 2160456513.\"");
        assert!(said[1].starts_with("client <--- server : \"Yes."), "{}", said[1]);
    }
}

#[test]
fn korean_says_the_same() {
    for way in WAYS {
        let narrations = column(way, &["tcpshake.language:ko"], "tcpshake.narration");
        assert!(
            narrations[0].starts_with("클라이언트(포트 58512)가 서버(포트 80)에 연결을 요청합니다."),
            "{}",
            narrations[0]
        );
        assert!(
            narrations[0].contains("2160456513입니다") && narrations[0].contains("2160456514"),
            "{}",
            narrations[0]
        );
        assert!(
            narrations[5].contains("1~1418") && narrations[5].contains("IP 단편화가 아닙니다"),
            "{}",
            narrations[5]
        );
        let said = column(way, &["tcpshake.language:ko"], "tcpshake.dialogue");
        assert_eq!(said[0], "클라이언트 ---> 서버 : \"연결해도 될까요? 제 번호 2160456513에 맞춰 주세요.\"");
    }
}

#[test]
fn explanations_stand_on_the_handshakes_only() {
    for language in LANGUAGES {
        let option = format!("tcpshake.language:{language}");
        for way in WAYS {
            let rows = fields(&capture(), way, &[&option], &["tcpshake.explain"]);
            let count = rows.len() as u32;
            for (frame, row) in rows {
                let handshake = frame <= 3 || frame > count - 4;
                assert_eq!(!row[0].is_empty(), handshake, "{way:?} {language} frame {frame}");
                assert!(!handshake || row[0].len() >= 9, "{way:?} {language} frame {frame}: {:?}", row[0]);
            }
        }
    }
    let off = ["tcpshake.explain:FALSE"];
    for (frame, row) in fields(&capture(), Way::OnePass, &off, &["tcpshake.explain"]) {
        assert!(row[0].is_empty(), "frame {frame}: {row:?}");
    }
}

/// What the whole value means stands on the first frame already, once the capture has been seen to its end.
#[test]
fn the_whole_completeness_is_explained_from_the_start() {
    let whole =
        "Completeness in the end: 31 = 1 SYN + 2 SYN-ACK + 4 ACK + 8 data + 16 FIN: opened, used, and closed by FIN.";
    for way in WAYS {
        let rows = fields(&capture(), way, &["tcpshake.language:en"], &["tcpshake.explain"]);
        assert_eq!(rows[&1][0].iter().any(|line| line == whole), way != Way::OnePass, "{way:?}: {:?}", rows[&1][0]);
        let last = &rows.values().last().unwrap()[0];
        assert!(last.iter().all(|line| !line.starts_with("Completeness in the end")), "{way:?}: {last:?}");
    }
}

#[test]
fn names_and_numbers_filter_alike() {
    let count = |filter: &str| support::tshark_fields(&capture(), false, &[], filter, &[]).len();
    for (name, number) in [
        ("tcpshake.phase == \"Opening\"", "tcpshake.phase == 1"),
        ("tcpshake.step == \"SYN-ACK\"", "tcpshake.step == 5"),
    ] {
        assert_eq!(count(name), count(number), "{name}");
    }
    assert_eq!(count("tcpshake.phase == \"Opening\""), 3);
    assert_eq!(count("tcpshake.phase in {1,3}"), 7);
    assert_eq!(count("tcpshake.sender == \"Server\" && tcpshake.step == \"Data\""), 10);
}

/// Wireshark cuts long lines of its tree; ours go on in further lines instead.
#[test]
fn no_line_is_cut_in_the_window() {
    fn labels(tree: &serde_json::Value, found: &mut Vec<String>) {
        for node in tree.as_array().into_iter().flatten() {
            found.extend(node["l"].as_str().map(String::from));
            labels(&node["n"], found);
        }
    }
    for language in LANGUAGES {
        let mut sharkd = support::sharkd::Sharkd::start();
        sharkd.ask("setconf", serde_json::json!({ "name": "tcpshake.language", "value": language }));
        sharkd.load(&capture());
        for frame in 1..=sharkd.frames() {
            let mut found = Vec::new();
            labels(&sharkd.frame(frame)["tree"], &mut found);
            let ours = found.iter().skip_while(|label| !label.contains("TCP Handshake:"));
            let cut: Vec<&String> = ours.filter(|label| label.contains("truncated")).collect();
            assert!(cut.is_empty(), "{language} frame {frame}: {cut:?}");
        }
    }
}
