//! What can happen: calls with anybody's token and anybody's ids, and what the host and the world do.

use std::time::Duration;

use ciam::domain::flow::{Method, Operation};
use ciam::domain::session::Amr;
use ciam::domain::user::Channel;

use super::enrol::{By, Enrol};
use super::erasure::Newcomer;
use super::keyring::Answer;
use super::state::{ALICE, BOB, CAROL, DAVE, NOBODY, Setting, Spot, TWIN};
use super::visit::Visit;

/// Passwords by number; the last two are refused as new ones.
pub(super) const PASSWORDS: [&str; 10] = [
    crate::world::PASSWORD,
    "seven herons cross the bay",
    "a quiet mill by the brook",
    "lamps along the old canal",
    "copper kettles in the rain",
    "nine barges under the arch",
    "the ferry waits for no tide",
    "plums in a blue stone bowl",
    "short",
    "password1",
];

/// The first password by number that is too short, and the one that is too common.
pub(super) const TOO_SHORT: usize = 8;
pub(super) const COMMON: usize = 9;

/// How many addresses of each kind there are; the first three are somebody's.
pub(super) const SPOTS: usize = 5;

/// A code as it is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guess {
    /// The one of this place in the mailbox, whoever it was sent to.
    Sent(usize),
    /// What an app of this number shows so many steps from now.
    App(usize, i8),
    /// A code of a sheet of this number.
    Paper(usize, usize),
    Wrong,
    Blank,
}

/// A new address as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Spot(Spot),
    Malformed(Channel),
    /// A phone number of a region that is not served.
    FarAway,
}

/// The flow of a call; `None` is an id that never was one.
pub(super) type Id = Option<usize>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Call {
    CheckToken,
    Requirements(Operation),
    CheckOperation(Operation),
    SendFactor(Id, Method),
    VerifyCode(Id, Method, Guess),
    VerifyPassword(Id, usize),
    ChangePassword(Id, usize),
    SendContact(Id, Wanted),
    ChangeContact(Id, Channel, Guess),
    DeleteAccount(Id),
    Cancel(Id),
    EndOthers,
    OwnSessions,
    /// The session of this name, whosever it is; `None` never was one.
    EndOne(Option<usize>),
    EndAll,
    /// By a source, as somebody elsewhere; with a forged proof, where as nobody.
    BindSocial(usize, Option<usize>),
    UnbindSocial(usize),
    /// A challenge to bind a device by.
    AskToBind(usize),
    OwnDevices,
    /// A challenge for a passkey in a flow.
    AskForKey(Id),
    VerifyKey(Id, Answer),
    OwnKeys,
    Enrol(Enrol),
}

impl Call {
    /// Whether it may begin a flow.
    pub(super) const fn begins(&self) -> bool {
        match self {
            Self::CheckOperation(_) => true,
            Self::Enrol(step) => matches!(step.by(), Some(By::Password(_))),
            _ => false,
        }
    }
}

/// The status that an administrator sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewStatus {
    Normal,
    Locked,
    LockedFor(Duration),
    Frozen,
    Disabled,
    /// Deleted, with the time of grace ahead.
    Deleted,
    /// Erased at once.
    Erased,
}

/// Which session a token is issued for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    New,
    /// The id of this name, whosever it is.
    Named(usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// A call with a token, so many times, with a pause before each further one.
    Call {
        token: usize,
        call: Call,
        times: u8,
        pause: Duration,
    },
    /// A call of somebody who is not signed in, so many times, with a pause before each further one.
    Visit {
        visit: Visit,
        times: u8,
        pause: Duration,
    },
    IssueToken {
        account: usize,
        session: For,
        amr: Amr,
    },
    /// A token of a trusted foreign issuer, in its session of this number or in none; a renewed one tells of the
    /// sign-in of the first.
    ForeignToken {
        account: usize,
        session: Option<usize>,
        renewed: bool,
    },
    SetStatus {
        account: usize,
        status: NewStatus,
    },
    /// A try to have a former address back.
    Revert {
        tenant: usize,
        wanted: Spot,
        right: bool,
    },
    DemandReset {
        account: usize,
    },
    /// An account, or all that are due; a store of the host may not let go of its rows.
    Purge {
        whom: Option<usize>,
        stuck: bool,
    },
    Join(Newcomer),
    Relay,
    Sweep,
    Restart(Setting),
    RotateKeys,
    Delivery {
        fails: bool,
    },
    Forward(Duration),
    Back(Duration),
    /// To one of the moments at which something ends, or just before it.
    Until {
        deadline: usize,
        early: bool,
    },
}

impl Command {
    pub(super) const fn once(token: usize, call: Call) -> Self {
        Self::Call { token, call, times: 1, pause: Duration::ZERO }
    }

    pub(super) const fn visit(visit: Visit) -> Self {
        Self::Visit { visit, times: 1, pause: Duration::ZERO }
    }

    /// What comes before every journey: sessions of everybody, also of a foreign issuer, and the ids of alice
    /// and of her session in another tenant.
    pub(super) fn beginning() -> Vec<Self> {
        let issue = |account, session| Self::IssueToken { account, session, amr: Amr::Password };
        let foreign = |account, session| Self::ForeignToken { account, session, renewed: false };
        vec![
            issue(ALICE, For::New),
            issue(ALICE, For::New),
            issue(BOB, For::New),
            issue(TWIN, For::Named(0)),
            issue(CAROL, For::New),
            issue(DAVE, For::New),
            foreign(NOBODY, Some(0)),
            foreign(ALICE, Some(0)),
            foreign(BOB, None),
        ]
    }
}
