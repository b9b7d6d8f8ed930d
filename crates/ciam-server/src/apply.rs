//! `apply`: everything there that a file asks for. Each kind of thing is a file here: a [`Section`].

mod attribute;
mod device;
mod schema;
mod section;
mod social_source;
mod terms;
mod terms_version;
mod user;
mod user_type;

use std::collections::BTreeSet;
use std::path::Path;

use ciam::Ciam;
use serde::Deserialize;
use serde_json::json;
use toml::Spanned;

use crate::arguments;
use crate::assembly::{Assembly, assemble};
use crate::configuration::Settings;
use crate::directory::Directory;
use crate::output;
use crate::stop::Stop;
use section::{Reading, Section};

/// Names the sections in the order in which they are carried out: what others need comes first.
macro_rules! sections {
    ($($name:ident: $Section:ty),* $(,)?) => {
        /// A file as it is written.
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Document {
            $($name: Vec<Spanned<$Section>>,)*
        }

        /// What a file asks for, checked.
        struct Plan {
            $($name: Vec<<$Section as Section>::Wanted>,)*
        }

        impl Document {
            fn check(self, place: &Text<'_>, reading: &Reading<'_>) -> Result<Plan, Stop> {
                Ok(Plan { $($name: checked(stringify!($name), self.$name, place, reading)?,)* })
            }
        }

        impl Plan {
            async fn carry_out(self, ciam: &Ciam) -> Result<(), Stop> {
                $(put::<$Section>(stringify!($name), self.$name, ciam).await?;)*
                Ok(())
            }
        }
    };
}

sections! {
    user_type: user_type::Entry,
    attribute: attribute::Entry,
    user: user::User,
    terms: terms::Terms,
    terms_version: terms_version::Version,
    device: device::Device,
    social_source: social_source::Source,
}

/// Checks a whole file, then carries it out from top to bottom and prints a line for each thing that it asks for.
///
/// # Errors
/// [`Stop::Unusable`] that names the place in the file; nothing was written then. [`Stop::Refused`] that says what a
/// rule refused; what was printed before it stands.
pub(crate) async fn apply(arguments: arguments::Apply) -> Result<(), Stop> {
    let settings = Settings::load(arguments.place.config.as_deref())?;
    let file = &arguments.file;
    let text = std::fs::read_to_string(file)
        .map_err(|error| Stop::Unusable(format!("{}: {error}", file.display())))?;
    let plan = plan(&Text { file, text: &text }, &settings.core()?)?;
    let Assembly { ciam, .. } = assemble(&settings, &Directory::open(&arguments.place.data_dir)?)?;
    plan.carry_out(&ciam).await
}

fn plan(place: &Text<'_>, config: &ciam::Config) -> Result<Plan, Stop> {
    let document: Document = toml::from_str(place.text)
        .map_err(|error| place.unusable(error.span().map_or(0, |span| span.start), error.message()))?;
    let beside = place.file.parent().unwrap_or(Path::new(""));
    document.check(place, &Reading { config, beside })
}

/// The text of a file, for errors that name a place in it.
struct Text<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Text<'_> {
    fn unusable(&self, at: usize, why: &str) -> Stop {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
        Stop::Unusable(format!("{}: line {line}: {why}", self.file.display()))
    }
}

fn checked<S: Section>(
    section: &str,
    entries: Vec<Spanned<S>>,
    place: &Text<'_>,
    reading: &Reading<'_>,
) -> Result<Vec<S::Wanted>, Stop> {
    let (mut names, mut held) = (BTreeSet::new(), BTreeSet::new());
    let check = |entry: Spanned<S>| {
        let at = entry.span().start;
        let wanted = entry.into_inner().check(reading);
        let wanted = wanted.map_err(|why| place.unusable(at, &format!("[[{section}]] {why}")))?;
        let name = S::name(&wanted);
        if names.contains(&name) {
            return Err(place.unusable(at, &format!("[[{section}]] {name} stands twice in the file")));
        }
        for (key, value) in S::alone(&wanted) {
            if !held.insert((key, value)) {
                let why = format!("[[{section}]] {name}: another entry of the file has this {key}");
                return Err(place.unusable(at, &why));
            }
        }
        names.insert(name);
        Ok(wanted)
    };
    entries.into_iter().map(check).collect()
}

async fn put<S: Section>(section: &str, wanted: Vec<S::Wanted>, ciam: &Ciam) -> Result<(), Stop> {
    for wanted in wanted {
        let name = S::name(&wanted);
        let put =
            S::put(wanted, ciam).await.map_err(|stop| Stop::Refused(format!("{section} {name}: {stop}")))?;
        let mut line = json!({"section": section, "id": put.id, "did": put.did.as_str()});
        if !put.differs.is_empty() {
            line["differs"] = json!(put.differs);
        }
        if let Some(why) = put.not_offered {
            line["notOffered"] = json!(why);
        }
        output::line(line)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
