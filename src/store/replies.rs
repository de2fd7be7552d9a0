//! Replies: whoever waits in one thread is told together. A thread that sleeps is woken by a call of the kernel, for each who
//! is told from another thread; so that one is made for all of a commit.

use std::cell::RefCell;

use tokio::sync::mpsc;

use super::together::unavailable;
use crate::core::Result;

/// Tells a caller what became of the work, once that is durable or not.
pub(super) type Tell = Box<dyn FnOnce(Result<()>) + Send>;

thread_local! {
    static HOME: RefCell<Option<Home>> = const { RefCell::new(None) };
}

/// Where a caller waits: what is sent there is told in its own thread.
#[derive(Clone)]
pub(super) struct Home(mpsc::UnboundedSender<Told>);

/// To whom what is told.
struct Told {
    tells: Vec<Tell>,
    failed: Option<String>,
}

impl Home {
    /// This thread's. It is made when it is first asked for, and again where its runtime is gone.
    pub(super) fn here() -> Self {
        HOME.with_borrow_mut(|home| match home {
            Some(home) if !home.0.is_closed() => home.clone(),
            _ => home.insert(Self::make()).clone(),
        })
    }

    fn make() -> Self {
        let (sender, mut told) = mpsc::unbounded_channel::<Told>();
        tokio::spawn(async move {
            while let Some(told) = told.recv().await {
                told.tell();
            }
        });
        Self(sender)
    }
}

impl Told {
    fn tell(self) {
        for tell in self.tells {
            tell(match &self.failed {
                None => Ok(()),
                Some(words) => Err(unavailable(words)),
            });
        }
    }
}

/// Tells all of them that what they wait for is durable, or why not.
pub(super) fn tell(tells: Vec<(Home, Tell)>, failed: Option<&str>) {
    let mut homes: Vec<(Home, Vec<Tell>)> = Vec::new();
    for (home, tell) in tells {
        match homes
            .iter_mut()
            .find(|(known, _)| known.0.same_channel(&home.0))
        {
            Some((_, tells)) => tells.push(tell),
            None => homes.push((home, vec![tell])),
        }
    }
    for (home, tells) in homes {
        let told = Told {
            tells,
            failed: failed.map(str::to_owned),
        };
        // Its runtime is gone: nobody waits there, or in another one.
        if let Err(mpsc::error::SendError(told)) = home.0.send(told) {
            told.tell();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread::{self, ThreadId};

    use tokio::runtime::{Builder, Runtime};
    use tokio::sync::oneshot;

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().build().unwrap()
    }

    /// Tells of it from another thread; what comes says in which thread it was told, and what.
    fn told_elsewhere(
        home: &Home,
        failed: Option<&'static str>,
    ) -> oneshot::Receiver<(ThreadId, bool)> {
        let (sender, receiver) = oneshot::channel();
        let tell: Tell = Box::new(move |told| {
            sender.send((thread::current().id(), told.is_ok())).unwrap();
        });
        let home = home.clone();
        thread::spawn(move || super::tell(vec![(home, tell)], failed))
            .join()
            .unwrap();
        receiver
    }

    #[test]
    fn whoever_waits_is_told_in_the_own_thread_and_anywhere_when_its_runtime_is_gone() {
        let here = thread::current().id();
        let mut homes = Vec::new();
        // A thread has another runtime when the first is gone.
        for _ in 0..2 {
            let runtime = runtime();
            runtime.block_on(async {
                let home = Home::here();
                for failed in [None, Some("the disk is full")] {
                    let mut told = told_elsewhere(&home, failed);
                    assert!(told.try_recv().is_err());
                    assert_eq!(told.await.unwrap(), (here, failed.is_none()));
                }
                homes.push(home);
            });
        }
        for home in &homes {
            let mut told = told_elsewhere(home, None);
            let (elsewhere, is_done) = told.try_recv().unwrap();
            assert!(is_done && elsewhere != here);
        }
    }
}
