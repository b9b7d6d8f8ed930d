//! The login history, value by value.

use ciam::domain::login_history::{LoginLocation, LoginMode, LoginOutcome, LoginRecord};
use ciam::domain::source::Source;
use ciam::domain::{EventId, Instant, TenantId};
use ciam::ports::LoginHistoryStore;
use ciam::{Ciam, Config};
use ciam_testkit::{Person, World, block_on};
use serde_json::json;

use crate::site::{LOGINS, Site, backend, success};

/// 2022-06-14 21:49:59 in Shanghai.
const AT: i64 = 1_655_214_599;

fn login(person: &Person, id: &str, seconds: i64) -> LoginRecord {
    LoginRecord {
        id: EventId::parse(id).unwrap(),
        tenant: TenantId::default(),
        user: person.id.clone(),
        at: Instant::from_unix_seconds(seconds),
        mode: LoginMode::SMS,
        outcome: LoginOutcome::Succeeded,
        source: Some(Source::new("::1".parse().unwrap())),
        location: None,
        client: None,
        device: None,
    }
}

async fn keep(site: &Site, records: impl IntoIterator<Item = LoginRecord>) {
    for record in records {
        site.world.logins.append(record).await.unwrap();
    }
}

/// A site whose clock stands a day after the samples.
fn site() -> Site {
    let site = Site::new();
    site.world.clock.set(Instant::from_unix_seconds(AT + 86_400));
    site
}

#[test]
fn the_sample_of_the_vendor_is_told_value_by_value() {
    block_on(async {
        let site = site();
        let alice = site.world.person("alice", 1).await;
        let token = site.token(&alice).await;
        let newer = "f5b1c561d9eea3ceb860ffc8cdd5d3161TyJiKV1dRC";
        let older = "463e2ed871ee44bcb00240f9339680895CTp6o51XMK";
        keep(&site, [login(&alice, older, AT - 420), login(&alice, newer, AT)]).await;
        let line = |uuid: &str, time: &str| {
            json!({
                "uuid": uuid, "createTime": time, "archived": false, "updateTime": time,
                "loginMode": "SMS", "loginIp": "0:0:0:0:0:0:0:1", "loginAddress": "Unknown"
            })
        };
        let historys = [line(newer, "2022-06-14 21:49"), line(older, "2022-06-14 21:42")];
        site.get(&token, LOGINS).await.is(200, &success(&json!({"historys": historys})));
    });
}

#[test]
fn nobody_who_never_signed_in_has_a_history() {
    block_on(async {
        let site = site();
        let token = site.token(&site.world.person("alice", 1).await).await;
        site.get(&token, LOGINS).await.is(200, &success(&json!({"historys": []})));
    });
}

#[test]
fn what_the_host_knows_is_told_and_what_it_does_not_is_unknown() {
    block_on(async {
        let site = site();
        let alice = site.world.person("alice", 1).await;
        let token = site.token(&alice).await;
        let known = LoginRecord {
            mode: LoginMode::parse("QR_CODE").unwrap(),
            source: Some(Source::new("192.0.2.7".parse().unwrap())),
            location: Some(LoginLocation::parse("Hangzhou").unwrap()),
            ..login(&alice, "known", AT)
        };
        keep(&site, [known, LoginRecord { source: None, ..login(&alice, "bare", AT - 60) }]).await;
        let answer = site.get(&token, LOGINS).await;
        let [known, bare] = [0, 1].map(|place| answer.body["data"]["historys"][place].clone());
        assert_eq!((&known["loginMode"], &known["loginIp"]), (&json!("QR_CODE"), &json!("192.0.2.7")));
        assert_eq!(known["loginAddress"], "Hangzhou");
        assert_eq!((&bare["loginIp"], &bare["loginAddress"]), (&json!("Unknown"), &json!("Unknown")));
    });
}

#[test]
fn only_ones_own_logins_that_succeeded_are_listed_and_at_most_a_hundred() {
    block_on(async {
        let site = site();
        let (alice, bob) = (site.world.person("alice", 1).await, site.world.person("bob", 2).await);
        let token = site.token(&alice).await;
        keep(&site, (0..120).map(|n| login(&alice, &format!("own-{n}"), AT - n))).await;
        let failed = LoginRecord { outcome: LoginOutcome::Failed, ..login(&alice, "failed", AT + 1) };
        keep(&site, [failed, login(&bob, "other", AT + 2)]).await;
        let answer = site.get(&token, LOGINS).await;
        let listed = answer.body["data"]["historys"].as_array().unwrap();
        let ids: Vec<_> = listed.iter().map(|line| line["uuid"].as_str().unwrap()).collect();
        assert_eq!(ids, (0..100).map(|n| format!("own-{n}")).collect::<Vec<_>>());
    });
}

#[test]
fn a_host_without_a_history_says_that_it_failed() {
    block_on(async {
        let world = World::with(backend(), Config::default());
        let ciam = Ciam::new(world.ports.clone(), Config::default()).unwrap();
        let site = Site::over(world, ciam.into(), |_| {});
        let token = site.token(&site.world.person("alice", 1).await).await;
        let failure = "Service.Internal.Error";
        site.get(&token, LOGINS).await.is(500, &crate::site::refusal(failure, failure));
    });
}
