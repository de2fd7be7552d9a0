//! The pages a person sees, one file per screen family.
