//! The tables of connections, clients and servers, in tshark and sharkd: what they have is put together a second time from the
//! rows of `-z tcpshake,conn.json` and the fields.

#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::docs::{page, section};
use support::office::{self, Truth};
use support::sharkd::Sharkd;
use support::{Way, merged, program, project, readable, tshark, tshark_fields};

/// What is in a cell: a number from 0, one with decimals, a text, or nothing.
type Row = Vec<Value>;

/// The titles and the rows of the table of this name, in one of the ways to look at a capture. `name` may have a filter behind
/// it, which sharkd 4.0 does not take.
fn table(capture: &Path, way: Way, name: &str) -> (Vec<String>, Vec<Row>) {
    if way == Way::Sharkd {
        let mut sharkd = Sharkd::start();
        sharkd.load(capture);
        return answered(&mut sharkd, name);
    }
    let report = format!("tcpshake,{name}");
    let passes: &[&str] = if way == Way::TwoPasses { &["-2"] } else { &[] };
    let text = tshark(capture, &[passes, &["-q", "-z", &report]].concat());
    let mut lines = text.lines().skip_while(|line| !line.starts_with("TCP Handshake")).skip(2);
    let titles = cells(lines.next().unwrap());
    let rows = lines.skip(1).take_while(|line| !line.starts_with("===")).map(|line| {
        let mut row: Row = cells(line).iter().map(|cell| value(cell)).collect();
        row.resize(titles.len(), Value::Null);
        row
    });
    (titles.clone(), rows.collect())
}

/// The same from a sharkd that has loaded a capture.
fn answered(sharkd: &mut Sharkd, name: &str) -> (Vec<String>, Vec<Row>) {
    let answer = sharkd.ask("tap", json!({ "tap0": format!("nstat:tcpshake,{name}") }));
    let tap = &answer["taps"][0];
    let titles = tap["fields"].as_array().unwrap().iter().map(|field| field["c"].as_str().unwrap().to_owned());
    let rows = tap["tables"][0]["i"].as_array().unwrap().iter().map(|row| row.as_array().unwrap().clone());
    (titles.collect(), rows.collect())
}

fn cells(line: &str) -> Vec<String> {
    line.strip_suffix('|').unwrap().split(" |").map(|cell| cell.trim().to_owned()).collect()
}

fn value(cell: &str) -> Value {
    match cell.parse::<u64>() {
        Ok(number) => json!(number),
        Err(_) => cell.parse::<f64>().map_or_else(|_| json!(cell), |number| json!(number)),
    }
}

/// Compares numbers with decimals as far as tshark prints them.
fn assert_same(rows: &[Row], expected: &[Row], what: &str) {
    assert_eq!(rows.len(), expected.len(), "{what}");
    for (row, expected) in rows.iter().zip(expected) {
        let same = |(one, other): (&Value, &Value)| match (one.as_f64(), other.as_f64()) {
            (Some(one), Some(other)) => (one - other).abs() < 0.000_6,
            _ => one == other,
        };
        assert!(row.len() == expected.len() && row.iter().zip(expected).all(same), "{what}: {row:?}, not {expected:?}");
    }
}

/// How long each connection lasted, in seconds, without what was captured again.
fn durations(capture: &Path) -> BTreeMap<u64, f64> {
    let mut times: BTreeMap<u64, [f64; 2]> = BTreeMap::new();
    let first = tshark_fields(capture, false, &[], "frame.number == 1", &["frame.time_epoch"]);
    let start: f64 = first[&1][0][0].split('.').next().unwrap().parse().unwrap();
    let segments = "tcpshake.phase and not tcpshake.step == 34";
    for values in tshark_fields(capture, true, &[], segments, &["tcp.stream", "frame.time_epoch"]).values() {
        // Less the seconds of the first frame, since a number with decimals has no room for all digits of such a time.
        let (seconds, fraction) = values[1][0].split_once('.').unwrap();
        let time = seconds.parse::<f64>().unwrap() - start + format!("0.{fraction}").parse::<f64>().unwrap();
        times.entry(values[0][0].parse().unwrap()).or_insert([time; 2])[1] = time;
    }
    times.into_iter().map(|(stream, [first, last])| (stream, (last - first).max(0.0))).collect()
}

/// The table of connections, from other reports.
fn connections(capture: &Path) -> Vec<Row> {
    let durations = durations(capture);
    let text = tshark(capture, &["-q", "-z", "tcpshake,conn.json"]);
    let rows = text.lines().map(|line| {
        let row: Value = serde_json::from_str(line).unwrap();
        let end = |host: &str| {
            let (address, port) = (row[format!("id.{host}_h")].as_str().unwrap(), &row[format!("id.{host}_p")]);
            json!(if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") })
        };
        let text = |column: &str| row.get(column).cloned().unwrap_or_else(|| json!(""));
        let stream = row["tcpshake.stream"].as_u64().unwrap();
        vec![
            json!(stream),
            end("orig"),
            end("resp"),
            text("tcpshake.verdict"),
            text("tcpshake.where"),
            row["tcpshake.syn_count"].clone(),
            text("tcpshake.closing_initiator"),
            json!(durations[&stream]),
            row["tcpshake.first_frame"].clone(),
            row.get("tcpshake.opening_duration").map_or(Value::Null, |seconds| json!(seconds.as_f64().unwrap() * 1e3)),
        ]
    });
    rows.collect()
}

#[test]
fn the_table_of_connections_has_what_the_other_reports_say() {
    let capture = merged();
    let expected = connections(capture);
    assert!(expected.len() > 60);
    for column in 3..expected[0].len() {
        assert!(expected.iter().any(|row| row[column] != expected[0][column]), "all are alike: {column}");
    }
    for way in support::WAYS {
        let (titles, rows) = table(capture, way, "connections");
        assert_eq!(
            titles.join(", "),
            "Stream, Client, Server, Verdict, Where, SYNs, Closed by, Duration (s), First frame, Opened in (ms)"
        );
        assert_same(&rows, &expected, &format!("{way:?}"));
    }
}

/// The verdicts by which no connection failed.
const FINE: [&str; 4] = ["Slow opening", "Fine", "Undecided", "Not all captured"];

/// The tables of clients and servers, from that of connections. In the order of their first connections.
fn gathered(connections: &[Row], column: usize) -> Vec<Row> {
    let verdicts = support::value_names("tcpshake.verdict");
    let number = |name: &str| {
        let found = verdicts.iter().find(|(_, verdict)| *verdict == name);
        found.unwrap().0.parse::<u32>().unwrap()
    };
    let end = |row: &Row| {
        let text = row[column].as_str().unwrap().to_owned();
        let address = text.rsplit_once(':').unwrap().0.trim_matches(['[', ']']).to_owned();
        if column == 1 { address } else { text }
    };
    let mut ends: Vec<String> = Vec::new();
    connections.iter().map(end).for_each(|end| {
        if !ends.contains(&end) {
            ends.push(end)
        }
    });
    let row = |name: &String| {
        let own: Vec<&Row> = connections.iter().filter(|row| end(row) == *name).collect();
        let mut failures: BTreeMap<u32, (u64, &str)> = BTreeMap::new();
        let verdicts = own.iter().map(|row| row[3].as_str().unwrap());
        for verdict in verdicts.filter(|verdict| !FINE.contains(verdict)) {
            failures.entry(number(verdict)).or_insert((0, verdict)).0 += 1;
        }
        let failed: u64 = failures.values().map(|(count, _)| count).sum();
        let most = failures.values().rev().max_by_key(|(count, _)| count);
        let slowest = own.iter().filter_map(|row| row[9].as_f64()).reduce(f64::max);
        vec![
            json!(name),
            json!(own.len()),
            json!(failed),
            json!(most.map_or_else(String::new, |(count, verdict)| format!("{verdict} ({count})"))),
            json!(slowest),
        ]
    };
    ends.iter().map(row).collect()
}

#[test]
fn the_tables_of_clients_and_servers_gather_their_connections() {
    let capture = merged();
    let all = connections(capture);
    for (name, title, column) in [("clients", "Client", 1), ("servers", "Server", 2)] {
        let expected = gathered(&all, column);
        assert!(expected.len() > 2 && expected.iter().any(|row| row[2].as_u64() > Some(3)));
        for way in support::WAYS {
            let (titles, rows) = table(capture, way, name);
            assert_eq!(titles.join(", "), format!("{title}, Connections, Failed, By what, Slowest opening (ms)"));
            assert_same(&rows, &expected, &format!("{name}, {way:?}"));
        }
    }
}

#[test]
fn a_filter_chooses_whole_connections() {
    let capture = merged();
    let reset: Vec<u64> =
        tshark_fields(capture, false, &[], "tcp.flags.reset == 1 and !icmp and !icmpv6", &["tcp.stream"])
            .values()
            .map(|values| values[0][0].parse().unwrap())
            .collect();
    let mut expected = connections(capture);
    let all = expected.len();
    expected.retain(|row| reset.contains(&row[0].as_u64().unwrap()));
    assert!(expected.len() > 10 && expected.len() < all);
    for way in [Way::OnePass, Way::TwoPasses] {
        let of_connections = table(capture, way, "connections,tcp.flags.reset == 1").1;
        assert_same(&of_connections, &expected, &format!("{way:?}"));
        let of_servers = table(capture, way, "servers,tcp.flags.reset == 1").1;
        assert_same(&of_servers, &gathered(&expected, 2), &format!("servers, {way:?}"));
    }
}

/// The reader's copy of the capture of an office, and what is true of its connections.
fn office() -> (PathBuf, Vec<Truth>) {
    let copy = project().join("tests/captures/office/office.pcap");
    let (bytes, truths) = office::office();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::write(&copy, &bytes).unwrap();
    }
    assert!(
        std::fs::read(&copy).is_ok_and(|known| known == bytes),
        "{} is another: set UPDATE_EXPECT=1",
        copy.display()
    );
    (copy, truths)
}

fn failed(verdict: &str) -> bool {
    !FINE.contains(&verdict)
}

#[test]
fn the_tables_name_who_failed_and_why_and_where_to_look() {
    let (capture, truths) = office();
    let truth: BTreeMap<[String; 2], [&str; 2]> = truths
        .iter()
        .map(|truth| ([truth.client, truth.server].map(|end| end.to_string()), [&*truth.verdict, &*truth.place]))
        .collect();
    assert!(truth.len() == 300 && truths.len() == 300);
    let all_failed = truth.values().filter(|[verdict, _]| failed(verdict)).count();
    let of_failed = |verdict: &str| truth.values().filter(|truth| truth[0] == verdict).count();
    for way in support::WAYS {
        let (_, rows) = table(&capture, way, "connections");
        assert_eq!(rows.len(), truth.len());
        let text = |row: &Row, column: usize| row[column].as_str().unwrap().to_owned();
        for row in &rows {
            let [verdict, place] = truth[&[text(row, 1), text(row, 2)]];
            if failed(verdict) || failed(&text(row, 3)) {
                assert_eq!([text(row, 3), text(row, 4)], [verdict, place], "{way:?}: {row:?}");
            }
        }
        for (name, culprit, verdict) in [
            ("clients", office::host(office::LAPTOP).to_string(), "Large segments lost"),
            ("servers", format!("{}:", office::server(office::DATABASE)), "Refused"),
        ] {
            let (_, mut rows) = table(&capture, way, name);
            let count = |row: &Row| row[2].as_u64().unwrap() as usize;
            assert_eq!(rows.iter().map(count).sum::<usize>(), all_failed, "{way:?}: {name}");
            rows.sort_by_key(count);
            let [.., next, worst] = &rows[..] else { panic!("{way:?}: {name}: {rows:?}") };
            assert!(text(worst, 0).starts_with(&culprit) && count(worst) > count(next), "{way:?}: {name}: {rows:?}");
            assert_eq!(text(worst, 3), format!("{verdict} ({})", of_failed(verdict)), "{way:?}: {name}");
        }
    }
}

/// Wireshark keeps one record of a table for all who ask: each answer has the rows of its own question.
#[test]
fn a_table_begins_anew_for_each_question() {
    let mut sharkd = Sharkd::start();
    sharkd.load(merged());
    let first = answered(&mut sharkd, "connections");
    assert!(first.1.len() > 60);
    assert_eq!(answered(&mut sharkd, "connections"), first);
    let capture = project().join("tests/captures/refused.pcap");
    sharkd.load(&capture);
    assert_same(&answered(&mut sharkd, "connections").1, &connections(&capture), "another capture");
}

/// With `-M` tshark begins anew every so many frames: here with each connection.
#[test]
fn a_connection_is_in_the_table_before_it_is_forgotten() {
    let captures: Vec<PathBuf> =
        ["refused", "refused-ipv6", "refused"].map(|name| project().join(format!("tests/captures/{name}.pcap"))).into();
    let joined = support::home().join("captures/forgotten.pcapng");
    let mut command = program("mergecap");
    command.args(["-a", "-w"]).arg(&joined).args(captures.iter().map(|capture| readable(capture)));
    assert!(command.status().unwrap().success());
    let text = tshark(&joined, &["-M", "2", "-q", "-z", "tcpshake,connections", "-z", "tcpshake,clients"]);
    assert_eq!(text.lines().filter(|line| line.contains("|Refused  ")).count(), 3, "{text}");
    let clients: Vec<Row> = text
        .lines()
        .filter(|line| line.contains("|Refused ("))
        .map(|line| cells(line).iter().map(|cell| value(cell)).collect())
        .collect();
    let counts = |row: &Row| (row[0].clone(), row[1].clone(), row[3].clone());
    assert_eq!(
        clients.iter().map(counts).collect::<Vec<_>>(),
        [(json!("192.0.2.1"), json!(2), json!("Refused (2)")), (json!("2001:db8::1"), json!(1), json!("Refused (1)"))]
    );
}

#[test]
fn a_filter_that_is_none_is_refused_with_a_message() {
    let capture = readable(&project().join("tests/captures/http-get.pcap"));
    for (report, expected) in [
        ("tcpshake,connections,no such field", "no such field"),
        ("tcpshake,connectionstcp", "-z tcpshake,connections[,filter]"),
    ] {
        let output = program("tshark").arg("-r").arg(&capture).args(["-q", "-z", report]).output().unwrap();
        assert!(!output.status.success());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains(expected), "{complaint}");
    }
}

#[test]
fn the_documentation_names_every_column() {
    let text = page("docs/fields.md");
    for name in ["connections", "clients"] {
        let (titles, _) = table(merged(), Way::OnePass, name);
        for title in titles {
            assert!(section(&text, "tables").contains(&format!("| {title} |")), "{title} is missing in docs/fields.md");
        }
    }
}
