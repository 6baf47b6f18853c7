//! Zeek's `uid`: a name for a connection that no other has.

use super::Row;
use crate::tcp::End;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How many digits follow the `C`: some 101 bits, where Zeek has 96.
const LENGTH: usize = 17;

/// The uid. It depends on when the first segment was captured, on its sequence number, and on the addresses and ports of
/// both ends. So a connection has the same one whenever it is read, from this capture or another that begins with the same
/// segment of it; Zeek's changes from run to run.
pub fn uid(row: &Row) -> String {
    let mut hash = Hash::new();
    hash.add(&row.traffic.first.0.to_be_bytes());
    hash.add(&row.traffic.first_seq.0.to_be_bytes());
    for host in [End::A, End::B].map(|end| &row.hosts[end]).into_iter().flatten() {
        hash.add(host.address.as_bytes());
        hash.add(&[0]);
        hash.add(&host.port.to_be_bytes());
    }
    let mut rest = hash.0;
    let digits = std::iter::repeat_with(|| {
        let digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
        char::from(digit)
    });
    std::iter::once('C').chain(digits.take(LENGTH)).collect()
}

/// FNV-1a of 128 bits: the same on every machine and in every version, as the standard library's hashes need not be.
struct Hash(u128);

impl Hash {
    fn new() -> Hash {
        Hash(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Host, Traffic};
    use super::*;
    use crate::tcp::{FrameNumber, PerEnd, SeqNumber, StreamNumber, Timestamp};
    use std::collections::BTreeSet;

    #[test]
    fn it_depends_on_the_connection_alone() {
        let of = |time, seq, port, frame, stream| {
            let traffic = Traffic::new(FrameNumber::new(frame).unwrap(), SeqNumber(seq), Timestamp(time));
            let mut hosts = PerEnd::default();
            hosts[End::A] = Some(Host { address: "192.0.2.1".into(), port });
            hosts[End::B] = Some(Host { address: "192.0.2.2".into(), port: 80 });
            let stream = StreamNumber(stream);
            uid(&Row {
                stream,
                connection: None,
                traffic: &traffic,
                hosts,
                protocol: None,
                finding: None,
                until: Timestamp(time),
            })
        };
        let one = of(1, 2, 3, 4, 5);
        assert_eq!(one, of(1, 2, 3, 400, 500));
        assert_eq!((one.len(), one.as_bytes()[0]), (18, b'C'));
        let others: BTreeSet<String> = [of(2, 2, 3, 4, 5), of(1, 3, 3, 4, 5), of(1, 2, 4, 4, 5), one].into();
        assert_eq!(others.len(), 4);
    }

    /// The published test vectors of the empty text and of two short ones.
    #[test]
    fn the_hash_is_fnv_1a() {
        let of = |text: &[u8]| {
            let mut hash = Hash::new();
            hash.add(text);
            hash.0
        };
        assert_eq!(of(b""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(of(b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(of(b"foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }
}
