//! SQLite storage for ciam: WAL, one writer thread with group commit.
//!
//! ```no_run
//! use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
//!
//! let store = SqliteStore::open("ciam.db", SqliteOptions::default())?;
//! # Ok::<(), ciam_storage_sqlite::SqliteError>(())
//! ```

mod address;
mod attribute_schema;
mod audit;
mod challenges;
mod charge;
mod connection;
mod consents;
mod deletion;
mod directory;
mod error;
mod factors;
mod flow_store;
mod flows;
mod gestures;
mod held;
mod known;
mod lane;
mod login_history;
mod migration;
mod options;
mod outbox;
mod pace;
mod passkeys;
mod password;
#[cfg(test)]
mod plan;
mod profile;
mod queue;
mod rates;
mod reader;
mod sessions;
mod shared;
mod social;
mod social_sources;
mod statement;
mod step;
mod store;
mod sweep;
mod terms;
mod tombstones;
mod trips;
mod user_store;
mod users;
mod writer;

pub use error::{Closed, Overloaded, SqliteError};
pub use options::{Durability, SqliteOptions};
pub use store::SqliteStore;
pub use trips::Trips;
