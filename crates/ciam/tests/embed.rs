//! The example of the smallest host, run as it stands.

#[path = "../examples/embed.rs"]
mod example;

#[test]
fn the_smallest_host_changes_a_password() {
    example::main().unwrap();
}
