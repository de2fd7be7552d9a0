//! Randomness as an argument: rooms take an [`Rng`], and only [`OsRng`] reaches the operating system.

use std::cell::RefCell;
use std::sync::Arc;

use rand::TryRng;
use zeroize::{Zeroize as _, Zeroizing};

/// How many bytes a thread asks the operating system for at once: a request needs some ten times a few.
const AHEAD: usize = 1024;

thread_local! {
    static SUPPLY: RefCell<Supply> = RefCell::new(Supply { bytes: Zeroizing::new([0; AHEAD]), left: 0 });
}

/// Bytes that nobody has yet.
struct Supply {
    bytes: Zeroizing<[u8; AHEAD]>,
    left: usize,
}

/// Fills bytes that nobody can guess.
pub trait Rng: Send + Sync + 'static {
    /// Overwrites all of `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// Shared, by work that outlives its caller.
impl Rng for Arc<dyn Rng> {
    fn fill(&self, bytes: &mut [u8]) {
        (**self).fill(bytes);
    }
}

impl dyn Rng {
    /// `N` fresh bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A number in `0.0..1.0`, for jitter.
    pub fn fraction(&self) -> f64 {
        f64::from(u32::from_be_bytes(self.bytes())) / (f64::from(u32::MAX) + 1.0)
    }
}

/// The operating system's generator, which is asked for many bytes at once. Each is given once.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRng;

impl Rng for OsRng {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > AHEAD {
            return ask(bytes);
        }
        SUPPLY.with_borrow_mut(|supply| {
            if supply.left < bytes.len() {
                ask(&mut *supply.bytes);
                supply.left = AHEAD;
            }
            let rest = supply.left - bytes.len();
            let given = &mut supply.bytes[rest..supply.left];
            bytes.copy_from_slice(given);
            given.zeroize();
            supply.left = rest;
        });
    }
}

#[expect(
    clippy::panic,
    reason = "without randomness no secret may be made: stopping is the only safe answer"
)]
fn ask(bytes: &mut [u8]) {
    if let Err(error) = rand::rngs::SysRng.try_fill_bytes(bytes) {
        panic!("the operating system gave no randomness: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_byte_is_given_twice() {
        let mut given = HashSet::new();
        for size in (8..AHEAD + 64).step_by(24).cycle().take(2_000) {
            let mut bytes = vec![0; size];
            OsRng.fill(&mut bytes);
            for eight in bytes.chunks_exact(8) {
                assert!(given.insert(eight.to_vec()), "{size}");
            }
        }
        SUPPLY.with_borrow(|supply| {
            let used = &supply.bytes[supply.left..];
            assert!(
                used.iter().all(|byte| *byte == 0),
                "what was given is forgotten"
            );
        });
    }
}
