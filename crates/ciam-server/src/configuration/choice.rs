//! Settings with a handful of names to choose from.

use clap::ValueEnum;
use serde::{Deserialize, Deserializer, de};

/// One of the names of a [`ValueEnum`]; the error lists all of them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Choice<T>(pub(crate) T);

impl<'de, T: ValueEnum> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        T::from_str(&text, false).map(Self).map_err(|_| de::Error::custom(names::<T>()))
    }
}

fn names<T: ValueEnum>() -> String {
    let variants = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names: Vec<_> = variants.map(|variant| variant.get_name().to_owned()).collect();
    format!("must be one of {}", names.join(", "))
}
