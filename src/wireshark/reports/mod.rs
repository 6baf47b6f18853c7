//! What is made of all connections: statistics, tables, stories, rows, the words of flow graphs.

pub mod conn;
pub mod flow;
mod listener;
pub mod statistics;
pub mod stories;
pub mod tables;
pub mod tapped;
pub mod window;
