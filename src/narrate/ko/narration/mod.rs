//! 한국어 설명: 무슨 일이 왜 일어나는가.

mod closing;
mod data;
mod odd;
mod opening;
mod reset;

use super::{guessed, side};
use crate::narrate::clause::Clause;
use crate::tcp::Side;
use std::fmt;

/// 보낸 쪽이 `sender`인 세그먼트에 대해 온전한 문장을 하나 이상 쓴다. `guess`는 보낸 쪽을 처음 부르며, 누가 클라이언트인지가
/// 추정이라는 뜻이다.
pub fn write(out: &mut String, sender: Side, guess: bool, clause: &Clause) -> fmt::Result {
    let (me, you) = (if guess { guessed(sender) } else { side(sender) }, side(sender.peer()));
    match *clause {
        Clause::Opening(clause) => opening::write(out, me, you, clause),
        Clause::Data(clause) => data::write(out, me, you, clause),
        Clause::Closing(clause) => closing::write(out, me, you, clause),
        Clause::Reset(clause) => reset::write(out, me, you, clause),
        Clause::Odd(clause) => odd::write(out, me, clause),
    }
}
