//! A host cannot forget a port.

use ciam::CorePorts;

fn main() {}

fn without_a_hasher(ports: CorePorts) -> CorePorts {
    let CorePorts { store, outbox, hasher: _, otp, notices, tokens, keys, clock, random } = ports;
    CorePorts { store, outbox, otp, notices, tokens, keys, clock, random }
}
