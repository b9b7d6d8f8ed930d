//! Request ids: `<epoch ms>$<8-4-4-4-12 hexadecimal digits>`, as in every sample of the vendor's.

use std::fmt::Write as _;

use ciam::ports::{Clock, Random};

/// A new id. Without chance its random part is zero: it only helps to find a call again, and a reply that
/// says so is better than none.
pub(super) fn draw(clock: &dyn Clock, random: &dyn Random) -> String {
    let mut bits = [0; 16];
    if random.fill(&mut bits).is_err() {
        bits = [0; 16];
    }
    let mut id = String::with_capacity(64);
    // A string takes whatever is written to it.
    let _ = write!(id, "{}", clock.now().unix_millis());
    let digits = bits.map(|byte| [digit(byte >> 4), digit(byte & 0xf)]);
    let digits = std::str::from_utf8(digits.as_flattened()).unwrap_or_default();
    for (mark, part) in ['$', '-', '-', '-', '-'].into_iter().zip([0..8, 8..12, 12..16, 16..20, 20..32]) {
        id.push(mark);
        id.push_str(digits.get(part).unwrap_or_default());
    }
    id
}

const fn digit(half: u8) -> u8 {
    if half < 10 { b'0' + half } else { b'a' - 10 + half }
}

#[cfg(test)]
mod tests {
    use ciam_testkit::fake::{FakeClock, FakeRandom};

    use super::*;

    #[test]
    fn an_id_has_the_vendors_form_and_is_new_each_time() {
        let (clock, random) = (FakeClock::default(), FakeRandom::seeded(1));
        let (one, two) = (draw(&clock, &random), draw(&clock, &random));
        assert_ne!(one, two);
        let (millis, rest) = one.split_once('$').unwrap();
        assert_eq!(millis, "1767225600000");
        assert_eq!(rest.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        let mut bits = [0; 16];
        FakeRandom::seeded(1).fill(&mut bits).unwrap();
        assert_eq!(rest.replace('-', ""), format!("{:032x}", u128::from_be_bytes(bits)));
    }

    #[test]
    fn a_broken_source_of_chance_does_not_break_the_reply() {
        let random = FakeRandom::default();
        random.set_broken(true);
        let id = draw(&FakeClock::default(), &random);
        assert_eq!(id, "1767225600000$00000000-0000-0000-0000-000000000000");
    }
}
