//! Rows as Zeek writes them in JSON: an object for each connection, a line each, without what is not known.

use super::{COLUMNS, Row, Value, write_seconds};

/// A row.
pub fn write(text: &mut String, row: &Row) {
    let mut separator = '{';
    for column in COLUMNS {
        let Some(value) = (column.value)(row) else { continue };
        text.push(separator);
        separator = ',';
        text.extend(["\"", column.name, "\":"]); // none needs escaping
        match value {
            Value::Text(value) => text.push_str(&serde_json::Value::from(value).to_string()),
            Value::Number(number) => text.push_str(&number.to_string()),
            Value::Bool(value) => text.push_str(if value { "true" } else { "false" }),
            Value::Micros(count) => write_seconds(text, count, 6),
            Value::Nanos(count) => write_seconds(text, count, 9),
        }
    }
    text.push_str("}\n");
}
