//! The block of memory that one thread fills.

use argon2::{Argon2, Block};
use password_hash::phc::Output;
use zeroize::{Zeroize, Zeroizing};

use crate::cost::Cost;
use crate::engine::{DigestError, Engine};
use crate::recipe::Recipe;

/// Memory for today's cost, taken at the first hash and kept; a stored hash that needs more gets its own.
#[derive(Debug)]
pub(crate) struct Memory {
    kept: Vec<Block>,
    blocks: usize,
}

impl Memory {
    pub(crate) fn new(cost: Cost) -> Self {
        Self {
            kept: Vec::new(),
            blocks: cost.params(Output::MIN_LENGTH).map_or(0, |params| params.block_count()),
        }
    }
}

impl Engine for Memory {
    fn digest(&mut self, password: &[u8], recipe: &Recipe) -> Result<Output, DigestError> {
        let needed = recipe.params.block_count();
        if needed <= self.blocks {
            grow(&mut self.kept, self.blocks)?;
            return fill(&mut self.kept, password, recipe);
        }
        let mut larger = Zeroizing::new(Vec::new());
        grow(&mut larger, needed)?;
        fill(&mut larger, password, recipe)
    }

    fn wipe(&mut self) {
        self.kept.iter_mut().zeroize();
    }
}

#[cfg(test)]
impl Memory {
    pub(crate) fn is_untouched(&self) -> bool {
        self.kept.is_empty()
    }

    pub(crate) fn is_wiped(&self) -> bool {
        self.kept.iter().all(|block| block.as_ref().iter().all(|word| *word == 0))
    }
}

fn grow(memory: &mut Vec<Block>, blocks: usize) -> Result<(), DigestError> {
    memory.try_reserve_exact(blocks.saturating_sub(memory.len())).map_err(|_| DigestError::OutOfMemory)?;
    memory.resize(blocks, Block::new());
    Ok(())
}

fn fill(memory: &mut [Block], password: &[u8], recipe: &Recipe) -> Result<Output, DigestError> {
    let argon2 = Argon2::new(recipe.algorithm, recipe.version, recipe.params.clone());
    let mut bytes = [0; Output::MAX_LENGTH];
    let tag = bytes.get_mut(..recipe.params.output_len().unwrap_or(0)).unwrap_or_default();
    argon2.hash_password_into_with_memory(password, &recipe.salt, tag, memory)?;
    Ok(Output::new(tag)?)
}

#[cfg(test)]
mod tests {
    use ciam_ports::domain::password::PasswordHash;

    use super::*;

    // Tags of "password" by the reference implementation in C.
    const REFERENCE: [&str; 3] = [
        "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Gpj7qOY5RCXJvcMzqcdQqvgR3wcPX7SleI4c9NtXk6E",
        "$argon2id$v=19$m=256,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$PktHOdUehWq28Um+wbRvxfK/vwYGGR71",
        "$argon2i$v=19$m=128,t=1,p=2$b3RoZXJvdGhlcnNhbHQ$z4/b0oUB9q87Nyccd5aUq2z2pha4L1XmSCrasbSB7kk",
    ];

    fn recipe(cost: Cost) -> Recipe {
        Recipe::new(cost, [1; 16]).expect("a recipe")
    }

    #[test]
    fn memory_is_taken_at_the_first_hash_kept_and_wiped() {
        let mut memory = Memory::new(Cost::for_tests());
        assert!(memory.is_untouched());
        memory.digest(b"password", &recipe(Cost::for_tests())).expect("a tag");
        assert!(memory.kept.len() == 8 && !memory.is_wiped());
        memory.wipe();
        assert!(memory.kept.len() == 8 && memory.is_wiped());
    }

    #[test]
    fn a_larger_hash_gets_memory_of_its_own_and_the_same_tag() {
        let larger = recipe(Cost::default());
        let mut small = Memory::new(Cost::for_tests());
        let tag = small.digest(b"password", &larger).expect("a tag");
        assert!(small.is_untouched());
        assert_eq!(tag, Memory::new(Cost::default()).digest(b"password", &larger).expect("a tag"));
    }

    #[test]
    fn reused_memory_makes_the_same_tag_as_fresh() {
        let recipe = recipe(Cost::for_tests());
        let mut memory = Memory::new(Cost::for_tests());
        let first = memory.digest(b"password", &recipe).expect("a tag");
        memory.digest(b"another", &recipe).expect("a tag");
        assert_eq!(memory.digest(b"password", &recipe).expect("a tag"), first);
    }

    #[test]
    fn the_reference_implementation_makes_the_same_tag() {
        for text in REFERENCE {
            let stored = PasswordHash::parse(text).expect("a hash");
            let (recipe, tag) = Recipe::read(&stored).expect("readable");
            assert_eq!(
                Memory::new(Cost::for_tests()).digest(b"password", &recipe).expect("a tag"),
                tag,
                "{text}"
            );
        }
    }
}
