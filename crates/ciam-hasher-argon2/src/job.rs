//! One tag to be made, and what a thread does with it.

use ciam_ports::HasherError;
use ciam_ports::domain::password::Password;
use ciam_ports::domain::secret::SecretBytes;
use futures_channel::oneshot;
use password_hash::phc::Output;

use crate::engine::Engine;
use crate::recipe::Recipe;

/// A password on its way to a thread.
pub(crate) struct Job {
    password: SecretBytes,
    recipe: Recipe,
    reply: oneshot::Sender<Result<Output, HasherError>>,
}

impl Job {
    pub(crate) fn new(
        password: &Password,
        recipe: Recipe,
    ) -> (Self, oneshot::Receiver<Result<Output, HasherError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { password: SecretBytes::new(password.expose().as_bytes().to_vec()), recipe, reply }, answer)
    }

    /// Makes the tag, unless its caller has gone.
    pub(crate) fn run(self, engine: &mut impl Engine) {
        if self.reply.is_canceled() {
            return;
        }
        let tag = engine.digest(self.password.expose(), &self.recipe);
        // The caller may go while its tag is made.
        let _ = self.reply.send(tag.map_err(|error| HasherError::Failed(Box::new(error))));
        engine.wipe();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::Cost;
    use crate::memory::Memory;

    fn job() -> (Job, oneshot::Receiver<Result<Output, HasherError>>) {
        let password = Password::parse("password").expect("a password");
        Job::new(&password, Recipe::new(Cost::for_tests(), [1; 16]).expect("a recipe"))
    }

    #[test]
    fn a_job_whose_caller_has_gone_is_skipped() {
        let mut memory = Memory::new(Cost::for_tests());
        let (job, answer) = job();
        drop(answer);
        job.run(&mut memory);
        assert!(memory.is_untouched());
    }

    #[test]
    fn a_job_answers_and_leaves_no_trace_in_the_memory() {
        let mut memory = Memory::new(Cost::for_tests());
        let (job, mut answer) = job();
        job.run(&mut memory);
        assert!(matches!(answer.try_recv(), Ok(Some(Ok(_)))));
        assert!(!memory.is_untouched() && memory.is_wiped());
    }
}
