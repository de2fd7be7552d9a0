//! Where the settings come from, what they may be, and the sample file that shows them.
//!
//! One list of keys ([`Config::sample`] prints it) is the ground of everything: defaults, the names
//! in the environment, the refusal of unknown keys, the description of what is in effect.

mod database;
mod describe;
mod error;
mod gateway;
mod http;
mod key;
mod layer;
mod limits;
mod mail;
mod nearest;
mod phone;
mod production;
mod push;
mod reader;
mod root;
mod sample;
mod secret;
mod site;
mod sources;
mod static_;
mod templates;
mod tickets;
mod twilio;
mod users;
mod value;
mod webauthn;

use std::collections::HashMap;
use std::path::PathBuf;

use url::Url;

pub use database::{Database, DatabaseKind};
pub use describe::{Description, Entry};
pub use error::{ConfigError, Problem};
pub use gateway::{BodyType, Gateway};
pub use http::{Http, TlsFiles};
pub use limits::Limits;
pub use mail::{Login, Mail, MailTls, Mailbox, Smtp, Transport};
pub use phone::{Phone, PhoneBudgets, PhoneProvider};
pub use push::Push;
pub use site::{Link, Site};
pub use sources::Sources;
pub use static_::Static;
pub use templates::Templates;
pub use tickets::Tickets;
pub use twilio::Twilio;
pub use users::Users;
pub use webauthn::Webauthn;

use layer::Origin;
use reader::{Read, Reader};

/// Everything an admin can set, checked; paths are absolute.
#[derive(Clone, Debug)]
pub struct Config {
    /// The origin that every link begins with.
    pub public_url: Url,
    /// SQLite file, keys, development mails, last good templates.
    pub data_dir: PathBuf,
    /// `[http]`.
    pub http: Http,
    /// `[site]`.
    pub site: Site,
    /// `[database]`.
    pub database: Database,
    /// `[mail]`.
    pub mail: Mail,
    /// `[phone]`.
    pub phone: Phone,
    /// `[templates]`.
    pub templates: Templates,
    /// `[static]`.
    pub static_: Static,
    /// `[tickets]`.
    pub tickets: Tickets,
    /// `[users]`.
    pub users: Users,
    /// `[push]`.
    pub push: Push,
    /// `[limits]`.
    pub limits: Limits,
    /// `[webauthn]`.
    pub webauthn: Webauthn,
    sources: HashMap<key::Path, String>,
}

impl Config {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(sources: Sources) -> Result<Self, ConfigError> {
        let (file, base) = sources.file_layer();
        let defaults = layer::from_toml(&Self::sample(), &|_| Origin::Default);
        let env = layer::from_env(&sources.env);
        let flags = layer::from_flags(&sources.flags);
        let layers = vec![defaults, file, env, flags];
        let mut reader = Reader::new(layers, base, sources.cwd);
        let read = Self::read(&mut reader);
        match read {
            Ok(config) if reader.problems.is_empty() => Ok(config),
            _ => Err(ConfigError {
                problems: reader.problems,
            }),
        }
    }

    fn read(reader: &mut Reader) -> Read<Self> {
        let public_url = root::public_url(reader);
        let data_dir = root::data_dir(reader);
        let http = http::read(reader);
        let site = site::read(reader);
        let data = data_dir.as_deref().ok();
        let database = database::read(reader, data);
        let mail = mail::read(reader, data);
        let templates = templates::read(reader);
        let static_ = static_::read(reader);
        let tickets = tickets::read(reader);
        let users = users::read(reader);
        let push = push::read(reader, &site);
        let limits = limits::read(reader);
        let webauthn = webauthn::read(reader, public_url.as_ref().ok());
        let development = match (&public_url, &http) {
            (Ok(public_url), Ok(http)) => production::reason(public_url, http).is_none(),
            // What is missing is reported already.
            _ => true,
        };
        let phone = phone::read(reader, data, development);
        if let (Ok(public_url), Ok(http)) = (&public_url, &http) {
            if let Some(why) = production::reason(public_url, http) {
                let transport = mail.as_ref().ok().map(|mail| &mail.transport);
                production::check(reader, &why, public_url, &site, transport);
                if let Ok(push) = &push {
                    push::in_production(reader, &why, push);
                }
            } else {
                root::check(reader, public_url, http);
            }
        }
        Ok(Self {
            public_url: public_url?,
            data_dir: data_dir?,
            http: http?,
            site: site?,
            database: database?,
            mail: mail?,
            phone: phone?,
            templates: templates?,
            static_: static_?,
            tickets: tickets?,
            users: users?,
            push: push?,
            limits: limits?,
            webauthn: webauthn?,
            sources: std::mem::take(&mut reader.sources),
        })
    }

    /// Whether nobody but this machine can reach the server: `public_url` and every listener are on
    /// loopback. Anything else is production.
    #[must_use]
    pub fn is_development(&self) -> bool {
        production::reason(&self.public_url, &self.http).is_none()
    }

    /// The documented configuration file; what it sets are the defaults.
    #[must_use]
    pub fn sample() -> String {
        sample::print()
    }

    /// What is in effect and where it came from, without secrets.
    #[must_use]
    pub fn describe(&self) -> Description {
        let values = [
            root::describe(&self.public_url, &self.data_dir),
            http::describe(&self.http),
            site::describe(&self.site),
            database::describe(&self.database),
            mail::describe(&self.mail),
            phone::describe(&self.phone),
            templates::describe(&self.templates),
            static_::describe(&self.static_),
            tickets::describe(&self.tickets),
            users::describe(&self.users),
            push::describe(&self.push),
            limits::describe(&self.limits),
            webauthn::describe(&self.webauthn),
        ];
        let entry = |(path, value): (key::Path, serde_json::Value)| Entry {
            section: path.0,
            name: path.1,
            value,
            source: self
                .sources
                .get(&path)
                .map_or_else(|| Origin::Default.to_string(), Clone::clone),
        };
        Description {
            development: self.is_development(),
            entries: values.into_iter().flatten().map(entry).collect(),
        }
    }
}
