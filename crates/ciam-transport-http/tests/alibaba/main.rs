//! The Alibaba dialect, from request to reply, over memory storage and fakes.
#![recursion_limit = "256"]

#[cfg(test)]
mod abuse;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod captcha;
#[cfg(test)]
mod capture;
#[cfg(test)]
mod consents;
#[cfg(test)]
mod enrolment;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod gesture;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod login_history;
#[cfg(test)]
#[cfg(test)]
mod passkey;
mod password;
#[cfg(test)]
mod profile;
#[cfg(test)]
mod profile_echo;
#[cfg(test)]
#[path = "../../../ciam-domain/tests/fuzz/runner.rs"]
mod runner;
#[cfg(test)]
mod site;
#[cfg(test)]
mod social;
#[cfg(test)]
mod statuses;
#[cfg(test)]
mod surface;
#[cfg(test)]
mod tokens;
