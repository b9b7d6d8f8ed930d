//! What messages say. No text holds anything of the person's but the code.

use ciam_ports::domain::challenge::Purpose;
use ciam_ports::domain::flow::Operation;
use ciam_ports::domain::notice::NoticeKind;
use ciam_ports::domain::user::Channel;

/// A language that there are texts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Chinese,
}

impl Language {
    /// The language for a BCP 47 tag: Chinese for `zh` and what begins with it, English for all others.
    pub(crate) fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") { Self::Chinese } else { Self::English }
    }

    pub(crate) fn code(self, purpose: Purpose, channel: Channel, code: &str) -> String {
        match self {
            Self::English => {
                let aim = english_aim(purpose, channel);
                format!(
                    "Your code to {aim} is {code}. If you did not ask for it, ignore this message. Never pass it on."
                )
            }
            Self::Chinese => {
                let aim = chinese_aim(purpose, channel);
                format!("验证码 {code}，用于{aim}。如非本人操作，请忽略本消息。请勿将验证码告知他人。")
            }
        }
    }

    /// What a notice says; `revert` is the code that gives the address back to who reads it.
    pub(crate) fn notice(self, kind: NoticeKind, revert: Option<&str>) -> String {
        let (text, way_back) = match self {
            Self::English => (english_notice(kind), " To have this address back, use the code "),
            Self::Chinese => (chinese_notice(kind), "如需恢复此联系方式，请使用恢复码 "),
        };
        match (revert, self) {
            (None, _) => text.to_owned(),
            (Some(code), Self::English) => format!("{text}{way_back}{code}. Never pass it on."),
            (Some(code), Self::Chinese) => format!("{text}{way_back}{code}。请勿将恢复码告知他人。"),
        }
    }
}

const fn english_aim(purpose: Purpose, channel: Channel) -> &'static str {
    match (purpose, channel) {
        (Purpose::SecondFactor(Operation::UpdatePassword), _) => "change the password of your account",
        (Purpose::SecondFactor(Operation::UpdatePhone), _) => "change the phone number of your account",
        (Purpose::SecondFactor(Operation::UpdateEmail), _) => "change the e-mail address of your account",
        (Purpose::SecondFactor(Operation::Unsubscribe), _) => "delete your account",
        (Purpose::SecondFactor(Operation::BindSocial), _) => "add a way to sign in to your account",
        (Purpose::SecondFactor(Operation::UnbindSocial), _) => "remove a way to sign in from your account",
        (Purpose::SecondFactor(Operation::BindTotp), _) => "add an authenticator app to your account",
        (Purpose::SecondFactor(Operation::UnbindTotp), _) => "remove the authenticator app of your account",
        (Purpose::SecondFactor(Operation::RenewRecoveryCodes), _) => {
            "make new recovery codes for your account"
        }
        (Purpose::SecondFactor(Operation::BindGesture), _) => "let a device sign in to your account",
        (Purpose::SecondFactor(Operation::UnbindGesture), _) => "remove a device from your account",
        (Purpose::SecondFactor(Operation::BindPasskey), _) => "add a passkey to your account",
        (Purpose::SecondFactor(Operation::UnbindPasskey), _) => "remove a passkey of your account",
        (Purpose::SecondFactor(Operation::SignIn), _) => "sign in",
        (Purpose::SecondFactor(Operation::RenewPassword), _) => "set a new password and sign in",
        (Purpose::SecondFactor(Operation::RecoverPassword), _) => "replace a forgotten password",
        (Purpose::SecondFactor(Operation::RestoreAccount), _) => "call back the deletion of your account",
        (Purpose::NewAddress(_), Channel::Sms) => "confirm this phone number for an account",
        (Purpose::NewAddress(_), Channel::Email) => "confirm this e-mail address for an account",
    }
}

const fn chinese_aim(purpose: Purpose, channel: Channel) -> &'static str {
    match (purpose, channel) {
        (Purpose::SecondFactor(Operation::UpdatePassword), _) => "修改您的账号密码",
        (Purpose::SecondFactor(Operation::UpdatePhone), _) => "更换您的账号手机号",
        (Purpose::SecondFactor(Operation::UpdateEmail), _) => "更换您的账号邮箱",
        (Purpose::SecondFactor(Operation::Unsubscribe), _) => "注销您的账号",
        (Purpose::SecondFactor(Operation::BindSocial), _) => "绑定第三方账号",
        (Purpose::SecondFactor(Operation::UnbindSocial), _) => "解绑第三方账号",
        (Purpose::SecondFactor(Operation::BindTotp), _) => "添加身份验证器",
        (Purpose::SecondFactor(Operation::UnbindTotp), _) => "移除身份验证器",
        (Purpose::SecondFactor(Operation::RenewRecoveryCodes), _) => "生成新的恢复码",
        (Purpose::SecondFactor(Operation::BindGesture), _) => "开启设备的手势登录",
        (Purpose::SecondFactor(Operation::UnbindGesture), _) => "移除手势登录设备",
        (Purpose::SecondFactor(Operation::BindPasskey), _) => "添加通行密钥",
        (Purpose::SecondFactor(Operation::UnbindPasskey), _) => "移除通行密钥",
        (Purpose::SecondFactor(Operation::SignIn), _) => "登录",
        (Purpose::SecondFactor(Operation::RenewPassword), _) => "设置新密码并登录",
        (Purpose::SecondFactor(Operation::RecoverPassword), _) => "找回密码",
        (Purpose::SecondFactor(Operation::RestoreAccount), _) => "撤销注销您的账号",
        (Purpose::NewAddress(_), Channel::Sms) => "将此手机号绑定到账号",
        (Purpose::NewAddress(_), Channel::Email) => "将此邮箱绑定到账号",
    }
}

const fn english_notice(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::PasswordChanged => {
            "The password of your account was changed. If it was not you, recover your account at once."
        }
        NoticeKind::PhoneChanged => {
            "The phone number of your account was changed. If it was not you, recover your account at once."
        }
        NoticeKind::EmailChanged => {
            "The e-mail address of your account was changed. If it was not you, recover your account at once."
        }
        NoticeKind::ContactRestored => {
            "A former phone number or e-mail address of your account was restored. If it was not you, contact us at once."
        }
        NoticeKind::AccountDeleted => "Your account was deleted. If it was not you, contact us at once.",
        NoticeKind::AccountRestored => "The deletion of your account was called back.",
        NoticeKind::SocialBound => {
            "An account elsewhere was bound to your account, and can sign in to it. If it was not you, recover your account at once."
        }
        NoticeKind::SocialUnbound => {
            "An account elsewhere was unbound from your account. If it was not you, recover your account at once."
        }
        NoticeKind::TotpAdded => {
            "An authenticator app was added to your account. If it was not you, recover your account at once."
        }
        NoticeKind::TotpRemoved => {
            "The authenticator app of your account was removed. If it was not you, recover your account at once."
        }
        NoticeKind::RecoveryCodesRenewed => {
            "New recovery codes were made for your account; the old ones count no longer. If it was not you, recover your account at once."
        }
        NoticeKind::RecoveryCodeUsed => {
            "A recovery code of your account was used. If it was not you, recover your account at once."
        }
        NoticeKind::RecoveryCodesLow => {
            "A recovery code of your account was used, and few are left: make new ones. If it was not you, recover your account at once."
        }
        NoticeKind::GestureBound => {
            "A device can now sign in to your account by face or fingerprint. If it was not you, recover your account at once."
        }
        NoticeKind::GestureUnbound => {
            "A device can no longer sign in to your account by face or fingerprint. If it was not you, recover your account at once."
        }
        NoticeKind::PasskeyAdded => {
            "A passkey was added to your account, and can sign in to it. If it was not you, recover your account at once."
        }
        NoticeKind::PasskeyRemoved => {
            "A passkey of your account was removed. If it was not you, recover your account at once."
        }
        NoticeKind::PasskeyCopied => {
            "A passkey of your account was refused: its device may have been copied. Remove it and make a new one."
        }
        NoticeKind::PasswordResetDemanded => {
            "An administrator asks you to set a new password. You can do so when you sign in next."
        }
    }
}

const fn chinese_notice(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::PasswordChanged => "您的账号密码已修改。如非本人操作，请立即找回账号。",
        NoticeKind::PhoneChanged => "您的账号手机号已更换。如非本人操作，请立即找回账号。",
        NoticeKind::EmailChanged => "您的账号邮箱已更换。如非本人操作，请立即找回账号。",
        NoticeKind::ContactRestored => "您的账号已恢复原手机号或邮箱。如非本人操作，请立即联系我们。",
        NoticeKind::AccountDeleted => "您的账号已注销。如非本人操作，请立即联系我们。",
        NoticeKind::AccountRestored => "您的账号注销已撤销。",
        NoticeKind::SocialBound => "您的账号已绑定第三方账号，可用其登录。如非本人操作，请立即找回账号。",
        NoticeKind::SocialUnbound => "您的账号已解绑第三方账号。如非本人操作，请立即找回账号。",
        NoticeKind::TotpAdded => "您的账号已添加身份验证器。如非本人操作，请立即找回账号。",
        NoticeKind::TotpRemoved => "您的账号已移除身份验证器。如非本人操作，请立即找回账号。",
        NoticeKind::RecoveryCodesRenewed => {
            "您的账号已生成新的恢复码，旧恢复码已失效。如非本人操作，请立即找回账号。"
        }
        NoticeKind::RecoveryCodeUsed => "您的账号使用了一个恢复码。如非本人操作，请立即找回账号。",
        NoticeKind::RecoveryCodesLow => {
            "您的账号使用了一个恢复码，剩余不多，请重新生成。如非本人操作，请立即找回账号。"
        }
        NoticeKind::GestureBound => "一台设备已开启面容或指纹登录。如非本人操作，请立即找回账号。",
        NoticeKind::GestureUnbound => {
            "一台设备已无法再用面容或指纹登录您的账号。如非本人操作，请立即找回账号。"
        }
        NoticeKind::PasskeyAdded => "您的账号已添加通行密钥，可用其登录。如非本人操作，请立即找回账号。",
        NoticeKind::PasskeyRemoved => "您的账号已移除一个通行密钥。如非本人操作，请立即找回账号。",
        NoticeKind::PasskeyCopied => {
            "您账号的一个通行密钥已被拒绝：其设备可能被复制。请移除该通行密钥并重新创建。"
        }
        NoticeKind::PasswordResetDemanded => "管理员要求您设置新密码，请在下次登录时设置。",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const LANGUAGES: [Language; 2] = [Language::English, Language::Chinese];

    #[test]
    fn tags_that_begin_with_zh_are_chinese() {
        for tag in ["zh", "zh-CN", "ZH-hans-cn", "zh_TW"] {
            assert_eq!(Language::of(tag), Language::Chinese, "{tag}");
        }
        for tag in ["", "en", "en-zh", "zha", "fr\n", "-zh"] {
            assert_eq!(Language::of(tag), Language::English, "{tag}");
        }
    }

    #[test]
    fn every_purpose_has_a_text_of_its_own_with_the_code() {
        let mut texts = HashSet::new();
        for language in LANGUAGES {
            let signed_in = Operation::SELF_SERVICE.iter().chain(Operation::ONE_SHOT);
            for operation in signed_in.chain(&Operation::SIGNED_OUT).copied() {
                texts.insert(language.code(Purpose::SecondFactor(operation), Channel::Sms, "123456"));
            }
            for channel in [Channel::Sms, Channel::Email] {
                texts.insert(language.code(Purpose::NewAddress(Operation::UpdateEmail), channel, "123456"));
            }
        }
        let operations = 4 + Operation::ONE_SHOT.len() + 4;
        assert_eq!(texts.len(), 2 * (operations + 2));
        assert!(texts.iter().all(|text| text.contains("123456")));
    }

    #[test]
    fn every_notice_has_a_text_of_its_own() {
        let notices =
            |language: Language| NoticeKind::ALL.iter().map(move |kind| language.notice(*kind, None));
        let texts: HashSet<_> = LANGUAGES.into_iter().flat_map(notices).collect();
        assert_eq!(texts.len(), 2 * NoticeKind::ALL.len());
    }

    #[test]
    fn a_way_back_is_told_with_its_code() {
        for language in LANGUAGES {
            let plain = language.notice(NoticeKind::EmailChanged, None);
            let text = language.notice(NoticeKind::EmailChanged, Some("0123456789ABCDEF"));
            assert!(text.starts_with(&plain) && text.contains(" 0123456789ABCDEF"), "{text}");
        }
    }
}
