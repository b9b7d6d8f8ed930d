//! A dialect cannot forget a refusal.

use ciam::domain::Refusal;
use ciam::domain::refusal::FlowRefusal;

fn main() {}

fn without_rates(refusal: Refusal) -> u16 {
    match refusal {
        Refusal::Access(_) => 401,
        Refusal::Flow(FlowRefusal::Unknown) => 404,
        Refusal::Factor(_) | Refusal::Password(_) | Refusal::Contact(_) => 422,
    }
}
