//! Codes that outlive their place.

use async_trait::async_trait;
use ciam_ports::domain::challenge::Challenge;
use ciam_ports::store::ChallengeWrite;
use ciam_ports::{Commit, Loaded, StepQuery, Store, StoreError};

use super::notes::Notes;
use super::sabotage::Sabotage;

#[derive(Default)]
pub(super) struct KeepsFormerCodes(Notes<Challenge>);

#[async_trait]
impl Sabotage for KeepsFormerCodes {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let Some(mut loaded) = sound.load(query).await? else { return Ok(None) };
        let (sent, key) = (self.0.all(), loaded.flow.as_ref().map(|flow| *flow.key()));
        let displaced = |code: &&Challenge| {
            sent.iter().any(|next| next.user == code.user && next.slot == code.slot && next.flow != code.flow)
        };
        let own = sent.iter().filter(|code| Some(code.flow) == key).filter(displaced);
        loaded.challenges.extend(own.cloned());
        Ok(Some(loaded))
    }

    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        if let ChallengeWrite::Put(code) = &commit.challenge {
            self.0.add([Challenge::clone(code)]);
        }
        sound.commit(commit).await
    }
}
