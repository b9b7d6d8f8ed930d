//! Nobody makes a `Principal` out of claims of their own.

use ciam::Principal;
use ciam::ports::TokenClaims;

fn main() {}

fn forged(claims: TokenClaims) -> Principal {
    Principal { claims, source: None }
}
