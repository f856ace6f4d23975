//! Roles, scopes and capabilities: who may do what, and about which agencies.
//!
//! A capability is a value that only the guard can make ([`Holder`] has no public constructor); it carries the scope.
//! A store function that reads private data takes one, so that a forgotten check does not compile. Pure.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::agency::Agency;
use super::ids::{AccountId, AgencyId};
use super::response::coded;
use super::text::Lang;

coded!(
    /// What a member of staff is.
    Role {
        /// Sở Nội vụ: all of the city, accounts, publication, method tools. Signs in with a second factor.
        Admin = 1 "admin",
        /// Sở Y tế, Sở Giáo dục và Đào tạo: their service units.
        SectorLead = 2 "sector-lead",
        /// An officer of an agency: it, and what is below it.
        AgencyOfficer = 3 "agency-officer",
        /// Leads a field team.
        Supervisor = 4 "supervisor",
        /// Interviews; own assignments.
        Surveyor = 5 "surveyor",
        /// Keys paper forms.
        DataEntry = 6 "data-entry",
        /// Reads the log and nothing else.
        Auditor = 7 "auditor",
    }
);

impl Role {
    /// Its name for people.
    pub fn name(self, lang: Lang) -> &'static str {
        let (vi, en) = match self {
            Self::Admin => ("Quản trị (Sở Nội vụ)", "Administrator"),
            Self::SectorLead => ("Phụ trách ngành", "Sector lead"),
            Self::AgencyOfficer => ("Cán bộ cơ quan", "Agency officer"),
            Self::Supervisor => ("Tổ trưởng điều tra", "Field supervisor"),
            Self::Surveyor => ("Điều tra viên", "Surveyor"),
            Self::DataEntry => ("Nhập phiếu giấy", "Data-entry clerk"),
            Self::Auditor => ("Kiểm tra nhật ký", "Auditor"),
        };
        if lang == Lang::Vi { vi } else { en }
    }

    /// Whether an account of this role belongs to an agency, always.
    pub fn needs_agency(self) -> bool {
        matches!(self, Self::SectorLead | Self::AgencyOfficer)
    }

    /// Whether it signs in with a second factor.
    pub fn needs_second_factor(self) -> bool {
        self == Self::Admin
    }
}

coded!(
    /// A sector: service units that one Sở answers for, told by their kind.
    Sector {
        /// Sở Y tế: hospitals, clinics, stations.
        Health = 1 "y-te",
        /// Sở Giáo dục và Đào tạo: schools and centres.
        Education = 2 "giao-duc",
    }
);

impl Sector {
    /// The kinds of agencies in it, as agencies spell their kind.
    pub fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Health => &["bệnh viện", "trung tâm y tế", "phòng khám", "trạm y tế"],
            Self::Education => &[
                "trường mầm non",
                "trường tiểu học",
                "trường trung học cơ sở",
                "trường trung học phổ thông",
                "trường cao đẳng",
                "trường đại học",
                "trung tâm giáo dục",
            ],
        }
    }

    /// The sector that agencies of a kind are in; none for the administration.
    pub fn of_kind(kind: &str) -> Option<Self> {
        [Self::Health, Self::Education].into_iter().find(|sector| sector.kinds().contains(&kind))
    }

    /// The sector that the agency with this code leads.
    pub fn led_by(code: &str) -> Option<Self> {
        match code {
            "so-y-te" => Some(Self::Health),
            "so-gddt" => Some(Self::Education),
            _ => None,
        }
    }
}

/// About what one may act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole city.
    City,
    /// A sector's units, and the agency that leads it.
    Sector {
        /// The agency that leads.
        lead: AgencyId,
        /// Its sector.
        sector: Sector,
    },
    /// One agency and what is below it, by dated parent links.
    Subtree(AgencyId),
    /// The field team that this account leads.
    Team(AccountId),
    /// What is assigned to this account.
    Own(AccountId),
    /// The log only.
    Log,
}

impl Scope {
    /// The scope of an account; none where the role needs an agency that the account lacks, or a sector that its
    /// agency does not lead.
    pub fn of(role: Role, account: AccountId, agency: Option<&Agency>) -> Option<Self> {
        Some(match role {
            Role::Admin => Self::City,
            Role::SectorLead => {
                let lead = agency?;
                Self::Sector { lead: lead.id, sector: Sector::led_by(&lead.code)? }
            }
            Role::AgencyOfficer => Self::Subtree(agency?.id),
            Role::Supervisor => Self::Team(account),
            Role::Surveyor | Role::DataEntry => Self::Own(account),
            Role::Auditor => Self::Log,
        })
    }

    /// Whether results, exports and comments of an agency are in it.
    pub fn covers(&self, agency: AgencyId, agencies: &HashMap<AgencyId, Agency>) -> bool {
        match self {
            Self::City => agencies.contains_key(&agency),
            Self::Sector { lead, sector } => {
                agency == *lead || agencies.get(&agency).is_some_and(|a| sector.kinds().contains(&a.kind.as_str()))
            }
            Self::Subtree(root) => is_below(agency, *root, agencies),
            Self::Team(_) | Self::Own(_) | Self::Log => false,
        }
    }

    /// The agencies in it, by id.
    pub fn agencies<'a>(&self, agencies: &'a HashMap<AgencyId, Agency>) -> Vec<&'a Agency> {
        let mut covered: Vec<&Agency> = agencies.values().filter(|a| self.covers(a.id, agencies)).collect();
        covered.sort_by_key(|a| a.id);
        covered
    }

    /// The agency that bears a code on a day, if it is in the scope. What is outside and what does not exist take the
    /// same path: first all that is covered, then the code among it.
    pub fn find<'a>(&self, code: &str, day: i32, agencies: &'a HashMap<AgencyId, Agency>) -> Option<&'a Agency> {
        super::agency::by_code(self.agencies(agencies), code, day)
    }
}

/// Whether an agency is `root` or below it. A link counts only while both records hold: a code of a parent that was
/// abolished says nothing of what came after.
fn is_below(agency: AgencyId, root: AgencyId, agencies: &HashMap<AgencyId, Agency>) -> bool {
    /// City, district, commune, unit of a commune, and one to spare: a ring of links ends here.
    const DEPTH: usize = 5;
    let mut here = agencies.get(&agency);
    for _ in 0..DEPTH {
        let Some(agency) = here else { return false };
        if agency.id == root {
            return true;
        }
        here = agency.parent.and_then(|parent| agencies.get(&parent)).filter(|parent| overlap(agency, parent));
    }
    false
}

fn overlap(one: &Agency, other: &Agency) -> bool {
    let last = |agency: &Agency| agency.valid_to.unwrap_or(i32::MAX);
    one.valid_from <= last(other) && other.valid_from <= last(one)
}

/// Who holds a role, about what. Made by the guard alone, from a session that is in order.
#[derive(Clone, Debug)]
pub struct Holder {
    // Open to this crate for the guard only, which writes one down; a test of the architecture holds that.
    pub(crate) role: Role,
    pub(crate) scope: Scope,
}

impl Holder {
    /// The role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The scope.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The capability, if the role has it.
    pub fn may<C: Capability>(&self) -> Option<C> {
        C::of(self)
    }
}

/// Something that one may do.
pub trait Capability: Sized + Send + Sync + 'static {
    /// The capability of who holds a role, if the role has it.
    fn of(holder: &Holder) -> Option<Self>;
}

macro_rules! capability {
    ($(#[$doc:meta])* $name:ident for $($role:ident)|+) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name { scope: Scope }

        impl $name {
            /// About what.
            pub fn scope(&self) -> &Scope {
                &self.scope
            }
        }

        impl Capability for $name {
            fn of(holder: &Holder) -> Option<Self> {
                matches!(holder.role, $(Role::$role)|+).then(|| Self { scope: holder.scope.clone() })
            }
        }
    };
}

capability!(
    /// See the figures of the agencies in the scope, before publication.
    SeeWorkspace for Admin | SectorLead | AgencyOfficer
);
capability!(
    /// Take tables and permitted microdata of the agencies in the scope along as files.
    Export for Admin | SectorLead | AgencyOfficer
);
capability!(
    /// Read, label and answer comments on the agencies in the scope.
    ReadComments for Admin | SectorLead | AgencyOfficer
);
capability!(
    /// Add, disable and reset accounts.
    ManageAccounts for Admin
);
capability!(
    /// Make rounds, put agencies with their N and desks into them, set when they close.
    SetUpRounds for Admin
);
capability!(
    /// Freeze, preview, publish and correct a round.
    Publish for Admin
);
capability!(
    /// Other rules side by side, sample adequacy, PAR points; on rounds not yet published, never exported.
    MethodTools for Admin
);
capability!(
    /// Read and export the log.
    ReadLog for Admin | Auditor
);
capability!(
    /// Upload the list of transactions (frame) of the agencies in the scope; it is never shown again to who uploaded it.
    UploadFrame for Admin | AgencyOfficer | SectorLead
);
capability!(
    /// Draw samples, see them, purge their contact data. The measured agency measures nothing: never an officer's.
    DrawSample for Admin
);
capability!(
    /// Make teams, hand out and take back assignments, enrol devices; the own team, or all.
    LeadTeam for Admin | Supervisor
);
/// A capability that lets one see whom a sample names. Never one of the measured agency.
pub trait SeesSample: Send + Sync {}
impl SeesSample for DrawSample {}
impl SeesSample for LeadTeam {}

capability!(
    /// Key paper forms, first or second pass.
    KeyPaper for DataEntry
);
capability!(
    /// Make batches of paper forms and settle differences between two passes.
    SettlePaper for Admin | Supervisor
);
capability!(
    /// See the batches of paper forms and how far they are, and close one.
    SeePaper for Admin | Supervisor | DataEntry
);
capability!(
    /// See the marks of quality control, leave responses out by a named rule or with a second person.
    ControlQuality for Admin
);
capability!(
    /// See and end one's own sessions, change one's own password.
    OwnAccount for Admin | SectorLead | AgencyOfficer | Supervisor | Surveyor | DataEntry | Auditor
);

#[cfg(test)]
mod tests;
