//! Contract suites, abuse suite, fakes and saboteurs for adapters of ciam.

pub mod abuse;
mod backend;
mod commuters;
pub mod contract;
mod elsewhere;
pub mod fake;
pub mod fault;
mod gap;
pub mod interleaving;
#[cfg(unix)]
pub mod measure;
pub mod model;
pub mod saboteur;
pub mod schedule;
mod signed_out;
mod stage;
mod standing;
pub mod storm;
pub mod stub;
mod terms;
mod world;

pub use commuters::Commuters;
pub use futures_executor::block_on;
pub use world::{Backend, PASSWORD, Person, SCOPE, World};
