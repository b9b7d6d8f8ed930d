//! Nobody puts another state into a copy of a flow.

use ciam::domain::flow::{Flow, State};

fn main() {}

fn rebuilt(flow: Flow, state: State) -> Flow {
    Flow { state, ..flow }
}
