//! A dialect cannot forget a refusal.

use ciam::domain::refusal::RateRefusal;

fn main() {}

fn without_attempts(refusal: RateRefusal) -> u16 {
    match refusal {
        RateRefusal::TooManyCodes { .. } => 429,
    }
}
