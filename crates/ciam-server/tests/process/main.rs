//! The binary from outside: commands, HTTP, signals.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod administration;
#[cfg(test)]
mod apply;
#[cfg(test)]
mod attributes;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod consents;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod home;
#[cfg(test)]
mod http;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod purge;
#[cfg(test)]
mod server;
#[cfg(test)]
mod shutdown;
#[cfg(test)]
mod social;
#[cfg(test)]
mod walk;
