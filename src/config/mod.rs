//! Where the settings come from, what they may be, and the sample file that shows them.
