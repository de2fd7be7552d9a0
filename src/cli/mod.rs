//! The command line: wires every room and is imported by none.
