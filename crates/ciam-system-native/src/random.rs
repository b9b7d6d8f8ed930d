//! The chance of the operating system.

use ciam_ports::{Random, RandomError};
use rand::TryRng;
use rand::rngs::SysRng;

/// The generator of the operating system (`getrandom` and its likes), asked anew each time: nothing is kept in
/// the process, so a forked or restored one does not repeat itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        SysRng.try_fill_bytes(bytes).map_err(|error| RandomError(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn() -> [u8; 64] {
        let mut bytes = [0; 64];
        SystemRandom.fill(&mut bytes).expect("the system has chance to give");
        bytes
    }

    #[test]
    fn every_draw_is_another_one() {
        assert_ne!(drawn(), drawn());
    }

    #[test]
    fn the_whole_slice_is_filled() {
        let draws: Vec<_> = (0..16).map(|_| drawn()).collect();
        for place in 0..64 {
            assert!(draws.iter().any(|draw| draw[place] != 0), "byte {place} stays zero");
        }
    }
}
