//! Nobody puts other claims into a `Principal`.

use ciam::Principal;
use ciam::ports::TokenClaims;

fn main() {}

fn another_person(mut who: Principal, claims: TokenClaims) -> Principal {
    who.claims = claims;
    who
}
