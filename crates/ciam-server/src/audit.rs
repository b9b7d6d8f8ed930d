//! `audit`: the audit trail, as JSON lines.

use ciam::domain::audit::{Actor, AuditRecord, Outcome};
use ciam::domain::{SessionId, TenantId};
use ciam::ports::{AuditOutcome, AuditQuery};
use ciam::{Authority, Ciam};
use serde_json::{Value, json};

use crate::arguments::Audit;
use crate::moment::written;
use crate::output;
use crate::stop::Stop;
use crate::user::{account, refused};

/// How many records are read at once.
const PAGE: u16 = 500;

/// Prints the newest records that were asked for.
///
/// # Errors
/// [`Stop`] that says why the rest is not printed.
pub(crate) async fn print(arguments: Audit) -> Result<(), Stop> {
    let ciam = account::open(&arguments.place)?;
    let Audit { user, action, refused, since, limit, .. } = arguments;
    let outcome = refused.then_some(AuditOutcome::Refused);
    let query = AuditQuery { user, action, outcome, since, ..AuditQuery::newest(TenantId::default(), PAGE) };
    print_pages(&ciam, query, limit).await
}

async fn print_pages(ciam: &Ciam, mut query: AuditQuery, mut left: u16) -> Result<(), Stop> {
    while left > 0 {
        query.limit = left.min(PAGE);
        let page = ciam.audit_trail(Authority::Host, &query).await.map_err(|error| refused(&error))?;
        for record in &page.records {
            output::line(shown(record))?;
        }
        left -= query.limit;
        query.before = page.next;
        if page.next.is_none() {
            break;
        }
    }
    Ok(())
}

fn shown(record: &AuditRecord) -> Value {
    let AuditRecord { id, tenant: _, at, actor, user, session, action, outcome, flow: _, source, detail } =
        record;
    let (kind, actor) = match actor {
        Actor::Person(id) => ("person", Some(id)),
        Actor::Administrator(id) => ("administrator", Some(id)),
        Actor::System => ("system", None),
        Actor::Anonymous => ("anonymous", None),
    };
    let refusal = match outcome {
        Outcome::Done => None,
        Outcome::Refused(reason) => Some(reason.as_ref()),
    };
    json!({
        "id": id.as_str(),
        "at": written(*at),
        "actorKind": kind,
        "actor": actor.map(ciam::domain::UserId::as_str),
        "user": user.as_str(),
        "session": session.as_ref().map(SessionId::as_str),
        "action": action.as_str(),
        "refusal": refusal,
        "source": source.map(|source| source.address().to_string()),
        "detail": detail,
    })
}
