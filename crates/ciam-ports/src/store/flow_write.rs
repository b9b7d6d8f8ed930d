//! What a commit does to a flow.

use ciam_domain::FlowKey;
use ciam_domain::flow::Flow;

/// What becomes of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FlowWrite {
    /// Nothing.
    #[default]
    Keep,
    /// A new flow. It takes the place of an open one of the same person, session and operation; past `cap`
    /// open flows of the person the oldest goes. Codes of a flow go with it. Its attempts begin at zero.
    Open {
        /// The flow.
        flow: Box<Flow>,
        /// How many a person may have open.
        cap: u8,
    },
    /// The flow as it shall be, if it still has the revision that was read. Paid attempts stay paid.
    Replace {
        /// The revision that was read.
        expected: u32,
        /// The flow as it shall be.
        flow: Box<Flow>,
    },
    /// The flow and its codes are removed; nothing happens when it is gone already.
    Remove(FlowKey),
    /// One attempt paid in the flow is given back: with it nothing was found out. Nothing happens where there is none, or
    /// no flow.
    GiveBack(FlowKey),
    /// As `Remove`, if the flow still has the revision that was read.
    Finish {
        /// The revision that was read.
        expected: u32,
        /// The flow.
        key: FlowKey,
    },
}
