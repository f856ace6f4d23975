//! What every handler may use: one shared, read-only bundle.

use std::ops::Deref;
use std::sync::Arc;

use app::components::page::SiteInfo;
use app::server_side::catalogue::Catalogue;
use app::server_side::clock::Clock;
use app::server_side::contacts::ContactKeys;
use app::server_side::keys::Keys;
use app::store::Store;

use crate::http::budget::Budgets;
use crate::http::limits::DeskBudget;
use crate::http::metrics::Metrics;

/// The settings that handlers look at.
#[derive(Clone, Debug)]
pub struct Site {
    /// The front of every absolute address, without a slash at its end.
    pub base_url: String,
    /// Whether browsers reach us over https: cookies are `Secure` then. True with TLS built in and with an https
    /// `PUBLIC_URL` in front of a proxy.
    pub https: bool,
    /// Who is responsible for the site.
    pub info: SiteInfo,
    /// Whether `/metrics` is open to all.
    pub metrics_open: bool,
    /// A folder whose disk must keep room; none where the database lives elsewhere.
    pub data_folder: Option<std::path::PathBuf>,
}

/// Everything that handlers share.
#[derive(Debug)]
pub struct Shared {
    /// All data.
    pub store: Store,
    /// Questionnaires and methods.
    pub catalogue: Arc<Catalogue>,
    /// The secret key.
    pub keys: Keys,
    /// Where the contact keys of the rounds are.
    pub contact_keys: ContactKeys,
    /// The time.
    pub clock: Clock,
    /// The settings that handlers look at.
    pub site: Site,
    /// Counters of requests.
    pub metrics: Metrics,
    /// Anonymous posts a minute and desk.
    pub desk_budget: DeskBudget,
}

#[derive(Debug)]
struct Parts {
    shared: Shared,
    budgets: Budgets,
}

/// A cheap handle to [`Shared`]; reads like it.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Parts>);

impl AppState {
    /// Puts the parts together.
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(Parts { shared, budgets: Budgets::default() }))
    }

    /// Memory for bodies under way.
    pub fn budgets(&self) -> &Budgets {
        &self.0.budgets
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0.shared
    }
}
