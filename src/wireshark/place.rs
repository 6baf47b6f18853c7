//! Where a TCP header stands in its frame.

use crate::tcp::End;

/// Where a TCP header stands in its frame, and who sent it: from the top, a bit for the end, seven for the data source, 24
/// for the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u32);

impl Place {
    /// `None` for an offset of 16 MiB or more, or the 129th data source, which no frame reaches: Wireshark's largest packet
    /// is 256 KiB, and what is put together or unpacked from it is bounded too.
    pub fn new(source: u8, offset: u32, from: End) -> Option<Place> {
        let fits = source < 1 << 7 && offset < 1 << 24;
        fits.then_some(Place(((from as u32) << 31) | (u32::from(source) << 24) | offset))
    }

    /// The end that sent it.
    pub fn from(self) -> End {
        if self.0 >> 31 == 0 { End::A } else { End::B }
    }

    /// Which of the frame's data sources.
    pub fn source(self) -> u8 {
        ((self.0 >> 24) & 0x7f) as u8
    }

    /// The offset in it.
    pub fn offset(self) -> u32 {
        self.0 & 0x00ff_ffff
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_gives_back_what_went_in() {
        for (source, offset, from) in [(0, 34, End::A), (127, (1 << 24) - 1, End::B), (3, 0, End::B)] {
            let place = Place::new(source, offset, from).unwrap();
            assert_eq!((place.source(), place.offset(), place.from()), (source, offset, from));
        }
        assert_eq!(Place::new(128, 0, End::A), None);
        assert_eq!(Place::new(0, 1 << 24, End::A), None);
    }
}
