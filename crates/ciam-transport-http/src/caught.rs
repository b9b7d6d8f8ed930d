//! Panics, kept to the call in which they happen.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// What a future gives, or `None` when it panics; it is not asked again then.
pub(crate) async fn caught<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(Poll::Ready(output)) => Poll::Ready(Some(output)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(None),
    })
    .await
}

#[cfg(test)]
mod tests {
    use ciam_testkit::block_on;

    use super::*;

    #[test]
    fn a_panic_becomes_nothing_and_all_else_comes_through() {
        assert_eq!(block_on(caught(async { 1 })), Some(1));
        assert_eq!(block_on(caught(async { panic!("on purpose") })), None::<()>);
        let late = async {
            let mut polled = false;
            std::future::poll_fn(|cx| {
                cx.waker().wake_by_ref();
                if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            panic!("on purpose, later")
        };
        assert_eq!(block_on(caught(late)), None::<()>);
    }
}
