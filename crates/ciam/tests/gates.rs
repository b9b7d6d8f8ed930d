//! What must not compile does not.

#[test]
fn secrets_principals_flows_ports_and_refusals_are_guarded_by_the_compiler() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
