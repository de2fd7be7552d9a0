//! Pages of a list, as Auth0's clients ask for them (contract §9).

use serde_json::{Value, json};

use crate::core::error::Place;
use crate::core::{Error, Result};
use crate::web::Fields;

const MOST_PER_PAGE: i64 = 100;
const PER_PAGE: i64 = 50;
/// Farther pages are refused: nobody reads them, and each costs its way there.
const LAST_PAGE: i64 = 100_000;

/// Which page.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    number: i64,
    per_page: i64,
    /// Whether the total is wanted beside it.
    pub include_totals: bool,
}

impl Page {
    /// Takes `page`, `per_page` and `include_totals` out of the query string.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the parameter.
    pub fn take(query: &mut Fields) -> Result<Self> {
        let mut number = |name, default, most| {
            let number = query
                .integer(name)
                .map_err(|error| error.at(Place::Query))?;
            let number = number.unwrap_or(default);
            if (0..=most).contains(&number) {
                Ok(number)
            } else {
                let reason = format!("must be a number from 0 to {most}");
                Err(Error::invalid_query(name, reason))
            }
        };
        Ok(Self {
            number: number("page", 0, LAST_PAGE)?,
            per_page: number("per_page", PER_PAGE, MOST_PER_PAGE)?,
            include_totals: query
                .boolean("include_totals")
                .map_err(|error| error.at(Place::Query))?
                .unwrap_or(false),
        })
    }

    /// How many rows.
    pub fn limit(self) -> i64 {
        self.per_page
    }

    /// From which row on.
    pub fn offset(self) -> i64 {
        self.number * self.per_page
    }

    /// The rows alone, or wrapped with their `total` under `name`.
    pub fn answer(self, name: &str, rows: Vec<Value>, total: Option<i64>) -> Value {
        match total {
            None => Value::Array(rows),
            Some(total) => json!({
                "start": self.offset(),
                "limit": self.per_page,
                "length": rows.len(),
                "total": total,
                name: rows,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn pages_follow_each_other_without_gap_or_overlap(
            number in prop_oneof![-2..200_i64, 99_990..100_010_i64, any::<i64>()],
            per_page in prop_oneof![-2..110_i64, any::<i64>()],
        ) {
            let page = |number: i64| {
                let query = format!("page={number}&per_page={per_page}");
                Page::take(&mut Fields::form(query.as_bytes()).unwrap())
            };
            let takes = |number: i64| (0..=LAST_PAGE).contains(&number) && (0..=MOST_PER_PAGE).contains(&per_page);
            let taken = page(number);
            prop_assert_eq!(taken.is_ok(), takes(number));
            if let (Ok(this), Ok(next)) = (taken, page(number.saturating_add(1))) {
                prop_assert_eq!(this.offset() + this.limit(), next.offset());
                prop_assert!(this.offset() >= 0 && this.limit() <= MOST_PER_PAGE);
            }
        }
    }
}
