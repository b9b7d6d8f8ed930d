//! `GET /user/operate_check?operateType=…`.

use ciam::domain::flow::Operation;

use super::call::{Call, RequestError, StepError};
use super::envelope::Reply;
use super::field::{Field, required};

/// Operations of this project that have a flow here too.
const ENROLMENT: [Operation; 5] = [
    Operation::BindTotp,
    Operation::UnbindTotp,
    Operation::RenewRecoveryCodes,
    Operation::BindPasskey,
    Operation::UnbindPasskey,
];

pub(super) async fn check(call: Call) -> Result<Reply, StepError> {
    let name = required(call.parameter("operateType", Field::OperateType)?, Field::OperateType)?;
    let operation = Operation::parse(name)
        .filter(|operation| Operation::SELF_SERVICE.contains(operation) || ENROLMENT.contains(operation))
        .ok_or(RequestError::Illegal(Field::OperateType))?;
    let checked = call.ciam.check_operation(&call.who, operation).await?;
    Ok(Reply::Flow(checked.flow, checked.next))
}
