//! The management API, one file per resource.
