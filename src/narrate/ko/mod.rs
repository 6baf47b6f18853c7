//! 한국어 문장.

pub mod explain;
pub mod icmp;
pub mod names;
pub mod narration;
pub mod speech;
pub mod story;
pub mod verdict;

use crate::narrate::text::{Order, Range, order, write_elapsed};
use crate::tcp::{Side, Span};
use std::fmt::{self, Display, Formatter};

/// 양쪽 끝의 이름.
pub fn side(side: Side) -> &'static str {
    match side {
        Side::Client => "클라이언트",
        Side::Server => "서버",
    }
}

/// 남은 홉 수를 IPv4와 IPv6에서 부르는 이름.
fn hops_of(v6: bool) -> &'static str {
    if v6 { "홉 제한" } else { "TTL" }
}

/// 추정일 때의 이름.
fn guessed(side: Side) -> &'static str {
    match side {
        Side::Client => "클라이언트(포트로 추정)",
        Side::Server => "서버(포트로 추정)",
    }
}

/// 번호의 범위: `1~5`. 하나뿐이면 `5`.
fn range(first: u32, last: u32) -> Range {
    Range(first, "~", last)
}

/// 한 방향의 처음 몇 바이트: `첫 바이트`, `첫 5바이트`.
struct First(u32);

impl Display for First {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        if self.0 == 1 { f.write_str("첫 바이트") } else { write!(f, "첫 {}바이트", self.0) }
    }
}

/// 시간의 길이: `31.020 ms`, `1.500초`.
struct Elapsed(Span);

impl Display for Elapsed {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        write_elapsed(f, self.0, "초")
    }
}

/// 앞선 프레임이 언제 캡처되었는지: `1.020 ms 전에 캡처된`.
struct Captured(Span);

impl Display for Captured {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match order(self.0) {
            Order::Before(elapsed) => write!(f, "{} 전에 캡처된", Elapsed(elapsed)),
            Order::Same => f.write_str("같은 시각에 캡처된"),
            Order::ClockWentBack(elapsed) => {
                write!(f, "먼저 캡처되었지만 시각은 {} 더 늦게 기록된", Elapsed(elapsed))
            }
        }
    }
}

/// 조사를 붙인 숫자.
struct WithParticle(u32, &'static str);

impl Display for WithParticle {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let WithParticle(number, particle) = self;
        write!(f, "{number}{particle}")
    }
}

/// 숫자를 소리 내어 읽을 때 마지막 글자에 받침이 있는가: 영 일 삼 육 칠 팔.
fn ends_in_consonant(number: u32) -> bool {
    matches!(number % 10, 0 | 1 | 3 | 6 | 7 | 8)
}

/// `을` 또는 `를`을 붙인 숫자.
fn object(number: u32) -> WithParticle {
    WithParticle(number, if ends_in_consonant(number) { "을" } else { "를" })
}

/// `은` 또는 `는`을 붙인 숫자.
fn topic(number: impl Into<u32>) -> WithParticle {
    let number = number.into();
    WithParticle(number, if ends_in_consonant(number) { "은" } else { "는" })
}

/// `과` 또는 `와`를 붙인 숫자.
fn with(number: u32) -> WithParticle {
    WithParticle(number, if ends_in_consonant(number) { "과" } else { "와" })
}

/// `으로` 또는 `로`를 붙인 숫자. ㄹ 받침(일, 칠, 팔) 뒤에는 `로`.
fn by(number: u32) -> WithParticle {
    WithParticle(number, if matches!(number % 10, 0 | 3 | 6) { "으로" } else { "로" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particles_follow_the_spoken_number() {
        for number in [0, 1, 3, 6, 7, 8, 10, 80, 100, 443, 1000, 10000, 2160456513] {
            assert_eq!(object(number).to_string(), format!("{number}을"));
            assert_eq!(topic(number).to_string(), format!("{number}은"));
            assert_eq!(with(number).to_string(), format!("{number}과"));
        }
        for number in [2, 4, 5, 9, 4294967295] {
            assert_eq!(object(number).to_string(), format!("{number}를"));
            assert_eq!(topic(number).to_string(), format!("{number}는"));
            assert_eq!(with(number).to_string(), format!("{number}와"));
        }
        for number in [0, 3, 6, 10, 10000] {
            assert_eq!(by(number).to_string(), format!("{number}으로"));
        }
        for number in [1, 2, 4, 5, 7, 8, 9] {
            assert_eq!(by(number).to_string(), format!("{number}로"));
        }
    }
}
