//! OAuth endpoints: management tokens, keys and discovery.
