//! A live capture: dumpcap on the loopback interface, piped into tshark with the plugin, while connections open, exchange
//! data, fail and close. Each line has to appear while the capture is running.

#[path = "../support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use support::names;

/// After this long something hangs. It is no measure of speed: on a busy machine each step may take many seconds.
const HANGS: Duration = Duration::from_secs(600);

const FIELDS: [&str; 6] = [
    "tcpshake.phase",
    "tcpshake.step",
    "tcpshake.sender",
    "tcpshake.client.state",
    "tcpshake.server.state",
    "tcpshake.completeness.so_far",
];

/// A program that is ended with the test, however that ends.
struct Running(Child);

impl Running {
    /// Waits for its end; whether it ended well.
    fn ends_by(&mut self, end: Instant) -> bool {
        while Instant::now() < end {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The lines of an output, as they come.
fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    receive
}

/// What dumpcap writes to its standard output once it captures; nothing, with a word on stderr, where it cannot.
fn dumpcap(filter: &str, end: Instant) -> Option<(Running, ChildStdout)> {
    let child = Command::new("dumpcap")
        .args(["-i", "lo", "-f", filter, "-w", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child.inspect_err(|error| support::skip(&format!("no dumpcap: {error}"))) else { return None };
    let (captured, messages) = (child.stdout.take().unwrap(), lines(child.stderr.take().unwrap()));
    let running = Running(child);
    let mut said = Vec::new();
    loop {
        match messages.recv_timeout(end.saturating_duration_since(Instant::now())) {
            // This it says when the interface is open and the first bytes are written.
            Ok(message) if message.starts_with("File:") => return Some((running, captured)),
            Ok(message) => said.push(message),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => panic!("dumpcap hangs: {}", said.join(" ")),
        }
    }
    support::skip(&format!("dumpcap cannot capture on the loopback interface here: {}", said.join(" ")));
    None
}

/// A line of tshark's, with names for the numbers.
fn described(line: &str) -> String {
    let values: Vec<&str> = line.split(',').collect();
    let [phase, step, sender, client, server, so_far] = values[..] else { panic!("{line}") };
    format!(
        "{}, {} by the {}: {} / {}, so far {so_far}",
        names::phase(phase),
        names::step(step),
        names::side(sender),
        names::state(client),
        names::state(server)
    )
}

/// A port on which nothing listens: one that was just free.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn fields_come_while_the_capture_goes_on() {
    let end = Instant::now() + HANGS;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (open, closed) = (listener.local_addr().unwrap().port(), closed_port());
    let Some((mut dumpcap, captured)) = dumpcap(&format!("tcp port {open} or tcp port {closed}"), end) else { return };
    let mut tshark = support::program("tshark");
    tshark.args(["-r", "-", "-l", "-Y", "tcpshake", "-T", "fields", "-E", "separator=,"]);
    tshark.args(FIELDS.iter().flat_map(|field| ["-e", field])).stdin(captured).stdout(Stdio::piped());
    let mut tshark = Running(tshark.spawn().expect("tshark runs"));
    let printed = lines(tshark.0.stdout.take().unwrap());
    let next = || {
        let line = printed.recv_timeout(end.saturating_duration_since(Instant::now()));
        described(&line.expect("a line while it captures"))
    };

    let mut client = TcpStream::connect(("127.0.0.1", open)).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    assert_eq!(
        [next(), next(), next()],
        [
            "Opening, SYN by the Client: SYN-SENT / LISTEN, so far 1",
            "Opening, SYN-ACK by the Server: SYN-SENT / SYN-RECEIVED, so far 3",
            "Opening, Handshake ACK by the Client: ESTABLISHED / ESTABLISHED, so far 7",
        ]
    );

    client.write_all(b"a question").unwrap();
    server.read_exact(&mut [0; 10]).unwrap();
    assert_eq!(
        [next(), next()],
        [
            "Data, Data by the Client: ESTABLISHED / ESTABLISHED, so far 15",
            "Data, ACK by the Server: ESTABLISHED / ESTABLISHED, so far 15",
        ]
    );

    let refused = TcpStream::connect(("127.0.0.1", closed)).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    assert_eq!(
        [next(), next()],
        [
            "Opening, SYN by the Client: SYN-SENT / LISTEN, so far 1",
            "Opening, Connection refused by the Server: CLOSED / CLOSED, so far 33",
        ]
    );

    drop(client);
    assert_eq!(server.read(&mut [0; 1]).unwrap(), 0);
    drop(server);
    // The kernel closes with four segments, or with three when the server's FIN is quick enough to acknowledge the client's.
    assert_eq!(next(), "Closing, First FIN by the Client: FIN-WAIT-1 / ESTABLISHED, so far 31");
    let second_fin = match next() {
        ack if ack.starts_with("Closing, ACK of the first FIN by the Server: FIN-WAIT-2 / CLOSE-WAIT,") => next(),
        fin => fin,
    };
    assert_eq!(second_fin, "Closing, Second FIN by the Server: FIN-WAIT-2 / LAST-ACK, so far 31");
    assert_eq!(next(), "Closing, Last ACK by the Client: TIME-WAIT / CLOSED, so far 31");

    dumpcap.0.kill().unwrap();
    dumpcap.0.wait().unwrap();
    assert!(tshark.ends_by(end), "tshark ends with the capture");
    assert_eq!(printed.recv().ok(), None, "a line more than there were segments");
}
