//! What the HTTP edges share: state, routes, extractors, error faces, headers.
