//! Attributes and user types from a file, and a profile over HTTP.

use std::process::Output;

use serde_json::{Value, json};

use crate::home::{Home, error_of};
use crate::server::Server;

const ATTRIBUTES: &str = r#"
[[user_type]]
code = "doctor"
name = "Doctor"

[[attribute]]
key = "fullName"
sensitive = true

[[attribute]]
user_type = "doctor"
key = "ward"
label = "Ward"
type = "single_choice"
options = [{ value = "east", label = "East wing" }, { value = "west" }]

[[attribute]]
user_type = "doctor"
key = "badge"
pattern = "[A-Z]{2}-[0-9]{1,4}"
unique = true

[[user]]
username = "alice"
id = "alice-1"
full_name = "Alice Zhang"
"#;

fn lines(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", error_of(output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn did(output: &Output) -> Vec<Value> {
    lines(output).into_iter().map(|line| line["did"].clone()).collect()
}

#[test]
fn attributes_of_a_file_are_there_once_and_in_the_profile() {
    let home = Home::new();
    home.write("setup.toml", ATTRIBUTES);
    let server = Server::start(&home);
    assert_eq!(did(&home.run(&["apply", "setup.toml"])), vec![json!("created"); 5]);
    assert_eq!(did(&home.run(&["apply", "setup.toml"])), vec![json!("unchanged"); 5]);
    home.write("setup.toml", &ATTRIBUTES.replace("label = \"Ward\"", "label = \"The ward\""));
    let updated = did(&home.run(&["apply", "setup.toml"]));
    assert_eq!(updated.iter().filter(|did| **did == json!("updated")).count(), 1);

    assert_eq!(home.run(&["user", "type", "alice-1", "--set", "doctor"]).status.code(), Some(0));
    let unknown = home.run(&["user", "type", "alice-1", "--set", "nurse"]);
    assert!(error_of(&unknown).contains("profile.unknown_user_type"), "{}", error_of(&unknown));
    let issued = home.run(&["token", "issue", "--user", "alice-1"]);
    let token = String::from_utf8(issued.stdout).unwrap();
    let shown = server.ask(token.trim_end(), "GET /user/info", None).body["data"].clone();
    assert_eq!(shown["fullName"], "*".repeat(24));
    let ward = &shown["userTypeDictionaries"][0]["dictionaries"][0];
    assert_eq!(
        (&ward["fieldName"], &ward["dataDictionaryFieldType"]),
        (&json!("The ward"), &json!("SELECT"))
    );
    let body = json!({
        "uuid": "alice-1", "city": "Hangzhou",
        "dictionaryValues": [{"dictionaryUuid": ward["uuid"], "dictionaryValue": "west"}]
    });
    assert!(server.ask(token.trim_end(), "PUT /user/info", Some(body)).is_done());
    let account = lines(&home.run(&["user", "show", "alice-1"])).remove(0);
    assert_eq!((&account["userType"], &account["fullName"]), (&json!("doctor"), &json!("Alice Zhang")));
    let said = json!({"city": "Hangzhou", "fullName": "Alice Zhang", "doctor:ward": "west"});
    assert_eq!(account["profile"], said);
    assert_eq!(home.run(&["user", "type", "alice-1", "--none"]).status.code(), Some(0));
    let account = lines(&home.run(&["user", "show", "alice-1"])).remove(0);
    assert_eq!(account["profile"].get("doctor:ward"), None);
}

#[test]
fn a_definition_that_cannot_be_names_its_place() {
    let home = Home::new();
    for (wrong, said) in [
        ("[[attribute]]\nkey = \"shoeSize\"", "key: shoeSize is no base attribute"),
        ("[[attribute]]\nkey = \"fullName\"\npattern = \"(\"", "pattern: a pattern is a regular expression"),
        ("[[attribute]]\nkey = \"birthday\"\ntype = \"text\"", "an attribute keeps its type"),
        ("[[user_type]]\ncode = \"a b\"", "code: a name is a letter"),
    ] {
        home.write("setup.toml", wrong);
        let output = home.run(&["apply", "setup.toml"]);
        let text = error_of(&output);
        assert!(output.status.code() == Some(2) && text.contains("line 1") && text.contains(said), "{text}");
    }
}
