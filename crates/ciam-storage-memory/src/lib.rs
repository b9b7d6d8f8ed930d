//! In-memory storage for ciam: tests, demos, single-process hosts.
//!
//! Everything is lost with the process. One lock guards all of it, and no lock is held while anything waits.

mod attribute_schema;
mod attribute_values;
mod audit;
mod consents;
mod deletion;
mod directory;
mod flow_store;
mod flows;
mod keyed;
mod login_history;
mod outbox;
mod rates;
mod sessions;
mod social_sources;
mod state;
mod store;
mod tenant;
mod terms;
mod tombstones;
mod user_store;
mod users;

pub use store::MemoryStore;
