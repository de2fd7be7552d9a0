//! Many rows, few statements.

/// The more sizes, the fewer statements a batch takes, and the more of them each connection remembers.
const SIZES: [usize; 8] = [128, 64, 32, 16, 8, 4, 2, 1];

/// Cuts rows into chunks of few sizes, because each number of rows is another statement to prepare and to remember.
pub(super) fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| rows.len() >= *size)?;
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::{SIZES, chunks};

    #[test]
    fn rows_are_cut_into_few_sizes_and_none_is_lost() {
        let rows: Vec<u32> = (0..150).collect();
        let cut: Vec<&[u32]> = chunks(&rows).collect();
        assert!(cut.iter().all(|chunk| SIZES.contains(&chunk.len())));
        assert_eq!(cut.concat(), rows);
    }
}
