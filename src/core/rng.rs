//! Randomness as an argument: rooms take an [`Rng`], and only [`OsRng`] reaches the operating system.

use std::sync::Arc;

use rand::TryRng;

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

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRng;

impl Rng for OsRng {
    #[expect(
        clippy::panic,
        reason = "without randomness no secret may be made: stopping is the only safe answer"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = rand::rngs::SysRng.try_fill_bytes(bytes) {
            panic!("the operating system gave no randomness: {error}");
        }
    }
}
