//! Thirty interviews of two people in a store of each kind, and the short ways to look at them and decide about them.

use std::sync::Arc;

use app::domain::ids::{DeviceId, RoundId};
use app::domain::quality::decision::{DecisionKind, NamedRule, Reason};
use app::domain::response::{Mode, NewResponse, Standing, Stream};
use app::domain::role::{ControlQuality, Role};
use app::domain::staff_log::Who;
use app::server_side::clock::Clock;
use app::server_side::quality::{Look, draw_callbacks};
use app::server_side::simulate::SimulatedCity;
use app::store::quality::{CallbackFault, NewProposal, QualityFault, RuleUse};
use app::store::{RoundContext, Store};
use sea_orm::{ConnectionTrait as _, DbBackend};
use testkit::Folder;
use uuid::Uuid;

use crate::city::{NOW, form, stores_at, with_city};
use crate::signed_in;

pub(crate) const SEED: &str = "00112233445566778899aabbccddeeff";
pub(crate) const WHY: &str = "Người dân cho biết không có ai đến hỏi.";
pub(crate) const MINUTE: i64 = 60_000;

pub(crate) struct Place {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) city: SimulatedCity,
    pub(crate) url: String,
    pub(crate) may: ControlQuality,
    pub(crate) first: Who,
    pub(crate) second: Who,
    _folder: Option<Folder>,
}

/// Interview `n` of device `by` with one score throughout but for its first statement; it took so long.
pub(crate) fn interview(city: &SimulatedCity, n: u128, by: i32, score: u8, took: i64) -> NewResponse {
    let mut one = form(city, n, score);
    let started = NOW - 10 * 24 * 60 * MINUTE + i64::try_from(n).expect("small") * 20 * MINUTE;
    one.stream = Stream::Sample;
    one.mode = Mode::Tablet;
    one.device = Some(DeviceId(by));
    one.desk = None;
    one.sheet.answers[0] = app::domain::answer::Answer::NotApplicable;
    (one.started_at, one.finished_at) = (Some(started), Some(started + took));
    one.received_at = NOW - 60 * MINUTE;
    one
}

/// Thirty interviews of two people at one agency: 1 to 27 content and of five minutes, 28 to 30 not content and of ten
/// seconds.
pub(crate) async fn places(name: &str) -> Vec<Place> {
    let mut places = vec![];
    for (store, clock, folder, url) in stores_at(name).await {
        let city = with_city(&store, 0).await;
        store.start();
        let of = |n: u128| {
            let by = i32::try_from(n % 2).expect("small") + 1;
            if n <= 27 { interview(&city, n, by, 4, 5 * MINUTE) } else { interview(&city, n, by, 1, 10_000) }
        };
        for outcome in store.submit_many((1..=30).map(of).collect()).await.expect("taken") {
            outcome.expect("stored");
        }
        store.fold_all().await.expect("folded");
        let actor = signed_in::signed_in(&store, Role::Admin, None).await;
        let agency = city.desks[0].agency;
        let other = signed_in::signed_in(&store, Role::Admin, Some(agency)).await;
        let (first, second) = (actor.who(), other.who());
        assert_ne!(first.account, second.account);
        let may = actor.may().expect("an administrator");
        places.push(Place { store, clock, city, url, may, first, second, _folder: folder });
    }
    places
}

impl Place {
    pub(crate) fn round(&self) -> RoundId {
        self.city.round.id
    }

    pub(crate) async fn context(&self) -> Arc<RoundContext> {
        self.store.round(self.round()).await.expect("read").expect("the round")
    }

    pub(crate) async fn look(&self) -> Look {
        Look::at(&self.store, &self.may, &*self.context().await).await.expect("looked at")
    }

    /// Valid, left out, and of the valid ones satisfied with the second statement: after a recount that agrees.
    pub(crate) async fn counts(&self) -> (i64, i64, i64) {
        self.store.fold_all().await.expect("folded");
        let recount = self.store.recount().await.expect("it runs");
        assert_eq!((recount.differences, recount.one_way, recount.responses), (vec![], vec![], 30));
        let tallies = self.store.renewed_tallies().await.expect("read");
        let mut counts = (0, 0, 0);
        for (cell, tally) in tallies.round(self.round()) {
            match cell.standing {
                Standing::Valid => {
                    counts.0 += tally.n();
                    counts.2 += tally.scores(1)[3] + tally.scores(1)[4];
                }
                Standing::Excluded => counts.1 += tally.n(),
                _ => {}
            }
        }
        counts
    }

    pub(crate) async fn apply(&self, who: &Who, ids: &[Uuid]) -> Result<usize, QualityFault> {
        let applied = RuleUse { rule: NamedRule::TooFast, parameters: "2 giây mỗi câu", ids };
        self.store.apply_rule(&self.may, who, self.round(), &applied).await.expect("asked")
    }

    pub(crate) async fn propose(&self, who: &Who, kind: DecisionKind, ids: &[Uuid]) -> Result<i32, QualityFault> {
        let new = NewProposal { kind, ids, reason: Reason::NotHeld, words: WHY };
        self.store.propose(&self.may, who, self.round(), &new).await.expect("asked")
    }

    pub(crate) async fn decide(&self, who: &Who, id: i32, agree: bool) -> Result<usize, QualityFault> {
        self.store.decide(&self.may, who, self.round(), (id, agree)).await.expect("asked")
    }

    pub(crate) async fn run(&self, sql: &str) {
        let db = sea_orm::Database::connect(&self.url).await.expect("connects");
        db.execute_unprepared(sql).await.expect(sql);
        db.close().await.expect("closes");
    }

    pub(crate) fn id(&self, id: Uuid) -> String {
        if self.store.backend() == DbBackend::Sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
    }

    /// What sampling would leave: a unit for each interview, linked, with something sealed.
    pub(crate) async fn link(&self, interviews: std::ops::RangeInclusive<u128>) {
        let agency = self.city.desks[0].agency.0;
        let sqlite = self.store.backend() == DbBackend::Sqlite;
        let bytes = if sqlite { "x'00'" } else { "'\\x00'" };
        for n in interviews {
            let unit = self.id(unit(n));
            self.run(&format!(
                "INSERT INTO sample_unit (id, list_id, round_id, agency_id, stratum_id, party, number, pos, reserve, attempts) \
                 VALUES ({unit}, 1, {}, {agency}, 1, 1, {n}, {n}, FALSE, 0)",
                self.round().0
            ))
            .await;
            let response = self.id(Uuid::from_u128(n));
            self.run(&format!("INSERT INTO sample_link (unit_id, response_id) VALUES ({unit}, {response})")).await;
            self.run(&format!("INSERT INTO sample_contact (unit_id, sealed) VALUES ({unit}, {bytes})")).await;
        }
    }

    /// The list that these units are of.
    pub(crate) async fn list(&self) {
        let (round, agency) = (self.round().0, self.city.desks[0].agency.0);
        let bytes = if self.store.backend() == DbBackend::Sqlite { "x'00'" } else { "'\\x00'" };
        self.run(&format!(
            "INSERT INTO frame (id, round_id, agency_id, file_name, sha256, lines, dossiers, people, bad_lines, mapping, \
             uploaded_by, uploaded_at, standing) VALUES (1, {round}, {agency}, 'f', {bytes}, 1, 1, 1, 0, '', 'x', 0, 2)"
        ))
        .await;
        self.run(&format!(
            "INSERT INTO sample_list (id, round_id, agency_id, frame_id, rule, seed, frame_hash, drawn_by, drawn_at, program) \
             VALUES (1, {round}, {agency}, 1, 1, '00', {bytes}, 'x', 0, '0')"
        ))
        .await;
    }

    pub(crate) async fn draw(&self) -> Result<i32, CallbackFault> {
        let context = self.context().await;
        draw_callbacks(&self.store, (&self.may, &self.first), &context, SEED).await.expect("asked")
    }
}

pub(crate) fn unit(n: u128) -> Uuid {
    Uuid::from_u128(0x1000 + n)
}

pub(crate) fn responses(ids: &[u128]) -> Vec<Uuid> {
    ids.iter().map(|id| Uuid::from_u128(*id)).collect()
}
