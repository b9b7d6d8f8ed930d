//! What every section of a file has.

use std::path::Path;

use ciam::{Ciam, Config};
use serde::de::DeserializeOwned;

use crate::stop::Stop;

/// What the entries of a file are read with.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    /// The configuration in force.
    pub(super) config: &'a Config,
    /// The directory of the file, from which relative paths in it lead on.
    pub(super) beside: &'a Path,
}

/// One entry of a kind, as it is written.
pub(super) trait Section: DeserializeOwned {
    /// The entry, after every check that needs no store.
    type Wanted;

    /// Checks it by itself.
    ///
    /// # Errors
    /// What cannot be used, in a few words without a secret.
    fn check(self, reading: &Reading<'_>) -> Result<Self::Wanted, String>;

    /// What tells it from the others of its section, and stands in errors.
    fn name(wanted: &Self::Wanted) -> String;

    /// What else no other entry of its section may have: the key, and its value as the store compares it.
    fn alone(_: &Self::Wanted) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Has it there, through the use cases and as the host. What is there already stays.
    ///
    /// # Errors
    /// [`Stop`] with what refused it.
    async fn put(wanted: Self::Wanted, ciam: &Ciam) -> Result<Put, Stop>;
}

/// What became of an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Put {
    /// Its id in the store.
    pub(super) id: String,
    /// What was done.
    pub(super) did: Did,
    /// The keys whose values stand otherwise in the store, and were left so.
    pub(super) differs: Vec<&'static str>,
    /// Why people cannot use it as it stands there, where they cannot.
    pub(super) not_offered: Option<&'static str>,
}

impl Put {
    /// An entry that stands as the file has it.
    pub(super) const fn of(id: String, did: Did) -> Self {
        Self { id, did, differs: Vec::new(), not_offered: None }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Did {
    /// It is new.
    Created,
    /// It was there, and was set to what the file says.
    Updated,
    /// It was there already.
    Unchanged,
}

impl Did {
    /// The name that is printed.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
        }
    }
}
