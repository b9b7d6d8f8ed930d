//! What was shown and is sent back.

use ciam::domain::profile::{Attribute, Flag, Flags, MASK, StandardAttribute};
use ciam_testkit::block_on;
use serde_json::json;

use crate::profile::{define, id, put_as_host, text};
use crate::site::{PROFILE, Site};

/// Clients read, edit one field and send back the whole: what they were shown is kept, also where it may not be changed.
#[test]
fn a31_the_whole_answer_sent_back_changes_nothing() {
    block_on(async {
        let site = Site::new();
        define(&site, |schema| {
            for (name, flags) in [
                ("fullName", Flags::OPEN.with(Flag::Sensitive)),
                ("gender", Flags::OPEN.without(Flag::Modifiable)),
                ("city", Flags::OPEN.without(Flag::Modifiable).with(Flag::Sensitive)),
            ] {
                schema.define(Attribute::new(id(name), "x", text(), flags).unwrap()).unwrap();
            }
        })
        .await;
        let alice = site.world.person("alice", 1).await;
        let said =
            [("fullName", "Alice Liddell"), ("gender", "F"), ("city", "Oxford"), ("birthday", "2000-02-29")];
        put_as_host(&site, &alice, &said).await;
        let token = site.token(&alice).await;
        let before = site.world.user(&alice.id).await;
        let shown = site.get(&token, PROFILE).await.body["data"].clone();
        assert_eq!(
            (&shown["fullName"], &shown["city"], &shown["email"]),
            (&json!(MASK), &json!(MASK), &json!("al******@example.org"))
        );
        site.put(&token, PROFILE, &shown).await.is_done();
        assert_eq!(site.world.user(&alice.id).await, before);
        let mut edited = shown.clone();
        edited["country"] = json!("England");
        site.put(&token, PROFILE, &edited).await.is_done();
        let after = site.world.user(&alice.id).await;
        assert_eq!(after.profile.text(StandardAttribute::Country), Some("England"));
        assert_eq!((&after.email, &after.phone), (&before.email, &before.phone));
        let stands = site.get(&token, PROFILE).await.body["data"].clone();
        for (name, value) in [
            ("email", json!("mallory@example.org")),
            ("phoneNumber", json!("13800000009")),
            ("enabled", json!(false)),
            ("password", json!("a new passphrase")),
            ("userSocialList", json!([{"bound": true}])),
            ("createTime", json!(0)),
            ("gender", json!("M")),
            // A guess at what is masked is not told from any other.
            ("city", json!("Oxford")),
        ] {
            let mut edited = stands.clone();
            edited["street"] = json!("Elsewhere");
            edited[name] = value;
            let answer = site.put(&token, PROFILE, &edited).await;
            assert_eq!(answer.body["success"], false, "{name}");
            assert_eq!(site.world.user(&alice.id).await, after, "{name}");
        }
    });
}
