//! The page of the audit trail lists what the trail may say.

use std::collections::BTreeSet;

use ciam::domain::audit::Action;

use crate::tree;

#[test]
fn the_page_lists_every_action_once() {
    let rows = tree::table_rows(&tree::read("docs/features/audit.md"));
    let names = rows
        .into_iter()
        .skip_while(|row| row[0] != "About")
        .skip(2)
        .map(|row| row[1].clone())
        .collect::<Vec<_>>()
        .join(", ");
    let listed: Vec<_> = names.split(", ").map(|name| name.trim_matches('`')).collect();
    let existing: BTreeSet<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
    assert_eq!(listed.len(), existing.len(), "an action is missing or listed twice");
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), existing);
}
