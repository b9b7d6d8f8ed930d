//! Whether the ports answer.

use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use crate::Ciam;

/// A question to one port.
struct Probe<'a> {
    port: &'static str,
    answer: Pin<Box<dyn Future<Output = bool> + Send + 'a>>,
    answered: Option<bool>,
}

impl<'a> Probe<'a> {
    fn new(port: &'static str, answer: impl Future<Output = bool> + Send + 'a) -> Self {
        Self { port, answer: Box::pin(answer), answered: None }
    }

    /// Whether the answer is there by now, good or bad.
    fn has_answered(&mut self, context: &mut Context<'_>) -> bool {
        if self.answered.is_none()
            && let Poll::Ready(good) = self.answer.as_mut().poll(context)
        {
            self.answered = Some(good);
        }
        self.answered.is_some()
    }
}

impl Ciam {
    /// The names of the ports that do not answer; none when the host is ready. It waits for all of them.
    pub async fn readiness(&self) -> Vec<&'static str> {
        self.readiness_within(pending()).await
    }

    /// As [`Ciam::readiness`], but the ports that hang are named once `patience` is over. All are asked at once.
    pub fn readiness_within<'a>(
        &'a self,
        patience: impl Future<Output = ()> + Send + 'a,
    ) -> impl Future<Output = Vec<&'static str>> + Send + 'a {
        let mut probes = self.probes();
        async move {
            let mut patience = pin!(patience);
            poll_fn(|context| {
                let mut waiting = false;
                for probe in &mut probes {
                    waiting |= !probe.has_answered(context);
                }
                if waiting { patience.as_mut().poll(context) } else { Poll::Ready(()) }
            })
            .await;
            let silent = probes.iter().filter(|probe| probe.answered != Some(true));
            silent.map(|probe| probe.port).collect()
        }
    }

    fn probes(&self) -> Vec<Probe<'_>> {
        let ports = &self.ports;
        vec![
            Probe::new("store", async { ports.store.ping().await.is_ok() }),
            Probe::new("keys", async { ports.keys.current().await.is_ok() }),
            Probe::new("random", async { self.random_bits().is_ok() }),
            Probe::new("otp", async { ports.otp.ping().await.is_ok() }),
            Probe::new("notices", async { ports.notices.ping().await.is_ok() }),
        ]
    }

    /// Removes sessions, flows, codes and counts that are over, and what the login history keeps no longer.
    /// Clean-up only: what is over counts as gone whether or not it was swept. The host calls it now and then.
    ///
    /// # Errors
    /// A failure of a store.
    pub async fn sweep(&self) -> Result<u64, crate::Error> {
        let now = self.ports.clock.now();
        Ok(self.ports.store.sweep(now).await? + self.forget_logins(now).await?)
    }
}
