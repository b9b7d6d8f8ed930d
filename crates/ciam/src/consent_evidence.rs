//! The evidence of somebody's consents: the whole ledger, with the texts that it speaks of.

use std::collections::BTreeSet;

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::consent::ConsentEntry;
use ciam_domain::export::Exported;
use ciam_domain::refusal::AccessRefusal;
use ciam_domain::terms::{Label, Publication, TermsText, TermsVersion};
use ciam_domain::{Instant, TenantId, UserId, VersionId};
use ciam_ports::{StepQuery, VersionFilter};

use crate::terms::lost_terms;
use crate::{Authority, Ciam, Error};

impl Ciam {
    /// Everything that shows what a person agreed to and when (GDPR, 7(1)): each line of the ledger, and each text
    /// with its digest. An account that is erased still has what the policy keeps of it.
    ///
    /// # Errors
    /// [`AccessRefusal::UnknownUser`]; what keeps an administrator from acting; [`crate::Failure::NotOffered`] without
    /// a store of consents; a failure of a store or of chance, also where a text is not the one that was agreed to.
    pub async fn consent_evidence(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<Exported, Error> {
        self.consent_store()?;
        let order = self.order(by, (tenant, user), Action::ExportConsents);
        self.authorise(&order).await?;
        let query = StepQuery::of(tenant.clone(), user.clone());
        if self.ports.store.load(&query).await?.is_none() {
            return Err(self.overrule(&order, AccessRefusal::UnknownUser).await);
        }
        self.carry_out(&order, Outcome::Done, order.commit()).await?;
        self.evidence((tenant, user), order.now).await
    }

    async fn evidence(&self, (tenant, user): (&TenantId, &UserId), now: Instant) -> Result<Exported, Error> {
        let ledger = self.ledger(tenant, user).await?;
        let named: BTreeSet<&VersionId> = ledger.entries().iter().map(|entry| &entry.version).collect();
        let mut versions = Vec::new();
        for id in named {
            let filter = VersionFilter::One(id.clone());
            let version = self.consent_store()?.versions(tenant, &filter).await?.pop();
            let version = version.ok_or_else(lost_terms)?;
            let is_other = |entry: &ConsentEntry| entry.version == *id && entry.hash != version.hash;
            let text = self.consent_store()?.text(tenant, id).await?;
            let text = text.filter(|text| text.hash() == version.hash).ok_or_else(lost_terms)?;
            if ledger.entries().iter().any(is_other) {
                return Err(lost_terms());
            }
            versions.push(shown(&version, &text));
        }
        Ok(Exported::fields([
            ("format", "ciam.consent_evidence/1".into()),
            ("madeAt", now.into()),
            ("tenant", tenant.as_str().into()),
            ("user", user.as_str().into()),
            ("ledger", lines(ledger.entries())),
            ("versions", Exported::list(versions)),
        ]))
    }
}

/// The lines of a ledger.
pub(crate) fn lines(entries: &[ConsentEntry]) -> Exported {
    Exported::list(entries.iter().map(|entry| {
        let ConsentEntry { id, tenant: _, user: _, document, version, hash, act, at, source, client } = entry;
        Exported::fields([
            ("id", id.as_str().into()),
            ("act", act.as_str().into()),
            ("at", (*at).into()),
            ("document", document.as_str().into()),
            ("version", version.as_str().into()),
            ("sha256", hash.to_string().into()),
            ("source", source.map(|source| source.address().to_string()).into()),
            ("client", client.as_deref().into()),
        ])
    }))
}

fn shown(version: &TermsVersion, text: &TermsText) -> Exported {
    let TermsVersion { id, document, number, locale, title, kind, hash, publication, created_at, .. } =
        version;
    let (from, until) = match *publication {
        Publication::Draft => (None, None),
        Publication::Published { from, until } => (Some(from), until),
    };
    Exported::fields([
        ("id", id.as_str().into()),
        ("document", document.as_str().into()),
        ("number", number.as_str().into()),
        ("locale", locale.as_str().into()),
        ("title", Label::as_str(title).into()),
        ("kind", kind.as_str().into()),
        ("draftedAt", (*created_at).into()),
        ("publishedAt", from.into()),
        ("expiresAt", until.into()),
        ("sha256", hash.to_string().into()),
        ("text", text.as_str().into()),
    ])
}
