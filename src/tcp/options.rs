//! The TCP options that a handshake negotiates, read from the header's bytes.

/// What a header's options say. Everything is absent where the header has no such option, or was cut short before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Maximum segment size in bytes (RFC 9293, 3.7.1).
    pub mss: Option<u16>,
    /// Window scale: a shift of 0 to 14 bits (RFC 7323, 2.3); larger values are read as 14, as a receiver must.
    pub window_scale: Option<u8>,
    /// SACK permitted (RFC 2018).
    pub sack_permitted: bool,
    /// Timestamps (RFC 7323, 3): the sender's clock and the clock it echoes.
    pub timestamps: Option<(u32, u32)>,
    /// Fast Open (RFC 7413, 4.1.1): the cookie's length in bytes; 0 asks for a cookie.
    pub fast_open: Option<u8>,
}

/// The largest shift a window scale may ask for (RFC 7323, 2.3).
const MAX_WINDOW_SCALE: u8 = 14;

impl Options {
    /// Reads the bytes that follow the fixed header. Stops without complaint at the end of the list or at an option
    /// that does not fit: Wireshark itself says what is malformed.
    pub fn parse(mut bytes: &[u8]) -> Options {
        let mut options = Options::default();
        while let [kind, rest @ ..] = bytes {
            match kind {
                0 => break,
                1 => bytes = rest,
                _ => {
                    let Some(&length) = rest.first() else { break };
                    let Some(body) = bytes.get(2..usize::from(length)) else { break };
                    options.note(*kind, body);
                    bytes = &bytes[usize::from(length)..];
                }
            }
        }
        options
    }

    fn note(&mut self, kind: u8, body: &[u8]) {
        match (kind, body) {
            (2, &[high, low]) => self.mss = Some(u16::from_be_bytes([high, low])),
            (3, &[shift]) => self.window_scale = Some(shift.min(MAX_WINDOW_SCALE)),
            (4, []) => self.sack_permitted = true,
            (8, &[a, b, c, d, e, f, g, h]) => {
                self.timestamps = Some((u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])));
            }
            (34, cookie) => self.fast_open = Some(cookie.len() as u8),
            // The experimental option that carried Fast Open before it had a number of its own (RFC 7413, 4.1.1).
            (254, [0xf9, 0x89, cookie @ ..]) => self.fast_open = Some(cookie.len() as u8),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_usual_syn() {
        let bytes = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7];
        let expected = Options {
            mss: Some(1460),
            window_scale: Some(7),
            sack_permitted: true,
            timestamps: Some((9, 0)),
            fast_open: None,
        };
        assert_eq!(Options::parse(&bytes), expected);
    }

    #[test]
    fn what_stands_before_a_broken_option_counts() {
        assert_eq!(Options::parse(&[2, 4, 5, 180, 3, 0]).mss, Some(1460));
        assert_eq!(Options::parse(&[2, 4, 5, 180, 3, 9, 1]).mss, Some(1460));
        assert_eq!(Options::parse(&[0, 2, 4, 5, 180]), Options::default());
        assert_eq!(Options::parse(&[34, 2]).fast_open, Some(0));
        assert_eq!(Options::parse(&[3, 3, 200]).window_scale, Some(14));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_the_end(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            Options::parse(&bytes);
        }
    }
}
