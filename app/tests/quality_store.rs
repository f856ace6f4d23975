//! Decisions and call-backs on both databases: refusals first; after each the recount agrees and the index moves as it must.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/city.rs"]
mod city;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/signed_in.rs"]
mod signed_in;

use app::domain::ids::{DeviceId, RoundId};
use app::domain::quality::Interviewer;
use app::domain::quality::callback::{CallbackOutcome, SETTLED_MS, size};
use app::domain::quality::decision::{DecisionKind, NamedRule, Reason, Verdict};
use app::domain::response::{Marks, Mode, NewResponse, Standing, Stream};
use app::domain::role::{ControlQuality, Publish, Role};
use app::domain::staff_log::Who;
use app::server_side::clock::Clock;
use app::server_side::quality::{Look, draw_callbacks, same_again};
use app::server_side::simulate::SimulatedCity;
use app::store::quality::{CallbackFault, NewProposal, QualityFault, RuleUse};
use app::store::{RoundContext, Store};
use city::{NOW, form, stores_at, with_city};
use sea_orm::{ConnectionTrait as _, DbBackend};
use std::sync::Arc;
use testkit::Folder;
use uuid::Uuid;

const SEED: &str = "00112233445566778899aabbccddeeff";
const WHY: &str = "Người dân cho biết không có ai đến hỏi.";
const MINUTE: i64 = 60_000;

struct Place {
    store: Store,
    clock: Clock,
    city: SimulatedCity,
    url: String,
    may: ControlQuality,
    first: Who,
    second: Who,
    _folder: Option<Folder>,
}

/// Interview `n` of device `by` with one score throughout but for its first statement; it took so long.
fn interview(city: &SimulatedCity, n: u128, by: i32, score: u8, took: i64) -> NewResponse {
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
async fn places(name: &str) -> Vec<Place> {
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
    fn round(&self) -> RoundId {
        self.city.round.id
    }

    async fn context(&self) -> Arc<RoundContext> {
        self.store.round(self.round()).await.expect("read").expect("the round")
    }

    async fn look(&self) -> Look {
        Look::at(&self.store, &self.may, &*self.context().await).await.expect("looked at")
    }

    /// Valid, left out, and of the valid ones satisfied with the second statement: after a recount that agrees.
    async fn counts(&self) -> (i64, i64, i64) {
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

    async fn apply(&self, who: &Who, ids: &[Uuid]) -> Result<usize, QualityFault> {
        let applied = RuleUse { rule: NamedRule::TooFast, parameters: "2 giây mỗi câu", ids };
        self.store.apply_rule(&self.may, who, self.round(), &applied).await.expect("asked")
    }

    async fn propose(&self, who: &Who, kind: DecisionKind, ids: &[Uuid]) -> Result<i32, QualityFault> {
        let new = NewProposal { kind, ids, reason: Reason::NotHeld, words: WHY };
        self.store.propose(&self.may, who, self.round(), &new).await.expect("asked")
    }

    async fn decide(&self, who: &Who, id: i32, agree: bool) -> Result<usize, QualityFault> {
        self.store.decide(&self.may, who, self.round(), (id, agree)).await.expect("asked")
    }

    async fn run(&self, sql: &str) {
        let db = sea_orm::Database::connect(&self.url).await.expect("connects");
        db.execute_unprepared(sql).await.expect(sql);
        db.close().await.expect("closes");
    }

    fn id(&self, id: Uuid) -> String {
        if self.store.backend() == DbBackend::Sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
    }

    /// What sampling would leave: a unit for each interview, linked, with something sealed.
    async fn link(&self, interviews: std::ops::RangeInclusive<u128>) {
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
    async fn list(&self) {
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

    async fn draw(&self) -> Result<i32, CallbackFault> {
        let context = self.context().await;
        draw_callbacks(&self.store, (&self.may, &self.first), &context, SEED).await.expect("asked")
    }
}

fn unit(n: u128) -> Uuid {
    Uuid::from_u128(0x1000 + n)
}

fn responses(ids: &[u128]) -> Vec<Uuid> {
    ids.iter().map(|id| Uuid::from_u128(*id)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_leaves_out_all_it_fits_and_its_withdrawal_takes_them_back() {
    for place in places("quality_rule").await {
        let look = place.look().await;
        let fits = look.fits(NamedRule::TooFast);
        assert_eq!(fits, responses(&[28, 29, 30]), "the first look names the three of ten seconds");
        assert!(look.parameters(NamedRule::TooFast).contains("danh sách mẫu: 1/3 của trung vị 300 giây"));
        assert_eq!(place.counts().await, (30, 0, 27));
        assert_eq!(place.apply(&Who::command("test"), &fits).await, Err(QualityFault::Nobody), "a person does it");
        assert_eq!(place.counts().await, (30, 0, 27), "and nothing was changed");

        assert_eq!(place.apply(&place.first, &fits).await, Ok(3));
        assert_eq!(place.counts().await, (27, 3, 27));
        assert_eq!(place.look().await.fits(NamedRule::TooFast), responses(&[]));
        assert_eq!(place.apply(&place.first, &fits).await, Err(QualityFault::Nothing), "once is once");
        let shown = place.store.excluded_by_reason(place.round()).await.expect("read");
        assert_eq!(shown, [(Reason::TooFast, 3)]);

        let withdraw =
            |words: &'static str, id| place.store.withdraw_rule(&place.may, &place.second, place.round(), id, words);
        assert_eq!(withdraw("sai", 1).await.expect("asked"), Err(QualityFault::Reason));
        assert_eq!(withdraw(WHY, 9).await.expect("asked"), Err(QualityFault::Gone));
        assert_eq!(withdraw(WHY, 1).await.expect("asked"), Ok(3));
        assert_eq!(withdraw(WHY, 1).await.expect("asked"), Err(QualityFault::Gone), "withdrawn once");
        assert_eq!(place.counts().await, (30, 0, 27));
        assert_eq!(place.store.excluded_by_reason(place.round()).await.expect("read"), []);
        let kept = place.store.decisions(&place.may, place.round()).await.expect("read");
        let kinds: Vec<_> = kept.iter().map(|d| (d.kind, d.changed, d.rule, d.withdraws)).collect();
        let rule = Some((NamedRule::TooFast, 1));
        assert_eq!(kinds, [(DecisionKind::RuleBack, 3, rule, Some(1)), (DecisionKind::RuleOut, 3, rule, None)]);
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn single_responses_are_left_out_and_taken_back_by_two_people() {
    for place in places("quality_two").await {
        let two = responses(&[1, 2]);
        let short = NewProposal { kind: DecisionKind::Out, ids: &two, reason: Reason::Other, words: "vì sai" };
        let asked = place.store.propose(&place.may, &place.first, place.round(), &short).await.expect("asked");
        assert_eq!(asked, Err(QualityFault::Reason));
        assert_eq!(place.propose(&place.first, DecisionKind::Out, &[]).await, Err(QualityFault::Nothing));
        assert_eq!(place.propose(&place.first, DecisionKind::Back, &two).await, Err(QualityFault::Nothing));
        assert_eq!(place.propose(&place.first, DecisionKind::RuleOut, &two).await, Err(QualityFault::Nothing));
        let strangers: Vec<Uuid> = (900..1_001).map(Uuid::from_u128).collect();
        assert_eq!(place.propose(&place.first, DecisionKind::Out, &strangers).await, Err(QualityFault::TooMany));
        assert_eq!(place.propose(&place.first, DecisionKind::Out, &strangers[..1]).await, Err(QualityFault::Nothing));

        assert_eq!(place.propose(&place.first, DecisionKind::Out, &two).await, Ok(1));
        assert_eq!(place.counts().await, (30, 0, 27), "a proposal changes nothing");
        assert_eq!(place.propose(&place.second, DecisionKind::Out, &two).await, Err(QualityFault::Waiting));
        assert_eq!(place.decide(&place.first, 1, true).await, Err(QualityFault::Own));
        assert_eq!(place.decide(&Who::command("test"), 1, true).await, Err(QualityFault::Nobody));
        assert_eq!(place.decide(&place.second, 1, true).await, Ok(2));
        assert_eq!(place.decide(&place.second, 1, true).await, Err(QualityFault::Gone));
        assert_eq!(place.counts().await, (28, 2, 25));

        // One comes back; who does not agree changes nothing, and who proposed may take it back.
        assert_eq!(place.propose(&place.second, DecisionKind::Back, &two[..1]).await, Ok(2));
        assert_eq!(place.decide(&place.first, 2, false).await, Ok(0));
        assert_eq!(place.propose(&place.second, DecisionKind::Back, &two[..1]).await, Ok(3));
        assert_eq!(place.decide(&place.second, 3, false).await, Ok(0));
        assert_eq!(place.counts().await, (28, 2, 25));
        assert_eq!(place.propose(&place.second, DecisionKind::Back, &two[..1]).await, Ok(4));
        assert_eq!(place.decide(&place.first, 4, true).await, Ok(1));
        assert_eq!(place.counts().await, (29, 1, 26));
        assert_eq!(place.store.excluded_by_reason(place.round()).await.expect("read"), [(Reason::NotHeld, 1)]);
        let verdicts: Vec<Verdict> =
            place.store.decisions(&place.may, place.round()).await.expect("read").iter().map(|d| d.verdict).collect();
        assert_eq!(verdicts, [Verdict::Agreed, Verdict::Declined, Verdict::Declined, Verdict::Agreed]);
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_under_review_comes_back_as_that_and_the_database_itself_wants_two_people() {
    for place in places("quality_was").await {
        place.run(&format!("UPDATE response SET standing = 3 WHERE id = {}", place.id(Uuid::from_u128(5)))).await;
        let id = place.propose(&place.first, DecisionKind::Out, &responses(&[5])).await.expect("proposed");
        let own = format!("UPDATE quality_decision SET verdict = 2, decided_by = proposed_by WHERE id = {id}");
        let db = sea_orm::Database::connect(&place.url).await.expect("connects");
        assert!(db.execute_unprepared(&own).await.is_err(), "the constraint refuses the same person");
        assert!(db.execute_unprepared("UPDATE quality_decision SET verdict = 2").await.is_err(), "and nobody");
        db.close().await.expect("closes");
        place.decide(&place.second, id, true).await.expect("agreed");
        let back = place.propose(&place.second, DecisionKind::Back, &responses(&[5])).await.expect("proposed");
        place.decide(&place.first, back, true).await.expect("agreed");
        let stands = place.look().await.interviews.iter().find(|i| i.id == Uuid::from_u128(5)).map(|i| i.standing);
        assert_eq!(stands, Some(Standing::Suspect));
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_agree_at_once_change_each_response_once() {
    for place in places("quality_race").await {
        let id = place.propose(&place.first, DecisionKind::Out, &responses(&[1, 2, 3, 28])).await.expect("proposed");
        let place = Arc::new(place);
        let mut tasks = vec![];
        for n in 0..12 {
            let place = Arc::clone(&place);
            tasks.push(tokio::spawn(async move {
                match n % 3 {
                    0 => place.decide(&place.first, id, true).await,
                    1 => place.decide(&place.second, id, true).await,
                    _ => place.apply(&place.first, &responses(&[28, 29, 30])).await,
                }
            }));
        }
        let mut changed = 0;
        for task in tasks {
            match task.await.expect("no panic") {
                Ok(n) => changed += n,
                Err(fault) => assert!(
                    matches!(fault, QualityFault::Own | QualityFault::Gone | QualityFault::Nothing),
                    "{fault:?}"
                ),
            }
        }
        assert_eq!(changed, 6, "1, 2, 3 by two people and 28, 29, 30 by either");
        assert_eq!(place.counts().await, (24, 6, 24));
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_of_what_was_left_out_is_a_duplicate_and_takes_nothing_back() {
    for place in places("quality_resend").await {
        place.apply(&place.first, &responses(&[28])).await.expect("applied");
        let again = place.store.submit(interview(&place.city, 28, 1, 1, 10_000)).await.expect("answered");
        assert_eq!(again.stored, app::store::Stored::Duplicate);
        assert_eq!(place.counts().await, (29, 1, 27));
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_frozen_nothing_is_decided_any_more() {
    for place in places("quality_frozen").await {
        let id = place.propose(&place.first, DecisionKind::Out, &responses(&[1])).await.expect("proposed");
        place.apply(&place.first, &responses(&[28])).await.expect("applied");
        let actor =
            app::server_side::guard::actor_of(&place.store, "admin-0").await.expect("asked").expect("signed in");
        let publish: Publish = actor.may().expect("an administrator");
        place.store.freeze(&publish, &place.first, place.round(), true).await.expect("it runs").expect("frozen");
        assert_eq!(place.apply(&place.first, &responses(&[29])).await, Err(QualityFault::Frozen));
        assert_eq!(place.decide(&place.second, id, true).await, Err(QualityFault::Frozen));
        assert_eq!(place.propose(&place.first, DecisionKind::Out, &responses(&[2])).await, Err(QualityFault::Frozen));
        let back = place.store.withdraw_rule(&place.may, &place.first, place.round(), 2, WHY).await.expect("asked");
        assert_eq!(back, Err(QualityFault::Frozen));
        assert_eq!(place.counts().await, (29, 1, 27));
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenth_of_each_interviewers_work_is_called_back_and_the_draw_can_be_repeated() {
    for place in places("quality_callback").await {
        assert_eq!(place.draw().await, Err(CallbackFault::Nobody), "nobody names whom");
        place.list().await;
        place.link(1..=25).await;
        let draw = place.draw().await.expect("drawn");
        let callbacks = place.store.callbacks(&place.may, place.round()).await.expect("read");
        // 13 interviews of device 2 (odd numbers) and 12 of device 1.
        assert_eq!(callbacks.len(), (size(13) + size(12)) as usize);
        let people: std::collections::BTreeSet<Interviewer> = callbacks.iter().map(|c| c.by).collect();
        assert_eq!(people.len(), 2);
        let draws = place.store.callback_draws(&place.may, place.round()).await.expect("read");
        assert!(same_again(&draws[0], &callbacks));
        place.run("UPDATE callback_unit SET pos = pos + 1").await;
        let moved = place.store.callbacks(&place.may, place.round()).await.expect("read");
        assert!(!same_again(&draws[0], &moved), "a changed list is found");
        assert_eq!(place.draw().await, Err(CallbackFault::Nobody), "no interview has two chances");
        // What comes later is drawn later.
        let mut late = interview(&place.city, 31, 1, 4, 5 * MINUTE);
        late.received_at = NOW + MINUTE;
        place.store.submit(late).await.expect("stored");
        place.link(31..=31).await;
        place.clock.set(NOW + MINUTE + SETTLED_MS - 1);
        assert_eq!(place.draw().await, Err(CallbackFault::Nobody), "it may not have settled");
        place.clock.set(NOW + MINUTE + SETTLED_MS);
        assert_eq!(place.draw().await, Ok(draw + 1));
        assert_eq!(place.store.callbacks(&place.may, place.round()).await.expect("read").len(), 5);
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_denies_the_interview_is_found_by_the_rule_and_the_end_erases_whom_it_was() {
    for place in places("quality_denied").await {
        place.list().await;
        place.link(1..=10).await;
        place.draw().await.expect("drawn");
        let called = place.store.callbacks(&place.may, place.round()).await.expect("read");
        let (one, response) = (called[0].unit, called[0].response.expect("linked"));
        let note = |unit, outcome, words| {
            place.store.note_callback(&place.may, &place.first, place.round(), unit, (outcome, words))
        };
        let stranger = note(unit(30), CallbackOutcome::Denied, "").await.expect("asked");
        assert_eq!(stranger, Err(CallbackFault::Unknown), "who was not drawn is not called");
        let silent = note(one, CallbackOutcome::Differs, "  ").await.expect("asked");
        assert_eq!(silent, Err(CallbackFault::Note));
        assert_eq!(note(one, CallbackOutcome::NotReached, "").await.expect("asked"), Ok(()));
        assert_eq!(place.look().await.fits(NamedRule::Denied), responses(&[]));
        assert_eq!(note(one, CallbackOutcome::Denied, "không  ai đến").await.expect("asked"), Ok(()));
        let look = place.look().await;
        assert_eq!(look.fits(NamedRule::Denied), [response]);
        let noted = look.callbacks.iter().find(|c| c.unit == one).expect("there");
        assert_eq!((noted.note.as_str(), noted.noted.as_ref().map(|(_, at)| *at)), ("không ai đến", Some(NOW)));
        let sealed = place.store.callback_contacts(&place.may, place.round()).await.expect("read");
        assert_eq!(sealed.len(), called.len(), "of those drawn and of nobody else");

        assert!(place.store.end_quality(&place.may, &place.first, place.round()).await.expect("asked"));
        assert!(!place.store.end_quality(&place.may, &place.first, place.round()).await.expect("asked"), "once");
        assert!(place.store.purge_contacts(&place.first, place.round()).await.expect("purged"));
        let late = note(one, CallbackOutcome::Confirmed, "").await.expect("asked");
        assert_eq!((late, place.draw().await), (Err(CallbackFault::Ended), Err(CallbackFault::Nobody)));
        let after = place.look().await;
        assert!(after.callbacks.iter().all(|c| c.response.is_none()), "which response it was is gone");
        assert_eq!(after.callbacks.iter().filter(|c| c.outcome == Some(CallbackOutcome::Denied)).count(), 1);
        assert!(place.store.callback_contacts(&place.may, place.round()).await.expect("read").is_empty());
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_interviewers_did_not_make_is_neither_looked_at_nor_decided() {
    for place in places("quality_streams").await {
        let mut open = form(&place.city, 77, 4);
        open.marks = Marks::HONEYPOT;
        open.received_at = NOW;
        place.store.submit(open).await.expect("stored");
        assert_eq!(place.look().await.interviews.len(), 30);
        assert_eq!(place.propose(&place.first, DecisionKind::Out, &responses(&[77])).await, Err(QualityFault::Nothing));
        assert_eq!(place.apply(&place.first, &responses(&[77])).await, Err(QualityFault::Nothing));
        place.store.shutdown().await;
    }
}
