//! The people who enroll.
