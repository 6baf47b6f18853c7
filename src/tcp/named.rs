//! Enumerations whose values have a number and a name that users filter on.

/// Declares an enumeration of `u8` values, each with its English name, and `ALL`, `name()` and `number()` for it.
///
/// The names are part of the contract with the user (`tcpshake.phase == "Opening"`), the numbers too; both are the same
/// in every language.
macro_rules! named {
    ($(#[$about:meta])* $kind:ident { $($(#[$doc:meta])* $value:ident = $number:literal $name:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum $kind { $($(#[$doc])* $value = $number,)+ }

        #[allow(dead_code)] // not every one is asked for all of these
        impl $kind {
            /// Every value, in the order of its numbers.
            pub const ALL: &'static [$kind] = &[$($kind::$value,)+];

            /// The name that filters and reports use.
            pub fn name(self) -> &'static str {
                self.c_name().to_str().unwrap_or_default()
            }

            /// The name with a zero byte at its end, as Wireshark keeps it.
            pub fn c_name(self) -> &'static std::ffi::CStr {
                match self { $($kind::$value => $name,)+ }
            }

            /// The number that filters and exports use.
            pub fn number(self) -> u8 {
                self as u8
            }
        }
    };
}

pub(crate) use named;
