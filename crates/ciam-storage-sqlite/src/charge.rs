//! Paying for an attempt.

use ciam_ports::domain::flow::Flow;
use ciam_ports::domain::user::SecurityStamp;
use ciam_ports::flow_store::FlowCharge;
use ciam_ports::{Charge, Charged, StoreError};

use crate::rates::Rows;
use crate::statement::Db;
use crate::step::{self, Held};
use crate::{flows, rates};

/// Charges a flow of a person, who must exist.
pub(crate) fn charge(db: &Db<'_>, charge: &Charge) -> Result<Option<Charged>, StoreError> {
    let Some((user, mut held)) = step::load(db, &charge.query)? else { return Ok(None) };
    let outcome = pay(db, (charge, &user.stamp), &mut held)?;
    let loaded = held.beside(user);
    Ok(Some(match outcome {
        FlowCharge::Paid(attempts) => Charged::Paid { loaded, attempts },
        FlowCharge::NoFlow => Charged::NoFlow { loaded },
        FlowCharge::Exhausted => Charged::Exhausted { loaded },
        FlowCharge::Limited { scope, until } => Charged::Limited { loaded, scope, until },
    }))
}

/// Asks flow and limits before anything is raised; `held` then shows the counts as they became.
pub(crate) fn pay(
    db: &Db<'_>,
    (charge, stamp): (&Charge, &SecurityStamp),
    held: &mut Held,
) -> Result<FlowCharge, StoreError> {
    let Charge { query, max_attempts, rates: wanted, now } = charge;
    let own = |flow: &&Flow| query.session.as_ref() == Some(flow.session()) && flow.stamp() == stamp;
    let payer = held.view.flow.as_ref().filter(own).filter(|flow| *now < flow.expires_at());
    let Some(flow) = payer else { return Ok(FlowCharge::NoFlow) };
    if held.attempts >= *max_attempts {
        return Ok(FlowCharge::Exhausted);
    }
    let raised = match rates::admit(db, &query.tenant, wanted, *now) {
        Err(StoreError::Limited { scope, until }) => return Ok(FlowCharge::Limited { scope, until }),
        other => other?,
    };
    flows::pay(db, flow)?;
    raised.write(db, &query.tenant)?;
    held.attempts += 1;
    show(held, charge, &raised);
    Ok(FlowCharge::Paid(held.attempts))
}

fn show(held: &mut Held, charge: &Charge, raised: &Rows) {
    let before = std::mem::take(&mut held.view.rates);
    let counted = |key| {
        let before = before.iter().find(|(other, _)| other == key).map(|(_, counter)| *counter);
        raised.counter(key).or(before)
    };
    held.view.rates = charge.query.rates.iter().filter_map(|key| Some((*key, counted(key)?))).collect();
}
