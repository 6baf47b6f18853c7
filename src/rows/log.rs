//! Rows as Zeek's ASCII logs have them: a header, a line for each connection with tabs between the values, a last line.

use super::{COLUMNS, Row, Value, write_seconds};
use std::borrow::Cow;

const UNSET: &str = "-";
const EMPTY: &str = "(empty)";

/// The lines in front of the rows. `open` is a time as Zeek's logs have it: `2026-11-16-23-24-35`.
pub fn write_header(text: &mut String, open: &str) {
    text.push_str("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n");
    text.push_str(&format!("#open\t{open}\n#fields"));
    COLUMNS.iter().for_each(|column| text.extend(["\t", column.name]));
    text.push_str("\n#types");
    COLUMNS.iter().for_each(|column| text.extend(["\t", column.kind.name()]));
    text.push('\n');
}

/// The line behind them.
pub fn write_close(text: &mut String, close: &str) {
    text.push_str(&format!("#close\t{close}\n"));
}

/// A row.
pub fn write(text: &mut String, row: &Row) {
    for (index, column) in COLUMNS.iter().enumerate() {
        if index > 0 {
            text.push('\t');
        }
        match (column.value)(row) {
            None => text.push_str(UNSET),
            Some(Value::Text(value)) => text.push_str(&escaped(&value)),
            Some(Value::Number(number)) => text.push_str(&number.to_string()),
            Some(Value::Bool(value)) => text.push_str(if value { "T" } else { "F" }),
            Some(Value::Micros(count)) => write_seconds(text, count, 6),
            Some(Value::Nanos(count)) => write_seconds(text, count, 9),
        }
    }
    text.push('\n');
}

/// As Zeek writes a text (`src/threading/formatters/Ascii.cc`): what is no printable ASCII, and the backslash, as `\x09`; the
/// first letter too, where the whole would read as unset or empty, or as a line of the header.
fn escaped(value: &str) -> Cow<'_, str> {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'\\';
    let reserved = value == UNSET || value == EMPTY || value.starts_with('#');
    if value.is_empty() {
        return EMPTY.into();
    }
    if !reserved && value.bytes().all(|byte| is_plain(&byte)) {
        return value.into();
    }
    let each = value.bytes().enumerate().map(|(index, byte)| match byte {
        byte if is_plain(&byte) && !(reserved && index == 0) => char::from(byte).to_string(),
        byte => format!("\\x{byte:02x}"),
    });
    each.collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_mistaken_is_escaped() {
        for (value, expected) in [
            ("Closed normally", "Closed normally"),
            ("", "(empty)"),
            ("-", "\\x2d"),
            ("--", "--"),
            ("(empty)", "\\x28empty)"),
            ("#close", "\\x23close"),
            ("a\tb\\c\n", "a\\x09b\\x5cc\\x0a"),
            ("é", "\\xc3\\xa9"),
        ] {
            assert_eq!(escaped(value), expected);
        }
    }
}
