//! `demo --walk`: whole journeys over HTTP, each step held against what is documented.

mod contact;
mod deletion;
mod password;
mod step;
mod visitor;

use std::path::Path;
use std::time::Duration;

use ciam::Ciam;

use crate::output;
use crate::people::Person;
use crate::stop::Stop;

use visitor::Visitor;

const TOKEN_TTL: Duration = Duration::from_mins(15);

/// A person who is signed in.
#[derive(Debug)]
struct Walker {
    person: Person,
    token: String,
}

/// Those who walk: one person for each journey, since a code to an address has to wait for the one before.
#[derive(Debug)]
pub(crate) struct Company {
    ada: Walker,
    /// Another session of the same person.
    ada_elsewhere: String,
    berta: Walker,
    clara: Walker,
    dora: Walker,
    erna: Walker,
}

impl Company {
    /// Makes them and signs them in.
    ///
    /// # Errors
    /// [`Stop::Refused`] when the world fails.
    pub(crate) async fn gather(ciam: &Ciam) -> Result<Self, Stop> {
        let ada = Walker::new(ciam, "ada-walks", 1).await?;
        Ok(Self {
            ada_elsewhere: ada.person.sign_in(ciam, TOKEN_TTL).await?,
            ada,
            berta: Walker::new(ciam, "berta-walks", 2).await?,
            clara: Walker::new(ciam, "clara-walks", 3).await?,
            dora: Walker::new(ciam, "dora-walks", 4).await?,
            erna: Walker::new(ciam, "erna-walks", 5).await?,
        })
    }
}

impl Walker {
    async fn new(ciam: &Ciam, name: &str, number: u8) -> Result<Self, Stop> {
        let person = Person::new(ciam, name, number).await?;
        let token = person.sign_in(ciam, TOKEN_TTL).await?;
        Ok(Self { person, token })
    }
}

/// Walks every journey, and prints each step.
///
/// # Errors
/// [`Stop::Refused`] when a step was not as documented.
pub(crate) fn walk(base: &str, messages: &Path, company: &Company) -> Result<(), Stop> {
    let mut visitor = Visitor::new(base, messages);
    password::by_code(&mut visitor, company)?;
    password::by_password(&mut visitor, company)?;
    contact::email(&mut visitor, company)?;
    contact::phone(&mut visitor, company)?;
    deletion::deletion(&mut visitor, company)?;
    let (steps, failed) = visitor.tally();
    if failed > 0 {
        return Err(Stop::Refused(format!("{failed} of {steps} steps were not as documented")));
    }
    output::line(format_args!("\n{steps} steps, each as documented"))
}
