//! Names for the numbers that tshark prints, from the engine's own tables.

use tcpshake::tcp::{Phase, Side, State, Step};

/// The name of a phase's number; `several` for anything else, such as the values of two trees.
pub fn phase(number: &str) -> &'static str {
    name(Phase::ALL, Phase::number, Phase::name, number)
}

/// The name of a step's number.
pub fn step(number: &str) -> &'static str {
    name(Step::ALL, Step::number, Step::name, number)
}

/// The name of a side's number.
pub fn side(number: &str) -> &'static str {
    name(Side::ALL, Side::number, Side::name, number)
}

/// The name of a state's number.
pub fn state(number: &str) -> &'static str {
    name(State::ALL, State::number, State::name, number)
}

fn name<T: Copy>(all: &[T], number_of: fn(T) -> u8, name_of: fn(T) -> &'static str, number: &str) -> &'static str {
    let found = all.iter().find(|value| number.parse() == Ok(number_of(**value)));
    found.map_or("several", |value| name_of(*value))
}
