//! The reference backend of ciam: every adapter wired, started by cargo run.
//!
//! It holds no rule of its own. It reads a configuration, constructs the adapters, fills the ports of
//! [`ciam::CorePorts`] and mounts the transports.

mod apply;
mod arguments;
mod assembly;
mod audit;
mod background;
mod configuration;
mod connections;
mod consent;
mod demo;
mod directory;
mod http;
mod logging;
mod moment;
mod output;
mod people;
mod purge;
mod secret_place;
mod serve;
#[cfg(feature = "full")]
mod social;
mod social_source;
mod stop;
mod token;
mod user;
mod walk;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command, Configuration, Consent, Demo, Social, Token, User};
use crate::configuration::Settings;
use crate::stop::Stop;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command.unwrap_or_else(|| Command::Demo(Demo::default()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            eprintln!("{stop}");
            ExitCode::from(stop.status())
        }
    }
}

fn run(command: Command) -> Result<(), Stop> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().build().map_err(|error| Stop::failed("runtime", &error))?;
    runtime.block_on(async {
        match command {
            Command::Demo(arguments) => demo::demo(arguments).await,
            Command::Serve(arguments) => serve::serve(arguments).await,
            Command::User(User::Add(arguments)) => user::add(*arguments).await,
            Command::User(User::Status(arguments)) => user::status(arguments).await,
            Command::User(User::Type(arguments)) => user::account::set_type(arguments).await,
            Command::User(User::Revert(arguments)) => user::revert(arguments).await,
            Command::User(User::List(arguments)) => user::list::print(arguments).await,
            Command::User(User::Show(arguments)) => user::account::show(arguments).await,
            Command::User(User::Reset(arguments)) => user::account::reset(arguments).await,
            Command::User(User::Sessions(arguments)) => user::account::sessions(arguments).await,
            Command::User(User::EndSessions(arguments)) => user::account::end_sessions(arguments).await,
            Command::User(User::Restore(arguments)) => user::account::restore(arguments).await,
            Command::Apply(arguments) => apply::apply(arguments).await,
            Command::User(User::Export(arguments)) => user::account::export(arguments).await,
            Command::Consent(Consent::Terms(place)) => consent::terms(place).await,
            Command::Consent(Consent::Record(arguments)) => consent::record(arguments).await,
            Command::Consent(Consent::List(arguments)) => consent::list(arguments).await,
            Command::Consent(Consent::Evidence(arguments)) => consent::evidence(arguments).await,
            Command::Social(Social::List(place)) => social_source::list(place).await,
            Command::Social(Social::Enable(named)) => social_source::switch(named, true).await,
            Command::Social(Social::Disable(named)) => social_source::switch(named, false).await,
            Command::Social(Social::Remove(named)) => social_source::remove(named).await,
            Command::Audit(arguments) => audit::print(arguments).await,
            Command::Token(Token::Issue(arguments)) => token::issue(arguments).await,
            Command::Purge(arguments) => purge::purge(arguments).await,
            Command::Config(Configuration::Check { config }) => check(config.as_deref()),
        }
    })
}

fn check(config: Option<&std::path::Path>) -> Result<(), Stop> {
    Settings::load(config)?;
    output::line("the configuration can be used")
}
