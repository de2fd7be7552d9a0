//! Who is calling: API clients and their tokens, attempts and their cookies, CSRF.
