//! What is made of all connections: statistics, stories, the words of flow graphs.

pub mod flow;
pub mod statistics;
pub mod stories;
pub mod tapped;
