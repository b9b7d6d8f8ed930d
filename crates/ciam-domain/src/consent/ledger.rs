//! What a ledger comes to.

use super::{ConsentAct, ConsentEntry, MOST_ENTRIES};
use crate::{DocumentId, Instant};

/// All lines of one person, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger(Vec<ConsentEntry>);

/// Where a person stands with a document: their newest agreement to it, and whether they took it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'a> {
    /// The place of the agreement in the ledger, from one on; it never changes.
    pub number: usize,
    /// The agreement.
    pub agreement: &'a ConsentEntry,
    /// When it was taken back; nothing brings it back but a new agreement.
    pub recalled_at: Option<Instant>,
}

impl Ledger {
    /// The lines of a person in the order in which they were written.
    #[must_use]
    pub const fn new(entries: Vec<ConsentEntry>) -> Self {
        Self(entries)
    }

    /// Every line, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[ConsentEntry] {
        &self.0
    }

    /// Whether nothing more may be agreed to.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.0.len() >= MOST_ENTRIES
    }

    /// The newest line about a document.
    #[must_use]
    pub fn last(&self, document: &DocumentId) -> Option<&ConsentEntry> {
        self.0.iter().rev().find(|entry| entry.document == *document)
    }

    /// The agreement to a document that is not taken back.
    #[must_use]
    pub fn live(&self, document: &DocumentId) -> Option<&ConsentEntry> {
        self.last(document).filter(|entry| entry.act == ConsentAct::Agreed)
    }

    /// Where the person stands with each document that they ever agreed to, newest agreement first.
    #[must_use]
    pub fn standings(&self) -> Vec<Standing<'_>> {
        let mut standings: Vec<Standing<'_>> = Vec::new();
        let mut ends: Vec<(&DocumentId, Instant)> = Vec::new();
        for (entry, number) in self.0.iter().rev().zip((1..=self.0.len()).rev()) {
            if standings.iter().any(|standing| standing.agreement.document == entry.document) {
                continue;
            }
            let end = ends.iter().find(|(document, _)| **document == entry.document).map(|(_, at)| *at);
            match entry.act {
                ConsentAct::Agreed => {
                    standings.push(Standing { number, agreement: entry, recalled_at: end });
                }
                // The oldest recall after the agreement is the one that counts.
                ConsentAct::Recalled => {
                    ends.retain(|(document, _)| **document != entry.document);
                    ends.push((&entry.document, entry.at));
                }
            }
        }
        standings
    }

    /// The document of a consent that goes by this name: the id of an agreement, or of the document itself. `None`
    /// where the person has nothing of that name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&DocumentId> {
        let agreed = || self.0.iter().filter(|entry| entry.act == ConsentAct::Agreed);
        let of_id = agreed().find(|entry| entry.id.as_str() == name);
        of_id.or_else(|| agreed().find(|entry| entry.document.as_str() == name)).map(|entry| &entry.document)
    }

    /// What a recall by this name takes back: the live agreement to the document, unless the name is of an older
    /// agreement that was taken back already. Such a name ends nothing that the person agreed to since.
    #[must_use]
    pub fn recallable(&self, name: &str) -> Option<&ConsentEntry> {
        let live = self.live(self.named(name)?)?;
        let place = self.0.iter().position(|entry| entry.id.as_str() == name);
        let since = self.0.iter().skip(place.unwrap_or(self.0.len()));
        let recalled = since
            .into_iter()
            .any(|entry| entry.document == live.document && entry.act == ConsentAct::Recalled);
        (!recalled).then_some(live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::TermsText;
    use crate::{ConsentId, TenantId, UserId, VersionId};

    /// Lines such as `+a` (agreed to document a) and `-a` (recalled), a second apart; their ids are their numbers.
    fn ledger(lines: &str) -> Ledger {
        let entry = |(second, line): (i64, &str)| {
            let (act, document) = line.split_at(1);
            ConsentEntry {
                id: ConsentId::parse(&second.to_string()).unwrap(),
                tenant: TenantId::default(),
                user: UserId::parse("alice").unwrap(),
                document: DocumentId::parse(document).unwrap(),
                version: VersionId::parse("v1").unwrap(),
                hash: TermsText::parse("text").unwrap().hash(),
                act: if act == "+" { ConsentAct::Agreed } else { ConsentAct::Recalled },
                at: Instant::from_unix_seconds(second),
                source: None,
                client: None,
            }
        };
        Ledger::new((1..).zip(lines.split_whitespace()).map(entry).collect())
    }

    fn told(ledger: &Ledger) -> String {
        let line = |standing: Standing<'_>| {
            let recalled =
                standing.recalled_at.map_or_else(String::new, |at| format!("-{}", at.unix_seconds()));
            format!("{}{}{recalled}", standing.agreement.document, standing.number)
        };
        ledger.standings().into_iter().map(line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_newest_agreement_to_each_document_stands_until_it_is_recalled() {
        assert_eq!(told(&ledger("")), "");
        assert_eq!(told(&ledger("+a +b +a")), "a3 b2");
        assert_eq!(told(&ledger("+a +b -a")), "b2 a1-3");
        assert_eq!(told(&ledger("+a -a +b +a")), "a4 b3");
        assert_eq!(told(&ledger("-c")), "");
    }

    #[test]
    fn a_recalled_agreement_is_live_again_by_a_new_one_alone() {
        let document = DocumentId::parse("a").unwrap();
        let live = |lines| ledger(lines).live(&document).map(|entry| entry.id.to_string());
        assert_eq!((live("+a -a"), live("+b"), live("-a")), (None, None, None));
        assert_eq!(live("+a -a +b +a"), Some("4".to_owned()));
    }

    #[test]
    fn a_recall_names_an_agreement_or_a_document_and_ends_nothing_later() {
        let ends = |lines, name| ledger(lines).recallable(name).map(|entry| entry.id.to_string());
        let some = |id: &str| Some(id.to_owned());
        assert_eq!((ends("+a", "1"), ends("+a", "a")), (some("1"), some("1")));
        assert_eq!(ends("+a +a", "1"), some("2"), "who withdraws an old version wants none");
        assert_eq!((ends("+a -a", "1"), ends("+a -a", "a")), (None, None));
        assert_eq!(ends("+a -a +a", "1"), None, "a recall that comes again ends no new agreement");
        assert_eq!((ends("+a -a +a", "3"), ends("+a -a +a", "a")), (some("3"), some("3")));
        assert_eq!((ends("+a", "b"), ends("-b", "b"), ends("+a -a +a", "2")), (None, None, None));
        assert!(ledger("+a -a").named("1").is_some() && ledger("+a -a").named("2").is_none());
    }
}
