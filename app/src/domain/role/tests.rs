use super::*;
use crate::domain::agency::Level;

fn agency(id: i32, code: &str, kind: &str, parent: Option<i32>, days: (i32, Option<i32>)) -> Agency {
    Agency {
        id: AgencyId(id),
        code: code.into(),
        name: code.into(),
        kind: kind.into(),
        level: Level::City,
        parent: parent.map(AgencyId),
        valid_from: days.0,
        valid_to: days.1,
        aliases: vec![],
        successors: vec![],
    }
}

fn city() -> HashMap<AgencyId, Agency> {
    let always = (0, None);
    [
        agency(1, "ninh-kieu", "quận", None, always),
        agency(2, "cai-rang", "quận", None, always),
        agency(3, "an-hoi", "phường", Some(1), (0, Some(100))),
        agency(4, "le-binh", "phường", Some(2), always),
        agency(5, "so-y-te", "sở", None, always),
        agency(6, "bv-da-khoa", "bệnh viện", None, always),
        agency(7, "truong-1", "trường tiểu học", None, always),
        // A parent that was gone before this record began.
        agency(8, "moi", "phường", Some(9), (200, None)),
        agency(9, "huyen-cu", "huyện", None, (0, Some(100))),
        // A ring, which no file should hold.
        agency(10, "a", "xã", Some(11), always),
        agency(11, "b", "xã", Some(10), always),
    ]
    .into_iter()
    .map(|a| (a.id, a))
    .collect()
}

fn covered(scope: &Scope) -> Vec<i32> {
    scope.agencies(&city()).iter().map(|a| a.id.0).collect()
}

#[test]
fn every_role_has_exactly_these_capabilities() {
    const CAPABILITIES: [&str; 8] =
        ["workspace", "export", "comments", "accounts", "publish", "method", "log", "own account"];
    let matrix: [(Role, [bool; 8]); 7] = [
        (Role::Admin, [true; 8]),
        (Role::SectorLead, [true, true, true, false, false, false, false, true]),
        (Role::AgencyOfficer, [true, true, true, false, false, false, false, true]),
        (Role::Supervisor, [false, false, false, false, false, false, false, true]),
        (Role::Surveyor, [false, false, false, false, false, false, false, true]),
        (Role::DataEntry, [false, false, false, false, false, false, false, true]),
        (Role::Auditor, [false, false, false, false, false, false, true, true]),
    ];
    assert_eq!(matrix.map(|(role, _)| role), *Role::ALL);
    for (role, expected) in matrix {
        let holder = Holder { role, scope: Scope::Log };
        let has = [
            holder.may::<SeeWorkspace>().is_some(),
            holder.may::<Export>().is_some(),
            holder.may::<ReadComments>().is_some(),
            holder.may::<ManageAccounts>().is_some(),
            holder.may::<Publish>().is_some(),
            holder.may::<MethodTools>().is_some(),
            holder.may::<ReadLog>().is_some(),
            holder.may::<OwnAccount>().is_some(),
        ];
        for ((name, has), expected) in CAPABILITIES.iter().zip(has).zip(expected) {
            assert_eq!(has, expected, "{role:?} and {name}");
        }
    }
}

#[test]
fn field_staff_and_the_auditor_see_no_agency() {
    for scope in [Scope::Team(AccountId(1)), Scope::Own(AccountId(1)), Scope::Log] {
        assert_eq!(covered(&scope), [0; 0], "{scope:?}");
    }
}

#[test]
fn an_officer_sees_the_own_agency_and_what_is_below_and_nothing_beside() {
    assert_eq!(covered(&Scope::Subtree(AgencyId(1))), [1, 3]);
    assert_eq!(covered(&Scope::Subtree(AgencyId(2))), [2, 4]);
    assert_eq!(covered(&Scope::Subtree(AgencyId(3))), [3]);
    assert_eq!(covered(&Scope::Subtree(AgencyId(99))), [0; 0]);
}

#[test]
fn a_link_to_a_parent_that_was_gone_by_then_gives_nothing() {
    assert_eq!(covered(&Scope::Subtree(AgencyId(9))), [9]);
}

#[test]
fn a_ring_of_links_ends() {
    assert_eq!(covered(&Scope::Subtree(AgencyId(1))), [1, 3]);
    assert_eq!(covered(&Scope::Subtree(AgencyId(10))), [10, 11]);
}

#[test]
fn a_sector_lead_sees_the_service_units_of_the_sector_and_the_own_office() {
    let lead = city().remove(&AgencyId(5)).expect("Sở Y tế");
    let scope = Scope::of(Role::SectorLead, AccountId(1), Some(&lead)).expect("it leads a sector");
    assert_eq!(covered(&scope), [5, 6]);
    let other = city().remove(&AgencyId(1)).expect("a district");
    assert_eq!(Scope::of(Role::SectorLead, AccountId(1), Some(&other)), None);
    assert_eq!(Scope::of(Role::SectorLead, AccountId(1), None), None);
}

#[test]
fn an_agency_outside_the_scope_is_found_no_more_than_one_that_does_not_exist() {
    let (city, scope) = (city(), Scope::Subtree(AgencyId(1)));
    assert_eq!(scope.find("cai-rang", 50, &city), None);
    assert_eq!(scope.find("khong-co", 50, &city), None);
    assert_eq!(scope.find("an-hoi", 101, &city), None);
    assert_eq!(scope.find("AN-HOI", 50, &city).map(|a| a.id), Some(AgencyId(3)));
}

#[test]
fn the_whole_city_is_every_agency_there_is() {
    assert_eq!(covered(&Scope::City).len(), city().len());
    assert!(!Scope::City.covers(AgencyId(99), &city()));
}

#[test]
fn an_officer_without_an_agency_has_no_scope() {
    assert_eq!(Scope::of(Role::AgencyOfficer, AccountId(1), None), None);
    assert_eq!(Scope::of(Role::Admin, AccountId(1), None), Some(Scope::City));
}
