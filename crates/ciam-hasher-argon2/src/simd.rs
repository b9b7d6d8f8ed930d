//! The vectorised engine.

use argon2_rust::params::{Memory as MemoryCost, TagLen};
use argon2_rust::{Argon2, Hasher, Params};
use password_hash::phc::Output;

use crate::cost::Cost;
use crate::engine::{DigestError, Engine};
use crate::recipe::Recipe;

/// Memory for today's cost, taken at the first hash and kept; a stored hash that needs more gets its own.
/// The crate itself wipes either as soon as a tag is made.
pub(crate) struct SimdMemory {
    kept: Hasher,
    blocks: usize,
}

impl SimdMemory {
    pub(crate) fn new(cost: Cost) -> Self {
        let blocks = cost.params(Output::MIN_LENGTH).map_or(0, |params| params.block_count());
        let any = Argon2::new(argon2_rust::Algorithm::Argon2id, argon2_rust::Version::V0x13, Params::DEFAULT);
        Self { kept: any.hasher(), blocks }
    }
}

impl Engine for SimdMemory {
    fn digest(&mut self, password: &[u8], recipe: &Recipe) -> Result<Output, DigestError> {
        let (argon2, salt) = (translated(recipe)?, &recipe.salt);
        let mut bytes = [0; Output::MAX_LENGTH];
        let tag = bytes.get_mut(..tag_bytes(recipe)).unwrap_or_default();
        if recipe.params.block_count() <= self.blocks {
            self.kept.set_argon2(argon2);
            self.kept.hash_into(password, salt, tag)?;
        } else {
            argon2.hash_into(password, salt, tag)?;
        }
        Ok(Output::new(tag)?)
    }

    fn wipe(&mut self) {}
}

fn tag_bytes(recipe: &Recipe) -> usize {
    recipe.params.output_len().unwrap_or(0)
}

/// A recipe in the words of the other crate.
fn translated(recipe: &Recipe) -> Result<Argon2, DigestError> {
    let algorithm = match recipe.algorithm {
        argon2::Algorithm::Argon2d => argon2_rust::Algorithm::Argon2d,
        argon2::Algorithm::Argon2i => argon2_rust::Algorithm::Argon2i,
        argon2::Algorithm::Argon2id => argon2_rust::Algorithm::Argon2id,
    };
    let version = match recipe.version {
        argon2::Version::V0x10 => argon2_rust::Version::V0x10,
        argon2::Version::V0x13 => argon2_rust::Version::V0x13,
    };
    let params = Params::builder()
        .memory(MemoryCost::kib(recipe.params.m_cost().into()))
        .passes(recipe.params.t_cost())
        .lanes(recipe.params.p_cost())
        .threads(1)
        .tag_len(TagLen::bytes(u64::try_from(tag_bytes(recipe)).unwrap_or(u64::MAX)))
        .build()?;
    Ok(Argon2::new(algorithm, version, params))
}

#[cfg(test)]
mod tests {
    use ciam_ports::domain::password::PasswordHash;
    use password_hash::phc::Salt;

    use super::*;
    use crate::memory::Memory;

    const ALGORITHMS: [argon2::Algorithm; 3] =
        [argon2::Algorithm::Argon2d, argon2::Algorithm::Argon2i, argon2::Algorithm::Argon2id];
    const VERSIONS: [argon2::Version; 2] = [argon2::Version::V0x10, argon2::Version::V0x13];

    /// Both engines, with memory for `kept` alone.
    fn engines(kept: Cost) -> (Memory, SimdMemory) {
        (Memory::new(kept), SimdMemory::new(kept))
    }

    fn assert_same(
        (one, other): &mut (Memory, SimdMemory),
        password: &[u8],
        recipe: &Recipe,
    ) -> Option<Output> {
        let tags = (one.digest(password, recipe).ok(), other.digest(password, recipe).ok());
        assert_eq!(tags.0, tags.1, "{recipe:?} on {} bytes", password.len());
        one.wipe();
        other.wipe();
        tags.0
    }

    fn recipe((memory_kib, iterations, lanes): (u32, u32, u32), tag: usize, salt: &[u8]) -> Option<Recipe> {
        Some(Recipe {
            algorithm: argon2::Algorithm::Argon2id,
            version: argon2::Version::V0x13,
            params: argon2::Params::new(memory_kib, iterations, lanes, Some(tag)).ok()?,
            salt: Salt::new(salt).ok()?,
        })
    }

    #[test]
    fn both_engines_make_the_same_tags_at_every_small_cost() {
        let mut engines = engines(Cost::for_tests());
        let mut made = 0;
        for lanes in 1..=8 {
            for iterations in 1..=4 {
                for memory_kib in [8, 9, 15, 16, 31, 32, 33, 63, 64, 65, 100, 127, 128, 130, 257] {
                    let Some(plain) = recipe((memory_kib, iterations, lanes), 32, &[3; 16]) else { continue };
                    for algorithm in ALGORITHMS {
                        for version in VERSIONS {
                            let recipe = Recipe { algorithm, version, ..plain.clone() };
                            made += u32::from(assert_same(&mut engines, b"password", &recipe).is_some());
                        }
                    }
                }
            }
        }
        // A lane takes 8 KiB at least, so not every pair makes a tag.
        assert_eq!(made, (15 + 12 + 11 + 10 + 8 + 8 + 8 + 7) * 4 * 6);
    }

    #[test]
    fn both_engines_make_the_same_tags_at_costs_for_use() {
        let mut engines = engines(Cost::default());
        for cost in [
            (19_456, 2, 1),
            (47_104, 1, 1),
            (12_288, 3, 1),
            (9_216, 4, 1),
            (7_168, 5, 1),
            (65_536, 3, 4),
            (4_096, 10, 8),
            (262_144, 1, 8),
        ] {
            let recipe = recipe(cost, 32, &[5; 16]).unwrap();
            assert!(assert_same(&mut engines, b"correct horse battery staple", &recipe).is_some());
        }
    }

    #[test]
    fn both_engines_make_the_same_tags_of_every_length() {
        let mut engines = engines(Cost::for_tests());
        for tag in [10, 16, 24, 31, 32, 33, 48, 63, 64] {
            for salt in [8, 11, 16, 32, 48] {
                for password in [0, 1, 8, 63, 64, 65, 127, 128, 129, 512] {
                    let recipe = recipe((16, 1, 2), tag, &vec![9; salt]).unwrap();
                    assert!(assert_same(&mut engines, &vec![b'a'; password], &recipe).is_some());
                }
            }
        }
    }

    #[test]
    fn memory_for_todays_cost_is_kept_and_larger_memory_is_not() {
        let mut engine = SimdMemory::new(Cost::for_tests());
        assert_eq!(engine.kept.reserved_blocks(), 0);
        engine.digest(b"password", &recipe((64, 1, 1), 32, &[1; 16]).unwrap()).unwrap();
        assert_eq!(engine.kept.reserved_blocks(), 0);
        engine.digest(b"password", &recipe((8, 1, 1), 32, &[1; 16]).unwrap()).unwrap();
        assert!((8..64).contains(&engine.kept.reserved_blocks()));
    }

    #[test]
    fn tags_of_the_reference_implementation_are_made() {
        let stored = "$argon2id$v=19$m=256,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$PktHOdUehWq28Um+wbRvxfK/vwYGGR71";
        let (recipe, tag) = Recipe::read(&PasswordHash::parse(stored).unwrap()).unwrap();
        assert_eq!(SimdMemory::new(Cost::default()).digest(b"password", &recipe).unwrap(), tag);
    }
}
