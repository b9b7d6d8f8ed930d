//! What the settings of a source say.

use std::collections::BTreeMap;

/// The service that mobile and web applications ask.
const SERVICE: &str = "https://api.weixin.qq.com";

/// A setting of a source cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the setting {setting} must be {range}")]
pub struct SettingError {
    /// Its name.
    pub setting: String,
    /// What it may be.
    pub range: &'static str,
}

fn refused(setting: &str, range: &'static str) -> SettingError {
    SettingError { setting: setting.to_owned(), range }
}

/// Where the code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum App {
    /// A web or mobile application, or an official account.
    OAuth,
    /// A mini program: `wx.login`.
    MiniProgram,
}

/// By what a person is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The `openid`, one for each application.
    OpenId,
    /// The `unionid`, one for all applications of an account of the Open Platform, which is named here.
    UnionId(String),
}

/// A source as configured.
#[derive(Debug)]
pub(crate) struct WechatSettings {
    pub(crate) app_id: String,
    pub(crate) app: App,
    pub(crate) subject: Subject,
}

impl WechatSettings {
    pub(crate) fn read(settings: &BTreeMap<String, String>) -> Result<Self, SettingError> {
        let known = ["client_id", "app", "union"];
        if let Some(unknown) = settings.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(refused(unknown, "absent: there is no such setting"));
        }
        let text = |name: &str| settings.get(name).filter(|value| !value.is_empty());
        let app = match text("app").map_or("oauth", String::as_str) {
            "oauth" => App::OAuth,
            "mini_program" => App::MiniProgram,
            _ => return Err(refused("app", "oauth or mini_program")),
        };
        Ok(Self {
            app_id: text("client_id").cloned().ok_or_else(|| refused("client_id", "the appid"))?,
            app,
            subject: text("union").cloned().map_or(Subject::OpenId, Subject::UnionId),
        })
    }

    /// Who names the subject. Two sources of one Open Platform account know a person by the same name.
    pub(crate) fn issuer(&self) -> String {
        match &self.subject {
            Subject::OpenId => format!("wechat:app:{}", self.app_id),
            Subject::UnionId(account) => format!("wechat:union:{account}"),
        }
    }

    /// The address that takes codes, up to its query.
    pub(crate) fn endpoint(&self) -> String {
        match self.app {
            App::OAuth => format!("{SERVICE}/sns/oauth2/access_token"),
            App::MiniProgram => format!("{SERVICE}/sns/jscode2session"),
        }
    }

    /// The name of the field that carries the code.
    pub(crate) const fn code_field(&self) -> &'static str {
        match self.app {
            App::OAuth => "code",
            App::MiniProgram => "js_code",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<WechatSettings, String> {
        let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        WechatSettings::read(&settings.iter().map(own).collect()).map_err(|error| error.setting)
    }

    #[test]
    fn the_issuer_says_who_names_the_person() {
        assert_eq!(read(&[("client_id", "wx1")]).unwrap().issuer(), "wechat:app:wx1");
        let union = read(&[("client_id", "wx1"), ("union", "acme")]).unwrap();
        assert_eq!(union.issuer(), "wechat:union:acme");
    }

    #[test]
    fn a_setting_that_means_nothing_is_named() {
        assert_eq!(read(&[]).unwrap_err(), "client_id");
        assert_eq!(read(&[("client_id", "wx1"), ("app", "game")]).unwrap_err(), "app");
        assert_eq!(read(&[("client_id", "wx1"), ("secret", "s")]).unwrap_err(), "secret");
    }
}
