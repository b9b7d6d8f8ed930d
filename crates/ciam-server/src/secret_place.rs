//! Secrets that a file names and does not hold.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use ciam::domain::secret::SecretText;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The longest secret that is read, in bytes.
const MAX: u64 = 64 * 1024;

/// Where a secret is: `{ file = ".." }` or `{ env = ".." }`.
#[derive(Debug, Clone)]
pub(crate) enum SecretPlace {
    /// A file; a relative path leads on from the directory of the file that names it.
    File(PathBuf),
    /// A variable of the environment.
    Env(String),
}

impl<'de> Deserialize<'de> for SecretPlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PlaceVisitor)
    }
}

struct PlaceVisitor;

impl<'de> Visitor<'de> for PlaceVisitor {
    type Value = SecretPlace;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a secret named as { file = \"..\" } or { env = \"..\" }")
    }

    // What stands there is the secret: an error of serde would show it.
    fn visit_str<E: de::Error>(self, _: &str) -> Result<SecretPlace, E> {
        Err(E::custom("a secret is named as { file = \"..\" } or { env = \"..\" }, and not written here"))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SecretPlace, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Named {
            file: Option<PathBuf>,
            env: Option<String>,
        }
        match Named::deserialize(MapAccessDeserializer::new(map))? {
            Named { file: Some(path), env: None } => Ok(SecretPlace::File(path)),
            Named { file: None, env: Some(name) } => Ok(SecretPlace::Env(name)),
            _ => Err(de::Error::custom("a secret is in a file or in the environment")),
        }
    }
}

impl SecretPlace {
    /// Reads it. One line end after it is dropped.
    ///
    /// # Errors
    /// Why it cannot be read; never what was read.
    pub(crate) fn read(&self, beside: &Path) -> Result<SecretText, String> {
        let text = match self {
            Self::File(path) => {
                let path = beside.join(path);
                read(&path).map_err(|error| format!("{}: {error}", path.display()))?
            }
            Self::Env(name) => match std::env::var(name) {
                Ok(text) => SecretText::new(text),
                Err(std::env::VarError::NotPresent) => {
                    return Err(format!("{name} is not in the environment"));
                }
                Err(std::env::VarError::NotUnicode(_)) => return Err(format!("{name} is not UTF-8")),
            },
        };
        let bare = text.expose();
        let bare = bare.strip_suffix('\n').map_or(bare, |line| line.strip_suffix('\r').unwrap_or(line));
        Ok(SecretText::new(bare.to_owned()))
    }
}

fn read(path: &Path) -> std::io::Result<SecretText> {
    let mut text = String::new();
    File::open(path)?.take(MAX).read_to_string(&mut text)?;
    Ok(SecretText::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_after_a_secret_is_dropped_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        for (text, read) in [("a b \n", "a b "), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a")] {
            std::fs::write(home.path().join("secret"), text).unwrap();
            let place = SecretPlace::File("secret".into());
            assert_eq!(place.read(home.path()).unwrap().expose(), read);
        }
        assert!(SecretPlace::File("absent".into()).read(home.path()).unwrap_err().contains("absent: "));
        assert!(SecretPlace::Env("NO_SUCH_SECRET".to_owned()).read(home.path()).is_err());
    }
}
