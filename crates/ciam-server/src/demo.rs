//! `demo`: a throw-away store with one person, and how to use it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use ciam::Ciam;
use ciam_transport_http::alibaba;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::arguments::Demo;
use crate::assembly::{assemble, messages_of};
use crate::configuration::{Choice, LogLevel, Settings};
use crate::directory::Directory;
use crate::people::Person;
use crate::serve::{listen, run, told_to_stop};
use crate::stop::Stop;
use crate::{logging, output, walk};

/// Serves a store that is gone when the server ends.
///
/// # Errors
/// [`Stop`] when it cannot begin; with `--walk` also when a step is not as documented.
pub(crate) async fn demo(arguments: Demo) -> Result<(), Stop> {
    if Settings::check_environment()? > 0 {
        eprintln!("the demo has the default settings; those of the environment are not in force");
    }
    let mut settings = Settings::default();
    settings.log.level = Choice(if arguments.walk { LogLevel::Error } else { LogLevel::Warn });
    logging::start(&settings);
    let home = TempDir::new().map_err(|error| Stop::failed("temporary directory", &error))?;
    let directory = Directory::open(&home.path().join("ciam-data"))?;
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let fallback = if arguments.walk { free } else { settings.server.listen };
    let (listener, address) = listen(arguments.listen.unwrap_or(fallback)).await?;
    let assembly = assemble(&settings, &directory)?;
    let messages = messages_of(&settings, &directory);
    if !arguments.walk {
        let stopped = told_to_stop()?;
        introduce(&assembly.ciam, &settings, address, &messages).await?;
        run(listener, assembly, &settings, stopped).await;
        return Ok(());
    }
    let (walked, stopped) = oneshot::channel::<()>();
    let walking = tokio::spawn(walk_through(assembly.ciam.clone(), address, messages, walked));
    run(listener, assembly, &settings, async { drop(stopped.await) }).await;
    walking.await.map_err(|error| Stop::failed("walk", &error))?
}

async fn walk_through(
    ciam: Arc<Ciam>,
    address: SocketAddr,
    messages: std::path::PathBuf,
    walked: oneshot::Sender<()>,
) -> Result<(), Stop> {
    let company = walk::Company::gather(&ciam).await?;
    let base = format!("http://{address}{}", alibaba::MOUNT);
    let walk = tokio::task::spawn_blocking(move || walk::walk(&base, &messages, &company)).await;
    drop(walked);
    walk.map_err(|error| Stop::failed("walk", &error))?
}

async fn introduce(
    ciam: &Ciam,
    settings: &Settings,
    address: SocketAddr,
    messages: &Path,
) -> Result<(), Stop> {
    let person = Person::new(ciam, "demo", 0).await?;
    let token = person.sign_in(ciam, settings.tokens.ttl.0).await?;
    let (base, messages) = (format!("http://{address}{}", alibaba::MOUNT), messages.display());
    output::line(format_args!(
        r#"ciam-server listens on http://{address} until Ctrl-C. Nothing is kept.

user name  {username}
phone      {phone}
e-mail     {email}
password   {password}
messages   {messages}

Change the password by a code to the phone, in a second shell (the token lives {minutes} minutes):

CIAM={base}
TOKEN={token}
api() {{ curl -sS -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" "$@"; echo; }}

# 1. Ask for the operation. The reply says that a second factor is needed, and names the flow.
FID=$(api "$CIAM/user/operate_check?operateType=UPDATE_PASSWORD" | sed -n 's/.*"fId":"\([^"]*\)".*/\1/p'); echo "$FID"
# 2. Have a code sent.
api "$CIAM/user/2fa/obtain_code" -d "{{\"fId\":\"$FID\",\"type\":\"SMS\"}}"
# 3. Read it, as the person would on their phone.
CODE=$(tail -n 1 '{messages}' | sed -n 's/.*"code":"\([0-9]*\)".*/\1/p'); echo "$CODE"
# 4. Prove the factor.
api "$CIAM/user/2fa/verify_code" -d "{{\"fId\":\"$FID\",\"type\":\"SMS\",\"code\":\"$CODE\"}}"
# 5. Change the password.
api -X PUT "$CIAM/user/change_pwd" -d "{{\"fId\":\"$FID\",\"newPassword\":\"seven lanterns over the pier\"}}"
# 6. The flow is spent: the same call again is refused.
api -X PUT "$CIAM/user/change_pwd" -d "{{\"fId\":\"$FID\",\"newPassword\":\"eight lanterns over the pier\"}}"
"#,
        username = person.username,
        phone = person.phone,
        email = person.email,
        password = person.password,
        minutes = settings.tokens.ttl.0.as_secs() / 60,
    ))
}
