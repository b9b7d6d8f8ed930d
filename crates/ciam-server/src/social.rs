//! Who asks providers whose proof it is, by the kind of the source.

use std::path::Path;
use std::sync::Arc;

use ciam::Ciam;
use ciam::domain::TenantId;
use ciam::domain::social::{SocialSourceId, SocialType};
use ciam::ports::{HttpClient, SocialVerifier};
use ciam_http_reqwest::{Bounds, Proxies, ReqwestClient};
use ciam_social_alipay::AlipayVerifier;
use ciam_social_oidc::OidcVerifier;
use ciam_social_wechat::WechatVerifier;

use crate::configuration::{ProxyChoice, Social, SourceSecret};
use crate::stop::Stop;

/// The providers of this build.
pub(crate) struct Providers {
    oidc: OidcVerifier,
    wechat: WechatVerifier,
    alipay: AlipayVerifier,
}

/// The providers with the secrets of their sources.
///
/// # Errors
/// [`Stop::Unusable`] that names the source whose secret cannot be read or used; never what was read.
pub(crate) fn providers(settings: &Social) -> Result<Providers, Stop> {
    let proxies = match settings.proxies.0 {
        ProxyChoice::None => Proxies::None,
        ProxyChoice::Environment => Proxies::Environment,
    };
    let http =
        ReqwestClient::new(Bounds::default(), proxies).map_err(|error| Stop::failed("social", &error))?;
    let http: Arc<dyn HttpClient> = Arc::new(http);
    let mut providers = Providers {
        oidc: OidcVerifier::new(http.clone()),
        wechat: WechatVerifier::new(http.clone()),
        alipay: AlipayVerifier::new(http),
    };
    for secret in &settings.secret {
        let unusable =
            |why: String| Stop::Unusable(format!("configuration: social.secret {}: {why}", secret.source));
        providers = providers.with(secret).map_err(unusable)?;
    }
    Ok(providers)
}

impl Providers {
    /// Has the use cases ask each provider for the sources of its kind.
    ///
    /// # Errors
    /// [`Stop`] where a kind has no name.
    pub(crate) fn offered_by(self, ciam: Ciam) -> Result<Ciam, Stop> {
        let Self { oidc, wechat, alipay } = self;
        let oidc = Arc::new(oidc);
        let all: [(&str, Arc<dyn SocialVerifier>); 5] = [
            ("oidc", oidc.clone()),
            ("google", oidc.clone()),
            ("apple", oidc),
            ("wechat", Arc::new(wechat)),
            ("alipay", Arc::new(alipay)),
        ];
        all.into_iter().try_fold(ciam, |ciam, (name, verifier)| {
            let of = SocialType::parse(name).map_err(|error| Stop::failed(name, &error))?;
            Ok(ciam.with_social_verifier(of, verifier))
        })
    }

    fn with(self, of: &SourceSecret) -> Result<Self, String> {
        let tenant = of.tenant.as_deref().map_or_else(|| Ok(TenantId::default()), TenantId::parse);
        let tenant = tenant.map_err(|error| error.to_string())?;
        let source = SocialSourceId::parse(&of.source).map_err(|error| error.to_string())?;
        let secret = of.secret.read(Path::new(""))?;
        let key = (tenant, source);
        Ok(match of.social_type.as_str() {
            "oidc" | "google" | "apple" => Self { oidc: self.oidc.with_secret(key, secret), ..self },
            "wechat" => Self { wechat: self.wechat.with_secret(key, secret), ..self },
            "alipay" => {
                let alipay = self.alipay.with_key(key, &secret).map_err(|error| error.to_string())?;
                Self { alipay, ..self }
            }
            _ => return Err("social_type must be oidc, google, apple, wechat or alipay".to_owned()),
        })
    }
}

#[cfg(test)]
mod tests;
