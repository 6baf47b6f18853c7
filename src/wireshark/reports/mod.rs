//! What is made of all connections. `statistics` is the tree of counts, `tables` the lists that can be sorted, `stories` and
//! `window` the stories printed and in Wireshark's window, `conn` the rows of `conn.log`, `flow` the words of flow graphs. They hear of
//! segments from the tap: `tapped` is what it hands over, `listener` how they listen, and to which connections.

pub mod conn;
pub mod flow;
mod listener;
pub mod statistics;
pub mod stories;
pub mod tables;
pub mod tapped;
pub mod window;
